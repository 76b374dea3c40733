use http::StatusCode;
use weir_hub::Frame;

use super::*;
use crate::output::MAX_WAITING;

const LOW: &str = "hls_low_latency on; hls_part 0.25; hls_window 20;";

/// A stream of parts, and the frames that come next.
async fn low_latency(settings: &str) -> (Server, Publisher, std::vec::IntoIter<Frame>) {
    let server = server(&format!("hls_ctx off; {LOW} {settings}"));
    let mut publisher = publish(&server.hub, "cam").await;
    let mut frames = looped(AV, 4, 8000);
    let rest = frames.split_off(200);
    send(&mut publisher, frames);
    server.playlist("/live/cam.m3u8", 1).await;
    (server, publisher, rest.into_iter())
}

fn feed(publisher: &mut Publisher, rest: &mut std::vec::IntoIter<Frame>, millis: i64) {
    let until = rest.as_slice().first().map_or(0, |frame| frame.dts.millis()) + millis;
    while rest.as_slice().first().is_some_and(|frame| frame.dts.millis() < until) {
        publisher.send(rest.next().expect("it was there"), Instant::now());
    }
}

/// Waits until one request waits.
async fn wait_for_one(server: &Server) {
    let places = &server.hls.shared.waiting;
    until("a request waits", async || places.available_permits() + 1 == MAX_WAITING).await;
}

#[tokio::test]
async fn parts_hints_and_control_are_those_of_the_specification() {
    for settings in ["", "hls_use_fmp4 on;"] {
        let (server, mut publisher, mut rest) = low_latency(settings).await;
        let mut before = server.text("/live/cam.m3u8").await.expect("a playlist");
        check_playlist(&before);
        for _ in 0..24 {
            feed(&mut publisher, &mut rest, 500);
            until("news", async || server.text("/live/cam.m3u8").await.expect("a playlist") != before).await;
            let playlist = server.text("/live/cam.m3u8").await.expect("a playlist");
            check_playlist(&playlist);
            let findings = check_update(&before, &playlist).expect("two playlists");
            assert!(findings.is_empty(), "{findings:?}\n{before}\n{playlist}");
            before = playlist;
        }
        let parsed = MediaPlaylist::parse(&before).expect("a playlist");
        assert_eq!(parsed.part_target, Some(Duration::from_millis(240)), "{before}");
        let control = parsed.server_control.expect("it is there");
        assert!(control.can_block_reload);
        assert_eq!(control.part_hold_back, Some(Duration::from_millis(720)));
        assert_eq!(control.can_skip_until, Some(Duration::from_secs(12)));
        assert_eq!((parsed.target_duration, parsed.version), (2, 9));
        assert!(parsed.segments.iter().all(|segment| segment.start.program_date_time.is_some()));
        let dates: Vec<i64> = parsed.segments.iter().filter_map(|segment| segment.start.program_date_time).collect();
        assert!(dates.windows(2).all(|pair| (pair[1] - pair[0] - 2_000_000_000).abs() < 2_000_000), "{before}");
        // Every part of a segment, one after the other, is the segment.
        let newest = parsed.segments.back().expect("a segment");
        let mut joined = Vec::new();
        for part in &newest.parts {
            joined.extend(body(&get(&*server.hls, &format!("/live/{}", part.uri)).await.expect("a part")));
        }
        assert!(newest.parts.len() > 6);
        assert!(joined == body(&get(&*server.hls, &format!("/live/{}", newest.uri)).await.expect("a segment")));
        let on_disk = server.file("live/cam.m3u8", |text| text.contains(&newest.uri)).await;
        assert!(!on_disk.contains("PART") && !on_disk.contains("CONTROL"), "what only weir can do: {on_disk}");
    }
}

