//! Streams of real encoders.

use weir_base::MediaTime;
use weir_flv::TagReader;
use weir_hub::Frame;

pub(crate) const H264_AAC: &[u8] = include_bytes!("../testdata/ffmpeg-h264-aac.flv");
pub(crate) const H264_MP3: &[u8] = include_bytes!("../testdata/ffmpeg-h264-mp3.flv");
pub(crate) const HEVC_EAC3: &[u8] = include_bytes!("../testdata/ffmpeg-hevc-eac3.flv");
pub(crate) const AV1_OPUS: &[u8] = include_bytes!("../testdata/ffmpeg-av1-opus.flv");
pub(crate) const VP9_FLAC: &[u8] = include_bytes!("../testdata/ffmpeg-vp9-flac.flv");
pub(crate) const VP8: &[u8] = include_bytes!("../testdata/ffmpeg-vp8.ivf");
pub(crate) const AC3: &[u8] = include_bytes!("../testdata/ffmpeg-ac3.flv");

/// Sequence headers whose records have no parameter sets.
pub(crate) const AVCC_WITHOUT_SETS: &[u8] = b"\x17\0\0\0\0\x01\x64\0\x0d\xff\xe0\0";
pub(crate) const HVCC_WITHOUT_SETS: &[u8] =
    b"\x90hvc1\x01\x01\x60\0\0\0\x90\0\0\0\0\0\x3c\xf0\0\xfc\xfd\xf8\xf8\0\0\x0f\0";

/// The frames of a file, `millis` later than they are there.
pub(crate) fn frames_at(file: &[u8], millis: i64) -> Vec<Frame> {
    let mut reader = TagReader::new();
    reader.push(file);
    let mut frames = Vec::new();
    while let Some(tag) = reader.poll_tag().expect("a good file") {
        let at = MediaTime::from_millis(i64::from(tag.timestamp_ms) + millis);
        frames.push(Frame::from_flv(tag.kind, at, tag.body));
    }
    frames
}
