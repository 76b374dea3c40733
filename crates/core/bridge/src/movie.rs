//! A stream as fragmented MP4 without end.

use weir_flv::metadata::OnMetaData;
use weir_hub::{Flags, Frame};

use crate::fragments::Fragments;
use crate::keys::Keys;
use crate::probe::{Missing, Probe};
use crate::sample::{Coded, Pace, Sample, Until};
use crate::timeline::{Kind, Timeline, compose};
use crate::track::{Description, Slot, needs_header};
use crate::{Complaint, Container, Made, Making};

/// An initialisation segment, which new players get first, and a fragment for each frame, so that none waits for another.
///
/// How long a picture is shown is not known before the next one: its fragment says what the one before it took, and the
/// next fragment says again when it begins (`tfdt`).
#[derive(Debug)]
pub(crate) struct Movie {
    video: Slot,
    audio: Slot,
    /// Frames are held until it is known which tracks there are: the initialisation segment names them all.
    probe: Option<Probe>,
    /// Metadata does not say that there are no pictures, that there is no sound.
    wants_video: bool,
    wants_audio: bool,
    timeline: Timeline,
    fragments: Fragments,
    /// An initialisation segment was written.
    begun: bool,
    /// Pictures cannot be decoded before the next key frame.
    need_key: bool,
    keys: Keys,
    pace: Pace,
}

impl Movie {
    pub(crate) fn new() -> Movie {
        Movie {
            video: Slot::default(),
            audio: Slot::default(),
            probe: Some(Probe::default()),
            wants_video: true,
            wants_audio: true,
            timeline: Timeline::default(),
            fragments: Fragments::default(),
            begun: false,
            need_key: true,
            keys: Keys::default(),
            pace: Pace::default(),
        }
    }

    fn slot(&mut self, kind: Kind) -> &mut Slot {
        match kind {
            Kind::Video => &mut self.video,
            Kind::Audio => &mut self.audio,
        }
    }

    /// Metadata that speaks of one kind only: the other is not waited for.
    fn read_metadata(&mut self, frame: &Frame) {
        let Ok(Some(metadata)) = OnMetaData::parse(frame.payload()) else { return };
        let told = |flag: &str, codec: &str| match metadata.get(flag).and_then(|flag| flag.as_bool()) {
            Some(has) => Some(has),
            None => metadata.get(codec).map(|_| true),
        };
        let (video, audio) = (told("hasVideo", "videocodecid"), told("hasAudio", "audiocodecid"));
        self.wants_video = video.unwrap_or(audio != Some(true));
        self.wants_audio = audio.unwrap_or(video != Some(true));
    }

    fn announce(&mut self, kind: Kind, frame: &Frame) -> Result<(), Complaint> {
        let track = Description::from_header(frame.codec, &frame.payload_bytes());
        if let Some(track) = track.map_err(|error| Complaint::Bad(frame.codec, error.to_string()))? {
            self.slot(kind).announce(track);
        }
        Ok(())
    }

    /// Fails when it is not known what such a frame is.
    fn is_described(&mut self, coded: &Coded) -> Result<(), Complaint> {
        if self.slot(coded.kind).learn(coded.codec, &coded.payload) {
            return Ok(());
        }
        Err(match needs_header(coded.codec) {
            true => Complaint::Bad(coded.codec, "no sequence header that can be read came before it".to_owned()),
            false => Complaint::NotYet,
        })
    }

    fn missing(&self, probe: &Probe) -> Missing {
        probe.missing((self.wants_video, &self.video), (self.wants_audio, &self.audio))
    }

    /// Begins with the tracks that have been seen.
    fn start(&mut self, out: &mut Vec<Made>) -> Result<(), Complaint> {
        let Some(probe) = self.probe.take() else { return Ok(()) };
        let (video, audio) = probe.settle(&mut self.video, &mut self.audio);
        let mut done = Ok(());
        for coded in probe.into_frames() {
            done = done.and(self.write(coded, out));
        }
        self.video.next = self.video.next.take().or(video);
        self.audio.next = self.audio.next.take().or(audio);
        done
    }

