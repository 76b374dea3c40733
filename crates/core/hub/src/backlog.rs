//! [`Backlog`]: how far a player is behind its stream; [`Loss`]: what it missed for being too far behind.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// What waits for a player.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Backlog {
    /// Frames that it has still to get.
    pub frames: u64,
    /// Bytes of their bodies, and what its socket left of earlier ones.
    pub bytes: u64,
    /// How long the oldest of these frames has waited.
    pub age: Duration,
}

/// Frames that a player did not get because it reached a limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Loss {
    /// The directive with the limit.
    pub limit: &'static str,
    /// How often it was moved on.
    pub cuts: u64,
    /// Frames that it missed.
    pub frames: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
    /// When it happened last.
    pub last: SystemTime,
}

/// What the server knows of a player's queue. Written at a low rate by the thread that serves it.
#[derive(Debug, Default)]
pub(crate) struct Queue(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    backlog: Option<Backlog>,
    /// One for each limit.
    losses: Vec<Loss>,
}

impl Queue {
    /// Nothing before the first report, and for who has no place in a stream.
    pub(crate) fn backlog(&self) -> Option<Backlog> {
        self.state().backlog
    }

    pub(crate) fn losses(&self) -> Vec<Loss> {
        self.state().losses.clone()
    }

    pub(crate) fn report(&self, backlog: Backlog) {
        self.state().backlog = Some(backlog);
    }

    pub(crate) fn lose(&self, limit: &'static str, frames: u64, bytes: u64, last: SystemTime) {
        let losses = &mut self.state().losses;
        match losses.iter_mut().find(|loss| loss.limit == limit) {
            Some(loss) => {
                *loss =
                    Loss { limit, cuts: loss.cuts + 1, frames: loss.frames + frames, bytes: loss.bytes + bytes, last };
            }
            None => losses.push(Loss { limit, cuts: 1, frames, bytes, last }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
