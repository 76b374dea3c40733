//! [`ChunkReader`]: chunks in, messages out.

use super::{DEFAULT_CHUNK_SIZE, EXTENDED, MAX_CHUNK_STREAMS, MAX_PARTIAL, MIN_CHUNK_SIZE};
use crate::Error;
use bytes::Bytes;
use weir_base::ByteReader;

/// The longest chunk header: 3 bytes basic, 11 message, 4 extended timestamp.
const MAX_HEADER: usize = 18;

/// Reserved for a message at its first byte. A longer one grows with what arrives, so that announcing 16 MiB on many
/// chunk streams costs the peer the bytes too.
const FIRST_RESERVE: usize = 16 << 10;

/// A whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Message type (5.4, 7.1).
    pub kind: u8,
    /// Milliseconds, modulo 2^32.
    pub timestamp: u32,
    /// The message stream, 0 for the connection itself.
    pub stream_id: u32,
    /// The chunk stream that carried it.
    pub csid: u32,
    /// The body.
    pub payload: Bytes,
}

/// Puts messages together from any legal sequence of chunks, cut anywhere.
#[derive(Debug)]
pub struct ChunkReader {
    chunk_size: u32,
    streams: Vec<ChunkStream>,
    /// Bytes of unfinished messages.
    held: usize,
    /// Bytes that came but could not be told to be a header or payload yet.
    cut: Vec<u8>,
    /// Index of the chunk stream whose payload comes next, and how much of it.
    payload: Option<(usize, usize)>,
    /// Bytes eaten, but for `cut`.
    offset: u64,
}

/// What a chunk stream remembers from one chunk to the next.
#[derive(Debug, Default)]
struct ChunkStream {
    csid: u32,
    kind: u8,
    stream_id: u32,
    len: u32,
    timestamp: u32,
    /// What a new message with a header of type 3 adds: the last timestamp field, be it a delta or not (5.3.1.2.4).
    delta: u32,
    /// The extended timestamp field of the last header, if it had one.
    extended: Option<u32>,
    /// A message is unfinished.
    open: bool,
    body: Vec<u8>,
}

/// The fields of one chunk header, before they are applied. Those that its type leaves out are 0.
struct Header {
    fmt: u8,
    csid: u32,
    time: u32,
    len: u32,
    kind: u8,
    stream_id: u32,
    extended: Option<u32>,
}

impl Default for ChunkReader {
    fn default() -> Self {
        let chunk_size = DEFAULT_CHUNK_SIZE;
        ChunkReader { chunk_size, streams: Vec::new(), held: 0, cut: Vec::new(), payload: None, offset: 0 }
    }
}

impl ChunkReader {
    /// Eats from the front of `input` until a message is complete or nothing is left.
    pub fn read(&mut self, input: &mut &[u8]) -> Result<Option<Message>, Error> {
        loop {
            let (index, left) = match self.payload.take() {
                Some(payload) => payload,
                None => match self.header(input) {
                    Some(header) => self.apply(header)?,
                    None => return Ok(None),
                },
            };
            let left = self.fill(index, left, input);
            if left > 0 {
                self.payload = Some((index, left));
                return Ok(None);
            }
            if let Some(message) = self.finish(index) {
                return Ok(Some(message));
            }
        }
    }

    /// Payload bytes of the chunks to come. Sizes outside of 128..=2^31-1 are refused.
    pub fn set_chunk_size(&mut self, size: u32) -> Result<(), Error> {
        if !(MIN_CHUNK_SIZE..=u32::MAX >> 1).contains(&size) {
            return Err(Error::ChunkSize { size });
        }
        self.chunk_size = size;
        Ok(())
    }

    /// Drops the unfinished message of a chunk stream (5.4.2).
    pub fn abort(&mut self, csid: u32) {
        if let Some(stream) = self.streams.iter_mut().find(|s| s.csid == csid) {
            self.held = self.held.saturating_sub(stream.body.len());
            stream.body = Vec::new();
            stream.open = false;
        }
    }

    /// Bytes eaten since the first chunk.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Memory that unfinished messages take.
    pub fn reserved(&self) -> usize {
        self.streams.iter().map(|s| s.body.capacity()).sum()
    }

    /// Reads the header of the next chunk, `None` when it is not complete yet.
    fn header(&mut self, input: &mut &[u8]) -> Option<Header> {
        if self.cut.is_empty() {
            let Some((header, len)) = self.parse(input) else {
                self.cut.extend_from_slice(input);
                *input = &[];
                return None;
            };
            *input = input.get(len..).unwrap_or_default();
            self.offset += len as u64;
            return Some(header);
        }
        let held = self.cut.len();
        let borrowed = input.len().min(MAX_HEADER.saturating_sub(held));
        self.cut.extend(input.iter().take(borrowed));
        let Some((header, len)) = self.parse(&self.cut) else {
            *input = input.get(borrowed..).unwrap_or_default();
            return None;
        };
        // A header can end before bytes that were kept: they looked like an extended timestamp and are payload.
        self.cut.truncate(held);
        self.cut.drain(..len.min(held));
        *input = input.get(len.saturating_sub(held)..).unwrap_or_default();
        self.offset += len as u64;
        Some(header)
    }

