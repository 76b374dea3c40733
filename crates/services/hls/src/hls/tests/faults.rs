use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::symlink;

use super::*;

/// A server whose folder for the stream is something else: every write fails.
async fn broken(settings: &str) -> (Server, Publisher) {
    let server = server(&format!("hls_ctx off; {settings}"));
    fs::write(server.path("live"), "a file").expect("it is written");
    let publisher = server.publish("cam").await;
    (server, publisher)
}

// row: config.md §11 hls hls_on_error
// row: protocols.md §7 on_error
#[tokio::test]
async fn a_disk_that_fails_leaves_live_players_alone() {
    let (server, publisher) = broken("hls_on_error continue;").await;
    let playlist = server.playlist("/live/cam.m3u8", 3).await;
    check_playlist(&playlist);
    assert!(server.hls.shared.disk.drain(Duration::from_secs(5)).await);
    for name in uris(&playlist) {
        assert!(!body(&get(&*server.hls, &format!("/live/{name}")).await.expect("it is in memory")).is_empty());
    }
    assert!(!publisher.client().is_kicked());
    // The disk comes back.
    fs::remove_file(server.path("live")).expect("it goes");
    let mut publisher = publisher;
    send(&mut publisher, frames_at(AV, 8000));
    let text = server.file("live/cam.m3u8", |text| text.contains("cam-6.ts")).await;
    assert!(text.contains("#EXT-X-GAP\n#EXTINF:2.000, no desc\ncam-2.ts"), "what is not on disk is marked: {text}");
    assert!(!server.text("/live/cam.m3u8").await.expect("a playlist").contains("GAP"));
    assert_eq!(files(&server.path("live")), ["cam-3.ts", "cam-4.ts", "cam-5.ts", "cam-6.ts", "cam.m3u8"]);
}

// row: protocols.md §7 on_error
#[tokio::test]
async fn hls_on_error_may_end_hls_or_the_publisher() {
    let (server, publisher) = broken("hls_on_error disconnect;").await;
    until("kick", async || publisher.client().is_kicked()).await;
    drop(server);
    let (server, mut publisher) = broken("hls_on_error ignore;").await;
    until("the fault", async || server.hls.shared.outputs().iter().any(|output| output.is_stopped())).await;
    send(&mut publisher, frames_at(AV, 8000));
    until("the end of HLS", async || server.text("/live/cam.m3u8").await.is_none()).await;
    assert!(!publisher.client().is_kicked() && publisher.stream().is_live());
    // The next publish tries again.
    drop(publisher);
    fs::remove_file(server.path("live")).expect("it goes");
    let _publisher = server.publish("cam").await;
    server.file("live/cam.m3u8", |text| text.contains(".ts")).await;
}

#[tokio::test]
async fn a_read_only_folder_is_a_disk_that_fails() {
    if nix_is_root() {
        // Permissions do not bind root; a folder that is a dangling link does.
        let server = server("hls_ctx off;");
        symlink("/proc/nowhere", server.path("live")).expect("a link");
        let publisher = server.publish("cam").await;
        server.playlist("/live/cam.m3u8", 3).await;
        return until("the fault", async || has_fault(&publisher, "cannot be written")).await;
    }
    let server = server("hls_ctx off;");
    fs::set_permissions(server.folder.path(), fs::Permissions::from_mode(0o500)).expect("it is ours");
    let publisher = server.publish("cam").await;
    server.playlist("/live/cam.m3u8", 3).await;
    until("the fault", async || has_fault(&publisher, "cannot be written")).await;
    fs::set_permissions(server.folder.path(), fs::Permissions::from_mode(0o700)).expect("it is ours");
}

/// True once the stream has been told of a fault with these words.
fn has_fault(publisher: &Publisher, words: &str) -> bool {
    publisher.stream().faults().iter().any(|fault| fault.what.contains(words))
}

fn nix_is_root() -> bool {
    fs::read_to_string("/proc/self/status").is_ok_and(|status| status.contains("Uid:\t0\t"))
}

/// A disk that hangs: what is written is a pipe that nobody reads.
#[tokio::test]
async fn a_disk_that_hangs_delays_nobody() {
    let server = server("hls_ctx off; hls_window 200;");
    fs::create_dir(server.path("live")).expect("a folder");
    let pipe = server.path("live/cam-0.ts.tmp");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let mut publisher = publish(&server.hub, "cam").await;
    send(&mut publisher, looped(AV, 10, 8000));
    let playlist = server.playlist("/live/cam.m3u8", 39).await;
    check_playlist(&playlist);
    // Another stream is written meanwhile.
    let _other = server.publish("other").await;
    server.file("live/other.m3u8", |text| text.contains("other-2.ts")).await;
    assert!(!publisher.client().is_kicked() && !server.path("live/cam.m3u8").exists());
    // Somebody reads the pipe: the disk goes on, but for what it was too slow for.
    let mut reader = fs::File::open(&pipe).expect("it opens");
    let reading = std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    let text = server.file("live/cam.m3u8", |text| text.contains("cam-38.ts")).await;
    assert!(text.contains("#EXT-X-GAP"), "{text}");
    let _ = reading.join();
}

