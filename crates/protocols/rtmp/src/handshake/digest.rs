//! Digests in C1, S1, C2 and S2, by which Flash Player and Flash Media Server know each other.
//!
//! A packet is 4 bytes of time, 4 of version, and two blocks of 764: one hides a 128-byte key, one a 32-byte digest, in
//! either order. The four offset bytes of a block add up to the place inside of it.

use super::PACKET;
use aws_lc_rs::{constant_time, hmac};

const BLOCK: usize = 764;
const DIGEST: usize = 32;

/// Version of the player in C1: 9.0.124.2, the first family that does digests.
pub(super) const CLIENT_VERSION: [u8; 4] = [0x09, 0x00, 0x7c, 0x02];
/// Version of the server in S1: 4.5.0.1 with the bytes in SRS's order.
pub(super) const SERVER_VERSION: [u8; 4] = [0x01, 0x00, 0x05, 0x04];

/// One end's key: `head` is its text alone, which signs packet 1; all of it signs packet 2.
#[derive(Clone, Copy)]
pub(super) struct Key {
    head: &'static [u8],
    tail: [u8; 32],
}

/// The secret tail that both keys share.
const TAIL: [u8; 32] = [
    0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0, 0xd1, 0x02, 0x9e, 0x7e, 0x57, 0x6e, 0xec, 0x5d,
    0x2d, 0x29, 0x80, 0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae,
];

pub(super) const CLIENT: Key = Key { head: b"Genuine Adobe Flash Player 001", tail: TAIL };
pub(super) const SERVER: Key = Key { head: b"Genuine Adobe Flash Media Server 001", tail: TAIL };

/// Which block comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schema {
    /// Schema 0: key, then digest.
    KeyFirst,
    /// Schema 1: digest, then key.
    DigestFirst,
}

/// A digest that proved right.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) schema: Schema,
    pub(super) digest: [u8; DIGEST],
}

/// Tries both schemas on a C1 or S1.
pub(super) fn find(packet: &[u8], key: Key) -> Option<Found> {
    [Schema::KeyFirst, Schema::DigestFirst].into_iter().find_map(|schema| {
        let at = place(packet, schema)?;
        let digest: [u8; DIGEST] = packet.get(at..)?.first_chunk().copied()?;
        let expect = digest_around(packet, at, key)?;
        constant_time::verify_slices_are_equal(&digest, &expect).ok()?;
        Some(Found { schema, digest })
    })
}

/// Puts the digest of packet 1 in its place.
pub(super) fn sign(packet: &mut [u8; PACKET], schema: Schema, key: Key) {
    let Some(at) = place(packet, schema) else { return };
    let Some(digest) = digest_around(packet, at, key) else { return };
    if let Some(slot) = packet.get_mut(at..at + DIGEST) {
        slot.copy_from_slice(&digest);
    }
}

/// Puts the digest that answers `digest` at the end of packet 2.
pub(super) fn sign_reply(packet: &mut [u8; PACKET], digest: &[u8; DIGEST], key: Key) {
    let (body, slot) = packet.split_at_mut(PACKET - DIGEST);
    let whole = [key.head, &key.tail].concat();
    let once = mac(&whole, &[digest]);
    slot.copy_from_slice(&mac(&once, &[body]));
}

/// Where the digest stands: its block, 4 offset bytes, and their sum modulo the room there is.
fn place(packet: &[u8], schema: Schema) -> Option<usize> {
    let block = if schema == Schema::KeyFirst { 8 + BLOCK } else { 8 };
    let offset: usize = packet.get(block..block + 4)?.iter().map(|&b| usize::from(b)).sum();
    Some(block + 4 + offset % (BLOCK - DIGEST - 4))
}

/// The digest over everything but its own 32 bytes.
fn digest_around(packet: &[u8], at: usize, key: Key) -> Option<[u8; DIGEST]> {
    Some(mac(key.head, &[packet.get(..at)?, packet.get(at + DIGEST..)?]))
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; DIGEST] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    parts.iter().for_each(|part| context.update(part));
    context.sign().as_ref().first_chunk().copied().unwrap_or_default()
}
