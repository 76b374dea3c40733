//! [`TagReader`]: FLV tags out of a byte stream.

use crate::tag::TagKind;
use crate::{Error, TAG_HEADER_LEN};
use bytes::{Buf, Bytes, BytesMut};
use weir_base::ByteReader;

/// The longest file header. The specification has 9 bytes and lets later versions grow; nothing has.
const MAX_HEADER_LEN: u32 = 1024;

/// Bytes of the version 1 file header.
const HEADER_LEN: u32 = 9;

/// The previous-tag-size behind the header and behind every tag. Writers get it wrong, so it is passed over unread.
const PREVIOUS_TAG_SIZE: usize = 4;

/// What an FLV file header announces (annex E.2). Many writers set both whatever follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileHeader {
    /// Audio tags are to come.
    pub has_audio: bool,
    /// Video tags are to come.
    pub has_video: bool,
}

/// One tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// What the body carries.
    pub kind: TagKind,
    /// Decoding time in milliseconds; wraps at 2^32.
    pub timestamp_ms: u32,
    /// The body, a slice of what was pushed.
    pub body: Bytes,
}

/// Cuts an FLV stream into tags: push bytes in any portions, then poll until nothing comes.
///
/// It holds what was pushed and not yet polled, and at most one unfinished tag: 16 MiB, the largest that 24 bits can
/// announce. Tags of unknown types are passed over.
#[derive(Debug, Default)]
pub struct TagReader {
    buffer: BytesMut,
    header: Option<FileHeader>,
    /// Bytes to drop before the next tag: the rest of the file header, the previous-tag-size, the body of an unknown
    /// tag.
    skip: usize,
    /// Bytes taken from the stream so far.
    at: u64,
    failed: Option<Error>,
}

impl TagReader {
    /// A reader at the start of a file.
    pub fn new() -> Self {
        TagReader::default()
    }

    /// Takes the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The file header, once it has arrived.
    pub fn header(&self) -> Option<FileHeader> {
        self.header
    }

    /// Offset in the stream of what is read next.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// The next whole tag; [`None`] when more bytes are needed. An error is final: it comes again on every call.
    pub fn poll_tag(&mut self) -> Result<Option<Tag>, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let polled = self.read();
        if let Err(error) = &polled {
            self.failed = Some(error.clone());
            self.buffer = BytesMut::new();
        }
        polled
    }

    fn read(&mut self) -> Result<Option<Tag>, Error> {
        loop {
            if !self.skip_pending() {
                return Ok(None);
            }
            if self.header.is_none() {
                let Some(skip) = self.read_file_header()? else { return Ok(None) };
                self.skip = skip;
                continue;
            }
            let Some((number, len, timestamp_ms)) = self.peek_tag_header() else { return Ok(None) };
            if number & 0x20 != 0 {
                return Err(Error::Encrypted { at: self.at });
            }
            let Some(kind) = TagKind::from_type(number & 0x1f) else {
                self.skip = TAG_HEADER_LEN.saturating_add(len).saturating_add(PREVIOUS_TAG_SIZE);
                continue;
            };
            let whole = TAG_HEADER_LEN.saturating_add(len);
            if self.buffer.len() < whole {
                return Ok(None);
            }
            let mut body = self.buffer.split_to(whole).freeze();
            body.advance(TAG_HEADER_LEN);
            self.at = self.at.saturating_add(whole as u64);
            self.skip = PREVIOUS_TAG_SIZE;
            return Ok(Some(Tag { kind, timestamp_ms, body }));
        }
    }

    /// Drops what is to be passed over; false when it has not all arrived.
    fn skip_pending(&mut self) -> bool {
        let now = self.skip.min(self.buffer.len());
        self.buffer.advance(now);
        self.at = self.at.saturating_add(now as u64);
        self.skip -= now;
        self.skip == 0
    }

    /// Reads the header; returns how many bytes lie before the first tag.
    fn read_file_header(&mut self) -> Result<Option<usize>, Error> {
        let mut r = ByteReader::new(&self.buffer);
        let (Ok(found), Ok(_version), Ok(flags), Ok(len)) = (r.array::<3>(), r.u8(), r.u8(), r.u32()) else {
            return Ok(None);
        };
        if &found != b"FLV" {
            return Err(Error::NotFlv { found });
        }
        if !(HEADER_LEN..=MAX_HEADER_LEN).contains(&len) {
            return Err(Error::HeaderLength { len, max: MAX_HEADER_LEN });
        }
        self.header = Some(FileHeader { has_audio: flags & 4 != 0, has_video: flags & 1 != 0 });
        Ok(Some(len as usize + PREVIOUS_TAG_SIZE))
    }

    /// Type byte, body length, timestamp.
    fn peek_tag_header(&self) -> Option<(u8, usize, u32)> {
        let header = self.buffer.first_chunk::<TAG_HEADER_LEN>()?;
        let [number, l2, l1, l0, t2, t1, t0, t3, ..] = *header;
        Some((number, u32::from_be_bytes([0, l2, l1, l0]) as usize, u32::from_be_bytes([t3, t2, t1, t0])))
    }
}

#[cfg(test)]
mod tests;
