//! Opus: the identification header.

use crate::Error;
use weir_base::ByteReader;

/// Opus always plays at this rate, whatever was recorded.
pub const SAMPLE_RATE: u32 = 48_000;

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
}

#[cfg(test)]
mod tests;
