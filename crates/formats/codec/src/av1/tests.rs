use super::{ColourConfig, DecoderConfig, SequenceHeader};
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
fn colours_of_libaom() {
    let check = |obus: &[u8], expect: ColourConfig| {
        let header = SequenceHeader::find(obus).expect("a sequence header");
        assert_eq!((header.width, header.height, header.colour), (66, 38, Some(expect)));
    };
    let plain = ColourConfig {
        bit_depth: 8,
        monochrome: false,
        subsampling: (true, true),
        sample_position: 0,
        description: None,
        full_range: false,
    };
    check(&LIBAOM[4..], plain);
    // 4:4:4 in the colours of HDR10, from ffmpeg's av1C.
    let hdr = [0x0a, 0x0d, 0x20, 0x00, 0x00, 0x03, 0x2c, 0x19, 0x4d, 0xaf, 0x92, 0x12, 0x20, 0x12, 0x20];
    check(&hdr, ColourConfig { subsampling: (false, false), description: Some([9, 16, 9]), ..plain });
}

#[test]
fn a_cut_sequence_header_loses_its_colours_first() {
    let payload = &LIBAOM[6..];
    let whole = SequenceHeader::parse(payload).expect("whole");
    for end in 0..payload.len() {
        if let Ok(cut) = SequenceHeader::parse(&payload[..end]) {
            assert_eq!((cut.width, cut.height), (66, 38));
            assert!(cut.colour.is_none() || cut.colour == whole.colour);
        }
    }
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
