use std::fs;
use std::path::Path;

use tempfile::TempDir;
use weir_httpd::Site;
use weir_hub::Publisher;
use weir_playlist::{Level, MediaPlaylist, check, check_update};

use super::*;
use crate::testing::*;

mod faults;
mod groups;
mod latency;
mod sessions;
mod tracks;

/// A server of HLS with a folder of its own.
struct Server {
    folder: TempDir,
    hub: Arc<Hub>,
    hls: Arc<Hls>,
}

fn server(settings: &str) -> Server {
    server_with(settings, Budget::new())
}

fn server_with(settings: &str, budget: Arc<Budget>) -> Server {
    let folder = tempfile::tempdir().expect("a folder");
    let hub = hub(folder.path(), settings);
    let hls = Hls::with_budget(hub.clone(), Handle::current(), budget);
    Server { folder, hub, hls }
}

impl Server {
    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Publishes 8 s, all at once.
    async fn publish(&self, stream: &str) -> Publisher {
        let mut publisher = publish(&self.hub, stream).await;
        send(&mut publisher, frames(AV));
        publisher
    }

    async fn text(&self, target: &str) -> Option<String> {
        text(&*self.hls, target).await
    }

    /// True when there is something.
    async fn has(&self, target: &str) -> bool {
        get(&*self.hls, target).await.is_some()
    }

    /// The playlist once it has so many segments.
    async fn playlist(&self, target: &str, segments: usize) -> String {
        let mut found = String::new();
        until(target, async || {
            found = self.text(target).await.unwrap_or_default();
            uris(&found).len() >= segments
        })
        .await;
        found
    }

