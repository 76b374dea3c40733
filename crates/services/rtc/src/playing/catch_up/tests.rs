use std::time::{Duration, Instant};

use super::CatchUp;

/// What becomes of packets with these timestamps of 90 kHz, the last of which is captured now.
fn check(is_video: bool, is_made: bool, timestamps: &[u32], expect: &[Option<u32>]) {
    let now = Instant::now() + Duration::from_secs(3600);
    let newest = timestamps.last().copied().unwrap_or_default();
    let mut catch_up = CatchUp::new(is_video, 90_000, is_made);
    let given = timestamps.iter().map(|timestamp| {
        let age = Duration::from_micros(u64::from(newest.wrapping_sub(*timestamp)) * 100 / 9);
        catch_up.timestamp(*timestamp, now - age, now)
    });
    assert_eq!(given.collect::<Vec<_>>(), expect);
}

#[test]
fn old_pictures_follow_each_other_closely_until_a_new_one_comes() {
    let second = 90_000;
    check(
        true,
        true,
        &[0, 0, second, 2 * second, 2 * second, 3 * second - 3600, 3 * second],
        &[Some(0), Some(0), Some(90), Some(180), Some(180), Some(270), Some(270 + 3600)],
    );
    // Over the wrap.
    let late = u32::MAX - second;
    check(true, true, &[late, 0, second], &[Some(late), Some(late + 90), Some(late + 180)]);
}

#[test]
fn what_is_new_keeps_its_times() {
    check(true, true, &[0, 3600, 7200], &[Some(0), Some(3600), Some(7200)]);
    check(true, false, &[0, 900_000], &[Some(0), Some(900_000)]);
}

#[test]
fn old_sound_is_not_heard() {
    check(false, true, &[0, 45_000, 88_200, 90_000], &[None, None, Some(88_200), Some(90_000)]);
}
