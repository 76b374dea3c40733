//! `max_connections`: how many TCP connections the server holds, all listeners together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The count of open connections and its limit.
#[derive(Debug)]
pub struct Connections {
    limit: AtomicUsize,
    open: AtomicUsize,
    accepted: AtomicU64,
    refused: AtomicU64,
}

/// The place of one connection. Dropping it gives the place back.
#[derive(Debug)]
pub struct Place(Arc<Connections>);

impl Connections {
    /// At most `limit` connections.
    pub fn new(limit: usize) -> Arc<Connections> {
        Arc::new(Connections {
            limit: AtomicUsize::new(limit),
            open: AtomicUsize::new(0),
            accepted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        })
    }

    /// A place for one connection more, or nothing when all are taken.
    pub fn enter(self: &Arc<Self>) -> Option<Place> {
        let place = Place(self.clone());
        if self.open.fetch_add(1, Ordering::AcqRel) >= self.limit() {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        self.accepted.fetch_add(1, Ordering::Relaxed);
        Some(place)
    }

    /// Allows another number from now on. Connections above it stay.
    pub fn set_limit(&self, limit: usize) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    /// The limit.
    pub fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    /// Connections open now.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }

    /// Connections accepted since the start.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Connections refused since the start, because all places were taken.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests;
