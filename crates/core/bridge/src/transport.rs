//! A stream as an MPEG transport stream without end.

use weir_base::MediaTime;
use weir_codec::Codec;
use weir_hub::{Flags, Frame};
use weir_mpegts::Muxer;

use crate::keys::Keys;
use crate::sample::Pace;
use crate::timeline::{Kind, Timeline, compose};
use crate::track::{Description, needs_header};
use crate::{Complaint, Container, Made, Making};

/// Tables are repeated so often where no key frame repeats them: a receiver that lost them finds them again.
const TABLES_EVERY: i64 = 1_000;

/// One program. Key frames come with the tables before them, so that any of them is a start.
pub(crate) struct Transport {
    muxer: Muxer,
    video: Option<Codec>,
    audio: Option<Codec>,
    timeline: Timeline,
    /// The tables changed and were not written since.
    stale: bool,
    tables_at: Option<MediaTime>,
    keys: Keys,
    /// A key frame of the track came.
    has_key: bool,
    /// What the header of the sound tells.
    sound: Option<Description>,
    pace: Pace,
}

impl Transport {
    pub(crate) fn new() -> Transport {
        Transport {
            muxer: Muxer::new(),
            video: None,
            audio: None,
            timeline: Timeline::default(),
            stale: false,
            tables_at: None,
            keys: Keys::default(),
            has_key: false,
            sound: None,
            pace: Pace::default(),
        }
    }

    /// Takes over what a frame says of its track. Fails when the program has no track for such a frame.
    fn configure(&mut self, kind: Kind, frame: &Frame) -> Result<(), Complaint> {
        let codec = frame.codec;
        if !Container::Ts.carries(codec) {
            // A body that cannot be read has no codec; a track that has one is not another for that.
            if !matches!(codec, Codec::OtherVideo | Codec::OtherAudio) {
                self.clear(kind);
            }
            return Err(Complaint::Codec(codec));
        }
        let is_other = self.track(kind) != Some(codec);
        // Codecs without a sequence header are announced by their first frame.
        let describes = frame.flags.has(Flags::CONFIG) || (is_other && !needs_header(codec));
        if is_other {
            self.clear(kind);
        }
        if describes {
            if frame.flags.has(Flags::CONFIG) {
                let described = Description::from_header(codec, &frame.payload_bytes());
                let described = described.map_err(|error| Complaint::Bad(codec, error.to_string()))?;
                if kind == Kind::Audio {
                    self.sound = described;
                }
            }
            let set = match kind {
                Kind::Video => self.muxer.set_video(codec, frame.payload()),
                Kind::Audio => self.muxer.set_audio(codec, frame.payload()),
            };
            self.stale |= set.map_err(|error| Complaint::at(frame, &error))?;
            *self.track_mut(kind) = Some(codec);
        }
        if self.track(kind).is_some() { Ok(()) } else { Err(Complaint::NotYet) }
    }

    fn track(&self, kind: Kind) -> Option<Codec> {
        if kind == Kind::Video { self.video } else { self.audio }
    }

    fn track_mut(&mut self, kind: Kind) -> &mut Option<Codec> {
        if kind == Kind::Video { &mut self.video } else { &mut self.audio }
    }

    /// Takes a track out of the program.
    fn clear(&mut self, kind: Kind) {
        *self.track_mut(kind) = None;
        self.stale |= match kind {
            Kind::Video => self.muxer.clear_video(),
            Kind::Audio => self.muxer.clear_audio(),
        };
        if kind == Kind::Audio {
            (self.sound, self.pace) = (None, Pace::default());
        }
    }

    /// Tables that new players get first, whenever they come.
    fn announce(&mut self, out: &mut Vec<Made>) {
        if self.stale {
            let mut bytes = Vec::new();
            self.muxer.write_tables(&mut bytes);
            out.push(Made { flags: Flags::CONFIG, bytes });
            self.stale = false;
        }
    }
}

impl Making for Transport {
    fn frame(&mut self, frame: &Frame, arrived_nanos: i64, out: &mut Vec<Made>) -> Result<(), Complaint> {
        // Scripts and notes have no place in a program.
        let Some(kind) = Kind::of(frame.kind) else { return Ok(()) };
        if frame.flags.has(Flags::NOTE) || frame.track != 0 {
            return Ok(());
        }
        self.configure(kind, frame)?;
        if frame.flags.has(Flags::CONFIG) || frame.payload().is_empty() {
            return Ok(());
        }
        self.announce(out);
        let key = kind == Kind::Video && frame.flags.has(Flags::KEY);
        let place = self.timeline.place(kind, frame.dts, arrived_nanos);
        let due = self.tables_at.is_none_or(|at| (place.at - at).millis().abs() >= TABLES_EVERY);
        let mut bytes = Vec::with_capacity(frame.payload().len() + frame.payload().len() / 32 + 3 * 188);
        if key || due {
            self.muxer.write_tables(&mut bytes);
            self.tables_at = Some(place.at);
        }
        let (cts, composition) = compose(place.at, frame.cts);
        let written = match kind {
            Kind::Video => self.muxer.write_video(place.at, cts, key, frame.payload(), &mut bytes),
            Kind::Audio => self.muxer.write_audio(place.at, frame.payload(), &mut bytes),
        };
        written.map_err(|error| Complaint::at(frame, &error))?;
        out.push(Made { flags: if key { Flags::KEY } else { Flags::NONE }, bytes });
        self.has_key |= key;
        if kind == Kind::Video && self.keys.is_late(!self.has_key, arrived_nanos) {
            return Err(Complaint::NoKey);
        }
        let span = self.sound.as_ref().filter(|_| kind == Kind::Audio).and_then(|sound| sound.span(frame.payload()));
        let pace = span.and_then(|span| self.pace.measure(frame.dts, span));
        place.oddity.or(composition).or(pace).map_or(Ok(()), |oddity| Err(Complaint::Odd(kind, oddity)))
    }

    fn end(&mut self, _out: &mut Vec<Made>) -> Result<(), Complaint> {
        self.clear(Kind::Video);
        self.clear(Kind::Audio);
        (self.timeline, self.tables_at) = (Timeline::default(), None);
        (self.keys, self.has_key) = (Keys::default(), false);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
