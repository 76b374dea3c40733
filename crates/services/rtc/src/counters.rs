//! [`Counters`]: what sessions of WebRTC had to do beyond sending media on, over all of them.

use std::sync::atomic::{AtomicU64, Ordering};

/// Grow for as long as the server runs.
#[derive(Debug, Default)]
pub struct Counters {
    /// Datagrams, and packets for TCP connections, that found no room on their way out.
    pub dropped: Counter,
    /// Packets that players were sent again or to try their way.
    pub resent: Counter,
    /// Reports of players, with their requests for lost packets, that were not read: the core was too busy.
    pub ignored: Counter,
    /// Key frames that players wanted.
    pub wanted: Counter,
    /// Key frames that publishers were asked for.
    pub asked: Counter,
}

/// One number.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// So many so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, count: u64) {
        if count > 0 {
            self.0.fetch_add(count, Ordering::Relaxed);
        }
    }
}
