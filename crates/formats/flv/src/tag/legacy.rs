//! Bodies with a four-bit codec id (annex E.4.2.1 and E.4.3.1).

use super::{FrameType, PacketType, TagInfo};
use crate::Error;
use weir_base::ByteReader;
use weir_codec::Codec;

/// Sample rates of the two-bit field, in Hz.
const SOUND_RATES: [u32; 4] = [5512, 11025, 22050, 44100];

pub(super) fn parse_audio(body: &[u8]) -> Result<TagInfo, Error> {
    let mut r = ByteReader::new(body);
    let first = r.u8()?;
    let codec = audio_codec(first >> 4);
    let packet = match codec {
        Codec::Aac => match r.u8()? {
            0 => PacketType::SequenceHeader,
            1 => PacketType::Coded,
            other => PacketType::Unknown(other),
        },
        _ => PacketType::Raw,
    };
    let info = TagInfo {
        sound_rate: SOUND_RATES.get(usize::from(first >> 2 & 3)).copied().unwrap_or(0),
        sound_size: if first & 2 == 0 { 8 } else { 16 },
        sound_channels: 1 + (first & 1),
        ..TagInfo::whole(codec, packet, 0)
    };
    Ok(info.rest_of(&r))
}

pub(super) fn parse_video(body: &[u8]) -> Result<TagInfo, Error> {
    let mut r = ByteReader::new(body);
    let first = r.u8()?;
    let codec = video_codec(first & 0x0f);
    let frame = FrameType::from_bits(first >> 4);
    let info = TagInfo { frame, ..TagInfo::whole(codec, PacketType::Raw, 0) };
    if frame == FrameType::Command {
        return Ok(TagInfo { packet: PacketType::Command, ..info }.rest_of(&r));
    }
    if !matches!(codec, Codec::H264 | Codec::H265 | Codec::Av1) {
        return Ok(info.rest_of(&r));
    }
    let packet = match r.u8()? {
        0 => PacketType::SequenceHeader,
        1 => PacketType::Coded,
        2 => PacketType::EndOfSequence,
        other => PacketType::Unknown(other),
    };
    let composition_ms = match r.i24() {
        Ok(composition_ms) => composition_ms,
        // Some encoders end a sequence with the two bytes only; nothing that needs a time follows.
        Err(_) if packet == PacketType::EndOfSequence => {
            r = ByteReader::new(body);
            r.skip(body.len())?;
            0
        }
        Err(short) => return Err(short.into()),
    };
    Ok(TagInfo { packet, composition_ms, ..info }.rest_of(&r))
}

/// SoundFormat of annex E.4.2.1; 13 is what the field uses for Opus.
fn audio_codec(id: u8) -> Codec {
    match id {
        0 | 3 => Codec::Pcm,
        1 => Codec::Adpcm,
        2 | 14 => Codec::Mp3,
        4..=6 => Codec::Nellymoser,
        7 => Codec::G711a,
        8 => Codec::G711u,
        10 => Codec::Aac,
        11 => Codec::Speex,
        13 => Codec::Opus,
        _ => Codec::OtherAudio,
    }
}

/// CodecID of annex E.4.3.1; 12 and 13 are additions that CDNs agreed on before Enhanced RTMP.
fn video_codec(id: u8) -> Codec {
    match id {
        2 => Codec::SorensonH263,
        3 | 6 => Codec::ScreenVideo,
        4 | 5 => Codec::Vp6,
        7 => Codec::H264,
        12 => Codec::H265,
        13 => Codec::Av1,
        _ => Codec::OtherVideo,
    }
}