/// What was promised of parts stays, whatever the publisher sends.
#[tokio::test]
async fn a_part_that_lasts_too_long_breaks_no_promise() {
    let (server, mut publisher, rest) = low_latency("hls_use_fmp4 on;").await;
    let mut before = server.text("/live/cam.m3u8").await.expect("a playlist");
    let target = MediaPlaylist::parse(&before).expect("a playlist").part_target;
    // 400 ms are lost on the way in each second.
    let mut rest: Vec<Frame> = rest.collect();
    rest.retain(|frame| !(500..900).contains(&(frame.dts.millis() % 1000)) || frame.flags.has(weir_hub::Flags::CONFIG));
    let mut rest = rest.into_iter();
    for _ in 0..16 {
        feed(&mut publisher, &mut rest, 1000);
        until("news", async || server.text("/live/cam.m3u8").await.expect("a playlist") != before).await;
        let playlist = server.text("/live/cam.m3u8").await.expect("a playlist");
        let findings = check_update(&before, &playlist).expect("two playlists");
        assert!(findings.iter().all(|one| one.rule != "constant-target"), "{findings:?}\n{before}\n{playlist}");
        let parsed = MediaPlaylist::parse(&playlist).expect("a playlist");
        assert_eq!(parsed.part_target, target);
        let findings = check(&playlist).expect("a playlist");
        let is_of_length = |rule: &str| matches!(rule, "part-target" | "part-sum");
        assert!(findings.iter().all(|one| !is_of_length(one.rule)), "{findings:?}\n{playlist}");
        before = playlist;
    }
    assert!(before.contains("cam-1"), "{before}");
}

/// An encoder that goes on with a picture a second.
#[tokio::test]
async fn frames_that_stay_longer_than_parts_begin_the_playlist_anew() {
    let (server, mut publisher, rest) = low_latency("").await;
    let is_slow = |frame: &Frame| frame.kind == weir_flv::tag::TagKind::Video && frame.dts.millis() % 1000 == 0;
    let (fast, slow): (Vec<Frame>, Vec<Frame>) = rest.partition(|frame| frame.dts.millis() >= 18_000);
    let mut slow: Vec<Frame> =
        slow.into_iter().filter(|frame| is_slow(frame) || frame.flags.has(weir_hub::Flags::CONFIG)).collect();
    slow.sort_by_key(|frame| frame.dts);
    let mut slow = slow.into_iter();
    feed(&mut publisher, &mut slow, 20_000);
    let mut text = String::new();
    until("a new promise", async || {
        text = server.text("/live/cam.m3u8").await.unwrap_or_default();
        text.contains("PART-TARGET=1")
    })
    .await;
    let parsed = MediaPlaylist::parse(&text).expect("a playlist");
    assert!(parsed.media_sequence > 0);
    check_playlist(&text);
    // What is promised now holds for frames that are short again.
    send(&mut publisher, fast);
    until("the end", async || {
        text = server.text("/live/cam.m3u8").await.unwrap_or_default();
        MediaPlaylist::parse(&text).is_ok_and(|list| list.next_msn() >= parsed.next_msn() + 3)
    })
    .await;
    assert!(text.contains("PART-TARGET=1"), "{text}");
    check_playlist(&text);
}

/// A segment that cannot be named takes its parts and what was hinted of it along.
#[tokio::test]
async fn a_segment_that_is_refused_leaves_nothing() {
    // Too long with a duration of five digits.
    let name = format!("[stream]-[seq]-{}[duration].ts", "x".repeat(250 - "cam-0-1000.ts".len()));
    let server = server(&format!("hls_ctx off; {LOW} hls_td_ratio 6; hls_aof_ratio 9; hls_ts_file {name};"));
    let mut publisher = publish(&server.hub, "cam").await;
    let mut frames = looped(AV, 3, 8000);
    let rest = frames.split_off(frames.partition_point(|frame| frame.dts.millis() < 11_000));
    send(&mut publisher, frames);
    let output = async || server.hls.shared.outputs().into_iter().next();
    until("parts", async || output().await.is_some_and(|one| one.progress().borrow().parts > 40)).await;
    let hint = server.hls.shared.catalogue.hints().remove(0);
    let waiting = tokio::spawn({
        let hls = server.hls.clone();
        async move { get(&*hls, &hint).await.is_none() }
    });
    tokio::task::yield_now().await;
    let mut rest = rest.into_iter();
    feed(&mut publisher, &mut rest, 1500);
    let fault = |publisher: &Publisher| publisher.stream().faults().iter().any(|one| one.what.contains("left out"));
    until("the fault", async || fault(&publisher)).await;
    assert!(waiting.await.expect("it ends"), "it waits for nothing");
    drop(publisher);
    let parts = |text: &str| text.matches("#EXT-X-PART:").count();
    let playlist = server.playlist("/live/cam.m3u8", 1).await;
    assert_eq!(server.hls.shared.catalogue.len(), 2 + parts(&playlist), "{playlist}");
}

