use super::{
    Form, HintKind, Key, Map, MediaPlaylist, OpenSegment, Part, PreloadHint, RenditionReport, Segment, SegmentStart,
    ServerControl,
};
use crate::{Error, check, with_query};
use std::sync::Arc;
use std::time::Duration;

mod oracle;

fn written(playlist: &MediaPlaylist, form: Form) -> String {
    let mut out = String::new();
    playlist.write_to(&mut out, form);
    out
}

/// Segments of so many milliseconds, named by their number from `first` on.
pub(crate) fn playlist(first: u64, target_duration: u32, millis: &[u64]) -> MediaPlaylist {
    let segment = |(index, millis): (usize, &u64)| Segment {
        duration: Duration::from_millis(*millis),
        uri: format!("cam1-{}.ts", first + index as u64),
        ..Segment::default()
    };
    let segments = millis.iter().enumerate().map(segment).collect();
    MediaPlaylist { media_sequence: first, target_duration, segments, ..MediaPlaylist::default() }
}

// row: protocols.md §7 m3u8
#[test]
fn srs_writes_the_same() {
    let mut playlist = playlist(0, 0, &[2023, 2000, 2000, 2000]);
    playlist.target_duration = playlist.srs_target_duration(Duration::from_secs(2));
    playlist.segments[0].start.discontinuity = true;
    let on_disk = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:3\n\
        #EXT-X-DISCONTINUITY\n#EXTINF:2.023, no desc\ncam1-0.ts\n#EXTINF:2.000, no desc\ncam1-1.ts\n\
        #EXTINF:2.000, no desc\ncam1-2.ts\n#EXTINF:2.000, no desc\ncam1-3.ts\n";
    let text = written(&playlist, Form::Srs);
    assert_eq!(text, on_disk);
    let in_session = on_disk.replace(".ts\n", ".ts?hls_ctx=7320p15t\n");
    assert_eq!(with_query(&text, "hls_ctx=7320p15t"), in_session);
    // Content-Length of the sample.
    assert_eq!(in_session.len(), 294);
    assert_eq!(check(&text), Ok(vec![]));
}

#[test]
fn target_durations_of_srs() {
    let check = |millis: &[u64], least: u64, expect: u32| {
        assert_eq!(playlist(0, 0, millis).srs_target_duration(Duration::from_millis(least)), expect);
    };
    check(&[2000, 2000], 2000, 2);
    check(&[2000, 2001], 2000, 3);
    check(&[2000, 1000], 3500, 4);
    check(&[], 10_000, 10);
}

#[test]
fn keys_are_written_where_they_change_and_at_the_start() {
    let mut playlist = playlist(5, 2, &[2000; 5]);
    let key = |n: u8| Some(Arc::new(Key { uri: format!("./objs/nginx/htmllive/cam1-{n}.key"), iv: Some([n; 16]) }));
    for (segment, n) in playlist.segments.iter_mut().zip([Some(5), Some(5), Some(10), Some(10), None]) {
        segment.start.key = n.and_then(key);
    }
    let lines: Vec<String> = written(&playlist, Form::Srs).lines().skip(4).map(str::to_owned).collect();
    let expect = [
        "#EXT-X-KEY:METHOD=AES-128,URI=\"./objs/nginx/htmllive/cam1-5.key\",IV=0x05050505050505050505050505050505",
        "#EXTINF:2.000, no desc",
        "cam1-5.ts",
        "#EXTINF:2.000, no desc",
        "cam1-6.ts",
        "#EXT-X-KEY:METHOD=AES-128,URI=\"./objs/nginx/htmllive/cam1-10.key\",IV=0x0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A",
        "#EXTINF:2.000, no desc",
        "cam1-7.ts",
        "#EXTINF:2.000, no desc",
        "cam1-8.ts",
        "#EXT-X-KEY:METHOD=NONE",
        "#EXTINF:2.000, no desc",
        "cam1-9.ts",
    ];
    assert_eq!(lines, expect);
}

