//! The ring of a stream: an append-only chain of segments, freed from behind by the slowest cursor.
//!
//! One writer appends; any number of [`Position`]s read without a lock and without touching a reference count per
//! frame. A segment lives as long as a position stands in it or before it.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// What a ring holds.
pub(crate) trait Item {
    /// Bytes of media in it.
    fn bytes(&self) -> usize;
}

/// Frames in one segment. Small enough that an idle stream is cheap, large enough that following the chain is rare.
const SEGMENT_FRAMES: usize = 32;

/// A frame, or packet, and where it stands in its stream.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    pub(crate) item: T,
    /// When it was appended.
    pub(crate) arrived: Instant,
    /// Bytes of all bodies appended before it.
    pub(crate) offset: u64,
}

#[derive(Debug)]
pub(crate) struct Segment<T> {
    /// Sequence number of its first frame.
    base: u64,
    slots: [OnceLock<Entry<T>>; SEGMENT_FRAMES],
    next: OnceLock<Arc<Segment<T>>>,
}

impl<T> Segment<T> {
    fn new(base: u64) -> Arc<Segment<T>> {
        Arc::new(Segment { base, slots: [const { OnceLock::new() }; SEGMENT_FRAMES], next: OnceLock::new() })
    }
}

/// A long chain must not be dropped by recursion: a cursor that lagged by an hour would exhaust the stack.
impl<T> Drop for Segment<T> {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(segment) = next {
            next = Arc::into_inner(segment).and_then(|mut owned| owned.next.take());
        }
    }
}

/// A place in the ring: before a frame that is there or still to come.
#[derive(Debug)]
pub(crate) struct Position<T> {
    segment: Arc<Segment<T>>,
    index: usize,
}

impl<T> Clone for Position<T> {
    fn clone(&self) -> Self {
        Position { segment: self.segment.clone(), index: self.index }
    }
}

impl<T> Position<T> {
    /// Sequence number of the frame at this place.
    pub(crate) fn sequence(&self) -> u64 {
        self.segment.base + self.index as u64
    }

    #[cfg(test)]
    pub(crate) fn segment(&self) -> &Arc<Segment<T>> {
        &self.segment
    }

    /// What has been appended from here on, oldest first. Follows the writer: it may yield more when asked again.
    pub(crate) fn entries(&self) -> Entries<'_, T> {
        Entries { segment: &self.segment, index: self.index }
    }

    /// Moves past `frames` frames, which the caller has seen in [`Position::entries`].
    pub(crate) fn advance(&mut self, mut frames: usize) {
        debug_assert!(self.entries().take(frames).count() == frames, "a position does not run ahead of the writer");
        loop {
            let step = frames.min(SEGMENT_FRAMES - self.index);
            self.index += step;
            frames -= step;
            if self.index < SEGMENT_FRAMES {
                return;
            }
            let Some(next) = self.segment.next.get().cloned() else { return };
            self.segment = next;
            self.index = 0;
        }
    }
}

pub(crate) struct Entries<'a, T> {
    segment: &'a Segment<T>,
    index: usize,
}

impl<'a, T> Iterator for Entries<'a, T> {
    type Item = &'a Entry<T>;

    fn next(&mut self) -> Option<&'a Entry<T>> {
        if self.index == SEGMENT_FRAMES {
            self.segment = self.segment.next.get()?;
            self.index = 0;
        }
        let entry = self.segment.slots.get(self.index)?.get()?;
        self.index += 1;
        Some(entry)
    }
}

/// The writing end. There is one for each stream.
#[derive(Debug)]
pub(crate) struct Writer<T> {
    end: Position<T>,
    bytes: u64,
}

impl<T: Item + fmt::Debug> Writer<T> {
    pub(crate) fn new() -> Writer<T> {
        Writer { end: Position { segment: Segment::new(0), index: 0 }, bytes: 0 }
    }

    /// The place of the next frame.
    pub(crate) fn end(&self) -> &Position<T> {
        &self.end
    }

    /// Bytes of all bodies appended so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Appends one frame: one store, whoever reads.
    pub(crate) fn append(&mut self, item: T, arrived: Instant) {
        if self.end.index == SEGMENT_FRAMES {
            let next = Segment::new(self.end.sequence());
            let linked = self.end.segment.next.set(next.clone()).is_ok();
            debug_assert!(linked, "the ring has one writer");
            self.end = Position { segment: next, index: 0 };
        }
        let offset = self.bytes;
        self.bytes += item.bytes() as u64;
        if let Some(slot) = self.end.segment.slots.get(self.end.index) {
            let stored = slot.set(Entry { item, arrived, offset }).is_ok();
            debug_assert!(stored, "the ring has one writer");
        }
        self.end.index += 1;
    }
}

#[cfg(test)]
mod tests;