/// What has left the playlist is not kept for a disk that does not take it.
#[tokio::test]
async fn a_disk_that_hangs_keeps_no_memory() {
    let server = server("hls_ctx off; hls_window 5; hls_keys on; hls_fragments_per_key 1;");
    fs::create_dir(server.path("live")).expect("a folder");
    let pipe = server.path("live/cam-0.ts.tmp");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let mut publisher = publish(&server.hub, "cam").await;
    let mut media = looped(AV, 40, 8000);
    let rest = media.split_off(frames(AV).len());
    send(&mut publisher, media);
    // The key is written before its segment, whose file takes nothing.
    until("the disk hangs", async || server.path("live/cam-0.key").exists()).await;
    send(&mut publisher, rest);
    let is_there = async |name: &str| server.text("/live/cam.m3u8").await.unwrap_or_default().contains(name);
    until("the last segment", async || is_there("cam-158.ts").await).await;
    let used = server.hls.shared.budget.used();
    assert!(used < 4 * AV.len(), "three segments of 160 are listed: {used}");
    assert!(has_fault(&publisher, "left the playlist before they were written"));
    // The disk goes on: what nobody wants any more does not stay.
    let mut reader = fs::File::open(&pipe).expect("it opens");
    let reading = std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    drop(publisher);
    server.file("live/cam.m3u8", |text| text.contains("cam-159.ts")).await;
    assert!(server.hls.shared.disk.drain(Duration::from_secs(5)).await);
    let mut expect: Vec<String> = (157..160).flat_map(|n| [format!("cam-{n}.key"), format!("cam-{n}.ts")]).collect();
    expect.push("cam.m3u8".to_owned());
    assert_eq!(files(&server.path("live")), expect);
    let _ = reading.join();
}

#[tokio::test]
async fn names_that_leave_the_folder_have_no_hls() {
    for settings in ["hls_ts_file ../[stream]-[seq].ts;", "hls_m3u8_file [app]/../../[stream].m3u8;"] {
        let server = server(&format!("hls_ctx off; {settings}"));
        let publisher = server.publish("cam").await;
        until("the fault", async || has_fault(&publisher, "leads out of the folder")).await;
        assert!(server.hls.shared.outputs().is_empty() && files(server.folder.path()).is_empty(), "{settings}");
        assert!(publisher.stream().is_live());
    }
}

#[tokio::test]
async fn memory_is_let_go_for_what_is_on_disk() {
    let budget = Budget::of(40_000, 1 << 30);
    let server = server_with("hls_ctx off; hls_window 100;", budget.clone());
    let mut publisher = publish(&server.hub, "cam").await;
    send(&mut publisher, looped(AV, 6, 8000));
    drop(publisher);
    let playlist = server.playlist("/live/cam.m3u8", 24).await;
    assert!(server.hls.shared.disk.drain(Duration::from_secs(5)).await);
    until("relief", async || budget.used() <= 60_000).await;
    let mut from_disk = 0;
    let mut media = Vec::new();
    for name in uris(&playlist) {
        let reply = get(&*server.hls, &format!("/live/{name}")).await.expect("it is there");
        from_disk += usize::from(matches!(reply.body, weir_httpd::Body::File { .. }));
        media.extend(body(&reply));
    }
    assert!(from_disk > 10, "{from_disk}");
    assert_eq!(decoded(&media, "v").len(), 6 * 200);
}

#[tokio::test]
async fn a_full_memory_shortens_playlists_that_are_nowhere_else() {
    let server = server_with("hls_ctx off; hls_window 100; hls_disk off;", Budget::of(10_000, 100_000));
    let mut publisher = publish(&server.hub, "cam").await;
    send(&mut publisher, looped(AV, 6, 8000));
    drop(publisher);
    until("the end", async || server.text("/live/cam.m3u8").await.unwrap_or_default().contains("cam-23.ts")).await;
    let playlist = server.text("/live/cam.m3u8").await.expect("a playlist");
    let count = uris(&playlist).len();
    assert!((3..12).contains(&count), "{playlist}");
    assert!(server.hls.shared.budget.used() <= 120_000);
    check_playlist(&playlist);
}

#[tokio::test]
async fn bad_input_leaves_a_good_playlist() {
    // Timestamps that jump forward, back, and sound that is an hour ahead.
    let server = server("hls_ctx off; hls_window 100;");
    let mut publisher = publish(&server.hub, "cam").await;
    for start in [0, 1_000_000, 5_000, 4_294_000_000, 0] {
        send(&mut publisher, frames_at(AV, start));
    }
    let mut ahead = frames_at(AV, 8000);
    for frame in ahead.iter_mut().filter(|frame| frame.kind == weir_flv::tag::TagKind::Audio) {
        frame.dts += weir_base::MediaTime::from_millis(3_600_000);
    }
    send(&mut publisher, ahead);
    drop(publisher);
    let playlist = server.playlist("/live/cam.m3u8", 20).await;
    check_playlist(&playlist);
    let longest = playlist.lines().filter_map(|line| line.strip_prefix("#EXTINF:")?.split(',').next()?.parse().ok());
    assert!(longest.fold(0.0, f64::max) < 7.0, "{playlist}");
}

/// What is told of the end of a publish waits for its last segment.
#[tokio::test]
async fn a_publish_is_unfinished_until_its_last_segment_was_told() {
    let server = server("hls_ctx off;");
    let mut segments = server.hls.segments();
    let publisher = server.publish("cam").await;
    let client = publisher.client().clone();
    drop(publisher);
    let mut last = None;
    while last.as_ref().is_none_or(|last: &Arc<Finished>| last.seq_no < 3) {
        assert!(!client.is_finished());
        last = Some(segments.recv().await.expect("the last one is to come"));
    }
    assert!(!client.is_finished(), "somebody has it");
    drop(last);
    client.finished().await;
    assert!(segments.is_empty());
}
