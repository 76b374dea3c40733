use std::time::{Duration, Instant, SystemTime};

use super::{CaptureClock, TrackClock};

const MS: fn(u64) -> Duration = Duration::from_millis;

#[test]
fn before_a_report_the_least_delayed_packet_sets_the_clock() {
    let (start, mut track) = (Instant::now(), TrackClock::new(90_000));
    assert_eq!(track.captured(0, start + MS(50)), start + MS(50));
    // 40 ms later by its timestamp, 30 ms late.
    assert_eq!(track.captured(3600, start + MS(120)), start + MS(90));
    // This one came faster than any before.
    assert_eq!(track.captured(7200, start + MS(110)), start + MS(110));
    // A wrap of timestamps and a jump.
    assert_eq!(track.captured(7200_u32.wrapping_sub(1 << 31), start + MS(150)), start + MS(150));
}

#[test]
fn reports_bring_the_tracks_of_a_publisher_together() {
    let (start, mut clock) = (Instant::now(), CaptureClock::default());
    // A clock that is wrong by years.
    let ntp = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let (mut sound, mut picture) = (TrackClock::new(48_000), TrackClock::new(90_000));
    assert_eq!(sound.captured(1000, start + MS(10)), start + MS(10));
    assert_eq!(picture.captured(5000, start + MS(90)), start + MS(90));
    clock.report(&mut sound, 1000, ntp, start + MS(20));
    clock.report(&mut picture, 5000, ntp + MS(3), start + MS(200));
    let (sound, picture) = (sound.captured(1000, start + MS(210)), picture.captured(5000, start + MS(210)));
    assert_eq!(picture - sound, MS(3));
    // The clock is set anew.
    let mut other = TrackClock::new(90_000);
    clock.report(&mut other, 0, ntp + Duration::from_secs(7200), start + MS(300));
    assert_eq!(other.captured(0, start + MS(300)), start + MS(300));
}
