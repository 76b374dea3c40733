//! OBUs, the pieces of a bitstream (AV1 clauses 5.3 and 4.10.5).

use crate::Error;
use weir_base::ByteReader;

/// obu_type of a sequence header (AV1 clause 6.2.2).
pub const OBU_SEQUENCE_HEADER: u8 = 1;
/// obu_type of what separates temporal units.
pub const OBU_TEMPORAL_DELIMITER: u8 = 2;
/// obu_type of the header of a frame whose tile groups follow.
pub const OBU_FRAME_HEADER: u8 = 3;
/// obu_type of tiles.
pub const OBU_TILE_GROUP: u8 = 4;
/// obu_type of metadata.
pub const OBU_METADATA: u8 = 5;
/// obu_type of a frame header with its tile group.
pub const OBU_FRAME: u8 = 6;
/// obu_type of a repeated frame header.
pub const OBU_REDUNDANT_FRAME_HEADER: u8 = 7;
/// obu_type of tiles for large scale tile decoding.
pub const OBU_TILE_LIST: u8 = 8;
/// obu_type of bytes that say nothing.
pub const OBU_PADDING: u8 = 15;

/// obu_extension_flag.
const EXTENDED: u8 = 4;
/// obu_has_size_field.
const SIZED: u8 = 2;
/// Bytes of a length in LEB128 (AV1 clause 4.10.5).
const MAX_LEB128: u32 = 8;

/// One OBU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Obu<'a> {
    /// obu_type, 0 to 15.
    pub kind: u8,
    /// The first byte, and that of the extension where there is one.
    pub header: &'a [u8],
    /// What follows header and size.
    pub payload: &'a [u8],
    /// All of it.
    pub bytes: &'a [u8],
}

impl<'a> Obu<'a> {
    /// Reads the OBU at the start of `bytes`. One without a size takes them all.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut r = ByteReader::new(bytes);
        let flags = r.u8()?;
        if flags & 0x80 != 0 {
            return Err(Error::Unexpected { field: "header of an OBU", value: flags.into() });
        }
        r.skip(usize::from(flags & EXTENDED != 0))?;
        let header = bytes.get(..r.position()).unwrap_or_default();
        let size = if flags & SIZED != 0 { read_leb128(&mut r)? } else { r.left() as u64 };
        let short = Error::Range { field: "obu_size", value: size, max: r.left() as u64 };
        let payload = usize::try_from(size).ok().and_then(|size| r.take(size).ok()).ok_or(short)?;
        let kind = flags >> 3 & 0xf;
        Ok(Obu { kind, header, payload, bytes: bytes.get(..r.position()).unwrap_or_default() })
    }

    /// The header as it stands where the size is told from outside.
    pub fn header_without_size(&self) -> impl Iterator<Item = u8> + use<'a> {
        self.header.iter().enumerate().map(|(at, byte)| if at == 0 { byte & !SIZED } else { *byte })
    }

    /// Appends it with its size.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        out.extend(self.header.iter().enumerate().map(|(at, byte)| if at == 0 { byte | SIZED } else { *byte }));
        write_leb128(self.payload.len() as u64, out);
        out.extend_from_slice(self.payload);
    }
}

/// The OBUs of a run of them. Ends after the first error.
pub fn obus(mut rest: &[u8]) -> impl Iterator<Item = Result<Obu<'_>, Error>> + Clone {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let obu = Obu::parse(rest);
        rest = obu.as_ref().ok().and_then(|obu| rest.get(obu.bytes.len()..)).unwrap_or_default();
        Some(obu)
    })
}

/// A number in LEB128 (AV1 clause 4.10.5), of eight bytes at most.
pub fn read_leb128(r: &mut ByteReader<'_>) -> Result<u64, Error> {
    let mut value = 0;
    for index in 0..MAX_LEB128 {
        let byte = r.u8()?;
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Error::Range { field: "bytes of leb128()", value: u64::from(MAX_LEB128) + 1, max: MAX_LEB128.into() })
}

/// Appends a number in LEB128, in as few bytes as it takes.
pub fn write_leb128(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(0x80 | (value & 0x7f) as u8);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Bytes of a number in LEB128.
pub fn leb128_len(value: u64) -> usize {
    (u64::BITS - (value | 1).leading_zeros()).div_ceil(7) as usize
}
