//! Media from one client to another.

use std::time::Instant;

use serde_json::{Value, json};
use weir_e2e::rtc::{Peers, number, player, publisher};
use weir_e2e::{ClockPublisher, Server};

use super::over_tcp;

/// Pictures that a player has to show.
const PICTURES: u64 = 60;

/// Chromium publishes `codec` and plays it; both ends say that it is this one, and whether it went by `udp` or `tcp`.
#[track_caller]
fn in_chromium(server: &Server, codec: &str, by: &str, protocol: &str) -> Vec<Value> {
    let own = json!({ "codec": codec, "by": by });
    // A player that would take any codec is told which one it is.
    let peers = [publisher(server, "live/cam", own), player(server, "live/cam", json!({ "by": by }))];
    let mut page = Peers::chromium(&peers);
    let seen = page.wait_play(PICTURES);
    println!("{codec} by {by} over {protocol}: {:#}", seen[1]);
    assert_eq!(seen[0]["layers"][0]["codec"], format!("video/{codec}"));
    assert_eq!(seen[1]["codec"], format!("video/{codec}"));
    assert_eq!((&seen[0]["protocol"], &seen[1]["protocol"]), (&json!(protocol), &json!(protocol)));
    assert_eq!(seen[1]["audio_codec"], "audio/opus");
    assert_eq!((number(&seen[1], "width"), number(&seen[1], "height")), (480.0, 270.0));
    assert_eq!(number(&seen[1], "backwards"), 0.0, "{:#}", seen[1]);
    seen
}

#[test]
fn chromium_plays_the_h264_of_chromium() {
    in_chromium(&Server::start(Server::RTC), "H264", "http", "udp");
}

#[test]
fn chromium_plays_the_vp8_of_chromium() {
    in_chromium(&Server::start(Server::RTC), "VP8", "http", "udp");
}

#[test]
fn chromium_plays_the_vp9_of_chromium_by_the_calls_of_srs() {
    in_chromium(&Server::start(Server::RTC), "VP9", "json", "udp");
}

#[test]
fn chromium_plays_the_av1_of_chromium() {
    in_chromium(&Server::start(Server::RTC), "AV1", "http", "udp");
}

#[test]
fn chromium_publishes_and_plays_over_tcp() {
    in_chromium(&over_tcp("rtc_tcp"), "H264", "http", "tcp");
}

#[test]
fn chromium_publishes_and_plays_over_the_port_of_the_api() {
    in_chromium(&over_tcp("api"), "VP8", "json", "tcp");
}

#[test]
fn chromium_plays_the_g711_of_chromium() {
    let server = Server::start(Server::RTC);
    let own = json!({ "codec": "VP8", "audio": "PCMA" });
    let seen = Peers::chromium(&[publisher(&server, "live/cam", own), player(&server, "live/cam", json!({}))])
        .wait_play(PICTURES);
    assert_eq!(seen[1]["audio_codec"], "audio/PCMA", "{:#}", seen[1]);
}

/// Opus sends hardly anything for silence (DTX). That is no loss, and what was told of loudness is told on (RFC 6464).
#[test]
fn silence_is_not_filled_and_loudness_is_told() {
    let server = Server::start(Server::RTC);
    let own = json!({ "codec": "VP8", "silent": true, "dtx": true });
    let mut page = Peers::chromium(&[publisher(&server, "live/cam", own), player(&server, "live/cam", json!({}))]);
    page.wait("connection with pictures", |all| {
        number(&all[1], "decoded") >= 10.0 && number(&all[1], "audio_packets") > 0.0
    });
    let packets = |all: &[Value]| [0, 1].map(|at| number(&all[at], "audio_packets"));
    let (before, begun) = (packets(&page.now()), Instant::now());
    page.wait("packets of silence", |all| packets(all)[1] >= before[1] + 12.0);
    let (silence, took) = (page.now(), begun.elapsed().as_secs_f64());
    let rates = [0, 1].map(|at| (packets(&silence)[at] - before[at]) / took);
    // 50 a second without it, 2.5 with it.
    assert!(rates.iter().all(|rate| *rate < 15.0), "{rates:?} packets a second: {silence:#?}");
    assert!(number(&silence[1], "level") < 0.001, "{:#}", silence[1]);
    page.turn_sound();
    let seen = page.wait_play(PICTURES);
    assert!(number(&seen[1], "level") > 0.1, "{:#}", seen[1]);
    assert_eq!(number(&seen[1], "audio_lost"), 0.0, "{:#}", seen[1]);
    page.turn_sound();
    page.wait("silence again", |all| number(&all[1], "level") < 0.001);
    println!("{rates:?} packets a second of silence, published and played");
}

#[test]
fn several_tracks_of_pictures_pass() {
    let server = Server::start(Server::RTC);
    let (own, two) = (json!({ "codec": "VP8", "tracks": 2 }), json!({ "tracks": 2 }));
    let seen =
        Peers::chromium(&[publisher(&server, "live/cam", own), player(&server, "live/cam", two)]).wait_play(PICTURES);
    assert_eq!(seen[1]["widths"], json!([480, 240]), "{:#}", seen[1]);
}

