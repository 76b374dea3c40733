//! AV1 (RTP Payload Format For AV1 clause 4).

use super::Peek;
use weir_base::ByteReader;
use weir_codec::av1::{
    OBU_FRAME, OBU_FRAME_HEADER, OBU_METADATA, OBU_SEQUENCE_HEADER, OBU_TEMPORAL_DELIMITER, SequenceHeader, read_leb128,
};

pub(super) fn peek(payload: &[u8]) -> Peek {
    let Some((head, elements)) = elements(payload) else { return Peek::default() };
    let config = elements.clone().any(|obu| kind(obu) == Some(OBU_SEQUENCE_HEADER));
    let key = head.new_sequence && !head.continues;
    let starts = || elements.clone().next().is_some_and(starts_picture);
    Peek { starts_frame: key || !head.continues && starts(), key, config }
}

pub(super) fn size(payload: &[u8]) -> Option<(u32, u32)> {
    let (_, mut elements) = elements(payload)?;
    let header = SequenceHeader::find(elements.find(|obu| kind(obu) == Some(OBU_SEQUENCE_HEADER))?)?;
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
        let len = if bare { r.left() } else { usize::try_from(read_leb128(&mut r).ok()?).ok()? };
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
    let starts = [OBU_SEQUENCE_HEADER, OBU_TEMPORAL_DELIMITER, OBU_FRAME_HEADER, OBU_METADATA, OBU_FRAME];
    spatial_layer == 0 && kind(obu).is_some_and(|kind| starts.contains(&kind))
}
