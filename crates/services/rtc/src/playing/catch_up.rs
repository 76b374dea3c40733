//! [`CatchUp`]: how a player that starts at an old key frame comes to the newest picture.
//!
//! Where nobody can be asked for a key frame, a player gets the newest one and all that followed at once. With their own
//! timestamps these pictures would be shown at their own pace, and the player would stay behind for good. So they follow each
//! other closely, until one comes that is new.

use std::time::{Duration, Instant};

/// What was captured longer ago is old.
const OLD: Duration = Duration::from_millis(300);
/// Between old pictures, in parts of a second: 1 ms.
const STEPS: u32 = 1000;

/// One track of one player.
#[derive(Clone, Copy, Debug)]
pub(super) struct CatchUp {
    is_video: bool,
    /// Ticks from one old picture to the next.
    step: u32,
    /// Nothing new has come yet.
    is_behind: bool,
    /// The last old picture: its timestamp, and the one that it got.
    last: Option<(u32, u32)>,
    /// Added to every timestamp.
    offset: u32,
}

impl CatchUp {
    /// For a track with that many ticks a second. `is_made`: its packets are made of frames.
    pub(super) fn new(is_video: bool, rate: u32, is_made: bool) -> CatchUp {
        CatchUp { is_video, step: (rate / STEPS).max(1), is_behind: is_made, last: None, offset: 0 }
    }

    /// The timestamp that a packet gets; nothing for sound that is old.
    pub(super) fn timestamp(&mut self, timestamp: u32, captured: Instant, now: Instant) -> Option<u32> {
        if self.is_behind {
            let is_old = now.saturating_duration_since(captured) > OLD;
            match self.last {
                _ if is_old && !self.is_video => return None,
                Some((last, _)) if last == timestamp => {}
                Some((_, given)) => {
                    let given = given.wrapping_add(self.step);
                    self.offset = given.wrapping_sub(timestamp);
                    self.last = Some((timestamp, given));
                }
                None => self.last = Some((timestamp, timestamp)),
            }
            self.is_behind = is_old;
        }
        Some(timestamp.wrapping_add(self.offset))
    }
}

#[cfg(test)]
mod tests;
