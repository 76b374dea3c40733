//! The sequence parameter set (ITU-T H.265 clause 7.3.2.2.1).

use super::vui;
use crate::bits::BitReader;
use crate::error::at_most;
use crate::{Error, nal};

/// What is read of a set. A real one has 40 to 100 bytes, all scaling lists included some 1500.
const MAX_LEN: usize = 4096;

/// Rows or columns of a picture. Level 6.2 allows 16 888; anything past this is not a picture.
const MAX_SIZE: u64 = 65_536;

/// The parts of a sequence parameter set that tell what a player sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sps {
    /// general_profile_idc, 0 to 31.
    pub profile: u8,
    /// High tier instead of main.
    pub high_tier: bool,
    /// general_profile_compatibility_flags.
    pub compatibility: u32,
    /// The six bytes of constraint flags.
    pub constraints: [u8; 6],
    /// general_level_idc: thirty times the level.
    pub level: u8,
    /// sps_seq_parameter_set_id, 0 to 15.
    pub id: u8,
    /// chroma_format_idc: 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4.
    pub chroma_format: u8,
    /// Bits of a luma sample, 8 to 16.
    pub bit_depth_luma: u8,
    /// Bits of a chroma sample, 8 to 16.
    pub bit_depth_chroma: u8,
    /// Shown pixels in a row, inside the conformance window.
    pub width: u32,
    /// Shown rows, inside the conformance window.
    pub height: u32,
    /// Pictures a second, when the VUI has timing.
    pub frame_rate: Option<f64>,
}

impl Sps {
    /// Reads a NAL unit of type 33, emulation prevention bytes included. What follows the bit depths and cannot be
    /// read is as good as not there.
    pub fn parse(nal: &[u8]) -> Result<Sps, Error> {
        let bytes = nal::unescape(nal, MAX_LEN);
        let mut r = BitReader::new(&bytes);
        let header = r.bits(16)?;
        let kind = header >> 9 & 0x3f;
        if kind != u32::from(super::NAL_SPS) {
            return Err(Error::Unexpected { field: "nal_unit_type of an SPS", value: kind.into() });
        }
        r.skip(4)?;
        let sub_layers = at_most("sps_max_sub_layers_minus1", r.bits(3)?, 6)?;
        r.skip(1)?;
        r.skip(2)?;
        let (high_tier, profile, compatibility) = (r.flag()?, r.bits(5)? as u8, r.bits(32)?);
        let [_, _, c0, c1] = r.bits(16)?.to_be_bytes();
        let [c2, c3, c4, c5] = r.bits(32)?.to_be_bytes();
        let level = r.bits(8)? as u8;
        skip_sub_layers(&mut r, sub_layers)?;
        let id = at_most("sps_seq_parameter_set_id", r.ue()?, 15)? as u8;
        let chroma_format = at_most("chroma_format_idc", r.ue()?, 3)? as u8;
        let separate_planes = chroma_format == 3 && r.flag()?;
        let (width, height) = read_size(&mut r, if separate_planes { 0 } else { chroma_format })?;
        let bit_depth_luma = 8 + at_most("bit_depth_luma_minus8", r.ue()?, 8)? as u8;
        let bit_depth_chroma = 8 + at_most("bit_depth_chroma_minus8", r.ue()?, 8)? as u8;
        let constraints = [c0, c1, c2, c3, c4, c5];
        let frame_rate = vui::read_frame_rate(&mut r, sub_layers).ok().flatten();
        Ok(Sps {
            profile,
            high_tier,
            compatibility,
            constraints,
            level,
            id,
            chroma_format,
            bit_depth_luma,
            bit_depth_chroma,
            width,
            height,
            frame_rate,
        })
    }
}

/// The rest of profile_tier_level (clause 7.3.3): what each temporal layer says for itself.
pub(super) fn skip_sub_layers(r: &mut BitReader<'_>, sub_layers: u32) -> Result<(), Error> {
    const PROFILE_BITS: u32 = 88;
    const LEVEL_BITS: u32 = 8;
    if sub_layers == 0 {
        return Ok(());
    }
    let mut bits = 0;
    for _ in 0..sub_layers {
        bits += if r.flag()? { PROFILE_BITS } else { 0 };
        bits += if r.flag()? { LEVEL_BITS } else { 0 };
    }
    // The flags are padded to eight layers.
    r.skip(2 * (8 - sub_layers))?;
    r.skip(bits)
}

/// Width and height inside the conformance window.
fn read_size(r: &mut BitReader<'_>, chroma_array_type: u8) -> Result<(u32, u32), Error> {
    let width = at_most("pic_width_in_luma_samples", u64::from(r.ue()?), MAX_SIZE)?;
    let height = at_most("pic_height_in_luma_samples", u64::from(r.ue()?), MAX_SIZE)?;
    let (mut across, mut down) = (0, 0);
    if r.flag()? {
        let (sub_width, sub_height) = match chroma_array_type {
            1 => (2, 2),
            2 => (2, 1),
            _ => (1, 1),
        };
        across = (u64::from(r.ue()?) + u64::from(r.ue()?)) * sub_width;
        down = (u64::from(r.ue()?) + u64::from(r.ue()?)) * sub_height;
    }
    at_most("conformance window offsets across", across, width)?;
    at_most("conformance window offsets down", down, height)?;
    Ok((width.saturating_sub(across) as u32, height.saturating_sub(down) as u32))
}
