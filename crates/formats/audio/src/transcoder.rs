//! [`Transcoder`]: packets of one codec in, packets of another one out, at their place in time.

use bytes::Bytes;
use weir_base::MediaTime;
use weir_codec::Codec;

use crate::clock::{Clock, Step};
use crate::codec::{self, AudioDecoder, AudioEncoder, guard};
use crate::conceal::{Echo, Seam};
use crate::pcm::Pcm;
use crate::resample::Resampler;
use crate::{Error, mix, stretch};

/// Packets in a row that cannot be decoded, until it is said: about a second.
const UNDECODABLE: u32 = 50;
/// Bytes of a packet, at most; an AAC frame of eight channels has 6144.
const MAX_PAYLOAD: usize = 16_384;
/// Samples that are concealed at once, so that no decoder is asked for more than it has.
const CONCEALED_AT_ONCE: usize = 960;
/// What ends before a jump dies away within this time, in ms.
const TAIL_MS: usize = 10;

/// What is wanted of a [`Transcoder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// AAC (LC, 48 kHz), Opus (48 kHz) or G.711 (8 kHz, mono).
    pub codec: Codec,
    /// Bits a second; G.711 has always 64,000, and AAC no more than a frame may have (288,000 for each channel).
    pub bitrate: u32,
    /// 1 or 2.
    pub channels: u8,
}

impl Target {
    pub(crate) fn refused(&self, reason: &str) -> Error {
        let Target { codec, bitrate, channels } = *self;
        Error::Unencoded { codec, bitrate, channels, reason: reason.to_owned() }
    }
}

/// A packet that has come out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// When the first sample that a decoder makes of it is heard.
    pub pts: MediaTime,
    /// How long it is, in samples at [`Transcoder::rate`]: 1024 for AAC, 960 for Opus, 160 for G.711.
    pub samples: u32,
    /// What was encoded: a raw AAC frame, an Opus packet, bytes of G.711.
    pub payload: Bytes,
}

/// What a [`Transcoder`] has seen, for the API and the log. Numbers only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets that were pushed.
    pub pushed: u64,
    /// Packets that have come out.
    pub made: u64,
    /// Packets that could not be decoded, those of `panicked` among them.
    pub broken: u64,
    /// Packets at which a decoder panicked.
    pub panicked: u64,
    /// Gaps that were filled.
    pub filled: u64,
    /// Packets that came again, or too late, wholly or in part.
    pub skipped: u64,
    /// Gaps that were not filled, and timestamps that went back.
    pub jumps: u64,
    /// Samples put in or left out to follow the publisher's clock.
    pub corrected: u64,
    /// Times that the rate turned out to be another one than was said.
    pub lies: u64,
}

/// Turns a stream of one codec into a stream of another one. See the crate's documentation for how it is used.
pub struct Transcoder {
    source: Codec,
    source_config: Vec<u8>,
    target: Target,
    decoder: Box<dyn AudioDecoder>,
    encoder: Box<dyn AudioEncoder>,
    clock: Clock,
    pcm: Pcm,
    mixed: Vec<Vec<f32>>,
    echo: Echo,
    seam: Seam,
    /// Where one resampler takes over from another one.
    joint: Seam,
    /// The rate that the last packet declared, its samples, and what resamples such.
    declared: u32,
    packet_samples: usize,
    resampler: Option<(u32, Resampler)>,
    resampled: Vec<Vec<f32>>,
    ready: Vec<Vec<f32>>,
    frames: i64,
    broken_in_a_row: u32,
    counts: Counts,
}

impl Transcoder {
    /// From packets of `source` with this configuration (see [`codec::decoder`]) to packets of `target`.
    ///
    /// Fails when there is no decoder for the one or no encoder for the other.
    pub fn new(source: Codec, config: &[u8], target: Target) -> Result<Self, Error> {
        let decoder = codec::decoder(source, config)?;
        let encoder = codec::encoder(&target)?;
        let planes = || vec![Vec::new(); encoder.channels()];
        Ok(Transcoder {
            source,
            source_config: config.to_vec(),
            target,
            decoder,
            clock: Clock::new(encoder.rate()),
            pcm: Pcm::new(),
            mixed: planes(),
            echo: Echo::default(),
            seam: Seam::new(),
            joint: Seam::new(),
            declared: 0,
            packet_samples: 0,
            resampler: None,
            resampled: planes(),
            ready: planes(),
            frames: 0,
            broken_in_a_row: 0,
            counts: Counts::default(),
            encoder,
        })
    }

    /// What a player's decoder has to know: AudioSpecificConfig, OpusHead; empty for G.711. It never changes.
    pub fn config(&self) -> &[u8] {
        self.encoder.config()
    }

    /// Samples a second of what comes out, in Hz.
    pub fn rate(&self) -> u32 {
        self.encoder.rate()
    }

    /// What it was made for.
    pub fn target(&self) -> Target {
        self.target
    }

    /// What it has seen so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How far the publisher's timestamps are ahead of what comes out, on average over a second.
    pub fn offset(&self) -> MediaTime {
        self.clock.offset()
    }

