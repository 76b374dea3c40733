use super::{DecoderConfig, NAL_PPS, NAL_SPS, Sps, has_idr, level_name, nal_type, profile_name};
use crate::{Codec, Error, VideoInfo, nal};
use weir_base::Short;

/// The record that SRS 7 sends for a 1280x720 push, from a capture.
const CAPTURED: &[u8] = &[
    0x01, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0x00, 0x17, 0x67, 0x42, 0xc0, 0x1f, 0xda, 0x01, 0x40, 0x16, 0xec, 0x04, 0x40,
    0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0c, 0x83, 0xc6, 0x0c, 0xa8, 0x01, 0x00, 0x04, 0x68, 0xce, 0x3c, 0x80,
];

/// Shown size, chroma format, bit depth, interlaced, frame rate of the first set in a byte stream.
fn check_sps(stream: &[u8], expect: (u32, u32, u8, u8, bool, Option<f64>)) {
    let units: Vec<_> = nal::annex_b(stream).collect();
    let kinds: Vec<_> = units.iter().map(|unit| nal_type(unit)).collect();
    assert_eq!(kinds, [Some(NAL_SPS), Some(NAL_PPS)]);
    let sps = Sps::parse(units[0]).expect("x264's SPS");
    let got = (sps.width, sps.height, sps.chroma_format, sps.bit_depth, sps.interlaced, sps.frame_rate);
    assert_eq!(got, expect);
    // A cut anywhere fails or loses the timing, and never the size.
    for end in 0..units[0].len() {
        if let Ok(cut) = Sps::parse(&units[0][..end]) {
            assert_eq!((cut.width, cut.height), (sps.width, sps.height));
        }
    }
}

#[test]
fn sets_of_x264() {
    check_sps(include_bytes!("../../testdata/x264-high-cropped.h264"), (66, 38, 1, 8, false, Some(25.0)));
    check_sps(include_bytes!("../../testdata/x264-high444-cropped.h264"), (66, 38, 3, 8, false, Some(25.0)));
    check_sps(include_bytes!("../../testdata/x264-scaling-lists.h264"), (66, 38, 1, 8, false, Some(25.0)));
    check_sps(include_bytes!("../../testdata/x264-interlaced.h264"), (66, 36, 1, 8, true, Some(25.0)));
}

#[test]
fn a_record_as_captured() {
    let record = DecoderConfig::parse(CAPTURED).expect("a good record");
    assert_eq!((record.length_size, record.sps.len(), record.pps.len()), (4, 1, 1));
    assert_eq!(record.pps[0], [0x68, 0xce, 0x3c, 0x80]);
    let expect = VideoInfo {
        codec: Codec::H264,
        profile: "Baseline",
        level: "3.1",
        width: 1280,
        height: 720,
        frame_rate: Some(25.0),
    };
    assert_eq!(record.info(), expect);
    let mut out = Vec::new();
    record.write_to(&mut out);
    assert_eq!(out, CAPTURED);
}

#[test]
fn a_broken_record_tells_where() {
    let check = |bytes: &[u8], expect: Error| assert_eq!(DecoderConfig::parse(bytes), Err(expect));
    check(&[], Error::Short(Short { at: 0, wanted: 1, left: 0 }));
    check(&[0], Error::Unexpected { field: "configurationVersion of avcC", value: 0 });
    check(&[1, 66, 0, 30, 0xfe], Error::Unexpected { field: "lengthSizeMinusOne", value: 2 });
    check(&CAPTURED[..12], Error::Short(Short { at: 8, wanted: 23, left: 4 }));
    let no_sets = DecoderConfig::parse(&[1, 100, 0, 41, 0xff, 0xe0, 0]).expect("empty but whole");
    assert_eq!((no_sets.info().profile, no_sets.info().level, no_sets.info().width), ("High", "4.1", 0));
}

/// Bits after the profile and level of a set: each number as ue(v).
fn set_of(codes: &[u32]) -> Vec<u8> {
    let mut bits = String::new();
    for code in codes {
        let binary = format!("{:b}", u64::from(*code) + 1);
        bits += &format!("{}{binary}", "0".repeat(binary.len() - 1));
    }
    bits += &"0".repeat(40);
    let bytes = bits.as_bytes().chunks(8).map(|byte| byte.iter().fold(0, |value, bit| value << 1 | (bit - b'0')));
    [0x67, 66, 0, 30].into_iter().chain(bytes).collect()
}

#[test]
fn hostile_sets_are_refused() {
    let check = |codes: &[u32], expect: &str| {
        let error = Sps::parse(&set_of(codes)).expect_err("hostile");
        assert_eq!(error.to_string(), expect);
    };
    check(&[62], "seq_parameter_set_id is 62, at most 31 is allowed");
    check(&[0, 13], "log2_max_frame_num_minus4 is 13, at most 12 is allowed");
    // A flag of 1 and two offsets of 0 have the bits of three codes of 0.
    let cycle = "num_ref_frames_in_pic_order_cnt_cycle is 256, at most 255 is allowed";
    check(&[0, 0, 1, 0, 0, 0, 256], cycle);
    check(&[0, 0, 2, 1, 0, 1 << 20, 4, 0], "picture width is 16777232, at most 65536 is allowed");
    check(&[0, 0, 2, 1, 0, 4, u32::MAX - 1, 0], "picture height is 68719476720, at most 65536 is allowed");
    // Cropping that leaves nothing: frames only, no direct_8x8, cropped, left.
    check(&[0, 0, 2, 1, 0, 4, 4, 0, 0, 0, 40, 0, 0, 0], "horizontal cropping is 80, at most 79 is allowed");
    check(&[], "leading zero bits of ue(v) is 32, at most 31 is allowed");
    assert_eq!(Sps::parse(&[0x68]), Err(Error::Unexpected { field: "nal_unit_type of an SPS", value: 8 }));
}

#[test]
fn words_of_the_api() {
    let check = |profile, level, expect: (&str, &str)| assert_eq!((profile_name(profile), level_name(level)), expect);
    check(66, 10, ("Baseline", "1"));
    check(77, 13, ("Main", "1.3"));
    check(88, 22, ("Extended", "2.2"));
    check(100, 31, ("High", "3.1"));
    check(110, 32, ("High(10)", "3.2"));
    check(122, 41, ("High(422)", "4.1"));
    check(144, 50, ("High(444)", "5"));
    check(244, 51, ("High(444+Predictive)", "5.1"));
    check(0, 52, ("Other", "Other"));
}

#[test]
fn idr_pictures_are_found() {
    let stream = include_bytes!("../../testdata/x264-annexb.h264");
    let slices: Vec<_> = nal::annex_b(stream).filter(|unit| matches!(nal_type(unit), Some(1 | 5))).collect();
    assert_eq!(slices.len(), 5);
    assert!(has_idr(slices[..1].iter().copied()) && !has_idr(slices[1..].iter().copied()));
}
