//! AV1: OBUs with start codes (Carriage of AV1 in MPEG-2 TS, AOM, clause 3).
//!
//! A PES packet holds a temporal unit, as every player expects. The draft wants one for each frame, also for those that
//! are not shown, for which FLV has no timestamps.

use crate::Error;
use crate::psi::registration;
use weir_base::ByteReader;
use weir_codec::av1::DecoderConfig;

const START: &[u8] = &[0, 0, 1];

const OBU_SEQUENCE_HEADER: u8 = 1;
const OBU_TEMPORAL_DELIMITER: u8 = 2;

/// Bytes of a length in LEB128 (AV1 clause 4.10.5).
const MAX_LEB128: u32 = 8;

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
        for_each_obu(payload, |kind, _| {
            has_sequence_header |= kind == OBU_SEQUENCE_HEADER;
            coded |= kind != OBU_TEMPORAL_DELIMITER;
        })?;
        let scratch = &mut self.scratch;
        let mut write = |kind: u8, obu: &[u8]| {
            // A PES packet is delimiter enough, and MP4, where players put these bytes, has none either.
            if kind != OBU_TEMPORAL_DELIMITER {
                scratch.extend_from_slice(START);
                escape(obu, scratch);
            }
        };
        if key && coded && !has_sequence_header {
            for_each_obu(&self.config, &mut write)?;
        }
        for_each_obu(payload, &mut write)?;
        Ok(&self.scratch)
    }
}

/// Calls `each` with type and bytes, header included, of every OBU (AV1 clause 5.3). One without a size takes the rest.
fn for_each_obu(mut rest: &[u8], mut each: impl FnMut(u8, &[u8])) -> Result<(), weir_codec::Error> {
    while !rest.is_empty() {
        let mut r = ByteReader::new(rest);
        let header = r.u8()?;
        if header & 0x80 != 0 {
            return Err(weir_codec::Error::Unexpected { field: "header of an OBU", value: header.into() });
        }
        if header & 4 != 0 {
            r.skip(1)?;
        }
        if header & 2 != 0 {
            let (size, left) = (read_leb128(&mut r)?, r.left());
            let out_of_range = weir_codec::Error::Range { field: "obu_size", value: size, max: left as u64 };
            usize::try_from(size).ok().and_then(|size| r.skip(size).ok()).ok_or(out_of_range)?;
        } else {
            r.skip(r.left())?;
        }
        let (obu, after) = rest.split_at(r.position());
        each(header >> 3 & 15, obu);
        rest = after;
    }
    Ok(())
}

fn read_leb128(r: &mut ByteReader<'_>) -> Result<u64, weir_codec::Error> {
    let mut value = 0;
    for index in 0..MAX_LEB128 {
        let byte = r.u8()?;
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    let (value, max) = (u64::from(MAX_LEB128) + 1, u64::from(MAX_LEB128));
    Err(weir_codec::Error::Range { field: "bytes of leb128()", value, max })
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
