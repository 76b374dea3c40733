use dimpl::{KeyingMaterial, SrtpProfile};
use proptest::prelude::*;

use super::cipher::{Cipher, count, padded};
use super::derive::Keys;
use super::{Keying, Srtp, Way};
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::cipher::{AES_128, EncryptingKey, UnboundCipherKey};

const PROFILES: [SrtpProfile; 3] =
    [SrtpProfile::AES128_CM_SHA1_80, SrtpProfile::AEAD_AES_128_GCM, SrtpProfile::AEAD_AES_256_GCM];

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).expect("digits"), 16).expect("a byte");
    digits.chunks(2).map(byte).collect()
}

/// Both sides of it.
fn pair(profile: SrtpProfile) -> (Srtp, Srtp) {
    let material: Vec<u8> = (0..profile.keying_material_len() as u8).collect();
    let keying = Keying { profile, material: KeyingMaterial::new(&material) };
    (Srtp::new(&keying, true).expect("keys"), Srtp::new(&keying, false).expect("keys"))
}

fn rtp(sequence: u16, ssrc: u32, payload: &[u8]) -> Vec<u8> {
    [&[0x80, 96][..], &sequence.to_be_bytes(), &[0; 4], &ssrc.to_be_bytes(), payload].concat()
}

/// RFC 3711 appendix B.2.
#[test]
fn the_keystream_is_that_of_the_specification() {
    let key = UnboundCipherKey::new(&AES_128, &hex("2B7E151628AED2A6ABF7158809CF4F3C")).expect("a key");
    let key = EncryptingKey::ctr(key).expect("a key");
    let salt: [u8; 14] = hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD").try_into().expect("a salt");
    let mut stream = vec![0; 1_044_512];
    count(&key, padded(&salt), &mut stream).expect("it is encrypted");
    let start = "E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0";
    assert_eq!(stream[..48], hex(start));
    let end = "EC8CDF7398607CB0F2D21675EA9EA1E4 362B7C3C6773516318A077D7FC5073AE 6A2CC3787889374FBEB4C81B17BA6C44";
    assert_eq!(stream[stream.len() - 48..], hex(end));
}

/// The master key of RFC 3711 appendix B.3, as that of both sides.
fn appendix_b3() -> Keying {
    let (key, salt) = ("E1F97A0D3E018BE0D64FA32C06DE4139", "0EC675AD498AFEEBB6960B3AABE6");
    let material = hex(&[key, key, salt, salt].concat());
    Keying { profile: SrtpProfile::AES128_CM_SHA1_80, material: KeyingMaterial::new(&material) }
}

/// RFC 3711 appendix B.3.
#[test]
fn keys_are_derived_as_the_specification_does() {
    let keying = appendix_b3();
    let keys = Keys::of(&keying, true).expect("keys");
    assert_eq!(keys.derive(0, 16), Some(hex("C61E7A93744F39EE10734AFE3FF7A087")));
    assert_eq!(keys.derive(2, 14), Some(hex("30CBBC08863D8C85D49DB34A9AE1")));
    let authentication = "CEBE321F6FF7716B6FD4AB49AF256A15 6D38BAA48F0A0ACF3C34E2359E6CDBCE
        E049646C43D9327AD175578EF7227098 6371C10C9A369AC2F94A8C5FBCDDDC25 6D6E919A48B610EF17C2041E47403576
        6B68642C59BBFC2F34DB60DBDFB2";
    assert_eq!(keys.derive(1, 94), Some(hex(authentication)));
}

/// What libsrtp makes of a packet with the same master key (srtp_validate of its test driver).
#[test]
fn packets_are_those_of_libsrtp() {
    let keying = appendix_b3();
    let [mut ours, mut theirs] = [true, false].map(|side| Srtp::new(&keying, side).expect("keys"));
    let plain = [hex("800f1234 decafbad cafebabe"), vec![0xab; 16]].concat();
    let mut packet = plain.clone();
    assert!(ours.protect_numbered(&mut packet));
    let sealed = "800f1234 decafbad cafebabe 4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc 99ea179b 8dbb";
    assert_eq!(packet, hex(sealed));
    assert!(theirs.unprotect_rtp(&mut packet));
    assert_eq!(packet, plain);
    let plain = [hex("81c8000b cafebabe"), vec![0xab; 16]].concat();
    let mut packet = plain.clone();
    ours.rtcp_index = 1;
    assert!(ours.protect_rtcp(&mut packet, 0));
    assert_eq!(packet, hex("81c8000b cafebabe 7128035b e487b9bd bef89041 f977a5a8 80000001 993e08cd 54d6c123 0798"));
    assert!(theirs.unprotect_rtcp(&mut packet));
    assert_eq!(packet, plain);
}

