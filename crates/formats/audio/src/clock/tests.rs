use super::*;

const HOUR: f64 = 3600.0;

/// A stream of packets of `samples` samples, said to be `declared` a second, the n-th of which has a timestamp by `pts`
/// (in seconds). Gives the clock, and the greatest distance between timestamps and sound after the first 10 s, in ms.
fn run(seconds: f64, samples: usize, declared: u32, pts: impl Fn(u64) -> f64) -> (Clock, f64, u32) {
    let (mut clock, mut most, mut jumps) = (Clock::new(48_000), 0.0_f64, 0);
    for index in 0.. {
        let at = pts(index);
        if at > seconds {
            break;
        }
        let at = MediaTime::from_nanos((at * 1e9) as i64);
        let mut skip = 0;
        match clock.arrive(at, false) {
            Step::Follows => {}
            Step::Fill(gap) => feed(&mut clock, gap, declared),
            Step::Skip(heard) => skip = heard.to_ticks(clock.true_rate(declared)) as usize,
            Step::Jump => {
                clock.start(at);
                jumps += 1;
            }
        }
        if at > MediaTime::from_millis(10_000) {
            most = most.max(((at - clock.position()).nanos().abs() as f64) / 1e6);
        }
        clock.decoded(samples, declared);
        clock.fed(samples - skip.min(samples), clock.true_rate(declared));
        let made = samples as u64 * 48_000 / u64::from(clock.true_rate(declared));
        clock.correct(made as usize);
    }
    (clock, most, jumps)
}

fn feed(clock: &mut Clock, gap: MediaTime, declared: u32) {
    let rate = clock.true_rate(declared);
    clock.fed(gap.to_ticks(rate) as usize, rate);
}

/// An hour; the distance stays below `most` ms.
#[track_caller]
fn check(samples: usize, declared: u32, really: u32, most: f64, pts: impl Fn(f64) -> f64) {
    let (clock, distance, jumps) =
        run(HOUR, samples, declared, |index| pts(index as f64 * samples as f64 / f64::from(really)));
    assert!(distance < most, "{distance} ms");
    assert_eq!(clock.true_rate(declared), really);
    // A rate of half or double may be too far off to wait until it is found out.
    assert!(jumps == 0 || really.abs_diff(declared) > declared / 4, "{jumps} jumps");
}

fn millis(seconds: f64) -> f64 {
    (seconds * 1000.0).floor() / 1000.0
}

#[test]
fn an_hour_of_good_clocks() {
    check(1024, 48_000, 48_000, 0.01, |at| at);
    check(1024, 44_100, 44_100, 1.6, millis);
    check(960, 48_000, 48_000, 0.01, |at| at);
    check(120, 48_000, 48_000, 1.6, millis);
    check(2880, 48_000, 48_000, 0.01, |at| at);
    check(160, 8_000, 8_000, 1.6, millis);
}

#[test]
fn an_hour_of_clocks_that_are_off() {
    for ppm in [-1000.0, -100.0, 20.0, 100.0, 300.0, 3000.0] {
        check(1024, 48_000, 48_000, 6.0, |at| millis(at * (1.0 + ppm / 1e6)));
        check(960, 48_000, 48_000, 6.0, |at| at * (1.0 + ppm / 1e6));
        check(1024, 44_100, 44_100, 6.0, |at| millis(at * (1.0 + ppm / 1e6)));
        check(160, 8_000, 8_000, 6.0, |at| at * (1.0 + ppm / 1e6));
    }
}

#[test]
fn an_hour_of_rates_that_lie() {
    check(1024, 44_100, 48_000, 4.0, millis);
    check(1024, 48_000, 44_100, 4.0, millis);
    check(1024, 48_000, 24_000, 4.0, millis);
    check(1024, 24_000, 48_000, 4.0, millis);
    check(2048, 96_000, 48_000, 4.0, millis);
    check(1152, 44_100, 44_100, 16.0, |at| millis(at * 1.01));
}

#[test]
fn an_hour_of_timestamps_that_stray() {
    // By turns 15 ms early and late: no more than one packet is made up or left out at a time.
    let stray = |at: f64| at + 0.015 * (at * 1e4).sin();
    let (_, distance, jumps) = run(HOUR, 1024, 48_000, |index| stray(index as f64 * 1024.0 / 48_000.0));
    assert!(distance < 40.0 && jumps == 0, "{distance} ms, {jumps} jumps");
}

#[test]
fn an_hour_of_pairs_with_one_timestamp() {
    let (clock, distance, jumps) = run(HOUR, 1024, 48_000, |index| (index / 2) as f64 * 2048.0 / 48_000.0);
    assert!(distance < 35.0 && jumps == 0, "{distance} ms, {jumps} jumps");
    assert_eq!(clock.true_rate(48_000), 48_000);
}

/// A stream of 20 ms packets, then one with this timestamp in ms; the next regular one would have 200.
#[track_caller]
fn check_step(pts: i64, rests: bool, expect: Step) {
    let mut clock = Clock::new(48_000);
    for index in 0..10 {
        assert_eq!(clock.arrive(MediaTime::from_millis(index * 20), false), Step::Follows);
        clock.decoded(960, 48_000);
        clock.fed(960, 48_000);
    }
    assert_eq!(clock.arrive(MediaTime::from_millis(pts), rests), expect);
}

#[test]
fn steps() {
    let ms = MediaTime::from_millis;
    check_step(200, false, Step::Follows);
    check_step(207, false, Step::Follows);
    check_step(193, false, Step::Follows);
    check_step(219, false, Step::Fill(ms(20)));
    check_step(220, false, Step::Fill(ms(20)));
    check_step(400, false, Step::Fill(ms(200)));
    check_step(401, false, Step::Jump);
    check_step(600, true, Step::Fill(ms(400)));
    check_step(1201, true, Step::Jump);
    check_step(180, false, Step::Skip(ms(20)));
    check_step(0, false, Step::Skip(ms(200)));
    check_step(-1, false, Step::Jump);
    check_step(i64::MAX, false, Step::Jump);
    check_step(i64::MIN, false, Step::Jump);
}
