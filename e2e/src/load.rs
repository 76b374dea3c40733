//! How much the machine has to do beside a test.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::wait::eventually_some;

/// Threads for each core that run or could, one browser and a server among them: with more, less is expected.
const CROWDED: f64 = 1.5;
/// However much else the machine has to do, nothing takes so many times longer.
const SLOWEST: f64 = 6.0;
/// How often is looked.
const STEP: Duration = Duration::from_millis(100);

/// Looks at the machine while something goes on.
#[derive(Debug)]
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    looks: JoinHandle<Vec<f64>>,
}

impl Load {
    /// From now on.
    pub(crate) fn begin() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let until = over.clone();
        let looks = std::thread::spawn(move || {
            let mut looks = Vec::new();
            while !until.load(Ordering::Relaxed) {
                looks.extend(running());
                std::thread::sleep(STEP);
            }
            looks
        });
        Self { over, looks }
    }

    /// Threads that ran or could have, for each core, in the middle of the time.
    pub(crate) fn end(self) -> f64 {
        self.over.store(true, Ordering::Relaxed);
        let mut looks = self.looks.join().unwrap_or_default();
        looks.sort_by(f64::total_cmp);
        looks.get(looks.len() / 2).copied().unwrap_or(0.0)
    }
}

/// How many times slower than alone everything may be, with so many threads for each core that wait for it or run: 1 on
/// a calm machine.
pub(crate) fn slowness(load: f64) -> f64 {
    (load / CROWDED).max(1.0)
}

/// Polls until there is a value, for `limit` on a calm machine; where more threads want a core, for that much longer.
pub(crate) fn eventually_by_load<T>(limit: Duration, mut poll: impl FnMut() -> Option<T>) -> Option<T> {
    let (mut spent, mut looked) = (Duration::ZERO, Instant::now());
    let seen = eventually_some(limit.mul_f64(SLOWEST), || {
        let value = poll();
        spent += looked.elapsed().div_f64(slowness(running().unwrap_or(0.0)));
        looked = Instant::now();
        (value.is_some() || spent >= limit).then_some(value)
    });
    seen.flatten()
}

/// Threads of the whole machine that run or could, for each core, as in proc_stat(5); this one is not counted.
fn running() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let running: f64 = stat.lines().find_map(|line| line.strip_prefix("procs_running "))?.trim().parse().ok()?;
    let cores = std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
    Some((running - 1.0) / cores)
}
