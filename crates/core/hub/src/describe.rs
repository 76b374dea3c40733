//! What a stream is made of, in the words of the API and of the log.

use weir_codec::{AudioInfo, VideoInfo};
use weir_flv::{audio_info, video_info};

use crate::frame::Frame;

/// What a video frame tells. `parse_sps` off leaves the size of the picture unknown.
pub(crate) fn video(frame: &Frame, parse_sps: bool) -> VideoInfo {
    let info = video_info(frame.flv()).unwrap_or(VideoInfo::of(frame.codec));
    if parse_sps { info } else { VideoInfo { width: 0, height: 0, ..info } }
}

/// What an audio frame tells.
pub(crate) fn audio(frame: &Frame) -> AudioInfo {
    audio_info(frame.flv()).unwrap_or(AudioInfo::of(frame.codec, 0, 0))
}

/// `video H.264 High 3.1, 1280x720`.
pub(crate) fn video_words(info: &VideoInfo) -> String {
    format!("video {} {} {}, {}x{}", info.codec.label(), info.profile, info.level, info.width, info.height)
}

/// `audio AAC LC, 48000 Hz, 2 channels`.
pub(crate) fn audio_words(info: &AudioInfo) -> String {
    let rate = info.coded_rate.unwrap_or(info.sample_rate);
    format!("audio {} {}, {rate} Hz, {} channels", info.codec.label(), info.profile, info.channels)
}
