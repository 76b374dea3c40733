use super::{FrameType, PacketType, TagInfo, TagKind, parse_body, tracks, walk};
use crate::Error;
use weir_base::Short;
use weir_codec::Codec;

/// Codec, frame, packet, composition time and payload of a body.
fn check(kind: TagKind, body: &[u8], expect: (Codec, FrameType, PacketType, i32, &[u8])) -> TagInfo {
    let info = parse_body(kind, body).expect("a well-formed body");
    let got = (info.codec, info.frame, info.packet, info.composition_ms, info.payload(body));
    assert_eq!(got, expect, "{body:02x?}");
    info
}

fn check_error(kind: TagKind, body: &[u8], expect: Error) {
    assert_eq!(parse_body(kind, body), Err(expect), "{body:02x?}");
}

use FrameType::{Command, DisposableInter, Generated, Inter, Key, None as NoFrame};
use PacketType::{Coded, Empty, EndOfSequence, Metadata, Raw, SequenceHeader};
use TagKind::{Audio, Script, Video};

// row: protocols.md §1.5 Video codecs accepted
#[test]
fn legacy_video_with_packet_types() {
    for (id, codec) in [(7, Codec::H264), (12, Codec::H265), (13, Codec::Av1)] {
        let info = check(Video, &[0x10 | id, 0, 0, 0, 0, 1, 0x42], (codec, Key, SequenceHeader, 0, &[1, 0x42]));
        assert!(info.is_sequence_header() && !info.is_key_frame() && !info.is_enhanced);
        let info = check(Video, &[0x10 | id, 1, 0, 0, 80, 9, 9], (codec, Key, Coded, 80, &[9, 9]));
        assert!(info.is_key_frame() && !info.is_sequence_header());
        check(Video, &[0x20 | id, 1, 0xff, 0xff, 0xd8, 9], (codec, Inter, Coded, -40, &[9]));
        check(Video, &[0x10 | id, 2, 0, 0, 0], (codec, Key, EndOfSequence, 0, &[]));
        check(Video, &[0x10 | id, 2], (codec, Key, EndOfSequence, 0, &[]));
    }
}

#[test]
fn legacy_video_without_packet_types() {
    check(Video, &[0x12, 7], (Codec::SorensonH263, Key, Raw, 0, &[7]));
    check(Video, &[0x32, 7], (Codec::SorensonH263, DisposableInter, Raw, 0, &[7]));
    check(Video, &[0x24, 7], (Codec::Vp6, Inter, Raw, 0, &[7]));
    check(Video, &[0x45, 7], (Codec::Vp6, Generated, Raw, 0, &[7]));
    check(Video, &[0x13, 7], (Codec::ScreenVideo, Key, Raw, 0, &[7]));
    check(Video, &[0x1f, 7], (Codec::OtherVideo, Key, Raw, 0, &[7]));
    check(Video, &[0x57, 0], (Codec::H264, Command, PacketType::Command, 0, &[0]));
}

// row: protocols.md §1.5 Audio
#[test]
fn legacy_audio() {
    let check = |body: &[u8], codec, packet, payload: &[u8], sound| {
        let info = check(Audio, body, (codec, NoFrame, packet, 0, payload));
        assert_eq!((info.sound_rate, info.sound_size, info.sound_channels), sound, "{body:02x?}");
    };
    check(&[0xaf, 0, 0x12, 0x10], Codec::Aac, SequenceHeader, &[0x12, 0x10], (44100, 16, 2));
    check(&[0xaf, 1, 0x21], Codec::Aac, Coded, &[0x21], (44100, 16, 2));
    check(&[0xaf, 9, 0x21], Codec::Aac, PacketType::Unknown(9), &[0x21], (44100, 16, 2));
    check(&[0x2a, 0xff], Codec::Mp3, Raw, &[0xff], (22050, 16, 1));
    check(&[0xe2, 0xff], Codec::Mp3, Raw, &[0xff], (5512, 16, 1));
    check(&[0x70], Codec::G711a, Raw, &[], (5512, 8, 1));
    check(&[0x80, 1], Codec::G711u, Raw, &[1], (5512, 8, 1));
    check(&[0xb6, 1], Codec::Speex, Raw, &[1], (11025, 16, 1));
    check(&[0x66, 1], Codec::Nellymoser, Raw, &[1], (11025, 16, 1));
    check(&[0x3f, 1], Codec::Pcm, Raw, &[1], (44100, 16, 2));
    check(&[0x1f, 1], Codec::Adpcm, Raw, &[1], (44100, 16, 2));
    check(&[0xcf, 1], Codec::OtherAudio, Raw, &[1], (44100, 16, 2));
}

