//! A client that encrypts what it likes: packets that no honest one makes, from one who knows the keys.

use std::cell::RefCell;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use dimpl::SrtpProfile;

use super::Peer;
use crate::srtp::Keys;

thread_local! {
    /// Of the newest client of this thread: of RTP, and of RTCP.
    static KEYS: RefCell<[Option<Session>; 2]> = const { RefCell::new([None, None]) };
}

#[derive(Clone, Copy, Debug)]
struct Session {
    key: [u8; 32],
    salt: [u8; 12],
}

/// Takes the keys of a client.
pub(super) fn learn(client: &Peer) {
    let keying = client.agreed.get().expect("it is connected");
    assert_eq!(keying.profile, SrtpProfile::AEAD_AES_256_GCM);
    let keys = Keys::of(keying, client.is_dtls_active).expect("keys");
    let derive = |label, len| keys.derive(label, len).expect("a key");
    let session = |of_rtcp: u8| Session {
        key: derive(of_rtcp, 32).try_into().expect("32 bytes"),
        salt: derive(of_rtcp + 2, 12).try_into().expect("12 bytes"),
    };
    KEYS.set([Some(session(0)), Some(session(3))]);
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