#[tokio::test]
async fn a_request_waits_for_the_part_that_it_names() {
    let (server, mut publisher, mut rest) = low_latency("hls_use_fmp4 on;").await;
    let now = server.hls.shared.outputs()[0].progress().borrow().clone();
    let target = format!("/live/cam.m3u8?_HLS_msn={}&_HLS_part={}", now.msn, now.parts + 1);
    let waiting = tokio::spawn({
        let hls = server.hls.clone();
        async move { text(&*hls, &target).await.expect("a playlist") }
    });
    wait_for_one(&server).await;
    feed(&mut publisher, &mut rest, 560);
    let playlist = waiting.await.expect("it ends");
    let parsed = MediaPlaylist::parse(&playlist).expect("a playlist");
    let parts = parsed.open.as_ref().map_or(0, |open| open.parts.len());
    assert!((parsed.next_msn(), parts as u64) >= (now.msn, now.parts + 2), "{playlist}");
    // What is there is sent at once, also what has left.
    for old in ["_HLS_msn=0", "_HLS_msn=0&_HLS_part=0", "_HLS_msn=0&_HLS_part=99", "_HLS_part_x=1", "_HLS_skip=NO"] {
        assert!(
            server.text(&format!("/live/cam.m3u8?{old}")).await.is_some_and(|text| text.contains("PART-INF")),
            "{old}"
        );
    }
}

#[tokio::test]
async fn a_whole_segment_can_be_waited_for() {
    let (server, mut publisher, mut rest) = low_latency("").await;
    let now = server.hls.shared.outputs()[0].progress().borrow().clone();
    let msn = now.msn;
    let waiting = tokio::spawn({
        let hls = server.hls.clone();
        async move { text(&*hls, &format!("/live/cam.m3u8?_HLS_msn={msn}")).await.expect("a playlist") }
    });
    wait_for_one(&server).await;
    feed(&mut publisher, &mut rest, 500);
    let has_part = async || server.hls.shared.outputs()[0].progress().borrow().has(msn, Some(now.parts));
    until("a part", has_part).await;
    // A part is not enough.
    wait_for_one(&server).await;
    assert!(!waiting.is_finished());
    feed(&mut publisher, &mut rest, 2000);
    let playlist = waiting.await.expect("it ends");
    assert!(MediaPlaylist::parse(&playlist).expect("a playlist").next_msn() > msn);
}