#[test]
fn scripts_and_empty_bodies_are_neutral() {
    check(Script, &[2, 0], (Codec::Script, NoFrame, Metadata, 0, &[2, 0]));
    check(Script, &[], (Codec::Script, NoFrame, Metadata, 0, &[]));
    check(Audio, &[], (Codec::OtherAudio, NoFrame, Empty, 0, &[]));
    check(Video, &[], (Codec::OtherVideo, NoFrame, Empty, 0, &[]));
}

#[test]
fn enhanced_video() {
    for (fourcc, codec) in [
        (b"avc1", Codec::H264),
        (b"hvc1", Codec::H265),
        (b"hev1", Codec::H265),
        (b"av01", Codec::Av1),
        (b"vp09", Codec::Vp9),
        (b"vp08", Codec::Vp8),
        (b"what", Codec::OtherVideo),
    ] {
        let body = |first: u8, rest: &[u8]| [&[first][..], fourcc, rest].concat();
        let info = check(Video, &body(0x90, &[1, 2]), (codec, Key, SequenceHeader, 0, &[1, 2]));
        assert_eq!((info.is_enhanced, info.fourcc), (true, Some(*fourcc)));
        check(Video, &body(0xa3, &[9]), (codec, Inter, Coded, 0, &[9]));
        check(Video, &body(0x92, &[]), (codec, Key, EndOfSequence, 0, &[]));
        check(Video, &body(0x94, &[2]), (codec, Key, Metadata, 0, &[2]));
        check(Video, &body(0xd4, &[2]), (codec, Command, Metadata, 0, &[2]));
        check(Video, &body(0x95, &[1]), (codec, Key, PacketType::Mpeg2TsSequenceStart, 0, &[1]));
        check(Video, &body(0x98, &[1]), (codec, Key, PacketType::Unknown(8), 0, &[1]));
    }
    check(Video, b"\x91hvc1\xff\xff\xfe\x09", (Codec::H265, Key, Coded, -2, &[9]));
    check(Video, b"\x91avc1\x00\x00\x28\x09", (Codec::H264, Key, Coded, 40, &[9]));
    check(Video, b"\x91av01\x12\x00", (Codec::Av1, Key, Coded, 0, &[0x12, 0]));
    check(Video, &[0xd1, 1], (Codec::OtherVideo, Command, PacketType::Command, 0, &[1]));
}

#[test]
fn enhanced_audio() {
    for (fourcc, codec) in [
        (b"mp4a", Codec::Aac),
        (b".mp3", Codec::Mp3),
        (b"Opus", Codec::Opus),
        (b"fLaC", Codec::Flac),
        (b"ac-3", Codec::Ac3),
        (b"ec-3", Codec::Eac3),
        (b"what", Codec::OtherAudio),
    ] {
        let body = |first: u8| [&[first][..], fourcc, &[7]].concat();
        check(Audio, &body(0x90), (codec, NoFrame, SequenceHeader, 0, &[7]));
        check(Audio, &body(0x91), (codec, NoFrame, Coded, 0, &[7]));
        check(Audio, &body(0x92), (codec, NoFrame, EndOfSequence, 0, &[7]));
        check(Audio, &body(0x94), (codec, NoFrame, PacketType::MultichannelConfig, 0, &[7]));
    }
}

#[test]
fn mod_ex_carries_nanoseconds() {
    let info = check(Video, b"\x97\x02\x0b\xb8\x00\x01av01\x09", (Codec::Av1, Key, Coded, 0, &[9]));
    assert_eq!(info.timestamp_nano, 768_000);
    let info = check(Audio, b"\x97\x02\x00\x00\x05\x01Opus\x09", (Codec::Opus, NoFrame, Coded, 0, &[9]));
    assert_eq!(info.timestamp_nano, 5);
    // An unknown subtype with the long length form, before the known one.
    let long = [&b"\x97\xff\x01\x00"[..], &[0; 257], &b"\x17\x02\x00\x00\x06\x01Opus\x09"[..]].concat();
    let info = check(Audio, &long, (Codec::Opus, NoFrame, Coded, 0, &[9]));
    assert_eq!(info.timestamp_nano, 6);

    let chain = [&[0x97][..], &[2, 0, 0, 1, 7].repeat(16)].concat();
    check_error(Audio, &chain, Error::TooManyModEx { at: 81, max: 16 });
    check_error(Audio, &[0x97, 1, 0, 0, 1], Error::Short(Short { at: 0, wanted: 3, left: 2 }));
}