    /// Takes another configuration of the publisher, for the packets that follow; the same one again changes nothing. When
    /// it fails, the old one stays.
    pub fn configure(&mut self, config: &[u8]) -> Result<(), Error> {
        if config != self.source_config {
            self.decoder = codec::decoder(self.source, config)?;
            self.source_config = config.to_vec();
            self.seam.open();
        }
        Ok(())
    }

    /// Takes a packet and appends to `out` what is ready.
    ///
    /// A packet that cannot be decoded is made up for and counted. An error says that many in a row could not be
    /// ([`Error::Undecodable`]), or that encoding failed; the next packet may be pushed in any case.
    pub fn push(&mut self, pts: MediaTime, payload: &[u8], out: &mut Vec<Packet>) -> Result<(), Error> {
        self.counts.pushed += 1;
        let mut skip = MediaTime::ZERO;
        match self.clock.arrive(pts, self.decoder.is_resting()) {
            Step::Follows => {}
            Step::Fill(gap) => {
                self.counts.filled += 1;
                self.conceal(gap, Some(payload))?;
            }
            Step::Skip(heard) => {
                self.counts.skipped += 1;
                skip = heard;
            }
            Step::Jump => {
                self.counts.jumps += 1;
                self.finish(out)?;
                self.clock.start(pts);
            }
        }
        let decoded = self.decode(payload);
        match &decoded {
            Ok(()) => {
                self.broken_in_a_row = 0;
                self.take_decoded(skip)?;
            }
            Err(_) => self.conceal_packet()?,
        }
        self.encode(out)?;
        decoded.or_else(|error| self.count_broken(error))
    }

    /// Makes up for what did not come, up to `until`; for a bridge that has waited for a packet long enough. What is more
    /// than 200 ms away (1 s while an Opus publisher rests) is left alone.
    pub fn fill_until(&mut self, until: MediaTime, out: &mut Vec<Packet>) -> Result<(), Error> {
        let gap = until - self.clock.position();
        if self.clock.is_running() && gap > MediaTime::ZERO && self.clock.is_filled(gap, self.decoder.is_resting()) {
            self.counts.filled += 1;
            self.conceal(gap, None)?;
            self.clock.filled();
            self.encode(out)?;
        }
        Ok(())
    }

    /// Ends the sound: lets it die away, appends what is still in the encoder to `out`, and forgets what was. What is pushed
    /// next starts anew.
    pub fn finish(&mut self, out: &mut Vec<Packet>) -> Result<(), Error> {
        if self.clock.is_running() && self.declared > 0 {
            let rate = self.clock.true_rate(self.declared);
            self.echo.play(rate as usize * TAIL_MS / 1000, rate, &mut self.mixed);
            self.seam.join(&mut self.mixed, rate);
            self.feed()?;
            let inside = self.resampler.as_ref().map_or(0, |(_, resampler)| resampler.latency());
            let silence = inside + self.encoder.delay() + self.encoder.frame();
            let silence = silence as u64 * u64::from(rate) / u64::from(self.encoder.rate()) + 1;
            self.mixed.iter_mut().for_each(|plane| {
                plane.clear();
                plane.resize(silence as usize, 0.0);
            });
            self.seam.open();
            self.seam.join(&mut self.mixed, rate);
            self.feed()?;
            self.encode(out)?;
        }
        self.ready.iter_mut().for_each(Vec::clear);
        self.resampler = None;
        self.frames = 0;
        (self.seam, self.joint) = (Seam::new(), Seam::new());
        self.clock.stop();
        self.encoder.reset()
    }

    fn decode(&mut self, payload: &[u8]) -> Result<(), Error> {
        if payload.len() > MAX_PAYLOAD {
            let reason = format!("{} bytes", payload.len());
            return Err(Error::Broken { codec: self.source, reason });
        }
        self.decoder.decode(payload, &mut self.pcm)
    }

    fn count_broken(&mut self, error: Error) -> Result<(), Error> {
        self.counts.broken += 1;
        self.counts.panicked += u64::from(matches!(error, Error::Panicked { .. }));
        self.broken_in_a_row = self.broken_in_a_row.saturating_add(1);
        if self.broken_in_a_row != UNDECODABLE {
            return Ok(());
        }
        let reason = match error {
            Error::Broken { reason, .. } => reason,
            other => other.to_string(),
        };
        Err(Error::Undecodable { codec: self.source, packets: UNDECODABLE, reason })
    }

    /// Sends what was decoded on its way, without the beginning that was heard already.
    fn take_decoded(&mut self, skip: MediaTime) -> Result<(), Error> {
        (self.declared, self.packet_samples) = (self.pcm.rate(), self.pcm.len());
        if self.clock.decoded(self.packet_samples, self.declared) {
            self.counts.lies += 1;
            self.seam.open();
        }
        mix(&self.pcm, self.encoder.channels(), &mut self.mixed);
        self.echo.remember(&self.mixed);
        let rate = self.clock.true_rate(self.declared);
        if skip > MediaTime::ZERO {
            let skip = skip.to_ticks(rate).clamp(0, self.packet_samples as i64) as usize;
            self.mixed.iter_mut().for_each(|plane| drop(plane.drain(..skip.min(plane.len()))));
            self.seam.open();
        }
        self.seam.join(&mut self.mixed, rate);
        self.feed()
    }

