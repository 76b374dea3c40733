use std::time::Instant;

use weir_conf::CircuitBreaker;

use super::{Breaker, Level};

/// Levels by SRS's defaults, a sample a second.
fn check(samples: &[(i64, Level)]) {
    let rules = CircuitBreaker {
        enabled: true,
        high_threshold: 90,
        high_pulse: 2,
        critical_threshold: 95,
        critical_pulse: 1,
        dying_threshold: 99,
        dying_pulse: 5,
    };
    let mut breaker = Breaker::new(rules, Instant::now());
    for (at, (percent, level)) in samples.iter().enumerate() {
        assert_eq!(breaker.sample(*percent), *level, "sample {at}");
    }
}

// row: ops.md §7 Circuit breaker
#[test]
fn a_level_lasts_for_its_pulse() {
    use Level::{Calm, Critical, Dying, High};
    check(&[(50, Calm), (90, Calm), (91, High), (50, High), (50, Calm)]);
    check(&[(96, Critical), (96, Critical), (50, High), (50, Calm)]);
    check(&[
        (100, Critical),
        (100, Critical),
        (100, Critical),
        (100, Critical),
        (100, Dying),
        (100, Dying),
        (99, Critical),
    ]);
    check(&[(100, Critical), (100, Critical), (50, High), (100, Critical), (100, Critical), (100, Critical)]);
}

#[test]
fn what_is_off_never_has_a_level() {
    let rules = CircuitBreaker {
        enabled: false,
        high_threshold: 0,
        high_pulse: 2,
        critical_threshold: 0,
        critical_pulse: 1,
        dying_threshold: 0,
        dying_pulse: 1,
    };
    let now = Instant::now();
    assert_eq!(Breaker::new(rules, now).measure(now + super::SPAN), None);
}
