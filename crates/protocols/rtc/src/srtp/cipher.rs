//! The transforms: AES in counter mode with HMAC-SHA1 (RFC 3711 clause 4), AES-GCM (RFC 7714), and none.

use std::fmt;

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce};
use aws_lc_rs::cipher::{EncryptingKey, EncryptionContext};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;

use super::RTCP_HEADER;

/// Bytes of the tag of AES-GCM.
const GCM_TAG: usize = 16;
/// And of that of HMAC-SHA1-80.
const HMAC_TAG: usize = 10;
/// Says that an RTCP packet is encrypted; beside it stands its number (RFC 3711 clause 3.4).
const ENCRYPTED: u32 = 1 << 31;

/// Encrypts and decrypts RTP or RTCP one way.
pub(super) enum Cipher {
    /// Nothing is changed.
    Null,
    /// RFC 7714.
    Gcm { key: LessSafeKey, salt: [u8; 12] },
    /// RFC 3711.
    Counter(Box<Counter>),
}

/// Keys of counter mode with HMAC-SHA1.
pub(super) struct Counter {
    pub(super) key: EncryptingKey,
    pub(super) salt: [u8; 14],
    pub(super) tag: hmac::Key,
}

impl Cipher {
    pub(super) fn is_null(&self) -> bool {
        matches!(self, Cipher::Null)
    }