    /// A file once its text holds.
    async fn file(&self, name: &str, holds: impl Fn(&str) -> bool) -> String {
        let mut found = String::new();
        until(name, async || {
            found = fs::read_to_string(self.path(name)).unwrap_or_default();
            holds(&found)
        })
        .await;
        found
    }
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .map(|entries| {
            entries.map(|entry| entry.expect("an entry").file_name().to_str().expect("text").to_owned()).collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

/// Neither our checker nor m3u8-rs finds anything wrong.
#[track_caller]
fn check_playlist(text: &str) {
    let findings = check(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(findings.is_empty(), "{findings:?}\n{text}");
    assert!(matches!(m3u8_rs::parse_playlist_res(text.as_bytes()), Ok(m3u8_rs::Playlist::MediaPlaylist(_))), "{text}");
}

#[track_caller]
fn check_successor(old: &str, new: &str) {
    let findings = check_update(old, new).unwrap_or_else(|error| panic!("{error}\n{old}\n{new}"));
    // SRS's target durations change with what is listed, and its window is as short as it is configured.
    let is_ours = |rule: &str| !matches!(rule, "constant-target" | "window");
    let serious: Vec<_> = findings.iter().filter(|one| one.level == Level::Must && is_ours(one.rule)).collect();
    assert!(serious.is_empty(), "{serious:?}\n{old}\n{new}");
}

// row: protocols.md §7 m3u8
// row: protocols.md §7 Files
// row: config.md §11 hls enabled
#[tokio::test]
async fn playlists_and_files_are_those_of_srs() {
    let server = server("hls_ctx off; hls_window 60;");
    let publisher = server.publish("cam1").await;
    let playlist = server.playlist("/live/cam1.m3u8", 3).await;
    let expect = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:2\n#EXT-X-DISCONTINUITY\n\
                  #EXTINF:2.000, no desc\ncam1-0.ts\n#EXTINF:2.000, no desc\ncam1-1.ts\n#EXTINF:2.000, no desc\ncam1-2.ts\n";
    assert_eq!(playlist, expect);
    assert_eq!(server.file("live/cam1.m3u8", |text| text.contains("cam1-2")).await, expect);
    drop(publisher);
    let playlist = server.playlist("/live/cam1.m3u8", 4).await;
    let end = "#EXTINF:2.092, no desc\ncam1-3.ts\n";
    assert_eq!(playlist, expect.replace("DURATION:2", "DURATION:3") + end, "no end is marked");
    server.file("live/cam1.m3u8", |text| text.contains("cam1-3")).await;
    let names = files(&server.path("live"));
    assert_eq!(names, ["cam1-0.ts", "cam1-1.ts", "cam1-2.ts", "cam1-3.ts", "cam1.m3u8"]);
    for name in uris(&playlist) {
        let from_memory = body(&get(&*server.hls, &format!("/live/{name}")).await.expect("it is there"));
        assert_eq!(fs::read(server.path("live").join(&name)).expect("it is there"), from_memory);
    }
    check_playlist(&playlist);
    server.hls.shutdown().await;
}

#[tokio::test]
async fn segments_are_the_media_that_was_published() {
    for settings in ["", "hls_use_fmp4 on;", "hls_low_latency on;", "hls_use_fmp4 on; hls_low_latency on;"] {
        let server = server(&format!("hls_ctx off; {settings}"));
        drop(server.publish("cam").await);
        let playlist = server.playlist("/live/cam.m3u8", 4).await;
        let map = playlist.lines().find_map(|line| line.strip_prefix("#EXT-X-MAP:URI=\""));
        let init = map.map(|rest| rest.trim_end_matches('"').to_owned());
        let mut media = Vec::new();
        for name in init.into_iter().chain(uris(&playlist)) {
            media.extend(body(&get(&*server.hls, &format!("/live/{name}")).await.expect("it is there")));
        }
        assert_eq!(decoded(&media, "v"), decoded(AV, "v"), "{settings}");
        assert_eq!(playlist.contains("m4s"), settings.contains("fmp4"));
        if !settings.contains("latency") {
            check_playlist(&playlist);
        }
    }
}

#[tokio::test]
async fn replies_say_what_they_are_and_for_how_long() {
    let server = server("hls_ctx off; hls_use_fmp4 on; hls_keys on;");
    let _publisher = server.publish("cam").await;
    server.playlist("/live/cam.m3u8", 3).await;
    let check = async |target: &str, expect: Option<(&str, &str)>| {
        let reply = get(&*server.hls, target).await;
        let field = |name: http::HeaderName| {
            let found = reply.as_ref().and_then(|reply| reply.headers.iter().find(|(one, _)| *one == name));
            found.map(|(_, value)| value.to_str().expect("text").to_owned())
        };
        let found = field(http::header::CONTENT_TYPE).zip(field(http::header::CACHE_CONTROL));
        assert_eq!(found, expect.map(|(a, b)| (a.to_owned(), b.to_owned())), "{target}");
    };
    check("/live/cam.m3u8", Some(("application/vnd.apple.mpegurl", "no-cache"))).await;
    check("/live/cam-0.m4s", Some(("video/iso.segment", "max-age=10"))).await;
    check("/live/cam-init-0.mp4", Some(("video/mp4", "max-age=10"))).await;
    check("/live/cam-0.key", Some(("application/octet-stream", "max-age=10"))).await;
    check("/live/c%61m-0.m4s?x=1", Some(("video/iso.segment", "max-age=10"))).await;
    for unknown in
        ["/live/cam-9.m4s", "/live/nope.m3u8", "/", "/live/../live/cam.m3u8", "/live/cam.flv", "/live/cam-0.m4s/"]
    {
        check(unknown, None).await;
    }
    let mut asked = asked("/live/cam.m3u8");
    asked.method = http::Method::POST;
    assert!(server.hls.answer(&asked).await.is_none());
}

// row: protocols.md §7 Window
// row: config.md §11 hls hls_window
// row: config.md §11 hls hls_cleanup
#[tokio::test]
async fn what_leaves_the_window_is_deleted() {
    for (settings, first_file) in [("", "cam-2.ts"), ("hls_cleanup off;", "cam-0.ts")] {
        let server = server(&format!("hls_ctx off; hls_window 5; {settings}"));
        let mut publisher = publish(&server.hub, "cam").await;
        send(&mut publisher, looped(AV, 2, 8000));
        drop(publisher);
        let mut last = String::new();
        until("the last segment", async || {
            last = server.text("/live/cam.m3u8").await.unwrap_or_default();
            last.contains("cam-7.ts")
        })
        .await;
        // More than five seconds stay, as little more as can be.
        assert_eq!(uris(&last), ["cam-5.ts", "cam-6.ts", "cam-7.ts"]);
        assert!(last.contains("#EXT-X-MEDIA-SEQUENCE:5\n") && !last.contains("DISCONTINUITY"), "{last}");
        assert!(server.text("/live/cam-4.ts").await.is_none());
        server.file("live/cam.m3u8", |text| text == last).await;
        assert!(server.hls.shared.disk.drain(Duration::from_secs(5)).await);
        let names = files(&server.path("live"));
        let expect = if settings.is_empty() { "cam-5.ts" } else { first_file };
        assert_eq!(names[0], expect, "{names:?}");
        check_playlist(&last);
    }
}

// row: protocols.md §7 Dispose
// row: config.md §11 hls hls_dispose
#[tokio::test]
async fn an_idle_stream_is_disposed_of() {
    let server = server("hls_ctx off; hls_dispose 1;");
    let mut publisher = server.publish("cam").await;
    server.playlist("/live/cam.m3u8", 3).await;
    until("dispose", async || server.text("/live/cam.m3u8").await.is_none()).await;
    until("the files", async || files(&server.path("live")).is_empty()).await;
    assert_eq!(server.hls.shared.catalogue.len(), 0);
    // The publisher is there still: the numbers go on.
    send(&mut publisher, frames_at(AV, 8000));
    let playlist = server.playlist("/live/cam.m3u8", 3).await;
    assert!(playlist.contains("#EXT-X-MEDIA-SEQUENCE:3\n"), "{playlist}");
    drop(publisher);
    until("everything", async || server.hls.shared.outputs().is_empty()).await;
    // The thread that removes files may hold the last of it for a moment.
    until("the memory", async || server.hls.shared.budget.used() == 0).await;
    let _again = server.publish("cam").await;
    let playlist = server.playlist("/live/cam.m3u8", 3).await;
    assert!(playlist.contains("#EXT-X-MEDIA-SEQUENCE:0\n"), "{playlist}");
}

// row: protocols.md §7 Dispose
// row: ops.md §4 SIGINT, SIGTERM
#[tokio::test]
async fn the_end_of_the_server_removes_everything_unless_it_is_to_stay() {
    for (settings, expect) in [("", 0), ("hls_dispose 0;", 5)] {
        let server = server(settings);
        let _publisher = server.publish("cam").await;
        server.file("live/cam.m3u8", |text| text.contains("cam-2")).await;
        server.hls.shutdown().await;
        // What was open is there too.
        assert_eq!(files(&server.path("live")).len(), expect, "{settings} {:?}", files(&server.path("live")));
    }
}

// row: protocols.md §7 Republish
#[tokio::test]
async fn a_republished_stream_goes_on_with_its_playlist() {
    for settings in ["", "hls_use_fmp4 on;"] {
        let server = server(&format!("hls_ctx off; hls_window 60; {settings}"));
        drop(server.publish("cam").await);
        // At once: the publish before has not been read to its end.
        drop(server.publish("cam").await);
        let playlist = server.playlist("/live/cam.m3u8", 8).await;
        let lines: Vec<&str> = playlist.lines().collect();
        let discontinuities: Vec<&str> = lines
            .windows(8)
            .filter(|lines| lines[0] == "#EXT-X-DISCONTINUITY")
            .filter_map(|lines| lines.iter().find(|line| line.starts_with("cam-")).copied())
            .collect();
        let extension = if settings.is_empty() { "ts" } else { "m4s" };
        let expect: Vec<String> =
            if settings.is_empty() { vec!["cam-0".to_owned(), "cam-4".to_owned()] } else { vec!["cam-4".to_owned()] };
        let expect: Vec<String> = expect.iter().map(|name| format!("{name}.{extension}")).collect();
        assert_eq!(discontinuities, expect, "{playlist}");
        // The same initialisation segment serves both.
        assert_eq!(playlist.matches("EXT-X-MAP").count(), usize::from(!settings.is_empty()), "{playlist}");
        check_playlist(&playlist);
    }
}

#[tokio::test]
async fn discontinuities_are_counted_when_they_leave() {
    let server = server("hls_ctx off; hls_window 5;");
    let mut playlists: Vec<String> = Vec::new();
    for round in 0..3 {
        drop(server.publish("cam").await);
        let last = format!("cam-{}.ts", round * 4 + 3);
        until(&last, async || server.text("/live/cam.m3u8").await.unwrap_or_default().contains(&last)).await;
        playlists.push(server.text("/live/cam.m3u8").await.expect("a playlist"));
    }
    let sequence = |text: &str| MediaPlaylist::parse(text).expect("a playlist").discontinuity_sequence;
    // That of the first segment of all parts it from nothing.
    assert_eq!(playlists.iter().map(|text| sequence(text)).collect::<Vec<_>>(), [0, 1, 2], "{playlists:?}");
    check_successor(&playlists[1], &playlists[2]);
}

// row: protocols.md §7 Encryption
// row: config.md §11 hls hls_keys
// row: config.md §11 hls hls_fragments_per_key
#[tokio::test]
async fn segments_are_encrypted_with_keys_that_change() {
    for settings in ["", "hls_use_fmp4 on;"] {
        let server = server(&format!(
            "hls_ctx off; hls_keys on; hls_fragments_per_key 2; hls_key_url https://keys/; hls_window 60; {settings}"
        ));
        drop(server.publish("cam").await);
        let playlist = server.playlist("/live/cam.m3u8", 4).await;
        let parsed = MediaPlaylist::parse(&playlist).expect("a playlist");
        let keys: Vec<_> = parsed.segments.iter().map(|segment| segment.start.key.clone().expect("a key")).collect();
        let uris: Vec<&str> = keys.iter().map(|key| key.uri.as_str()).collect();
        let (first, second) = ("https://keys/live/cam-0.key", "https://keys/live/cam-2.key");
        assert_eq!(uris, [first, first, second, second], "{playlist}");
        assert!(playlist.contains("#EXT-X-KEY:METHOD=AES-128,URI=\"https://keys/live/cam-0.key\",IV=0x"), "{playlist}");
        let mut media = match parsed.segments[0].start.map.as_ref() {
            Some(map) => body(&get(&*server.hls, &format!("/live/{}", map.uri)).await.expect("it is there")),
            None => Vec::new(),
        };
        for (segment, key) in parsed.segments.iter().zip(&keys) {
            let name = key.uri.trim_start_matches("https://keys");
            let secret = body(&get(&*server.hls, name).await.expect("the key"));
            let bytes = body(&get(&*server.hls, &format!("/live/{}", segment.uri)).await.expect("it is there"));
            media.extend(decrypt(&secret, &key.iv.expect("a vector"), bytes));
        }
        assert_eq!(decoded(&media, "v"), decoded(AV, "v"), "{settings}");
        check_playlist(&playlist);
        server.file("live/cam.m3u8", |text| text.contains("cam-3")).await;
        assert_eq!(fs::read(server.path("live/cam-0.key")).expect("it is on disk").len(), 16);
    }
}

fn decrypt(key: &[u8], iv: &[u8; 16], mut bytes: Vec<u8>) -> Vec<u8> {
    use aws_lc_rs::cipher::{AES_128, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
    let key = UnboundCipherKey::new(&AES_128, key).expect("16 bytes");
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).expect("a key");
    let iv = DecryptionContext::Iv128(aws_lc_rs::iv::FixedLength::from(iv));
    key.decrypt(&mut bytes, iv).expect("it was encrypted with it").to_vec()
}

#[tokio::test]
async fn a_segment_that_cannot_be_encrypted_is_a_fault_and_a_gap() {
    let server = server("hls_ctx off; hls_keys on; hls_fragments_per_key 100; hls_window 60;");
    let mut publisher = server.publish("cam").await;
    server.playlist("/live/cam.m3u8", 3).await;
    server.hls.shared.outputs()[0].break_key();
    send(&mut publisher, frames_at(AV, 8000));
    let playlist = server.playlist("/live/cam.m3u8", 7).await;
    assert!(playlist.contains("#EXT-X-GAP\n#EXTINF:2.000, no desc\ncam-4.ts"), "{playlist}");
    assert!(!playlist.contains("#EXT-X-GAP\n#EXTINF:2.000, no desc\ncam-2.ts"), "{playlist}");
    check_playlist(&playlist);
    assert!(get(&*server.hls, "/live/cam-4.ts").await.is_none() && get(&*server.hls, "/live/cam-2.ts").await.is_some());
    assert!(publisher.stream().faults().iter().any(|fault| fault.what.contains("cam-4.ts cannot be encrypted")));
    server.file("live/cam.m3u8", |text| text == playlist).await;
    assert!(!server.path("live/cam-4.ts").exists());
}

/// RFC 8216 clause 6.2.2: players that have an older playlist still get what is in it.
#[tokio::test]
async fn segments_stay_for_a_while_after_they_leave_the_playlist() {
    for settings in ["hls_use_fmp4 on;", "hls_low_latency on;"] {
        let server = server(&format!("hls_ctx off; hls_window 6; {settings}"));
        let mut publisher = publish(&server.hub, "cam").await;
        send(&mut publisher, looped(AV, 4, 8000));
        drop(publisher);
        let is_last = async || server.text("/live/cam.m3u8").await.unwrap_or_default().contains("cam-15.");
        until("the last segment", is_last).await;
        let playlist = server.text("/live/cam.m3u8").await.expect("a playlist");
        let first = MediaPlaylist::parse(&playlist).expect("a playlist").media_sequence;
        let extension = if settings.contains("fmp4") { "m4s" } else { "ts" };
        let ask = async |number: u64| server.has(&format!("/live/cam-{number}.{extension}")).await;
        // Its own two seconds and the eight of the playlist.
        for (number, expect) in [(first, true), (first - 1, true), (first - 4, true), (first - 7, false), (0, false)] {
            assert_eq!(ask(number).await, expect, "{settings} {number}: {playlist}");
        }
        assert!(server.hls.shared.disk.drain(Duration::from_secs(5)).await);
        let names = files(&server.path("live"));
        assert!(names.contains(&format!("cam-{}.{extension}", first - 4)) && names.len() < 14, "{names:?}");
    }
}

/// An output that is removed as another publish comes is not written: that would be in no table.
#[tokio::test]
async fn an_output_that_was_removed_is_not_written() {
    let server = server("hls_ctx off;");
    drop(server.publish("cam").await);
    server.playlist("/live/cam.m3u8", 4).await;
    let shared = server.hls.shared.clone();
    let output = shared.outputs().remove(0);
    let plan = output.plan();
    // The publish that has the turn keeps its output.
    let (mine, turn) = shared.wait_for_turn(&plan).await;
    assert!(Arc::ptr_eq(&mine, &output) && !shared.remove_idle(&output) && shared.try_turn(&plan).is_none());
    drop(turn);
    assert!(shared.remove_idle(&output) && shared.outputs().is_empty());
    // One that found it before it went gets no turn, and takes another.
    assert!(!output.gives_turns());
    let (other, _turn) = shared.wait_for_turn(&plan).await;
    assert!(shared.outputs().iter().any(|one| Arc::ptr_eq(one, &other)) && !Arc::ptr_eq(&other, &output));
}

#[tokio::test]
async fn a_playlist_is_made_once_for_all_players() {
    let server = server("hls_ctx off;");
    let _publisher = server.publish("cam").await;
    server.playlist("/live/cam.m3u8", 3).await;
    let ask = async || match get(&*server.hls, "/live/cam.m3u8").await.expect("a playlist").body {
        weir_httpd::Body::Bytes(bytes) => bytes,
        other => panic!("{other:?}"),
    };
    assert_eq!(ask().await.as_ptr(), ask().await.as_ptr(), "nothing is copied");
}

/// What is copied for the kernel to send from is not copied by the thread that has players, nor for those that cannot have it.
#[tokio::test]
async fn a_segment_that_many_ask_for_is_copied_elsewhere() {
    let server = server("hls_ctx off; hls_td_ratio 100; hls_aof_ratio 100;");
    let mut publisher = publish(&server.hub, "cam").await;
    send(&mut publisher, looped(AV, 8, 8000));
    drop(publisher);
    server.playlist("/live/cam.m3u8", 1).await;
    let is_in_pages = |asked: &weir_httpd::Asked| {
        matches!(server.hls.at_once(asked).expect("it is there").body, weir_httpd::Body::Pages(..))
    };
    let plain = asked("/live/cam-0.ts");
    let (mut head, mut secret) = (plain.clone(), plain.clone());
    (head.method, secret.secure) = (http::Method::HEAD, true);
    assert!((0..20).all(|_| !is_in_pages(&head) && !is_in_pages(&secret)));
    tokio::task::yield_now().await;
    assert!((0..4).all(|_| !is_in_pages(&plain)), "the fourth begins it");
    until("the pages", async || is_in_pages(&plain)).await;
}

/// Players may want to be near to the stream; segments want all of it.
#[tokio::test]
async fn limits_of_players_take_nothing_from_segments() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().display();
    let text = format!(
        "listen 1935; http_server {{ enabled on; dir {dir}; }} vhost __defaultVhost__ {{
         play {{ queue_length 1; queue_bytes 10000; }} hls {{ enabled on; hls_path {dir}; hls_fragment 2; hls_ctx off; }} }}"
    );
    let conf = Config::from_text(&text).unwrap_or_else(|report| panic!("{report}")).config;
    let hub = Hub::new(weir_conf::Live::new(conf));
    let hls = Hls::start(hub.clone(), Handle::current());
    let server = Server { folder, hub, hls };
    drop(server.publish("cam").await);
    let playlist = server.playlist("/live/cam.m3u8", 4).await;
    assert_eq!(playlist.matches("#EXT-X-DISCONTINUITY").count(), 1, "nothing is left out: {playlist}");
}

#[tokio::test]
async fn keys_leave_with_the_last_segment_that_needs_them() {
    let server = server("hls_ctx off; hls_keys on; hls_fragments_per_key 1; hls_window 1;");
    drop(server.publish("cam").await);
    until("the end", async || server.text("/live/cam.m3u8").await.unwrap_or_default().contains("cam-3.ts")).await;
    assert!(server.hls.shared.disk.drain(Duration::from_secs(5)).await);
    let names = files(&server.path("live"));
    assert_eq!(names, ["cam-3.key", "cam-3.ts", "cam.m3u8"]);
    assert!(server.text("/live/cam-2.key").await.is_none());
}

#[tokio::test]
async fn a_stream_of_sound_alone_and_one_of_pictures_alone_have_playlists() {
    let server = server("hls_ctx off; hls_aof_ratio 1;");
    let mut sound = publish(&server.hub, "sound").await;
    send(&mut sound, frames(MP3));
    let mut pictures = publish(&server.hub, "pictures").await;
    send(&mut pictures, frames(VIDEO));
    check_playlist(&server.playlist("/live/sound.m3u8", 2).await);
    check_playlist(&server.playlist("/live/pictures.m3u8", 1).await);
    let media = body(&get(&*server.hls, "/live/sound-0.ts").await.expect("it is there"));
    assert!(packets(&media).iter().all(|packet| packet.starts_with("audio,")));
}

// row: hooks.md §3 on_hls
// row: protocols.md §7 Hooks
#[tokio::test]
async fn finished_segments_are_told_with_what_callbacks_want_to_know() {
    for settings in ["", "hls_disk off;", "hls_entry_prefix http://cdn;"] {
        let server = server(settings);
        let mut told = server.hls.segments();
        let publisher = server.publish("cam1").await;
        let finished = told.recv().await.expect("the first");
        let dir = server.folder.path().display().to_string();
        assert_eq!((finished.seq_no, finished.duration), (0, Duration::from_secs(2)));
        assert_eq!(finished.file, format!("{dir}/live/cam1-0.ts"));
        assert_eq!(finished.m3u8, format!("{dir}/live/cam1.m3u8"));
        assert_eq!(finished.m3u8_url, "live/cam1.m3u8");
        let url = if settings.contains("cdn") { "http://cdn/live/cam1-0.ts" } else { "live/cam1-0.ts" };
        assert_eq!(finished.url, url);
        assert_eq!(finished.publisher.id, publisher.client().id);
        assert_eq!(finished.stream.key.url(), "/live/cam1");
        assert_eq!(Path::new(&finished.file).exists(), !settings.contains("disk off"));
        assert_eq!(told.recv().await.expect("the second").seq_no, 1);
    }
}

#[tokio::test]
async fn without_the_disk_nothing_is_written() {
    let server = server("hls_ctx off; hls_disk off; hls_keys on; hls_use_fmp4 on;");
    drop(server.publish("cam").await);
    let playlist = server.playlist("/live/cam.m3u8", 4).await;
    check_playlist(&playlist);
    assert!(files(server.folder.path()).is_empty());
}

#[tokio::test]
async fn a_folder_apart_is_found_by_its_vhost_alone() {
    let (folder, served) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let text = format!(
        "listen 1935; http_server {{ enabled on; dir {}; }} vhost __defaultVhost__ {{ hls {{ enabled on; hls_ctx off; hls_path {}; }} }}
         vhost a.example {{ hls {{ enabled on; hls_fragment 2; hls_ctx off; hls_path {}; }} }} vhost b.example {{ }}",
        served.path().display(),
        served.path().display(),
        folder.path().display()
    );
    let conf = Config::from_text(&text).unwrap_or_else(|report| panic!("{report}")).config;
    let hub = Hub::new(weir_conf::Live::new(conf));
    let hls = Hls::start(hub.clone(), Handle::current());
    let mut publisher = publish_to(&hub, "a.example", "cam").await;
    send(&mut publisher, frames(AV));
    let ask = async |host: &str, target: &str| hls.answer(&asked_of(host, target)).await.is_some();
    until("the playlist", async || ask("a.example", "/live/cam.m3u8").await).await;
    assert!(ask("a.example:8080", "/live/cam-0.ts").await);
    assert!(ask("10.0.0.1", "/live/cam.m3u8?vhost=a.example").await);
    assert!(!ask("b.example", "/live/cam.m3u8").await && !ask("10.0.0.1", "/live/cam-0.ts").await);
}

#[tokio::test]
async fn a_folder_that_is_served_is_found_by_every_host() {
    let server = server("hls_ctx off; hls_m3u8_file [vhost]/[stream].m3u8; hls_ts_file [vhost]/[stream]-[seq].ts;");
    let mut publisher = publish_to(&server.hub, "b.example", "cam").await;
    send(&mut publisher, frames(AV));
    server.playlist("/b.example/cam.m3u8", 3).await;
    let asked = asked_of("b.example", "/b.example/cam-0.ts");
    assert!(server.hls.answer(&asked).await.is_some());
}

#[tokio::test]
async fn a_playlist_is_written_by_one_stream_at_a_time() {
    let server = server("hls_ctx off; hls_m3u8_file all.m3u8; hls_dispose 0;");
    let first = server.publish("one").await;
    server.playlist("/all.m3u8", 3).await;
    let _second = server.publish("two").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(server.text("/all.m3u8").await.expect("it is there").contains("one-0.ts"), "the second has none");
    drop(first);
    until("the end of the first", async || server.text("/all.m3u8").await.unwrap_or_default().contains("one-3.ts"))
        .await;
    until("its task", async || server.hls.shared.outputs().iter().all(|output| !output.is_written())).await;
    let _third = server.publish("three").await;
    until("the third", async || server.text("/all.m3u8").await.unwrap_or_default().contains("three-0.ts")).await;
}

#[tokio::test]
async fn hls_that_is_off_costs_nothing() {
    let server = server("");
    let mut publisher = publish_to(&server.hub, "off.example", "cam").await;
    send(&mut publisher, frames(AV));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(server.hls.shared.outputs().is_empty() && files(server.folder.path()).is_empty());
}

// row: config.md §11 hls hls_storage / hls_mount
#[tokio::test]
async fn settings_that_change_begin_a_new_segment() {
    let folder = tempfile::tempdir().expect("a folder");
    let hub = hub(folder.path(), "hls_ctx off;");
    let hls = Hls::start(hub.clone(), Handle::current());
    let server = Server { folder, hub, hls };
    let mut publisher = server.publish("cam").await;
    server.playlist("/live/cam.m3u8", 3).await;
    let change = |settings: &str| {
        let conf = conf(server.folder.path(), settings);
        let vhost = conf.vhost("").expect("the default one");
        publisher.stream().conf.store(vhost);
    };
    change("hls_ctx off; hls_fragment 4; hls_window 30; hls_ts_file [app]/new-[seq].ts;");
    until("the open one ends", async || server.text("/live/cam.m3u8").await.unwrap_or_default().contains("cam-3.ts"))
        .await;
    send(&mut publisher, frames_at(AV, 8100));
    let playlist = server.playlist("/live/cam.m3u8", 5).await;
    assert!(playlist.contains("#EXT-X-DISCONTINUITY\n#EXTINF:2.000, no desc\nnew-4.ts"), "{playlist}");
    publisher.stream().conf.store(Arc::new(weir_conf::Vhost::default()));
    until("it is off", async || server.hls.shared.outputs().iter().all(|output| !output.is_written())).await;
}

#[tokio::test]
async fn what_is_not_disposed_of_is_forgotten_and_stays_on_disk() {
    let server = server("hls_ctx off; hls_dispose 0;");
    drop(server.publish("cam").await);
    server.file("live/cam.m3u8", |text| text.contains("cam-3")).await;
    until("the end", async || server.hls.shared.outputs().iter().all(|output| !output.is_written())).await;
    server.hls.tend(Instant::now() + Duration::from_secs(60));
    assert!(server.text("/live/cam.m3u8").await.is_some());
    server.hls.tend(Instant::now() + Duration::from_secs(121));
    assert!(server.text("/live/cam.m3u8").await.is_none(), "the site that serves files has it");
    assert_eq!((server.hls.shared.catalogue.len(), server.hls.shared.budget.used()), (0, 0));
    assert!(server.hls.shared.disk.drain(Duration::from_secs(5)).await);
    assert_eq!(files(&server.path("live")).len(), 5);
}

#[tokio::test]
async fn hls_can_be_switched_on_while_a_stream_is_published() {
    let server = server("hls_ctx off;");
    let mut publisher = publish_to(&server.hub, "off.example", "cam").await;
    send(&mut publisher, frames(AV));
    let on = conf(server.folder.path(), "hls_ctx off;").vhost("b.example").expect("it is there");
    let mut on = (*on).clone();
    on.name = "off.example".to_owned();
    publisher.stream().conf.store(on);
    server.hls.follow_late();
    server.hls.follow_late();
    // From the newest key frame on.
    send(&mut publisher, frames_at(AV, 8000));
    let playlist = server.playlist("/live/cam.m3u8", 3).await;
    assert!(playlist.contains("#EXTINF:2.000, no desc\ncam-0.ts"), "{playlist}");
    assert_eq!(server.hls.followed().values().copied().collect::<Vec<_>>(), [1], "it was asked for twice");
    drop(publisher);
    until("the end", async || server.hls.followed().is_empty()).await;
}

/// A player that names the vhost by a parameter finds the segments by it too.
#[tokio::test]
async fn the_parameter_that_names_a_vhost_goes_on_with_the_segments() {
    for settings in ["hls_ctx off;", "hls_ts_ctx off;", ""] {
        let server = server(settings);
        let _publisher = server.publish("cam").await;
        let mut first = String::new();
        until("a playlist", async || {
            first = server.text("/live/cam.m3u8").await.unwrap_or_default();
            !first.is_empty()
        })
        .await;
        let ctx = first.lines().find_map(|line| line.split_once("?hls_ctx=")).map_or("", |(_, id)| id);
        let own = if ctx.is_empty() { String::new() } else { format!("&hls_ctx={ctx}") };
        let list = server.playlist(&format!("/live/cam.m3u8?vhost=__defaultVhost__{own}"), 2).await;
        assert!(uris(&list).iter().all(|uri| uri.ends_with("vhost=__defaultVhost__")), "{settings}: {list}");
        let odd = server.playlist(&format!("/live/cam.m3u8?vhost=a%22b{own}"), 2).await;
        assert!(!odd.contains("%22"), "{settings}: {odd}");
    }
}
