//! VP8 and VP9: the configuration record; VP9: the frame header.

mod frame;

use crate::Error;
use weir_base::ByteReader;

pub use frame::{FrameHeader, KeyFrame};

/// "Unspecified" among the colour codes of ISO/IEC 23091-2.
pub const COLOUR_UNSPECIFIED: u8 = 2;

/// VPCodecConfigurationRecord (VP Codec ISO Media File Format Binding, clause "vpcC"): the sequence header of VP8 and
/// VP9 in enhanced FLV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecoderConfig {
    /// Profile, 0 to 3.
    pub profile: u8,
    /// Ten times the level; 0 when unknown.
    pub level: u8,
    /// Bits of a sample: 8, 10 or 12.
    pub bit_depth: u8,
    /// 0 and 1 are 4:2:0, 2 is 4:2:2, 3 is 4:4:4.
    pub chroma_subsampling: u8,
    /// Samples use all values, not the range of television.
    pub full_range: bool,
    /// Colour primaries, transfer characteristics, matrix coefficients, as ISO/IEC 23091-2 numbers them.
    pub colour: [u8; 3],
}

impl DecoderConfig {
    /// Reads the record, version 1, with the four bytes of version and flags that a full box has. Colours that are not
    /// there are unspecified.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut r = ByteReader::new(bytes);
        let version = r.u8()?;
        if version != 1 {
            return Err(Error::Unexpected { field: "version of vpcC", value: version.into() });
        }
        r.skip(3)?;
        let [profile, level, packed] = r.array()?;
        let (bit_depth, chroma_subsampling, full_range) = (packed >> 4, packed >> 1 & 7, packed & 1 == 1);
        let colour = r.array().unwrap_or([COLOUR_UNSPECIFIED; 3]);
        Ok(DecoderConfig { profile, level, bit_depth, chroma_subsampling, full_range, colour })
    }

    /// Appends the twelve bytes of the record, version and flags included, without initialization data.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let packed = self.bit_depth << 4 | (self.chroma_subsampling & 7) << 1 | u8::from(self.full_range);
        out.extend_from_slice(&[1, 0, 0, 0, self.profile, self.level, packed]);
        out.extend_from_slice(&self.colour);
        out.extend_from_slice(&[0, 0]);
    }
}

#[cfg(test)]
mod tests;