#[test]
fn multitrack_gives_each_track() {
    let check = |kind, body: &[u8], expect: &[(Codec, u8, i32, &[u8])]| {
        let all = tracks(kind, body).expect("a good head").expect("an enhanced body");
        let all: Vec<TagInfo> = all.collect::<Result<_, _>>().expect("good tracks");
        let got: Vec<_> = all.iter().map(|t| (t.codec, t.track, t.composition_ms, t.payload(body))).collect();
        assert_eq!(got, expect, "{body:02x?}");
        assert_eq!(parse_body(kind, body).as_ref(), Ok(&all[0]));
        assert!(all.iter().all(|t| t.many_tracks == (expect.len() > 1)));
    };
    check(Video, b"\x96\x01avc1\x03\x00\x00\x02\x09", &[(Codec::H264, 3, 2, &[9])]);
    check(Audio, b"\x95\x01Opus\x03\x09", &[(Codec::Opus, 3, 0, &[9])]);
    let many = b"\x95\x11Opus\x00\x00\x00\x02\x08\x09\x01\x00\x00\x01\x07";
    check(Audio, many, &[(Codec::Opus, 0, 0, &[8, 9]), (Codec::Opus, 1, 0, &[7])]);
    let codecs = b"\x96\x21hvc1\x00\x00\x00\x04\x00\x00\x05\x09av01\x07\x00\x00\x01\x07";
    check(Video, codecs, &[(Codec::H265, 0, 5, &[9]), (Codec::Av1, 7, 0, &[7])]);
}

#[test]
fn every_body_can_be_walked() {
    let check = |kind, body: &[u8], expect: &[(Codec, u8)]| {
        let got: Vec<_> = walk(kind, body).map(|track| (track.codec, track.track)).collect();
        assert_eq!(got, expect, "{body:02x?}");
    };
    check(Video, &[0x17, 1, 0, 0, 0, 9], &[(Codec::H264, 0)]);
    check(Video, b"\x91av01\x09", &[(Codec::Av1, 0)]);
    check(Audio, b"\x95\x11Opus\x00\x00\x00\x01\x08\x01\x00\x00\x00", &[(Codec::Opus, 0), (Codec::Opus, 1)]);
    // The second track is cut short.
    check(Audio, b"\x95\x11Opus\x00\x00\x00\x01\x08\x01\x00\x00\x09", &[(Codec::Opus, 0)]);
    check(Video, &[0x17], &[]);
    check(Video, b"\x90hv", &[]);
}

#[test]
fn there_are_no_more_tracks_than_numbers() {
    let body = [&b"\x95\x11Opus"[..], &[0; 4].repeat(300)].concat();
    let all: Vec<_> = tracks(Audio, &body).expect("a good head").expect("an enhanced body").collect();
    assert_eq!(all.last(), Some(&Err(Error::TooManyTracks { at: 6 + 256 * 4, max: 256 })));
    assert_eq!(all.len(), 257);
}

#[test]
fn broken_heads_are_errors_that_tell_where() {
    check_error(Audio, &[0xaf], Error::Short(Short { at: 1, wanted: 1, left: 0 }));
    check_error(Video, &[0x17], Error::Short(Short { at: 1, wanted: 1, left: 0 }));
    check_error(Video, &[0x17, 1, 0], Error::Short(Short { at: 2, wanted: 3, left: 1 }));
    check_error(Video, b"\x90hv", Error::Short(Short { at: 1, wanted: 4, left: 2 }));
    check_error(Video, b"\x96\x06avc1", Error::NestedMultitrack { at: 1 });
    // A track longer than its body.
    check_error(Audio, b"\x95\x11Opus\x00\x00\x00\x09\x08", Error::Short(Short { at: 10, wanted: 9, left: 1 }));
}
