//! VP8 and VP9: the configuration record.

use crate::Error;
use weir_base::ByteReader;

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
}

impl DecoderConfig {
    /// Reads the record, version 1, with the four bytes of version and flags that a full box has.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut r = ByteReader::new(bytes);
        let version = r.u8()?;
        if version != 1 {
            return Err(Error::Unexpected { field: "version of vpcC", value: version.into() });
        }
        r.skip(3)?;
        let [profile, level, packed] = r.array()?;
        let (bit_depth, chroma_subsampling, full_range) = (packed >> 4, packed >> 1 & 7, packed & 1 == 1);
        Ok(DecoderConfig { profile, level, bit_depth, chroma_subsampling, full_range })
    }
}

#[cfg(test)]
mod tests;