/// Four finished segments of 4 s in parts of 1 s, and two parts of a fifth.
pub(crate) fn low_latency() -> MediaPlaylist {
    let mut playlist = playlist(266, 4, &[4000; 4]);
    let map = Some(Arc::new(Map { uri: "init.mp4".to_owned(), encrypted: false }));
    let start = |msn: u64| SegmentStart {
        map: map.clone(),
        program_date_time: Some(1_550_110_416_106_999_999 + (msn as i64 - 266) * 4_000_000_000),
        ..SegmentStart::default()
    };
    let part = |msn: u64, index: usize| Part {
        duration: Duration::from_secs(1),
        uri: format!("{msn}.{index}.m4s"),
        independent: index == 0,
        gap: false,
    };
    for (msn, segment) in (266..).zip(&mut playlist.segments) {
        segment.start = start(msn);
        segment.parts = (0..4).map(|index| part(msn, index)).collect();
        segment.uri = format!("{msn}.m4s");
    }
    playlist.open = Some(OpenSegment { start: start(270), parts: (0..2).map(|index| part(270, index)).collect() });
    playlist.independent_segments = true;
    playlist.part_target = Some(Duration::from_secs(1));
    playlist.server_control = Some(ServerControl {
        can_block_reload: true,
        can_skip_until: Some(Duration::from_secs(24)),
        hold_back: None,
        part_hold_back: Some(Duration::from_millis(3_000)),
    });
    playlist.hints = vec![PreloadHint { kind: HintKind::Part, uri: "270.2.m4s".to_owned() }];
    let uri = "../audio/live.m3u8".to_owned();
    playlist.reports = vec![RenditionReport { uri, last_msn: 270, last_part: Some(1) }];
    playlist
}

#[test]
fn low_latency_playlists() {
    let text = written(&low_latency(), Form::Exact);
    let expect = "#EXTM3U
#EXT-X-VERSION:6
#EXT-X-MEDIA-SEQUENCE:266
#EXT-X-TARGETDURATION:4
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24,PART-HOLD-BACK=3
#EXT-X-PART-INF:PART-TARGET=1
#EXT-X-MAP:URI=\"init.mp4\"
#EXT-X-PROGRAM-DATE-TIME:2019-02-14T02:13:36.106Z
#EXTINF:4.00000,
266.m4s
#EXT-X-PROGRAM-DATE-TIME:2019-02-14T02:13:40.106Z
#EXTINF:4.00000,
267.m4s
#EXT-X-PROGRAM-DATE-TIME:2019-02-14T02:13:44.106Z
#EXT-X-PART:DURATION=1,URI=\"268.0.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=1,URI=\"268.1.m4s\"
#EXT-X-PART:DURATION=1,URI=\"268.2.m4s\"
#EXT-X-PART:DURATION=1,URI=\"268.3.m4s\"
#EXTINF:4.00000,
268.m4s
#EXT-X-PROGRAM-DATE-TIME:2019-02-14T02:13:48.106Z
#EXT-X-PART:DURATION=1,URI=\"269.0.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=1,URI=\"269.1.m4s\"
#EXT-X-PART:DURATION=1,URI=\"269.2.m4s\"
#EXT-X-PART:DURATION=1,URI=\"269.3.m4s\"
#EXTINF:4.00000,
269.m4s
#EXT-X-PROGRAM-DATE-TIME:2019-02-14T02:13:52.106Z
#EXT-X-PART:DURATION=1,URI=\"270.0.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=1,URI=\"270.1.m4s\"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"270.2.m4s\"
#EXT-X-RENDITION-REPORT:URI=\"../audio/live.m3u8\",LAST-MSN=270,LAST-PART=1
";
    assert_eq!(text, expect);
    assert_eq!(check(&text), Ok(vec![]));
}

#[test]
fn delta_updates_leave_out_what_is_old() {
    let check = |count: usize, until: u64, expect: usize| {
        let mut playlist = playlist(100, 4, &vec![4000; count]);
        playlist.server_control =
            Some(ServerControl { can_skip_until: Some(Duration::from_secs(until)), ..ServerControl::default() });
        assert_eq!(playlist.skippable(), expect, "{count} segments, {until} s");
        let mut delta = String::new();
        playlist.write_delta_to(&mut delta, Form::Exact);
        let line = format!("#EXT-X-SKIP:SKIPPED-SEGMENTS={expect}\n");
        assert_eq!((delta.contains(&line), delta.contains("#EXT-X-VERSION:9")), (expect > 0, expect > 0));
        assert_eq!(delta.matches("#EXTINF").count(), count - expect);
        let full = MediaPlaylist { version: if expect > 0 { 9 } else { 3 }, ..playlist.clone() };
        assert_eq!(MediaPlaylist::parse_after(&delta, &playlist), Ok(full));
    };
    check(6, 24, 0);
    check(7, 24, 1);
    check(10, 24, 4);
    // Only segments that are old as a whole.
    check(10, 25, 3);
    check(0, 24, 0);
    let mut playlist = playlist(100, 4, &[4000; 10]);
    assert_eq!(playlist.skippable(), 0);
    playlist.server_control =
        Some(ServerControl { can_skip_until: Some(Duration::from_secs(24)), ..ServerControl::default() });
    playlist.ended = true;
    assert_eq!(playlist.skippable(), 0);
}

