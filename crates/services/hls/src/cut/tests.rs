use super::*;

/// `fragment 10 td 1 aof 2.1 wait on part 0.25`, each with a default.
fn rules(words: &str) -> Rules {
    let mut rules = Rules {
        fragment: Duration::from_secs(10),
        td_ratio: 1.0,
        aof_ratio: 2.1,
        wait_keyframe: true,
        part: MediaTime::from_millis(1_000_000),
    };
    let mut words = words.split_whitespace();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        let number = || value.parse::<f64>().expect("a number");
        match name {
            "fragment" => rules.fragment = Duration::from_secs_f64(number()),
            "td" => rules.td_ratio = number(),
            "aof" => rules.aof_ratio = number(),
            "wait" => rules.wait_keyframe = value == "on",
            "part" => rules.part = MediaTime::from_nanos((number() * 1e9) as i64),
            _ => panic!("no rule is called {name}"),
        }
    }
    rules
}

/// Runs a stream of `seconds` through a cutter. Pictures every `frame` ms with a key frame every `gop` ms (0: none), sound
/// every 23 ms where `audio`. What ends: `|2.000` a segment, `.0.240` a part.
fn run(cutter: &mut Cutter, seconds: i64, frame: i64, gop: i64, audio: bool) -> String {
    let mut frames = Vec::new();
    if frame > 0 {
        frames.extend((0..seconds * 1000).step_by(frame as usize).map(|ms| (ms, true, gop > 0 && ms % gop == 0)));
    }
    if audio {
        frames.extend((0..seconds * 1000).step_by(23).map(|ms| (ms, false, false)));
    }
    frames.sort();
    let mut out = Vec::new();
    for (ms, video, key) in frames {
        let step = MediaTime::from_millis(if video { frame } else { 23 });
        let at = MediaTime::from_millis(ms);
        let next = Next { at, dts: at, video, key, step };
        feed(cutter, next, &mut out);
    }
    out.join(" ")
}

fn feed(cutter: &mut Cutter, next: Next, out: &mut Vec<String>) {
    let seconds = |span: MediaTime| span.nanos() as f64 / 1e9;
    if cutter.segment.is_none() {
        cutter.begin_segment(next);
    }
    match cutter.before(next, 0) {
        Cut::No => {}
        Cut::Part => out.push(format!(".{:.3}", seconds(cutter.begin_part(next)))),
        Cut::Segment => {
            let part = cutter.part.distance_to(next.at);
            out.push(format!(".{:.3}", seconds(part)));
            out.push(format!("|{:.3}", seconds(cutter.begin_segment(next).expect("one was open"))));
        }
    }
    cutter.joined(next);
}

/// Only the segments.
fn check(words: &str, stream: (i64, i64, i64, bool), expect: &str) {
    let (seconds, frame, gop, audio) = stream;
    let mut cutter = Cutter::new(rules(words), frame > 0);
    let cuts = run(&mut cutter, seconds, frame, gop, audio);
    let segments: Vec<&str> = cuts.split_whitespace().filter(|cut| cut.starts_with('|')).collect();
    assert_eq!(segments.join(" "), expect, "{words}");
}

// row: protocols.md §7 Reap
// row: config.md §11 hls hls_fragment
// row: config.md §11 hls hls_td_ratio
// row: config.md §11 hls hls_wait_keyframe
#[test]
fn a_segment_ends_at_a_key_frame_once_it_is_long_enough() {
    check("fragment 2", (7, 40, 2000, true), "|2.000 |2.000 |2.000");
    check("fragment 2", (7, 40, 1000, true), "|2.000 |2.000 |2.000");
    check("fragment 2", (10, 40, 3000, false), "|3.000 |3.000 |3.000");
    check("fragment 2 td 1.5", (10, 40, 1000, false), "|3.000 |3.000 |3.000");
    check("fragment 2 wait off", (7, 40, 3000, false), "|2.000 |2.000 |2.000");
    check("fragment 0.05", (1, 40, 40, false), "|0.200 |0.200 |0.200 |0.200");
    // Without key frames only sound ends a segment.
    check("fragment 2", (7, 40, 0, false), "");
}

// row: config.md §11 hls hls_aof_ratio
#[test]
fn sound_ends_a_segment_that_is_far_too_long() {
    check("fragment 2", (9, 0, 0, true), "|4.209 |4.209");
    check("fragment 2 aof 1", (7, 0, 0, true), "|2.001 |2.001 |2.001");
    check("fragment 1", (9, 40, 0, true), "|2.116 |2.116 |2.116 |2.116");
    check("fragment 1 aof 3", (13, 40, 6000, true), "|3.013 |2.987 |3.016 |2.984");
}

#[test]
fn the_first_segment_begins_with_whichever_comes_first() {
    let mut cutter = Cutter::new(rules("fragment 2"), true);
    let mut out = Vec::new();
    let mut feed = |ms, video, key| {
        let (at, step) = (MediaTime::from_millis(ms), MediaTime::from_millis(40));
        feed(&mut cutter, Next { at, dts: at, video, key, step }, &mut out);
    };
    feed(23, true, true);
    feed(0, false, false);
    feed(2023, true, true);
    feed(2010, false, false);
    feed(4023, true, true);
    assert_eq!(out.join(" "), ".2.023 |2.023 .2.000 |2.000");
}

