use super::*;

#[test]
fn samples_are_counted_while_the_clock_agrees() {
    let mut clock = SampleClock::default();
    let span = Span { samples: 1024, rate: 44_100 };
    let mut place = |millis| clock.place(MediaTime::from_millis(millis), span);
    assert_eq!(place(0), 0);
    assert_eq!(place(23), 1024);
    assert_eq!(place(46), 2048);
    assert_eq!(place(110), 3072, "a little late");
    assert_eq!(place(500), 22_050, "far away");
    assert_eq!(place(523), 23_074);
    assert_eq!(place(100), 4410, "back");
    let other = Span { samples: 960, rate: 48_000 };
    assert_eq!(clock.place(MediaTime::from_millis(123), other), 5904, "another rate");
}
