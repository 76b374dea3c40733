//! [`Breaker`]: what a shard gives up while its core is overloaded (`circuit_breaker`).
//!
//! SRS looks at the one core it has; here each shard looks at its own.

use std::time::{Duration, Instant};

use weir_conf::CircuitBreaker;
use weir_net::thread_cpu;

/// The use of the core is measured over this long.
const SPAN: Duration = Duration::from_secs(1);

/// How much is given up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) enum Level {
    /// Nothing.
    #[default]
    Calm,
    /// Publishers are not asked for what was lost.
    High,
    /// And players are not sent it again, nor listened to about their way.
    Critical,
    /// And players get no packets.
    Dying,
}

/// The level of one shard.
#[derive(Debug)]
pub(crate) struct Breaker {
    rules: CircuitBreaker,
    since: Instant,
    cpu: Duration,
    /// Spans for which the level stays.
    high: i64,
    critical: i64,
    /// Spans in a row above the highest threshold.
    dying: i64,
}

impl Breaker {
    /// For the thread that calls it.
    pub(crate) fn new(rules: CircuitBreaker, now: Instant) -> Breaker {
        Breaker { rules, since: now, cpu: thread_cpu(), high: 0, critical: 0, dying: 0 }
    }

    /// The level and the use of the core in percent, when a span has gone by.
    pub(crate) fn measure(&mut self, now: Instant) -> Option<(Level, i64)> {
        let span = now.saturating_duration_since(self.since);
        if span < SPAN || !self.rules.enabled {
            return None;
        }
        let cpu = thread_cpu();
        let used = cpu.saturating_sub(self.cpu).as_micros() * 100 / span.as_micros().max(1);
        (self.since, self.cpu) = (now, cpu);
        let percent = i64::try_from(used).unwrap_or(i64::MAX);
        Some((self.sample(percent), percent))
    }

    /// Takes a sample. High and critical last for their pulses after the last sample above; dying needs its pulse in a row,
    /// and ends with the first below.
    fn sample(&mut self, percent: i64) -> Level {
        let lasts = |left: i64, threshold: i64, pulse: i64| if percent > threshold { pulse.max(1) } else { left - 1 };
        self.high = lasts(self.high, self.rules.high_threshold, self.rules.high_pulse).max(0);
        self.critical = lasts(self.critical, self.rules.critical_threshold, self.rules.critical_pulse).max(0);
        self.dying = if percent > self.rules.dying_threshold { self.dying.saturating_add(1) } else { 0 };
        match self {
            _ if self.dying > 0 && self.dying >= self.rules.dying_pulse => Level::Dying,
            _ if self.critical > 0 => Level::Critical,
            _ if self.high > 0 => Level::High,
            _ => Level::Calm,
        }
    }
}

#[cfg(test)]
mod tests;
