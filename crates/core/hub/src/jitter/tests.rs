use weir_conf::TimeJitter;

use super::Jitter;
use crate::fixture::frame;

fn check(mode: TimeJitter, atc: bool, words: &str, expect: &[u32]) {
    let mut jitter = Jitter::new(mode);
    let got: Vec<u32> = words.split_whitespace().map(|word| jitter.stamp(&frame(word), atc)).collect();
    assert_eq!(got, expect, "{mode:?} {words}");
}

// row: protocols.md §1.5 time_jitter
#[test]
fn full_rebuilds_time_from_steps() {
    // As the capture of a late joiner shows: configuration at 0, then the first picture 10 ms later.
    check(TimeJitter::Full, false, "M0 C0 V0 K2560 a2570 P2600", &[0, 0, 0, 10, 20, 50]);
    check(TimeJitter::Full, false, "C0 a250 a501 a250 a0", &[0, 250, 260, 270, 20]);
    check(TimeJitter::Full, false, "a100 a0 a0", &[100, 0, 0]);
    check(TimeJitter::Full, false, "K200 M5000 P240", &[200, 0, 240]);
}

#[test]
fn zero_subtracts_the_first_and_off_leaves_alone() {
    check(TimeJitter::Zero, false, "K1000 P1040 a1030 P5000 a900", &[0, 40, 30, 4000, 0]);
    check(TimeJitter::Off, false, "K1000 P1040 M7", &[1000, 1040, 7]);
}

// row: protocols.md §1.5 atc
#[test]
fn atc_passes_time_as_published() {
    check(TimeJitter::Full, true, "K1000 P9000", &[1000, 9000]);
}
