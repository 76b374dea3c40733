//! How fast pictures follow each other: the timing in the VUI of a sequence parameter set (ITU-T H.265 clause 7.3.2.2.1
//! behind the bit depths, annex E.2.1), and in a video parameter set (clause 7.3.2.1).

use super::sps::skip_sub_layers;
use crate::bits::BitReader;
use crate::error::at_most;
use crate::{Error, nal};

/// What is read of a video parameter set. A real one has some 24 bytes; layer sets can take kilobytes, and then there is
/// no timing worth the walk.
const MAX_LEN: usize = 1024;

/// Reference pictures in a set: 16, and one more in a set predicted from a full one, which no stream has.
const MAX_DELTA_POCS: u32 = 17;

/// Pictures a second from a NAL unit of type 32, emulation prevention bytes included; [`None`] when it does not tell.
pub fn vps_frame_rate(nal: &[u8]) -> Result<Option<f64>, Error> {
    let bytes = nal::unescape(nal, MAX_LEN);
    let mut r = BitReader::new(&bytes);
    let kind = r.bits(16)? >> 9 & 0x3f;
    if kind != u32::from(super::NAL_VPS) {
        return Err(Error::Unexpected { field: "nal_unit_type of a VPS", value: kind.into() });
    }
    // Its id, base layer flags, the number of layers.
    r.skip(12)?;
    let sub_layers = at_most("vps_max_sub_layers_minus1", r.bits(3)?, 6)?;
    // A flag, 16 reserved bits, the general part of profile_tier_level.
    r.skip(1 + 16 + 96)?;
    skip_sub_layers(&mut r, sub_layers)?;
    skip_ordering(&mut r, sub_layers)?;
    let layer_ids = r.bits(6)? + 1;
    let layer_sets = at_most("vps_num_layer_sets_minus1", r.ue()?, 1023)?;
    r.skip(layer_sets * layer_ids)?;
    read_timing(&mut r)
}

/// Pictures a second, from behind the bit depths of a sequence parameter set.
pub(super) fn read_frame_rate(r: &mut BitReader<'_>, sub_layers: u32) -> Result<Option<f64>, Error> {
    let poc_bits = 4 + at_most("log2_max_pic_order_cnt_lsb_minus4", r.ue()?, 12)?;
    skip_ordering(r, sub_layers)?;
    // Sizes of coding and transform blocks, depths of their trees.
    for _ in 0..6 {
        r.ue()?;
    }
    if r.flag()? && r.flag()? {
        skip_scaling_lists(r)?;
    }
    r.skip(2)?;
    if r.flag()? {
        // PCM: bit depths, sizes, loop filter.
        r.skip(8)?;
        r.ue()?;
        r.ue()?;
        r.skip(1)?;
    }
    skip_short_term_sets(r)?;
    if r.flag()? {
        let pictures = at_most("num_long_term_ref_pics_sps", r.ue()?, 32)?;
        r.skip(pictures * (poc_bits + 1))?;
    }
    r.skip(2)?;
    if r.flag()? { read_vui(r) } else { Ok(None) }
}

/// Buffering and reordering of each temporal layer, or of the highest for all.
fn skip_ordering(r: &mut BitReader<'_>, sub_layers: u32) -> Result<(), Error> {
    let layers = if r.flag()? { sub_layers + 1 } else { 1 };
    for _ in 0..layers * 3 {
        r.ue()?;
    }
    Ok(())
}

/// Clause 7.3.4. The largest size has lists for luma only.
fn skip_scaling_lists(r: &mut BitReader<'_>) -> Result<(), Error> {
    for size in 0..4_u32 {
        for _ in 0..if size == 3 { 2 } else { 6 } {
            if !r.flag()? {
                r.ue()?;
                continue;
            }
            if size > 1 {
                r.se()?;
            }
            for _ in 0..(1_u32 << (4 + 2 * size)).min(64) {
                r.se()?;
            }
        }
    }
    Ok(())
}

/// Clause 7.3.7 for each set: a set may be told by its difference from the one before, so their sizes count.
fn skip_short_term_sets(r: &mut BitReader<'_>) -> Result<(), Error> {
    let sets = at_most("num_short_term_ref_pic_sets", r.ue()?, 64)?;
    let mut delta_pocs = 0;
    for set in 0..sets {
        let predicted = set > 0 && r.flag()?;
        delta_pocs = if predicted { skip_predicted_set(r, delta_pocs)? } else { skip_plain_set(r)? };
        at_most("NumDeltaPocs", delta_pocs, MAX_DELTA_POCS.into())?;
    }
    Ok(())
}

/// Passes over the difference from a set of `before` pictures; pictures in the new set.
fn skip_predicted_set(r: &mut BitReader<'_>, before: u32) -> Result<u32, Error> {
    r.skip(1)?;
    r.ue()?;
    let mut kept = 0;
    for _ in 0..=before {
        let used = r.flag()?;
        kept += u32::from(used || r.flag()?);
    }
    Ok(kept)
}

fn skip_plain_set(r: &mut BitReader<'_>) -> Result<u32, Error> {
    let negative = at_most("num_negative_pics", r.ue()?, 16)?;
    let positive = at_most("num_positive_pics", r.ue()?, 16)?;
    for _ in 0..negative + positive {
        r.ue()?;
        r.skip(1)?;
    }
    Ok(negative + positive)
}

/// The VUI up to its timing. Where pictures are fields, a frame has two.
fn read_vui(r: &mut BitReader<'_>) -> Result<Option<f64>, Error> {
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
    r.skip(1)?;
    let fields = r.flag()?;
    r.skip(1)?;
    if r.flag()? {
        for _ in 0..4 {
            r.ue()?;
        }
    }
    let pictures = read_timing(r)?;
    Ok(pictures.map(|rate| if fields { rate / 2.0 } else { rate }))
}

/// A flag, and behind it the units of a tick and the ticks of a second.
fn read_timing(r: &mut BitReader<'_>) -> Result<Option<f64>, Error> {
    if !r.flag()? {
        return Ok(None);
    }
    let (units, scale) = (r.bits(32)?, r.bits(32)?);
    Ok((units != 0 && scale != 0).then(|| f64::from(scale) / f64::from(units)))
}
