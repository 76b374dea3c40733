use super::FrameHeader;
use crate::{Codec, Error, VideoInfo};

/// The first frame of 66x38 pixels from libvpx.
const KEY: &[u8] = &[0xd0, 0x1f, 0x00, 0x9d, 0x01, 0x2a, 0x42, 0x00, 0x26, 0x00, 0x00, 0x07];

#[test]
fn frames_of_libvpx() {
    let key = FrameHeader::parse(KEY).expect("a key frame");
    assert_eq!(key, FrameHeader { key: true, version: 0, shown: true, size: Some((66, 38)) });
    assert_eq!(key.info(), VideoInfo { width: 66, height: 38, ..VideoInfo::of(Codec::Vp8) });
    let inter = FrameHeader::parse(&[0xd1, 0x01, 0x00]).expect("an inter frame");
    assert_eq!(inter, FrameHeader { key: false, version: 0, shown: true, size: None });
}

#[test]
fn scaling_is_no_part_of_the_size() {
    let scaled = [&KEY[..6], &[0x80, 0x42, 0x38, 0xc1]].concat();
    assert_eq!(FrameHeader::parse(&scaled).map(|header| header.size), Ok(Some((640, 312))));
}

#[test]
fn broken_frames_are_refused() {
    assert!((0..10).all(|end| FrameHeader::parse(&KEY[..end]).is_err()));
    let check = |bytes: &[u8], expect: Error| assert_eq!(FrameHeader::parse(bytes), Err(expect));
    check(&[0x09, 0, 0], Error::Range { field: "version of a VP8 frame", value: 4, max: 3 });
    let code = Error::Unexpected { field: "start code of a VP8 key frame", value: 0x9d012b };
    check(&[0x10, 0, 0, 0x9d, 0x01, 0x2b, 0, 0, 0, 0], code);
}