#[tokio::test(start_paused = true)]
async fn requests_that_make_no_sense_are_refused() {
    let (server, _publisher, _) = low_latency("").await;
    let now = server.hls.shared.outputs()[0].progress().borrow().clone();
    let check = async |query: &str, expect: StatusCode| {
        let reply = get(&*server.hls, &format!("/live/cam.m3u8?{query}")).await.expect("a reply");
        assert_eq!(reply.status, expect, "{query}");
    };
    check("_HLS_part=1", StatusCode::BAD_REQUEST).await;
    check("_HLS_msn=x", StatusCode::BAD_REQUEST).await;
    check("_HLS_msn=-1", StatusCode::BAD_REQUEST).await;
    check("_HLS_msn=18446744073709551615", StatusCode::BAD_REQUEST).await;
    check(&format!("_HLS_msn={}", now.msn + 2), StatusCode::BAD_REQUEST).await;
    check(&format!("_HLS_msn={}&_HLS_part={}", now.msn, now.parts + 60), StatusCode::BAD_REQUEST).await;
    // Nothing comes: after three target durations.
    let began = tokio::time::Instant::now();
    check(&format!("_HLS_msn={}", now.msn), StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(began.elapsed().as_secs(), 6);
    check(&format!("_HLS_msn={}", now.msn + 1), StatusCode::SERVICE_UNAVAILABLE).await;
}

#[tokio::test]
async fn there_are_so_many_places_to_wait_and_no_more() {
    let (server, _publisher, _) = low_latency("").await;
    let places = &server.hls.shared.waiting;
    let msn = server.hls.shared.outputs()[0].progress().borrow().msn;
    let target = format!("/live/cam.m3u8?_HLS_msn={msn}");
    let hint = {
        let playlist = MediaPlaylist::parse(&server.text("/live/cam.m3u8").await.expect("a playlist"));
        format!("/live/{}", playlist.expect("a playlist").hints[0].uri)
    };
    let status = async |target: &str| get(&*server.hls, target).await.expect("a reply").status;
    let taken = places.try_acquire_many(MAX_WAITING as u32).expect("nobody waits");
    assert_eq!(status(&target).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(status(&hint).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(status("/live/cam.m3u8?_HLS_msn=0").await, StatusCode::OK, "it does not wait");
    drop(taken);
    // A request that ends before it is answered gives its place back.
    let waiting = [target, hint].map(|target| {
        let hls = server.hls.clone();
        tokio::spawn(async move { get(&*hls, &target).await.is_some() })
    });
    until("both wait", async || places.available_permits() + 2 == MAX_WAITING).await;
    for one in waiting {
        one.abort();
    }
    until("nobody waits", async || places.available_permits() == MAX_WAITING).await;
}

#[tokio::test]
async fn a_hinted_part_is_waited_for() {
    let (server, mut publisher, mut rest) = low_latency("hls_use_fmp4 on;").await;
    let playlist = server.text("/live/cam.m3u8").await.expect("a playlist");
    let parsed = MediaPlaylist::parse(&playlist).expect("a playlist");
    let hint = parsed.hints.first().expect("a hint").uri.clone();
    let waiting = tokio::spawn({
        let (hls, target) = (server.hls.clone(), format!("/live/{hint}"));
        async move { get(&*hls, &target).await.map(|reply| body(&reply)) }
    });
    wait_for_one(&server).await;
    feed(&mut publisher, &mut rest, 600);
    let part = waiting.await.expect("it ends").expect("the part");
    assert_eq!(part, body(&get(&*server.hls, &format!("/live/{hint}")).await.expect("it is there")));
    // A part that does not come, since the stream ends.
    let parsed = MediaPlaylist::parse(&server.text("/live/cam.m3u8").await.expect("a playlist")).expect("a playlist");
    let hint = parsed.hints.first().expect("a hint").uri.clone();
    let waiting = tokio::spawn({
        let (hls, target) = (server.hls.clone(), format!("/live/{hint}"));
        async move { get(&*hls, &target).await.is_some() }
    });
    drop(publisher);
    waiting.await.expect("it ends");
}

#[tokio::test]
async fn a_delta_update_leaves_out_what_the_player_has() {
    let (server, mut publisher, mut rest) = low_latency("hls_use_fmp4 on;").await;
    let full = async || server.text("/live/cam.m3u8").await.expect("a playlist");
    feed(&mut publisher, &mut rest, 20_000);
    until("a long playlist", async || uris(&full().await).len() >= 10).await;
    let before = full().await;
    let delta = server.text("/live/cam.m3u8?_HLS_skip=YES").await.expect("a playlist");
    assert!(delta.contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=") && delta.len() < before.len(), "{delta}");
    let parsed = MediaPlaylist::parse(&before).expect("a playlist");
    let merged = MediaPlaylist::parse_after(&delta, &parsed).expect("nothing is missing");
    assert_eq!(merged.segments, parsed.segments);
    feed(&mut publisher, &mut rest, 2500);
    until("news", async || full().await != before).await;
    let delta = server.text("/live/cam.m3u8?_HLS_skip=YES").await.expect("a playlist");
    check_successor(&before, &delta);
}

#[tokio::test]
async fn directives_are_ignored_where_they_were_not_offered() {
    let server = server("hls_ctx off; hls_low_latency on; hls_keys on;");
    let _publisher = server.publish("cam").await;
    let playlist = server.playlist("/live/cam.m3u8?_HLS_msn=999&_HLS_skip=YES", 3).await;
    assert!(!playlist.contains("PART"), "parts of encrypted segments are not offered: {playlist}");
    check_playlist(&playlist);
}

#[tokio::test]
async fn renditions_report_how_far_the_others_are() {
    let server = server(&format!("{LOW} hls_group show {{ streams one two; }}"));
    let (_one, _two) = (server.publish("one").await, server.publish("two").await);
    until("both", async || server.text("/live/show.m3u8").await.is_some_and(|text| uris(&text).len() == 2)).await;
    let master = server.text("/live/show.m3u8?hls_ctx=abcdefgh").await.expect("a master playlist");
    let playlist = server.text(&format!("/live/{}", uris(&master)[0])).await.expect("a playlist");
    let other = server
        .hls
        .shared
        .outputs()
        .into_iter()
        .find(|output| &*output.source.stream.name == "two")
        .expect("it is there");
    let progress = other.progress().borrow().clone();
    let report = format!(
        "#EXT-X-RENDITION-REPORT:URI=\"two.m3u8?hls_ctx=abcdefgh\",LAST-MSN={},LAST-PART={}\n",
        progress.msn,
        progress.parts - 1
    );
    assert!(playlist.contains(&report), "{report}{playlist}");
    check_playlist(&playlist);
}
