use super::{Span, frame_duration, samples_per_frame};
use crate::{Codec, mp3};
use weir_base::MediaTime;

fn check(codec: Codec, config: &[u8], frame: &[u8], expect: Option<(u32, u32)>) {
    let expect = expect.map(|(samples, rate)| Span { samples, rate });
    assert_eq!(samples_per_frame(codec, config, frame), expect, "{codec:?}");
}

#[test]
fn frames_of_real_encoders() {
    let mp3 = include_bytes!("../../testdata/lame-44100-stereo.mp3");
    let len = mp3::FrameHeader::parse(mp3).expect("a header").frame_len;
    check(Codec::Mp3, &[], &mp3[..len], Some((1152, 44_100)));
    check(Codec::Ac3, &[], &include_bytes!("../../testdata/ffmpeg-44100-mono.ac3")[..278], Some((1536, 44_100)));
    check(Codec::Eac3, &[], &include_bytes!("../../testdata/ffmpeg-48000-51.eac3")[..384], Some((1536, 48_000)));
    check(Codec::Flac, &[], &include_bytes!("../../testdata/ffmpeg-44100-stereo.flac")[42..], Some((4608, 44_100)));
    check(Codec::Aac, &[0x11, 0x90], &[0x21], Some((1024, 48_000)));
    // libopus, 60 ms in one packet.
    check(Codec::Opus, &[], &[0x6b, 0x83, 0x37, 0x34], Some((2880, 48_000)));
}

#[test]
fn what_only_the_sequence_header_tells() {
    let stream = include_bytes!("../../testdata/ffmpeg-44100-stereo.flac");
    let frame = [0xff, 0xf8, 0xc0, 0x18, 0x00, 0x00];
    check(Codec::Flac, stream, &frame, Some((4096, 44_100)));
    check(Codec::Flac, &[], &frame, None);
    check(Codec::Aac, &[], &[0x21], None);
}

#[test]
fn several_frames_in_one_piece() {
    let mp3 = include_bytes!("../../testdata/lame-44100-stereo.mp3");
    check(Codec::Mp3, &[], mp3, Some((9 * 1152, 44_100)));
    check(Codec::G711a, &[], &[0xd5; 160], Some((160, 8000)));
}

#[test]
fn what_has_no_span() {
    check(Codec::G711u, &[], &[], None);
    check(Codec::Mp3, &[], b"ID3", None);
    check(Codec::Opus, &[], &[], None);
    check(Codec::Speex, &[], &[1, 2, 3], None);
    check(Codec::H264, &[], &[1, 2, 3], None);
}

#[test]
fn durations() {
    let duration = frame_duration(Codec::Aac, &[0x12, 0x10], &[]);
    assert_eq!(duration, Some(MediaTime::from_nanos(23_219_955)));
    assert_eq!(frame_duration(Codec::Opus, &[], &[0xfc]), Some(MediaTime::from_millis(20)));
}
