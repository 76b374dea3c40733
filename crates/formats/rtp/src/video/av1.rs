//! AV1 (RTP Payload Format For AV1 clause 4).

use super::Peek;
use weir_base::ByteReader;
use weir_codec::av1::SequenceHeader;

/// Types of OBUs (AV1 clause 6.2.2).
const SEQUENCE_HEADER: u8 = 1;
const TEMPORAL_DELIMITER: u8 = 2;
const FRAME_HEADER: u8 = 3;
const METADATA: u8 = 5;
const FRAME: u8 = 6;

/// Bytes of a length in LEB128 that a packet can have need for.
const MAX_LEB128: u32 = 5;

pub(super) fn peek(payload: &[u8]) -> Peek {
    let Some((head, elements)) = elements(payload) else { return Peek::default() };
    let config = elements.clone().any(|obu| kind(obu) == Some(SEQUENCE_HEADER));
    let key = head.new_sequence && !head.continues;
    let starts = || elements.clone().next().is_some_and(starts_picture);
    Peek { starts_frame: key || !head.continues && starts(), key, config }
}

pub(super) fn size(payload: &[u8]) -> Option<(u32, u32)> {
    let (_, mut elements) = elements(payload)?;
    let header = SequenceHeader::find(elements.find(|obu| kind(obu) == Some(SEQUENCE_HEADER))?)?;
    Some((header.width, header.height))
}

/// The aggregation header.
struct Head {
    /// Z: the first element is the rest of an OBU.
    continues: bool,
    /// N: the first packet of a coded video sequence.
    new_sequence: bool,
}

/// The OBU elements that have a header here: all but the rest of one.
fn elements(payload: &[u8]) -> Option<(Head, impl Iterator<Item = &[u8]> + Clone)> {
    let mut r = ByteReader::new(payload);
    let flags = r.u8().ok()?;
    let head = Head { continues: flags & 0x80 != 0, new_sequence: flags & 0x08 != 0 };
    // W counts the elements, the last of which then has no length; for 0 all have one.
    let mut count = flags >> 4 & 3;
    let elements = std::iter::from_fn(move || {
        let bare = count == 1;
        count = count.saturating_sub(1);
        let len = if bare { r.left() } else { leb128(&mut r)? };
        if r.is_empty() { None } else { r.take(len).ok() }
    });
    let continued = usize::from(head.continues);
    Some((head, elements.skip(continued)))
}

/// The type of an OBU.
fn kind(obu: &[u8]) -> Option<u8> {
    obu.first().map(|byte| byte >> 3 & 0xf)
}

/// Not a tile group, which goes on with a picture, and not of a spatial layer above the lowest.
fn starts_picture(obu: &[u8]) -> bool {
    let spatial_layer = match obu {
        [header, extension, ..] if header & 4 != 0 => extension >> 3 & 3,
        _ => 0,
    };
    let starts = matches!(kind(obu), Some(SEQUENCE_HEADER | TEMPORAL_DELIMITER | FRAME_HEADER | METADATA | FRAME));
    starts && spatial_layer == 0
}

fn leb128(r: &mut ByteReader<'_>) -> Option<usize> {
    let mut value = 0_u64;
    for index in 0..MAX_LEB128 {
        let byte = r.u8().ok()?;
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return usize::try_from(value).ok();
        }
    }
    None
}
