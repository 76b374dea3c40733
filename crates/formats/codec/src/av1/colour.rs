//! The sequence header behind the size: tools that the sequence may use, and what its samples mean (AV1 clauses 5.5.1,
//! 5.5.2).

use crate::Error;
use crate::bits::BitReader;

/// Colour primaries, transfer characteristics and matrix coefficients of sRGB, which has no subsampling to tell.
const SRGB: [u8; 3] = [1, 13, 0];

/// seq_force_screen_content_tools when each frame tells.
const SELECT_SCREEN_CONTENT: u32 = 2;

/// color_config: how samples are stored and what colours they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColourConfig {
    /// Bits of a sample: 8, 10 or 12.
    pub bit_depth: u8,
    /// There is no chroma.
    pub monochrome: bool,
    /// Chroma has half the samples, across and down.
    pub subsampling: (bool, bool),
    /// chroma_sample_position: 0 unknown, 1 left, 2 top left.
    pub sample_position: u8,
    /// Colour primaries, transfer characteristics and matrix coefficients as ISO/IEC 23091-2 numbers them, when told.
    pub description: Option<[u8; 3]>,
    /// Samples use all values, not the range of television.
    pub full_range: bool,
}

/// From behind the size of the largest frame.
pub(super) fn read(r: &mut BitReader<'_>, profile: u8, reduced: bool) -> Result<ColourConfig, Error> {
    if !reduced && r.flag()? {
        // Lengths of frame ids.
        r.skip(7)?;
    }
    // Large superblocks, filter intra, intra edge filter.
    r.skip(3)?;
    if !reduced {
        skip_inter_tools(r)?;
    }
    // Superresolution, CDEF, restoration.
    r.skip(3)?;
    read_config(r, profile)
}

/// What only sequences with inter frames have.
fn skip_inter_tools(r: &mut BitReader<'_>) -> Result<(), Error> {
    // Compound modes, warped motion, dual filter.
    r.skip(4)?;
    let order_hint = r.flag()?;
    if order_hint {
        r.skip(2)?;
    }
    let screen_content = if r.flag()? { SELECT_SCREEN_CONTENT } else { r.bits(1)? };
    if screen_content > 0 && !r.flag()? {
        r.skip(1)?;
    }
    if order_hint {
        r.skip(3)?;
    }
    Ok(())
}

fn read_config(r: &mut BitReader<'_>, profile: u8) -> Result<ColourConfig, Error> {
    let high = r.flag()?;
    let bit_depth = match (profile, high) {
        (2, true) => {
            if r.flag()? {
                12
            } else {
                10
            }
        }
        (_, true) => 10,
        _ => 8,
    };
    let monochrome = profile != 1 && r.flag()?;
    let description = if r.flag()? {
        let [_, description @ ..] = r.bits(24)?.to_be_bytes();
        Some(description)
    } else {
        None
    };
    let (full_range, subsampling) = if monochrome {
        (r.flag()?, (true, true))
    } else if description == Some(SRGB) {
        (true, (false, false))
    } else {
        (r.flag()?, read_subsampling(r, profile, bit_depth)?)
    };
    let sample_position = if !monochrome && subsampling == (true, true) { r.bits(2)? as u8 } else { 0 };
    Ok(ColourConfig { bit_depth, monochrome, subsampling, sample_position, description, full_range })
}

/// Only the professional profile with 12 bits has a choice.
fn read_subsampling(r: &mut BitReader<'_>, profile: u8, bit_depth: u8) -> Result<(bool, bool), Error> {
    Ok(match (profile, bit_depth) {
        (0, _) => (true, true),
        (1, _) => (false, false),
        (_, 12) => {
            let across = r.flag()?;
            (across, across && r.flag()?)
        }
        _ => (true, false),
    })
}
