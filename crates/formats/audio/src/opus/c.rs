//! By libopus, in C.

use opus::{Application, Bitrate, Channels};
use weir_codec::Codec;
use weir_codec::opus::{OpusHead, SAMPLE_RATE};

use super::{FRAME, MAX_FRAME_BYTES, MAX_PACKET, RESTING_BYTES, STEP, broken, check, head, speakers, undecoded};
use crate::codec::{AudioDecoder, AudioEncoder};
use crate::pcm::Pcm;
use crate::{Error, Target};

fn layout(channels: u8) -> Channels {
    if channels == 1 { Channels::Mono } else { Channels::Stereo }
}

struct Decoder {
    channels: u8,
    inner: opus::Decoder,
    samples: Vec<f32>,
    resting: bool,
}

pub(super) fn decoder(head: &OpusHead) -> Result<Box<dyn AudioDecoder>, Error> {
    let mut inner =
        opus::Decoder::new(SAMPLE_RATE, layout(head.channels)).map_err(|error| undecoded(error.to_string()))?;
    inner.set_gain(head.gain.into()).map_err(|error| undecoded(error.to_string()))?;
    let samples = vec![0.0; MAX_PACKET * usize::from(head.channels)];
    Ok(Box::new(Decoder { channels: head.channels, inner, samples, resting: false }))
}

impl Decoder {
    fn give(&self, samples: usize, out: &mut Pcm) {
        out.start(SAMPLE_RATE, speakers(self.channels));
        out.push_interleaved(self.samples.get(..samples * usize::from(self.channels)).unwrap_or_default());
    }
}

impl AudioDecoder for Decoder {
    fn decode(&mut self, payload: &[u8], out: &mut Pcm) -> Result<(), Error> {
        check(payload)?;
        let decoded = self.inner.decode_float(payload, &mut self.samples, false);
        let samples = decoded.map_err(|error| broken(error.to_string()))?;
        self.resting = payload.len() <= RESTING_BYTES;
        self.give(samples, out);
        Ok(())
    }

    fn conceal(&mut self, samples: usize, next: Option<&[u8]>, out: &mut Pcm) -> bool {
        let known = next.filter(|next| check(next).is_ok_and(|len| len == samples));
        let steps = samples.div_ceil(STEP) * STEP * usize::from(self.channels);
        let Some(space) = self.samples.get_mut(..steps) else { return false };
        let done = self.inner.decode_float(known.unwrap_or_default(), space, known.is_some());
        if !done.is_ok_and(|done| done >= samples) {
            return false;
        }
        self.give(samples, out);
        true
    }

    fn is_resting(&self) -> bool {
        self.resting
    }
}

struct Encoder {
    channels: u8,
    inner: opus::Encoder,
    delay: usize,
    config: Vec<u8>,
    samples: Vec<f32>,
    packet: Vec<u8>,
}

pub(super) fn encoder(target: &Target) -> Result<Box<dyn AudioEncoder>, Error> {
    let refused = |error: opus::Error| target.refused(&error.to_string());
    let mut inner = opus::Encoder::new(SAMPLE_RATE, layout(target.channels), Application::Audio).map_err(refused)?;
    inner.set_bitrate(Bitrate::Bits(target.bitrate as i32)).map_err(refused)?;
    let delay = inner.get_lookahead().map_err(refused)? as usize;
    let mut config = Vec::new();
    head(target.channels, delay as u16).write_to(&mut config);
    let (samples, packet) = (Vec::new(), vec![0; MAX_FRAME_BYTES]);
    Ok(Box::new(Encoder { channels: target.channels, inner, delay, config, samples, packet }))
}

fn refused(error: opus::Error) -> Error {
    Error::Encode { codec: Codec::Opus, reason: error.to_string() }
}

impl AudioEncoder for Encoder {
    fn rate(&self) -> u32 {
        SAMPLE_RATE
    }

    fn channels(&self) -> usize {
        usize::from(self.channels)
    }

    fn frame(&self) -> usize {
        FRAME
    }

    fn delay(&self) -> usize {
        self.delay
    }

    fn config(&self) -> &[u8] {
        &self.config
    }

    fn encode(&mut self, planes: &[&[f32]], out: &mut Vec<u8>) -> Result<(), Error> {
        super::interleave(planes, &mut self.samples);
        let len = self.inner.encode_float(&self.samples, &mut self.packet).map_err(refused)?;
        out.extend_from_slice(self.packet.get(..len).unwrap_or_default());
        Ok(())
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.inner.reset_state().map_err(refused)
    }
}
