//! [`Srtp`]: what is encrypted, and what is let in (RFC 3711, RFC 7714). It is ours and not str0m's so that both what str0m
//! writes and what we write ourselves pass one place: no number of a packet is used twice under one key.

mod cipher;
mod derive;
mod window;

use dimpl::{KeyingMaterial, SrtpProfile};
use weir_rtp::header_len;

use cipher::Cipher;
pub(crate) use derive::Keys;
use window::Sources;

/// What stands before the encrypted part of RTCP (RFC 3711 clause 3.4).
const RTCP_HEADER: usize = 8;
/// RTCP packets under one key (RFC 3711 clause 9.2).
const MAX_RTCP: u32 = 1 << 31;

/// What DTLS agreed on.
#[derive(Debug)]
pub(crate) struct Keying {
    pub(crate) profile: SrtpProfile,
    /// Keys of the client and of the server, then their salts (RFC 5764 clause 4.2).
    pub(crate) material: KeyingMaterial,
}

/// Both ways of one session.
#[derive(Debug)]
pub(crate) struct Srtp {
    out: Way,
    into: Way,
    /// Of the next RTCP packet that leaves.
    rtcp_index: u32,
}

/// One way.
#[derive(Debug)]
struct Way {
    rtp: Cipher,
    rtcp: Cipher,
    /// Numbers of RTP packets that passed.
    sources: Sources,
    /// Numbers of RTCP packets that came.
    reporters: Sources,
}

impl Way {
    fn new(rtp: Cipher, rtcp: Cipher) -> Way {
        Way { rtp, rtcp, sources: Sources::default(), reporters: Sources::default() }
    }
}

impl Srtp {
    /// `is_client`: this side sent the first message of DTLS. [`None`] when the keys are not as long as the profile's.
    pub(crate) fn new(keying: &Keying, is_client: bool) -> Option<Srtp> {
        let way = |of_client| {
            let keys = Keys::of(keying, of_client)?;
            Some(Way::new(keys.rtp()?, keys.rtcp()?))
        };
        Some(Srtp { out: way(is_client)?, into: way(!is_client)?, rtcp_index: 0 })
    }

    /// One that changes nothing: media goes as it is, and whoever knows the addresses can read and send it.
    pub(crate) fn clear() -> Srtp {
        let way = || Way::new(Cipher::Null, Cipher::Null);
        Srtp { out: way(), into: way(), rtcp_index: 0 }
    }

    /// Encrypts the RTP packet that begins at `start` with a header of `header_len` bytes; `index` is its sequence number
    /// over its wraps. False, and the packet is gone, when that number was used before or is too old.
    pub(crate) fn protect_rtp(&mut self, packet: &mut Vec<u8>, start: usize, header_len: usize, index: u64) -> bool {
        let Way { rtp, sources, .. } = &mut self.out;
        let is_done = rtp.is_null()
            || ssrc(packet, start + 8).is_some_and(|ssrc| {
                sources.take(ssrc, index, || rtp.seal_rtp(packet, start, header_len, ssrc, index).is_some())
            });
        if !is_done {
            packet.truncate(start);
        }
        is_done
    }

    /// Encrypts an RTP packet that stands alone and has a number of sixteen bits only: the one next to the newest.
    pub(crate) fn protect_numbered(&mut self, packet: &mut Vec<u8>) -> bool {
        let Some((header_len, ssrc, sequence)) = numbers(packet) else { return false };
        self.out.sources.index(ssrc, sequence).is_some_and(|index| self.protect_rtp(packet, 0, header_len, index))
    }

    /// Encrypts the compound RTCP packet that begins at `start`. False, and it is gone, when no number is left.
    pub(crate) fn protect_rtcp(&mut self, packet: &mut Vec<u8>, start: usize) -> bool {
        let rtcp = &self.out.rtcp;
        let index = self.rtcp_index;
        let is_done = rtcp.is_null()
            || (index < MAX_RTCP
                && ssrc(packet, start + 4).is_some_and(|ssrc| rtcp.seal_rtcp(packet, start, ssrc, index).is_some()));
        self.rtcp_index = index.saturating_add(1);
        if !is_done {
            packet.truncate(start);
        }
        is_done
    }

    /// Decrypts an RTP packet. False when it is not authentic, came before, or is too old to tell.
    pub(crate) fn unprotect_rtp(&mut self, packet: &mut Vec<u8>) -> bool {
        let Some((header_len, ssrc, sequence)) = numbers(packet) else { return false };
        let Way { rtp, sources, .. } = &mut self.into;
        rtp.is_null()
            || sources.index(ssrc, sequence).is_some_and(|index| {
                sources.take(ssrc, index, || rtp.open_rtp(packet, header_len, ssrc, index).is_some())
            })
    }

    /// Decrypts a compound RTCP packet. False as for RTP.
    pub(crate) fn unprotect_rtcp(&mut self, packet: &mut Vec<u8>) -> bool {
        let Way { rtcp, reporters, .. } = &mut self.into;
        if rtcp.is_null() {
            return packet.len() >= RTCP_HEADER;
        }
        let (Some(ssrc), Some(index)) = (ssrc(packet, 4), rtcp.rtcp_index(packet)) else { return false };
        reporters.take(ssrc, index.into(), || rtcp.open_rtcp(packet, ssrc).is_some())
    }
}

/// Length of the header, source and number of an RTP packet.
fn numbers(packet: &[u8]) -> Option<(usize, u32, u16)> {
    let header_len = header_len(packet)?;
    let sequence = u16::from_be_bytes(*packet.get(2..)?.first_chunk()?);
    Some((header_len, ssrc(packet, 8)?, sequence))
}

fn ssrc(packet: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*packet.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests;
