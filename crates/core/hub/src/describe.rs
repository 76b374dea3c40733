//! What a stream is made of, in the words of the API and of the log.

use weir_codec::{AudioInfo, Codec, VideoInfo, aac, avc, hevc};
use weir_flv::tag;

use crate::frame::Frame;

/// What a video frame tells. `parse_sps` off leaves the parameter sets alone: only the codec is known then.
pub(crate) fn video(frame: &Frame, parse_sps: bool) -> VideoInfo {
    let unknown = VideoInfo::of(frame.codec);
    match frame.codec {
        Codec::H264 if parse_sps => avc::DecoderConfig::parse(frame.payload()).map_or(unknown, |record| record.info()),
        Codec::H265 if parse_sps => hevc::DecoderConfig::parse(frame.payload()).map_or(unknown, |record| record.info()),
        _ => unknown,
    }
}

/// What an audio frame tells.
pub(crate) fn audio(frame: &Frame) -> AudioInfo {
    let (rate, channels) = tag::parse_body(frame.kind, frame.flv())
        .map_or((0, 0), |info| (info.sound_rate, info.sound_channels));
    let unknown = AudioInfo::of(frame.codec, rate, channels);
    match frame.codec {
        Codec::Aac => aac::AudioSpecificConfig::parse(frame.payload()).map_or(unknown, |config| config.info(rate, channels)),
        _ => unknown,
    }
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
