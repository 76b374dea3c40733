use bytes::Bytes;
use weir_base::MediaTime;
use weir_codec::Codec;
use weir_flv::tag::TagKind::{self, Audio, Video};

use super::{Described, TrackInfo};
use crate::frame::{Flags, Frame};

/// Baseline 3.1, 1280x720.
const AVC: &[u8] = &[
    0x17, 0x00, 0x00, 0x00, 0x00, 0x01, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0x00, 0x17, 0x67, 0x42, 0xc0, 0x1f, 0xda, 0x01,
    0x40, 0x16, 0xec, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0c, 0x83, 0xc6, 0x0c, 0xa8, 0x01, 0x00,
    0x04, 0x68, 0xce, 0x3c, 0x80,
];

fn read(described: &mut Described, kind: TagKind, body: &[u8]) -> (Option<String>, Flags) {
    let mut frame = Frame::from_flv(kind, MediaTime::ZERO, Bytes::copy_from_slice(body));
    let news = described.read(&mut frame, || true);
    (news, frame.flags)
}

/// Bodies of one publish, and the news of each.
fn check(bodies: &[(TagKind, &[u8], &str)]) -> Described {
    let mut described = Described::default();
    for (kind, body, expect) in bodies {
        let (news, _) = read(&mut described, *kind, body);
        assert_eq!(news.unwrap_or_default(), *expect, "{body:02x?}");
    }
    described
}

#[test]
fn a_configuration_is_read_once_and_again_when_it_changes() {
    let other = [&AVC[..7], &[0x0a], &AVC[8..]].concat();
    let described = check(&[
        (Video, AVC, "video H.264 Baseline 3.1, 1280x720"),
        (Audio, &[0xaf, 0, 0x11, 0x90], "audio AAC LC, 48000 Hz, 2 channels"),
        (Video, &[0x17, 1, 0, 0, 0, 9], ""),
        (Audio, &[0xaf, 1, 9], ""),
        (Video, AVC, ""),
        (Audio, &[0xaf, 0, 0x11, 0x90], ""),
        (Audio, &[0xaf, 0, 0x12, 0x10], "audio AAC LC, 44100 Hz, 2 channels"),
        (Video, &other, "video H.264 Baseline 3.1, 1280x720"),
        (Video, b"\x90av01\x81\x05\x0c\0", "video AV1"),
    ]);
    let codecs: Vec<_> = described.tracks().iter().map(|track| track.codec()).collect();
    assert_eq!(codecs, [Codec::Av1, Codec::Aac]);
}

#[test]
fn codecs_without_configuration_tell_in_their_first_frame() {
    check(&[
        (Audio, b"\x91.mp3\xff\xfb\x94\xc4", "audio MP3, 48000 Hz, 1 channels"),
        (Audio, b"\x91.mp3\xff\xfb\x90\xc4", ""),
        (Audio, b"\x91ac-3\x0b\x77\0\0\x1c\x40\xe1\0", "audio AC-3, 48000 Hz, 6 channels"),
        (Audio, &[0x2f, 0xff, 0xfb, 0x90, 0xc4], "audio MP3, 44100 Hz, 2 channels"),
        // From nothing, until something can be read.
        (Video, b"\xa1vp08\x11\x02\0", "video VP8"),
        (Video, b"\xa1vp08\x11\x02\0", ""),
        (Video, b"\x91vp08\x10\x02\0\x9d\x01\x2a\x40\x01\xb4\0", "video VP8, 320x180"),
        (Video, b"\x91vp08\x10\x02\0\x9d\x01\x2a\x40\x01\xb4\0", ""),
        (Video, b"\x91vp08\x10\x02\0\x9d\x01\x2a\x80\x02\x68\x01", "video VP8, 640x360"),
    ]);
}

#[test]
fn a_configuration_without_a_size_is_completed_by_a_key_frame() {
    let config = b"\x90vp09\x01\0\0\0\0\x15\x82\x02\x02\x02\0\0";
    let key = b"\x91vp09\x82\x49\x83\x42\0\x13\xf0\x0b\x30";
    check(&[
        (Video, config, "video VP9"),
        (Video, key, "video VP9, 320x180"),
        (Video, b"\xa1vp09\x86\0", ""),
        (Video, config, ""),
        (Video, key, ""),
    ]);
}

#[test]
fn what_is_no_media_tells_nothing() {
    check(&[
        (TagKind::Script, b"\x02\0\x0aonMetaData", ""),
        (Video, b"\x94hvc1\x02", ""),
        (Audio, b"\x94Opus\x02", ""),
        (Video, &[], ""),
        (Audio, &[0xaf], ""),
        (Video, &[0x17, 2, 0, 0, 0], ""),
        (Video, &[0x57, 0], ""),
    ]);
}

#[test]
fn several_tracks_have_numbers() {
    let mut described = check(&[
        (Audio, b"\x90Opus", "audio Opus"),
        (Audio, b"\x95\x01Opus\x02\xfc", "audio track 2 Opus, 48000 Hz, 2 channels"),
        (Video, b"\x96\x20hvc1\x01\0\0\x01\x09av01\x04\0\0\x01\x09", "video H.265, video track 4 AV1"),
        (Video, b"\x96\x21hvc1\x01\0\0\x04\0\0\0\x09av01\x04\0\0\x01\x09", ""),
    ]);
    let tracks = described.tracks();
    let numbers: Vec<_> = tracks.iter().map(|track| (track.kind(), track.number)).collect();
    assert_eq!(numbers, [(Video, 1), (Video, 4), (Audio, 0), (Audio, 2)]);
    assert!(matches!(tracks[3].info, TrackInfo::Audio(info) if info.channels == 2));
    let mut check = |kind, body: &[u8], expect: Flags| {
        assert_eq!(read(&mut described, kind, body).1, expect, "{body:02x?}");
    };
    check(Audio, b"\x91Opus\xfc", Flags::NONE);
    check(Audio, b"\x95\x01Opus\x02\xfc", Flags::SIDE);
    check(Video, b"\x96\x01av01\x04\x09", Flags::KEY.and(Flags::SIDE));
    check(Video, b"\x96\x01hvc1\x01\0\0\0\x09", Flags::KEY);
    check(Video, b"\x96\x21hvc1\x01\0\0\x04\0\0\0\x09av01\x04\0\0\x01\x09", Flags::KEY.and(Flags::MANY));
    // A lower number becomes the first.
    check(Video, b"\x91vp09\x82", Flags::KEY);
    check(Video, b"\x96\x01hvc1\x01\0\0\0\x09", Flags::KEY.and(Flags::SIDE));
}

#[test]
fn without_parse_sps_pictures_have_no_size() {
    let mut described = Described::default();
    let mut frame = Frame::from_flv(Video, MediaTime::ZERO, Bytes::from_static(AVC));
    assert_eq!(described.read(&mut frame, || false).as_deref(), Some("video H.264 Baseline 3.1"));
}
