//! [`Probe`]: holds the first frames of a publish until it is known which tracks it has.

use weir_base::MediaTime;

use super::Coded;
use crate::timeline::Kind;

/// How long is waited for a kind that nothing speaks of.
const PATIENCE: MediaTime = MediaTime::from_millis(1_000);
/// How long is waited for a kind whose sequence header came, and for the first key frame.
const LONG_PATIENCE: MediaTime = MediaTime::from_millis(5_000);
/// Frames and bytes that are held at most.
const MAX_FRAMES: usize = 2_000;
const MAX_BYTES: usize = 8 << 20;

/// The first frames.
#[derive(Debug, Default)]
pub(super) struct Probe {
    frames: Vec<Coded>,
    bytes: usize,
    pub(super) has_audio: bool,
    /// A key frame came.
    pub(super) has_video: bool,
}

/// For each kind that has not come: whether it was announced.
#[derive(Clone, Copy, Debug)]
pub(super) struct Missing {
    pub(super) video: Option<bool>,
    pub(super) audio: Option<bool>,
}

impl Probe {
    pub(super) fn hold(&mut self, coded: Coded) {
        match coded.kind {
            Kind::Audio => self.has_audio = true,
            Kind::Video if coded.key => self.has_video = true,
            // It cannot be decoded.
            Kind::Video if !self.has_video => return,
            Kind::Video => {}
        }
        self.bytes += coded.payload.len();
        self.frames.push(coded);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// True when nothing is missing, or has been for too long.
    pub(super) fn is_complete(&self, missing: Missing) -> bool {
        let (Some(first), Some(last)) = (self.frames.first(), self.frames.last()) else { return false };
        let passed = last.dts - first.dts;
        let passed = passed.max(-passed);
        let full = self.frames.len() >= MAX_FRAMES || self.bytes >= MAX_BYTES;
        full || passed >= patience(missing) || self.is_over(missing, last.unix_nanos)
    }

    /// True when it is too late to wait at this time by the wall.
    pub(super) fn is_over(&self, missing: Missing, unix_nanos: i64) -> bool {
        let Some(first) = self.frames.first() else { return false };
        MediaTime::from_nanos(unix_nanos.saturating_sub(first.unix_nanos)) >= patience(missing)
    }

    /// The first picture that decoding can start with.
    pub(super) fn first_key(&self) -> Option<&[u8]> {
        self.frames.iter().find(|coded| coded.kind == Kind::Video).map(|coded| &coded.payload[..])
    }

    pub(super) fn into_frames(self) -> Vec<Coded> {
        self.frames
    }
}

fn patience(missing: Missing) -> MediaTime {
    let of = |kind: Option<bool>| match kind {
        None => MediaTime::ZERO,
        Some(false) => PATIENCE,
        Some(true) => LONG_PATIENCE,
    };
    of(missing.video).max(of(missing.audio))
}
