//! The first page, which plays and publishes by WebRTC.

use std::thread;

use serde_json::json;
use weir_e2e::rtc::{Peers, number, player, publisher};
use weir_e2e::{Seen, Server};

fn server() -> Server {
    let http = "http_server { enabled on; listen {http}; dir {dir}/html; } rtc_server {";
    Server::start(&Server::RTC.replace("rtc_server {", http))
}

#[test]
fn the_page_plays_webrtc_also_by_the_links_of_srs() {
    let server = server();
    let mut peers = Peers::aiortc(&[publisher(&server, "live/cam", json!({ "codec": "VP8" }))]);
    server.wait_published("cam");
    for link in ["?stream=live/cam&player=webrtc", "players/whep.html?app=live&stream=cam&autostart=true"] {
        let seen = Seen::watch(&server.http(link), 5, json!({ "clock": true, "patience": 60_000 }));
        seen.assert_plays(5);
        assert!(seen.errors().is_empty(), "{:?}", seen.errors());
        assert_eq!((seen.number("width"), seen.number("height")), (320.0, 200.0));
        println!("{link}: {} ms old, half of the time", seen.number("delay_p50"));
    }
    assert_eq!(peers.now()[0]["state"], "connected");
}

#[test]
fn the_page_publishes_the_camera_by_a_link_of_srs() {
    let server = server();
    let (url, wish) =
        (server.http("players/whip.html?app=live&stream=cam&autostart=true"), json!({ "patience": 50_000 }));
    // Nothing plays in it, so it is there until its patience ends.
    let page = thread::spawn(move || Seen::watch(&url, 1, wish));
    let mut player = Peers::chromium(&[player(&server, "live/cam", json!({}))]);
    player.wait("pictures of the camera", |all| number(&all[0], "decoded") >= 50.0);
    drop(player);
    let seen = page.join().expect("a page");
    assert!(seen.errors().is_empty(), "{:?}\n{}", seen.errors(), seen.text());
}
