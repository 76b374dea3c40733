use super::Clock;
use weir_base::MediaTime;

fn ms(millis: i64) -> MediaTime {
    MediaTime::from_millis(millis)
}

/// References in ms at frames of these times, keys marked.
fn check(frames: &[(i64, bool)], expect: &[Option<u64>]) {
    let mut clock = Clock::default();
    let got: Vec<_> =
        frames.iter().map(|(at, key)| clock.at_frame(ms(*at), *key).pcr.map(|ticks| ticks / 90)).collect();
    assert_eq!(got, expect, "{frames:?}");
}

#[test]
fn a_reference_every_hundred_milliseconds_and_at_keys() {
    check(
        &[(0, true), (40, false), (80, false), (120, false), (160, true)],
        &[Some(0), None, Some(80), None, Some(160)],
    );
    for step in 1..=100 {
        let (mut clock, mut last) = (Clock::default(), 0);
        for frame in 0..200 {
            if let Some(ticks) = clock.at_frame(ms(frame * step), false).pcr {
                assert!(ticks - last <= 9000, "{step} ms a frame");
                last = ticks;
            }
        }
    }
}

#[test]
fn a_segment_begins_with_a_reference() {
    let mut clock = Clock::default();
    let mut check = |at, begins: bool, expect: bool| {
        if begins {
            clock.begin_segment();
        }
        let adaptation = clock.at_frame(ms(at), false);
        assert_eq!((adaptation.pcr.is_some(), adaptation.random_access), (expect, false), "{at}");
    };
    check(0, false, true);
    check(20, false, false);
    check(40, true, true);
    check(60, false, false);
}

#[test]
fn references_never_go_back_but_for_a_new_time_base() {
    // A key frame a little early repeats the reference.
    check(&[(500, true), (470, true), (460, false)], &[Some(500), Some(500), None]);
    let mut clock = Clock::default();
    let far = clock.at_frame(ms(10_000), true);
    assert!(!far.discontinuity && far.random_access);
    let back = clock.at_frame(ms(0), false);
    assert!(back.discontinuity && !back.random_access);
    assert_eq!(back.pcr, Some(0));
    // A leap ahead is a slow track, for all that is known.
    assert!(!clock.at_frame(ms(90_000), false).discontinuity);
}

#[test]
fn audio_fills_in_for_slow_video() {
    let mut clock = Clock::default();
    assert!(clock.beside_audio(ms(7_000)).is_none(), "there is no time before the first picture");
    clock.at_frame(ms(1_000), true);
    let mut last = 1_000;
    // Audio that started elsewhere, in steps of 20 ms, for five seconds.
    for step in 0..250 {
        let reference = clock.beside_audio(ms(70_000 + step * 20)).and_then(|adaptation| adaptation.pcr);
        if let Some(ticks) = reference {
            let now = ticks as i64 / 90;
            assert!(now > last && now - last <= 100, "{last} to {now}");
            assert!(now <= 1_000 + step * 20, "ahead of the audio");
            last = now;
        }
    }
    assert!(last > 5_800, "{last}");
    assert_eq!(clock.at_frame(ms(6_000), false).pcr, Some(540_000));
}

#[test]
fn audio_that_leaps_tells_nothing() {
    let mut clock = Clock::default();
    clock.at_frame(ms(0), true);
    for at in [0, 50, 5_000, 5_050, 1_000, 1_050] {
        assert!(clock.beside_audio(ms(at)).is_none(), "{at}");
    }
    assert!(clock.beside_audio(ms(1_100)).is_some());
}

#[test]
fn extreme_times() {
    let mut clock = Clock::default();
    for nanos in [i64::MAX, i64::MIN, 0, i64::MIN, i64::MAX] {
        let at = MediaTime::from_nanos(nanos);
        clock.at_frame(at, true);
        clock.beside_audio(at);
    }
}
