//! Pushed by ffmpeg, played by ffmpeg: the same packets, whoever comes when.

use std::path::Path;
use std::time::Duration;

use weir_e2e::clients::{Recorder, crowd, ffmpeg};
use weir_e2e::http::Download;
use weir_e2e::packets::assert_monotonic;
use weir_e2e::{Decoded, Packets, Server, eventually, fixture, pause};

/// The longest that a fixture takes to push, on a busy machine.
const PUSH_LIMIT: Duration = Duration::from_secs(fixture::SECONDS + 15);

/// Two players wait, one file is pushed, both get every packet of it.
#[track_caller]
fn check_same(file: &Path) {
    let server = Server::start(Server::LIVE);
    let mut players = [ffmpeg::record(&server.rtmp("live/cam")), ffmpeg::record(&server.http("live/cam.flv"))];
    // Both connections are there before the first packet is.
    server.wait_stream("cam", Duration::from_secs(10), |stream| stream["clients"] == 2);
    ffmpeg::push(file, &server.rtmp("live/cam")).wait(PUSH_LIMIT).expect_success();

    let sent = Packets::of(file);
    assert_eq!(sent.video.len() as u64, fixture::SECONDS * fixture::FPS);
    for player in &mut players {
        player.wait_end(PUSH_LIMIT);
    }
    let [rtmp, flv] = players.map(Recorder::finish);
    sent.assert_same("RTMP", &rtmp);
    sent.assert_same("HTTP-FLV", &flv);
}

// row: protocols.md §1.5 Player before publisher
#[test]
fn h264_and_aac_come_out_packet_by_packet() {
    check_same(&fixture::h264_aac());
}

#[test]
fn h264_and_mp3_come_out_packet_by_packet() {
    check_same(&fixture::h264_mp3());
}

/// A crowd comes and goes on the same stream, others are published beside it, and frames are merged.
#[test]
fn the_same_packets_come_out_under_load() {
    let server = Server::start(&format!("threads {{ send_cpu_target 1; }} {}", Server::LIVE));
    let (rtmp, http) = (server.rtmp("live/cam"), server.http("live/cam.flv"));
    let mut players = [ffmpeg::record(&rtmp), ffmpeg::record(&http)];
    server.wait_stream("cam", Duration::from_secs(10), |stream| stream["clients"] == 2);
    let file = fixture::h264_aac();
    let push = ffmpeg::push(&file, &rtmp);
    server.wait_published("cam");
    let _crowd = [
        crowd::restless("play", &rtmp, 80),
        crowd::restless("play", &http, 80),
        crowd::restless("push", &server.rtmp("live/other%d"), 10),
    ];
    server.wait_stream("cam", PUSH_LIMIT, |stream| stream["clients"].as_u64() > Some(120));
    push.wait(PUSH_LIMIT).expect_success();

    for player in &mut players {
        player.wait_end(PUSH_LIMIT);
    }
    let sent = Packets::of(&file);
    let [rtmp, flv] = players.map(Recorder::finish);
    sent.assert_same("RTMP", &rtmp);
    sent.assert_same("HTTP-FLV", &flv);
}

/// One file is pushed, players take it in other containers; the decoder sees the same. One waits at the mount, the others
/// come when the stream has begun.
#[track_caller]
fn check_made(file: &Path, mount: &str, others: &[&str]) {
    let server = Server::start(&Server::LIVE.replace("[stream].flv", &format!("[stream].{mount}")));
    let sent = Decoded::of(file);
    let waiting = Download::start(server.port("http"), &format!("/live/cam.{mount}"));
    server.wait_stream("cam", Duration::from_secs(10), |stream| stream["clients"] == 1);
    let push = ffmpeg::push(file, &server.rtmp("live/cam"));
    server.wait_published("cam");
    let downloads: Vec<Download> = others
        .iter()
        .map(|extension| Download::start(server.port("http"), &format!("/live/cam.{extension}")))
        .collect();
    push.wait(PUSH_LIMIT).expect_success();
    sent.assert_same(mount, &waiting.finish(Decoded::of));
    for (download, extension) in downloads.into_iter().zip(others) {
        let received = download.finish(Decoded::of);
        check_rest(extension, &sent.sounds, &received.sounds);
        match *extension {
            "aac" | "mp3" => assert!(received.pictures.is_empty(), "{extension}: sound alone"),
            _ => check_rest(extension, &sent.pictures, &received.pictures),
        }
    }
}

/// All from some point in the first half on.
#[track_caller]
fn check_rest(path: &str, sent: &[String], received: &[String]) {
    let from = sent.len().saturating_sub(received.len());
    assert!(from < sent.len() / 2, "{path}: {} of {}", received.len(), sent.len());
    assert_eq!(sent.get(from..), Some(received), "{path}");
}

// row: protocols.md §7 Codec
#[test]
fn http_ts_mp4_and_aac_carry_the_same_pictures_and_sounds() {
    check_made(&fixture::h264_aac(), "ts", &["aac", "mp4"]);
}

#[test]
fn http_mp4_ts_and_mp3_carry_the_same_pictures_and_sounds() {
    check_made(&fixture::h264_mp3(), "mp4", &["mp3", "ts"]);
}

#[test]
fn a_late_joiner_starts_on_a_key_frame() {
    let server = Server::start(Server::LIVE);
    let file = fixture::h264_aac();
    let _push = ffmpeg::push_forever(&file, &server.rtmp("live/cam"));
    server.wait_published("cam");
    // In the middle of a group of pictures, and of the third one at the earliest.
    pause(Duration::from_millis(2600));

    let mut players = [ffmpeg::record(&server.rtmp("live/cam")), ffmpeg::record(&server.http("live/cam.flv"))];
    let sent = Packets::of(&file);
    for player in &mut players {
        assert!(eventually(Duration::from_secs(10), || !player.is_empty()), "nothing comes");
    }
    // Past the end of the file and its second start.
    pause(Duration::from_secs(fixture::SECONDS));
    for player in players {
        let received = player.finish();
        assert!(received.video.len() as u64 > (fixture::SECONDS - 2) * fixture::FPS, "{}", received.video.len());
        sent.assert_part(&received);
    }
}

#[test]
fn players_stay_when_the_publisher_comes_again() {
    let server = Server::start(Server::LIVE);
    let file = fixture::h264_aac();
    let mut player = ffmpeg::record(&server.rtmp("live/cam"));
    server.wait_stream("cam", Duration::from_secs(10), |stream| stream["clients"] == 1);
    for _ in 0..2 {
        let push = ffmpeg::push_forever(&file, &server.rtmp("live/cam"));
        server.wait_published("cam");
        pause(Duration::from_secs(3));
        drop(push);
        server.wait_stream("cam", Duration::from_secs(10), |stream| stream["publish"]["active"] == false);
    }
    assert!(player.is_running(), "the player was sent away with the publisher");
    player.wait_end(PUSH_LIMIT);
    let received = player.finish();
    assert!(received.video.len() as u64 > 4 * fixture::FPS, "only {} pictures", received.video.len());
    assert_monotonic("video", &received.video);
    assert_monotonic("audio", &received.audio);
}
