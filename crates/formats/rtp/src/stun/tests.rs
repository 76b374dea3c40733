use super::*;
use aws_lc_rs::hmac;

/// RFC 5769 clause 2.1: a request with software, priority, ICE role, user name, integrity and fingerprint.
const SAMPLE: [u8; 108] = [
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf,
    0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73, 0x74, 0x20, 0x63, 0x6c, 0x69, 0x65,
    0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51,
    0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20,
    0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2,
    0x49, 0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf,
];
const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";
/// Where the integrity starts in the sample, and the user name.
const INTEGRITY_AT: usize = 76;
const USERNAME_AT: usize = 60;

fn authentic(datagram: &[u8], password: &str) -> bool {
    is_authentic(datagram, |parts| {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
        let mut context = hmac::Context::with_key(&key);
        parts.iter().for_each(|part| context.update(part));
        context.sign().as_ref().try_into().unwrap()
    })
}

/// The sample with its length corrected to what is left of it, or made longer.
fn resized(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let len = (bytes.len() - HEADER_LEN) as u16;
    bytes[2..4].copy_from_slice(&len.to_be_bytes());
    bytes
}

#[test]
fn the_sample_request() {
    assert_eq!(username(&SAMPLE), Some(("evtj", "h6vY")));
    assert!(authentic(&SAMPLE, PASSWORD));
    assert!(!authentic(&SAMPLE, "another"));
}

#[test]
fn the_role_of_who_sends_it() {
    assert!(is_controlled(&SAMPLE));
    let mut controlling = SAMPLE;
    let at = SAMPLE.windows(2).position(|bytes| bytes == [0x80, 0x29]).unwrap();
    controlling[at + 1] = 0x2a;
    assert!(!is_controlled(&controlling));
    assert!(!is_controlled(&[]));
}

#[test]
fn without_a_fingerprint() {
    assert!(authentic(&resized(&SAMPLE[..100]), PASSWORD));
}

#[test]
fn every_bit_up_to_the_integrity_counts() {
    for bit in 0..100 * 8 {
        let mut bytes = SAMPLE;
        bytes[bit / 8] ^= 0x80 >> (bit % 8);
        assert!(!authentic(&bytes, PASSWORD), "bit {bit}");
    }
}

#[test]
fn nothing_is_made_of_what_is_no_binding_request() {
    let check = |at: usize, byte: u8| {
        let mut bytes = SAMPLE;
        bytes[at] = byte;
        assert_eq!(username(&bytes), None, "byte {at}");
        assert!(!is_authentic(&bytes, |_| unreachable!("no integrity to check")), "byte {at}");
    };
    check(0, 0x01);
    check(1, 0x11);
    check(3, 0x54);
    check(3, 0x59);
    check(4, 0);
    for len in 0..SAMPLE.len() {
        assert_eq!(username(&SAMPLE[..len]), None, "{len}");
        assert!(!authentic(&SAMPLE[..len], PASSWORD), "{len}");
    }
}

#[test]
fn a_name_behind_the_integrity_is_nobodys() {
    let name = &SAMPLE[USERNAME_AT..INTEGRITY_AT];
    let bytes = [&SAMPLE[..USERNAME_AT], &SAMPLE[INTEGRITY_AT..100], name].concat();
    assert_eq!(username(&resized(&bytes)), None);
}

#[test]
fn an_integrity_of_another_length_is_none() {
    let mut bytes = resized(&SAMPLE[..96]);
    bytes[INTEGRITY_AT + 3] = 16;
    assert!(!is_authentic(&bytes, |_| unreachable!("no integrity to check")));
}

#[test]
fn names_that_name_nobody() {
    let check = |name: &[u8], expect| {
        let padded = name.len().next_multiple_of(4);
        let mut bytes = [&SAMPLE[..HEADER_LEN], &[0, 6], &(name.len() as u16).to_be_bytes(), name].concat();
        bytes.resize(HEADER_LEN + ATTRIBUTE_HEADER_LEN + padded, 0);
        assert_eq!(username(&resized(&bytes)), expect);
    };
    check(b"ab:cd", Some(("ab", "cd")));
    check(b"ab:cd:ef", Some(("ab", "cd:ef")));
    check(b"abcd", None);
    check(b":cd", None);
    check(b"ab:", None);
    check(b"", None);
    check(&[b'a', b':', 0xff], None);
    let longest = "a".repeat(511);
    check(&[longest.as_bytes(), b":b"].concat(), Some((longest.as_str(), "b")));
    check(&[&[b'a'; 512][..], b":b"].concat(), None);
}
