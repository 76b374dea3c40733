//! The pages in Chromium: what they show, what they play, and how old it is.

use std::time::Duration;

use serde_json::json;
use weir_codec::Codec;
use weir_e2e::clients::new_ffmpeg;
use weir_e2e::{ClockPublisher, Seen, Server, eventually, fixture, http};

/// How long a browser watches.
const SECONDS: u64 = 6;
/// How old the pictures of an endless body may be, from picture to picture.
const FRESH: Duration = Duration::from_millis(1500);

/// The page of a server with one stream, played by `player`.
#[track_caller]
fn watch(player: &str) {
    let server = Server::start(Server::LIVE);
    let _publisher = ClockPublisher::start(&server.rtmp("live/cam"));
    server.wait_published("cam");
    let page = server.http(&format!("?stream=live/cam&player={player}"));
    // What it is on a calm machine stands in docs/performance.md.
    let seen = Seen::watch_fresh(&page, SECONDS, &json!({ "clock": true, "settle": 6 }), FRESH);
    assert!(seen.errors().is_empty(), "{:?}", seen.errors());
    assert_eq!((seen.number("width"), seen.number("height")), (320.0, 192.0));
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

/// A page that plays fragmented MP4 with Media Source Extensions and nothing else.
const MSE: &str = r#"<link rel="icon" href="data:,"><video muted></video><script>
const video = document.querySelector('video');
const source = new MediaSource();
video.src = URL.createObjectURL(source);
source.onsourceopen = async () => {
  const buffer = source.addSourceBuffer('video/mp4; codecs="avc1.42c00d,mp4a.40.2"');
  const reader = (await fetch('/live/cam.mp4')).body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    buffer.appendBuffer(value);
    await new Promise((resolve) => buffer.addEventListener('updateend', resolve, { once: true }));
    if (video.paused && video.buffered.length > 0) {
      video.currentTime = video.buffered.end(0);
      video.play();
    }
  }
};
</script>"#;

/// Fragmented MP4, played by Chromium alone: as the address of a video, or fed to it piece by piece.
#[track_caller]
fn watch_mp4(path: &str, limit: Duration) {
    let server = Server::start(Server::LIVE);
    std::fs::write(server.dir().join("html/mse.html"), MSE).expect("a page");
    let _publisher = ClockPublisher::start(&server.rtmp("live/cam"));
    server.wait_published("cam");
    let seen = Seen::watch_fresh(&server.http(path), SECONDS, &json!({ "clock": true }), limit);
    assert!(seen.errors().is_empty(), "{:?}", seen.errors());
}

#[test]
fn http_mp4_plays_as_the_address_of_a_video() {
    // Chromium never catches up there with what it was late with when it started.
    watch_mp4("live/cam.mp4", Duration::from_secs(20));
}

#[test]
fn http_mp4_plays_by_media_source_extensions() {
    // This page goes to the newest picture once, when it starts.
    watch_mp4("mse.html", FRESH * 2);
}

#[test]
fn the_first_page_is_served_beside_the_streams() {
    let server = Server::start(Server::LIVE);
    let page = http::get(server.port("http"), "/");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("<html"), "{}", page.text());
    assert_eq!(http::get(server.port("http"), "/nothing.html").status, 404);
}

#[test]
fn new_codecs_play_in_the_page_by_hls_whatever_is_asked_for() {
    let server = Server::start(&Server::LIVE.replace(
        "http_remux",
        "hls { enabled on; hls_use_fmp4 on; hls_low_latency on; hls_disk off; hls_fragment 1; } http_remux",
    ));
    let file = fixture::pair(Codec::Av1, Codec::Opus);
    let _push = new_ffmpeg::push_forever(&file, &[&server.rtmp("live/cam")]);
    server.wait_published("cam");
    for (player, is_instead) in [("", false), ("&player=flv", true)] {
        let page = server.http(&format!("?stream=live/cam{player}"));
        let seen = Seen::watch(&page, SECONDS, json!({ "settle": 4 }));
        seen.assert_plays(SECONDS);
        assert!(seen.text().contains("hls.js"), "{player}: {}", seen.text());
        // Without a player asked for, what the API tells of the stream mostly comes before the fault.
        let says_so = seen.text().contains("HTTP-FLV failed at the format");
        assert!(says_so || !is_instead, "{player}: {}", seen.text());
    }
}

#[test]
fn the_page_asks_for_the_token_of_the_api() {
    let server = Server::start(
        &Server::LIVE.replace("listen {api};", "listen {api}; auth { token secret; trust_loopback off; }"),
    );
    let _publisher = ClockPublisher::start(&server.rtmp("live/cam"));
    let listed = || http::get(server.port("api"), "/api/v1/streams/?token=secret").text().contains(r#""name":"cam""#);
    assert!(eventually(Duration::from_secs(10), listed), "nobody publishes");
    let steps = json!([["#token", "wrong"], ["#token-wrong"], ["#token", "secret"]]);
    // What is live alone is played as soon as the page knows of it.
    let seen = Seen::watch(&server.http(""), SECONDS, json!({ "steps": steps, "settle": 2 }));
    seen.assert_plays(SECONDS);
    assert!(seen.text().contains("1 live"), "{}", seen.text());
    assert!(!seen.text().contains("API token"), "{}", seen.text());
}

#[test]
fn the_pages_learn_the_same_ports_by_every_vhost() {
    let server = Server::start(&format!("{} vhost localhost {{ }}", Server::LIVE));
    for vhost in ["127.0.0.1", "localhost"] {
        let told = http::get(server.port("http"), &format!("/weir.json?vhost={vhost}")).json();
        assert_eq!(told["api"], server.port("api"), "{vhost}: {told}");
    }
}