/// RFC 7714 clauses 16 and 17, whose keys are those of the session.
fn check_gcm(key: &str, sealed_rtp: &str, sealed_rtcp: &str) {
    let key = hex(key);
    let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
    let cipher = || Cipher::Gcm {
        key: LessSafeKey::new(UnboundKey::new(algorithm, &key).expect("a key")),
        salt: *b"Quid pro quo",
    };
    let way = || Way::new(cipher(), cipher());
    let mut both = Srtp { out: way(), into: way(), rtcp_index: 0x5d4 };
    let plain = [&hex("8040f17b 8041f8d3 5501a0b2"), &b"Gallia est omnis divisa in partes tres"[..]].concat();
    let mut packet = plain.clone();
    assert!(both.protect_numbered(&mut packet));
    assert_eq!(packet, hex(sealed_rtp));
    assert!(both.unprotect_rtp(&mut packet));
    assert_eq!(packet, plain);
    let plain = hex(
        "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef",
    );
    let mut packet = plain.clone();
    assert!(both.protect_rtcp(&mut packet, 0));
    assert_eq!(packet, hex(sealed_rtcp));
    assert!(both.unprotect_rtcp(&mut packet));
    assert_eq!(packet, plain);
}

#[test]
fn gcm_is_that_of_the_specification() {
    check_gcm(
        "000102030405060708090a0b0c0d0e0f",
        "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf
         8833 899d7f27 beb16a91 52cf765e e4390cce",
        "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda 4ce09b46 86303ded
         0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4",
    );
    check_gcm(
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f 1ba63799
         b87b 7aa3db36 dfffd6b0 f9bb7878 d7a76c13",
        "81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1 110555be 8415f658 c61de047
         6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be 800005d4",
    );
}

/// What is cut, at any length, and what is changed, at any place, is not let in; what comes twice is let in once.
#[test]
fn only_what_is_whole_is_let_in_and_once() {
    for profile in PROFILES {
        let (mut ours, mut theirs) = pair(profile);
        let plain = [rtp(7, 1, &[3; 40]), rtp(8, 1, &[]), {
            let mut extended = rtp(9, 1, &[0xbe, 0xde, 0, 1, 0x40, b'0', 0, 0, 5, 5]);
            extended[0] |= 0x10;
            extended
        }];
        for plain in plain {
            let mut sealed = plain.clone();
            assert!(ours.protect_numbered(&mut sealed));
            for len in 0..sealed.len() {
                assert!(!theirs.unprotect_rtp(&mut sealed[..len].to_vec()), "{profile} {len}");
            }
            for at in 0..sealed.len() {
                let mut bad = sealed.clone();
                bad[at] ^= 4;
                assert!(!theirs.unprotect_rtp(&mut bad), "{profile} {at}");
            }
            let mut came = sealed.clone();
            assert!(theirs.unprotect_rtp(&mut came));
            assert_eq!(came, plain);
            assert!(!theirs.unprotect_rtp(&mut sealed), "{profile}: again");
        }
        let plain = [&[0x80, 201, 0, 7][..], &[0, 0, 0, 5], &[9; 24]].concat();
        let mut sealed = plain.clone();
        assert!(ours.protect_rtcp(&mut sealed, 0));
        for len in 0..sealed.len() {
            assert!(!theirs.unprotect_rtcp(&mut sealed[..len].to_vec()), "{profile} {len}");
        }
        for at in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[at] ^= 0x84;
            assert!(!theirs.unprotect_rtcp(&mut bad), "{profile} {at}");
        }
        let mut came = sealed.clone();
        assert!(theirs.unprotect_rtcp(&mut came));
        assert_eq!(came, plain);
        assert!(!theirs.unprotect_rtcp(&mut sealed), "{profile}: again");
    }
}

