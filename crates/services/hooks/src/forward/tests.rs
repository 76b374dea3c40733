use std::sync::Arc;

use tokio::runtime::Handle;
use weir_conf::{Config, Env, Facts, Live, Source};
use weir_fetch::testing::{Does, Peer};
use weir_fetch::{Bounds, Fetch, Roots};
use weir_hub::{ClientKind, Hub, Request, testing};

use crate::{Hooks, Ids};

/// What a backend that answers this makes of a publish: the destinations or SRS's number for the failure.
async fn check(answer: &'static str, expect: Result<Option<&[&str]>, u16>) {
    let peer = Peer::start(move |_| Does::Answers(answer.to_owned())).await.expect("a server");
    let text = format!("listen 1935; vhost __defaultVhost__ {{ forward {{ backend {}; }} }}", peer.url("/f"));
    let source = Source::Text { name: "test".to_owned(), text };
    let loaded = Config::load(source, &Env::default(), &Facts::default()).expect("a configuration");
    let conf = Live::new(loaded.config);
    let hub = Hub::new(conf.clone());
    let fetch = Fetch::with(Handle::current(), Bounds::default(), Roots::These(Vec::new())).expect("a client");
    let ids = Ids { server: "vid-1".to_owned(), service: "run1".to_owned() };
    let hooks: Arc<Hooks> = Hooks::new(ids, conf, fetch, Handle::current());
    let request = Request {
        id: "abcd1234".to_owned(),
        param: "?a=b".to_owned(),
        tc_url: "rtmp://h/live".to_owned(),
        ..testing::request(ClientKind::FmlePublish, "cam")
    };
    let publisher = hub.publish(&request).await.expect("nobody is asked");
    let vhost = hub.vhost("").expect("the default vhost");
    let urls = hooks.on_forward(&vhost, publisher.stream(), publisher.client()).await;
    let urls = urls.map_err(|error| error.code());
    let expect = expect.map(|urls| urls.map(|urls| urls.iter().map(|url| (*url).to_owned()).collect::<Vec<_>>()));
    assert_eq!(urls, expect, "{answer}");
    let body = r#"{"action":"on_forward","server_id":"vid-1","service_id":"run1","client_id":"abcd1234","ip":"127.0.0.1","vhost":"__defaultVhost__","app":"live","tcUrl":"rtmp://h/live","stream":"cam","param":"?a=b"}"#;
    assert_eq!(peer.seen()[0].body, body);
}

// row: hooks.md §3 forward backend
#[tokio::test]
async fn a_backend_says_where_to() {
    check(r#"{"code":0,"data":{"urls":["rtmp://a/b/c?d=e","rtmp://f"]}}"#, Ok(Some(&["rtmp://a/b/c?d=e", "rtmp://f"])))
        .await;
    check(r#"{"code":0,"data":{"urls":[]}}"#, Ok(Some(&[]))).await;
    for no_urls in [r#"{"code":0}"#, "0", r#"{"code":0,"data":{"urls":"a"}}"#, r#"{"code":0,"data":{"urls":[1]}}"#] {
        check(no_urls, Err(1030)).await;
    }
    check(r#"{"code":7,"data":{"urls":[]}}"#, Err(3064)).await;
    check("", Err(3008)).await;
}
