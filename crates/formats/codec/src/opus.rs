//! Opus: the identification header, the length of a packet.

use crate::error::at_most;
use crate::{AudioInfo, Codec, Error};
use weir_base::ByteReader;

/// Opus always plays at this rate, whatever was recorded.
pub const SAMPLE_RATE: u32 = 48_000;

/// Samples of the longest packet: 120 ms (RFC 6716 clause 3.2.5, R5).
const MAX_PACKET: u32 = 5760;

/// OpusHead (RFC 7845 clause 5.1): the sequence header of Opus in enhanced FLV. Channel mapping tables are not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpusHead {
    /// Channels, at least 1.
    pub channels: u8,
    /// Samples at 48 kHz to drop at the start.
    pub pre_skip: u16,
    /// Samples a second before encoding; 0 when unknown.
    pub input_rate: u32,
    /// Gain in dB, times 256.
    pub gain: i16,
    /// Channel mapping family: 0 mono or stereo, 1 surround, 255 unknown.
    pub mapping_family: u8,
}

impl OpusHead {
    /// Reads the header.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut r = ByteReader::new(bytes);
        let magic = r.array::<8>()?;
        if &magic != b"OpusHead" {
            return Err(Error::Unexpected { field: "magic of OpusHead", value: u64::from_be_bytes(magic) });
        }
        let version = r.u8()?;
        // The upper four bits are incompatible changes.
        if version & 0xf0 != 0 {
            return Err(Error::Unexpected { field: "version of OpusHead", value: version.into() });
        }
        let channels = r.u8()?;
        if channels == 0 {
            return Err(Error::Unexpected { field: "channel count of OpusHead", value: 0 });
        }
        let pre_skip = u16::from_le_bytes(r.array()?);
        let input_rate = r.u32_le()?;
        let gain = i16::from_le_bytes(r.array()?);
        let mapping_family = r.u8()?;
        Ok(OpusHead { channels, pre_skip, input_rate, gain, mapping_family })
    }

    /// Appends the 19 bytes of a header with mapping family 0.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"OpusHead\x01");
        out.push(self.channels);
        out.extend_from_slice(&self.pre_skip.to_le_bytes());
        out.extend_from_slice(&self.input_rate.to_le_bytes());
        out.extend_from_slice(&self.gain.to_le_bytes());
        out.push(0);
    }

    /// What the API shows.
    pub fn info(&self) -> AudioInfo {
        AudioInfo { coded_rate: Some(SAMPLE_RATE), ..AudioInfo::of(Codec::Opus, SAMPLE_RATE, self.channels) }
    }
}

/// Samples of each channel at 48 kHz in a packet, from its table of contents (RFC 6716 clause 3.1): 120 to 5760.
pub fn packet_samples(packet: &[u8]) -> Result<u32, Error> {
    let mut r = ByteReader::new(packet);
    let toc = r.u8()?;
    let frame = match toc >> 3 {
        // SILK: 10, 20, 40 or 60 ms.
        config @ 0..=11 => [480, 960, 1920, 2880].get(usize::from(config & 3)).copied().unwrap_or(0),
        // Hybrid: 10 or 20 ms.
        config @ 12..=15 => 480 << (config & 1),
        // CELT: 2.5, 5, 10 or 20 ms.
        config => 120 << (config & 3),
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(r.u8()? & 0x3f),
    };
    if frames == 0 {
        return Err(Error::Unexpected { field: "frame count of an Opus packet", value: 0 });
    }
    at_most("samples of an Opus packet", frames * frame, MAX_PACKET.into())
}

#[cfg(test)]
mod tests;
