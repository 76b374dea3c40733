use crate::TagReader;
use crate::tag::{TagKind, parse_body};
use weir_codec::{AudioInfo, Codec, VideoInfo};

fn video_info(body: &[u8]) -> VideoInfo {
    let head = parse_body(TagKind::Video, body).expect("a readable head");
    super::video_info(&head, head.payload(body))
}

fn audio_info(body: &[u8]) -> AudioInfo {
    let head = parse_body(TagKind::Audio, body).expect("a readable head");
    super::audio_info(&head, head.payload(body))
}

#[test]
fn a_file_of_ffmpeg() {
    let mut reader = TagReader::new();
    reader.push(include_bytes!("../../testdata/ffmpeg-h264-aac.flv"));
    let tags: Vec<_> = std::iter::from_fn(|| reader.poll_tag().expect("FLV")).collect();
    let first = |kind| tags.iter().find(|tag| tag.kind == kind).map(|tag| tag.body.clone()).expect("a tag");
    let expect =
        VideoInfo { codec: Codec::H264, profile: "High", level: "1", width: 64, height: 36, frame_rate: Some(25.0) };
    assert_eq!(video_info(&first(TagKind::Video)), expect);
    let expect =
        AudioInfo { codec: Codec::Aac, sample_rate: 44100, coded_rate: Some(44100), channels: 2, profile: "LC" };
    assert_eq!(audio_info(&first(TagKind::Audio)), expect);
}

#[test]
fn enhanced_and_plain_audio() {
    let check = |body: &[u8], codec, rates: (u32, Option<u32>), channels, profile| {
        let (sample_rate, coded_rate) = rates;
        assert_eq!(audio_info(body), AudioInfo { codec, sample_rate, coded_rate, channels, profile });
    };
    check(b"\x90mp4a\x11\x90", Codec::Aac, (48000, Some(48000)), 2, "LC");
    let opus = b"\x90OpusOpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00";
    check(opus, Codec::Opus, (48000, Some(48000)), 2, "Other");
    // SRS: the tag of AAC says 44 100 Hz whatever is coded.
    check(&[0xaf, 0, 0x11, 0x90], Codec::Aac, (44100, Some(48000)), 2, "LC");
    check(&[0xaf, 0], Codec::Aac, (44100, None), 2, "Other");
    check(&[0x2a, 0xff], Codec::Mp3, (22050, None), 1, "Other");
    check(&[], Codec::OtherAudio, (0, None), 0, "Other");
}

#[test]
fn frames_that_tell_of_themselves() {
    let check = |body: &[u8], codec, rates: (u32, Option<u32>), channels| {
        let (sample_rate, coded_rate) = rates;
        let expect = AudioInfo { codec, sample_rate, coded_rate, channels, profile: "Other" };
        assert_eq!(audio_info(body), expect, "{body:02x?}");
    };
    check(b"\x91.mp3\xff\xfb\x94\xc4", Codec::Mp3, (48000, Some(48000)), 1);
    check(b"\x2f\xff\xfb\x94\xc4", Codec::Mp3, (44100, Some(48000)), 2);
    // 48 kHz, 384 kbit/s, bsid 8, 3/2 with low frequencies.
    check(b"\x91ac-3\x0b\x77\0\0\x1c\x40\xe1\0", Codec::Ac3, (48000, Some(48000)), 6);
    check(b"\x91Opus\xfc\x01", Codec::Opus, (48000, Some(48000)), 2);
    check(b"\x91Opus\xf8\x01", Codec::Opus, (48000, Some(48000)), 1);
    check(b"\x91fLaC\xff\xf8\xca\x18\0\0", Codec::Flac, (48000, Some(48000)), 2);
    check(b"\x91fLaC\xff\xf8\xc0\x18\0\0", Codec::Flac, (0, None), 0);
    let info = b"\x90fLaCfLaC\x80\0\0\x22\x12\0\x12\0\0\0\0\0\0\0\x0b\xb8\x02\xf0\0\0\0\0";
    check(&[&info[..], &[0; 16]].concat(), Codec::Flac, (48000, Some(48000)), 2);
}

#[test]
fn pictures_that_tell_their_size() {
    let check = |body: &[u8], codec, width, height| {
        assert_eq!(video_info(body), VideoInfo { width, height, ..VideoInfo::of(codec) }, "{body:02x?}");
    };
    check(b"\x91vp08\x10\x02\0\x9d\x01\x2a\x40\x01\xb4\0", Codec::Vp8, 320, 180);
    check(b"\xa1vp08\x11\x02\0", Codec::Vp8, 0, 0);
    check(b"\x91vp09\x82\x49\x83\x42\0\x13\xf0\x0b\x30", Codec::Vp9, 320, 180);
    check(b"\xa1vp09\x86\0", Codec::Vp9, 0, 0);
}

#[test]
fn video_without_a_readable_configuration() {
    let check = |body: &[u8], codec| assert_eq!(video_info(body), VideoInfo::of(codec));
    check(&[0x17, 0, 0, 0, 0, 9], Codec::H264);
    check(b"\x90vp09\x01", Codec::Vp9);
    check(&[0x12, 0], Codec::SorensonH263);
    check(&[], Codec::OtherVideo);
}
