//! HLS: pushed by ffmpeg, played by ffmpeg and Chromium, read as text.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use weir_e2e::clients::{ffmpeg, new_ffmpeg};
use weir_e2e::{ClockPublisher, Decoded, Seen, Server, eventually, fixture, http, pause};
use weir_playlist::{MasterPlaylist, MediaPlaylist};

const PUSH_LIMIT: Duration = Duration::from_secs(fixture::SECONDS + 15);

/// How old the pictures of low-latency HLS may be, from picture to picture,
const FRESH: Duration = Duration::from_secs(3);
/// and where a player waits for whole segments.
const SEGMENTS: Duration = Duration::from_secs(20);

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
    let next = MediaPlaylist::parse(&list).expect("a playlist").next_msn() + 1;
    let answer = http::get(server.port("http"), &format!("{path}&_HLS_msn={next}&_HLS_part=0"));
    assert_eq!(answer.status, 200);
    let list = MediaPlaylist::parse(&answer.text()).expect("a playlist");
    // The part itself, not a hint of it.
    let has_part = list.open.as_ref().is_some_and(|open| !open.parts.is_empty());
    assert!(list.next_msn() > next || list.next_msn() == next && has_part, "{}", answer.text());
    let far = http::get(server.port("http"), &format!("{path}&_HLS_msn={}", next + 50));
    assert_eq!(far.status, 400, "{}", far.text());
}

#[track_caller]
fn check_page(settings: &str, player: &str, limit: Duration) {
    let server = server(settings);
    let _publisher = ClockPublisher::start(&server.rtmp("live/cam"));
    server.wait_published("cam");
    pause(Duration::from_secs(7));
    let page = server.http(&format!("?stream=live/cam&player={player}"));
    Seen::watch_fresh(&page, 6, &json!({ "clock": true, "settle": 8 }), limit);
}

#[test]
fn low_latency_hls_plays_in_the_page() {
    check_page("hls_use_fmp4 on; hls_low_latency on; hls_disk off;", "ll-hls", FRESH);
}

#[test]
fn hls_of_transport_streams_plays_in_the_page() {
    check_page("", "hls", SEGMENTS);
}

