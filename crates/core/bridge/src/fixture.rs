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
