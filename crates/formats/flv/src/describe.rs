//! What the HTTP API shows of a track, from the bodies of its tags.

use crate::tag::{TagKind, parse_body};
use weir_codec::{AudioInfo, Codec, VideoInfo, aac, av1, avc, hevc, opus};

/// From the body of a video tag: in full from a sequence header, the codec alone from other bodies.
///
/// [`None`] when the body has no readable head or is empty; a sequence header that cannot be read gives the codec.
pub fn video_info(body: &[u8]) -> Option<VideoInfo> {
    let head = parse_body(TagKind::Video, body).ok().filter(|_| !body.is_empty())?;
    let payload = head.payload(body);
    let info = match head.codec {
        _ if !head.is_sequence_header() => None,
        Codec::H264 => avc::DecoderConfig::parse(payload).ok().map(|config| config.info()),
        Codec::H265 => hevc::DecoderConfig::parse(payload).ok().map(|config| config.info()),
        Codec::Av1 => av1::DecoderConfig::parse(payload).ok().map(|config| config.info()),
        _ => None,
    };
    Some(info.unwrap_or(VideoInfo::of(head.codec)))
}

/// From the body of an audio tag: in full from a sequence header, codec, rate and channels from other bodies.
///
/// Enhanced tags have neither rate nor channels in their head; those come from the sequence header then. [`None`] when
/// the body has no readable head or is empty.
pub fn audio_info(body: &[u8]) -> Option<AudioInfo> {
    let head = parse_body(TagKind::Audio, body).ok().filter(|_| !body.is_empty())?;
    let plain = AudioInfo::of(head.codec, head.sound_rate, head.sound_channels);
    if !head.is_sequence_header() {
        return Some(plain);
    }
    let payload = head.payload(body);
    Some(match head.codec {
        Codec::Aac => aac::AudioSpecificConfig::parse(payload).map_or(plain, |config| {
            let (rate, channels) = match head.is_enhanced {
                true => (config.sample_rate, config.channels().unwrap_or(0)),
                false => (head.sound_rate, head.sound_channels),
            };
            config.info(rate, channels)
        }),
        Codec::Opus => opus::OpusHead::parse(payload).map_or(plain, |opus| AudioInfo {
            coded_rate: Some(opus::SAMPLE_RATE),
            ..AudioInfo::of(Codec::Opus, opus::SAMPLE_RATE, opus.channels)
        }),
        _ => plain,
    })
}

#[cfg(test)]
mod tests;
