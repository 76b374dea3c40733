//! Chunk headers for whoever sends: written into the caller's scratch, so that the shared body is not copied.

use super::EXTENDED;
use crate::message;
use weir_flv::tag::TagKind;

/// Chunk streams that SRS's messages travel on.
pub mod csid {
    /// Protocol and user control (5.4 demands it).
    pub const CONTROL: u8 = 2;
    /// Commands of the connection.
    pub const CONNECTION: u8 = 3;
    /// Script data and audio.
    pub const AUDIO: u8 = 4;
    /// Status of a stream.
    pub const STREAM: u8 = 5;
    /// Video.
    pub const VIDEO: u8 = 6;
}

/// The head of a message without extended timestamp.
const HEAD: usize = 12;

/// Appends the header of a media message of `len` bytes: type 0, message stream 1. The first chunk of the body follows
/// it, then a [`continuation_head`] before each further chunk.
///
/// `len` must not exceed [`super::MAX_MESSAGE`]; longer bodies cannot be sent by RTMP.
pub fn media_head(out: &mut Vec<u8>, kind: TagKind, timestamp_ms: u32, len: usize) {
    head(out, media_csid(kind), kind as u8, timestamp_ms, message::MEDIA_STREAM, len);
}

/// Appends the header of a chunk in the middle of a media message: type 3.
pub fn continuation_head(out: &mut Vec<u8>, kind: TagKind, timestamp_ms: u32) {
    continuation(out, media_csid(kind), timestamp_ms);
}

/// Writes another timestamp over that of a whole media message, which was cut into chunks of `chunk_size`. False, and
/// nothing is changed, when one of the two timestamps needs the extended field and the other does not, or when this is
/// no such message.
pub fn restamp(message: &mut [u8], timestamp_ms: u32, chunk_size: usize) -> bool {
    let Some([_, t0, t1, t2, ..]) = message.first_chunk_mut::<HEAD>() else { return false };
    let extended = timestamp_ms >= EXTENDED;
    if ([*t0, *t1, *t2] == [0xff; 3]) != extended {
        return false;
    }
    let [_, new @ ..] = timestamp_ms.min(EXTENDED).to_be_bytes();
    [*t0, *t1, *t2] = new;
    if extended {
        // Behind the first header, and behind the one byte of each further one.
        let mut at = HEAD;
        while let Some(field) = message.get_mut(at..at + 4) {
            field.copy_from_slice(&timestamp_ms.to_be_bytes());
            at += 4 + chunk_size.max(1) + 1;
        }
    }
    true
}

/// Appends a whole message, cut into chunks of `chunk_size`.
pub fn write_message(
    out: &mut Vec<u8>,
    csid: u8,
    kind: u8,
    timestamp_ms: u32,
    stream_id: u32,
    payload: &[u8],
    chunk_size: u32,
) {
    head(out, csid, kind, timestamp_ms, stream_id, payload.len());
    for (i, part) in payload.chunks(chunk_size.max(1) as usize).enumerate() {
        if i > 0 {
            continuation(out, csid, timestamp_ms);
        }
        out.extend_from_slice(part);
    }
}

/// Appends a whole media message, cut into chunks of `chunk_size`.
pub fn write_media(out: &mut Vec<u8>, kind: TagKind, timestamp_ms: u32, payload: &[u8], chunk_size: u32) {
    let stream = message::MEDIA_STREAM;
    write_message(out, media_csid(kind), kind as u8, timestamp_ms, stream, payload, chunk_size);
}

fn media_csid(kind: TagKind) -> u8 {
    if kind == TagKind::Video { csid::VIDEO } else { csid::AUDIO }
}

fn head(out: &mut Vec<u8>, csid: u8, kind: u8, timestamp_ms: u32, stream_id: u32, len: usize) {
    debug_assert!(len <= super::MAX_MESSAGE, "a message of {len} bytes has no length field");
    let [_, t @ ..] = timestamp_ms.min(EXTENDED).to_be_bytes();
    let [_, l @ ..] = u32::try_from(len).unwrap_or(u32::MAX).min(EXTENDED).to_be_bytes();
    out.extend_from_slice(&[csid & 0x3f, t[0], t[1], t[2], l[0], l[1], l[2], kind]);
    out.extend_from_slice(&stream_id.to_le_bytes());
    extension(out, timestamp_ms);
}

fn continuation(out: &mut Vec<u8>, csid: u8, timestamp_ms: u32) {
    out.push(0xc0 | csid & 0x3f);
    extension(out, timestamp_ms);
}

fn extension(out: &mut Vec<u8>, timestamp_ms: u32) {
    if timestamp_ms >= EXTENDED {
        out.extend_from_slice(&timestamp_ms.to_be_bytes());
    }
}
