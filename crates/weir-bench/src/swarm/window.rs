//! The course of a run: all clients start, everything settles, then it is measured.

use std::time::{Duration, Instant};

use super::Schedule;
use crate::usage::Sample;

/// Clients that neither play nor fail so long after the last one started are not waited for.
const SETTLE_LIMIT: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Ramp,
    WarmUp,
    Measure,
    Done,
}

impl Phase {
    pub(super) fn name(self) -> &'static str {
        match self {
            Phase::Ramp => "ramp",
            Phase::WarmUp => "warm-up",
            Phase::Measure => "measure",
            Phase::Done => "done",
        }
    }
}

#[derive(Debug)]
pub(super) struct Window {
    pub(super) began: Instant,
    pub(super) phase: Phase,
    /// Start of the phase.
    since: Instant,
    /// When the last client had started.
    ramped: Option<Instant>,
    /// The measured time.
    pub(super) opened: Instant,
    pub(super) closed: Instant,
    /// The server when measuring began.
    pub(super) server: Option<Sample>,
    /// Our own processor time then.
    pub(super) own: Duration,
}

impl Window {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            began: now,
            phase: Phase::Ramp,
            since: now,
            ramped: None,
            opened: now,
            closed: now,
            server: None,
            own: Duration::ZERO,
        }
    }

    /// It is measured from the beginning.
    pub(super) fn open(now: Instant) -> Self {
        Self { phase: Phase::Measure, ..Self::new(now) }
    }

    /// When client `index` starts.
    pub(super) fn start_of(&self, index: usize, ramp: u32) -> Instant {
        self.began + Duration::from_secs_f64(index as f64 / f64::from(ramp.max(1)))
    }

    /// The phase that begins now, if one does. `settled`: all clients have started, and each has come to something.
    pub(super) fn turn(&mut self, now: Instant, schedule: &Schedule, settled: impl Fn() -> bool) -> Option<Phase> {
        let in_phase = now.saturating_duration_since(self.since);
        let next = match self.phase {
            // Looking at every client is not for every millisecond.
            Phase::Ramp if in_phase < Duration::from_millis(20) => return None,
            Phase::Ramp => {
                self.since = now;
                let ramped = settled().then_some(now).or(self.ramped.filter(|at| now >= *at + SETTLE_LIMIT));
                ramped?;
                Phase::WarmUp
            }
            Phase::WarmUp if in_phase >= schedule.warm_up => Phase::Measure,
            Phase::Measure if in_phase >= schedule.duration => Phase::Done,
            _ => return None,
        };
        (self.phase, self.since) = (next, now);
        Some(next)
    }

    /// Measuring ends now, if it has begun; else nothing was measured.
    pub(super) fn interrupt(&mut self, now: Instant) {
        if self.phase == Phase::Measure {
            self.closed = now;
        }
        self.phase = Phase::Done;
    }

    /// The last client has started.
    pub(super) fn all_started(&mut self, now: Instant) {
        self.ramped.get_or_insert(now);
    }
}

#[cfg(test)]
mod tests;
