//! Segments as MPEG transport streams.

use bytes::Bytes;
use weir_base::MediaTime;
use weir_bridge::sample::{Sample, SampleClock};
use weir_bridge::timeline::Kind;
use weir_bridge::track::Description;
use weir_mpegts::{Error, Muxer};

/// Frames of sound go into one PES packet up to this length: fewer bytes, and less than the 100 ms after which the clock
/// of a stream without pictures must come again.
const GROUP: MediaTime = MediaTime::from_millis(75);
/// Or up to so many bytes.
const GROUP_BYTES: usize = 16 * 1024;
/// Frames whose times are further apart than their length by this are not of one group.
const SEAM: MediaTime = MediaTime::from_millis(5);

/// A transport stream.
#[derive(Debug)]
pub(crate) struct Ts {
    muxer: Muxer,
    group: Group,
    /// Gives sound times by its samples.
    clock: Option<SampleClock>,
}

/// Frames of sound that follow each other.
#[derive(Debug, Default)]
struct Group {
    frames: Vec<Bytes>,
    bytes: usize,
    start: MediaTime,
    /// When the next frame is due.
    end: MediaTime,
}

impl Ts {
    pub(super) fn new(retime: bool) -> Ts {
        Ts { muxer: Muxer::new(), group: Group::default(), clock: retime.then(SampleClock::default) }
    }

    pub(super) fn set_track(&mut self, track: &Description) -> Result<(), Error> {
        let set = match track.kind() {
            Kind::Video => self.muxer.set_video(track.codec, &track.config),
            Kind::Audio => self.muxer.set_audio(track.codec, &track.config),
        };
        if set.is_err() {
            match track.kind() {
                Kind::Video => self.muxer.clear_video(),
                Kind::Audio => self.muxer.clear_audio(),
            };
        }
        set.map(|_| ())
    }

    pub(super) fn begin_segment(&mut self, out: &mut Vec<u8>) {
        self.muxer.write_tables(out);
    }

    pub(super) fn write(&mut self, sample: Sample, out: &mut Vec<u8>) -> Result<(), Error> {
        match sample.kind {
            Kind::Video => {
                // Sound that is due is written before the picture, which comes later.
                if self.group.is_due(sample.at) {
                    self.flush(out)?;
                }
                self.muxer.write_video(sample.at, sample.cts, sample.key, &sample.data, out)
            }
            Kind::Audio => self.write_audio(sample, out),
        }
    }

    fn write_audio(&mut self, sample: Sample, out: &mut Vec<u8>) -> Result<(), Error> {
        let Some(span) = sample.span else {
            self.flush(out)?;
            return self.muxer.write_audio(sample.at, &sample.data, out);
        };
        let at = match &mut self.clock {
            Some(clock) => MediaTime::from_ticks(clock.place(sample.at, span), span.rate),
            None => sample.at,
        };
        if !self.group.takes(at, sample.data.len()) {
            self.flush(out)?;
        }
        let group = &mut self.group;
        if group.frames.is_empty() {
            (group.start, group.end) = (at, at);
        }
        group.end += span.duration();
        group.bytes += sample.data.len();
        group.frames.push(sample.data);
        Ok(())
    }

    /// Writes the sound that was kept.
    pub(super) fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.group.frames.is_empty() {
            return Ok(());
        }
        let frames = self.group.frames.iter().map(|frame| &frame[..]);
        let written = self.muxer.write_audio_frames(self.group.start, frames, out);
        self.group.frames.clear();
        self.group.bytes = 0;
        written
    }
}

impl Group {
    fn is_due(&self, at: MediaTime) -> bool {
        !self.frames.is_empty() && at - self.start >= GROUP
    }

    /// True when a frame at `at` goes on where the others end.
    fn takes(&self, at: MediaTime, len: usize) -> bool {
        let off = at - self.end;
        at - self.start < GROUP && off < SEAM && off > -SEAM && self.bytes + len <= GROUP_BYTES
    }
}
