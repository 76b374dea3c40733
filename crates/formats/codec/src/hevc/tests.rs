use super::{DecoderConfig, NAL_PPS, NAL_SPS, NAL_VPS, Sps, has_irap, level_name, nal_type, profile_name};
use crate::{Codec, Error, VideoInfo, nal};

/// Profile, level, shown size, bit depth of the set in a byte stream of x265.
fn check_sps(stream: &[u8], expect: (u8, u8, u32, u32, u8)) {
    let units: Vec<_> = nal::annex_b(stream).collect();
    let kinds: Vec<_> = units.iter().map(|unit| nal_type(unit)).collect();
    assert_eq!(kinds, [Some(NAL_VPS), Some(NAL_SPS), Some(NAL_PPS)]);
    let sps = Sps::parse(units[1]).expect("x265's SPS");
    assert_eq!((sps.profile, sps.level, sps.width, sps.height, sps.bit_depth_luma), expect);
    assert_eq!((sps.chroma_format, sps.high_tier, sps.id), (1, false, 0));
}

#[test]
fn sets_of_x265() {
    check_sps(include_bytes!("../../testdata/x265-main-cropped.h265"), (1, 30, 66, 38, 8));
    check_sps(include_bytes!("../../testdata/x265-main10-cropped.h265"), (2, 30, 66, 38, 10));
}

#[test]
fn a_record_of_ffmpeg() {
    let bytes = include_bytes!("../../testdata/ffmpeg-x265.hvcc");
    let record = DecoderConfig::parse(bytes).expect("a good record");
    assert_eq!((record.length_size, record.units.len()), (4, 4));
    let expect = VideoInfo { profile: "Main", level: "1", width: 66, height: 38, ..VideoInfo::of(Codec::H265) };
    assert_eq!(record.info(), expect);
    for end in 0..bytes.len() {
        assert!(DecoderConfig::parse(&bytes[..end]).is_err(), "{end}");
    }
}

#[test]
fn hostile_records_and_sets_are_refused() {
    let record = [&[1; 21][..], &[0xff, 1, 33, 0xff, 0xff], &[0; 99]].concat();
    let expect = Error::Range { field: "NAL units in hvcC", value: 65_535, max: 256 };
    assert_eq!(DecoderConfig::parse(&record), Err(expect));
    let expect = Error::Range { field: "sps_max_sub_layers_minus1", value: 7, max: 6 };
    assert_eq!(Sps::parse(&[0x42, 1, 0x0f, 0, 0]), Err(expect));
    assert_eq!(Sps::parse(&[0x40, 1]), Err(Error::Unexpected { field: "nal_unit_type of an SPS", value: 32 }));
}

#[test]
fn words_of_the_api() {
    let check = |profile, level, expect: (&str, &str)| assert_eq!((profile_name(profile), level_name(level)), expect);
    check(1, 30, ("Main", "1"));
    check(2, 63, ("Main10", "2.1"));
    check(3, 93, ("Main Still Picture", "3.1"));
    check(4, 186, ("Rext", "6.2"));
    check(9, 187, ("Other", "Other"));
}

#[test]
fn random_access_pictures_are_found() {
    let check = |first: u8, expect: bool| assert_eq!(has_irap([&[first, 1][..]]), expect, "{first:#x}");
    check(19 << 1, true);
    check(21 << 1, true);
    check(1 << 1, false);
    check(NAL_SPS << 1, false);
}