    fn write(&mut self, coded: Coded, out: &mut Vec<Made>) -> Result<(), Complaint> {
        let video = coded.kind == Kind::Video;
        if video && !coded.key && (self.need_key || self.video.next.is_some()) {
            return Ok(());
        }
        let changed = self.change_tracks(&coded, out);
        let Some(track) = &self.slot(coded.kind).current else { return changed };
        let span = if video { None } else { track.span(&coded.payload) };
        let (kind, key) = (coded.kind, video && coded.key);
        let place = self.timeline.place(kind, coded.dts, coded.arrived_nanos);
        let until = Until { kind, at: place.at + self.timeline.step(kind) };
        let codec = coded.codec;
        let (cts, composition) = compose(place.at, coded.cts);
        let pace = span.and_then(|span| self.pace.measure(coded.dts, span));
        let sample = Sample { kind, at: place.at, cts, key, data: coded.payload, span };
        self.fragments.hold(sample).map_err(|error| Complaint::Bad(codec, error.to_string()))?;
        self.need_key &= !video;
        let mut bytes = Vec::new();
        self.fragments.write_fragment(Some(until), &mut bytes);
        out.push(Made { flags: if key { Flags::KEY } else { Flags::NONE }, bytes });
        changed.and(place.oddity.or(composition).or(pace).map_or(Ok(()), |oddity| Err(Complaint::Odd(kind, oddity))))
    }

    /// Takes over what was announced, where this frame can be the first of it, and announces it to players.
    fn change_tracks(&mut self, coded: &Coded, out: &mut Vec<Made>) -> Result<(), Complaint> {
        let (begins, mut changed, mut done) = (!self.begun, false, Ok(()));
        for kind in [Kind::Video, Kind::Audio] {
            let next = self.slot(kind).next.take_if(|_| begins || coded.kind == kind);
            let Some(track) = next else { continue };
            let track = if coded.kind == kind { track.sized_by(&coded.payload) } else { track };
            let set = self.fragments.set_track(&track);
            let slot = self.slot(kind);
            changed = true;
            match set {
                Ok(()) => slot.current = Some(track),
                Err(error) => {
                    done = Err(Complaint::Bad(track.codec, error.to_string()));
                    (slot.current, slot.refused) = (None, Some(track));
                }
            }
        }
        if changed && let Ok(Some(init)) = self.fragments.init() {
            out.push(Made { flags: Flags::CONFIG, bytes: init.to_vec() });
            self.begun = true;
        }
        done
    }
}

impl Making for Movie {
    fn frame(&mut self, frame: &Frame, arrived_nanos: i64, out: &mut Vec<Made>) -> Result<(), Complaint> {
        let Some(kind) = Kind::of(frame.kind) else {
            self.read_metadata(frame);
            return Ok(());
        };
        if frame.flags.has(Flags::NOTE) || frame.flags.has(Flags::SIDE) {
            return Ok(());
        }
        if !Container::Mp4.carries(frame.codec) {
            return Err(Complaint::Codec(frame.codec));
        }
        if frame.flags.has(Flags::CONFIG) {
            return self.announce(kind, frame);
        }
        let coded = Coded {
            kind,
            codec: frame.codec,
            dts: frame.dts,
            cts: frame.cts,
            key: frame.flags.has(Flags::KEY),
            payload: frame.payload_bytes(),
            arrived_nanos,
        };
        if coded.payload.is_empty() {
            return Ok(());
        }
        self.is_described(&coded)?;
        let waits = kind == Kind::Video && !coded.key && (self.need_key || self.video.next.is_some());
        if kind == Kind::Video && self.keys.is_late(waits, arrived_nanos) {
            return Err(Complaint::NoKey);
        }
        let Some(probe) = &mut self.probe else { return self.write(coded, out) };
        probe.hold(coded);
        if self.probe.as_ref().is_some_and(|probe| probe.is_complete(self.missing(probe))) {
            return self.start(out);
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Made>) -> Result<(), Complaint> {
        let done = self.start(out);
        *self = Movie::new();
        done
    }
}

#[cfg(test)]
mod tests;
