//! H.265: decoder configuration record, sequence parameter set, NAL unit types.

mod sps;
mod vui;

use crate::avc::length_size;
use crate::error::at_most;
use crate::info::{OTHER, VideoInfo};
use crate::{Codec, Error};
use weir_base::ByteReader;

pub use sps::Sps;
pub use vui::vps_frame_rate;

/// NAL unit type of a video parameter set (ITU-T H.265 table 7-1).
pub const NAL_VPS: u8 = 32;
/// NAL unit type of a sequence parameter set.
pub const NAL_SPS: u8 = 33;
/// NAL unit type of a picture parameter set.
pub const NAL_PPS: u8 = 34;
/// NAL unit type of an access unit delimiter.
pub const NAL_AUD: u8 = 35;

/// Parameter sets and messages in one record. Real ones have three to five.
const MAX_UNITS: u64 = 256;

/// The types of parameter sets.
pub const PARAMETER_SETS: [u8; 3] = [NAL_VPS, NAL_SPS, NAL_PPS];

/// Where the record has temporal layers and the size of lengths.
const LAYERS_AT: usize = 21;

/// The type of a NAL unit, 0 to 63; [`None`] for no bytes.
pub fn nal_type(nal: &[u8]) -> Option<u8> {
    nal.first().map(|byte| byte >> 1 & 0x3f)
}

/// True when one of the NAL units belongs to a picture where decoding can start (IRAP: types 16 to 23).
pub fn has_irap<'a>(nals: impl IntoIterator<Item = &'a [u8]>) -> bool {
    nals.into_iter().any(|nal| matches!(nal_type(nal), Some(16..=23)))
}

/// HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 clause 8.3.3.1): the payload of an FLV sequence header, of `hvcC`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecoderConfig<'a> {
    /// general_profile_idc, 0 to 31.
    pub profile: u8,
    /// general_level_idc: thirty times the level.
    pub level: u8,
    /// Bytes of the length before each NAL unit: 1, 2 or 4.
    pub length_size: u8,
    /// All NAL units of the record in its order, headers included: parameter sets and messages.
    pub units: Vec<&'a [u8]>,
}

impl<'a> DecoderConfig<'a> {
    /// Reads the record.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut r = ByteReader::new(bytes);
        let version = r.u8()?;
        // The first drafts wrote 0, and so do some cameras.
        if version > 1 {
            return Err(Error::Unexpected { field: "configurationVersion of hvcC", value: version.into() });
        }
        let profile = r.u8()? & 0x1f;
        // Compatibility and constraint flags.
        r.skip(10)?;
        let level = r.u8()?;
        // Segmentation, parallelism, chroma format, bit depths, average frame rate.
        r.skip(8)?;
        let length_size = length_size(r.u8()?)?;
        let arrays = r.u8()?;
        let mut units = Vec::new();
        for _ in 0..arrays {
            r.skip(1)?;
            let count = r.u16()?;
            at_most("NAL units in hvcC", units.len() as u64 + u64::from(count), MAX_UNITS)?;
            for _ in 0..count {
                let len = r.u16()?;
                units.push(r.take(usize::from(len))?);
            }
        }
        Ok(DecoderConfig { profile, level, length_size, units })
    }

    /// The record, if it has a parameter set of each kind that says something of pictures: none can be decoded without.
    pub fn complete(self) -> Result<Self, Error> {
        let lacks = |kind, sets| self.units_of(kind).next().is_none().then_some(Error::NoSets { record: "hvcC", sets });
        let lack = lacks(NAL_SPS, "sequence parameter set").or(lacks(NAL_PPS, "picture parameter set"));
        lack.map_or(Ok(self), Err)
    }

    /// The units of one type, such as [`NAL_SPS`].
    pub fn units_of(&self, kind: u8) -> impl Iterator<Item = &'a [u8]> {
        self.units.iter().copied().filter(move |unit| nal_type(unit) == Some(kind))
    }

    /// The record with the parameter sets of `units` in the place of its own units, and the profile, level, chroma format and
    /// depths of the first sequence parameter set. The record is `bytes`.
    pub fn with_sets(&self, bytes: &[u8], units: &[&[u8]]) -> Result<Vec<u8>, Error> {
        let is_sps = |unit: &&&[u8]| nal_type(unit) == Some(NAL_SPS);
        let sps = Sps::parse(units.iter().find(is_sps).copied().unwrap_or_default())?;
        let mut record = vec![1, u8::from(sps.high_tier) << 5 | sps.profile];
        record.extend_from_slice(&sps.compatibility.to_be_bytes());
        record.extend_from_slice(&sps.constraints);
        // Nothing is known of segments and of parallelism.
        record.extend_from_slice(&[sps.level, 0xf0, 0, 0xfc, 0xfc | sps.chroma_format]);
        record.extend([sps.bit_depth_luma, sps.bit_depth_chroma].map(|depth| 0xf8 | depth.saturating_sub(8)));
        // The frame rate may be another; layers and length size are those of the record.
        let layers = bytes.get(LAYERS_AT).copied().unwrap_or_default() & 0x3f;
        record.extend_from_slice(&[0, 0, layers, PARAMETER_SETS.len() as u8]);
        for kind in PARAMETER_SETS {
            let sets = || units.iter().filter(|unit| nal_type(unit) == Some(kind));
            record.push(kind);
            record.extend_from_slice(&(sets().count() as u16).to_be_bytes());
            for set in sets() {
                let len = at_most("length of a NAL unit in hvcC", set.len() as u64, u16::MAX.into())? as u16;
                record.extend_from_slice(&len.to_be_bytes());
                record.extend_from_slice(set);
            }
        }
        Ok(record)
    }

    /// What the API shows. Sizes are 0 when the sequence parameter set cannot be read.
    pub fn info(&self) -> VideoInfo {
        let sps = self.units_of(NAL_SPS).next().and_then(|sps| Sps::parse(sps).ok());
        let vps_rate = || self.units_of(NAL_VPS).next().and_then(|vps| vps_frame_rate(vps).ok().flatten());
        VideoInfo {
            profile: profile_name(self.profile),
            level: level_name(self.level),
            width: sps.as_ref().map_or(0, |sps| sps.width),
            height: sps.as_ref().map_or(0, |sps| sps.height),
            frame_rate: sps.and_then(|sps| sps.frame_rate).or_else(vps_rate),
            ..VideoInfo::of(Codec::H265)
        }
    }
}

/// The API's word for a general_profile_idc (annex A.3 of H.265).
pub fn profile_name(profile: u8) -> &'static str {
    match profile {
        1 => "Main",
        2 => "Main10",
        3 => "Main Still Picture",
        4 => "Rext",
        _ => OTHER,
    }
}

/// The API's word for a general_level_idc (table A.8 of H.265).
pub fn level_name(level: u8) -> &'static str {
    match level {
        30 => "1",
        60 => "2",
        63 => "2.1",
        90 => "3",
        93 => "3.1",
        120 => "4",
        123 => "4.1",
        150 => "5",
        153 => "5.1",
        156 => "5.2",
        180 => "6",
        183 => "6.1",
        186 => "6.2",
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests;
