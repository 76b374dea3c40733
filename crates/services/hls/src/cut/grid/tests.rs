use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::cut::{Cut, Cutter, Next, Rules};

const FRAGMENT: i64 = 2_000;
const STEP: i64 = 20;

/// Where a rendition of pictures (with these key frames), or of sound, ends segments: times as published, in ms.
fn boundaries(grid: &Arc<Grid>, video: bool, starts: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let rules = Rules {
        fragment: Duration::from_millis(FRAGMENT.unsigned_abs()),
        td_ratio: 1.0,
        aof_ratio: 2.1,
        wait_keyframe: true,
        part: MediaTime::from_millis(1 << 40),
    };
    let mut cutter = Cutter::new(rules, video);
    cutter.set_grid(grid.clone());
    let mut ends = Vec::new();
    for (index, start) in starts.into_iter().enumerate() {
        // What is written goes on from 0.
        let (at, dts) = (MediaTime::from_millis(start), MediaTime::from_millis(start));
        let next = Next { at, dts, video, key: video, step: MediaTime::from_millis(STEP) };
        if index == 0 {
            cutter.begin_segment(next);
        } else if cutter.before(next, 0) == Cut::Segment {
            cutter.begin_segment(next);
            ends.push(start);
        }
        cutter.joined(next);
        if video {
            // A picture in between is no place to cut.
            let dts = MediaTime::from_millis(start + STEP);
            assert_eq!(cutter.before(Next { at: dts, dts, key: false, ..next }, 0), Cut::No);
        }
    }
    ends
}

fn every(gop: i64, from: i64, to: i64) -> impl Iterator<Item = i64> {
    (0..).map(move |index| index * gop).skip_while(move |at| *at < from).take_while(move |at| *at < to)
}

fn jittered(gop: i64, phase: i64, to: i64) -> impl Iterator<Item = i64> {
    let jitter = [0, 60, -60, 45, -10, -60, 60, -55];
    every(gop, 0, to).zip(jitter.into_iter().cycle()).map(move |(at, off)| (at + phase + off).max(0))
}

#[test]
fn renditions_that_begin_apart_end_their_segments_together() {
    let check = |gop: i64, from: i64, expect: &[i64]| {
        let grid = Arc::default();
        let first = boundaries(&grid, true, every(gop, 0, 9_000));
        assert_eq!(first, [2_000, 4_000, 6_000, 8_000], "{gop}");
        assert_eq!(boundaries(&grid, true, every(gop, from, 9_000)), expect, "{gop} from {from}");
        // One that comes back.
        assert_eq!(boundaries(&grid, true, every(gop, 5_900, 9_000)), [8_000]);
    };
    check(500, 1_300, &[2_000, 4_000, 6_000, 8_000]);
    check(1_000, 300, &[2_000, 4_000, 6_000, 8_000]);
    check(250, 1_300, &[2_000, 4_000, 6_000, 8_000]);
    check(2_000, 1_300, &[4_000, 6_000, 8_000]);
}

#[test]
fn key_frames_around_a_line_neither_double_nor_halve_segments() {
    for phase in (0..2_000).step_by(50) {
        let lengths = |gop: i64| {
            let grid = Arc::default();
            boundaries(&grid, true, [0]);
            let ends = boundaries(&grid, true, jittered(gop, 4_000 + phase, 60_000));
            ends.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>()
        };
        let whole = lengths(2_000);
        assert!(whole.iter().all(|length| (length - 2_000).abs() <= 120), "{phase}: {whole:?}");
        // Half a group more or less while it finds its place, and where key frames are as far from the line on both sides.
        let half = lengths(1_000);
        assert!(half.iter().all(|length| (length - 2_000).abs() <= 1_120), "{phase}: {half:?}");
        let is_between = (phase - 500).abs() <= 150 || (phase - 1_500).abs() <= 150;
        assert!(is_between || half.iter().skip(1).all(|length| (length - 2_000).abs() <= 120), "{phase}: {half:?}");
    }
    // Groups a little shorter than the fragment are a segment each.
    let grid = Arc::default();
    let ends = boundaries(&grid, true, every(1_920, 0, 30_000));
    assert!(ends.windows(2).all(|pair| pair[1] - pair[0] == 1_920), "{ends:?}");
}

#[test]
fn another_clock_has_lines_as_far_apart() {
    let grid = Arc::default();
    boundaries(&grid, true, every(500, 0, 9_000));
    let far = boundaries(&grid, true, every(500, 7_000_300, 7_009_000));
    assert_eq!(far, [7_002_000, 7_004_000, 7_006_000, 7_008_000]);
    let odd = boundaries(&grid, true, every(500, 300, 9_000).map(|at| at + 123_456_789));
    let lengths: Vec<i64> = odd.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(lengths, [2_000, 2_000, 2_000], "{odd:?}");
}

#[test]
fn sound_ends_where_pictures_do() {
    let grid = Arc::default();
    let sound =
        |from: i64| (0..).map(|index| index * 1024 / 48).skip_while(move |at| *at < from).take_while(|at| *at < 9_000);
    // It came first, but cannot say where pictures can be cut.
    assert_eq!(boundaries(&grid, false, sound(0)), [2_005, 4_010, 5_994, 8_000]);
    assert_eq!(boundaries(&grid, true, every(500, 700, 9_500)), [3_000, 5_000, 7_000, 9_000]);
    assert_eq!(boundaries(&grid, false, sound(800)), [3_008, 4_992, 6_997]);
}

#[test]
fn renditions_tell_the_same_time() {
    let grid = Grid::default();
    let second = 1_000_000_000;
    assert_eq!(grid.wall(50 * second, None), 50 * second);
    assert_eq!(grid.wall(50 * second + 300, None), 50 * second, "it came a little later");
    assert_eq!(grid.wall(90 * second, None), 90 * second, "another clock");
    assert_eq!(grid.wall(50 * second - 300, None), 50 * second, "which is no matter to others");
    assert_eq!(grid.wall(53 * second, Some(50 * second)), 53 * second, "the media stood still");
    assert_eq!(grid.wall(53 * second + 9, Some(50 * second)), 53 * second, "for all of them");
}
