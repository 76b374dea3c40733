//! H.264: decoder configuration record, sequence parameter set, NAL unit types.

mod sps;

use crate::info::{OTHER, VideoInfo};
use crate::{Codec, Error};
use weir_base::ByteReader;

pub use sps::Sps;

/// NAL unit type of a slice of an IDR picture (ITU-T H.264 table 7-1).
pub const NAL_IDR: u8 = 5;
/// NAL unit type of supplemental enhancement information.
pub const NAL_SEI: u8 = 6;
/// NAL unit type of a sequence parameter set.
pub const NAL_SPS: u8 = 7;
/// NAL unit type of a picture parameter set.
pub const NAL_PPS: u8 = 8;
/// NAL unit type of an access unit delimiter.
pub const NAL_AUD: u8 = 9;

/// The type of a NAL unit, 0 to 31; [`None`] for no bytes.
pub fn nal_type(nal: &[u8]) -> Option<u8> {
    nal.first().map(|byte| byte & 0x1f)
}

/// True when one of the NAL units belongs to an IDR picture.
pub fn has_idr<'a>(nals: impl IntoIterator<Item = &'a [u8]>) -> bool {
    nals.into_iter().any(|nal| nal_type(nal) == Some(NAL_IDR))
}

/// AVCDecoderConfigurationRecord (ISO/IEC 14496-15 clause 5.3.3.1): the payload of an FLV sequence header, of `avcC`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecoderConfig<'a> {
    /// profile_idc.
    pub profile: u8,
    /// The constraint flags and the reserved bits between profile and level.
    pub compatibility: u8,
    /// level_idc: ten times the level.
    pub level: u8,
    /// Bytes of the length before each NAL unit: 1, 2 or 4.
    pub length_size: u8,
    /// Sequence parameter sets, NAL unit header included; 31 at most.
    pub sps: Vec<&'a [u8]>,
    /// Picture parameter sets, NAL unit header included; 255 at most.
    pub pps: Vec<&'a [u8]>,
}

impl<'a> DecoderConfig<'a> {
    /// Reads the record. What follows the picture parameter sets is not needed and not read.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut r = ByteReader::new(bytes);
        let version = r.u8()?;
        if version != 1 {
            return Err(Error::Unexpected { field: "configurationVersion of avcC", value: version.into() });
        }
        let [profile, compatibility, level] = r.array()?;
        let length_size = length_size(r.u8()?)?;
        let sps = read_sets(&mut r, 0x1f)?;
        let pps = read_sets(&mut r, 0xff)?;
        Ok(DecoderConfig { profile, compatibility, level, length_size, sps, pps })
    }

    /// The record, if it has a parameter set of each kind: no picture can be decoded without.
    pub fn complete(self) -> Result<Self, Error> {
        let lacks = |sets: &[&[u8]], name| sets.is_empty().then_some(Error::NoSets { record: "avcC", sets: name });
        let lack = lacks(&self.sps, "sequence parameter set").or(lacks(&self.pps, "picture parameter set"));
        lack.map_or(Ok(self), Err)
    }

    /// Appends the record. Sets beyond the counts and lengths that the record can express are left out.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[1, self.profile, self.compatibility, self.level]);
        out.push(0xfc | self.length_size.saturating_sub(1) & 3);
        write_sets(out, &self.sps, 0xe0, 0x1f);
        write_sets(out, &self.pps, 0, 0xff);
    }

    /// What the API shows. Sizes are 0 when the sequence parameter set cannot be read.
    pub fn info(&self) -> VideoInfo {
        let sps = self.sps.first().and_then(|sps| Sps::parse(sps).ok());
        VideoInfo {
            codec: Codec::H264,
            profile: profile_name(self.profile),
            level: level_name(self.level),
            width: sps.as_ref().map_or(0, |sps| sps.width),
            height: sps.as_ref().map_or(0, |sps| sps.height),
            frame_rate: sps.and_then(|sps| sps.frame_rate),
        }
    }
}

/// lengthSizeMinusOne of a record; three bytes are not legal.
pub(crate) fn length_size(byte: u8) -> Result<u8, Error> {
    match byte & 3 {
        2 => Err(Error::Unexpected { field: "lengthSizeMinusOne", value: 2 }),
        minus_one => Ok(minus_one + 1),
    }
}

fn read_sets<'a>(r: &mut ByteReader<'a>, count_mask: u8) -> Result<Vec<&'a [u8]>, Error> {
    let count = r.u8()? & count_mask;
    let mut sets = Vec::new();
    for _ in 0..count {
        let len = r.u16()?;
        sets.push(r.take(usize::from(len))?);
    }
    Ok(sets)
}

fn write_sets(out: &mut Vec<u8>, sets: &[&[u8]], reserved: u8, max: u8) {
    let at = out.len();
    out.push(reserved);
    let writable = sets.iter().filter_map(|set| u16::try_from(set.len()).ok().map(|len| (len, set)));
    for (len, set) in writable.take(usize::from(max)) {
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(set);
        if let Some(count) = out.get_mut(at) {
            *count = count.saturating_add(1);
        }
    }
}

/// The API's word for a profile_idc (annex A.2 of H.264).
// SRS: the constraint flags do not count, so constrained baseline shows as Baseline and the intra profiles as their
// parents.
pub fn profile_name(profile: u8) -> &'static str {
    match profile {
        66 => "Baseline",
        77 => "Main",
        88 => "Extended",
        100 => "High",
        110 => "High(10)",
        122 => "High(422)",
        144 => "High(444)",
        244 => "High(444+Predictive)",
        _ => OTHER,
    }
}

/// The API's word for a level_idc (table A-1 of H.264).
// SRS: the list ends with 5.1.
pub fn level_name(level: u8) -> &'static str {
    match level {
        10 => "1",
        11 => "1.1",
        12 => "1.2",
        13 => "1.3",
        20 => "2",
        21 => "2.1",
        22 => "2.2",
        30 => "3",
        31 => "3.1",
        32 => "3.2",
        40 => "4",
        41 => "4.1",
        50 => "5",
        51 => "5.1",
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests;
