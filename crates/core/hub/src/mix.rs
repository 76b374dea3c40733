//! `mix_correct`: puts audio and video of a publisher that sends them apart back into the order of time.

use std::collections::VecDeque;

use weir_flv::tag::TagKind;

use crate::frame::Frame;

/// With this many audio or video frames waiting and none of the other kind, the stream is taken for one of that kind
/// alone and nothing is held back.
const PURE: usize = 10;

/// Holds frames back until those of the other kind show where they belong.
#[derive(Debug, Default)]
pub(crate) struct Mix {
    waiting: VecDeque<Frame>,
    audios: usize,
    videos: usize,
}

impl Mix {
    /// Takes a frame; yields, in order of time, those whose place is now known.
    pub(crate) fn push(&mut self, frame: Frame, mut ready: impl FnMut(Frame)) {
        *self.count(frame.kind) += 1;
        let place = self.waiting.partition_point(|earlier| earlier.dts <= frame.dts);
        self.waiting.insert(place, frame);
        while self.settled() {
            let Some(first) = self.waiting.pop_front() else { return };
            *self.count(first.kind) -= 1;
            ready(first);
        }
    }

    /// Yields all that still waits, in order.
    pub(crate) fn flush(&mut self) -> impl Iterator<Item = Frame> + '_ {
        (self.audios, self.videos) = (0, 0);
        self.waiting.drain(..)
    }

    fn settled(&self) -> bool {
        (self.audios > 0 && self.videos > 0) || self.audios >= PURE || self.videos >= PURE
    }

    fn count(&mut self, kind: TagKind) -> &mut usize {
        if kind == TagKind::Audio { &mut self.audios } else { &mut self.videos }
    }
}

#[cfg(test)]
mod tests;