    /// In place of a packet that could not be decoded.
    fn conceal_packet(&mut self) -> Result<(), Error> {
        self.clock.decoded(self.packet_samples, self.declared);
        let rate = self.clock.true_rate(self.declared);
        self.conceal(MediaTime::from_ticks(self.packet_samples as i64, rate.max(1)), None)
    }

    /// Makes up for sound that is missing in front of `next`. Nothing can be made up before the first sound.
    fn conceal(&mut self, gap: MediaTime, next: Option<&[u8]>) -> Result<(), Error> {
        if self.declared == 0 {
            return Ok(());
        }
        let rate = self.clock.true_rate(self.declared);
        let mut left = gap.to_ticks(rate).max(0) as usize;
        while left > 0 {
            // What the next packet knows of is what was just before it.
            let known = if self.packet_samples > 0 { self.packet_samples } else { CONCEALED_AT_ONCE };
            let known = known.min(CONCEALED_AT_ONCE);
            let now = if left > known { CONCEALED_AT_ONCE.min(left - known) } else { left };
            left -= now;
            let next = next.filter(|_| left == 0);
            let mut goes_on = true;
            if self.decoder.conceal(now, next, &mut self.pcm) {
                mix(&self.pcm, self.encoder.channels(), &mut self.mixed);
                self.echo.remember(&self.mixed);
            } else {
                self.echo.play(now, rate, &mut self.mixed);
                goes_on = false;
            }
            self.seam.join(&mut self.mixed, rate);
            if !goes_on {
                self.seam.open();
            }
            self.feed()?;
        }
        Ok(())
    }

    /// Brings what was mixed to the encoder's rate, and to the publisher's clock.
    fn feed(&mut self) -> Result<(), Error> {
        let refused = |reason| Error::Encode { codec: self.target.codec, reason };
        let rate = self.clock.true_rate(self.declared);
        self.resampled.iter_mut().for_each(Vec::clear);
        let mut resampler = match self.resampler.take() {
            Some((known, resampler)) if known == rate => resampler,
            other => {
                if let Some((_, before)) = other {
                    before.finish(&mut self.resampled).map_err(refused)?;
                    self.joint.join(&mut self.resampled, self.encoder.rate());
                    self.joint.open();
                }
                Resampler::new(rate, self.encoder.rate(), self.encoder.channels()).map_err(refused)?
            }
        };
        self.clock.fed(self.mixed.first().map_or(0, Vec::len), resampler.from());
        let before = self.resampled.first().map_or(0, Vec::len);
        resampler.push(&self.mixed, &mut self.resampled).map_err(refused)?;
        self.resampler = Some((rate, resampler));
        self.joint.join_from(before, &mut self.resampled, self.encoder.rate());
        let samples = self.resampled.first().map_or(0, Vec::len);
        let by = if samples > 0 { self.clock.correct(samples) } else { 0 };
        self.counts.corrected += u64::from(by.unsigned_abs());
        for (plane, ready) in self.resampled.iter().zip(&mut self.ready) {
            stretch(plane, by, ready);
        }
        Ok(())
    }

    /// Encodes all whole frames that are ready.
    fn encode(&mut self, out: &mut Vec<Packet>) -> Result<(), Error> {
        let (frame, mut at) = (self.encoder.frame(), 0);
        let mut done = Ok(());
        while done.is_ok() {
            let planes: Vec<&[f32]> = self.ready.iter().filter_map(|plane| plane.get(at..at + frame)).collect();
            if planes.len() < self.encoder.channels() {
                break;
            }
            at += frame;
            let mut payload = Vec::new();
            let encoder = &mut self.encoder;
            done = guard(self.target.codec, || encoder.encode(&planes, &mut payload));
            self.give(payload, out);
        }
        self.ready.iter_mut().for_each(|plane| drop(plane.drain(..at.min(plane.len()))));
        if done.is_err() {
            // The time of what could not be encoded has passed.
            self.frames += 1;
        }
        if matches!(done, Err(Error::Panicked { .. })) {
            self.encoder = codec::encoder(&self.target)?;
        }
        done
    }

    fn give(&mut self, payload: Vec<u8>, out: &mut Vec<Packet>) {
        if payload.is_empty() {
            return;
        }
        let (frame, delay) = (self.encoder.frame() as i64, self.encoder.delay() as i64);
        let ticks = self.frames.saturating_mul(frame) - delay;
        self.frames += 1;
        self.counts.made += 1;
        let pts = self.clock.epoch() + MediaTime::from_ticks(ticks, self.encoder.rate());
        out.push(Packet { pts, samples: frame as u32, payload: payload.into() });
    }
}

#[cfg(test)]
mod tests;
