//! By `syom`.
#![cfg_attr(feature = "fdk-aac", expect(dead_code, reason = "the other AAC takes its place"))]

use syom::{Channel, ChannelMode, DecodeOptions, EncodeContainer, EncodeOptions};
use weir_codec::Codec;
use weir_codec::aac::SAMPLES_PER_FRAME;

use super::{RATE, broken, undecoded};
use crate::codec::{AudioDecoder, AudioEncoder};
use crate::pcm::{MAX_CHANNELS, MAX_SAMPLES, Pcm, Speaker};
use crate::{Error, Target};

struct Decoder {
    config: Vec<u8>,
    inner: syom::Decoder,
}

pub(super) fn decoder(config: &[u8]) -> Result<Box<dyn AudioDecoder>, Error> {
    let options = DecodeOptions::unbounded().with_channel_mode(ChannelMode::Split);
    let inner = syom::Decoder::from_asc(config, options).map_err(|error| undecoded(error.to_string()))?;
    Ok(Box::new(Decoder { config: config.to_vec(), inner }))
}

impl AudioDecoder for Decoder {
    fn decode(&mut self, payload: &[u8], out: &mut Pcm) -> Result<(), Error> {
        out.clear();
        let mut samples = 0;
        let decoded = self.inner.decode_au(payload, |frame| {
            samples += frame.samples;
            if samples <= MAX_SAMPLES && frame.planar.len() <= MAX_CHANNELS {
                take(&frame, out);
            }
            Ok(())
        });
        if let Err(error) = decoded {
            // It refuses to go on after an error until it is set up again.
            self.inner.reset();
            self.inner.set_asc(&self.config).map_err(|error| undecoded(error.to_string()))?;
            return Err(broken(error.to_string()));
        }
        if samples == 0 || samples > MAX_SAMPLES || out.is_empty() {
            return Err(broken(format!("{samples} samples")));
        }
        Ok(())
    }
}

fn take(frame: &syom::Frame<'_>, out: &mut Pcm) {
    let mut speakers: Vec<Speaker> = frame.meta.labels().map(speaker).collect();
    speakers.resize(frame.planar.len(), Speaker::Lfe);
    if let [Speaker::Lfe] = speakers[..] {
        speakers = Speaker::MONO.to_vec();
    }
    if out.is_empty() || out.speakers() != speakers || out.rate() != frame.sample_rate {
        out.start(frame.sample_rate, &speakers);
    }
    for (i, plane) in frame.planar.iter().enumerate() {
        out.push_plane(i, plane.iter().copied());
    }
}

/// What is of no known place is not heard, like the low frequency effects.
fn speaker(channel: Channel) -> Speaker {
    match channel {
        Channel::FrontLeft => Speaker::Left,
        Channel::FrontRight => Speaker::Right,
        Channel::FrontCenter => Speaker::Center,
        Channel::BackLeft | Channel::SideLeft => Speaker::SurroundLeft,
        Channel::BackRight | Channel::SideRight => Speaker::SurroundRight,
        Channel::BackCenter => Speaker::SurroundCenter,
        _ => Speaker::Lfe,
    }
}

struct Encoder {
    channels: usize,
    config: Vec<u8>,
    inner: syom::Encoder,
}

pub(super) fn encoder(target: &Target, bitrate: u32) -> Result<Box<dyn AudioEncoder>, Error> {
    let options = EncodeOptions::adts().with_container(EncodeContainer::Raw).with_bitrate_bps(bitrate);
    let channels = usize::from(target.channels);
    let inner = syom::Encoder::new(RATE, channels, &options).map_err(|error| target.refused(&error.to_string()))?;
    Ok(Box::new(Encoder { channels, config: inner.asc().to_vec(), inner }))
}

fn refused(error: syom::AacError) -> Error {
    Error::Encode { codec: Codec::Aac, reason: error.to_string() }
}

impl AudioEncoder for Encoder {
    fn rate(&self) -> u32 {
        RATE
    }

    fn channels(&self) -> usize {
        self.channels
    }

    fn frame(&self) -> usize {
        SAMPLES_PER_FRAME as usize
    }

    /// One frame: the window of a frame reaches into the one behind it.
    fn delay(&self) -> usize {
        SAMPLES_PER_FRAME as usize
    }

    fn config(&self) -> &[u8] {
        &self.config
    }

    fn encode(&mut self, planes: &[&[f32]], out: &mut Vec<u8>) -> Result<(), Error> {
        let take = |frame: syom::EncodedFrame<'_>| {
            out.extend_from_slice(frame.payload);
            Ok(())
        };
        self.inner.feed(planes, take).map(|_| ()).map_err(refused)
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.inner.reset().map_err(refused)
    }
}
