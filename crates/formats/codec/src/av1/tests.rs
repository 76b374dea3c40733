use super::{DecoderConfig, SequenceHeader};
use crate::{Codec, Error, VideoInfo};

const LIBAOM: &[u8] = include_bytes!("../../testdata/ffmpeg-libaom.av1c");

#[test]
fn a_record_of_libaom() {
    let record = DecoderConfig::parse(LIBAOM).expect("a record");
    assert_eq!((record.profile, record.level, record.high_tier, record.bit_depth), (0, 0, false, 8));
    assert_eq!(record.info(), VideoInfo { width: 66, height: 38, ..VideoInfo::of(Codec::Av1) });
}

#[test]
fn a_record_without_a_sequence_header_has_no_size() {
    let check = |obus: &[u8]| {
        let bytes = [&LIBAOM[..4], obus].concat();
        assert_eq!(DecoderConfig::parse(&bytes).map(|record| record.info()), Ok(VideoInfo::of(Codec::Av1)));
    };
    check(&[]);
    check(&LIBAOM[4..9]);
    // A temporal delimiter only; forbidden bit; a size past the end; a size that never ends.
    check(&[0x12, 0x00]);
    check(&[0x8a, 0x00]);
    check(&[0x0a, 0x7f, 0x00]);
    check(&[&[0x0a][..], &[0xff; 20]].concat());
}

#[test]
fn broken_records_are_refused() {
    assert_eq!(
        DecoderConfig::parse(&[1, 0, 0, 0]),
        Err(Error::Unexpected { field: "marker and version of av1C", value: 1 })
    );
    assert!((0..4).all(|end| DecoderConfig::parse(&LIBAOM[..end]).is_err()));
    assert_eq!(SequenceHeader::parse(&[0xe0]), Err(Error::Range { field: "seq_profile", value: 7, max: 2 }));
}

#[test]
fn a_sequence_header_with_timing() {
    // Profile 0, not still, not reduced, timing 1/30, equal, one tick, no decoder model, no delays, one point,
    // level 8 in the main tier, 12 bits each for 1920 by 1080.
    let fields = [
        "000",
        "0",
        "0",
        "1",
        "00000000000000000000000000000001",
        "00000000000000000000000000011110",
        "1",
        "1",
        "0",
        "0",
        "00000",
        "000000000000",
        "01000",
        "0",
        "1011",
        "1011",
        "011101111111",
        "010000110111",
    ];
    let bits: Vec<u8> = fields.concat().bytes().map(|bit| bit - b'0').collect();
    let bytes: Vec<u8> =
        bits.chunks(8).map(|c| c.iter().enumerate().fold(0, |v, (i, bit)| v | bit << (7 - i))).collect();
    let header = SequenceHeader::parse(&bytes).expect("well-formed");
    let got = (header.level, header.high_tier, header.width, header.height, header.frame_rate);
    assert_eq!(got, (8, false, 1920, 1080, Some(30.0)));
}
