use super::{Av1Track, escape};
use crate::Error;

/// Version, profile 0 level 8, main tier 4:2:0, nothing reserved; a sequence header.
const RECORD: &[u8] = &[0x81, 0x08, 0x0c, 0x00, 0x0a, 0x02, 0x55, 0x80];

fn track() -> Av1Track {
    Av1Track::new(RECORD).expect("a good record").0
}

#[test]
fn descriptors() {
    let (_, descriptors) = Av1Track::new(RECORD).expect("a good record");
    assert_eq!(descriptors, [&[5, 4][..], b"AV01", &[0x80, 4, 0x81, 0x08, 0x0c, 0xc0]].concat());
}

fn check(key: bool, payload: &[u8], expect: &[u8]) {
    assert_eq!(track().unit(key, payload), Ok(expect), "{payload:02x?}");
}

#[test]
fn start_codes_before_every_obu() {
    check(false, &[0x32, 2, 9, 8], &[0, 0, 1, 0x32, 2, 9, 8]);
    check(false, &[0x1a, 1, 7, 0x32, 2, 9, 8], &[0, 0, 1, 0x1a, 1, 7, 0, 0, 1, 0x32, 2, 9, 8]);
    // With an extension, and the last one without a size.
    check(false, &[0x36, 0x20, 1, 7, 0x30, 9, 8], &[0, 0, 1, 0x36, 0x20, 1, 7, 0, 0, 1, 0x30, 9, 8]);
    // A size of two bytes.
    check(false, &[0x32, 0x82, 0, 9, 8], &[0, 0, 1, 0x32, 0x82, 0, 9, 8]);
}

#[test]
fn key_frames_bring_the_sequence_header() {
    let frame = [0x32, 1, 7];
    let with_header = [&[0, 0, 1][..], &RECORD[4..], &[0, 0, 1], &frame].concat();
    check(true, &frame, &with_header);
    check(true, &[&RECORD[4..], &frame].concat(), &with_header);
    check(false, &frame, &[0, 0, 1, 0x32, 1, 7]);
}

#[test]
fn temporal_delimiters_are_left_out() {
    check(false, &[0x12, 0, 0x32, 1, 7], &[0, 0, 1, 0x32, 1, 7]);
    check(true, &[0x12, 0], &[]);
    check(true, &[], &[]);
}

#[test]
fn start_codes_are_escaped() {
    let check = |obu: &[u8], expect: &[u8]| {
        let mut out = Vec::new();
        escape(obu, &mut out);
        assert_eq!(out, expect, "{obu:02x?}");
        assert_eq!(weir_codec::nal::unescape(&out, out.len())[..], *obu);
    };
    check(&[], &[]);
    check(&[0, 0], &[0, 0]);
    check(&[0, 0, 4], &[0, 0, 4]);
    for last in 0..4 {
        check(&[0, 0, last], &[0, 0, 3, last]);
        check(&[9, 0, 0, last, 9], &[9, 0, 0, 3, last, 9]);
    }
    check(&[0, 0, 0, 0, 0, 0], &[0, 0, 3, 0, 0, 3, 0, 0]);
    check(&[0, 0, 3, 0, 0, 3], &[0, 0, 3, 3, 0, 0, 3, 3]);
    check(&[1, 0, 2, 0, 0, 9, 0, 0, 1], &[1, 0, 2, 0, 0, 9, 0, 0, 3, 1]);
}

#[test]
fn every_short_run_of_small_bytes_survives() {
    for number in 0..5_u32.pow(8) {
        let obu: Vec<u8> = (0..8).map(|place| (number / 5_u32.pow(place) % 5) as u8).collect();
        let mut out = Vec::new();
        escape(&obu, &mut out);
        assert!(!out.windows(3).any(|window| window[..2] == [0, 0] && window[2] < 3), "{obu:?}");
        assert_eq!(weir_codec::nal::unescape(&out, out.len())[..], obu);
    }
}

#[test]
fn broken_units_are_refused() {
    let check = |payload: &[u8], expect: weir_codec::Error| {
        assert_eq!(track().unit(true, payload), Err(Error::Codec(expect)), "{payload:02x?}");
    };
    check(&[0x32, 3, 9, 8], weir_codec::Error::Range { field: "obu_size", value: 3, max: 2 });
    check(&[0xb2, 1, 9], weir_codec::Error::Unexpected { field: "header of an OBU", value: 0xb2 });
    let long = weir_codec::Error::Range { field: "bytes of leb128()", value: 9, max: 8 };
    check(&[&[0x32][..], &[0xff; 9]].concat(), long);
    assert!(matches!(track().unit(true, &[0x32]), Err(Error::Codec(weir_codec::Error::Short(_)))));
    assert!(Av1Track::new(&[0x81]).is_err() && Av1Track::new(&[1, 2, 3, 4]).is_err());
}

#[test]
fn a_temporal_unit_of_aom() {
    let record = include_bytes!("../../../codec/testdata/ffmpeg-libaom.av1c");
    let (track, _) = Av1Track::new(record).expect("a good record");
    assert_eq!(track.config, record[4..]);
}