#[test]
fn hls_plays_in_the_browser_by_itself() {
    check_page("hls_use_fmp4 on;", "native-hls", SEGMENTS);
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

/// Bytes of everything that a playlist lists, in its order.
fn joined(server: &Server, list: &MediaPlaylist) -> Vec<u8> {
    let map = list.segments.front().and_then(|first| first.start.map.as_ref()).map(|map| map.uri.as_str());
    let uris = map.into_iter().chain(list.segments.iter().map(|segment| segment.uri.as_str()));
    uris.flat_map(|uri| http::get(server.port("http"), &format!("/live/{uri}")).body).collect()
}

/// The text behind a path, once it is a playlist for which something holds.
#[track_caller]
fn playlist(server: &Server, path: &str, holds: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    let found = eventually(Duration::from_secs(20), || {
        text = http::get(server.port("http"), path).text();
        text.starts_with("#EXTM3U") && holds(&text)
    });
    assert!(found, "{path}: {text}");
    let findings = weir_playlist::check(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    // What ended has no next part, and its last part is as long as its sound.
    let is_of_the_end = |rule: &str| matches!(rule, "part-hint" | "part-short");
    assert!(findings.iter().all(|finding| is_of_the_end(finding.rule)), "{findings:?}: {text}");
    text
}

/// Two pictures and two sounds in one stream, of so many seconds.
fn four_tracks(dir: &Path, seconds: u32) -> PathBuf {
    let file = dir.join("tracks.flv");
    let mut args: Vec<&str> = "-f lavfi -i testsrc2=size=640x360:rate=25".split(' ').collect();
    args.extend("-f lavfi -i sine=frequency=440:sample_rate=48000".split(' '));
    args.extend("-f lavfi -i sine=frequency=880:sample_rate=44100".split(' '));
    let seconds = seconds.to_string();
    args.extend(["-t", &seconds]);
    args.extend("-map 0:v -map 0:v -map 1:a -map 2:a -s:v:1 320x180 -pix_fmt yuv420p".split(' '));
    args.extend("-c:v libx264 -preset ultrafast -bf 2 -g 25 -sc_threshold 0 -c:a aac -ac:a:0 2 -ac:a:1 1".split(' '));
    new_ffmpeg::make(&file, &args);
    file
}

#[test]
fn tracks_of_one_publisher_are_renditions() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = four_tracks(dir.path(), 9);
    let sent = new_ffmpeg::Content::of(&file);
    let hashes = |content: &new_ffmpeg::Content, stream: usize| -> Vec<String> {
        content.packets.iter().filter(|packet| packet.0 == stream).map(|packet| packet.4.clone()).collect()
    };
    let server = server("hls_ctx off; hls_tracks on; hls_use_fmp4 on; hls_low_latency on;");
    new_ffmpeg::push(&file, &server.rtmp("live/cam")).wait(PUSH_LIMIT).expect_success();
    let text = playlist(&server, "/live/cam.m3u8", |text| text.contains("STREAM-INF"));
    let master = MasterPlaylist::parse(&text).expect("a master playlist");
    let [large, small] = &master.variants[..] else { panic!("two sizes: {text}") };
    assert_eq!((large.resolution, small.resolution), (Some((640, 360)), Some((320, 180))), "{text}");
    assert_eq!((large.frame_rate, small.frame_rate), (Some(25.0), Some(25.0)), "{text}");
    assert!(large.bandwidth > small.bandwidth && large.average_bandwidth <= Some(large.bandwidth), "{text}");
    for variant in [large, small] {
        let [video, audio] = &variant.codecs[..] else { panic!("pictures and sound: {text}") };
        assert!(video.starts_with("avc1.") && audio == "mp4a.40.2", "{text}");
    }
    let [first, second] = &master.renditions[..] else { panic!("two sounds: {text}") };
    assert_eq!((first.channels, second.channels, first.default), (Some(2), Some(1), true), "{text}");
    let lists: Vec<MediaPlaylist> = [&large.uri, &small.uri, second.uri.as_ref().expect("a playlist of its own")]
        .map(|uri| {
            let whole = |text: &str| text.matches("#EXTINF").count() >= 5;
            let text = playlist(&server, &format!("/live/{uri}"), whole);
            assert_eq!(text.matches("#EXT-X-RENDITION-REPORT").count(), 2, "{text}");
            MediaPlaylist::parse(&text).expect("a playlist")
        })
        .into();
    // All begin their segments together: sound to the frame.
    let starts = |list: &MediaPlaylist| -> Vec<i64> {
        list.segments.iter().skip(1).take(4).filter_map(|one| Some(one.start.program_date_time? / 1_000_000)).collect()
    };
    for list in &lists {
        let apart = starts(list).iter().zip(starts(&lists[0])).map(|(own, first)| (own - first).abs()).max();
        assert!(apart.is_some_and(|apart| apart <= 24), "{:?} {:?}", starts(list), starts(&lists[0]));
    }
    let received: Vec<new_ffmpeg::Content> = lists
        .iter()
        .map(|list| {
            let file = dir.path().join("received.mp4");
            std::fs::write(&file, joined(&server, list)).expect("a file");
            new_ffmpeg::Content::of(&file)
        })
        .collect();
    // In the order of their numbers: of the sender, and of each rendition.
    let streams: Vec<Vec<String>> = (0..4).map(|stream| hashes(&sent, stream)).collect();
    for (place, received) in received.iter().enumerate() {
        for stream in 0..if place == 2 { 1 } else { 2 } {
            let found = hashes(received, stream);
            let is_sent = streams.contains(&found);
            assert!(is_sent && !found.is_empty(), "{} packets of stream {stream} in {place}", found.len());
        }
    }
    let of_first = |place: usize| hashes(&received[place], 0);
    assert!(of_first(0) != of_first(1) && hashes(&received[0], 1) == hashes(&received[1], 1));
    assert!(hashes(&received[0], 1) != of_first(2), "another sound");
    assert_eq!(
        [large, small].map(|one| ffmpeg::size(&server.http(&format!("live/{}", one.uri)))),
        [(640, 360), (320, 180)]
    );
}

#[test]
fn tracks_of_one_publisher_play_in_the_page() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = four_tracks(dir.path(), 60);
    let server = server("hls_tracks on; hls_use_fmp4 on; hls_low_latency on; hls_disk off;");
    let _push = new_ffmpeg::push(&file, &server.rtmp("live/cam"));
    playlist(&server, "/live/cam.m3u8", |text| text.contains("RESOLUTION=320x180"));
    pause(Duration::from_secs(4));
    Seen::watch(&server.http("?stream=live/cam&player=ll-hls"), 6, json!({ "settle": 4 })).assert_plays(6);
}