#[test]
fn chromium_publishes_and_plays_over_ipv6() {
    let ipv6 = "candidate ::1; ip_family all; api_as_candidates off;";
    let server = Server::start(&Server::RTC.replace("candidate 127.0.0.1;", ipv6));
    let seen = in_chromium(&server, "VP8", "http", "udp");
    assert_eq!(seen[1]["address"], "::1", "{:#}", seen[1]);
}

/// Chromium offers all that it has.
#[test]
fn the_codec_is_h264_unless_the_call_says_another() {
    let server = Server::start(Server::RTC);
    let expect = [("live/one", "", "H264"), ("live/two", "&codec=vp9", "VP9"), ("live/three", "&codec=av1", "AV1")];
    let peers = expect.map(|(stream, query, _)| publisher(&server, stream, json!({ "query": query })));
    let encodes = |peer: &Value| number(&peer["layers"][0], "encoded") > 5.0;
    let seen = Peers::chromium(&peers).wait("pictures", |all| all.iter().all(encodes));
    for ((.., codec), peer) in expect.iter().zip(seen) {
        assert_eq!(peer["layers"][0]["codec"], format!("video/{codec}"), "{peer:#}");
    }
}

/// The camera is Chromium's own fake, whose pictures are not ours.
#[test]
fn chromium_publishes_its_camera() {
    let server = Server::start(Server::RTC);
    let camera = json!({ "camera": true });
    let mut page = Peers::chromium(&[publisher(&server, "live/cam", camera), player(&server, "live/cam", json!({}))]);
    let seen = page.wait("pictures", |all| all.iter().any(|peer| number(peer, "decoded") >= 50.0));
    assert_eq!((number(&seen[1], "width"), number(&seen[1], "height")), (640.0, 480.0), "{:#}", seen[1]);
}

#[track_caller]
fn in_aiortc(codec: &str, by: &str) {
    let server = Server::start(Server::RTC);
    let own = json!({ "codec": codec, "by": by });
    let peers = [publisher(&server, "live/cam", own), player(&server, "live/cam", json!({ "by": by }))];
    let seen = Peers::aiortc(&peers).wait_play(PICTURES);
    assert_eq!(number(&seen[1], "backwards"), 0.0, "{:#}", seen[1]);
}

#[test]
fn aiortc_plays_the_vp8_of_aiortc() {
    in_aiortc("VP8", "http");
}

#[test]
fn aiortc_plays_the_h264_of_aiortc_by_the_calls_of_srs() {
    in_aiortc("H264", "json");
}

#[test]
fn chromium_and_aiortc_play_what_the_other_publishes() {
    let server = Server::start(Server::RTC);
    let h264 = || json!({ "codec": "H264" });
    let one = [publisher(&server, "live/one", h264()), player(&server, "live/two", h264())];
    let other = [publisher(&server, "live/two", h264()), player(&server, "live/one", h264())];
    let (mut chromium, mut aiortc) = (Peers::chromium(&one), Peers::aiortc(&other));
    chromium.wait_play(PICTURES);
    aiortc.wait_play(PICTURES);
}

/// ffmpeg would be the server of DTLS: its offer is passive.
#[test]
fn chromium_and_aiortc_play_what_ffmpeg_publishes() {
    let server = Server::start(Server::RTC);
    let url = format!("http://127.0.0.1:{}/rtc/v1/whip/?app=live&stream=cam", server.port("api"));
    let mut ffmpeg = ClockPublisher::whip(&url, "");
    server.wait_published("cam");
    let play = [player(&server, "live/cam", json!({}))];
    let mut chromium = Peers::chromium(&play);
    let seen = chromium.wait_play(PICTURES);
    assert_eq!(seen[0]["codec"], "video/H264");
    drop(chromium);
    Peers::aiortc(&play).wait_play(PICTURES);
    assert!(ffmpeg.is_running());
}

#[test]
fn a_player_waits_for_its_publisher_and_for_the_next_one() {
    let server = Server::start(Server::RTC);
    let mut player = Peers::chromium(&[player(&server, "live/cam", json!({}))]);
    player.wait("connection", |all| all[0]["state"] == "connected");
    let publish = || Peers::chromium(&[publisher(&server, "live/cam", json!({ "codec": "VP8" }))]);
    let first = publish();
    let seen = player.wait_play(PICTURES);
    first.end();
    let again = publish();
    let more = number(&seen[0], "right") as u64 + PICTURES;
    player.wait_play(more);
    drop(again);
}

/// How old pictures are when they are seen, beside what the browser itself takes for them.
#[test]
fn pictures_are_fresh() {
    let server = Server::start(Server::RTC);
    let peers = [publisher(&server, "live/cam", json!({ "codec": "VP8" })), player(&server, "live/cam", json!({}))];
    let seen = Peers::chromium(&peers).wait_play(250);
    let age = |part: &str| seen.last().map_or(&Value::Null, |player| &player[part]).clone();
    println!(
        "from canvas to screen: {} ms half of the time, {} ms at most in 99 of 100",
        age("age_p50"),
        age("age_p99")
    );
    assert!(age("age_p50").as_f64().is_some_and(|age| age < 5000.0), "{seen:#?}");
}