/// No number is used twice, whoever asks for it.
#[test]
fn numbers_are_used_once() {
    let (mut ours, _) = pair(SrtpProfile::AEAD_AES_128_GCM);
    let mut send = |index: u64| ours.protect_rtp(&mut rtp(index as u16, 1, &[1]), 0, 12, index);
    assert!(send(5) && send(70_000) && send(69_999) && send(70_001));
    for used in [70_000, 69_999, 70_001, 70_001 - 1024, 5, 1 << 48] {
        assert!(!send(used), "{used}");
    }
    assert!(send(70_001 - 1023));
    let mut report = |index| {
        ours.rtcp_index = index;
        ours.protect_rtcp(&mut vec![0x80, 201, 0, 1, 0, 0, 0, 1], 0)
    };
    assert!(report((1 << 31) - 1));
    assert!(!report(1 << 31) && !report(u32::MAX));
}

/// A side has so many sources, and those that are not authentic do not count.
#[test]
fn sources_are_bounded() {
    let (mut ours, mut theirs) = pair(SrtpProfile::AEAD_AES_128_GCM);
    for ssrc in 0..1000 {
        assert!(!theirs.unprotect_rtp(&mut rtp(1, ssrc, &[9; 60])));
    }
    let passed = (0..1000).filter(|ssrc| {
        let mut packet = rtp(1, *ssrc, &[9; 60]);
        ours.protect_numbered(&mut packet) && theirs.unprotect_rtp(&mut packet)
    });
    assert_eq!(passed.count(), 64);
    // Those that are there go on.
    let mut packet = rtp(2, 0, &[9; 60]);
    assert!(ours.protect_numbered(&mut packet) && theirs.unprotect_rtp(&mut packet));
}

#[test]
fn nothing_is_changed_in_the_clear() {
    let mut clear = Srtp::clear();
    let plain = rtp(1, 1, &[7; 20]);
    let mut packet = plain.clone();
    assert!(clear.protect_numbered(&mut packet) && clear.protect_numbered(&mut packet));
    assert!(clear.unprotect_rtp(&mut packet) && clear.unprotect_rtp(&mut packet));
    assert_eq!(packet, plain);
    let mut report = vec![0x80, 201, 0, 1, 0, 0, 0, 1];
    assert!(clear.protect_rtcp(&mut report, 0) && clear.unprotect_rtcp(&mut report));
    assert_eq!(report.len(), 8);
    assert!(!clear.unprotect_rtcp(&mut vec![0x80, 201]) && !clear.unprotect_rtp(&mut vec![0x80, 96]));
}

#[test]
fn keys_of_another_length_are_refused() {
    for profile in PROFILES {
        for len in [0, 1, profile.keying_material_len() - 13, profile.keying_material_len() / 2] {
            let keying = Keying { profile, material: KeyingMaterial::new(&vec![1; len]) };
            assert!(Srtp::new(&keying, true).is_none() || Srtp::new(&keying, false).is_none(), "{profile} {len}");
        }
    }
}

proptest! {
    /// Packets from before a wrap to behind the next, overtaken by up to 500 and some of them twice: all come, each once.
    #[test]
    fn wraps_and_overtaking(first in 0x8000u64..0x1_0000, late in proptest::collection::vec((0usize..500, any::<bool>()), 100)) {
        let (mut ours, mut theirs) = pair(SrtpProfile::AEAD_AES_128_GCM);
        // Packets in between are lost.
        let sealed: Vec<_> = (0..100).map(|at| {
            let index = first + at * 700;
            let mut packet = rtp(index as u16, 1, &at.to_be_bytes());
            assert!(ours.protect_rtp(&mut packet, 0, 12, index));
            packet
        }).collect();
        let near: Vec<_> = (0..100).map(|at| {
            let index = first + 100 * 700 + at;
            let mut packet = rtp(index as u16, 1, &at.to_be_bytes());
            assert!(ours.protect_rtp(&mut packet, 0, 12, index));
            packet
        }).collect();
        for packet in &sealed {
            prop_assert!(theirs.unprotect_rtp(&mut packet.clone()));
        }
        let mut order: Vec<usize> = (0..100).collect();
        order.sort_by_key(|at| at + late[*at].0);
        for at in order {
            prop_assert!(theirs.unprotect_rtp(&mut near[at].clone()));
            if late[at].1 {
                prop_assert!(!theirs.unprotect_rtp(&mut near[at].clone()));
            }
        }
    }

    /// Nobody's bytes are let in, and none panic.
    #[test]
    fn any_bytes(data in proptest::collection::vec(any::<u8>(), 0..200)) {
        crate::fuzz::rtc_srtp(&data);
    }
}
