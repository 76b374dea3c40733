//! HLS: pushed by ffmpeg, played by ffmpeg and Chromium, read as text.

use std::time::Duration;

use serde_json::json;
use weir_e2e::clients::ffmpeg;
use weir_e2e::{ClockPublisher, Decoded, Seen, Server, eventually, fixture, http, pause};

const PUSH_LIMIT: Duration = Duration::from_secs(fixture::SECONDS + 15);

/// A server with HLS of segments of two seconds, and more settings.
fn server(settings: &str) -> Server {
    let hls = format!("hls {{ enabled on; hls_fragment 2; hls_window 60; hls_path {{dir}}/html; {settings} }}");
    Server::start(&Server::LIVE.replace("http_remux {", &format!("{hls} http_remux {{")))
}

/// The media playlist behind the master that opens a session, and its path.
#[track_caller]
fn media_playlist(server: &Server) -> (String, String) {
    let port = server.port("http");
    let master = http::get(port, "/live/cam.m3u8").text();
    let path = master.lines().last().expect("a master playlist").to_owned();
    (http::get(port, &path).text(), path)
}

// row: http-api.md §5 HLS sessions 2
// row: http-api.md §5 HLS sessions 3
#[test]
fn segments_carry_the_same_pictures_and_sounds_from_memory_and_on_disk() {
    for settings in ["", "hls_use_fmp4 on;"] {
        let server = server(settings);
        let file = fixture::h264_aac();
        ffmpeg::push(&file, &server.rtmp("live/cam")).wait(PUSH_LIMIT).expect_success();
        // The last segment is finished when the publisher has left.
        let folder = server.dir().join("html/live");
        let read = |name: &str| std::fs::read(folder.join(name)).unwrap_or_default();
        let whole = || String::from_utf8_lossy(&read("cam.m3u8")).matches("#EXTINF").count() >= 5;
        assert!(eventually(Duration::from_secs(10), whole), "{settings}: {:?}", std::fs::read_dir(&folder));
        let sent = Decoded::of(&file);
        let on_disk = assembled(&String::from_utf8_lossy(&read("cam.m3u8")), read);
        sent.assert_same(&format!("on disk, {settings}"), &on_disk);
        let (list, _) = media_playlist(&server);
        let by_http = assembled(&list, |uri| http::get(server.port("http"), &format!("/live/{uri}")).body);
        sent.assert_same(&format!("by HTTP, {settings}"), &by_http);
    }
}

/// What a decoder makes of everything that a playlist lists, in its order.
fn assembled(list: &str, read: impl Fn(&str) -> Vec<u8>) -> Decoded {
    let map = list.lines().find_map(|line| line.strip_prefix("#EXT-X-MAP:URI=\"")?.split('"').next());
    let segments = list.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let bytes: Vec<u8> = map.into_iter().chain(segments).flat_map(read).collect();
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("assembled");
    std::fs::write(&file, bytes).expect("a file");
    Decoded::of(&file)
}

#[test]
fn a_low_latency_playlist_is_answered_when_its_part_is_there() {
    let server = server("hls_use_fmp4 on; hls_low_latency on; hls_disk off;");
    let _push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
    server.wait_published("cam");
    pause(Duration::from_secs(5));
    let (list, path) = media_playlist(&server);
    for tag in
        ["#EXT-X-PART:", "#EXT-X-PRELOAD-HINT:", "#EXT-X-MAP:", "CAN-BLOCK-RELOAD=YES", "#EXT-X-PROGRAM-DATE-TIME:"]
    {
        assert!(list.contains(tag), "{tag} is missing: {list}");
    }
    let sequence: u64 = list
        .lines()
        .find_map(|line| line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:"))
        .and_then(|number| number.parse().ok())
        .expect("a media sequence");
    let next = sequence + list.matches("#EXTINF").count() as u64 + 1;
    let answer = http::get(server.port("http"), &format!("{path}&_HLS_msn={next}&_HLS_part=0"));
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains(&format!("cam-{next}.0.m4s")), "{}", answer.text());
    let far = http::get(server.port("http"), &format!("{path}&_HLS_msn={}", next + 50));
    assert_eq!(far.status, 400, "{}", far.text());
}

#[track_caller]
fn check_page(settings: &str, player: &str) {
    let server = server(settings);
    let _publisher = ClockPublisher::start(&server.rtmp("live/cam"));
    server.wait_published("cam");
    pause(Duration::from_secs(7));
    let page = server.http(&format!("?stream=live/cam&player={player}"));
    let seen = Seen::watch(&page, 6, json!({ "clock": true, "settle": 8 }));
    seen.assert_plays(6);
    println!("{player} {settings}: {} ms from picture to picture, half of the time", seen.number("delay_p50"));
    assert!(seen.number("delay_p50") < 20_000.0, "the pictures are {} ms old", seen.number("delay_p50"));
}

#[test]
fn low_latency_hls_plays_in_the_page() {
    check_page("hls_use_fmp4 on; hls_low_latency on; hls_disk off;", "ll-hls");
}

#[test]
fn hls_of_transport_streams_plays_in_the_page() {
    check_page("", "hls");
}

#[test]
fn hls_plays_in_the_browser_by_itself() {
    check_page("hls_use_fmp4 on;", "native-hls");
}

#[test]
fn what_is_not_there_is_not_found_and_makes_no_state() {
    let server = server("");
    for at in 0..200 {
        assert_eq!(http::get(server.port("http"), &format!("/live/none{at}.m3u8")).status, 404);
    }
    assert_eq!(server.api("/api/v1/clients/")["clients"].as_array().map(Vec::len), Some(0));
    assert_eq!(server.api("/api/v1/streams/")["streams"].as_array().map(Vec::len), Some(0));
}