    /// The header at the front of `bytes` and its length, `None` when more bytes are needed to tell.
    fn parse(&self, bytes: &[u8]) -> Option<(Header, usize)> {
        let mut r = ByteReader::new(bytes);
        let first = r.u8().ok()?;
        let csid = match first & 0x3f {
            0 => 64 + u32::from(r.u8().ok()?),
            1 => 64 + u32::from(u16::from_le_bytes(r.array().ok()?)),
            short => u32::from(short),
        };
        let fmt = first >> 6;
        let mut header = Header { fmt, csid, time: 0, len: 0, kind: 0, stream_id: 0, extended: None };
        if fmt <= 2 {
            header.time = r.u24().ok()?;
        }
        if fmt <= 1 {
            header.len = r.u24().ok()?;
            header.kind = r.u8().ok()?;
        }
        if fmt == 0 {
            header.stream_id = r.u32_le().ok()?;
        }
        let stream = self.streams.iter().find(|s| s.csid == csid);
        header.extended = match stream {
            _ if fmt <= 2 => (header.time == EXTENDED).then(|| r.u32()).transpose().ok()?,
            Some(stream) if stream.extended.is_some() && stream.open => stream.repeated(&mut r)?,
            Some(stream) if stream.extended.is_some() => Some(r.u32().ok()?),
            _ => None,
        };
        Some((header, r.position()))
    }

    /// Begins or continues a message. Returns the index of its chunk stream and the payload bytes of this chunk.
    fn apply(&mut self, header: Header) -> Result<(usize, usize), Error> {
        let (offset, csid, fmt) = (self.offset, header.csid, header.fmt);
        let index = match self.streams.iter().position(|s| s.csid == csid) {
            Some(index) => index,
            // SRS: librtmp begins the control chunk stream with a header of type 1.
            None if fmt > 0 && !(fmt == 1 && csid == 2) => return Err(Error::NoPredecessor { csid, fmt, offset }),
            None if self.streams.len() >= MAX_CHUNK_STREAMS => return Err(Error::ChunkStreams { csid, offset }),
            None => {
                self.streams.push(ChunkStream { csid, ..Default::default() });
                self.streams.len() - 1
            }
        };
        let Some(stream) = self.streams.get_mut(index) else { return Ok((index, 0)) };
        match stream.open {
            true => stream.proceed(&header, offset)?,
            false => stream.begin(&header),
        }
        let more = stream.missing().min(self.chunk_size as usize);
        if self.held + more > MAX_PARTIAL {
            return Err(Error::Partial { csid, held: self.held, more, offset });
        }
        Ok((index, more))
    }

    /// Moves up to `left` payload bytes into the body and returns how many of them are still to come.
    fn fill(&mut self, index: usize, mut left: usize, input: &mut &[u8]) -> usize {
        let Some(stream) = self.streams.get_mut(index) else { return 0 };
        let kept: Vec<u8> = self.cut.drain(..left.min(self.cut.len())).collect();
        let fresh;
        (fresh, *input) = input.split_at(input.len().min(left - kept.len()));
        for part in [&kept, fresh] {
            stream.append(part);
            left -= part.len();
            self.held += part.len();
            self.offset += part.len() as u64;
        }
        left
    }

    fn finish(&mut self, index: usize) -> Option<Message> {
        let stream = self.streams.get_mut(index).filter(|s| s.missing() == 0)?;
        stream.open = false;
        self.held = self.held.saturating_sub(stream.body.len());
        Some(Message {
            kind: stream.kind,
            timestamp: stream.timestamp,
            stream_id: stream.stream_id,
            csid: stream.csid,
            payload: Bytes::from(std::mem::take(&mut stream.body)),
        })
    }
}

impl ChunkStream {
    /// Bytes that the message lacks.
    fn missing(&self) -> usize {
        (self.len as usize).saturating_sub(self.body.len())
    }

    fn begin(&mut self, header: &Header) {
        let time = header.extended.unwrap_or(header.time);
        if header.fmt == 0 {
            self.stream_id = header.stream_id;
        }
        if header.fmt <= 1 {
            self.len = header.len;
            self.kind = header.kind;
        }
        if header.fmt <= 2 {
            self.extended = header.extended;
        }
        if header.fmt <= 2 || header.extended.is_some() {
            self.delta = time;
        }
        self.timestamp = if header.fmt == 0 { time } else { self.timestamp.wrapping_add(self.delta) };
        self.open = true;
        self.body.reserve_exact(self.missing().min(FIRST_RESERVE));
    }

    /// Checks the header of a later chunk of the message. Types 1 and 2 say nothing new there and are let pass.
    fn proceed(&self, header: &Header, offset: u64) -> Result<(), Error> {
        let csid = self.csid;
        if header.fmt <= 1 && (header.len, header.kind) != (self.len, self.kind) {
            return Err(Error::Changed { csid, had: self.len, got: header.len, offset });
        }
        if header.fmt == 0 {
            return Err(Error::Unfinished { csid, missing: self.missing(), offset });
        }
        Ok(())
    }

    /// The extended timestamp that some peers repeat in every chunk of a message and some do not (5.3.1.3): it is there
    /// if the next bytes say the same again, as the field stood or as the timestamp that came out. `None`: cannot tell.
    fn repeated(&self, r: &mut ByteReader<'_>) -> Option<Option<u32>> {
        let next = r.rest().get(..4).unwrap_or(r.rest());
        let candidates = [self.extended.unwrap_or_default().to_be_bytes(), self.timestamp.to_be_bytes()];
        if !candidates.iter().any(|candidate| candidate.starts_with(next)) {
            return Some(None);
        }
        r.u32().ok().map(Some)
    }

    fn append(&mut self, part: &[u8]) {
        if self.body.capacity() - self.body.len() < part.len() {
            // Doubles as it arrives, and ends exactly at the length announced.
            let grown = (self.body.capacity() * 2).clamp(self.body.len() + part.len(), self.len as usize);
            self.body.reserve_exact(grown.saturating_sub(self.body.len()));
        }
        self.body.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests;
