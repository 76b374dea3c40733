use super::*;
use std::time::Duration;

/// Sequence numbers that come 40 ms after one another; packets and missing ones since the second of them.
fn check(sequences: &[u64], packets: u64, missing: u64) {
    let (mut tally, began) = (Tally::default(), Instant::now());
    for (i, sequence) in (0..).zip(sequences) {
        if i == 1 {
            tally.open_window();
        }
        tally.packet(true, *sequence, 3600 * i, 90_000, began + Duration::from_millis(40) * i);
    }
    assert_eq!((tally.packets(), tally.missing()), (packets, missing));
    assert!(tally.jitter().is_none_or(|jitter| jitter < 1e-6));
}

#[test]
fn what_never_came_is_missing() {
    check(&[], 0, 0);
    check(&[1, 2, 3, 4], 3, 0);
    check(&[1, 2, 5, 6], 3, 2);
    // Late, by retransmission.
    check(&[1, 2, 5, 3, 4, 6], 5, 0);
    // Before the first one of the measured time.
    check(&[1, 7, 6, 8], 3, 0);
}

#[test]
fn jitter_is_that_of_the_specification() {
    let (mut tally, began) = (Tally::default(), Instant::now());
    tally.packet(true, 1, 0, 90_000, began);
    tally.packet(true, 2, 3600, 90_000, began + Duration::from_millis(56));
    assert!((tally.jitter().expect("a value") - 1e-3).abs() < 1e-6);
    // Packets of the same picture say nothing.
    tally.packet(true, 3, 3600, 90_000, began + Duration::from_millis(99));
    assert!((tally.jitter().expect("a value") - 1e-3).abs() < 1e-6);
}
