use super::{audio_info, video_info};
use crate::TagReader;
use crate::tag::TagKind;
use weir_codec::{AudioInfo, Codec, VideoInfo};

#[test]
fn a_file_of_ffmpeg() {
    let mut reader = TagReader::new();
    reader.push(include_bytes!("../../testdata/ffmpeg-h264-aac.flv"));
    let tags: Vec<_> = std::iter::from_fn(|| reader.poll_tag().expect("FLV")).collect();
    let first = |kind| tags.iter().find(|tag| tag.kind == kind).map(|tag| tag.body.clone()).expect("a tag");
    let expect =
        VideoInfo { codec: Codec::H264, profile: "High", level: "1", width: 64, height: 36, frame_rate: Some(25.0) };
    assert_eq!(video_info(&first(TagKind::Video)), Some(expect));
    let expect =
        AudioInfo { codec: Codec::Aac, sample_rate: 44100, coded_rate: Some(44100), channels: 2, profile: "LC" };
    assert_eq!(audio_info(&first(TagKind::Audio)), Some(expect));
}

#[test]
fn enhanced_and_plain_audio() {
    let check = |body: &[u8], codec, rates: (u32, Option<u32>), channels, profile| {
        let (sample_rate, coded_rate) = rates;
        assert_eq!(audio_info(body), Some(AudioInfo { codec, sample_rate, coded_rate, channels, profile }));
    };
    check(b"\x90mp4a\x11\x90", Codec::Aac, (48000, Some(48000)), 2, "LC");
    let opus = b"\x90OpusOpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00";
    check(opus, Codec::Opus, (48000, Some(48000)), 2, "Other");
    // SRS: the tag of AAC says 44 100 Hz whatever is coded.
    check(&[0xaf, 0, 0x11, 0x90], Codec::Aac, (44100, Some(48000)), 2, "LC");
    check(&[0xaf, 0], Codec::Aac, (44100, None), 2, "Other");
    check(&[0x2a, 0xff], Codec::Mp3, (22050, None), 1, "Other");
    assert_eq!(audio_info(&[]), None);
}

#[test]
fn video_without_a_readable_configuration() {
    let check = |body: &[u8], codec| assert_eq!(video_info(body), Some(VideoInfo::of(codec)));
    check(&[0x17, 0, 0, 0, 0, 9], Codec::H264);
    check(b"\x90vp09\x01", Codec::Vp9);
    check(&[0x12, 0], Codec::SorensonH263);
    assert_eq!(video_info(&[]), None);
    assert_eq!(video_info(&[0x17]), None);
}
