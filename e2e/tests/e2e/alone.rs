//! What needs the machine for itself: how late something is, and congestion control, which takes a busy machine for a busy
//! network. `make e2e` runs these one after the other, behind all others.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use weir_e2e::relay::{Link, Relay, Way};
use weir_e2e::rtc::{Peers, number, player, publisher};
use weir_e2e::{Seen, Server, eventually, http};

use crate::bridges;

/// How old pictures may be that a player of FLV shows.
const FRESH: Duration = Duration::from_secs(3);
/// A layer that is there to stay may be left so many times before.
const CHANGES: usize = 15;

/// Three sizes of the same pictures, of 240, 480 and 960 pixels.
fn layers() -> Value {
    json!([
        { "rid": "l", "scaleResolutionDownBy": 4, "maxBitrate": 120_000 },
        { "rid": "m", "scaleResolutionDownBy": 2, "maxBitrate": 350_000 },
        { "rid": "h", "maxBitrate": 1_000_000 },
    ])
}

/// How long until the player's pictures are so wide, and have been for a while.
#[track_caller]
fn until(page: &mut Peers, what: &str, is_so: impl Fn(f64) -> bool) -> Duration {
    let begun = Instant::now();
    for _ in 0..CHANGES {
        let now = |all: &[Value]| all.last().is_some_and(|player| is_so(number(player, "width")));
        page.wait(what, now);
        let took = begun.elapsed();
        if !eventually(Duration::from_secs(4), || !now(&page.now())) {
            return took;
        }
    }
    panic!("no lasting {what}");
}

#[test]
fn a_player_gets_the_layer_that_its_network_carries() {
    let server = Server::start(Server::RTC);
    let relay = Relay::start(server.port("udp_rtc"), 3);
    let own = json!({ "codec": "VP8", "width": 960, "height": 540, "fps": 15, "noise": 0.2, "layers": layers() });
    let peers = [publisher(&server, "live/cam", own), player(&server, "live/cam", json!({ "relay": relay.port }))];
    let mut page = Peers::chromium(&peers);
    page.wait("three layers", |all| {
        let encoded = |layer: &Value| number(layer, "encoded") > 10.0;
        all[0]["layers"].as_array().is_some_and(|layers| layers.len() == 3 && layers.iter().all(encoded))
    });
    until(&mut page, "large pictures", |width| width == 960.0);
    relay.set(Way::ToClient, Link { rate: 600_000, ..Link::default() });
    let down = until(&mut page, "smaller pictures", |width| width > 0.0 && width < 960.0);
    // What the link carries is seen whole.
    let so_far = page.now().last().map_or(0.0, |player| number(player, "right")) as u64;
    page.wait_play(so_far + 45);
    relay.set(Way::ToClient, Link::default());
    let up = until(&mut page, "large pictures again", |width| width == 960.0);
    let seen = page.now();
    println!("down in {down:?}, up in {up:?}: {}, {} s frozen", seen[1]["widths"], seen[1]["frozen"]);
}

#[test]
fn what_the_browser_publishes_plays_as_flv_and_hls() {
    let server = bridges::server();
    let mut page = Peers::chromium(&[publisher(&server, "live/cam", json!({ "codec": "H264" }))]);
    page.wait("pictures sent", |all| number(&all[0]["layers"][0], "encoded") > 10.0);
    let stream = server.api("/api/v1/streams/")["streams"][0].clone();
    assert_eq!((stream["video"]["codec"].as_str(), stream["audio"]["codec"].as_str()), (Some("H264"), Some("Opus")));
    let link = server.http("?stream=live/cam&player=flv");
    Seen::watch_fresh(&link, 4, &json!({ "clock": true, "settle": 8, "patience": 60_000 }), FRESH);
    let has_parts = || http::get(server.port("http"), "/live/cam.m3u8").status == 200;
    assert!(eventually(FRESH * 20, has_parts), "{}", server.log());
    let link = server.http("?stream=live/cam&player=ll-hls");
    Seen::watch_fresh(&link, 4, &json!({ "clock": true, "settle": 8, "patience": 60_000 }), 2 * FRESH);
}
