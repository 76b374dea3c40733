//! The uncompressed header of a VP9 frame (VP9 Bitstream clause 6.2), up to the size.

use super::{COLOUR_UNSPECIFIED, DecoderConfig};
use crate::bits::BitReader;
use crate::{Codec, Error, VideoInfo};

/// What opens the header of every key frame.
const SYNC_CODE: u32 = 0x498342;

/// color_space that announces RGB.
const CS_RGB: u32 = 7;

/// Ten times the level, and what it allows: luma samples a second, luma samples in a picture (VP9 levels, annex A).
const LEVELS: [(u8, u64, u64); 14] = [
    (10, 829_440, 36_864),
    (11, 2_764_800, 73_728),
    (20, 4_608_000, 122_880),
    (21, 9_216_000, 245_760),
    (30, 20_736_000, 552_960),
    (31, 36_864_000, 983_040),
    (40, 83_558_400, 2_228_224),
    (41, 160_432_128, 2_228_224),
    (50, 311_951_360, 8_912_896),
    (51, 588_251_136, 8_912_896),
    (52, 1_176_502_272, 8_912_896),
    (60, 1_176_502_272, 35_651_584),
    (61, 2_353_004_544, 35_651_584),
    (62, 4_706_009_088, 35_651_584),
];

/// Pictures a second that a level is chosen for: a frame does not tell.
const ASSUMED_RATE: u64 = 30;

/// The head of a frame. Of a superframe it is that of the first frame in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Profile, 0 to 3.
    pub profile: u8,
    /// What a key frame says of the stream; [`None`] in other frames.
    pub key: Option<KeyFrame>,
}

/// What a key frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyFrame {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bits of a sample: 8, 10 or 12.
    pub bit_depth: u8,
    /// As in [`DecoderConfig::chroma_subsampling`], and 4 for 4:4:0.
    pub chroma_subsampling: u8,
    /// Samples use all values, not the range of television.
    pub full_range: bool,
    /// Matrix coefficients as ISO/IEC 23091-2 numbers them.
    pub matrix: u8,
}

impl FrameHeader {
    /// Reads the head at the start of a frame.
    pub fn parse(frame: &[u8]) -> Result<Self, Error> {
        let mut r = BitReader::new(frame);
        let marker = r.bits(2)?;
        if marker != 2 {
            return Err(Error::Unexpected { field: "frame_marker of VP9", value: marker.into() });
        }
        let (low, high) = (r.bits(1)? as u8, r.bits(1)? as u8);
        let profile = high << 1 | low;
        if profile == 3 && r.flag()? {
            return Err(Error::Unexpected { field: "profile of a VP9 frame", value: 4 });
        }
        let shows_existing = r.flag()?;
        // frame_type is 0 for key frames; show_frame and error_resilient_mode follow.
        if shows_existing || r.flag()? {
            return Ok(FrameHeader { profile, key: None });
        }
        r.skip(2)?;
        Ok(FrameHeader { profile, key: Some(KeyFrame::parse(&mut r, profile)?) })
    }

    /// The configuration record that a key frame amounts to. Its level is the lowest for 30 pictures a second.
    pub fn config(&self) -> Option<DecoderConfig> {
        let key = self.key?;
        let picture = u64::from(key.width) * u64::from(key.height);
        let fits = |(_, rate, size): &&(u8, u64, u64)| picture <= *size && picture * ASSUMED_RATE <= *rate;
        Some(DecoderConfig {
            profile: self.profile,
            level: LEVELS.iter().find(fits).map_or(0, |(level, ..)| *level),
            bit_depth: key.bit_depth,
            chroma_subsampling: key.chroma_subsampling,
            full_range: key.full_range,
            colour: [COLOUR_UNSPECIFIED, COLOUR_UNSPECIFIED, key.matrix],
        })
    }

    /// What the API shows; the size is 0 unless this is a key frame.
    pub fn info(&self) -> VideoInfo {
        let (width, height) = self.key.map_or((0, 0), |key| (key.width, key.height));
        VideoInfo { width, height, ..VideoInfo::of(Codec::Vp9) }
    }
}

impl KeyFrame {
    fn parse(r: &mut BitReader<'_>, profile: u8) -> Result<Self, Error> {
        let code = r.bits(24)?;
        if code != SYNC_CODE {
            return Err(Error::Unexpected { field: "frame_sync_code of VP9", value: code.into() });
        }
        let bit_depth = match profile {
            0 | 1 => 8,
            _ if r.flag()? => 12,
            _ => 10,
        };
        let space = r.bits(3)?;
        let odd_profile = profile & 1 == 1;
        let full_range = space == CS_RGB || r.flag()?;
        // Profiles 1 and 3 say how chroma is sampled, and have a reserved bit behind it; for RGB only the latter.
        let chroma_subsampling = match (odd_profile, space) {
            (false, CS_RGB) => return Err(Error::Unexpected { field: "color_space of VP9", value: space.into() }),
            (false, _) => 1,
            (true, CS_RGB) => {
                r.skip(1)?;
                3
            }
            (true, _) => subsampling(r.bits(3)?),
        };
        let (width, height) = (r.bits(16)? + 1, r.bits(16)? + 1);
        Ok(KeyFrame { width, height, bit_depth, chroma_subsampling, full_range, matrix: matrix_of(space) })
    }
}

/// From subsampling_x, subsampling_y and the reserved bit.
fn subsampling(bits: u32) -> u8 {
    match (bits & 4 != 0, bits & 2 != 0) {
        (true, true) => 1,
        (true, false) => 2,
        (false, false) => 3,
        (false, true) => 4,
    }
}

/// The code of ISO/IEC 23091-2 for a color_space.
fn matrix_of(space: u32) -> u8 {
    match space {
        1 => 5,
        2 => 1,
        3 => 6,
        4 => 7,
        5 => 9,
        CS_RGB => 0,
        _ => COLOUR_UNSPECIFIED,
    }
}