#[test]
fn keys_and_maps_go_on_behind_what_is_left_out() {
    let mut playlist = playlist(0, 1, &[1000; 12]);
    playlist.server_control =
        Some(ServerControl { can_skip_until: Some(Duration::from_secs(6)), ..ServerControl::default() });
    let map = |n: usize| Some(Arc::new(Map { uri: format!("init-{n}.mp4"), encrypted: n == 2 }));
    let key = |n: usize| Some(Arc::new(Key { uri: format!("{n}.key"), iv: Some([n as u8; 16]) }));
    for (n, segment) in playlist.segments.iter_mut().enumerate() {
        segment.start.map = map(n / 4);
        segment.start.key = (n >= 2).then(|| key(n / 7)).flatten();
    }
    let full = written(&playlist, Form::Exact);
    let tags: Vec<&str> = full.lines().filter(|line| line.starts_with("#EXT-X-KEY") || line.contains("MAP")).collect();
    let expect = [
        "#EXT-X-MAP:URI=\"init-0.mp4\"",
        "#EXT-X-KEY:METHOD=AES-128,URI=\"0.key\",IV=0x00000000000000000000000000000000",
        // Not encrypted, so no key may stand before it.
        "#EXT-X-KEY:METHOD=NONE",
        "#EXT-X-MAP:URI=\"init-1.mp4\"",
        "#EXT-X-KEY:METHOD=AES-128,URI=\"0.key\",IV=0x00000000000000000000000000000000",
        "#EXT-X-KEY:METHOD=AES-128,URI=\"1.key\",IV=0x01010101010101010101010101010101",
        "#EXT-X-MAP:URI=\"init-2.mp4\"",
    ];
    assert_eq!(tags, expect);
    let before = MediaPlaylist::parse(&full).expect("well-formed");
    assert_eq!(before, MediaPlaylist { version: 6, ..playlist.clone() });
    let mut delta = String::new();
    playlist.write_delta_to(&mut delta, Form::Exact);
    assert!(!delta.contains("init-1.mp4") && delta.contains("init-2.mp4"));
    assert_eq!(MediaPlaylist::parse_after(&delta, &before), Ok(MediaPlaylist { version: 9, ..playlist }));
}

#[test]
fn a_delta_update_needs_what_it_leaves_out() {
    let delta = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:10\n#EXT-X-SKIP:SKIPPED-SEGMENTS=4\n";
    let check = |before: Option<MediaPlaylist>, known: Option<&str>| {
        let got = match &before {
            Some(before) => MediaPlaylist::parse_after(delta, before),
            None => MediaPlaylist::parse(delta),
        };
        let missing = known.map(|known| Error::Skipped { first: 10, last: 13, known: known.to_owned() });
        assert_eq!(got.err(), missing);
    };
    check(None, Some("nothing"));
    check(Some(playlist(10, 4, &[4000; 4])), None);
    check(Some(playlist(8, 4, &[4000; 9])), None);
    check(Some(playlist(10, 4, &[4000; 3])), Some("12"));
    check(Some(playlist(11, 4, &[4000; 9])), Some("19"));
}

#[test]
fn the_oldest_leaves_with_its_discontinuity() {
    let mut playlist = playlist(7, 2, &[2000, 1000, 500]);
    playlist.segments[0].start.discontinuity = true;
    playlist.segments[2].start.discontinuity = true;
    assert_eq!((playlist.next_msn(), playlist.duration()), (10, Duration::from_millis(3500)));
    let sequences = |playlist: &MediaPlaylist| (playlist.media_sequence, playlist.discontinuity_sequence);
    assert_eq!(playlist.remove_oldest().map(|segment| segment.uri), Some("cam1-7.ts".to_owned()));
    assert_eq!(sequences(&playlist), (8, 1));
    assert!(written(&playlist, Form::Srs).contains("#EXT-X-DISCONTINUITY-SEQUENCE:1\n"));
    playlist.remove_oldest();
    assert_eq!(sequences(&playlist), (9, 1));
    playlist.remove_oldest();
    assert_eq!((sequences(&playlist), playlist.remove_oldest()), ((10, 2), None));
}

