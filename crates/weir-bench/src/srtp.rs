//! [`Cipher`]: SRTP with AES-128-GCM (RFC 7714), for floors that have no handshake.

use anyhow::{Result, anyhow};
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::packets::RTP_HEADER;

pub(crate) const KEY_LEN: usize = 16;
pub(crate) const SALT_LEN: usize = 12;

/// Bytes that a packet has beyond its payload.
pub(crate) const OVERHEAD: usize = RTP_HEADER + 16;

/// What encrypts the packets of one way to one client.
#[derive(Debug)]
pub(crate) struct Cipher {
    key: LessSafeKey,
    salt: [u8; SALT_LEN],
}

impl Cipher {
    pub(crate) fn new(key: &[u8; KEY_LEN], salt: [u8; SALT_LEN]) -> Result<Self> {
        let key = UnboundKey::new(&AES_128_GCM, key).map_err(|_| anyhow!("no AES-128-GCM here"))?;
        Ok(Self { key: LessSafeKey::new(key), salt })
    }

    /// Appends a packet: header, encrypted payload, tag. `roll` counts the wraps of the sequence number.
    pub(crate) fn seal(&self, out: &mut Vec<u8>, header: [u8; RTP_HEADER], roll: u32, payload: &[u8]) {
        out.extend_from_slice(&header);
        let from = out.len();
        out.extend_from_slice(payload);
        let place = out.get_mut(from..).unwrap_or_default();
        let nonce = self.nonce(header, roll);
        if let Ok(tag) = self.key.seal_in_place_separate_tag(nonce, Aad::from(header), place) {
            out.extend_from_slice(tag.as_ref());
        }
    }

    /// The payload of a packet, if it is authentic.
    pub(crate) fn open<'p>(&self, packet: &'p mut [u8], roll: u32) -> Option<&'p [u8]> {
        let (header, rest) = packet.split_first_chunk_mut::<RTP_HEADER>()?;
        let nonce = self.nonce(*header, roll);
        self.key.open_in_place(nonce, Aad::from(*header), rest).ok().map(|payload| &*payload)
    }

    /// Clause 8.1: zeros, SSRC, roll-over counter, sequence number; over it the salt.
    fn nonce(&self, header: [u8; RTP_HEADER], roll: u32) -> Nonce {
        let [_, _, q0, q1, _, _, _, _, s0, s1, s2, s3] = header;
        let [r0, r1, r2, r3] = roll.to_be_bytes();
        let mut nonce = [0, 0, s0, s1, s2, s3, r0, r1, r2, r3, q0, q1];
        nonce.iter_mut().zip(self.salt).for_each(|(byte, salt)| *byte ^= salt);
        Nonce::assume_unique_for_key(nonce)
    }
}

#[cfg(test)]
mod tests;
