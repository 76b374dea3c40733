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

#[test]
fn sound_at_another_pace_than_its_header_tells_is_told_once() {
    // Frames of 1024 samples that last as at `actual` and are declared as at `declared`, every `lost`th of them lost.
    let check = |actual: u32, declared: u32, lost: usize, expect: &[i64]| {
        let (mut pace, mut told) = (Pace::default(), Vec::new());
        for index in (0..1500).filter(|index| index % lost != lost - 1) {
            let at = MediaTime::from_ticks(index as i64 * 1024, actual);
            let at = MediaTime::from_millis(at.millis());
            if let Some(Oddity::Pace(by)) = pace.measure(at, Span { samples: 1024, rate: declared }) {
                told.push(by);
            }
        }
        assert_eq!(told, expect, "{actual} as {declared}");
    };
    check(48_000, 44_100, usize::MAX, &[8]);
    check(44_100, 48_000, usize::MAX, &[-8]);
    check(44_100, 44_100, usize::MAX, &[]);
    check(48_000, 48_000, 100, &[]);
    // A pause is none, nor is a clock that jumps.
    let (mut pace, span) = (Pace::default(), Span { samples: 1024, rate: 48_000 });
    for index in 0..2000_i64 {
        let jump = if index % 300 == 0 { 1_000 } else { 0 };
        let at = index * 1024 / 48 + index / 300 * 700 + jump;
        assert_eq!(pace.measure(MediaTime::from_millis(at), span), None);
    }
}
