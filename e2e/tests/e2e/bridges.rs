//! What comes by WebRTC goes out by all other ways, and the other way round.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use weir_codec::Codec;
use weir_e2e::clients::{ffmpeg, new_ffmpeg};
use weir_e2e::http::Download;
use weir_e2e::rtc::{Peers, number, player, plays, publisher};
use weir_e2e::{ClockPublisher, Server, eventually, fixture};

const SOON: Duration = Duration::from_secs(60);
const PICTURES: u64 = 60;

/// RTMP, HTTP, HLS and WebRTC, with both bridges.
pub(crate) fn server() -> Server {
    let vhost = "rtc { enabled on; rtmp_to_rtc on; rtc_to_rtmp on; }
        hls { enabled on; hls_use_fmp4 on; hls_low_latency on; hls_disk off; hls_fragment 2; } http_remux {";
    let rtc = "rtc_server { enabled on; listen {udp_rtc}; candidate 127.0.0.1; } vhost __default";
    Server::start(&Server::LIVE.replace("vhost __default", rtc).replace("http_remux {", vhost))
}

/// Waits until a player shows right pictures, whatever is heard.
#[track_caller]
fn wait_pictures(page: &mut Peers, pictures: u64) -> Value {
    let right = |player: &Value| number(player, "right") as u64;
    let wrong = |player: &Value| number(player, "wrong") as u64;
    let is_fine = |player: &Value| right(player) >= pictures && wrong(player) * 5 <= right(player);
    let seen = page.wait("right pictures", |all| all.last().is_some_and(is_fine));
    seen.last().cloned().unwrap_or_default()
}

#[test]
fn what_is_pushed_by_rtmp_plays_in_the_browser_in_real_time() {
    let server = server();
    let _push = ClockPublisher::start(&server.rtmp("live/cam"));
    server.wait_published("cam");
    let mut page = Peers::chromium(&[player(&server, "live/cam", json!({}))]);
    let seen = wait_pictures(&mut page, 2 * PICTURES);
    println!("from RTMP to WebRTC: {} ms, at worst {} ms", seen["age_p50"], seen["age_p99"]);
    assert_eq!((seen["codec"].as_str(), seen["audio_codec"].as_str()), (Some("video/H264"), Some("audio/opus")));
    assert!(number(&seen, "audio_packets") > 50.0 && number(&seen, "backwards") == 0.0, "{seen:#}");
    assert!(number(&seen, "age_p50") < 10_000.0, "{seen:#}");
}

#[test]
fn a_player_of_a_long_group_of_pictures_sees_one_at_once() {
    let server = server();
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("long.flv");
    let source = "testsrc2=size=320x180:rate=25,format=yuv420p";
    let coded = "-t 120 -c:v libx264 -preset ultrafast -tune zerolatency -g 3000 -f flv";
    new_ffmpeg::make(&file, &["-f", "lavfi", "-i", source].into_iter().chain(coded.split(' ')).collect::<Vec<_>>());
    let _push = ffmpeg::push(&file, &server.rtmp("live/cam"));
    server.wait_stream("cam", SOON, |stream| stream["frames"].as_u64() > Some(25 * 8));
    let mut page = Peers::chromium(&[player(&server, "live/cam", json!({}))]);
    // Eight seconds of pictures, then those of now: nothing is left of the delay.
    let seen = page.wait("pictures", |all| number(&all[0], "decoded") > 25.0 * 8.0 + 50.0);
    println!("{} pictures decoded, {} dropped", seen[0]["decoded"], seen[0]["dropped"]);
    let sent = || server.api("/api/v1/streams/")["streams"][0]["frames"].as_f64().unwrap_or_default();
    let is_near = eventually(SOON, || sent() - number(&page.now()[0], "decoded") < 75.0);
    assert!(is_near, "{} frames were sent: {:#}", sent(), page.now()[0]);
}

#[test]
fn what_the_browser_publishes_goes_out_by_rtmp_and_comes_back() {
    let server = server();
    let own = json!({ "codec": "H264" });
    let mut page = Peers::chromium(&[publisher(&server, "live/cam", own), player(&server, "live/back", json!({}))]);
    page.wait("pictures sent", |all| number(&all[0]["layers"][0], "encoded") > 10.0);
    let _back = new_ffmpeg::push(Path::new(&server.rtmp("live/cam")), &server.rtmp("live/back"));
    let seen = page.wait("right pictures and the tone", |all| all.last().is_some_and(|player| plays(player, PICTURES)));
    println!("to RTMP and back: {} ms", seen[1]["age_p50"]);
    assert_eq!(seen[1]["codec"], "video/H264");
}

/// Pictures of a codec that the browser sends, by HTTP-FLV, as ffmpeg reads them; sound is AAC.
#[track_caller]
fn check_kept(codec: &str, coded: &str) {
    let server = server();
    let own = json!({ "codec": codec, "width": 240, "height": 136, "fps": 10 });
    let mut page = Peers::chromium(&[publisher(&server, "live/cam", own)]);
    page.wait("pictures sent", |all| number(&all[0]["layers"][0], "encoded") > 5.0);
    let flv = Download::start(server.port("http"), "/live/cam.flv");
    page.wait("more pictures sent", |all| number(&all[0]["layers"][0], "encoded") > 80.0);
    page.end();
    flv.finish(|file| {
        let content = new_ffmpeg::Content::of(file);
        let has = |name: &str| content.streams.iter().any(|stream| stream.ends_with(name));
        assert!(has(coded) && has("aac"), "{codec}: {:?}\n{}", content.streams, server.log());
        let [pictures, sounds] = ["video", "audio"].map(|kind| content.times(kind));
        assert!(pictures.len() > 10 && sounds.len() > 10, "{codec}: {} and {}", pictures.len(), sounds.len());
        let apart = pictures[pictures.len() - 1] - sounds[sounds.len() - 1];
        // An encoder may be late on a busy machine; clocks that have nothing in common are further apart.
        assert!(apart.abs() < 30.0, "{codec}: pictures and sound end {apart} s apart");
    });
}

/// ffmpeg reads no VP8 in FLV.
#[test]
fn every_codec_of_the_browser_is_kept() {
    for (codec, coded) in [("H264", "h264"), ("VP9", "vp9"), ("AV1", "av1")] {
        check_kept(codec, coded);
    }
}

#[test]
fn what_the_browser_cannot_play_is_refused_in_words() {
    let server = server();
    let check = |file: &Path, stream: &str, why: &[&str]| {
        let _push = new_ffmpeg::push_forever(file, &[&server.rtmp(&format!("live/{stream}"))]);
        server.wait_stream(stream, SOON, |stream| stream["frames"].as_u64() > Some(10));
        let mut page = Peers::chromium(&[player(&server, &format!("live/{stream}"), json!({}))]);
        let seen = page.wait("a refusal", |all| all[0]["refusal"].is_string());
        let refusal = seen[0]["refusal"].as_str().unwrap_or_default();
        assert!(why.iter().all(|word| refusal.contains(word)), "{refusal}");
    };
    // Chromium of Debian has no H.265.
    check(&fixture::pair(Codec::H265, Codec::Aac), "hevc", &["422", "H.265"]);
    check(&fixture::coded(Codec::Flac), "flac", &["404", "FLAC"]);
}
