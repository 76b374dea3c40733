use super::{Level, check, check_update};
use crate::media::tests::{low_latency, playlist};
use crate::{Error, Form, HintKind, MasterPlaylist, MediaPlaylist, OpenSegment, Part, PreloadHint, Rendition, Variant};
use std::time::Duration;

fn text(playlist: &MediaPlaylist) -> String {
    let mut out = String::new();
    playlist.write_to(&mut out, Form::Exact);
    out
}

/// Rules broken, without the version, which is always written high enough.
fn broken(playlist: &MediaPlaylist) -> Vec<(Level, &'static str)> {
    let found = playlist.check().into_iter().map(|found| (found.level, found.rule));
    found.filter(|(_, rule)| *rule != "version").collect()
}

fn must(rule: &'static str) -> Vec<(Level, &'static str)> {
    vec![(Level::Must, rule)]
}

fn should(rule: &'static str) -> Vec<(Level, &'static str)> {
    vec![(Level::Should, rule)]
}

fn low_latency_with(change: impl FnOnce(&mut MediaPlaylist)) -> MediaPlaylist {
    let mut playlist = low_latency();
    // As a server lists them: parts near the end only.
    playlist.segments.iter_mut().take(2).for_each(|segment| segment.parts.clear());
    change(&mut playlist);
    playlist
}

#[test]
fn durations_of_segments() {
    let check = |millis: u64, expect| assert_eq!(broken(&playlist(0, 2, &[2000, millis])), expect, "{millis}");
    check(2499, vec![]);
    check(2500, must("target-duration"));
    check(1, vec![]);
}

#[test]
fn durations_of_parts() {
    let check = |millis: [u64; 4], change: fn(&mut [Part]), expect| {
        let playlist = low_latency_with(|playlist| {
            let segment = &mut playlist.segments[3];
            for (part, millis) in segment.parts.iter_mut().zip(millis) {
                part.duration = Duration::from_millis(millis);
                part.independent = false;
            }
            change(&mut segment.parts);
            segment.duration = Duration::from_millis(millis.iter().sum());
        });
        assert_eq!(broken(&playlist), expect, "{millis:?}");
    };
    check([1000, 850, 1000, 1000], |_| (), vec![]);
    check([1000, 849, 1000, 1000], |_| (), must("part-short"));
    check([1001, 1000, 1000, 1000], |_| (), must("part-target"));
    // The last, one that decoding can start in, one that is missing, one before a missing one.
    check([1000, 1000, 1000, 10], |_| (), vec![]);
    check([1000, 10, 1000, 1000], |parts| parts[1].independent = true, vec![]);
    check([1000, 10, 1000, 1000], |parts| parts[1].gap = true, vec![]);
    check([1000, 10, 1000, 1000], |parts| parts[2].gap = true, vec![]);
    check([1001, 1000, 1000, 1000], |parts| parts[0].independent = true, must("part-target"));
    // The newest part of an open segment may turn out to be its last; one before it is not.
    let open = |first: u64, second: u64| {
        low_latency_with(|playlist| {
            let parts = &mut playlist.open.as_mut().expect("an open segment").parts;
            parts[0] = Part { duration: Duration::from_millis(first), independent: false, ..parts[0].clone() };
            parts[1].duration = Duration::from_millis(second);
        })
    };
    assert_eq!(broken(&open(1000, 10)), []);
    assert_eq!(broken(&open(10, 1000)), must("part-short"));
}

#[test]
fn parts_and_their_segment() {
    let check = |change: fn(&mut MediaPlaylist), expect| assert_eq!(broken(&low_latency_with(change)), expect);
    check(|playlist| playlist.segments[3].duration = Duration::from_micros(4_000_600), vec![]);
    check(|playlist| playlist.segments[3].duration = Duration::from_micros(4_001_000), must("part-sum"));
    check(|playlist| playlist.part_target = None, [must("part-inf"), must("part-inf"), must("part-inf")].concat());
    check(|playlist| playlist.segments[3].gap = true, must("gap"));
    check(
        |playlist| {
            let parts = playlist.segments[2].parts.clone();
            playlist.segments[0].parts = parts;
        },
        should("old-parts"),
    );
}

