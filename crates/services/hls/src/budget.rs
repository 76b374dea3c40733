//! [`Budget`]: how much media the process keeps in memory, and what is let go first.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;

use crate::blob::Blob;

/// Bytes of segments in memory, above which those that are on disk are read from there: 1,000 streams of 600 kb/s with
/// segments of 10 s take three quarters of it while their segments are open, and leave as much for everything else.
const LIMIT: usize = 512 << 20;
/// Bytes above which also segments that are nowhere else are let go: playlists become shorter than `hls_window`.
const HARD_LIMIT: usize = 2 << 30;

/// Bytes in memory, all streams together.
#[derive(Debug)]
pub(crate) struct Budget {
    used: AtomicUsize,
    limit: usize,
    hard_limit: usize,
    /// What is on disk too, oldest first.
    spare: Mutex<VecDeque<Weak<Blob>>>,
}

/// Bytes that count. They stop to when this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    bytes: Bytes,
    counted: Counted,
}

/// A number of bytes that count.
#[derive(Debug)]
pub(crate) struct Counted {
    budget: Arc<Budget>,
    len: usize,
}

impl Budget {
    /// The budget of the process.
    pub(crate) fn new() -> Arc<Budget> {
        Budget::of(LIMIT, HARD_LIMIT)
    }

    /// One with these limits.
    pub(crate) fn of(limit: usize, hard_limit: usize) -> Arc<Budget> {
        Arc::new(Budget { used: AtomicUsize::new(0), limit, hard_limit, spare: Mutex::default() })
    }

    /// Bytes in use.
    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// True when streams have to let go what is nowhere else.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.used() > self.hard_limit
    }

    /// Counts bytes.
    pub(crate) fn hold(self: &Arc<Self>, bytes: Bytes) -> Held {
        let mut counted = self.count();
        counted.set(bytes.len());
        Held { bytes, counted }
    }

    /// A count that begins with nothing.
    pub(crate) fn count(self: &Arc<Self>) -> Counted {
        Counted { budget: self.clone(), len: 0 }
    }

    /// The bytes of `blob` are on disk now: they may be let go.
    pub(crate) fn spare(&self, blob: &Arc<Blob>) {
        self.list().push_back(Arc::downgrade(blob));
        self.relieve();
    }

    /// Lets go what is on disk, oldest first, until the limit is kept.
    pub(crate) fn relieve(&self) {
        while self.used() > self.limit {
            let Some(oldest) = self.list().pop_front() else { return };
            if let Some(blob) = oldest.upgrade() {
                blob.forget();
            }
        }
        let mut list = self.list();
        // What left its playlist left the memory with it.
        while list.front().is_some_and(|blob| blob.strong_count() == 0) {
            list.pop_front();
        }
    }

    fn list(&self) -> std::sync::MutexGuard<'_, VecDeque<Weak<Blob>>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// The bytes.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The same bytes, which are now counted elsewhere: a part of something that is held.
    pub(crate) fn replace(&mut self, bytes: Bytes) {
        self.bytes = bytes;
        self.counted.set(0);
    }
}

impl Counted {
    /// So many bytes from now on.
    pub(crate) fn set(&mut self, len: usize) {
        if len >= self.len {
            self.budget.used.fetch_add(len - self.len, Ordering::Relaxed);
        } else {
            self.budget.used.fetch_sub(self.len - len, Ordering::Relaxed);
        }
        self.len = len;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests;
