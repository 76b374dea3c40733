//! The pages in Chromium: what they show, what they play, and how old it is.

use serde_json::json;
use weir_e2e::{ClockPublisher, Seen, Server, http};

/// How long a browser watches.
const SECONDS: u64 = 6;

/// The page of a server with one stream, played by `player`.
#[track_caller]
fn watch(player: &str) {
    let server = Server::start(Server::LIVE);
    let _publisher = ClockPublisher::start(&server.rtmp("live/cam"));
    server.wait_published("cam");
    let page = server.http(&format!("?stream=live/cam&player={player}"));
    let seen = Seen::watch(&page, SECONDS, json!({ "clock": true, "settle": 6 }));
    seen.assert_plays(SECONDS);
    assert!(seen.errors().is_empty(), "{:?}", seen.errors());
    assert_eq!((seen.number("width"), seen.number("height")), (320.0, 192.0));
    // What it is on a calm machine stands in docs/performance.md.
    println!("{player}: {} ms from picture to picture, half of the time", seen.number("delay_p50"));
    assert!(seen.number("delay_p50") < 5000.0, "the pictures are {} ms old", seen.number("delay_p50"));
}

#[test]
fn http_flv_plays_in_the_page() {
    watch("flv");
}

#[test]
fn http_ts_plays_in_the_page() {
    watch("ts");
}

#[test]
fn flv_over_websocket_plays_in_the_page() {
    watch("ws-flv");
}

#[test]
fn the_first_page_is_served_beside_the_streams() {
    let server = Server::start(Server::LIVE);
    let page = http::get(server.port("http"), "/");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("<html"), "{}", page.text());
    assert_eq!(http::get(server.port("http"), "/nothing.html").status, 404);
}