#[test]
fn parts_are_of_one_length_and_add_up_to_their_segment() {
    let check = |words: &str, frame, expect: &str| {
        let mut cutter = Cutter::new(rules(words), true);
        assert_eq!(run(&mut cutter, 3, frame, 2000, true), expect, "{words} {frame}");
    };
    let of_25 = ".0.240 .0.240 .0.240 .0.240 .0.240 .0.240 .0.240 .0.240 .0.080 |2.000 .0.240 .0.240 .0.240 .0.240";
    check("fragment 2 part 0.25", 40, of_25);
    check("fragment 2 part 0.5", 100, ".0.500 .0.500 .0.500 .0.500 |2.000 .0.500");
    check("fragment 2 part 0.25", 1000, ".1.000 .1.000 |2.000");
    // Where pictures stay away, sound ends the parts.
    check("fragment 2 part 0.5 aof 9", 5000, ".1.518");
}

#[test]
fn no_part_is_longer_than_was_promised() {
    let mut cutter = Cutter::new(rules("fragment 2 part 0.25"), true);
    cutter.limit_parts(MediaTime::from_millis(239));
    assert_eq!(run(&mut cutter, 1, 40, 2000, false), ".0.200 .0.200 .0.200 .0.200");
}

#[test]
fn a_forced_end_waits_for_a_key_frame_only_where_there_are_pictures() {
    let mut cutter = Cutter::new(rules(""), true);
    cutter.force();
    let mut next =
        Next { at: MediaTime::ZERO, dts: MediaTime::ZERO, video: true, key: true, step: MediaTime::from_millis(40) };
    assert_eq!(cutter.before(next, 0), Cut::No, "nothing is open");
    cutter.begin_segment(next);
    cutter.force();
    next.at = MediaTime::from_millis(40);
    assert_eq!(cutter.before(next, 0), Cut::No, "it would be no segment");
    cutter.force_now();
    assert_eq!(cutter.before(next, 0), Cut::Segment, "what comes cannot be in it");
    cutter.begin_segment(next);
    cutter.force();
    next.at = MediaTime::from_millis(240);
    for (video, key, expect) in [(false, false, Cut::No), (true, false, Cut::No), (true, true, Cut::Segment)] {
        assert_eq!(cutter.before(Next { video, key, ..next }, 0), expect, "{video} {key}");
    }
    assert_eq!(cutter.before(Next { key: false, ..next }, MAX_BYTES), Cut::Segment, "it is too large");
    let mut sound = Cutter::new(rules(""), false);
    sound.begin_segment(Next { video: false, ..next });
    sound.force();
    next.at += MIN_REAP;
    assert_eq!(sound.before(Next { video: false, key: false, ..next }, 0), Cut::Segment);
}

// row: protocols.md §7 [timestamp]
// row: config.md §11 hls hls_ts_floor
#[test]
fn the_floor_counts_one_by_one_near_the_clock() {
    let mut floor = Floor::default();
    let mut next = |ms| floor.next(ms, Duration::from_secs(10));
    assert_eq!(next(1_000_000), (100, 0));
    assert_eq!(next(1_009_000), (101, 1), "a segment came early");
    assert_eq!(next(1_019_000), (102, 1));
    assert_eq!(next(1_061_000), (103, -3));
    assert_eq!(next(2_000_000), (200, 0), "too far away");
    assert_eq!(Floor::default().next(5, Duration::ZERO).1, 0);
    let mut cutter = Cutter::new(rules("fragment 10"), true);
    let mut next = Next { at: MediaTime::ZERO, dts: MediaTime::ZERO, video: true, key: true, step: MediaTime::ZERO };
    cutter.begin_segment(next);
    cutter.set_ahead(1);
    next.at = MediaTime::from_millis(12_999);
    assert_eq!(cutter.before(next, 0), Cut::No);
    next.at = MediaTime::from_millis(13_000);
    assert_eq!(cutter.before(next, 0), Cut::Segment);
}

#[test]
fn it_is_known_when_something_may_end() {
    let mut cutter = Cutter::new(rules("fragment 2 part 0.25"), true);
    let at = MediaTime::from_millis;
    assert_eq!(cutter.due_in(at(0), true), None);
    cutter.begin_segment(Next { at: at(100), dts: at(100), video: true, key: true, step: at(40) });
    assert_eq!(cutter.due_in(at(150), true), Some(Duration::from_millis(200)));
    assert_eq!(cutter.due_in(at(150), false), Some(Duration::from_millis(1950)));
    assert_eq!(cutter.due_in(at(9000), false), Some(Duration::ZERO));
}

#[test]
fn the_end_tells_how_long_things_were() {
    let mut cutter = Cutter::new(rules(""), false);
    let at = MediaTime::from_millis;
    assert_eq!(cutter.end(at(5)), None);
    cutter.begin_segment(Next { at: at(100), dts: at(100), video: false, key: false, step: at(23) });
    assert_eq!(cutter.end(at(150)), Some((at(50), at(50))));
    assert_eq!(cutter.end(at(150)), None);
}
