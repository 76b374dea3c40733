//! Keys of a session from those that DTLS agreed on (RFC 3711 clause 4.3, RFC 5764 clause 4.2, RFC 7714 clause 11).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, UnboundCipherKey};
use aws_lc_rs::hmac;
use dimpl::SrtpProfile;

use super::Keying;
use super::cipher::{Cipher, Counter, count, padded};

/// Bytes of the key of HMAC-SHA1-80.
const HMAC_KEY: usize = 20;
/// What is derived (RFC 3711 clause 4.3.1), of RTP; of RTCP it is three more.
const ENCRYPTION: u8 = 0;
const AUTHENTICATION: u8 = 1;
const SALT: u8 = 2;
const OF_RTCP: u8 = 3;

/// Master key and salt of one side.
pub(crate) struct Keys<'a> {
    profile: SrtpProfile,
    master: &'a [u8],
    salt: [u8; 14],
}

impl<'a> Keys<'a> {
    /// Those of the client of DTLS, or of the server.
    pub(crate) fn of(keying: &'a Keying, of_client: bool) -> Option<Keys<'a>> {
        let (key_len, salt_len) = match keying.profile {
            SrtpProfile::AES128_CM_SHA1_80 => (16, 14),
            SrtpProfile::AEAD_AES_128_GCM => (16, 12),
            SrtpProfile::AEAD_AES_256_GCM => (32, 12),
            _ => return None,
        };
        let (keys, salts) = keying.material.split_at_checked(2 * key_len)?;
        let side = usize::from(!of_client);
        let master = keys.chunks_exact(key_len).nth(side)?;
        let salt = salts.chunks_exact(salt_len).nth(side)?;
        let mut whole = [0; 14];
        whole.iter_mut().zip(salt).for_each(|(to, from)| *to = *from);
        Some(Keys { profile: keying.profile, master, salt: whole })
    }

    pub(super) fn rtp(&self) -> Option<Cipher> {
        self.cipher(0)
    }

    pub(super) fn rtcp(&self) -> Option<Cipher> {
        self.cipher(OF_RTCP)
    }

    fn cipher(&self, label: u8) -> Option<Cipher> {
        let key = self.derive(label + ENCRYPTION, self.master.len())?;
        let algorithm = match self.profile {
            SrtpProfile::AEAD_AES_128_GCM => &AES_128_GCM,
            SrtpProfile::AEAD_AES_256_GCM => &AES_256_GCM,
            _ => {
                let key = EncryptingKey::ctr(UnboundCipherKey::new(&AES_128, &key).ok()?).ok()?;
                let salt = self.derive(label + SALT, 14)?.try_into().ok()?;
                let tag = self.derive(label + AUTHENTICATION, HMAC_KEY)?;
                let tag = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &tag);
                return Some(Cipher::Counter(Box::new(Counter { key, salt, tag })));
            }
        };
        let key = LessSafeKey::new(UnboundKey::new(algorithm, &key).ok()?);
        Some(Cipher::Gcm { key, salt: self.derive(label + SALT, 12)?.try_into().ok()? })
    }

    /// RFC 3711 clause 4.3.3, at the rate of zero.
    pub(crate) fn derive(&self, label: u8, len: usize) -> Option<Vec<u8>> {
        let algorithm = if self.master.len() == 32 { &AES_256 } else { &AES_128 };
        let key = EncryptingKey::ctr(UnboundCipherKey::new(algorithm, self.master).ok()?).ok()?;
        let counter = u128::from_be_bytes(padded(&self.salt)) ^ (u128::from(label) << 64);
        let mut derived = vec![0; len];
        count(&key, counter.to_be_bytes(), &mut derived)?;
        Some(derived)
    }
}
