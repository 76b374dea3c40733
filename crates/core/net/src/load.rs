//! [`Load`]: how busy a shard is, and how long it therefore waits between two passes.

use std::time::{Duration, Instant};

/// A shard below this share of its core sends each frame at once.
const CALM: f64 = 0.30;
/// The share is measured over spans of this length.
const SPAN: Duration = Duration::from_millis(100);
/// The window grows and shrinks in this many steps.
const STEPS: u32 = 7;

/// The merge window of a shard: zero while it is calm, up to `mw_latency` as its load rises.
#[derive(Debug)]
pub(crate) struct Load {
    span_start: Instant,
    busy: Duration,
    step: u32,
}

impl Load {
    pub(crate) fn new(now: Instant) -> Load {
        Load { span_start: now, busy: Duration::ZERO, step: 0 }
    }

    /// Counts a pass that ran from `start` to `end`.
    pub(crate) fn ran(&mut self, start: Instant, end: Instant) {
        self.busy += end.saturating_duration_since(start);
        let span = end.saturating_duration_since(self.span_start);
        if span < SPAN {
            return;
        }
        let share = self.busy.as_secs_f64() / span.as_secs_f64();
        if share > CALM {
            self.step = (self.step + 1).min(STEPS);
        } else if share < CALM / 2.0 {
            self.step = self.step.saturating_sub(1);
        }
        (self.span_start, self.busy) = (end, Duration::ZERO);
    }

    /// How long to wait between two passes when at most `longest` is allowed.
    pub(crate) fn window(&self, longest: Duration) -> Duration {
        longest * self.step / STEPS
    }
}

#[cfg(test)]
mod tests;
