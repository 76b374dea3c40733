//! [`Load`]: how busy a shard is, and how long it therefore waits between two passes.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

/// The share of the core is measured over spans of at least this length, and of two windows: a span must hold passes
/// and the pauses between them in the proportion in which they come.
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

    /// The window that was last in force: for so long frames may wait for others, in milliseconds.
    pub fn window_ms(&self) -> u32 {
        self.window_ms.load(Ordering::Relaxed)
    }

    pub(crate) fn set_window(&self, window: Duration) {
        self.window_ms.store(u32::try_from(window.as_millis()).unwrap_or(u32::MAX), Ordering::Relaxed);
    }
}

/// The merge window of a shard: zero while its thread uses less of its core than the target, longer by one step in each
/// span above it, up to `mw_latency`; shorter by one step in each span in which the use would stay within the target with
/// one step less. At the longest window the use may rise to the whole core, and then players are cut as their queues say.
#[derive(Debug)]
pub(crate) struct Load {
    /// The share of a core up to which the shard is calm.
    target: f64,
    span_start: Instant,
    cpu_start: Duration,
    step: u32,
    /// The window that was last given out.
    window: Duration,
    /// Writes to players in this span, and how many they would have been with each frame sent at once.
    writes: u64,
    writes_at_once: u64,
}

impl Load {
    /// For the thread that calls it, with a target in percent of a core (`threads.send_cpu_target`).
    pub(crate) fn new(target_percent: u32, now: Instant) -> Load {
        Load {
            target: f64::from(target_percent) / 100.0,
            span_start: now,
            cpu_start: thread_cpu(),
            step: 0,
            window: Duration::ZERO,
            writes: 0,
            writes_at_once: 0,
        }
    }

    /// To be called after each pass, on the same thread: it sent `frames` frames to each of `players` players.
    pub(crate) fn passed(&mut self, players: u64, frames: u64, now: Instant, gauge: &Gauge) {
        self.writes = self.writes.saturating_add(players);
        self.writes_at_once = self.writes_at_once.saturating_add(players.saturating_mul(frames.max(1)));
        let span = now.saturating_duration_since(self.span_start);
        if span >= SPAN.max(self.window * 2) {
            let cpu = thread_cpu();
            self.span(cpu.saturating_sub(self.cpu_start), span, gauge);
            (self.span_start, self.cpu_start) = (now, cpu);
        }
    }

    /// A span of `wall` went by in which the thread used `cpu`.
    fn span(&mut self, cpu: Duration, wall: Duration, gauge: &Gauge) {
        let share = cpu.as_secs_f64() / wall.as_secs_f64().max(f64::MIN_POSITIVE);
        if share > self.target {
            self.step = (self.step + 1).min(STEPS);
        } else if share * self.growth() <= self.target {
            // A shard that was idle for long has had as many spans of it.
            let spans = u32::try_from(wall.as_millis() / SPAN.as_millis().max(1)).unwrap_or(u32::MAX);
            self.step = self.step.saturating_sub(spans.max(1));
        }
        (self.writes, self.writes_at_once) = (0, 0);
        gauge.percent.store((share * 100.0).round() as u32, Ordering::Relaxed);
    }

    /// By how much the number of writes grows with a window that is one step shorter. What the bytes cost stays the same,
    /// so the use of the core grows by less.
    fn growth(&self) -> f64 {
        let at_once = self.writes_at_once as f64 / self.writes.max(1) as f64;
        match self.step {
            0 | 1 => at_once.max(1.0),
            step => at_once.max(1.0).min(f64::from(step) / f64::from(step - 1)),
        }
    }

    /// How long to wait between two passes when at most `longest` is allowed.
    pub(crate) fn window(&mut self, longest: Duration) -> Duration {
        self.window = longest * self.step / STEPS;
        self.window
    }
}

/// CPU time of the calling thread.
pub fn thread_cpu() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

#[cfg(test)]
mod tests;
