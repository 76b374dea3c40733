//! What is written, read by m3u8-rs; and values of all kinds, written and read back.

use super::{low_latency, written};
use crate::{
    Form, Key, Map, MediaPlaylist, OpenSegment, Part, PreloadHint, RenditionReport, Segment, SegmentStart,
    ServerControl,
};
use crate::{HintKind, check};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

fn start() -> impl Strategy<Value = SegmentStart> {
    let map = option::of((0..3u8, any::<bool>()));
    let key = option::of((0..3u8, any::<bool>()));
    (any::<bool>(), map, key, option::of(-1_000_000_000_000..4_000_000_000_000_i64)).prop_map(
        |(discontinuity, map, key, millis)| SegmentStart {
            discontinuity,
            // An initialization section cannot be encrypted without a key.
            map: map.map(|(n, encrypted)| {
                Arc::new(Map { uri: format!("init-{n}.mp4"), encrypted: encrypted && key.is_some() })
            }),
            key: key.map(|(n, iv)| Arc::new(Key { uri: format!("{n}.key"), iv: iv.then_some([n; 16]) })),
            program_date_time: millis.map(|millis| millis * 1_000_000),
        },
    )
}

/// To 10 µs, as durations are written.
fn duration() -> impl Strategy<Value = Duration> {
    (0..1_000_000_u64).prop_map(|ticks| Duration::from_micros(ticks * 10))
}

fn part() -> impl Strategy<Value = Part> {
    (duration(), "[a-z0-9?&=/.]{1,8}", any::<bool>(), any::<bool>())
        .prop_map(|(duration, uri, independent, gap)| Part { duration, uri, independent, gap })
}

fn segment() -> impl Strategy<Value = Segment> {
    (start(), vec(part(), 0..4), duration(), "[a-z0-9?&=/.]{1,8}", any::<bool>())
        .prop_map(|(start, parts, duration, uri, gap)| Segment { start, parts, duration, uri, gap })
}

fn playlist() -> impl Strategy<Value = MediaPlaylist> {
    let numbers = (0..12u8, 1..10u32, any::<u32>(), any::<u32>());
    let control = option::of((any::<bool>(), option::of(duration()), option::of(duration()), option::of(duration())));
    let open = option::of((start(), vec(part(), 1..4)));
    let hints = vec((any::<bool>(), "[a-z]{1,8}"), 0..3);
    let reports = vec(("[a-z/]{1,8}", any::<u64>(), option::of(any::<u64>())), 0..3);
    let lists = (vec(segment(), 0..12), open, hints, reports);
    (numbers, any::<(bool, bool)>(), control, option::of(duration()), lists).prop_map(
        |((version, target_duration, msn, dsn), (independent_segments, ended), control, part_target, lists)| {
            let (segments, open, hints, reports) = lists;
            let control = control.map(|(can_block_reload, can_skip_until, hold_back, part_hold_back)| ServerControl {
                can_block_reload,
                can_skip_until,
                hold_back,
                part_hold_back,
            });
            let kind = |part| if part { HintKind::Part } else { HintKind::Map };
            MediaPlaylist {
                version,
                target_duration,
                media_sequence: msn.into(),
                discontinuity_sequence: dsn.into(),
                independent_segments,
                server_control: control.filter(|control| *control != ServerControl::default()),
                part_target,
                segments: segments.into(),
                open: open.map(|(start, parts)| OpenSegment { start, parts }),
                hints: hints.into_iter().map(|(part, uri)| PreloadHint { kind: kind(part), uri }).collect(),
                reports: reports
                    .into_iter()
                    .map(|(uri, last_msn, last_part)| RenditionReport { uri, last_msn, last_part })
                    .collect(),
                ended,
            }
        },
    )
}

/// What is left of a playlist when it is written: a version that is high enough, no old parts, maps that stand behind the
/// key that was there when they changed.
fn as_written(playlist: &MediaPlaylist) -> MediaPlaylist {
    let mut expect = playlist.clone();
    let first = playlist.first_with_parts();
    for segment in expect.segments.iter_mut().take(first) {
        segment.parts.clear();
    }
    // A map or a key that a segment lacks is that of the segment before it, for a reader: only the first can have none.
    let mut map = None;
    let open = expect.open.iter_mut().map(|open| &mut open.start);
    for start in expect.segments.iter_mut().map(|segment| &mut segment.start).chain(open) {
        map = start.map.take().or(map);
        start.map.clone_from(&map);
    }
    let mut text = String::new();
    expect.write_to(&mut text, Form::Exact);
    expect.version = MediaPlaylist::parse(&text).expect("well-formed").version;
    expect
}

