//! STUN as far as a server of many peers on one port needs it: whom a binding request is for, and whether it is true.

use weir_base::{ByteReader, Short};

/// Type of a binding request (RFC 8489 clause 18.2).
const BINDING_REQUEST: u16 = 0x0001;
const MAGIC_COOKIE: u32 = 0x2112_a442;
const HEADER_LEN: usize = 20;
const ATTRIBUTE_HEADER_LEN: usize = 4;
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ICE_CONTROLLED: u16 = 0x8029;
/// Bytes of an HMAC-SHA1.
const HMAC_LEN: usize = 20;
/// Two fragments of 256 characters, the longest of ICE (RFC 8839 clause 5.4), and a colon.
const MAX_USERNAME: usize = 513;

/// Whose ICE session a binding request is for: the fragments of user names of who receives the request and of who sent
/// it (RFC 8445 clause 7.2.2). [`None`] for everything else, and when the name is behind the message's integrity, where
/// nobody vouches for it.
pub fn username(datagram: &[u8]) -> Option<(&str, &str)> {
    let name = attributes(datagram)?.take_while(|it| it.kind != MESSAGE_INTEGRITY).find(|it| it.kind == USERNAME)?;
    let name = str::from_utf8(name.value).ok().filter(|name| name.len() <= MAX_USERNAME)?;
    name.split_once(':').filter(|(receiver, sender)| !receiver.is_empty() && !sender.is_empty())
}

/// True for a binding request whose MESSAGE-INTEGRITY is what `hmac_sha1` makes of it (RFC 8489 clause 14.5).
///
/// `hmac_sha1` is called once or not at all, with the message in two parts; its key is the password of who receives the
/// request (RFC 8445 clause 7.2.2). It is an argument because ciphers are not of this floor.
pub fn is_authentic(datagram: &[u8], hmac_sha1: impl FnOnce([&[u8]; 2]) -> [u8; HMAC_LEN]) -> bool {
    let Some((header, body, claimed)) = integrity(datagram) else { return false };
    let expected = hmac_sha1([&header, body]);
    // Every byte is compared, so that the time tells nothing of the first that differs.
    expected.iter().zip(claimed).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// True for a binding request of an agent that says it is the controlled one (RFC 8445 clause 16.1): a client that checks
/// a server that never checks has to be the controlling one.
pub fn is_controlled(datagram: &[u8]) -> bool {
    attributes(datagram).is_some_and(|mut all| all.any(|it| it.kind == ICE_CONTROLLED))
}

/// What the integrity is made of, which is the message up to the attribute, with a length that ends behind it; and what
/// the attribute says.
fn integrity(datagram: &[u8]) -> Option<([u8; 4], &[u8], &[u8; HMAC_LEN])> {
    let attribute = attributes(datagram)?.find(|it| it.kind == MESSAGE_INTEGRITY)?;
    let claimed = attribute.value.try_into().ok()?;
    let (kind, body) = (datagram.first_chunk::<2>()?, datagram.get(4..attribute.at)?);
    let len = u16::try_from(attribute.at + ATTRIBUTE_HEADER_LEN + HMAC_LEN - HEADER_LEN).ok()?.to_be_bytes();
    Some(([kind[0], kind[1], len[0], len[1]], body, claimed))
}

struct Attribute<'a> {
    /// Offset of its header in the datagram.
    at: usize,
    kind: u16,
    value: &'a [u8],
}

/// The attributes of a binding request, up to the first that is cut short.
fn attributes(datagram: &[u8]) -> Option<impl Iterator<Item = Attribute<'_>>> {
    let mut r = ByteReader::new(datagram);
    let (kind, len, cookie) = (r.u16().ok()?, r.u16().ok()?, r.u32().ok()?);
    let whole = usize::from(len) + HEADER_LEN == datagram.len() && len % 4 == 0;
    if kind != BINDING_REQUEST || cookie != MAGIC_COOKIE || !whole {
        return None;
    }
    r.skip(HEADER_LEN - 8).ok()?;
    Some(std::iter::from_fn(move || attribute(&mut r).ok()))
}

fn attribute<'a>(r: &mut ByteReader<'a>) -> Result<Attribute<'a>, Short> {
    let at = r.position();
    let (kind, len) = (r.u16()?, usize::from(r.u16()?));
    let value = r.take(len)?;
    r.skip(len.next_multiple_of(4) - len)?;
    Ok(Attribute { at, kind, value })
}

#[cfg(test)]
mod tests;
