use super::*;
use crate::testing::{frequency, steepest, tone};

#[track_caller]
fn check(samples: usize, by: i32, expect: usize) {
    let source = tone(440.0, 48_000, samples);
    let mut out = Vec::new();
    stretch(&source, by, &mut out);
    assert_eq!(out.len(), expect);
    assert!((out[0] - source[0]).abs() <= steepest(&source));
    assert!((out[out.len() - 1] - source[samples - 1]).abs() <= steepest(&source));
    assert!(steepest(&out) <= steepest(&source) * 1.3, "{samples} by {by}");
}

#[test]
fn lengths() {
    check(960, 0, 960);
    check(960, 1, 961);
    check(960, -1, 959);
    check(960, 24, 984);
    check(960, -24, 936);
    check(100, 3, 103);
    check(160, -1, 159);
    // No more than every eighth.
    check(160, 1000, 180);
    check(160, -1000, 140);
    check(7, 5, 7);
}

#[test]
fn a_tone_stays_one() {
    let source = tone(440.0, 48_000, 48_000);
    let mut out = Vec::new();
    source.chunks(960).for_each(|part| stretch(part, 2, &mut out));
    assert_eq!(out.len(), 48_100);
    assert!((frequency(&out, 48_000) - 439.1).abs() < 0.2, "{}", frequency(&out, 48_000));
}
