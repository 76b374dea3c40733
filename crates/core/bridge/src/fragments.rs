//! [`Fragments`]: a stream as fragmented MP4, in fragments as long as its writer wants them.

mod units;

use bytes::Bytes;
use weir_base::MediaTime;
use weir_mp4::{Error, Run, Track, init_segment, write_fragment};

use crate::sample::{Sample, SampleClock, Until};
use crate::timeline::Kind;
use crate::track::{Description, Media};
use units::Units;

/// The track of pictures and the track of sound.
const VIDEO_TRACK: u32 = 1;
const AUDIO_TRACK: u32 = 2;

/// Ticks a second of pictures: exact for milliseconds and for the usual rates.
const VIDEO_CLOCK: u32 = 90_000;

/// A track of pictures, a track of sound, and their samples that are not written yet.
#[derive(Debug, Default)]
pub struct Fragments {
    video: Option<Held>,
    audio: Option<Held>,
    clock: SampleClock,
    init: Bytes,
    sequence: u32,
    bytes: usize,
}

/// A track, and its samples that are not written yet.
#[derive(Debug)]
struct Held {
    track: Track,
    units: Option<Units>,
    samples: Vec<Kept>,
    /// Duration of the last sample that is known to have one.
    usual: u32,
}

#[derive(Debug)]
struct Kept {
    /// Ticks.
    dts: i64,
    cts: i32,
    key: bool,
    /// Ticks, for sound that tells.
    duration: Option<u32>,
    data: Bytes,
}

impl Fragments {
    /// Sets the track of a kind, while no sample is held. On an error the track is not there.
    pub fn set_track(&mut self, described: &Description) -> Result<(), Error> {
        let (id, timescale, media) = match described.media {
            Media::Video { width, height, .. } => (VIDEO_TRACK, VIDEO_CLOCK, weir_mp4::Media::video(width, height)),
            Media::Audio { rate, channels } => (AUDIO_TRACK, rate, weir_mp4::Media::audio(rate, u16::from(channels))),
        };
        let track = Track { id, codec: described.codec, config: described.config.clone(), timescale, media };
        let held = if described.kind() == Kind::Video { &mut self.video } else { &mut self.audio };
        *held = None;
        // Tells now what it would say of all tracks together.
        init_segment(std::slice::from_ref(&track), &mut Vec::new())?;
        let units = Units::of(track.codec, &track.config);
        *held = Some(Held { track, units, samples: Vec::new(), usual: timescale / 25 });
        Ok(())
    }

    /// How many tracks there are.
    pub fn tracks(&self) -> usize {
        [&self.video, &self.audio].into_iter().flatten().count()
    }

    /// The initialisation segment of the tracks, when it is another than before. Fails when there is no track.
    pub fn init(&mut self) -> Result<Option<Bytes>, Error> {
        let tracks: Vec<Track> =
            [&self.video, &self.audio].into_iter().flatten().map(|held| held.track.clone()).collect();
        let mut init = Vec::new();
        init_segment(&tracks, &mut init)?;
        if init == self.init {
            return Ok(None);
        }
        self.init = Bytes::from(init);
        Ok(Some(self.init.clone()))
    }

    /// Keeps a sample until its fragment is written. One without a track is left out. Fails when an access unit is not what
    /// its codec says.
    pub fn hold(&mut self, sample: Sample) -> Result<(), Error> {
        let held = if sample.kind == Kind::Video { &mut self.video } else { &mut self.audio };
        let Some(held) = held else { return Ok(()) };
        let codec = held.track.codec;
        let data = match &mut held.units {
            Some(units) => units.sample(sample.data).map_err(|source| Error::Frame { codec, source })?,
            None => sample.data,
        };
        let rate = held.track.timescale;
        let (dts, duration) = match sample.span.filter(|span| span.rate == rate) {
            Some(span) => (self.clock.place(sample.at, span), Some(span.samples)),
            None => (sample.at.to_ticks(rate), None),
        };
        let cts = i32::try_from((sample.at + sample.cts).to_ticks(rate) - sample.at.to_ticks(rate)).unwrap_or(0);
        self.bytes += data.len();
        held.samples.push(Kept { dts, cts, key: sample.key, duration, data });
        Ok(())
    }

    /// Bytes of samples that are held.
    pub fn held(&self) -> usize {
        self.bytes
    }

    /// Writes what is held as one fragment. Its last picture lasts `until` the next.
    pub fn write_fragment(&mut self, until: Option<Until>, out: &mut Vec<u8>) {
        let video_end = until.filter(|until| until.kind == Kind::Video).map(|until| until.at);
        if let Some(video) = &mut self.video {
            video.settle(video_end);
        }
        if let Some(audio) = &mut self.audio {
            audio.settle(None);
        }
        let tracks: Vec<&Held> = [&self.video, &self.audio].into_iter().flatten().collect();
        let samples: Vec<Vec<weir_mp4::Sample<'_>>> = tracks.iter().map(|held| held.to_samples()).collect();
        let runs: Vec<Run<'_>> = tracks.iter().zip(&samples).map(|(held, samples)| held.to_run(samples)).collect();
        self.sequence = self.sequence.wrapping_add(1);
        write_fragment(self.sequence, &runs, out);
        self.bytes = 0;
        for held in [&mut self.video, &mut self.audio].into_iter().flatten() {
            held.samples.clear();
        }
    }
}

impl Held {
    /// Gives each sample the duration up to the next one; the last that up to `end`, or what such samples usually have.
    fn settle(&mut self, end: Option<MediaTime>) {
        let mut next = end.map(|end| end.to_ticks(self.track.timescale));
        for sample in self.samples.iter_mut().rev() {
            if let Some(next) = next {
                sample.duration = Some(u32::try_from(next - sample.dts).unwrap_or(0));
            }
            self.usual = *sample.duration.get_or_insert(self.usual);
            next = Some(sample.dts);
        }
    }

    fn to_samples(&self) -> Vec<weir_mp4::Sample<'_>> {
        let sample = |kept: &Kept| (kept.duration.unwrap_or(self.usual), kept.cts, kept.key);
        let with_data = self.samples.iter().map(|kept| (sample(kept), &kept.data));
        with_data.map(|((duration, cts, key), data)| weir_mp4::Sample { duration, cts, key, data }).collect()
    }

    fn to_run<'a>(&'a self, samples: &'a [weir_mp4::Sample<'a>]) -> Run<'a> {
        let base_dts = self.samples.first().map_or(0, |first| u64::try_from(first.dts).unwrap_or(0));
        Run { track: &self.track, base_dts, samples }
    }
}
