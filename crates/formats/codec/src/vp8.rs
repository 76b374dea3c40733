//! VP8: the frame header (RFC 6386 clause 9.1).

use crate::bits::BitReader;
use crate::vp9::{COLOUR_UNSPECIFIED, DecoderConfig};
use crate::{Codec, Error, VideoInfo};

/// What opens every key frame behind the frame tag.
const START_CODE: u32 = 0x9d012a;

/// The head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Decoding can start here.
    pub key: bool,
    /// Version of the bitstream, 0 to 3: which filters reconstruct it. The field's `codecs` call it the profile.
    pub version: u8,
    /// The frame is shown, not only referred to.
    pub shown: bool,
    /// Width and height in pixels, in key frames only.
    pub size: Option<(u32, u32)>,
}

impl FrameHeader {
    /// Reads the head at the start of a frame.
    pub fn parse(frame: &[u8]) -> Result<Self, Error> {
        let tag = frame.get(..3).ok_or(Error::ShortBits { at: 0, wanted: 24 })?;
        // The tag is little-endian, so its first field has the lowest bits.
        let tag = tag.iter().rev().fold(0_u32, |tag, byte| tag << 8 | u32::from(*byte));
        let (key, version, shown) = (tag & 1 == 0, (tag >> 1 & 7) as u8, tag >> 4 & 1 == 1);
        if version > 3 {
            return Err(Error::Range { field: "version of a VP8 frame", value: version.into(), max: 3 });
        }
        let size = if key { Some(read_size(frame)?) } else { None };
        Ok(FrameHeader { key, version, shown, size })
    }

    /// The configuration record of the stream: there are 8 bits and 4:2:0, and nothing is said of colours.
    pub fn config(&self) -> DecoderConfig {
        DecoderConfig {
            profile: self.version,
            level: 0,
            bit_depth: 8,
            chroma_subsampling: 1,
            full_range: false,
            colour: [COLOUR_UNSPECIFIED; 3],
        }
    }

    /// What the API shows; the size is 0 unless this is a key frame.
    pub fn info(&self) -> VideoInfo {
        let (width, height) = self.size.unwrap_or_default();
        VideoInfo { width, height, ..VideoInfo::of(Codec::Vp8) }
    }
}

/// Behind the frame tag of a key frame: start code, width and height of 14 bits, two bits of scaling above each.
fn read_size(frame: &[u8]) -> Result<(u32, u32), Error> {
    let mut r = BitReader::new(frame);
    r.skip(24)?;
    let code = r.bits(24)?;
    if code != START_CODE {
        return Err(Error::Unexpected { field: "start code of a VP8 key frame", value: code.into() });
    }
    let [w0, w1, h0, h1] = r.bits(32)?.to_be_bytes();
    let size = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    Ok((size(w0, w1), size(h0, h1)))
}

#[cfg(test)]
mod tests;
