//! G.711: A-law and µ-law (ITU-T G.711), 8 kHz, mono, one byte for each sample.

use weir_codec::Codec;

use crate::codec::AudioEncoder;
use crate::pcm::{MAX_SAMPLES, Pcm, Speaker};
use crate::{AudioDecoder, Error, Target};

const RATE: u32 = 8000;
/// 20 ms, the usual packet of telephony (RFC 3551 clause 4.5.14).
const FRAME: usize = 160;

/// What both laws add below their logarithm, in 14 and 13 bits widened to 16.
const ULAW_BIAS: i32 = 0x84;
const ULAW_CLIP: i32 = 32_635;

/// The 16-bit sample of a byte of A-law (G.711 table 1).
pub fn alaw_to_linear(byte: u8) -> i16 {
    let bits = byte ^ 0x55;
    let (segment, step) = (u32::from(bits >> 4 & 7), i32::from(bits & 15) << 4);
    let magnitude = if segment == 0 { step + 8 } else { (step + 0x108) << (segment - 1) };
    (if bits & 0x80 != 0 { magnitude } else { -magnitude }) as i16
}

/// The byte of A-law whose sample is nearest.
pub fn linear_to_alaw(sample: i16) -> u8 {
    let (sign, magnitude) = if sample >= 0 { (0x80, i32::from(sample)) } else { (0, -1 - i32::from(sample)) };
    // Position of the highest bit above the linear segment, which ends at 2^8.
    let segment = (24 - (magnitude.max(1) as u32).leading_zeros() as i32).max(0);
    let step = magnitude >> (segment.max(1) + 3) & 15;
    (sign | (segment << 4 | step) as u8) ^ 0x55
}

/// The 16-bit sample of a byte of µ-law (G.711 table 2).
pub fn ulaw_to_linear(byte: u8) -> i16 {
    let bits = !byte;
    let magnitude = (((i32::from(bits & 15) << 3) + ULAW_BIAS) << (bits >> 4 & 7)) - ULAW_BIAS;
    (if bits & 0x80 != 0 { -magnitude } else { magnitude }) as i16
}

/// The byte of µ-law whose sample is nearest.
pub fn linear_to_ulaw(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs().min(ULAW_CLIP) + ULAW_BIAS;
    let segment = 24 - (magnitude as u32).leading_zeros() as i32;
    let step = magnitude >> (segment + 3) & 15;
    !(sign | (segment << 4 | step) as u8)
}

/// Reads either law.
pub(crate) struct Decoder {
    codec: Codec,
    law: fn(u8) -> i16,
}

impl Decoder {
    pub(crate) fn new(codec: Codec) -> Self {
        Decoder { codec, law: if codec == Codec::G711a { alaw_to_linear } else { ulaw_to_linear } }
    }
}

impl AudioDecoder for Decoder {
    fn decode(&mut self, payload: &[u8], out: &mut Pcm) -> Result<(), Error> {
        if payload.is_empty() || payload.len() > MAX_SAMPLES {
            let reason = format!("{} samples", payload.len());
            return Err(Error::Broken { codec: self.codec, reason });
        }
        out.start(RATE, Speaker::MONO);
        out.push_plane(0, payload.iter().map(|byte| f32::from((self.law)(*byte)) / 32_768.0));
        Ok(())
    }
}

struct Encoder {
    law: fn(i16) -> u8,
}

/// An encoder of either law; its bitrate is always 64 kb/s.
pub(crate) fn encoder(target: &Target) -> Result<Box<dyn AudioEncoder>, Error> {
    if target.channels != 1 {
        return Err(target.refused("G.711 is mono"));
    }
    Ok(Box::new(Encoder { law: if target.codec == Codec::G711a { linear_to_alaw } else { linear_to_ulaw } }))
}

impl AudioEncoder for Encoder {
    fn rate(&self) -> u32 {
        RATE
    }

    fn channels(&self) -> usize {
        1
    }

    fn frame(&self) -> usize {
        FRAME
    }

    fn delay(&self) -> usize {
        0
    }

    fn config(&self) -> &[u8] {
        &[]
    }

    fn encode(&mut self, planes: &[&[f32]], out: &mut Vec<u8>) -> Result<(), Error> {
        let mono = planes.first().copied().unwrap_or_default();
        out.extend(mono.iter().map(|sample| (self.law)((sample * 32_767.0).round() as i16)));
        Ok(())
    }

    fn reset(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
