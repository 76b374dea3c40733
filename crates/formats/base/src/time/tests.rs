use super::MediaTime;

#[test]
fn ticks_survive_the_round_trip() {
    for hz in [8_000, 44_100, 48_000, 90_000, 1_000_000] {
        for ticks in [-1_000_003, -1, 0, 1, 2, 3, 1024, 90_001, i64::from(u32::MAX)] {
            assert_eq!(MediaTime::from_ticks(ticks, hz).to_ticks(hz), ticks, "{ticks} at {hz} Hz");
        }
    }
}

#[test]
fn milliseconds_round_down_and_print() {
    assert_eq!(MediaTime::from_nanos(-1).millis(), -1);
    assert_eq!(MediaTime::from_millis(40).millis(), 40);
    assert_eq!(format!("{:?}", MediaTime::from_millis(-1250)), "-1.250s");
}

#[test]
fn extremes_saturate() {
    assert_eq!(MediaTime::from_millis(i64::MAX).nanos(), i64::MAX);
    assert_eq!((MediaTime::from_nanos(i64::MIN) - MediaTime::from_nanos(1)).nanos(), i64::MIN);
    assert_eq!((-MediaTime::from_nanos(i64::MIN)).nanos(), i64::MAX);
    assert_eq!(MediaTime::from_ticks(i64::MAX, 1).nanos(), i64::MAX);
    assert_eq!(MediaTime::from_ticks(7, 0).nanos(), 7_000_000_000);
}
