//! Bodies for the fuzzer; a plain test replays the corpora.

mod payload;

use crate::{Header, Kind, header_len, is_rtcp, peek_payload_type, peek_ssrc, rtcp, stun, video};
use weir_codec::Codec;

pub use payload::{av1, h264, h265, jitter, vp8, vp9};

const CODECS: [Codec; 5] = [Codec::H264, Codec::H265, Codec::Vp8, Codec::Vp9, Codec::Av1];

/// One datagram of any kind.
pub fn datagram(data: &[u8]) {
    let _ = (Kind::of(data), is_rtcp(data), peek_ssrc(data), peek_payload_type(data));
    stun_request(data);
    let asked: usize = rtcp::wishes(data).map(|wish| usize::from(wish.lost().count() > 0)).sum();
    assert!(asked <= data.len());
    let Ok((header, payload)) = Header::parse(data) else { return };
    assert!(payload.start <= payload.end && payload.end <= data.len());
    assert_eq!(header_len(data), Some(payload.start));
    let mut out = Vec::new();
    header.write_to(&mut out);
    assert_eq!(out.len(), payload.start);
    assert_eq!(Header::parse(&out), Ok((header, out.len()..out.len())));
    if let Some(extension) = header.extension {
        let held: usize = extension.elements().map(|(_, element)| element.len() + 1).sum();
        assert!(held <= extension.data.len());
    }
}

fn stun_request(data: &[u8]) {
    if let Some((receiver, sender)) = stun::username(data) {
        assert!(!receiver.is_empty() && !sender.is_empty() && !receiver.contains(':'));
    }
    let mut taken = 0;
    stun::is_authentic(data, |parts| {
        taken = parts.concat().len();
        [0; 20]
    });
    assert!(taken < data.len().max(1));
}

/// One payload of any codec.
pub fn payload(data: &[u8]) {
    for codec in CODECS {
        let peek = video::peek(codec, data);
        assert!(!peek.key || peek.starts_frame, "{codec:?} {peek:?}");
        let _ = video::size(codec, data);
        let numbers = video::numbers(codec, data);
        let mut out = data.to_vec();
        numbers.write_into(&mut out);
        assert_eq!(out, data, "what was read is written");
    }
}

#[cfg(test)]
mod tests;
