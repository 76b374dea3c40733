use super::{COLOUR_UNSPECIFIED, DecoderConfig, FrameHeader, KeyFrame};
use crate::{Codec, Error, VideoInfo};

/// The first frame of 66x38 pixels from libvpx, in the colours of BT.709.
const KEY: &[u8] = &[0x82, 0x49, 0x83, 0x42, 0x40, 0x04, 0x10, 0x02, 0x56, 0x08];
/// The same in RGB.
const KEY_RGB: &[u8] = &[0xa2, 0x49, 0x83, 0x42, 0xe0, 0x04, 0x10, 0x02, 0x56, 0x08];
/// The same in 4:2:2 and 10 bits, colours unknown.
const KEY_422: &[u8] = &[0xb1, 0x24, 0xc1, 0xa1, 0x02, 0x00, 0x20, 0x80, 0x12, 0xb0];

#[test]
fn a_record_of_libvpx() {
    let bytes = include_bytes!("../../testdata/ffmpeg-libvpx.vpcc");
    let record = DecoderConfig::parse(bytes).expect("a record");
    let colour = [COLOUR_UNSPECIFIED; 3];
    let expect =
        DecoderConfig { profile: 0, level: 10, bit_depth: 8, chroma_subsampling: 1, full_range: false, colour };
    assert_eq!(record, expect);
    let mut out = Vec::new();
    record.write_to(&mut out);
    assert_eq!(out, bytes);
    assert_eq!(DecoderConfig::parse(&bytes[..7]), Ok(expect));
    assert_eq!(DecoderConfig::parse(&[0; 12]), Err(Error::Unexpected { field: "version of vpcC", value: 0 }));
    assert!(DecoderConfig::parse(&[1, 0, 0, 0, 0, 10]).is_err());
}

#[test]
fn frames_of_libvpx() {
    // Against the records that ffmpeg writes for these streams, which have the colours of the input.
    let check = |frame: &[u8], record: [u8; 12], matrix| {
        let header = FrameHeader::parse(frame).expect("a key frame");
        assert_eq!(header.info(), VideoInfo { width: 66, height: 38, ..VideoInfo::of(Codec::Vp9) });
        let expect = DecoderConfig::parse(&record).expect("a record");
        let colour = [COLOUR_UNSPECIFIED, COLOUR_UNSPECIFIED, matrix];
        assert_eq!(header.config(), Some(DecoderConfig { colour, ..expect }));
    };
    check(KEY, [1, 0, 0, 0, 0, 10, 0x82, 2, 2, 1, 0, 0], 1);
    check(KEY_RGB, [1, 0, 0, 0, 1, 10, 0x87, 2, 2, 2, 0, 0], 0);
    check(KEY_422, [1, 0, 0, 0, 3, 10, 0xa4, 2, 2, 2, 0, 0], COLOUR_UNSPECIFIED);
    let inter = FrameHeader::parse(&[0x86, 0x00, 0x40, 0x92]).expect("an inter frame");
    assert_eq!(inter, FrameHeader { profile: 0, key: None });
    assert_eq!(FrameHeader::parse(&[0x88]).map(|header| header.key), Ok(None), "shows an existing frame");
    assert!(inter.config().is_none());
}

#[test]
fn levels_follow_from_the_size() {
    let check = |width, height, expect| {
        let key = KeyFrame { width, height, bit_depth: 8, chroma_subsampling: 1, full_range: false, matrix: 1 };
        let config = FrameHeader { profile: 0, key: Some(key) }.config().expect("a key frame");
        assert_eq!(config.level, expect, "{width}x{height}");
    };
    check(256, 144, 11);
    check(640, 360, 21);
    check(1280, 720, 31);
    check(1920, 1080, 40);
    check(3840, 2160, 50);
    check(7680, 4320, 60);
    check(65_536, 65_536, 0);
}

#[test]
fn broken_frames_are_refused() {
    let check = |bytes: &[u8], field: &'static str, value: u64| {
        assert_eq!(FrameHeader::parse(bytes), Err(Error::Unexpected { field, value }));
    };
    check(&[0x42], "frame_marker of VP9", 1);
    check(&[0xb8], "profile of a VP9 frame", 4);
    check(&[0xa2, 0x49, 0x83, 0x43, 0, 0, 0, 0, 0], "frame_sync_code of VP9", 0x498343);
    check(&[0x82, 0x49, 0x83, 0x42, 0xe0, 0, 0, 0, 0], "color_space of VP9", 7);
    assert!((0..9).all(|end| FrameHeader::parse(&KEY[..end]).is_err()));
}
