//! A client that encrypts what it likes: packets that no honest one makes, from one who knows the keys.

use std::cell::RefCell;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use str0m::config::CryptoProvider;
use str0m::crypto::{
    AeadAes256GcmCipher, CryptoError, SrtpProvider, SupportedAeadAes128Gcm, SupportedAeadAes256Gcm,
    SupportedAes128CmSha1_80,
};

thread_local! {
    /// Of the newest client of this thread: of RTP, and of RTCP.
    static KEYS: RefCell<[Option<Keys>; 2]> = const { RefCell::new([None, None]) };
}

#[derive(Clone, Copy, Debug)]
struct Keys {
    key: [u8; 32],
    salt: [u8; 12],
}

/// Ciphers that tell their keys.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider { srtp_provider: &Teller, ..super::crypto() }
}

#[derive(Debug)]
struct Teller;

fn inner() -> &'static dyn SrtpProvider {
    super::crypto().srtp_provider
}

impl SrtpProvider for Teller {
    fn aes_128_cm_sha1_80(&self) -> &'static dyn SupportedAes128CmSha1_80 {
        inner().aes_128_cm_sha1_80()
    }

    fn aead_aes_128_gcm(&self) -> &'static dyn SupportedAeadAes128Gcm {
        inner().aead_aes_128_gcm()
    }

    fn aead_aes_256_gcm(&self) -> &'static dyn SupportedAeadAes256Gcm {
        &Teller
    }

    fn srtp_aes_128_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        inner().srtp_aes_128_ecb_round(key, input, output);
    }

    fn srtp_aes_256_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        inner().srtp_aes_256_ecb_round(key, input, output);
    }
}

impl SupportedAeadAes256Gcm for Teller {
    fn create_cipher(&self, key: [u8; 32], encrypt: bool) -> Box<dyn AeadAes256GcmCipher> {
        Box::new(Cipher { key, inner: inner().aead_aes_256_gcm().create_cipher(key, encrypt) })
    }
}

#[derive(Debug)]
struct Cipher {
    key: [u8; 32],
    inner: Box<dyn AeadAes256GcmCipher>,
}

impl AeadAes256GcmCipher for Cipher {
    fn encrypt(&mut self, iv: &[u8; 12], aad: &[u8], input: &[u8], output: &mut [u8]) -> Result<(), CryptoError> {
        let is_rtcp = (192..=223).contains(&aad[1]);
        let plain = if is_rtcp { rtcp_iv(aad, index_of(aad)) } else { rtp_iv(aad) };
        let keys = Keys { key: self.key, salt: mixed(iv, &plain) };
        KEYS.with_borrow_mut(|all| all[usize::from(is_rtcp)] = Some(keys));
        self.inner.encrypt(iv, aad, input, output)
    }

    fn decrypt(
        &mut self,
        iv: &[u8; 12],
        aads: &[&[u8]],
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CryptoError> {
        self.inner.decrypt(iv, aads, input, output)
    }
}

/// Of authenticated data of RTCP (RFC 7714 §9.2).
fn index_of(aad: &[u8]) -> u32 {
    u32::from_be_bytes(*aad.last_chunk().expect("an index")) & 0x7fff_ffff
}

/// RFC 7714 §8.1, before the salt; of packets before the first wrap.
fn rtp_iv(header: &[u8]) -> [u8; 12] {
    let mut iv = [0; 12];
    iv[2..6].copy_from_slice(&header[8..12]);
    iv[10..].copy_from_slice(&header[2..4]);
    iv
}

/// RFC 7714 §9.1, before the salt.
fn rtcp_iv(header: &[u8], index: u32) -> [u8; 12] {
    let mut iv = [0; 12];
    iv[2..6].copy_from_slice(&header[4..8]);
    iv[8..].copy_from_slice(&index.to_be_bytes());
    iv
}

fn mixed(a: &[u8; 12], b: &[u8; 12]) -> [u8; 12] {
    std::array::from_fn(|at| a[at] ^ b[at])
}

fn sealed(is_rtcp: bool, iv: &[u8; 12], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let keys = KEYS.with_borrow(|all| all[usize::from(is_rtcp)]).expect("the client has encrypted");
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &keys.key).expect("32 bytes"));
    let mut out = plain.to_vec();
    let nonce = Nonce::assume_unique_for_key(mixed(iv, &keys.salt));
    key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut out).expect("it is sealed");
    out
}

/// Encrypts an RTP packet, of which the first `header_len` bytes stay as they are.
pub(super) fn rtp(packet: &[u8], header_len: usize) -> Vec<u8> {
    let (header, body) = packet.split_at(header_len);
    [header, &sealed(false, &rtp_iv(header), header, body)].concat()
}

/// Encrypts RTCP.
pub(super) fn rtcp(packet: &[u8], index: u32) -> Vec<u8> {
    let (header, body) = packet.split_at(8);
    let tail = (index | 0x8000_0000).to_be_bytes();
    let aad = [header, &tail].concat();
    [header, &sealed(true, &rtcp_iv(header, index), &aad, body), &tail].concat()
}
