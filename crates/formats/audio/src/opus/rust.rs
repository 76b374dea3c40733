//! By `opus-pure`.
#![cfg_attr(feature = "libopus", allow(dead_code, reason = "the other Opus takes the place of all but surround"))]

use opus_pure::{Application, OpusDecoder, OpusEncoder, OpusMSDecoder};
use weir_codec::Codec;
use weir_codec::opus::{OpusHead, SAMPLE_RATE};

use super::{FRAME, MAX_FRAME_BYTES, MAX_PACKET, RESTING_BYTES, STEP, broken, check, head, speakers, undecoded};
use crate::codec::{AudioDecoder, AudioEncoder};
use crate::pcm::{MAX_SAMPLES, Pcm};
use crate::{Error, Target};

/// How hard the encoder tries, 0 to 10. From 5 to 9 the signal gains 0.7 dB over the noise at 64 kb/s, at a quarter more
/// time.
const COMPLEXITY: i32 = 5;

struct Decoder {
    head: OpusHead,
    inner: OpusDecoder,
    samples: Vec<f32>,
    resting: bool,
}

pub(super) fn decoder(head: &OpusHead) -> Result<Box<dyn AudioDecoder>, Error> {
    let channels = usize::from(head.channels);
    let mut inner = OpusDecoder::new(SAMPLE_RATE as i32, channels).map_err(|error| undecoded(error.to_string()))?;
    inner.gain_q8 = head.gain.into();
    Ok(Box::new(Decoder { head: *head, inner, samples: vec![0.0; MAX_SAMPLES * channels], resting: false }))
}

impl Decoder {
    fn give(&self, samples: usize, out: &mut Pcm) {
        out.start(SAMPLE_RATE, speakers(self.head.channels));
        let decoded = self.samples.get(..samples * usize::from(self.head.channels));
        out.push_interleaved(decoded.unwrap_or_default());
    }
}

impl AudioDecoder for Decoder {
    fn decode(&mut self, payload: &[u8], out: &mut Pcm) -> Result<(), Error> {
        let expected = check(payload)?;
        let decoded = self.inner.decode(payload, MAX_PACKET, &mut self.samples);
        let samples = decoded.map_err(|error| broken(error.to_string()))?;
        if samples != expected {
            return Err(broken(format!("{samples} samples in place of {expected}")));
        }
        self.resting = payload.len() <= RESTING_BYTES;
        self.give(samples, out);
        Ok(())
    }

    fn conceal(&mut self, samples: usize, next: Option<&[u8]>, out: &mut Pcm) -> bool {
        // What the next packet knows of the lost one is as long as it is itself.
        let known = next.filter(|next| check(next).is_ok_and(|len| len == samples));
        let steps = samples.div_ceil(STEP) * STEP;
        if steps > MAX_PACKET {
            return false;
        }
        let done = match known {
            Some(next) => self.inner.decode_fec(next, samples, &mut self.samples),
            None => self.inner.decode(&[], steps, &mut self.samples),
        };
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

struct Surround {
    channels: u8,
    inner: OpusMSDecoder,
    samples: Vec<f32>,
}

/// A decoder of mapping family 1. `mapping` is what OpusHead has behind the family; only the tables of RFC 7845 are taken.
pub(super) fn surround(head: &OpusHead, mapping: &[u8]) -> Result<Box<dyn AudioDecoder>, Error> {
    let channels = usize::from(head.channels);
    let mut inner = OpusMSDecoder::new(SAMPLE_RATE as i32, channels, head.mapping_family)
        .map_err(|error| undecoded(error.to_string()))?;
    let layout = inner.layout();
    let usual = [&[layout.nb_streams as u8, layout.nb_coupled_streams as u8], layout.mapping.as_slice()].concat();
    if mapping.get(..usual.len()).is_some_and(|mapping| mapping != usual) {
        return Err(undecoded(format!("{channels} channels in an unusual order")));
    }
    inner.streams_mut().iter_mut().for_each(|stream| stream.gain_q8 = head.gain.into());
    Ok(Box::new(Surround { channels: head.channels, inner, samples: vec![0.0; MAX_PACKET * channels] }))
}

impl AudioDecoder for Surround {
    fn decode(&mut self, payload: &[u8], out: &mut Pcm) -> Result<(), Error> {
        check(payload)?;
        let decoded = self.inner.decode(payload, MAX_PACKET, &mut self.samples);
        let samples = decoded.map_err(|error| broken(error.to_string()))?;
        out.start(SAMPLE_RATE, speakers(self.channels));
        out.push_interleaved(self.samples.get(..samples * usize::from(self.channels)).unwrap_or_default());
        Ok(())
    }
}

struct Encoder {
    inner: OpusEncoder,
    config: Vec<u8>,
    samples: Vec<f32>,
    packet: Vec<u8>,
}

pub(super) fn encoder(target: &Target) -> Result<Box<dyn AudioEncoder>, Error> {
    let channels = usize::from(target.channels);
    let mut inner = OpusEncoder::new(SAMPLE_RATE as i32, channels, Application::Audio)
        .map_err(|error| target.refused(&error.to_string()))?;
    inner.bitrate_bps = target.bitrate as i32;
    inner.complexity = COMPLEXITY;
    let mut config = Vec::new();
    head(target.channels, inner.lookahead() as u16).write_to(&mut config);
    Ok(Box::new(Encoder { inner, config, samples: Vec::new(), packet: vec![0; MAX_FRAME_BYTES] }))
}

fn refused(error: opus_pure::Error) -> Error {
    Error::Encode { codec: Codec::Opus, reason: error.to_string() }
}

impl AudioEncoder for Encoder {
    fn rate(&self) -> u32 {
        SAMPLE_RATE
    }

    fn channels(&self) -> usize {
        self.inner.channels()
    }

    fn frame(&self) -> usize {
        FRAME
    }

    fn delay(&self) -> usize {
        self.inner.lookahead()
    }

    fn config(&self) -> &[u8] {
        &self.config
    }

    fn encode(&mut self, planes: &[&[f32]], out: &mut Vec<u8>) -> Result<(), Error> {
        super::interleave(planes, &mut self.samples);
        let len = self.inner.encode(&self.samples, FRAME, &mut self.packet).map_err(refused)?;
        out.extend_from_slice(self.packet.get(..len).unwrap_or_default());
        Ok(())
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.inner.reset_state().map_err(refused)
    }
}
