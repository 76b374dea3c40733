//! Clients that share no code with ffmpeg's: librtmp, GStreamer, VLC, playing and pushing.

use std::time::Duration;

use weir_e2e::clients::{Recorder, ffmpeg, gstreamer, librtmp, vlc};
use weir_e2e::packets::assert_monotonic;
use weir_e2e::{Packets, Server, eventually, fixture, pause};

/// The longest that a fixture takes to push, on a busy machine.
const PUSH_LIMIT: Duration = Duration::from_secs(fixture::SECONDS + 15);
/// How long a player may take to its first bytes.
const FIRST_BYTES: Duration = Duration::from_secs(15);

/// The client joins a running stream for four seconds; what it wrote.
#[track_caller]
fn play_running(record: impl FnOnce(&Server) -> Recorder) -> Packets {
    let server = Server::start(Server::LIVE);
    let _push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
    server.wait_published("cam");
    let player = record(&server);
    assert!(eventually(FIRST_BYTES, || !player.is_empty()), "nothing comes");
    pause(Duration::from_secs(4));
    let received = player.finish();
    assert!(received.video.len() as u64 > 2 * fixture::FPS, "only {} pictures", received.video.len());
    received
}

/// What ffmpeg records while the client pushes the fixture.
#[track_caller]
fn push_whole<P>(push: impl FnOnce(&Server) -> P, wait: impl FnOnce(P)) -> Packets {
    let server = Server::start(Server::LIVE);
    let mut player = ffmpeg::record(&server.rtmp("live/cam"));
    server.wait_stream("cam", Duration::from_secs(10), |stream| stream["clients"] == 1);
    wait(push(&server));
    player.wait_end(PUSH_LIMIT);
    player.finish()
}

#[test]
fn rtmpdump_plays() {
    let received = play_running(|server| librtmp::record(&server.rtmp("live/cam")));
    Packets::of(&fixture::h264_aac()).assert_part(&received);
}

#[test]
fn librtmp_pushes() {
    let file = fixture::h264_aac();
    let received = push_whole(
        |server| librtmp::push(&file, &server.rtmp("live/cam")),
        |push| drop(push.wait(PUSH_LIMIT).expect_success()),
    );
    Packets::of(&file).assert_part(&received);
    assert_eq!(received.video.len(), Packets::of(&file).video.len());
}

#[test]
fn gstreamer_plays() {
    let received = play_running(|server| gstreamer::record(&server.rtmp("live/cam")));
    Packets::of(&fixture::h264_aac()).assert_part(&received);
}

#[test]
fn gstreamer_pushes() {
    let file = fixture::h264_aac();
    let received = push_whole(
        |server| gstreamer::push(&file, &server.rtmp("live/cam")),
        |push| drop(push.wait(PUSH_LIMIT).expect_success()),
    );
    Packets::of(&file).assert_part(&received);
    assert_eq!(received.video.len(), Packets::of(&file).video.len());
}

/// VLC writes the packets anew, so only their order and times are compared.
#[track_caller]
fn check_vlc(received: &Packets) {
    assert!(received.video[0].key, "starts on {:?}", received.video[0]);
    assert!(received.audio.len() > 50, "only {} audio packets", received.audio.len());
    assert_monotonic("video", &received.video);
    assert_monotonic("audio", &received.audio);
}

#[test]
fn vlc_plays_rtmp() {
    check_vlc(&play_running(|server| vlc::record(&server.rtmp("live/cam"))));
}

#[test]
fn vlc_plays_http_flv() {
    check_vlc(&play_running(|server| vlc::record(&server.http("live/cam.flv"))));
}

#[test]
fn vlc_plays_http_mp4() {
    check_vlc(&play_running(|server| vlc::record(&server.http("live/cam.mp4"))));
}

#[test]
fn vlc_pushes() {
    let file = fixture::h264_aac();
    let received =
        push_whole(|server| vlc::push(&file, &server.rtmp("live/cam")), |push| drop(push.running.wait(PUSH_LIMIT)));
    check_vlc(&received);
    let sent = Packets::of(&file).video.len();
    // It may leave before its last picture is out.
    assert!(received.video.len() + 2 >= sent, "{} of {sent} pictures", received.video.len());
}
