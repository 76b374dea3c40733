//! [`Follower`]: a reader of a stream inside of the server, such as one that cuts it into segments.

use std::sync::Arc;
use std::time::Instant;

use crate::cursor::{Cursor, Limits, Skipped};
use crate::frame::Frame;
use crate::lane::Watch;
use crate::stream::Stream;

/// A reader that is no client: nobody admits it, counts it or ends it. It does not keep its stream in the hub.
#[derive(Debug)]
pub struct Follower {
    stream: Arc<Stream>,
    cursor: Cursor,
    watch: Arc<Watch>,
}

impl Follower {
    pub(crate) fn new(stream: Arc<Stream>) -> Follower {
        let cursor = Cursor::new(stream.lane(), weir_conf::TimeJitter::Off, Instant::now());
        let watch = stream.lane().watch();
        Follower { stream, cursor, watch }
    }

    /// The stream that is read.
    pub fn stream(&self) -> &Arc<Stream> {
        &self.stream
    }

    /// Ends when there may be something to read.
    pub async fn appended(&self) {
        self.watch.appended().await;
    }

    /// What was not read yet, oldest first: configuration, then frames. [`Flags::END`](crate::Flags::END) marks the end of
    /// what one publisher sent; another may follow.
    pub fn pending(&self) -> impl Iterator<Item = &Frame> {
        self.cursor.pending()
    }

    /// Moves past `frames` pending frames.
    pub fn advance(&mut self, frames: usize) {
        self.cursor.advance(frames);
    }

    /// Moves a reader that is too far behind for its vhost's limits to the newest key frame.
    pub fn keep_up(&mut self, now: Instant) -> Option<Skipped> {
        let limits = Limits::of(&self.stream.conf.load().play);
        self.keep_up_within(limits, now)
    }

    /// The same with limits of its own.
    pub fn keep_up_within(&mut self, limits: Limits, now: Instant) -> Option<Skipped> {
        self.cursor.overrun(self.stream.lane(), limits, now)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.stream.lane().unwatch(&self.watch);
    }
}

#[cfg(test)]
mod tests;