#[test]
fn server_control() {
    let check = |change: fn(&mut crate::ServerControl), expect| {
        let change = |playlist: &mut MediaPlaylist| change(playlist.server_control.as_mut().expect("there"));
        assert_eq!(broken(&low_latency_with(change)), expect);
    };
    check(|control| control.part_hold_back = None, must("part-hold-back"));
    check(|control| control.part_hold_back = Some(Duration::from_millis(2999)), should("part-hold-back"));
    check(
        |control| control.part_hold_back = Some(Duration::from_millis(1999)),
        [must("part-hold-back"), should("part-hold-back")].concat(),
    );
    check(|control| control.hold_back = Some(Duration::from_secs(12)), vec![]);
    check(|control| control.hold_back = Some(Duration::from_millis(11_999)), must("hold-back"));
    check(|control| control.can_skip_until = Some(Duration::from_millis(23_999)), must("can-skip-until"));
    check(|control| control.can_block_reload = false, should("can-block-reload"));
}

#[test]
fn hints_dates_and_keys() {
    let check = |change: fn(&mut MediaPlaylist), expect| assert_eq!(broken(&low_latency_with(change)), expect);
    check(|playlist| playlist.hints.clear(), should("part-hint"));
    check(|playlist| playlist.hints.push(playlist.hints[0].clone()), should("one-hint"));
    check(|playlist| playlist.ended = true, must("hint-at-end"));
    check(|playlist| playlist.segments[2].start.program_date_time = Some(0), must("program-date-time"));
    check(
        |playlist| {
            playlist.segments[2].start.program_date_time = Some(0);
            playlist.segments[2].start.discontinuity = true;
        },
        vec![],
    );
    check(
        |playlist| {
            playlist.segments.iter_mut().for_each(|segment| segment.start.program_date_time = None);
            playlist.open.as_mut().expect("an open segment").start.program_date_time = None;
        },
        should("dated"),
    );
    let encrypted = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:4\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n\
        #EXT-X-MAP:URI=\"i\"\n#EXTINF:4,\na\n";
    let found = super::check(encrypted).expect("a playlist");
    assert_eq!(found.iter().map(|found| found.rule).collect::<Vec<_>>(), ["map-iv"]);
}

#[test]
fn versions() {
    let check = |body: &str, expect: &[&str]| {
        let text = format!("#EXTM3U\n#EXT-X-TARGETDURATION:4\n{body}#EXTINF:4,\na.ts\n");
        let found: Vec<String> = check(&text).expect("a playlist").iter().map(ToString::to_string).collect();
        assert_eq!(found, expect);
    };
    check("", &[]);
    check("#EXT-X-MAP:URI=\"i\"\n", &["must version: EXT-X-VERSION is 0, EXT-X-MAP needs 6"]);
    check("#EXT-X-VERSION:6\n#EXT-X-MAP:URI=\"i\"\n", &[]);
    check("#EXTINF:3.5,\nb.ts\n", &["must version: EXT-X-VERSION is 0, decimals in EXTINF needs 3"]);
    check("#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n", &["must version: EXT-X-VERSION is 0, IV needs 2"]);
}

/// Rules that `change` breaks when it makes the successor of a playlist.
fn check_after(old: &MediaPlaylist, change: impl FnOnce(&mut MediaPlaylist), expect: &[&str]) {
    let mut new = old.clone();
    change(&mut new);
    let found = check_update(&text(old), &text(&new)).expect("playlists");
    assert_eq!(found.iter().map(|found| found.rule).collect::<Vec<_>>(), expect);
}

