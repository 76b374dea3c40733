//! [`Sampler`]: watches the process and the machine for the API.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use weir_hub::Hub;

use weir_json::Value;

use crate::machine;
use crate::measures::{self, At, Sample};

/// The shortest time between two samples; some measures are taken at every second or third of these ticks.
pub(crate) const TICK: Duration = Duration::from_secs(3);

/// Samples processor, memory, network and disks on ticks of 3, 6 and 9 seconds, and the byte rates of the hub on those
/// of 3 (`ops.md` §7). With `stats.enabled off` it samples nothing, and endpoints say `"ok":false`.
#[derive(Debug)]
pub struct Sampler {
    hub: Arc<Hub>,
    started: Instant,
    last: ArcSwap<Sample>,
}

impl Sampler {
    /// Of the process that serves `hub`. Its uptime counts from here.
    pub fn new(hub: Arc<Hub>) -> Arc<Sampler> {
        Arc::new(Sampler { hub, started: Instant::now(), last: ArcSwap::default() })
    }

    /// Samples now and at every tick until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        for tick in 0_u64.. {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => self.sample(tick),
            }
        }
    }

    /// What this process used of one processor (several threads may pass 1), and the most memory it had in kB. None before
    /// the first sample.
    pub fn process(&self) -> Option<(f64, i64)> {
        let last = self.last();
        Some((last.process.as_ref()?.value.percent, last.usage.as_ref()?.value.max_rss()))
    }

    /// `data` of `/api/v1/summaries`.
    pub fn summaries(&self) -> Value {
        let traffic = self.hub.traffic();
        machine::summary(self, self.hub.client_count(), traffic.bytes_received(), traffic.bytes_sent())
    }

    /// What this process uses of one processor, and the kB that it has in memory; zeros before the first sample.
    pub(crate) fn load(&self) -> (f64, i64) {
        let last = self.last();
        last.process.as_ref().map_or((0.0, 0), |process| (process.value.percent, process.value.resident_kbytes()))
    }

    /// The newest sample.
    pub(crate) fn last(&self) -> Arc<Sample> {
        self.last.load_full()
    }

    /// Seconds since the process started.
    pub(crate) fn uptime(&self) -> u64 {
        self.started.elapsed().as_secs()
    }

    /// Takes what is due at a tick; all of it is due at the first one.
    pub(crate) fn sample(&self, tick: u64) {
        let conf = self.hub.conf();
        if !conf.stats.enabled {
            return;
        }
        self.hub.sample(Instant::now());
        let now = unix_ms();
        let mut sample = Sample::clone(&self.last());
        sample.traffic_ms = now;
        put(&mut sample.usage, now, measures::usage());
        let process = measures::process(sample.process.as_ref(), now);
        put(&mut sample.process, now, process);
        let cpu = measures::cpu(sample.cpu.as_ref());
        put(&mut sample.cpu, now, cpu);
        if tick.is_multiple_of(2) {
            put(&mut sample.memory, now, measures::memory());
            let disk = measures::disk(&conf.stats.disk, sample.disk.as_ref(), now);
            put(&mut sample.disk, now, disk);
        }
        if tick.is_multiple_of(3) {
            put(&mut sample.network, now, measures::network());
            put(&mut sample.platform, now, measures::platform());
        }
        self.last.store(Arc::new(sample));
    }
}

/// What could not be measured keeps its last value.
fn put<T>(place: &mut Option<At<T>>, ms: i64, value: Option<T>) {
    if let Some(value) = value {
        *place = Some(At { ms, value });
    }
}

/// The time of day in Unix milliseconds.
pub(crate) fn unix_ms() -> i64 {
    unix_ms_of(SystemTime::now())
}

/// A moment in Unix milliseconds.
pub(crate) fn unix_ms_of(moment: SystemTime) -> i64 {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
