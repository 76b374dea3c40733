//! [`Deadlines`]: when each session of a shard wants to be looked at next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

/// Moments by session. Each session has one entry that counts; it may be looked at too early, never too late.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    heap: BinaryHeap<Reverse<(Instant, u64)>>,
}

/// What a session remembers of its place there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Armed(Option<Instant>);

impl Deadlines {
    /// A session wants to be looked at then.
    pub(crate) fn set(&mut self, key: u64, armed: &mut Armed, at: Instant) {
        // An earlier entry is there: what is wanted now is seen when that comes up.
        if armed.0.is_some_and(|armed| armed <= at) {
            return;
        }
        armed.0 = Some(at);
        self.heap.push(Reverse((at, key)));
    }

    /// When the next one is due.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// A session that is due. The caller looks whether it still is, and calls [`Deadlines::set`].
    pub(crate) fn due(&mut self, now: Instant) -> Option<(u64, Instant)> {
        let Reverse((at, key)) = *self.heap.peek()?;
        if at > now {
            return None;
        }
        self.heap.pop();
        Some((key, at))
    }
}

impl Armed {
    /// The entry of that moment came up. False when another one counts.
    pub(crate) fn came_up(&mut self, at: Instant) -> bool {
        let counts = self.0 == Some(at);
        if counts {
            self.0 = None;
        }
        counts
    }
}
