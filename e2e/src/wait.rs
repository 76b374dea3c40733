//! Waiting with a limit.

use std::time::{Duration, Instant};

const STEP: Duration = Duration::from_millis(20);

/// Polls until `ready`; false when that took longer than `limit`.
pub fn eventually(limit: Duration, mut ready: impl FnMut() -> bool) -> bool {
    eventually_some(limit, || ready().then_some(())).is_some()
}

/// Polls until there is a value; `None` when that took longer than `limit`.
pub fn eventually_some<T>(limit: Duration, mut poll: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        let value = poll();
        if value.is_some() || Instant::now() >= deadline {
            return value;
        }
        std::thread::sleep(STEP);
    }
}

/// Lets media time pass: for tests that have nothing to wait for.
pub fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