#[test]
fn updates_that_are_fine() {
    let old = playlist(5, 2, &[2000; 6]);
    check_after(&old, |_| (), &[]);
    check_after(&old, |new| *new = playlist(5, 2, &[2000; 7]), &[]);
    check_after(&old, |new| *new = playlist(8, 2, &[2000; 5]), &[]);
    // All have left.
    check_after(&old, |new| *new = playlist(20, 2, &[2000; 5]), &[]);
    let mut old = playlist(5, 2, &[2000; 6]);
    old.segments[0].start.discontinuity = true;
    old.segments[4].start.discontinuity = true;
    check_after(&old, |new| drop(new.remove_oldest()), &[]);
    check_after(&old, |new| (0..3).for_each(|_| drop(new.remove_oldest())), &[]);
}

#[test]
fn updates_that_break_rules() {
    let mut old = playlist(5, 2, &[2000; 6]);
    old.segments[0].start.discontinuity = true;
    old.discontinuity_sequence = 3;
    check_after(&old, |new| new.target_duration = 3, &["constant-target"]);
    check_after(&old, |new| new.media_sequence = 4, &["media-sequence", "lost-segments"]);
    check_after(&old, |new| drop(new.segments.pop_back()), &["lost-segments"]);
    check_after(&old, |new| new.discontinuity_sequence = 2, &["discontinuity-sequence", "discontinuity-sequence"]);
    check_after(&old, |new| new.discontinuity_sequence = 4, &["discontinuity-sequence"]);
    check_after(&old, |new| (0..4).for_each(|_| drop(new.remove_oldest())), &["window"]);
    check_after(&old, |new| new.segments[2].uri.push('x'), &["changed-segment"]);
    check_after(&old, |new| new.segments[2].duration = Duration::from_secs(1), &["changed-segment"]);
    check_after(&old, |new| new.segments[2].start.discontinuity = true, &["changed-segment"]);
    check_after(&old, |new| new.segments[2].gap = true, &["changed-segment"]);
    // A segment that leaves without its discontinuity being counted.
    let uncounted = |new: &mut MediaPlaylist| {
        new.remove_oldest();
        new.discontinuity_sequence = 3;
    };
    check_after(&old, uncounted, &["discontinuity-sequence"]);
    // A stream that starts anew.
    check_after(
        &old,
        |new| *new = playlist(0, 2, &[2000; 5]),
        &["media-sequence", "lost-segments", "discontinuity-sequence"],
    );
    old.ended = true;
    check_after(
        &old,
        |new| *new = MediaPlaylist { segments: playlist(5, 2, &[2000; 7]).segments, ..old.clone() },
        &["changed-after-end", "changed-segment"],
    );
}

#[test]
fn updates_of_parts() {
    let old = low_latency();
    let open = |new: &mut MediaPlaylist, count: usize| {
        let open = new.open.as_mut().expect("an open segment");
        let named = |index: usize| Part { uri: format!("270.{index}.m4s"), ..open.parts[1].clone() };
        open.parts = (0..count).map(|index| if index < 2 { open.parts[index].clone() } else { named(index) }).collect();
        new.hints = vec![PreloadHint { kind: HintKind::Part, uri: format!("270.{count}.m4s") }];
    };
    check_after(&old, |new| open(new, 3), &[]);
    check_after(&old, |new| open(new, 4), &[]);
    check_after(&old, |new| open(new, 1), &["lost-parts"]);
    check_after(&old, |new| new.open = None, &["lost-parts"]);
    // Another part than the one that was hinted.
    let other = |new: &mut MediaPlaylist| {
        open(new, 3);
        new.open.as_mut().expect("an open segment").parts[2].uri = "another.m4s".to_owned();
    };
    check_after(&old, other, &["hint-kept"]);
    check_after(&old, |new| new.hints.clear(), &["hint-kept"]);
    check_after(&old, |new| new.segments[3].parts[1].uri.push('x'), &["changed-part"]);
    check_after(&old, |new| new.part_target = Some(Duration::from_millis(500)), &["constant-target"]);
    // The segment is finished, and the next has begun.
    let finish = |new: &mut MediaPlaylist| {
        open(new, 4);
        let OpenSegment { start, parts } = new.open.take().expect("an open segment");
        let uri = "270.m4s".to_owned();
        new.segments.push_back(crate::Segment { start, parts, duration: Duration::from_secs(4), uri, gap: false });
        new.hints = vec![PreloadHint { kind: HintKind::Part, uri: "271.0.m4s".to_owned() }];
    };
    check_after(&old, finish, &[]);
    let replaced = |new: &mut MediaPlaylist| {
        finish(new);
        new.segments[4].parts[0].uri = "other.m4s".to_owned();
        new.segments[4].start.discontinuity = true;
    };
    check_after(&old, replaced, &["changed-segment", "changed-part"]);
}

