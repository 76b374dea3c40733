use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use weir_conf::{Config, Env, Facts, Live, Source};
use weir_fetch::testing::{Does, Peer};
use weir_fetch::{Bounds, Fetch, Roots};
use weir_json::object;

use super::{Heartbeat, Ports};
use crate::Ids;

fn config(heartbeat: &str, url: &str) -> Config {
    let text = format!("listen 1935 1936; heartbeat {{ interval 1; url {url}?token=x; {heartbeat} }}");
    let source = Source::Text { name: "test".to_owned(), text };
    Config::load(source, &Env::default(), &Facts::default()).expect("a configuration").config
}

fn heartbeat(conf: Live<Config>) -> Heartbeat {
    Heartbeat {
        ids: Ids { server: "vid-1".to_owned(), service: "run1".to_owned() },
        conf,
        fetch: Fetch::with(Handle::current(), Bounds::default(), Roots::These(Vec::new())).expect("a client"),
        summaries: Box::new(|| object! { "ok": true }),
        ports: Box::new(|config| Ports {
            rtmp: config.listen.clone(),
            api: vec!["1985".to_owned()],
            ..Ports::default()
        }),
        ip: Box::new(|_| Some(IpAddr::V4(Ipv4Addr::LOCALHOST))),
    }
}

// row: config.md §4 *
#[tokio::test]
async fn a_server_is_reported_as_it_is_configured_now() {
    let peer = Peer::start(|_| Does::Answers("what?".to_owned())).await.expect("a server");
    let url = peer.url("/api/v1/servers");
    let conf = Live::new(config("enabled on;", &url));
    let stop = CancellationToken::new();
    let running = tokio::spawn(heartbeat(conf.clone()).run(stop.clone()));
    let pid = std::process::id();
    let head = |device: &str| {
        format!(r#"{{"device_id":"{device}","ip":"127.0.0.1","server":"vid-1","service":"run1","pid":"{pid}""#)
    };
    let seen = peer.wait(1).await;
    assert_eq!((&*seen[0].line, &*seen[0].body), ("POST /api/v1/servers HTTP/1.1", &*format!("{}}}", head(""))));
    conf.store(Arc::new(config("enabled on; device_id d; summaries on; ports on;", &url)));
    let seen = peer.wait(2).await;
    let rest = r#","summaries":{"data":{"ok":true}},"rtmp":["1935","1936"],"api":["1985"]}"#;
    assert_eq!(seen[1].body, head("d") + rest);
    stop.cancel();
    running.await.expect("it ends");
}

#[tokio::test]
async fn without_being_switched_on_nothing_is_reported() {
    let conf = Live::new(config("", "http://127.0.0.1:1"));
    let run = heartbeat(conf).run(CancellationToken::new());
    tokio::time::timeout(Duration::from_secs(5), run).await.expect("it has nothing to do");
}
