use super::{ColourConfig, DecoderConfig, Obu, SequenceHeader, leb128_len, obus, read_leb128, write_leb128};
use crate::{Codec, Error, VideoInfo};
use weir_base::{ByteReader, Short};

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

#[test]
fn a_record_of_a_sequence_header() {
    let check = |obu: &[u8]| {
        let record = DecoderConfig::record_of(&Obu::parse(obu).expect("an OBU"));
        assert_eq!(record.as_deref(), Ok(LIBAOM));
    };
    check(&LIBAOM[4..]);
    // Without its size.
    check(&[&[LIBAOM[4] & !2][..], &LIBAOM[6..]].concat());
    assert!(DecoderConfig::record_of(&Obu::parse(&[0x0a, 1, 0]).expect("an OBU")).is_err());
}

#[test]
fn runs_of_obus() {
    let check = |run: &[u8], expect: &[(u8, &[u8], &[u8])]| {
        let found: Result<Vec<_>, _> = obus(run).map(|obu| obu.map(|it| (it.kind, it.header, it.payload))).collect();
        assert_eq!(found.as_deref(), Ok(expect), "{run:02x?}");
    };
    check(&[], &[]);
    check(&[0x12, 0, 0x32, 2, 8, 9], &[(2, &[0x12], &[]), (6, &[0x32], &[8, 9])]);
    check(&[0x36, 0x28, 1, 8, 0x30, 9], &[(6, &[0x36, 0x28], &[8]), (6, &[0x30], &[9])]);
    let fails = |run: &[u8], at: usize, expect: Error| {
        assert_eq!(obus(run).nth(at), Some(Err(expect)), "{run:02x?}");
        assert_eq!(obus(run).count(), at + 1, "{run:02x?}");
    };
    fails(&[0x12, 0, 0x32, 3, 8, 9], 1, Error::Range { field: "obu_size", value: 3, max: 2 });
    fails(&[0xb2, 1, 9], 0, Error::Unexpected { field: "header of an OBU", value: 0xb2 });
    fails(&[0x34], 0, Error::Short(Short { at: 1, wanted: 1, left: 0 }));
    fails(&[&[0x32][..], &[0xff; 9]].concat(), 0, Error::Range { field: "bytes of leb128()", value: 9, max: 8 });
}

#[test]
fn sizes_are_put_in_and_taken_out() {
    let obu = Obu::parse(&[0x34, 0x28, 8, 9]).expect("an OBU");
    let mut sized = Vec::new();
    obu.write_to(&mut sized);
    assert_eq!(sized, [0x36, 0x28, 2, 8, 9]);
    let again = Obu::parse(&sized).expect("an OBU");
    assert_eq!(again.header_without_size().collect::<Vec<_>>(), [0x34, 0x28]);
}

#[test]
fn leb128_of_every_length() {
    let check = |value: u64, len: usize| {
        let mut bytes = Vec::new();
        write_leb128(value, &mut bytes);
        assert_eq!((bytes.len(), leb128_len(value)), (len, len), "{value}");
        assert_eq!(read_leb128(&mut ByteReader::new(&bytes)), Ok(value));
    };
    for (value, len) in [(0, 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3), ((1 << 56) - 1, 8)] {
        check(value, len);
    }
    assert_eq!(read_leb128(&mut ByteReader::new(&[0x80, 0x80, 0])), Ok(0));
}
