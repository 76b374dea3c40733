//! Writing the frame of an FLV stream: file header, tag headers, previous tag sizes.

use crate::tag::TagKind;

/// Bytes of an FLV file header with the first previous-tag-size, which is always 0.
pub const FILE_HEADER_LEN: usize = 13;

/// Bytes before the body of a tag.
pub const TAG_HEADER_LEN: usize = 11;

/// The start of an FLV stream (annex E.2) and the first previous-tag-size.
///
/// ```text
/// 46 4c 56  01  0000 0A0V  00 00 00 09  00 00 00 00
/// ```
pub const fn file_header(has_audio: bool, has_video: bool) -> [u8; FILE_HEADER_LEN] {
    let flags = (has_audio as u8) << 2 | has_video as u8;
    [b'F', b'L', b'V', 1, flags, 0, 0, 0, 9, 0, 0, 0, 0]
}

/// Appends the 11 bytes before a tag's body (annex E.4.1). `timestamp_ms` wraps at 2^32; its upper eight bits go to
/// the extension byte. Stream id is 0.
///
/// `data_len` must fit 24 bits; a longer one is written as the largest, since RTMP cannot deliver one either.
pub fn write_tag_header(out: &mut Vec<u8>, kind: TagKind, timestamp_ms: u32, data_len: usize) {
    let [_, len @ ..] = u32::try_from(data_len).unwrap_or(u32::MAX).min(0x00ff_ffff).to_be_bytes();
    let [extension, time @ ..] = timestamp_ms.to_be_bytes();
    out.push(kind as u8);
    out.extend_from_slice(&len);
    out.extend_from_slice(&time);
    out.extend_from_slice(&[extension, 0, 0, 0]);
}

/// Writes another timestamp over that of a tag, which begins with its header. False when this is no tag.
pub fn restamp_tag(tag: &mut [u8], timestamp_ms: u32) -> bool {
    let Some([_, _, _, _, t0, t1, t2, upper, ..]) = tag.first_chunk_mut::<TAG_HEADER_LEN>() else { return false };
    [*upper, *t0, *t1, *t2] = timestamp_ms.to_be_bytes();
    true
}

/// The four bytes after a tag's body: the tag's whole length.
pub fn previous_tag_size(data_len: usize) -> [u8; 4] {
    u32::try_from(data_len.saturating_add(TAG_HEADER_LEN)).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests;
