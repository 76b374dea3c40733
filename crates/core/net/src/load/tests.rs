use std::time::{Duration, Instant};

use super::{Gauge, Load, SPAN, STEPS};

const LONGEST: Duration = Duration::from_millis(350);

/// Lets `spans` spans go by with a thread that uses `percent` of its core; returns the window.
fn run(load: &mut Load, gauge: &Gauge, spans: u32, percent: u64) -> Duration {
    for _ in 0..spans {
        load.span(SPAN.as_nanos() as u64 * percent / 100, SPAN, gauge);
    }
    load.window(LONGEST, gauge)
}

#[test]
fn a_calm_shard_sends_at_once_and_a_busy_one_merges_step_by_step() {
    let (mut load, gauge) = (Load::new(30, Instant::now()), Gauge::default());
    assert_eq!(run(&mut load, &gauge, 100, 30), Duration::ZERO, "up to the target nothing waits");
    assert_eq!(run(&mut load, &gauge, 1, 31), LONGEST / STEPS);
    assert_eq!(run(&mut load, &gauge, 3, 90), LONGEST * 4 / STEPS);
    assert_eq!((gauge.cpu_percent(), gauge.window_ms()), (90, 100));
    assert_eq!(run(&mut load, &gauge, 5, 20), LONGEST * 4 / STEPS, "between half the target and the target it stays");
    assert_eq!(run(&mut load, &gauge, 1, 14), LONGEST * 3 / STEPS);
    assert_eq!(run(&mut load, &gauge, 100, 100), LONGEST, "and never more than mw_latency");
    assert_eq!(run(&mut load, &gauge, STEPS, 5), Duration::ZERO);
}

#[test]
fn the_thread_is_measured() {
    let gauge = Gauge::default();
    let mut load = Load::new(30, Instant::now());
    let start = Instant::now();
    while start.elapsed() < SPAN + SPAN / 4 {
        std::hint::spin_loop();
    }
    load.look(Instant::now(), &gauge);
    assert!(gauge.cpu_percent() > 5, "a spinning thread uses {} %", gauge.cpu_percent());
}
