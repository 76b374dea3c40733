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
fn a_body_of_several_tracks_is_one_frame_for_each() {
    let body = b"\x96\x21hvc1\0\0\0\x04\0\0\x05\x09av01\x07\0\0\x01\x07";
    let frame = Frame::from_flv(TagKind::Video, MediaTime::from_millis(7), Bytes::from_static(body));
    let about = |frame: &Frame| (frame.codec, frame.track, frame.cts.millis(), frame.flags, frame.payload_bytes());
    let key = Flags::KEY;
    let first = (Codec::H265, 0, 5, key, Bytes::from_static(&[9]));
    assert_eq!(about(&frame), (first.0, first.1, first.2, key.and(Flags::MANY), first.4.clone()));
    let second = (Codec::Av1, 7, 0, key.and(Flags::SIDE), Bytes::from_static(&[7]));
    assert_eq!(frame.tracks().map(|frame| about(&frame)).collect::<Vec<_>>(), [first, second]);
    assert!(frame.tracks().all(|track| track.flv() == frame.flv() && track.timestamp() == 7));
    let alone = Frame::from_flv(TagKind::Video, MediaTime::ZERO, Bytes::from_static(b"\x96\x01av01\x03\x09"));
    assert_eq!((alone.track, alone.flags, alone.tracks().count()), (3, Flags::KEY, 1));
    let broken = Frame::from_flv(
        TagKind::Audio,
        MediaTime::ZERO,
        Bytes::from_static(b"\x95\x11Opus\0\0\0\x01\x08\x01\0\0\x09\x07"),
    );
    assert_eq!(broken.tracks().map(|frame| frame.payload().to_vec()).collect::<Vec<_>>(), [[8]]);
}

#[test]
fn ids_and_fourccs_give_the_same() {
    for (legacy, enhanced) in [
        (&[0x1c, 0, 0, 0, 0, 9][..], &b"\x90hvc1\x09"[..]),
        (&[0x1c, 1, 0, 0, 0x28, 9], b"\x91hvc1\0\0\x28\x09"),
        (&[0x2c, 1, 0, 0, 0, 9], b"\xa3hvc1\x09"),
        (&[0x1d, 0, 0, 0, 0, 9], b"\x90av01\x09"),
        (&[0x1d, 1, 0, 0, 0, 9], b"\x91av01\x09"),
    ] {
        let of = |body: &'static [u8]| {
            let frame = Frame::from_flv(TagKind::Video, MediaTime::ZERO, Bytes::from_static(body));
            (frame.codec, frame.flags, frame.cts, frame.payload_bytes())
        };
        assert_eq!(of(legacy), of(enhanced), "{legacy:02x?}");
    }
}

#[test]
fn a_head_may_be_long() {
    let body = [&b"\x97\xff\x01\x00"[..], &[0; 257], &b"\x11Opus\x09"[..]].concat();
    let frame = Frame::from_flv(TagKind::Audio, MediaTime::ZERO, body.into());
    assert_eq!((frame.codec, frame.payload()), (Codec::Opus, &[9][..]));
}

#[test]
fn nanoseconds_are_part_of_the_time_and_not_of_the_timestamp() {
    for (bytes, nanos) in [([0x0b, 0xb8, 0], 768_000), ([0x0f, 0xff, 0xff], 999_999)] {
        let body = [&[0x97, 2][..], &bytes, &b"\x01Opus\x09"[..]].concat();
        let frame = Frame::from_flv(TagKind::Audio, MediaTime::from_millis(7), body.into());
        assert_eq!((frame.dts, frame.timestamp()), (MediaTime::from_nanos(7_000_000 + nanos), 7));
    }
}

#[test]
fn composition_time_is_signed_and_time_wraps_like_rtmp() {
    let body = Bytes::from_static(&[0x27, 1, 0xff, 0xff, 0xd8, 0]);
    let frame = Frame::from_flv(TagKind::Video, MediaTime::from_millis((1 << 32) + 5), body);
    assert_eq!(frame.cts, MediaTime::from_millis(-40));
    assert_eq!(frame.timestamp(), 5);
}
