//! What others hear of clients of WebRTC: callbacks, the API.

use std::time::Duration;

use serde_json::{Value, json};
use weir_e2e::rtc::{Peers, player, publisher};
use weir_e2e::{HookServer, Server, Told, eventually, eventually_some, http};

use super::with;

const SOON: Duration = Duration::from_secs(30);

/// A server that tells what clients do.
fn told_by(hooks: &HookServer) -> Server {
    let url = format!("http://127.0.0.1:{}/api/v1/hook", hooks.port);
    let all = ["publish", "unpublish", "play", "stop"].map(|what| format!("on_{what} {url};")).concat();
    with(&format!("http_hooks {{ enabled on; {all} }}"))
}

fn yes(_: &Told) -> String {
    r#"{"code":0}"#.to_owned()
}

/// The clients of WebRTC in the API, once there are so many.
#[track_caller]
fn clients(server: &Server, count: usize) -> Vec<Value> {
    let now = || server.api("/api/v1/clients/?count=100")["clients"].as_array().cloned().unwrap_or_default();
    let found = eventually_some(SOON, || Some(now()).filter(|clients| clients.len() == count));
    found.unwrap_or_else(|| panic!("not {count} clients: {:#?}", now()))
}

/// A body tells exactly these members between its ids and the names of the stream, in this order.
#[track_caller]
fn check(server: &Server, told: &Told, members: &str) {
    let text = |name: &str| told.member(name).as_str().unwrap_or_default().to_owned();
    let ids = server.api("/api/v1/versions");
    let head = format!(
        r#"{{"server_id":{},"service_id":{},"action":"{}","client_id":"{}","ip":"127.0.0.1","vhost":"__defaultVhost__","app":"live",{members},"stream_url":"/live/cam""#,
        ids["server"],
        ids["service"],
        told.action(),
        text("client_id"),
    );
    // Who leaves may leave a stream behind that is no longer known.
    let tail = format!(r#","stream_id":"{}""#, text("stream_id"));
    assert!(told.body == format!("{head}}}") || told.body == format!("{head}{tail}}}"), "{}\nnot {head}…", told.body);
    assert_eq!(text("client_id").len(), 8);
}

// row: hooks.md §3 on_publish
// row: hooks.md §3 on_unpublish
// row: hooks.md §3 on_play
// row: hooks.md §3 on_stop
#[test]
fn callbacks_tell_of_clients_that_call_by_whip_and_whep() {
    let hooks = HookServer::start(None, yes);
    let server = told_by(&hooks);
    let peers =
        [publisher(&server, "live/cam", json!({ "query": "&token=x" })), player(&server, "live/cam", json!({}))];
    let mut page = Peers::aiortc(&peers);
    page.wait_play(10);
    let [publish, play] = ["on_publish", "on_play"].map(|action| hooks.wait(action, 1).remove(0));
    check(&server, &publish, r#""tcUrl":"","stream":"cam","param":"app=live&stream=cam&token=x""#);
    check(&server, &play, r#""stream":"cam","tcUrl":"","param":"app=live&stream=cam","pageUrl":"""#);
    for peer in page.end() {
        assert_eq!(peer["deleted"], 200, "{peer:#}");
    }
    let [unpublish, stop] = ["on_unpublish", "on_stop"].map(|action| hooks.wait(action, 1).remove(0));
    check(&server, &unpublish, r#""tcUrl":"","stream":"cam","param":"app=live&stream=cam&token=x""#);
    check(&server, &stop, r#""tcUrl":"","stream":"cam","param":"app=live&stream=cam""#);
    for (begun, ended) in [(&publish, &unpublish), (&play, &stop)] {
        assert_eq!(begun.member("client_id"), ended.member("client_id"));
    }
    assert_eq!(hooks.told().len(), 4, "{:#?}", hooks.told());
    clients(&server, 0);
}

#[test]
fn callbacks_and_the_api_tell_of_clients_that_call_as_those_of_srs() {
    let hooks = HookServer::start(None, yes);
    let server = told_by(&hooks);
    let by = || json!({ "by": "json" });
    let mut page = Peers::aiortc(&[publisher(&server, "live/cam", by()), player(&server, "live/cam", by())]);
    page.wait_play(10);
    let [publish, play] = ["on_publish", "on_play"].map(|action| hooks.wait(action, 1).remove(0));
    check(&server, &publish, r#""tcUrl":"webrtc://127.0.0.1/live","stream":"cam","param":"upstream=rtc""#);
    check(&server, &play, r#""stream":"cam","tcUrl":"webrtc://127.0.0.1/live","param":"","pageUrl":"""#);
    for (told, kind) in [(&publish, "rtc-publish"), (&play, "rtc-play")] {
        let clients = clients(&server, 2);
        let client = clients.iter().find(|client| client["type"] == kind).expect("a client of that kind");
        let expect = [
            ("id", told.member("client_id")),
            ("stream", told.member("stream_id")),
            ("ip", json!("127.0.0.1")),
            ("pageUrl", json!("")),
            ("swfUrl", json!("")),
            ("tcUrl", json!("webrtc://127.0.0.1/live")),
            ("url", json!("/live/cam")),
            ("name", json!("cam")),
            ("publish", json!(kind == "rtc-publish")),
        ];
        for (name, value) in expect {
            assert_eq!(client[name], value, "{name} of {client:#}");
        }
        let bytes = if kind == "rtc-play" { "send_bytes" } else { "recv_bytes" };
        let (of, id) = (&client["id"], format!("/api/v1/clients/{}", client["id"].as_str().unwrap_or_default()));
        let counts = || server.api(&id)["client"][bytes].as_u64().is_some_and(|bytes| bytes > 1000);
        assert!(eventually(SOON, counts), "no {bytes} of {of}");
    }
    let stream = server.wait_published("cam");
    assert_eq!(
        (&stream["clients"], &stream["publish"]["cid"]),
        (&json!(2), &publish.member("client_id")),
        "{stream:#}"
    );
}

#[test]
fn the_api_can_end_a_player_and_a_publisher() {
    let server = Server::start(Server::RTC);
    let mut page = Peers::chromium(&[
        publisher(&server, "live/cam", json!({ "codec": "VP8" })),
        player(&server, "live/cam", json!({})),
    ]);
    page.wait_play(10);
    for (kind, at, left) in [("rtc-play", 1, 1), ("rtc-publish", 0, 0)] {
        let all = clients(&server, left + 1);
        let client = all.iter().find(|client| client["type"] == kind).expect("a client of that kind");
        let path = format!("/api/v1/clients/{}", client["id"].as_str().unwrap_or_default());
        assert_eq!(http::request(server.port("api"), "DELETE", &path, &[]).json()["code"], 0);
        clients(&server, left);
        // The server says that it is over: nobody waits for a time-out.
        page.wait("end", |all| all[at]["state"] != "connected");
    }
}

/// A peer that says nothing more, as one whose machine was turned off.
#[test]
fn a_peer_that_is_gone_without_a_word_is_forgotten() {
    let server = Server::start(&Server::RTC.replace("rtc { enabled on; }", "rtc { enabled on; stun_timeout 3; }"));
    let mut page = Peers::aiortc(&[publisher(&server, "live/cam", json!({})), player(&server, "live/cam", json!({}))]);
    page.wait_play(10);
    clients(&server, 2);
    drop(page);
    clients(&server, 0);
}
