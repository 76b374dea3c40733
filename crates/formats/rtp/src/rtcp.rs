//! RTCP as far as who sends media needs it: what receivers wish, and what they are told.

use weir_base::ByteReader;

const VERSION: u8 = 2;
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;
/// Formats of feedback: lost packets (RFC 4585 clause 6.2.1), lost pictures (6.3.1), a key frame (RFC 5104 clause 4.3.1).
const NACK: u8 = 1;
const PLI: u8 = 1;
const FIR: u8 = 4;
/// What applications agree on, and the name of what receivers say that they can take (draft-alvestrand-rmcat-remb-03).
const APPLICATION: u8 = 15;
const REMB: &[u8; 4] = b"REMB";
/// The item of a description that names who sends (RFC 3550 clause 6.5.1).
const CNAME: u8 = 1;
/// What one packet of this kind may be for.
const MAX_SOURCES: usize = 31;

/// What a receiver wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish<'a> {
    /// Packets that were lost: pairs of a sequence number and a mask of the sixteen behind it.
    Again {
        /// Of the media.
        ssrc: u32,
        /// Each big-endian, number and mask.
        pairs: &'a [[u8; 4]],
    },
    /// A key frame.
    Key {
        /// Of the media.
        ssrc: u32,
    },
    /// No more than this, in bits per second.
    Rate(u64),
}

impl<'a> Wish<'a> {
    /// The sequence numbers of lost packets, 17 at most for each pair.
    pub fn lost(&self) -> impl Iterator<Item = u16> + use<'a> {
        let pairs = match self {
            Wish::Again { pairs, .. } => *pairs,
            Wish::Key { .. } | Wish::Rate(_) => &[],
        };
        pairs.iter().flat_map(|&[high, low, mask_high, mask_low]| {
            let (first, mask) = (u16::from_be_bytes([high, low]), u16::from_be_bytes([mask_high, mask_low]));
            let behind = (0..16u16).filter(move |bit| mask >> bit & 1 == 1).map(move |bit| first.wrapping_add(bit + 1));
            std::iter::once(first).chain(behind)
        })
    }
}

/// The wishes in a compound packet that is not encrypted, up to the first packet that cannot be read.
pub fn wishes(compound: &[u8]) -> impl Iterator<Item = Wish<'_>> {
    let mut r = ByteReader::new(compound);
    std::iter::from_fn(move || packet(&mut r)).flat_map(|(count, kind, body)| {
        let head = body.split_first_chunk::<8>();
        let keys = match (kind, count) {
            // Each entry is a source, and a word that counts requests; the header's own source is not used.
            (PAYLOAD_FEEDBACK, FIR) => head.map_or(&[][..], |(_, entries)| entries),
            _ => &[],
        };
        let one = head.and_then(|([_, _, _, _, ssrc @ ..], rest)| match (kind, count) {
            (TRANSPORT_FEEDBACK, NACK) => {
                Some(Wish::Again { ssrc: u32::from_be_bytes(*ssrc), pairs: rest.as_chunks().0 })
            }
            (PAYLOAD_FEEDBACK, PLI) => Some(Wish::Key { ssrc: u32::from_be_bytes(*ssrc) }),
            (PAYLOAD_FEEDBACK, APPLICATION) => rate(rest).map(Wish::Rate),
            _ => None,
        });
        let keys = keys.as_chunks::<8>().0.iter();
        one.into_iter().chain(keys.map(|&[a, b, c, d, ..]| Wish::Key { ssrc: u32::from_be_bytes([a, b, c, d]) }))
    })
}

/// Of a packet that says what a receiver can take: a float of six bits and eighteen.
fn rate(body: &[u8]) -> Option<u64> {
    let ([_, high, middle, low], _) = body.strip_prefix(REMB)?.split_first_chunk()?;
    let mantissa = u64::from(u32::from_be_bytes([0, high & 3, *middle, *low]));
    let exponent = u32::from(high >> 2);
    Some(if exponent <= mantissa.leading_zeros() { mantissa << exponent.min(63) } else { u64::MAX })
}

/// Count or format, type and body of the next packet.
fn packet<'a>(r: &mut ByteReader<'a>) -> Option<(u8, u8, &'a [u8])> {
    let (first, kind, words) = (r.u8().ok()?, r.u8().ok()?, r.u16().ok()?);
    let body = r.take(usize::from(words) * 4).ok()?;
    (first >> 6 == VERSION).then_some((first & 0x1f, kind, body))
}

/// What a sender says of itself (RFC 3550 clause 6.4.1), without reports on what it receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderReport {
    /// The source.
    pub ssrc: u32,
    /// Seconds since 1900, with 32 bits of fraction.
    pub ntp: u64,
    /// The timestamp of a packet that were captured then.
    pub timestamp: u32,
    /// That were sent.
    pub packets: u32,
    /// Bytes of their payloads.
    pub octets: u32,
}

impl SenderReport {
    /// Appends it as a packet of its own.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        header(0, SENDER_REPORT, 6, out);
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        out.extend_from_slice(&self.ntp.to_be_bytes());
        for word in [self.timestamp, self.packets, self.octets] {
            out.extend_from_slice(&word.to_be_bytes());
        }
    }
}

/// Appends a receiver report that says nothing: a compound packet has to begin with a report (RFC 3550 clause 6.1).
pub fn write_empty_report(ssrc: u32, out: &mut Vec<u8>) {
    header(0, RECEIVER_REPORT, 1, out);
    out.extend_from_slice(&ssrc.to_be_bytes());
}

/// Appends that sources, 31 at most, are of one sender (RFC 3550 clause 6.5). The name has at most 255 bytes.
pub fn write_description(ssrcs: &[u32], cname: &[u8], out: &mut Vec<u8>) {
    let ssrcs = ssrcs.get(..MAX_SOURCES).unwrap_or(ssrcs);
    let cname = cname.get(..255).unwrap_or(cname);
    // Behind the items of each source stand one to four zeros.
    let items = (2 + cname.len() + 1).next_multiple_of(4);
    header(ssrcs.len() as u8, DESCRIPTION, (4 + items) / 4 * ssrcs.len(), out);
    for ssrc in ssrcs {
        let end = out.len() + 4 + items;
        out.extend_from_slice(&ssrc.to_be_bytes());
        out.extend_from_slice(&[CNAME, cname.len() as u8]);
        out.extend_from_slice(cname);
        out.resize(end, 0);
    }
}

/// Appends that sources, 31 at most, have ended (RFC 3550 clause 6.6).
pub fn write_goodbye(ssrcs: &[u32], out: &mut Vec<u8>) {
    let ssrcs = ssrcs.get(..MAX_SOURCES).unwrap_or(ssrcs);
    header(ssrcs.len() as u8, GOODBYE, ssrcs.len(), out);
    ssrcs.iter().for_each(|ssrc| out.extend_from_slice(&ssrc.to_be_bytes()));
}

fn header(count: u8, kind: u8, words: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&[VERSION << 6 | count, kind]);
    out.extend_from_slice(&(words as u16).to_be_bytes());
}

#[cfg(test)]
mod tests;
