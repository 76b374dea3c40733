use super::digest::{self, Schema};
use super::{Client, MAX_PROXY_HEADER, PACKET, Server, random_packet};
use crate::Error;

/// Runs both ends to the finish and returns what each sent: C0 C1 C2 and S0 S1 S2.
fn shake(client: &mut Client, server: &mut Server) -> (Vec<u8>, Vec<u8>) {
    let (mut up, mut down) = (Vec::new(), Vec::new());
    client.handle_input(&[], &mut up).unwrap();
    assert_eq!(server.handle_input(&up, &mut down), Ok(1 + PACKET));
    let c0c1 = up.len();
    assert_eq!(client.handle_input(&down, &mut up), Ok(1 + 2 * PACKET));
    assert_eq!(server.handle_input(&up[c0c1..], &mut down), Ok(PACKET));
    assert!(client.is_done() && server.is_done());
    (up, down)
}

// row: protocols.md §1.1 Version
#[test]
fn the_version_is_3_and_anything_else_is_told_at_its_first_byte() {
    for byte in [0, 1, 2, 4, 6, 0x16, b'G', 0xff] {
        let result = Server::new(0).handle_input(&[byte], &mut Vec::new());
        assert_eq!(result, Err(Error::Version { byte }));
        assert_eq!(result.unwrap_err().code(), 2016);
    }
    assert!(Error::Version { byte: 0x16 }.to_string().ends_with("it looks like TLS)"));
    assert_eq!(Client::new(0, false).handle_input(b"HTTP/1.1", &mut Vec::new()), Err(Error::Version { byte: b'H' }));
}

// row: protocols.md §1.1 Complex
#[test]
fn without_a_digest_s1_is_random_and_s2_echoes_c1() {
    let (up, down) = shake(&mut Client::new(1, false), &mut Server::new(2));
    assert_eq!(up[0], 3);
    assert_eq!(down[0], 3);
    assert_eq!(down[1 + PACKET..], up[1..=PACKET], "S2 is C1");
    assert_eq!(up[1 + PACKET..], down[1..=PACKET], "C2 is S1");
    assert_eq!(down[1..9], [0; 8]);
    assert!(digest::find(&down[1..=PACKET], digest::SERVER).is_none());
}

#[test]
fn with_a_digest_both_ends_sign() {
    let (up, down) = shake(&mut Client::new(1, true), &mut Server::new(2));
    let c1 = digest::find(&up[1..=PACKET], digest::CLIENT).expect("C1 is signed");
    assert_eq!(c1.schema, Schema::DigestFirst);
    let s1 = digest::find(&down[1..=PACKET], digest::SERVER).expect("S1 is signed");
    assert_eq!(s1.schema, c1.schema, "the server answers in the client's order");
    check_reply(&down[1 + PACKET..], &c1.digest, digest::SERVER);
    check_reply(&up[1 + PACKET..], &s1.digest, digest::CLIENT);
}

fn check_reply(packet: &[u8], digest: &[u8; 32], key: digest::Key) {
    let mut expect: [u8; PACKET] = packet.try_into().unwrap();
    digest::sign_reply(&mut expect, digest, key);
    assert_eq!(packet, expect);
}

#[test]
fn a_digest_is_found_in_either_order_of_blocks() {
    for seed in 0..50 {
        for schema in [Schema::KeyFirst, Schema::DigestFirst] {
            let mut packet = random_packet(&mut fastrand::Rng::with_seed(seed), [9, 0, 124, 2]);
            digest::sign(&mut packet, schema, digest::CLIENT);
            assert_eq!(digest::find(&packet, digest::CLIENT).map(|found| found.schema), Some(schema));
            assert!(digest::find(&packet, digest::SERVER).is_none(), "the keys differ");
            packet[100] ^= 1;
            assert!(digest::find(&packet, digest::CLIENT).is_none(), "one bit off");
        }
    }
}

#[test]
fn random_bytes_come_from_the_seed() {
    let down = |seed| shake(&mut Client::new(1, true), &mut Server::new(seed)).1;
    assert_eq!(down(7), down(7));
    assert_ne!(down(7), down(8));
}

fn proxied(header: &[u8]) -> Result<Server, Error> {
    let mut up = vec![0xf3];
    up.extend_from_slice(&u16::try_from(header.len()).unwrap().to_be_bytes());
    up.extend_from_slice(header);
    up.push(3);
    up.extend_from_slice(&[0; 2 * PACKET]);
    let (mut server, mut down) = (Server::new(0), Vec::new());
    let ate = server.handle_input(&up, &mut down)?;
    assert_eq!((ate, down.len()), (up.len(), 1 + 2 * PACKET));
    Ok(server)
}

#[test]
fn a_proxy_may_put_the_clients_address_first() {
    assert_eq!(proxied(&[10, 0, 0, 77]).unwrap().proxied(), Some([10, 0, 0, 77]));
    assert_eq!(proxied(&[7; 1024]).unwrap().proxied(), Some([7; 4]));
    assert_eq!(proxied(&[]).unwrap().proxied(), Some([0; 4]));
}

#[test]
fn a_proxy_header_that_is_too_long_or_comes_twice_is_refused() {
    let error = proxied(&vec![0; usize::from(MAX_PROXY_HEADER) + 1]).unwrap_err();
    assert_eq!(error, Error::ProxyHeader { len: 1025 });
    assert_eq!(error.code(), 2054);
    let twice = [0xf3, 0, 4, 1, 2, 3, 4, 0xf3, 0, 4, 1, 2, 3, 4];
    assert_eq!(Server::new(0).handle_input(&twice, &mut Vec::new()), Err(Error::Version { byte: 0xf3 }));
}

#[test]
fn every_cut_gives_the_same_answer() {
    let mut up = vec![0xf3, 0, 4, 1, 2, 3, 4, 3];
    up.extend_from_slice(&[5; 2 * PACKET]);
    let run = |parts: &[&[u8]]| {
        let (mut server, mut down) = (Server::new(9), Vec::new());
        for part in parts {
            assert_eq!(server.handle_input(part, &mut down), Ok(part.len()));
        }
        assert!(server.is_done());
        down
    };
    let whole = run(&[&up]);
    for at in 0..=up.len() {
        assert_eq!(run(&[&up[..at], &up[at..]]), whole);
    }
}

#[test]
fn bytes_behind_the_handshake_are_left() {
    let mut up = vec![3];
    up.extend_from_slice(&[0; 2 * PACKET + 10]);
    assert_eq!(Server::new(0).handle_input(&up, &mut Vec::new()), Ok(1 + 2 * PACKET));
}