#[test]
fn updates_as_deltas() {
    let mut old = playlist(0, 1, &[1000; 12]);
    let until = Some(Duration::from_secs(6));
    old.server_control = Some(crate::ServerControl { can_skip_until: until, ..Default::default() });
    let mut new = MediaPlaylist { segments: playlist(0, 1, &[1000; 13]).segments, ..old.clone() };
    new.remove_oldest();
    let mut delta = String::new();
    new.write_delta_to(&mut delta, Form::Exact);
    assert!(delta.contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=6"));
    assert_eq!(check_update(&text(&old), &delta), Ok(vec![]));
    // To somebody who knows less, it tells nothing.
    let known = playlist(0, 1, &[1000; 3]);
    let missing = Error::Skipped { first: 1, last: 6, known: "2".to_owned() };
    assert_eq!(check_update(&text(&known), &delta), Err(missing));
}

#[test]
fn master_playlists() {
    let check = |change: fn(&mut MasterPlaylist), expect: &[(Level, &str)]| {
        let variant = Variant {
            bandwidth: 2,
            average_bandwidth: Some(1),
            codecs: vec!["avc1.64001f".to_owned()],
            audio: Some("a".to_owned()),
            ..Variant::default()
        };
        let rendition = |name: &str| Rendition { group: "a".to_owned(), name: name.to_owned(), ..Rendition::default() };
        let mut playlist = MasterPlaylist {
            renditions: vec![rendition("one"), rendition("two")],
            variants: vec![variant],
            ..MasterPlaylist::default()
        };
        change(&mut playlist);
        let found: Vec<_> = playlist.check().into_iter().map(|found| (found.level, found.rule)).collect();
        assert_eq!(found, expect);
    };
    check(|_| (), &[]);
    check(|playlist| playlist.variants.clear(), &[(Level::Must, "no-variant")]);
    check(|playlist| playlist.variants[0].average_bandwidth = Some(3), &[(Level::Must, "bandwidth")]);
    check(|playlist| playlist.variants[0].codecs.clear(), &[(Level::Should, "codecs")]);
    check(|playlist| playlist.variants[0].resolution = Some((2, 2)), &[(Level::Should, "frame-rate")]);
    check(|playlist| playlist.variants[0].audio = Some("b".to_owned()), &[(Level::Must, "group")]);
    check(|playlist| playlist.renditions[1].name = "one".to_owned(), &[(Level::Must, "names")]);
    check(|playlist| playlist.renditions[1].default = true, &[(Level::Must, "default")]);
    check(
        |playlist| {
            for rendition in &mut playlist.renditions {
                (rendition.default, rendition.autoselect) = (true, true);
            }
        },
        &[(Level::Must, "default")],
    );
}

#[test]
fn what_is_no_playlist() {
    assert_eq!(check("HTTP/1.1 404"), Err(Error::NotAPlaylist));
    assert_eq!(check_update("#EXTM3U\n", "#EXTM3U\n"), Err(Error::NoTargetDuration));
}
