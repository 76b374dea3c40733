//! `time_jitter`: each player's own clock.

use weir_conf::TimeJitter;
use weir_flv::tag::TagKind;

use crate::frame::{Flags, Frame};

/// A step between two frames beyond this many milliseconds is a jump of the publisher's clock.
const MAX_STEP_MS: i64 = 250;
/// What a jump is replaced by, in milliseconds.
const JUMP_STEP_MS: i64 = 10;

/// Turns the publisher's timestamps into those of one player.
#[derive(Clone, Debug)]
pub struct Jitter {
    mode: TimeJitter,
    last_in: Option<i64>,
    last_out: i64,
}

impl Jitter {
    /// For a player that was configured with `mode`.
    pub fn new(mode: TimeJitter) -> Jitter {
        Jitter { mode, last_in: None, last_out: 0 }
    }

    /// The timestamp that `frame` has for this player: milliseconds, modulo 2^32. With `atc` it passes as published.
    pub fn stamp(&mut self, frame: &Frame, atc: bool) -> u32 {
        let now = frame.dts.millis();
        match if atc { TimeJitter::Off } else { self.mode } {
            TimeJitter::Off => frame.timestamp(),
            TimeJitter::Zero => {
                let first = *self.last_in.get_or_insert(now);
                now.saturating_sub(first).max(0) as u32
            }
            // SRS: metadata stands outside the clock, at 0.
            TimeJitter::Full if frame.kind == TagKind::Script && frame.flags.has(Flags::CONFIG) => 0,
            TimeJitter::Full => {
                let step = now.saturating_sub(self.last_in.unwrap_or(0));
                let step = if (-MAX_STEP_MS..=MAX_STEP_MS).contains(&step) { step } else { JUMP_STEP_MS };
                self.last_in = Some(now);
                self.last_out = self.last_out.saturating_add(step).max(0);
                self.last_out as u32
            }
        }
    }
}

#[cfg(test)]
mod tests;
