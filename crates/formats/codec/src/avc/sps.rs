//! The sequence parameter set (ITU-T H.264 clause 7.3.2.1.1).

use crate::bits::BitReader;
use crate::error::at_most;
use crate::{Error, nal};

/// What is read of a set. A real one has 10 to 60 bytes, all scaling lists included some 700.
const MAX_LEN: usize = 4096;

/// Rows or columns of a picture. Level 6.2 allows 16 888; anything past this is not a picture.
const MAX_SIZE: u64 = 65_536;

/// Profiles whose sets have chroma format, bit depths and scaling lists.
const HIGH_PROFILES: [u8; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/// The parts of a sequence parameter set that tell what a player sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sps {
    /// profile_idc.
    pub profile: u8,
    /// The six constraint flags and two reserved bits.
    pub compatibility: u8,
    /// level_idc: ten times the level.
    pub level: u8,
    /// seq_parameter_set_id, 0 to 31.
    pub id: u8,
    /// chroma_format_idc: 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4.
    pub chroma_format: u8,
    /// Bits of a luma sample, 8 to 14.
    pub bit_depth: u8,
    /// Shown pixels in a row, after cropping.
    pub width: u32,
    /// Shown rows, after cropping.
    pub height: u32,
    /// Pictures may be single fields.
    pub interlaced: bool,
    /// Pictures a second, when the VUI has timing.
    pub frame_rate: Option<f64>,
}

impl Sps {
    /// Reads a NAL unit of type 7, emulation prevention bytes included. A VUI that cannot be read is as good as none.
    pub fn parse(nal: &[u8]) -> Result<Sps, Error> {
        let bytes = nal::unescape(nal, MAX_LEN);
        let mut r = BitReader::new(&bytes);
        let header = r.bits(8)?;
        if header & 0x1f != u32::from(super::NAL_SPS) {
            return Err(Error::Unexpected { field: "nal_unit_type of an SPS", value: u64::from(header & 0x1f) });
        }
        let (profile, compatibility, level) = (r.bits(8)? as u8, r.bits(8)? as u8, r.bits(8)? as u8);
        let id = at_most("seq_parameter_set_id", r.ue()?, 31)? as u8;
        let format = if HIGH_PROFILES.contains(&profile) { Format::parse(&mut r)? } else { Format::default() };
        skip_picture_order(&mut r)?;
        // max_num_ref_frames and gaps_in_frame_num_value_allowed_flag.
        r.ue()?;
        r.skip(1)?;
        let (width, height, interlaced) = read_size(&mut r, &format)?;
        let frame_rate = if r.flag()? { read_frame_rate(&mut r).ok().flatten() } else { None };
        let (chroma_format, bit_depth) = (format.chroma, format.bit_depth);
        Ok(Sps { profile, compatibility, level, id, chroma_format, bit_depth, width, height, interlaced, frame_rate })
    }
}

/// How samples are stored.
struct Format {
    chroma: u8,
    separate_planes: bool,
    bit_depth: u8,
}

impl Default for Format {
    fn default() -> Self {
        Format { chroma: 1, separate_planes: false, bit_depth: 8 }
    }
}

impl Format {
    fn parse(r: &mut BitReader<'_>) -> Result<Format, Error> {
        let chroma = at_most("chroma_format_idc", r.ue()?, 3)? as u8;
        let separate_planes = chroma == 3 && r.flag()?;
        let bit_depth = 8 + at_most("bit_depth_luma_minus8", r.ue()?, 6)? as u8;
        at_most("bit_depth_chroma_minus8", r.ue()?, 6)?;
        r.skip(1)?;
        if r.flag()? {
            for list in 0..if chroma == 3 { 12 } else { 8 } {
                if r.flag()? {
                    skip_scaling_list(r, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
        Ok(Format { chroma, separate_planes, bit_depth })
    }

    /// Luma samples in a chroma sample, across and down (table 6-1).
    fn subsampling(&self) -> (u64, u64) {
        match self.chroma {
            1 => (2, 2),
            2 => (2, 1),
            _ => (1, 1),
        }
    }
}

/// Clause 7.3.2.1.1.1. The list ends early when the next scale becomes 0.
fn skip_scaling_list(r: &mut BitReader<'_>, size: u32) -> Result<(), Error> {
    let (mut last, mut next) = (8_i32, 8_i32);
    for _ in 0..size {
        if next != 0 {
            next = last.wrapping_add(r.se()?) & 0xff;
        }
        last = if next == 0 { last } else { next };
    }
    Ok(())
}

fn skip_picture_order(r: &mut BitReader<'_>) -> Result<(), Error> {
    at_most("log2_max_frame_num_minus4", r.ue()?, 12)?;
    match at_most("pic_order_cnt_type", r.ue()?, 2)? {
        0 => at_most("log2_max_pic_order_cnt_lsb_minus4", r.ue()?, 12).map(|_| ()),
        1 => {
            r.skip(1)?;
            r.se()?;
            r.se()?;
            for _ in 0..at_most("num_ref_frames_in_pic_order_cnt_cycle", r.ue()?, 255)? {
                r.se()?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Width, height, interlaced.
fn read_size(r: &mut BitReader<'_>, format: &Format) -> Result<(u32, u32, bool), Error> {
    let width = (u64::from(r.ue()?) + 1) * 16;
    let map_units = u64::from(r.ue()?) + 1;
    let frames_only = r.flag()?;
    let fields = if frames_only { 1 } else { 2 };
    if !frames_only {
        r.skip(1)?;
    }
    let height = map_units * 16 * fields;
    at_most("picture width", width, MAX_SIZE)?;
    at_most("picture height", height, MAX_SIZE)?;
    r.skip(1)?;
    let (mut across, mut down) = (0, 0);
    if r.flag()? {
        let (sub_width, sub_height) = if format.separate_planes { (1, 1) } else { format.subsampling() };
        across = (u64::from(r.ue()?) + u64::from(r.ue()?)) * sub_width;
        down = (u64::from(r.ue()?) + u64::from(r.ue()?)) * sub_height * fields;
    }
    at_most("horizontal cropping", across, width - 1)?;
    at_most("vertical cropping", down, height - 1)?;
    Ok(((width - across) as u32, (height - down) as u32, !frames_only))
}

/// The VUI up to its timing (annex E.1.1). A time unit is a field, so a frame has two.
fn read_frame_rate(r: &mut BitReader<'_>) -> Result<Option<f64>, Error> {
    const EXTENDED_SAR: u32 = 255;
    if r.flag()? && r.bits(8)? == EXTENDED_SAR {
        r.skip(32)?;
    }
    if r.flag()? {
        r.skip(1)?;
    }
    if r.flag()? {
        r.skip(4)?;
        if r.flag()? {
            r.skip(24)?;
        }
    }
    if r.flag()? {
        r.ue()?;
        r.ue()?;
    }
    if !r.flag()? {
        return Ok(None);
    }
    let (units, scale) = (r.bits(32)?, r.bits(32)?);
    Ok((units != 0 && scale != 0).then(|| f64::from(scale) / (2.0 * f64::from(units))))
}
