//! AV1: the configuration record and the sequence header.

mod colour;
mod obu;

use crate::bits::BitReader;
use crate::error::at_most;
use crate::info::VideoInfo;
use crate::{Codec, Error};

pub use colour::ColourConfig;
pub use obu::{
    OBU_FRAME, OBU_FRAME_HEADER, OBU_METADATA, OBU_PADDING, OBU_REDUNDANT_FRAME_HEADER, OBU_SEQUENCE_HEADER,
    OBU_TEMPORAL_DELIMITER, OBU_TILE_GROUP, OBU_TILE_LIST, Obu, leb128_len, obus, read_leb128, write_leb128,
};

/// OBUs looked at in a record. It should hold the sequence header and some metadata.
const MAX_OBUS: usize = 32;

/// AV1CodecConfigurationRecord (AV1 in ISO-BMFF clause 2.3.3): the sequence header of AV1 in FLV, `av1C`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecoderConfig<'a> {
    /// seq_profile: 0 Main, 1 High, 2 Professional.
    pub profile: u8,
    /// seq_level_idx_0: four times (major level - 2) plus the minor level.
    pub level: u8,
    /// High tier instead of main.
    pub high_tier: bool,
    /// Bits of a sample: 8, 10 or 12.
    pub bit_depth: u8,
    /// The OBUs of the record.
    pub obus: &'a [u8],
}

impl<'a> DecoderConfig<'a> {
    /// Reads the record.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut r = BitReader::new(bytes);
        let marker = r.bits(8)?;
        if marker != 0x81 {
            return Err(Error::Unexpected { field: "marker and version of av1C", value: marker.into() });
        }
        let (profile, level) = (r.bits(3)? as u8, r.bits(5)? as u8);
        let (high_tier, high_bit_depth, twelve_bit) = (r.flag()?, r.flag()?, r.flag()?);
        r.skip(13)?;
        let bit_depth = match (high_bit_depth, twelve_bit) {
            (false, _) => 8,
            (true, false) => 10,
            (true, true) => 12,
        };
        Ok(DecoderConfig { profile, level, high_tier, bit_depth, obus: bytes.get(4..).unwrap_or_default() })
    }

    /// The record of a stream with this sequence header, which may or may not carry its size.
    pub fn record_of(sequence_header: &Obu<'_>) -> Result<Vec<u8>, Error> {
        let header = SequenceHeader::parse(sequence_header.payload)?;
        let colour = header.colour.ok_or(Error::ShortBits { at: sequence_header.payload.len() * 8, wanted: 1 })?;
        let (x, y) = colour.subsampling;
        let flags = [header.high_tier, colour.bit_depth > 8, colour.bit_depth == 12, colour.monochrome, x, y];
        let flags = flags.iter().fold(0, |bits, flag| bits << 1 | u8::from(*flag));
        let mut record = vec![0x81, header.profile << 5 | header.level, flags << 2 | colour.sample_position & 3, 0];
        sequence_header.write_to(&mut record);
        Ok(record)
    }

    /// What the API shows: the size, where the record holds a sequence header.
    pub fn info(&self) -> VideoInfo {
        match SequenceHeader::find(self.obus) {
            Some(header) => VideoInfo {
                width: header.width,
                height: header.height,
                frame_rate: header.frame_rate,
                ..VideoInfo::of(Codec::Av1)
            },
            None => VideoInfo::of(Codec::Av1),
        }
    }
}

/// The parts of a sequence header OBU that tell what a player sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SequenceHeader {
    /// seq_profile.
    pub profile: u8,
    /// seq_level_idx of the first operating point.
    pub level: u8,
    /// High tier in the first operating point.
    pub high_tier: bool,
    /// The largest width, in pixels.
    pub width: u32,
    /// The largest height, in pixels.
    pub height: u32,
    /// Pictures a second, when all are of equal length and the stream tells.
    pub frame_rate: Option<f64>,
    /// How samples are stored and what colours they mean; [`None`] when the header ends before.
    pub colour: Option<ColourConfig>,
}

impl SequenceHeader {
    /// The first sequence header in a run of OBUs; [`None`] when there is none that can be read.
    pub fn find(obus: &[u8]) -> Option<SequenceHeader> {
        let header =
            self::obus(obus).take(MAX_OBUS).map_while(Result::ok).find(|obu| obu.kind == OBU_SEQUENCE_HEADER)?;
        SequenceHeader::parse(header.payload).ok()
    }

    /// Reads the payload of a sequence header OBU (AV1 clause 5.5.1). What follows the size and cannot be read is as
    /// good as not there.
    pub fn parse(payload: &[u8]) -> Result<Self, Error> {
        let mut r = BitReader::new(payload);
        let profile = at_most("seq_profile", r.bits(3)?, 2)? as u8;
        r.skip(1)?;
        let reduced = r.flag()?;
        let (level, high_tier, frame_rate) = if reduced {
            (r.bits(5)? as u8, false, None)
        } else {
            let (frame_rate, delay_bits) = read_timing(&mut r)?;
            let (level, high_tier) = read_operating_points(&mut r, delay_bits)?;
            (level, high_tier, frame_rate)
        };
        let (width_bits, height_bits) = (r.bits(4)? + 1, r.bits(4)? + 1);
        let (width, height) = (r.bits(width_bits)? + 1, r.bits(height_bits)? + 1);
        let colour = colour::read(&mut r, profile, reduced).ok();
        Ok(SequenceHeader { profile, level, high_tier, width, height, frame_rate, colour })
    }
}

/// Frame rate, and the bits of a buffer delay where there is a decoder model.
fn read_timing(r: &mut BitReader<'_>) -> Result<(Option<f64>, Option<u32>), Error> {
    if !r.flag()? {
        return Ok((None, None));
    }
    let (units, scale) = (r.bits(32)?, r.bits(32)?);
    let ticks = if r.flag()? { Some(u64::from(r.ue()?) + 1) } else { None };
    let frame_rate = ticks.filter(|_| units != 0).map(|ticks| f64::from(scale) / (f64::from(units) * ticks as f64));
    let delay_bits = if r.flag()? {
        let bits = r.bits(5)? + 1;
        r.skip(42)?;
        Some(bits)
    } else {
        None
    };
    Ok((frame_rate, delay_bits))
}

/// Level and tier of the first operating point; passes over all.
fn read_operating_points(r: &mut BitReader<'_>, delay_bits: Option<u32>) -> Result<(u8, bool), Error> {
    let initial_delays = r.flag()?;
    let mut first = None;
    for _ in 0..=r.bits(5)? {
        r.skip(12)?;
        let level = r.bits(5)? as u8;
        let high_tier = level > 7 && r.flag()?;
        first = first.or(Some((level, high_tier)));
        if let Some(bits) = delay_bits
            && r.flag()?
        {
            r.skip(2 * bits + 1)?;
        }
        if initial_delays && r.flag()? {
            r.skip(4)?;
        }
    }
    Ok(first.unwrap_or_default())
}

#[cfg(test)]
mod tests;
