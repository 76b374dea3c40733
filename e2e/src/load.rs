//! How much the machine has to do beside a test.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

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
        let cores = std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
        looks.get(looks.len() / 2).map_or(0.0, |running| running / cores)
    }
}

/// Of the whole machine, as in proc_stat(5); this thread is not counted.
fn running() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let running: f64 = stat.lines().find_map(|line| line.strip_prefix("procs_running "))?.trim().parse().ok()?;
    Some(running - 1.0)
}
