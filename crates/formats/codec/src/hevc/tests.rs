use super::{
    DecoderConfig, NAL_PPS, NAL_SPS, NAL_VPS, Sps, has_irap, level_name, nal_type, profile_name, vps_frame_rate,
};
use crate::{Codec, Error, VideoInfo, nal};

/// Profile, level, shown size, bit depth, frame rate of the set in a byte stream of x265.
fn check_sps(stream: &[u8], expect: (u8, u8, u32, u32, u8), frame_rate: f64) {
    let units: Vec<_> = nal::annex_b(stream).collect();
    let kinds: Vec<_> = units.iter().map(|unit| nal_type(unit)).collect();
    assert_eq!(kinds, [Some(NAL_VPS), Some(NAL_SPS), Some(NAL_PPS)]);
    let sps = Sps::parse(units[1]).expect("x265's SPS");
    assert_eq!((sps.profile, sps.level, sps.width, sps.height, sps.bit_depth_luma), expect);
    assert_eq!((sps.chroma_format, sps.high_tier, sps.id), (1, false, 0));
    assert_eq!(sps.frame_rate, Some(frame_rate));
    // A cut anywhere fails or loses the timing, and never the size.
    for end in 0..units[1].len() {
        if let Ok(cut) = Sps::parse(&units[1][..end]) {
            assert_eq!((cut.width, cut.height), (sps.width, sps.height));
            assert!(cut.frame_rate.is_none_or(|rate| rate == frame_rate), "{end}");
        }
    }
}

#[test]
fn sets_of_x265() {
    check_sps(include_bytes!("../../testdata/x265-main-cropped.h265"), (1, 30, 66, 38, 8), 25.0);
    check_sps(include_bytes!("../../testdata/x265-main10-cropped.h265"), (2, 30, 66, 38, 10), 25.0);
    let hrd_scaling = include_bytes!("../../testdata/x265-hrd-scaling.h265");
    check_sps(hrd_scaling, (2, 30, 66, 38, 10), 30000.0 / 1001.0);
    check_sps(include_bytes!("../../testdata/x265-fields.h265"), (1, 30, 66, 38, 8), 25.0);
}

/// A number as ue(v).
fn ue(value: u32) -> String {
    let binary = format!("{:b}", value + 1);
    format!("{}{binary}", "0".repeat(binary.len() - 1))
}

#[test]
fn reference_picture_sets_before_the_timing() {
    // No byte sequence here needs emulation prevention: flags are set, timing has no zeros.
    let check = |sets: &str, long_term: &str, expect: Option<f64>| {
        let head = format!("{:016b}00000001{:08b}{:032b}{:048b}{:08b}", 0x4201, 1, u32::MAX, 0xffff_ffff_ffff_u64, 30);
        let size = ue(0) + &ue(1) + &ue(64) + &ue(64) + "0" + &ue(0) + &ue(0);
        let middle = ue(4) + "0" + &ue(0).repeat(3) + &ue(0).repeat(6) + "0" + "00" + "0";
        // No aspect, overscan, signal, chroma place; three flags; no window; timing.
        let vui = format!("1{}{}{}1{:032b}{:032b}", "0000", "000", "0", 0x0101_0101, 0x1919_1919);
        let bits = head + &size + &middle + sets + long_term + "00" + &vui + &"1".repeat(15);
        let nal: Vec<u8> =
            bits.as_bytes().chunks_exact(8).map(|c| c.iter().fold(0, |v, bit| v << 1 | (bit - b'0'))).collect();
        let sps = Sps::parse(&nal).expect("sizes are there");
        assert_eq!((sps.width, sps.height, sps.frame_rate), (64, 64, expect));
    };
    let rate = Some(25.0);
    check(&ue(0), "0", rate);
    // Two pictures before and one behind; the next set has them all, the current one and not the last.
    let plain = ue(2) + &ue(1) + &(ue(3) + "1") + &(ue(0) + "0") + &(ue(1) + "1");
    let predicted = format!("11{}{}", ue(2), ["1", "01", "1", "00"].concat());
    // Predicted from a set of three: four flags again.
    check(&(ue(1) + &plain), "0", rate);
    check(&(ue(2) + &plain + &predicted), "0", rate);
    check(&(ue(3) + &plain + &predicted + &predicted), "0", rate);
    // Two long-term pictures.
    check(&ue(0), &format!("1{}{}", ue(2), "101010101".repeat(2)), rate);
    check(&ue(65), "0", None);
    check(&(ue(1) + &ue(17) + &ue(0)), "0", None);
}

#[test]
fn timing_of_a_video_parameter_set() {
    let check = |tail: &str, expect: Option<f64>| {
        // The VPS of x265 up to profile_tier_level, which is general only; then one layer's ordering, layer sets, timing.
        let head = [0x40, 1, 0x0c, 1, 0xff, 0xff, 1, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x1e];
        let bits = format!("{tail}{}", "0".repeat(7));
        let tail = bits.as_bytes().chunks_exact(8).map(|c| c.iter().fold(0, |v, bit| v << 1 | (bit - b'0')));
        let nal: Vec<u8> = head.into_iter().chain(tail).collect();
        assert_eq!(vps_frame_rate(&nal), Ok(expect));
    };
    let timing = format!("1{:032b}{:032b}", 2, 100);
    check(&format!("1111{}{timing}", "0000001"), Some(50.0));
    // Two layer sets, of layers 0 and 1.
    check(&format!("1111{}{timing}", "00000101011"), Some(50.0));
    check(&format!("1111{}1{:064b}", "0000001", 100), None);
    check("111100000010", None);
    assert_eq!(vps_frame_rate(&[0x42, 1]), Err(Error::Unexpected { field: "nal_unit_type of a VPS", value: 33 }));
    assert!(vps_frame_rate(&[0x40, 1, 0x0c]).is_err());
}

#[test]
fn a_record_of_ffmpeg() {
    let bytes = include_bytes!("../../testdata/ffmpeg-x265.hvcc");
    let record = DecoderConfig::parse(bytes).expect("a good record");
    assert_eq!((record.length_size, record.units.len()), (4, 4));
    let expect =
        VideoInfo { codec: Codec::H265, profile: "Main", level: "1", width: 66, height: 38, frame_rate: Some(25.0) };
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

/// A record of ffmpeg with the sets of another stream has the head that ffmpeg would give it.
#[test]
fn a_record_with_other_sets() {
    let bytes = include_bytes!("../../testdata/ffmpeg-x265.hvcc");
    let record = DecoderConfig::parse(bytes).expect("ffmpeg's record");
    let own: Vec<&[u8]> = record.units.iter().copied().filter(|unit| nal_type(unit) != Some(39)).collect();
    let same = record.with_sets(bytes, &own).expect("a record");
    assert_eq!(same[..22], bytes[..22], "all but the number of arrays");
    assert_eq!(DecoderConfig::parse(&same).expect("a record").units, own);
    let main10: Vec<&[u8]> = nal::annex_b(include_bytes!("../../testdata/x265-main10-cropped.h265")).collect();
    let other = record.with_sets(bytes, &main10).expect("a record");
    let parsed = DecoderConfig::parse(&other).expect("a record");
    assert_eq!((parsed.profile, parsed.level, parsed.length_size), (2, 30, record.length_size));
    assert_eq!((&parsed.units, &other[16..19]), (&main10, &[0xfd, 0xfa, 0xfa][..]));
    assert_eq!((parsed.info().width, parsed.info().height), (66, 38));
    assert!(record.with_sets(bytes, &[]).is_err());
}
