//! [`Blob`]: a piece of a stream that is served as a file: a segment, a part, an initialisation segment, a key.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use weir_httpd::Body;

use crate::budget::{Budget, Held};
use crate::plan::File;

/// What a piece is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sort {
    /// A segment or part of MPEG-TS.
    Ts,
    /// A segment or part of fragmented MP4.
    Mp4,
    /// An initialisation segment.
    Init,
    /// A key.
    Key,
}

impl Sort {
    /// Its media type.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Sort::Ts => "video/MP2T",
            Sort::Mp4 => "video/iso.segment",
            Sort::Init => "video/mp4",
            Sort::Key => "application/octet-stream",
        }
    }
}

/// Whether a piece is on disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum OnDisk {
    /// It is not meant to be.
    Never,
    /// It will be written.
    Waiting,
    /// It is there.
    Written,
    /// It could not be written.
    Failed,
}

impl OnDisk {
    fn of(number: u8) -> OnDisk {
        match number {
            0 => OnDisk::Never,
            1 => OnDisk::Waiting,
            2 => OnDisk::Written,
            _ => OnDisk::Failed,
        }
    }
}

/// A piece in memory, on disk, or both.
#[derive(Debug)]
pub(crate) struct Blob {
    /// Where it is.
    pub(crate) file: File,
    /// What it is.
    pub(crate) sort: Sort,
    /// Its length in bytes.
    pub(crate) len: usize,
    memory: Mutex<Option<Held>>,
    disk: AtomicU8,
}

impl Blob {
    /// A piece in memory.
    pub(crate) fn new(file: File, sort: Sort, bytes: Bytes, budget: &Arc<Budget>, to_disk: bool) -> Arc<Blob> {
        let disk = if to_disk { OnDisk::Waiting } else { OnDisk::Never };
        Arc::new(Blob {
            file,
            sort,
            len: bytes.len(),
            memory: Mutex::new(Some(budget.hold(bytes))),
            disk: AtomicU8::new(disk as u8),
        })
    }

    /// True for a segment or a part of one.
    pub(crate) fn is_media(&self) -> bool {
        matches!(self.sort, Sort::Ts | Sort::Mp4)
    }

    /// Its bytes, while they are in memory.
    pub(crate) fn bytes(&self) -> Option<Bytes> {
        self.memory().as_ref().map(|held| held.bytes().clone())
    }

    /// What a request for it is answered with.
    pub(crate) fn body(&self) -> Option<Body> {
        let held = self.memory().as_ref().map(|held| (held.bytes().clone(), held.pages()));
        match held {
            Some((bytes, Some(pages))) => Some(Body::Pages(bytes, pages)),
            Some((bytes, None)) => Some(Body::Bytes(bytes)),
            None if self.on_disk() == OnDisk::Written => {
                let path = PathBuf::from(&self.file.path);
                Some(Body::File { path, from: 0, len: self.len as u64, head: Bytes::new() })
            }
            None => None,
        }
    }

    /// Somebody asks for it whose connection can send from pages. True when it is time to [`store`](Blob::store) it there.
    pub(crate) fn is_hot(&self) -> bool {
        self.memory().as_mut().is_some_and(Held::is_hot)
    }

    /// Copies it to where the kernel can send it from. That takes a while: not on a thread that has players to serve.
    pub(crate) fn store(&self) {
        let Some((bytes, pool)) = self.memory().as_ref().and_then(|held| Some((held.bytes().clone(), held.pool()?)))
        else {
            return;
        };
        if let (Ok(pages), Some(held)) = (pool.store(&bytes), self.memory().as_mut()) {
            held.set_pages(Arc::new(pages));
        }
    }

    /// Whether it is on disk.
    pub(crate) fn on_disk(&self) -> OnDisk {
        OnDisk::of(self.disk.load(Ordering::Acquire))
    }

    /// Notes how writing it ended. False when it was discarded meanwhile: then its file must not stay.
    pub(crate) fn settle(&self, disk: OnDisk) -> bool {
        self.exchange(disk).is_ok()
    }

    /// Nobody wants it any more. Answers what it was: when it waited for the disk, its memory is let go.
    pub(crate) fn discard(&self) -> OnDisk {
        match self.exchange(OnDisk::Never) {
            Ok(was) => {
                self.memory().take();
                OnDisk::of(was)
            }
            Err(found) => OnDisk::of(found),
        }
    }

    /// Changes what waits for the disk. Fails with what it is when it does not wait.
    fn exchange(&self, to: OnDisk) -> Result<u8, u8> {
        self.disk.compare_exchange(OnDisk::Waiting as u8, to as u8, Ordering::AcqRel, Ordering::Acquire)
    }

    /// Lets its memory go, if it is on disk.
    pub(crate) fn forget(&self) {
        if self.on_disk() == OnDisk::Written {
            self.memory().take();
        }
    }

    /// Its bytes are a part of others that are held from now on.
    pub(crate) fn share(&self, bytes: Bytes) {
        if let Some(held) = self.memory().as_mut() {
            held.replace(bytes);
        }
    }

    fn memory(&self) -> MutexGuard<'_, Option<Held>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
