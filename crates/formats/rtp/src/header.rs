//! The header of an RTP packet and its extension.

mod extension;

use crate::Error;
use std::ops::Range;
use weir_base::ByteReader;

pub use extension::{Elements, Extension};

/// The only version there is.
const VERSION: u8 = 2;
/// What the header's count of contributing sources can say.
const MAX_CSRCS: usize = 15;

/// The header of an RTP packet (RFC 3550 clause 5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header<'a> {
    /// What the payload format makes of it: the end of a picture, the start of speech.
    pub marker: bool,
    /// 0 to 127.
    pub payload_type: u8,
    /// Counts packets, and wraps.
    pub sequence: u16,
    /// In ticks of the payload type's clock; wraps.
    pub timestamp: u32,
    /// The synchronization source.
    pub ssrc: u32,
    /// The contributing sources, each big-endian; 15 at most.
    pub csrcs: &'a [[u8; 4]],
    /// What stands between header and payload.
    pub extension: Option<Extension<'a>>,
}

impl<'a> Header<'a> {
    /// Reads the header, and tells where in `packet` the payload is. Padding is no part of the payload; a packet of
    /// nothing but padding has an empty one.
    pub fn parse(packet: &'a [u8]) -> Result<(Self, Range<usize>), Error> {
        let mut r = ByteReader::new(packet);
        let [flags, kind] = r.array()?;
        if flags >> 6 != VERSION {
            return Err(Error::Version(flags >> 6));
        }
        let (sequence, timestamp, ssrc) = (r.u16()?, r.u32()?, r.u32()?);
        let (csrcs, _) = r.take(usize::from(flags & 0xf) * 4)?.as_chunks();
        let extension = if flags & 0x10 != 0 { Some(Extension::read(&mut r)?) } else { None };
        let payload = r.position()..packet.len() - padding(flags, r.rest())?;
        let (marker, payload_type) = (kind & 0x80 != 0, kind & 0x7f);
        Ok((Header { marker, payload_type, sequence, timestamp, ssrc, csrcs, extension }, payload))
    }

    /// Appends the header of a packet without padding. Contributing sources past 15 are left out.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let csrcs = self.csrcs.get(..MAX_CSRCS).unwrap_or(self.csrcs);
        out.push(VERSION << 6 | u8::from(self.extension.is_some()) << 4 | csrcs.len() as u8);
        out.push(u8::from(self.marker) << 7 | self.payload_type & 0x7f);
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        out.extend_from_slice(csrcs.as_flattened());
        if let Some(extension) = &self.extension {
            extension.write_to(out);
        }
    }
}

/// Bytes of the header of an RTP packet, whose payload may be encrypted. [`None`] when it is no RTP packet of this version.
pub fn header_len(packet: &[u8]) -> Option<usize> {
    let first = packet.first().filter(|first| *first >> 6 == VERSION)?;
    let csrcs = 12 + usize::from(first & 0xf) * 4;
    let len = if first & 0x10 == 0 {
        csrcs
    } else {
        let words = u16::from_be_bytes(*packet.get(csrcs + 2..)?.first_chunk()?);
        csrcs + 4 + usize::from(words) * 4
    };
    (len <= packet.len()).then_some(len)
}

/// Bytes of padding at the end of `body`, their count included.
fn padding(flags: u8, body: &[u8]) -> Result<usize, Error> {
    if flags & 0x20 == 0 {
        return Ok(0);
    }
    let padding = body.last().copied().unwrap_or(0);
    if padding == 0 || usize::from(padding) > body.len() {
        return Err(Error::Padding { padding, left: body.len() });
    }
    Ok(padding.into())
}

#[cfg(test)]
mod tests;
