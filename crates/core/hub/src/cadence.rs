//! [`Gop`]: how long the groups of pictures of a stream are.

use std::time::Duration;

use weir_base::MediaTime;
use weir_flv::tag::TagKind;

use crate::frame::{Flags, Frame};

/// The last whole group of pictures: a key frame and what followed up to the next one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gop {
    /// Pictures of the first video track.
    pub frames: u64,
    /// From key frame to key frame, on the publisher's clock.
    pub time: Duration,
}

/// Counts the pictures of a publisher.
#[derive(Debug, Default)]
pub(crate) struct Cadence {
    /// When the group began that is still growing.
    key: Option<MediaTime>,
    frames: u64,
}

impl Cadence {
    /// Takes each frame; answers with the group that a key frame ends. One whose clock went back, or stood, is none.
    pub(crate) fn read(&mut self, frame: &Frame) -> Option<Gop> {
        if frame.kind != TagKind::Video || frame.flags.is_kept() || frame.flags.has(Flags::SIDE) {
            return None;
        }
        let mut gop = None;
        if frame.flags.is_start() {
            let nanos = self.key.map_or(0, |key| frame.dts.nanos().saturating_sub(key.nanos()));
            let time = Duration::from_nanos(u64::try_from(nanos).unwrap_or(0));
            gop = (!time.is_zero()).then_some(Gop { frames: self.frames, time });
            *self = Cadence { key: Some(frame.dts), frames: 0 };
        }
        self.frames += 1;
        gop
    }
}

#[cfg(test)]
mod tests;
