use std::time::{Duration, Instant};

use super::{Load, STEPS};

/// Runs passes of `busy` ms in every 10 ms for `millis` ms.
fn run(load: &mut Load, from: Instant, millis: u64, busy: u64) -> Instant {
    let mut now = from;
    for _ in 0..millis / 10 {
        load.ran(now, now + Duration::from_millis(busy));
        now += Duration::from_millis(10);
    }
    now
}

#[test]
fn a_calm_shard_sends_at_once_and_a_busy_one_merges_up_to_the_limit() {
    let start = Instant::now();
    let mut load = Load::new(start);
    let longest = Duration::from_millis(350);
    let now = run(&mut load, start, 1000, 1);
    assert_eq!(load.window(longest), Duration::ZERO);
    let now = run(&mut load, now, 300, 8);
    let growing = load.window(longest);
    assert!(growing > Duration::ZERO && growing < longest, "{growing:?}");
    let now = run(&mut load, now, 2000, 8);
    assert_eq!(load.window(longest), longest);
    run(&mut load, now, 200 * u64::from(STEPS), 1);
    assert_eq!(load.window(longest), Duration::ZERO);
}
