//! [`Probe`]: holds the first frames of a publish until it is known which tracks it has.

use weir_base::MediaTime;

use crate::sample::Coded;
use crate::timeline::Kind;
use crate::track::{Description, Slot};

/// How long is waited for a kind that nothing speaks of.
const PATIENCE: MediaTime = MediaTime::from_millis(1_000);
/// How long is waited for a kind whose sequence header came, and for the first key frame.
const LONG_PATIENCE: MediaTime = MediaTime::from_millis(5_000);
/// Frames and bytes that are held at most.
const MAX_FRAMES: usize = 2_000;
const MAX_BYTES: usize = 8 << 20;

/// The first frames.
#[derive(Debug, Default)]
pub struct Probe {
    frames: Vec<Coded>,
    bytes: usize,
    has_audio: bool,
    /// A key frame came.
    has_video: bool,
}

/// For each kind that has not come: whether it was announced.
#[derive(Clone, Copy, Debug)]
pub struct Missing {
    /// Of pictures.
    pub video: Option<bool>,
    /// Of sound.
    pub audio: Option<bool>,
}

impl Probe {
    /// Keeps a frame, unless it is a picture that cannot be decoded.
    pub fn hold(&mut self, coded: Coded) {
        match coded.kind {
            Kind::Audio => self.has_audio = true,
            Kind::Video if coded.key => self.has_video = true,
            Kind::Video if !self.has_video => return,
            Kind::Video => {}
        }
        self.bytes += coded.payload.len();
        self.frames.push(coded);
    }

    /// True when no frame is held.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Bytes of the frames.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// True when a key frame came.
    pub fn has_video(&self) -> bool {
        self.has_video
    }

    /// What has not come yet of each kind that is wanted, or was announced.
    pub fn missing(&self, video: (bool, &Slot), audio: (bool, &Slot)) -> Missing {
        let missing = |seen: bool, (wanted, track): (bool, &Slot)| {
            let announced = track.next.is_some();
            (!seen && (wanted || announced)).then_some(announced)
        };
        Missing { video: missing(self.has_video, video), audio: missing(self.has_audio, audio) }
    }

    /// True when nothing is missing, or has been for too long.
    pub fn is_complete(&self, missing: Missing) -> bool {
        let (Some(first), Some(last)) = (self.frames.first(), self.frames.last()) else { return false };
        let passed = last.dts - first.dts;
        let passed = passed.max(-passed);
        let full = self.frames.len() >= MAX_FRAMES || self.bytes >= MAX_BYTES;
        full || passed >= patience(missing) || self.is_over(missing, last.arrived_nanos)
    }

    /// True when it is too late to wait at this time of the clock that frames arrive by.
    pub fn is_over(&self, missing: Missing, now_nanos: i64) -> bool {
        let Some(first) = self.frames.first() else { return false };
        MediaTime::from_nanos(now_nanos.saturating_sub(first.arrived_nanos)) >= patience(missing)
    }

    /// Prepares the tracks for the frames: the size of pictures is that of the key frame where nothing else tells it. Takes
    /// out what was announced and did not come, so that it begins when it comes.
    pub fn settle(&self, video: &mut Slot, audio: &mut Slot) -> (Option<Description>, Option<Description>) {
        if let Some(key) = self.frames.iter().find(|coded| coded.kind == Kind::Video) {
            video.next = video.next.take().map(|track| track.sized_by(&key.payload));
        }
        (video.next.take_if(|_| !self.has_video), audio.next.take_if(|_| !self.has_audio))
    }

    /// The frames, as they came.
    pub fn into_frames(self) -> Vec<Coded> {
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
