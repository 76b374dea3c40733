//! Aggregate messages: several FLV tags in one message (7.1.6).

use crate::Error;
use bytes::Bytes;
use weir_base::ByteReader;
use weir_flv::tag::TagKind;

/// Tags of one aggregate. Flash Media Server packs some tens; each costs memory beyond its bytes.
pub const MAX_TAGS: usize = 4096;

/// One tag of an aggregate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// What it is.
    pub kind: TagKind,
    /// Milliseconds, on the clock of the message.
    pub timestamp: u32,
    /// The body, a slice of the message.
    pub payload: Bytes,
}

/// Splits the body of an aggregate message. The first tag has the time of the message, the others keep their distance
/// to it. Tags of unknown type are left out.
pub fn split(timestamp: u32, payload: &Bytes) -> Result<Vec<Tag>, Error> {
    let mut r = ByteReader::new(payload);
    let mut tags = Vec::new();
    let mut first = None;
    while !r.is_empty() {
        if tags.len() == MAX_TAGS {
            return Err(Error::AggregateTags { len: payload.len() });
        }
        let tag_type = r.u8()?;
        let len = r.u24()? as usize;
        let time = r.u24()? | u32::from(r.u8()?) << 24;
        r.skip(3)?;
        let at = r.position();
        r.skip(len)?;
        // The size of the tag again; some writers leave out the last.
        r.skip(r.left().min(4))?;
        let behind = time.wrapping_sub(*first.get_or_insert(time));
        if let Some(kind) = super::media_kind(tag_type) {
            let payload = payload.slice(at..at + len);
            tags.push(Tag { kind, timestamp: timestamp.wrapping_add(behind), payload });
        }
    }
    Ok(tags)
}
