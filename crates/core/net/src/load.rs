//! [`Load`]: how busy a shard is, and how long it therefore waits between two passes.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

/// The share of the core is measured over spans of this length.
const SPAN: Duration = Duration::from_millis(100);
/// The window grows and shrinks in this many steps.
const STEPS: u32 = 14;

/// What a shard did in its last span, for who wants to look.
#[derive(Debug, Default)]
pub struct Gauge {
    percent: AtomicU32,
    window_ms: AtomicU32,
}

impl Gauge {
    /// Percent of a core that the shard's thread used.
    pub fn cpu_percent(&self) -> u32 {
        self.percent.load(Ordering::Relaxed)
    }

    /// The longest time that frames waited between two passes lately, in milliseconds.
    pub fn window_ms(&self) -> u32 {
        self.window_ms.load(Ordering::Relaxed)
    }
}

/// The merge window of a shard: zero while its thread uses less of its core than the target, longer by one step in each
/// span above it, up to `mw_latency`; shorter by one step in each span well below. At the longest window the use may
/// rise to the whole core, and then players are cut as their queues say.
#[derive(Debug)]
pub(crate) struct Load {
    /// Nanoseconds of CPU in a span up to which the shard is calm.
    target: u64,
    span_start: Instant,
    cpu_start: u64,
    step: u32,
}

impl Load {
    /// For the thread that calls it, with a target in percent of a core (`threads.send_cpu_target`).
    pub(crate) fn new(target_percent: u32, now: Instant) -> Load {
        Load { target: u64::from(target_percent), span_start: now, cpu_start: thread_cpu(), step: 0 }
    }

    /// To be called after each pass, on the same thread.
    pub(crate) fn look(&mut self, now: Instant, gauge: &Gauge) {
        let span = now.saturating_duration_since(self.span_start);
        if span >= SPAN {
            let cpu = thread_cpu();
            self.span(cpu.saturating_sub(self.cpu_start), span, gauge);
            (self.span_start, self.cpu_start) = (now, cpu);
        }
    }

    /// A span of `wall` went by in which the thread used `cpu` nanoseconds.
    fn span(&mut self, cpu: u64, wall: Duration, gauge: &Gauge) {
        let wall = u64::try_from(wall.as_nanos()).unwrap_or(u64::MAX).max(1);
        let percent = cpu.saturating_mul(100) / wall;
        if percent > self.target {
            self.step = (self.step + 1).min(STEPS);
        } else if percent < self.target / 2 {
            self.step = self.step.saturating_sub(1);
        }
        gauge.percent.store(u32::try_from(percent).unwrap_or(u32::MAX), Ordering::Relaxed);
    }

    /// How long to wait between two passes when at most `longest` is allowed.
    pub(crate) fn window(&self, longest: Duration, gauge: &Gauge) -> Duration {
        let window = longest * self.step / STEPS;
        gauge.window_ms.store(u32::try_from(window.as_millis()).unwrap_or(u32::MAX), Ordering::Relaxed);
        window
    }
}

/// CPU time of the calling thread in nanoseconds.
fn thread_cpu() -> u64 {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(0, |time| {
        let (seconds, nanos) = (time.tv_sec().unsigned_abs(), time.tv_nsec().unsigned_abs());
        seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
    })
}

#[cfg(test)]
mod tests;
