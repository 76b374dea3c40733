//! [`Budget`]: how much media the process keeps in memory, and what is let go first.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use weir_net::pages::{Pages, Pool};

use crate::blob::Blob;

/// Bytes of segments in memory, above which those that are on disk are read from there: 1,000 streams of 600 kb/s with
/// segments of 10 s take three quarters of it while their segments are open, and leave as much for everything else.
const LIMIT: usize = 512 << 20;
/// Bytes above which also segments that are nowhere else are let go: playlists become shorter than `hls_window`.
const HARD_LIMIT: usize = 2 << 30;

/// Segments that the list of what is on disk has room for before it is looked through.
const LEAST_ROOM: usize = 64;

/// So many players ask for a segment before it is copied to where the kernel can send it from,
const HOT: u32 = 4;
/// if it is as long as this: a shorter one is copied as fast as it is found there.
const LARGE: usize = 64 << 10;

/// Bytes in memory, all streams together.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Nothing where the system has none.
    pool: Option<Arc<Pool>>,
    used: AtomicUsize,
    limit: usize,
    hard_limit: usize,
    spare: Mutex<Spare>,
}

/// What is on disk too.
#[derive(Debug, Default)]
struct Spare {
    /// Oldest first. Some of it has left its playlist, and the memory with it.
    list: VecDeque<Weak<Blob>>,
    /// How long the list may become before those are taken out.
    room: usize,
}

/// Bytes that count. They stop to when this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    bytes: Bytes,
    counted: Counted,
    asked: u32,
    pages: Option<Arc<Pages>>,
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
        let pool = Pool::new().ok();
        Arc::new(Budget { pool, used: AtomicUsize::new(0), limit, hard_limit, spare: Mutex::default() })
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
        Held { bytes, counted, asked: 0, pages: None }
    }

    /// A count that begins with nothing.
    pub(crate) fn count(self: &Arc<Self>) -> Counted {
        Counted { budget: self.clone(), len: 0 }
    }

    /// The bytes of `blob` are on disk now: they may be let go.
    pub(crate) fn spare(&self, blob: &Arc<Blob>) {
        let mut spare = self.spare_list();
        spare.list.push_back(Arc::downgrade(blob));
        if spare.list.len() > spare.room {
            spare.list.retain(|blob| blob.strong_count() > 0);
            spare.room = spare.list.len().saturating_mul(2).max(LEAST_ROOM);
        }
        drop(spare);
        self.relieve();
    }

    /// Lets go what is on disk, oldest first, until the limit is kept.
    pub(crate) fn relieve(&self) {
        while self.used() > self.limit {
            let Some(oldest) = self.spare_list().list.pop_front() else { return };
            if let Some(blob) = oldest.upgrade() {
                blob.forget();
            }
        }
    }

    fn spare_list(&self) -> MutexGuard<'_, Spare> {
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
        self.counted.set(self.pages.as_ref().map_or(0, |pages| pages.len()));
    }

    /// Where the kernel can send them from, if they were copied there.
    pub(crate) fn pages(&self) -> Option<Arc<Pages>> {
        self.pages.clone()
    }

    /// Counts a player that could be sent pages. True once, when so many have asked that a copy pays.
    pub(crate) fn is_hot(&mut self) -> bool {
        self.asked = self.asked.saturating_add(1);
        self.asked == HOT && self.bytes.len() >= LARGE
    }

    /// Where they can be copied to.
    pub(crate) fn pool(&self) -> Option<Arc<Pool>> {
        self.counted.budget.pool.clone()
    }

    /// They were copied there, which counts too.
    pub(crate) fn set_pages(&mut self, pages: Arc<Pages>) {
        self.counted.set(self.counted.len + pages.len());
        self.pages = Some(pages);
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
