//! What the HTTP API shows of a track, from its configuration or from its first frame.

use crate::tag::TagInfo;
use weir_codec::{AudioInfo, Codec, VideoInfo, aac, ac3, av1, avc, flac, hevc, mp3, opus, vp8, vp9};

/// A video track, from the head of one of its bodies and the `payload` in it.
///
/// In full from the sequence header of H.264, H.265 and AV1. The pictures of VP8, VP9 and AV1 tell their size themselves,
/// where decoding can start. From all else, the codec alone.
pub fn video_info(head: &TagInfo, payload: &[u8]) -> VideoInfo {
    let info = match (head.codec, head.is_sequence_header()) {
        (Codec::H264, true) => avc::DecoderConfig::parse(payload).ok().map(|config| config.info()),
        (Codec::H265, true) => hevc::DecoderConfig::parse(payload).ok().map(|config| config.info()),
        (Codec::Av1, true) => av1::DecoderConfig::parse(payload).ok().map(|config| config.info()),
        (_, true) => None,
        _ if !head.is_key_frame() => None,
        (Codec::Av1, _) => av1::SequenceHeader::find(payload).map(|header| VideoInfo {
            width: header.width,
            height: header.height,
            frame_rate: header.frame_rate,
            ..VideoInfo::of(Codec::Av1)
        }),
        (Codec::Vp9, _) => vp9::FrameHeader::parse(payload).ok().map(|header| header.info()),
        (Codec::Vp8, _) => vp8::FrameHeader::parse(payload).ok().map(|header| header.info()),
        _ => None,
    };
    info.unwrap_or(VideoInfo::of(head.codec))
}

/// An audio track, from the head of one of its bodies and the `payload` in it.
///
/// AAC, Opus and FLAC tell rate and channels in their sequence headers; the frames of Opus, FLAC, MP3, AC-3 and E-AC-3 tell
/// them too. A legacy head has its own, which is what the API shows.
pub fn audio_info(head: &TagInfo, payload: &[u8]) -> AudioInfo {
    let told = if head.is_sequence_header() { of_config(head, payload) } else { of_frame(head.codec, payload) };
    let plain = AudioInfo::of(head.codec, head.sound_rate, head.sound_channels);
    match told {
        Some(told) if head.is_enhanced => told,
        // SRS: the API shows what the tag says, and AAC always says 44100.
        Some(told) => AudioInfo { sample_rate: head.sound_rate, channels: head.sound_channels, ..told },
        None => plain,
    }
}

fn of_config(head: &TagInfo, payload: &[u8]) -> Option<AudioInfo> {
    match head.codec {
        Codec::Aac => aac::AudioSpecificConfig::parse(payload)
            .ok()
            .map(|config| config.info(config.sample_rate, config.channels().unwrap_or(0))),
        Codec::Opus => opus::OpusHead::parse(payload).ok().map(|head| head.info()),
        Codec::Flac => flac::StreamInfo::parse(payload).ok().map(|info| info.info()),
        _ => None,
    }
}

fn of_frame(codec: Codec, frame: &[u8]) -> Option<AudioInfo> {
    match codec {
        Codec::Mp3 => mp3::FrameHeader::parse(frame).ok().map(|header| header.info()),
        Codec::Ac3 | Codec::Eac3 => ac3::SyncFrame::parse(frame).ok().map(|header| header.info()),
        Codec::Flac => {
            let header = flac::FrameHeader::parse(frame).ok()?;
            let rate = header.sample_rate?;
            Some(AudioInfo { coded_rate: Some(rate), ..AudioInfo::of(codec, rate, header.channels) })
        }
        // The stereo flag of the table of contents (RFC 6716 clause 3.1).
        Codec::Opus => {
            let channels = if frame.first()? & 4 == 0 { 1 } else { 2 };
            let rate = opus::SAMPLE_RATE;
            Some(AudioInfo { coded_rate: Some(rate), ..AudioInfo::of(codec, rate, channels) })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
