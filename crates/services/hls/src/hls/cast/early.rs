//! [`Early`]: the first frames of a publish, kept for renditions that join late.

use weir_hub::Frame;

/// So much is kept at most: a stream without key frames has no first segment for long.
const MAX_FRAMES: usize = 4_000;
const MAX_BYTES: usize = 32 << 20;

/// Frames, each with the time by the wall at which it arrived, in nanoseconds. They share their bytes with the stream.
#[derive(Debug, Default)]
pub(super) struct Early {
    frames: Vec<(Frame, i64)>,
    bytes: usize,
}

impl Early {
    pub(super) fn push(&mut self, frame: &Frame, unix_nanos: i64) {
        self.bytes += frame.flv().len();
        self.frames.push((frame.clone(), unix_nanos));
    }

    pub(super) fn frames(&self) -> impl Iterator<Item = &(Frame, i64)> {
        self.frames.iter()
    }

    /// True when no more is to be kept.
    pub(super) fn is_full(&self) -> bool {
        self.frames.len() >= MAX_FRAMES || self.bytes >= MAX_BYTES
    }
}