#[test]
fn renditions_of_a_group_play_in_the_page_and_are_switched_between() {
    let [large, small] = fixture::two_sizes();
    let server = server("hls_ctx off; hls_use_fmp4 on; hls_group show { streams large small; }");
    let pushed = [(&*large, server.rtmp("live/large")), (&*small, server.rtmp("live/small"))];
    let _push = ffmpeg::push_together(&pushed);
    let both = |text: &str| text.contains("RESOLUTION=640x360") && text.contains("RESOLUTION=320x180");
    playlist(&server, "/live/show.m3u8", both);
    // Some segments to begin with, the same ones in both.
    let [large, small] = ["large", "small"].map(|name| {
        let is_long = |text: &str| text.matches("#EXTINF").count() >= 4;
        MediaPlaylist::parse(&playlist(&server, &format!("/live/{name}.m3u8"), is_long)).expect("a playlist")
    });
    let starts = |list: &MediaPlaylist| list.segments.iter().map(|one| one.start.program_date_time).collect::<Vec<_>>();
    let pairs: Vec<_> = starts(&large).into_iter().zip(starts(&small)).collect();
    assert!(pairs.iter().all(|(large, small)| large == small), "{pairs:?}");
    let page = server.http("?stream=live/show&player=hls");
    let seen = Seen::watch(&page, 6, json!({ "settle": 4, "squeeze": 80_000 }));
    seen.assert_plays(6);
    let widths = seen.widths();
    println!("widths of the pictures: {widths:?}");
    assert!(widths.contains(&640) && widths.contains(&320), "{widths:?}");
}

#[test]
fn encrypted_segments_play_in_the_page() {
    check_page("hls_keys on; hls_fragments_per_key 2;", "hls", SEGMENTS);
}

#[test]
fn encrypted_segments_carry_the_same_pictures_and_sounds() {
    for settings in ["", "hls_use_fmp4 on;"] {
        let server = server(&format!("hls_ctx off; hls_keys on; hls_fragments_per_key 2; {settings}"));
        let file = fixture::h264_aac();
        ffmpeg::push(&file, &server.rtmp("live/cam")).wait(PUSH_LIMIT).expect_success();
        let text = playlist(&server, "/live/cam.m3u8", |text| text.matches("#EXTINF").count() >= 5);
        assert!(text.matches("#EXT-X-KEY:METHOD=AES-128").count() >= 3, "{text}");
        // The same list, ended, so that a player comes to an end too.
        std::fs::write(server.dir().join("html/live/ended.m3u8"), format!("{text}#EXT-X-ENDLIST\n")).expect("a file");
        let received = Decoded::of(Path::new(&server.http("live/ended.m3u8")));
        Decoded::of(&file).assert_same(settings, &received);
    }
}
