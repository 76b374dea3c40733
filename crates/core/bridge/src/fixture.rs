//! Streams of real encoders.

pub(crate) use weir_hub::testing::frames_at;

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

/// A hub whose default vhost holds `vhost`.
pub(crate) fn hub(vhost: &str) -> std::sync::Arc<weir_hub::Hub> {
    let text = format!("listen 1935; vhost __defaultVhost__ {{ {vhost} }}");
    weir_hub::Hub::new(weir_conf::Live::new(weir_conf::Config::from_text(&text).expect("a configuration").config))
}
