//! H.264 and H.265: from units with lengths to the byte stream of annex B.

use crate::Error;
use weir_codec::{avc, hevc, nal};

/// Before the first unit of an access unit and before parameter sets (annex B of both specifications).
const LONG_START: &[u8] = &[0, 0, 0, 1];
/// Before other units.
const START: &[u8] = &[0, 0, 1];

/// Delimiters that allow slices of every type.
const AVC_DELIMITER: &[u8] = &[0, 0, 0, 1, 0x09, 0xf0];
const HEVC_DELIMITER: &[u8] = &[0, 0, 0, 1, 0x46, 0x01, 0x50];

/// NAL unit type of supplemental information before the slices (ITU-T H.265 table 7-1).
const HEVC_PREFIX_SEI: u8 = 39;
/// Payload type of user_data_unregistered: in a configuration record it is the encoder's banner.
const SEI_BANNER: u8 = 5;

/// What a unit means to the muxer.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Delimiter,
    /// A parameter set; each type has one bit.
    Set(u8),
    Other,
}

/// A track of NAL units.
#[derive(Clone, Debug)]
pub(crate) struct NalTrack {
    hevc: bool,
    length_size: u8,
    /// The parameter sets of the configuration, as a byte stream.
    sets: Vec<u8>,
}

/// What is known of an access unit before it is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scan {
    /// The payload is a byte stream already.
    annex_b: bool,
    /// Its first unit is a delimiter.
    delimited: bool,
    /// It has units besides delimiters.
    coded: bool,
    /// One bit for each type of parameter set in it.
    sets: u8,
}

impl Scan {
    /// True when there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        !self.coded
    }
}

impl NalTrack {
    /// From an `avcC` record.
    pub(crate) fn avc(config: &[u8]) -> Result<Self, Error> {
        let config = avc::DecoderConfig::parse(config)?;
        let sets = byte_stream(config.sps.iter().chain(&config.pps).copied());
        Ok(NalTrack { hevc: false, length_size: config.length_size, sets })
    }

    /// From an `hvcC` record.
    pub(crate) fn hevc(config: &[u8]) -> Result<Self, Error> {
        let config = hevc::DecoderConfig::parse(config)?;
        let is_banner = |unit: &&[u8]| unit.get(2) == Some(&SEI_BANNER);
        let sets = config
            .units_of(hevc::NAL_VPS)
            .chain(config.units_of(hevc::NAL_SPS))
            .chain(config.units_of(hevc::NAL_PPS))
            .chain(config.units_of(HEVC_PREFIX_SEI).filter(|unit| !is_banner(unit)));
        Ok(NalTrack { hevc: true, length_size: config.length_size, sets: byte_stream(sets) })
    }

    /// Looks over an access unit and checks its lengths.
    pub(crate) fn scan(&self, payload: &[u8]) -> Result<Scan, Error> {
        let scan = self.scan_as(payload, false);
        // Some encoders push byte streams into FLV. As lengths, start codes fail soon.
        if scan.is_err() && nal::is_annex_b(payload) { self.scan_as(payload, true) } else { scan }
    }

    fn scan_as(&self, payload: &[u8], annex_b: bool) -> Result<Scan, Error> {
        let mut scan = Scan { annex_b, ..Scan::default() };
        self.units(payload, annex_b, |unit| match self.kind(unit) {
            Kind::Delimiter => scan.delimited |= !scan.coded,
            Kind::Set(bit) => (scan.coded, scan.sets) = (true, scan.sets | bit),
            Kind::Other => scan.coded = true,
        })?;
        Ok(scan)
    }

    /// The access unit as a byte stream, in pieces: a delimiter first, and before a key frame the parameter sets of
    /// the configuration, unless it has its own.
    pub(crate) fn parts(
        &self,
        scan: Scan,
        key: bool,
        payload: &[u8],
        mut sink: impl FnMut(&[u8]),
    ) -> Result<(), Error> {
        let all_sets = if self.hevc { 7 } else { 3 };
        let sets: &[u8] = if key && scan.sets != all_sets { &self.sets } else { &[] };
        let mut begun = !scan.delimited;
        if begun {
            sink(if self.hevc { HEVC_DELIMITER } else { AVC_DELIMITER });
            sink(sets);
        }
        self.units(payload, scan.annex_b, |unit| match self.kind(unit) {
            // A second delimiter would cut the access unit in two.
            Kind::Delimiter if begun => {}
            Kind::Delimiter => {
                begun = true;
                sink(LONG_START);
                sink(unit);
                sink(sets);
            }
            Kind::Set(_) => {
                sink(LONG_START);
                sink(unit);
            }
            Kind::Other => {
                sink(START);
                sink(unit);
            }
        })
    }

    /// Every unit that is not empty.
    fn units<'a>(&self, payload: &'a [u8], annex_b: bool, mut each: impl FnMut(&'a [u8])) -> Result<(), Error> {
        if annex_b {
            nal::annex_b(payload).for_each(each);
            return Ok(());
        }
        for unit in nal::length_prefixed(payload, self.length_size) {
            let unit = unit?;
            if !unit.is_empty() {
                each(unit);
            }
        }
        Ok(())
    }

    fn kind(&self, unit: &[u8]) -> Kind {
        let kind = if self.hevc { hevc::nal_type(unit) } else { avc::nal_type(unit) };
        match (self.hevc, kind) {
            (false, Some(avc::NAL_AUD)) | (true, Some(hevc::NAL_AUD)) => Kind::Delimiter,
            (false, Some(avc::NAL_SPS)) | (true, Some(hevc::NAL_SPS)) => Kind::Set(1),
            (false, Some(avc::NAL_PPS)) | (true, Some(hevc::NAL_PPS)) => Kind::Set(2),
            (true, Some(hevc::NAL_VPS)) => Kind::Set(4),
            _ => Kind::Other,
        }
    }
}

fn byte_stream<'a>(units: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    units.flat_map(|unit| [LONG_START, unit]).flatten().copied().collect()
}

#[cfg(test)]
mod tests;
