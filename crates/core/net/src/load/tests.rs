use std::time::{Duration, Instant};

use super::{Gauge, Load, SPAN, STEPS};

const LONGEST: Duration = Duration::from_millis(350);

fn busy(percent: u32) -> Duration {
    SPAN * percent / 100
}

/// Lets `spans` spans go by with a thread that uses `percent` of its core; returns the window. Each write has two frames.
fn run(load: &mut Load, gauge: &Gauge, spans: u32, percent: u32) -> Duration {
    for _ in 0..spans {
        (load.writes, load.writes_at_once) = (100, 200);
        load.span(busy(percent), SPAN, gauge);
    }
    load.window(LONGEST)
}

#[test]
fn a_calm_shard_sends_at_once_and_a_busy_one_merges_step_by_step() {
    let (mut load, gauge) = (Load::new(30, Instant::now()), Gauge::default());
    assert_eq!(run(&mut load, &gauge, 100, 30), Duration::ZERO, "up to the target nothing waits");
    assert_eq!(run(&mut load, &gauge, 1, 31), LONGEST / STEPS);
    assert_eq!(run(&mut load, &gauge, 3, 90), LONGEST * 4 / STEPS);
    assert_eq!(gauge.cpu_percent(), 90);
    assert_eq!(run(&mut load, &gauge, 100, 100), LONGEST, "and never more than mw_latency");
}

#[test]
fn the_window_shrinks_as_soon_as_the_use_would_stay_within_the_target() {
    let (mut load, gauge) = (Load::new(30, Instant::now()), Gauge::default());
    run(&mut load, &gauge, 4, 90);
    assert_eq!(run(&mut load, &gauge, 5, 23), LONGEST * 4 / STEPS, "three steps would be 4/3 of the writes: 30.7 %");
    assert_eq!(run(&mut load, &gauge, 1, 22), LONGEST * 3 / STEPS, "29.3 %");
    assert_eq!(run(&mut load, &gauge, 1, 15), LONGEST * 2 / STEPS);
    assert_eq!(run(&mut load, &gauge, 1, 15), LONGEST / STEPS);
    assert_eq!(run(&mut load, &gauge, 9, 16), LONGEST / STEPS, "at once would be 2 frames for each write: 32 %");
    assert_eq!(run(&mut load, &gauge, 1, 15), Duration::ZERO);
}

#[test]
fn an_idle_shard_forgets_its_window() {
    let (mut load, gauge) = (Load::new(1, Instant::now()), Gauge::default());
    run(&mut load, &gauge, 100, 100);
    load.span(Duration::from_millis(1), Duration::from_secs(3600), &gauge);
    assert_eq!(load.window(LONGEST), Duration::ZERO);
}

#[test]
fn a_span_holds_passes_and_pauses_in_proportion() {
    let start = Instant::now();
    let (mut load, gauge) = (Load::new(30, start), Gauge::default());
    load.step = STEPS;
    load.window(LONGEST);
    load.passed(1, 1, start + LONGEST, &gauge);
    assert_eq!(load.writes, 1, "one window is no span yet");
    load.passed(1, 1, start + LONGEST * 2, &gauge);
    assert_eq!(load.writes, 0, "two are");
}

#[test]
fn the_thread_is_measured() {
    let gauge = Gauge::default();
    let mut load = Load::new(30, Instant::now());
    let start = Instant::now();
    while start.elapsed() < SPAN + SPAN / 4 {
        std::hint::spin_loop();
    }
    load.passed(1, 1, Instant::now(), &gauge);
    assert!(gauge.cpu_percent() > 5, "a spinning thread uses {} %", gauge.cpu_percent());
}
