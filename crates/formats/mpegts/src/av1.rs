//! AV1: OBUs with start codes (Carriage of AV1 in MPEG-2 TS, AOM, clause 3).
//!
//! A PES packet holds a temporal unit, as every player expects. The draft wants one for each frame, also for those that
//! are not shown, for which FLV has no timestamps.

use crate::Error;
use crate::psi::registration;
use weir_codec::av1::{DecoderConfig, OBU_SEQUENCE_HEADER, OBU_TEMPORAL_DELIMITER, Obu, obus};

const START: &[u8] = &[0, 0, 1];

/// A track of OBUs.
#[derive(Clone, Debug)]
pub(crate) struct Av1Track {
    /// The OBUs of the configuration record.
    config: Vec<u8>,
    /// The temporal unit as it is written; kept for its memory.
    scratch: Vec<u8>,
}

impl Av1Track {
    /// From an `av1C` record, with the descriptors for the program map.
    pub(crate) fn new(config: &[u8]) -> Result<(Self, Vec<u8>), Error> {
        let obus = DecoderConfig::parse(config)?.obus.to_vec();
        let mut descriptors = registration(b"AV01");
        if let Some([head @ .., last]) = config.first_chunk::<4>() {
            descriptors.extend_from_slice(&[0x80, 4]);
            descriptors.extend_from_slice(head);
            // hdr_wcg_idc 3 says nothing about colours; the bits are reserved in av1C.
            descriptors.push(0xc0 | last & 0x1f);
        }
        Ok((Av1Track { config: obus, scratch: Vec::new() }, descriptors))
    }

    /// The temporal unit with start codes: empty when nothing is coded in it.
    pub(crate) fn unit(&mut self, key: bool, payload: &[u8]) -> Result<&[u8], Error> {
        self.scratch.clear();
        let (mut has_sequence_header, mut coded) = (false, false);
        for obu in obus(payload) {
            let kind = obu?.kind;
            has_sequence_header |= kind == OBU_SEQUENCE_HEADER;
            coded |= kind != OBU_TEMPORAL_DELIMITER;
        }
        let scratch = &mut self.scratch;
        let mut write = |obu: Obu<'_>| {
            // A PES packet is delimiter enough, and MP4, where players put these bytes, has none either.
            if obu.kind != OBU_TEMPORAL_DELIMITER {
                scratch.extend_from_slice(START);
                escape(obu.bytes, scratch);
            }
        };
        if key && coded && !has_sequence_header {
            for obu in obus(&self.config) {
                write(obu?);
            }
        }
        for obu in obus(payload) {
            write(obu?);
        }
        Ok(&self.scratch)
    }
}

/// Appends an OBU so that no start code is in it: a 3 goes between two zeros and a byte of 3 or less.
fn escape(obu: &[u8], out: &mut Vec<u8>) {
    let (mut written, mut at) = (0, 2);
    while let Some(byte) = obu.get(at) {
        if *byte > 3 {
            // No sequence to escape has this byte, so the next one ends three bytes on at the earliest.
            at += 3;
        } else if obu.get(at - 2..at) == Some(&[0, 0]) {
            out.extend_from_slice(obu.get(written..at).unwrap_or_default());
            out.push(3);
            written = at;
            at += 2;
        } else {
            at += 1;
        }
    }
    out.extend_from_slice(obu.get(written..).unwrap_or_default());
}

#[cfg(test)]
mod tests;