proptest! {
    #[test]
    fn written_and_read_back(playlist in playlist()) {
        let text = written(&playlist, Form::Exact);
        let read = MediaPlaylist::parse(&text).expect("what was written parses");
        prop_assert_eq!(&read, &as_written(&playlist));
        prop_assert!(check(&text).is_ok());
        let mut delta = String::new();
        playlist.write_delta_to(&mut delta, Form::Exact);
        let merged = MediaPlaylist::parse_after(&delta, &read).expect("nothing is missing");
        prop_assert_eq!(MediaPlaylist { version: read.version, ..merged }, read);
    }

    #[test]
    fn no_uri_breaks_the_syntax(uri in ".+|\\PC+") {
        let mut playlist = low_latency();
        playlist.segments[0].uri.clone_from(&uri);
        playlist.segments[3].parts[0].uri.clone_from(&uri);
        playlist.reports[0].uri.clone_from(&uri);
        playlist.hints[0].uri.clone_from(&uri);
        playlist.segments[0].start.map = Some(Arc::new(Map { uri: uri.clone(), encrypted: false }));
        playlist.segments[0].start.key = Some(Arc::new(Key { uri, iv: None }));
        let text = written(&playlist, Form::Srs);
        let read = MediaPlaylist::parse(&text).expect("what was written parses");
        prop_assert_eq!(read.segments.len(), 4);
        prop_assert_eq!(&read.segments[0].uri, &read.hints[0].uri);
        prop_assert_eq!(written(&read, Form::Srs), text);
    }

    #[test]
    fn an_independent_parser_reads_the_same(playlist in playlist(), srs: bool) {
        let text = written(&playlist, if srs { Form::Srs } else { Form::Exact });
        let theirs = m3u8_rs::parse_media_playlist_res(text.as_bytes()).expect("m3u8-rs reads what was written");
        let expect = as_written(&playlist);
        prop_assert_eq!(theirs.version, Some(usize::from(expect.version)));
        prop_assert_eq!(theirs.media_sequence, playlist.media_sequence);
        prop_assert_eq!(theirs.discontinuity_sequence, playlist.discontinuity_sequence);
        prop_assert_eq!(theirs.target_duration, u64::from(playlist.target_duration));
        prop_assert_eq!(theirs.end_list, playlist.ended);
        prop_assert_eq!(theirs.independent_segments, playlist.independent_segments);
        prop_assert_eq!(theirs.segments.len(), playlist.segments.len());
        for (theirs, ours) in theirs.segments.iter().zip(&expect.segments) {
            prop_assert_eq!(&theirs.uri, &ours.uri);
            prop_assert!((theirs.duration - ours.duration.as_secs_f32()).abs() < 0.001);
            prop_assert_eq!(theirs.discontinuity, ours.start.discontinuity);
            let time = theirs.program_date_time.map(|time| time.timestamp_millis() * 1_000_000);
            prop_assert_eq!(time, ours.start.program_date_time);
            // A key stands where it changes; theirs has it in the segments that it applies to.
            let key = theirs.key.as_ref().filter(|key| key.method == m3u8_rs::KeyMethod::AES128);
            if theirs.key.is_some() {
                let iv = ours.start.key.as_ref().and_then(|key| key.iv).map(|iv| {
                    iv.iter().fold("0x".to_owned(), |hex, byte| format!("{hex}{byte:02X}"))
                });
                prop_assert_eq!(key.and_then(|key| key.uri.as_ref()), ours.start.key.as_ref().map(|key| &key.uri));
                prop_assert_eq!(key.and_then(|key| key.iv.clone()), iv);
            }
            if let Some(map) = &theirs.map {
                prop_assert_eq!(Some(&map.uri), ours.start.map.as_ref().map(|map| &map.uri));
            }
            let parts = theirs.unknown_tags.iter().filter(|tag| tag.tag == "X-PART").count();
            prop_assert_eq!(parts, ours.parts.len());
        }
    }
}
