use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::*;

fn asked(fields: &[(&'static str, &'static str)]) -> Asked {
    let field =
        |(name, value): &(&'static str, &'static str)| (HeaderName::from_static(name), HeaderValue::from_static(value));
    Asked {
        method: Method::GET,
        path: "/live/cam.flv".to_owned(),
        query: String::new(),
        headers: fields.iter().map(field).collect::<HeaderMap>(),
        peer: SocketAddr::from(([127, 0, 0, 1], 1)),
        secure: false,
        body: Bytes::new(),
    }
}

/// The example of RFC 6455, clause 1.3.
#[test]
fn the_opening_is_that_of_the_specification() {
    let key = ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let version = ("sec-websocket-version", "13");
    let upgrade = [("upgrade", "WebSocket"), ("connection", "keep-alive, Upgrade")];
    assert!(is_asked(&asked(&[upgrade[0], upgrade[1], key, version])));
    assert!(!is_asked(&asked(&[upgrade[0]])) && !is_asked(&asked(&[upgrade[1]])));
    let check = |fields: &[(&'static str, &'static str)], expect: Result<Option<&str>, Refused>| {
        let found = opening(&asked(&[&upgrade, fields].concat()));
        assert_eq!(found, expect.map(|accept| accept.map(str::to_owned)), "{fields:?}");
    };
    check(&[key, version], Ok(Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")));
    check(&[key], Err(Refused::Malformed));
    check(&[("sec-websocket-key", "short"), version], Err(Refused::Malformed));
    check(&[version], Err(Refused::Malformed));
    check(&[key, ("sec-websocket-version", "8")], Err(Refused::Version));
}

/// A frame as a client masks it.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [1, 2, 3, 4];
    let mut bytes = vec![first];
    match payload.len() {
        len @ ..=125 => bytes.push(0x80 | len as u8),
        len => {
            bytes.push(0x80 | 126);
            bytes.extend((len as u16).to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

#[test]
fn control_frames_are_told_wherever_they_are_cut_and_messages_are_passed_over() {
    let bytes =
        [frame(0x82, &[7; 300]), frame(0x89, b"are you there"), frame(0x8a, b""), frame(0x88, &[3, 0xe8])].concat();
    let expect = [Event::Ping(b"are you there".to_vec()), Event::Close];
    for cut in 0..bytes.len() {
        let mut reader = Reader::default();
        let mut events = reader.handle_input(&bytes[..cut]).expect("a client");
        events.extend(reader.handle_input(&bytes[cut..]).expect("a client"));
        assert_eq!(events, expect, "cut at {cut}");
    }
}

#[test]
fn who_breaks_the_rules_is_told_so() {
    let check = |bytes: &[u8], expect: &str| {
        let broken = Reader::default().handle_input(bytes).expect_err("it breaks the rules");
        assert!(broken.0.contains(expect), "{bytes:02x?}: {}", broken.0);
    };
    check(&[0x82, 1, 7], "not masked");
    check(&frame(0x89, &[0; 126]), "more than 125 bytes");
    check(&frame(0x09, b"part of a ping"), "in parts");
}

#[test]
fn a_ping_is_answered_with_what_it_carries() {
    assert_eq!(pong(b"hi"), b"\x8a\x02hi");
}
