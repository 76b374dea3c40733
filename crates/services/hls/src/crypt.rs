//! AES-128 of whole segments (RFC 8216 clause 4.3.2.4): CBC, PKCS7 padding.

use aws_lc_rs::cipher::{AES_128, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rand;

/// A key and its initialisation vector, both random.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    /// The key: 16 bytes.
    pub(crate) key: Vec<u8>,
    /// The initialisation vector of all segments under it.
    pub(crate) iv: [u8; 16],
}

impl Secret {
    /// A new one.
    pub(crate) fn random() -> Result<Secret, Unspecified> {
        let (mut key, mut iv) = (vec![0; 16], [0; 16]);
        rand::fill(&mut key)?;
        rand::fill(&mut iv)?;
        Ok(Secret { key, iv })
    }

    /// Encrypts a segment in its place; it grows to the next whole block.
    pub(crate) fn encrypt(&self, segment: &mut Vec<u8>) -> Result<(), Unspecified> {
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_128, &self.key)?)?;
        key.less_safe_encrypt(segment, EncryptionContext::Iv128(FixedLength::from(&self.iv)))?;
        Ok(())
    }
}

/// A key is not for logs.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests;
