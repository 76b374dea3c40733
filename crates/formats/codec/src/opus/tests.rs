use super::{OpusHead, packet_samples};
use crate::{AudioInfo, Codec, Error};
use weir_base::Short;

const LIBOPUS: &[u8] = b"OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00";

#[test]
fn a_header_of_libopus_round_trips() {
    let head = OpusHead::parse(LIBOPUS).expect("a header");
    assert_eq!(head, OpusHead { channels: 2, pre_skip: 312, input_rate: 48000, gain: 0, mapping_family: 0 });
    let mut out = Vec::new();
    head.write_to(&mut out);
    assert_eq!(out, LIBOPUS);
    let expect = AudioInfo { coded_rate: Some(48_000), ..AudioInfo::of(Codec::Opus, 48_000, 2) };
    assert_eq!(head.info(), expect);
}

#[test]
fn packets_of_all_lengths() {
    let check = |packet: &[u8], millis: f64| {
        assert_eq!(packet_samples(packet), Ok((millis * 48.0) as u32), "{packet:02x?}");
    };
    // The configurations of RFC 6716 table 2, one frame each.
    for (config, millis) in [10.0, 20.0, 40.0, 60.0].into_iter().cycle().take(12).enumerate() {
        check(&[(config as u8) << 3], millis);
    }
    for (config, millis) in [10.0, 20.0, 10.0, 20.0].into_iter().enumerate() {
        check(&[(config as u8 + 12) << 3], millis);
    }
    for (config, millis) in [2.5, 5.0, 10.0, 20.0].into_iter().cycle().take(16).enumerate() {
        check(&[(config as u8 + 16) << 3], millis);
    }
    // Two frames of equal and of different length; any number; libopus with 60 ms of SILK and CELT.
    check(&[0xfc | 1], 40.0);
    check(&[0xfc | 2], 40.0);
    check(&[0xe3, 48], 120.0);
    check(&[0x6b, 0x83], 60.0);
}

#[test]
fn broken_packets_are_refused() {
    let check = |packet: &[u8], expect: Error| assert_eq!(packet_samples(packet), Err(expect));
    check(&[], Error::Short(Short { at: 0, wanted: 1, left: 0 }));
    check(&[0xff], Error::Short(Short { at: 1, wanted: 1, left: 0 }));
    check(&[0xff, 0x80], Error::Unexpected { field: "frame count of an Opus packet", value: 0 });
    check(&[0xff, 7], Error::Range { field: "samples of an Opus packet", value: 6720, max: 5760 });
}

#[test]
fn broken_headers_are_refused() {
    let check = |bytes: &[u8], field: &'static str, value: u64| {
        assert_eq!(OpusHead::parse(bytes), Err(Error::Unexpected { field, value }));
    };
    check(b"OpusTags\x01", "magic of OpusHead", u64::from_be_bytes(*b"OpusTags"));
    check(b"OpusHead\x10\x02", "version of OpusHead", 16);
    check(b"OpusHead\x01\x00", "channel count of OpusHead", 0);
    assert!((0..19).all(|end| OpusHead::parse(&LIBOPUS[..end]).is_err()));
}
