use bytes::Bytes;
use weir_base::MediaTime;
use weir_codec::Codec;
use weir_flv::tag::TagKind;

use super::{Flags, Frame};

fn check(kind: TagKind, body: &'static [u8], codec: Codec, flags: Flags, payload: &[u8]) {
    let frame = Frame::from_flv(kind, MediaTime::from_millis(7), Bytes::from_static(body));
    assert_eq!((frame.codec, frame.flags, frame.payload()), (codec, flags, payload), "{body:02x?}");
    assert_eq!(frame.flv(), body, "the publisher's bytes stay as they are");
    assert_eq!(frame.timestamp(), 7);
}

#[test]
fn the_head_of_a_body_tells_what_it_is() {
    check(TagKind::Video, &[0x17, 1, 0, 0, 40, 0xaa], Codec::H264, Flags::KEY, &[0xaa]);
    check(TagKind::Video, &[0x27, 1, 0, 0, 0, 0xaa], Codec::H264, Flags::NONE, &[0xaa]);
    check(TagKind::Video, &[0x17, 0, 0, 0, 0, 0xaa], Codec::H264, Flags::CONFIG, &[0xaa]);
    check(TagKind::Audio, &[0xaf, 1, 0xbb], Codec::Aac, Flags::NONE, &[0xbb]);
    check(TagKind::Audio, &[0xaf, 0, 0xbb], Codec::Aac, Flags::CONFIG, &[0xbb]);
    check(TagKind::Audio, &[0x2f, 0xff, 0xfb], Codec::Mp3, Flags::NONE, &[0xff, 0xfb]);
    check(TagKind::Video, b"\x90hvc1\x01", Codec::H265, Flags::CONFIG, &[1]);
    check(TagKind::Video, b"\x94hvc1\x02", Codec::H265, Flags::NOTE, &[2]);
    check(TagKind::Audio, b"\x94Opus\x02", Codec::Opus, Flags::NOTE, &[2]);
}

// row: protocols.md §1.5 Audio
#[test]
fn a_body_that_cannot_be_read_is_still_relayed() {
    check(TagKind::Video, &[], Codec::OtherVideo, Flags::NONE, &[]);
    check(TagKind::Audio, &[0xc0], Codec::OtherAudio, Flags::NONE, &[]);
}

#[test]
fn composition_time_is_signed_and_time_wraps_like_rtmp() {
    let body = Bytes::from_static(&[0x27, 1, 0xff, 0xff, 0xd8, 0]);
    let frame = Frame::from_flv(TagKind::Video, MediaTime::from_millis((1 << 32) + 5), body);
    assert_eq!(frame.cts, MediaTime::from_millis(-40));
    assert_eq!(frame.timestamp(), 5);
}