#[test]
fn gaps_and_ends() {
    let mut playlist = playlist(0, 2, &[2000]);
    playlist.segments[0].gap = true;
    playlist.segments[0].parts = vec![Part { gap: true, uri: "p".to_owned(), ..Part::default() }];
    playlist.hints = vec![PreloadHint { kind: HintKind::Map, uri: "next.mp4".to_owned() }];
    playlist.ended = true;
    playlist.version = 7;
    let expect = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:2\n\
        #EXT-X-PART:DURATION=0,URI=\"p\",GAP=YES\n#EXT-X-GAP\n#EXTINF:2.00000,\ncam1-0.ts\n\
        #EXT-X-PRELOAD-HINT:TYPE=MAP,URI=\"next.mp4\"\n#EXT-X-ENDLIST\n";
    assert_eq!(written(&playlist, Form::Exact), expect);
    assert_eq!(MediaPlaylist::parse(expect), Ok(playlist));
}

#[test]
fn broken_playlists_are_refused() {
    let check = |body: &str, expect: &str| {
        let text = format!("#EXTM3U\n#EXT-X-TARGETDURATION:4\n{body}");
        let error = MediaPlaylist::parse(&text).expect_err(body);
        assert_eq!(error.to_string(), expect);
    };
    check("a.ts\n", "line 3: URI without EXTINF");
    check("#EXTINF:4,\n", "line 3: EXTINF without a URI");
    check("#EXTINF:-4,\na.ts\n", "line 3: EXTINF is \"-4\"");
    check("#EXTINF:99999999999,\na.ts\n", "line 3: EXTINF is \"99999999999\"");
    check("#EXT-X-MEDIA-SEQUENCE:+1\n", "line 3: EXT-X-MEDIA-SEQUENCE is \"+1\"");
    check("#EXT-X-VERSION:256\n", "line 3: EXT-X-VERSION is \"256\"");
    check("#EXT-X-KEY:METHOD=SAMPLE-AES\n", "line 3: METHOD is \"SAMPLE-AES\"");
    check("#EXT-X-KEY:METHOD=AES-128\n", "line 3: EXT-X-KEY has no URI");
    check("#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x+1\n", "line 3: IV is \"0x+1\"");
    check("#EXT-X-KEY:URI=\"k\"\n", "line 3: EXT-X-KEY has no METHOD");
    check("#EXT-X-MAP:URI=init.mp4\n", "line 3: EXT-X-MAP has no URI");
    check(
        "#EXT-X-MAP:URI=\"init.mp4\n",
        "line 3: EXT-X-MAP: quoted string at byte 4 does not end before the next attribute",
    );
    check("#EXT-X-PART:URI=\"p\"\n", "line 3: EXT-X-PART has no DURATION");
    check("#EXT-X-PROGRAM-DATE-TIME:yesterday\n", "line 3: EXT-X-PROGRAM-DATE-TIME is \"yesterday\"");
    check("#EXT-X-PRELOAD-HINT:URI=\"p\"\n", "line 3: EXT-X-PRELOAD-HINT has no TYPE");
    check("#EXTINF:1,\na.ts\n#EXT-X-SKIP:SKIPPED-SEGMENTS=1\n", "line 5: EXT-X-SKIP behind a segment");
    check("\n# fine\n#EXT-X-UNKNOWN\u{7}\n", "line 5 has control character 0x07");
    check("#EXT-X-STREAM-INF:BANDWIDTH=1\n", "line 3: EXT-X-STREAM-INF belongs to the other kind of playlist");
    assert_eq!(MediaPlaylist::parse("#EXTM3U8\n"), Err(Error::NotAPlaylist));
    assert_eq!(MediaPlaylist::parse(""), Err(Error::NotAPlaylist));
    assert_eq!(MediaPlaylist::parse("#EXTM3U\n"), Err(Error::NoTargetDuration));
}

#[test]
fn what_is_not_known_is_passed_over() {
    let text = "#EXTM3U\r\n#EXT-X-TARGETDURATION:4\r\n\r\n# made by hand\r\n#EXT-X-ALLOW-CACHE:NO\r\n\
        #EXT-X-PRELOAD-HINT:TYPE=KEY,URI=\"k\"\r\n#EXTINF:4\r\na.ts\r\n#EXTINF:.5,a title, with commas\r\nb.ts";
    let playlist = MediaPlaylist::parse(text).expect("a playlist");
    let got: Vec<_> = playlist.segments.iter().map(|segment| (segment.uri.as_str(), segment.duration)).collect();
    assert_eq!(got, [("a.ts", Duration::from_secs(4)), ("b.ts", Duration::from_millis(500))]);
    assert!(playlist.hints.is_empty());
}
