use super::*;

const MS: fn(u64) -> Duration = Duration::from_millis;
const RATE: u32 = 90_000;

/// Times of pictures each 40 ms whose timestamps and captures (in ms) are these.
fn times(units: impl IntoIterator<Item = (u32, u64)>) -> Vec<i64> {
    let mut clock = Clock::new(RATE);
    units.into_iter().map(|(timestamp, captured)| clock.time(timestamp, MS(captured)).millis()).collect()
}

#[test]
fn timestamps_tell_the_distances() {
    assert_eq!(times((0..4).map(|n| (n * 3600, 100 + 40 * u64::from(n)))), [100, 140, 180, 220]);
    // Over the wrap, and for pictures that are shown before the one before them.
    let start = u32::MAX - 3599;
    assert_eq!(times([(start, 0), (0, 40), (10_800, 160), (3600, 80), (7200, 120)]), [0, 40, 160, 80, 120]);
    // Nothing for some seconds, as of a screen that does not change.
    assert_eq!(times([(0, 0), (450_000, 5000), (453_600, 5040)]), [0, 5000, 5040]);
}

#[test]
fn a_report_moves_captures_and_time_follows() {
    let mut clock = Clock::new(RATE);
    let capture = |n: u32| MS(1000 + 40 * u64::from(n) - if n < 10 { 0 } else { 100 });
    let mut before = clock.time(0, capture(0));
    let mut last = 0;
    for n in 1..200 {
        let time = clock.time(n * 3600, capture(n));
        let step = (time - before).nanos();
        assert!((38_000_000..=42_000_000).contains(&step), "{n}: {step}");
        before = time;
        last = n;
    }
    let apart = before.nanos() - capture(last).as_nanos() as i64;
    assert!(apart.abs() < 1_000_000, "{apart}");
}

#[test]
fn timestamps_that_jump() {
    // Twenty hours ahead, and back to zero: pictures go on as they were captured.
    for jump in [1 << 31, 0x7000_0000, 2_000_000] {
        let units = (0..6_u32).map(|n| (if n < 3 { n * 3600 } else { jump + n * 3600 }, 40 * u64::from(n)));
        assert_eq!(times(units), [0, 40, 80, 120, 160, 200], "{jump}");
        let units = (0..6_u32).map(|n| (if n < 3 { jump + n * 3600 } else { n * 3600 }, 40 * u64::from(n)));
        assert_eq!(times(units), [0, 40, 80, 120, 160, 200], "{jump}");
    }
    // Captured at once, they keep the distance of pictures, and run slower until they are where they were captured.
    assert_eq!(times([(0, 0), (3600, 40), (1 << 30, 40), ((1 << 30) + 3600, 41)]), [0, 40, 80, 118]);
}

#[test]
fn captures_that_jump_move_time_once() {
    let units = (0..6_u32).map(|n| (n * 3600, 40 * u64::from(n) + if n < 3 { 0 } else { 3_600_000 }));
    assert_eq!(times(units), [0, 40, 80, 3_600_120, 3_600_160, 3_600_200]);
}

#[test]
fn two_tracks_stay_together() {
    let (mut sound, mut picture) = (Clock::new(48_000), Clock::new(RATE));
    for second in 0..3600_u32 {
        let at = Duration::from_secs(second.into());
        let apart = sound.time(second.wrapping_mul(48_000).wrapping_add(77), at)
            - picture.time(second.wrapping_mul(90_000).wrapping_sub(5), at);
        assert!(apart.nanos().abs() < 1000, "{second}: {apart:?}");
    }
}