    /// Encrypts what follows the header of the packet at `start`, and appends the tag.
    pub(super) fn seal_rtp(
        &self,
        packet: &mut Vec<u8>,
        start: usize,
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Option<()> {
        let (header, body) = packet.get_mut(start..)?.split_at_mut_checked(header_len)?;
        match self {
            Cipher::Null => {}
            Cipher::Gcm { key, salt } => {
                let nonce = gcm_nonce(salt, ssrc, index);
                let tag = key.seal_in_place_separate_tag(nonce, Aad::from(&*header), body).ok()?;
                packet.extend_from_slice(tag.as_ref());
            }
            Cipher::Counter(counting) => {
                let Counter { key, salt, tag } = &**counting;
                count(key, counter(salt, ssrc, index), body)?;
                let tag = hmac_tag(tag, packet.get(start..)?, Some(index));
                packet.extend_from_slice(tag.as_ref().get(..HMAC_TAG)?);
            }
        }
        Some(())
    }

    /// Decrypts a packet that is authentic, and takes its tag away.
    pub(super) fn open_rtp(&self, packet: &mut Vec<u8>, header_len: usize, ssrc: u32, index: u64) -> Option<()> {
        let end = match self {
            Cipher::Null => packet.len(),
            Cipher::Gcm { key, salt } => {
                let end = packet.len().checked_sub(GCM_TAG)?;
                let (header, body) = packet.split_at_mut_checked(header_len)?;
                key.open_in_place(gcm_nonce(salt, ssrc, index), Aad::from(&*header), body).ok()?;
                end
            }
            Cipher::Counter(counting) => {
                let Counter { key, salt, tag } = &**counting;
                let end = packet.len().checked_sub(HMAC_TAG)?;
                let (packet, claimed) = packet.split_at_mut_checked(end)?;
                verify(&hmac_tag(tag, packet, Some(index)), claimed)?;
                count(key, counter(salt, ssrc, index), packet.get_mut(header_len..)?)?;
                end
            }
        };
        packet.truncate(end);
        Some(())
    }

    /// Encrypts the compound packet at `start`, and appends its number and the tag.
    pub(super) fn seal_rtcp(&self, packet: &mut Vec<u8>, start: usize, ssrc: u32, index: u32) -> Option<()> {
        let (header, body) = packet.get_mut(start..)?.split_at_mut_checked(RTCP_HEADER)?;
        let word = (ENCRYPTED | index).to_be_bytes();
        match self {
            Cipher::Null => {}
            Cipher::Gcm { key, salt } => {
                let aad = Aad::from([&*header, &word].concat());
                let tag = key.seal_in_place_separate_tag(gcm_nonce(salt, ssrc, index.into()), aad, body).ok()?;
                packet.extend_from_slice(tag.as_ref());
                packet.extend_from_slice(&word);
            }
            Cipher::Counter(counting) => {
                let Counter { key, salt, tag } = &**counting;
                count(key, counter(salt, ssrc, index.into()), body)?;
                packet.extend_from_slice(&word);
                let tag = hmac_tag(tag, packet.get(start..)?, None);
                packet.extend_from_slice(tag.as_ref().get(..HMAC_TAG)?);
            }
        }
        Some(())
    }

    /// The number of a compound packet that says that it is encrypted.
    pub(super) fn rtcp_index(&self, packet: &[u8]) -> Option<u32> {
        let end = match self {
            Cipher::Null => return None,
            Cipher::Gcm { .. } => packet.len(),
            Cipher::Counter(_) => packet.len().checked_sub(HMAC_TAG)?,
        };
        let word = u32::from_be_bytes(*packet.get(..end)?.last_chunk()?);
        (word & ENCRYPTED != 0).then_some(word & !ENCRYPTED)
    }

    /// Decrypts a compound packet that is authentic, and takes its number and the tag away.
    pub(super) fn open_rtcp(&self, packet: &mut Vec<u8>, ssrc: u32) -> Option<()> {
        let index = self.rtcp_index(packet)?;
        let end = match self {
            Cipher::Null => packet.len(),
            Cipher::Gcm { key, salt } => {
                let sealed = packet.len().checked_sub(4)?;
                let end = sealed.checked_sub(GCM_TAG)?;
                let (header, body) = packet.get_mut(..sealed)?.split_at_mut_checked(RTCP_HEADER)?;
                let aad = Aad::from([&*header, &(ENCRYPTED | index).to_be_bytes()].concat());
                key.open_in_place(gcm_nonce(salt, ssrc, index.into()), aad, body).ok()?;
                end
            }
            Cipher::Counter(counting) => {
                let Counter { key, salt, tag } = &**counting;
                let signed = packet.len().checked_sub(HMAC_TAG)?;
                let end = signed.checked_sub(4)?;
                let (packet, claimed) = packet.split_at_mut_checked(signed)?;
                verify(&hmac_tag(tag, packet, None), claimed)?;
                count(key, counter(salt, ssrc, index.into()), packet.get_mut(RTCP_HEADER..end)?)?;
                end
            }
        };
        packet.truncate(end);
        Some(())
    }
}

/// RFC 7714 clauses 8.1 and 9.1: the same, as the number of an RTCP packet is shorter.
fn gcm_nonce(salt: &[u8; 12], ssrc: u32, index: u64) -> Nonce {
    let number = (u128::from(ssrc) << 48 | u128::from(index)) ^ (u128::from_be_bytes(padded(salt)) >> 32);
    let [_, _, _, _, nonce @ ..] = number.to_be_bytes();
    Nonce::assume_unique_for_key(nonce)
}

/// RFC 3711 clause 4.1.1.
fn counter(salt: &[u8; 14], ssrc: u32, index: u64) -> [u8; 16] {
    (u128::from_be_bytes(padded(salt)) ^ (u128::from(ssrc) << 64) ^ (u128::from(index) << 16)).to_be_bytes()
}

/// With zeros behind it.
pub(super) fn padded<const N: usize>(salt: &[u8; N]) -> [u8; 16] {
    let mut padded = [0; 16];
    padded.iter_mut().zip(salt).for_each(|(to, from)| *to = *from);
    padded
}

/// Encrypts or decrypts in counter mode.
pub(super) fn count(key: &EncryptingKey, counter: [u8; 16], body: &mut [u8]) -> Option<()> {
    key.less_safe_encrypt(body, EncryptionContext::Iv128(FixedLength::from(counter))).ok().map(drop)
}

/// RFC 3711 clause 4.2: over RTP with its wraps, over RTCP as it is.
fn hmac_tag(key: &hmac::Key, packet: &[u8], index: Option<u64>) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    context.update(packet);
    if let Some(index) = index {
        context.update(&((index >> 16) as u32).to_be_bytes());
    }
    context.sign()
}

fn verify(tag: &hmac::Tag, claimed: &[u8]) -> Option<()> {
    verify_slices_are_equal(tag.as_ref().get(..HMAC_TAG)?, claimed).ok()
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cipher::Null => "Null",
            Cipher::Gcm { .. } => "Gcm",
            Cipher::Counter(_) => "Counter",
        })
    }
}
