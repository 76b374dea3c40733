//! [`codec_string`]: a codec's name in the `codecs` parameter of playlists, manifests and media types (RFC 6381).

use crate::{Codec, aac, av1, avc, vp9};
use std::fmt::Write;
use weir_base::ByteReader;

/// What AV1 without a word about colours means: 4:2:0, BT.709, the range of television (AV1 in ISO-BMFF clause 5). Where
/// chroma stands between luma does not matter to a player, and some refuse every name longer than they need.
const AV1_USUAL: [&str; 2] = [".0.110.01.01.01.0", ".0.111.01.01.01.0"];

/// The same of VP9, where 4:2:0 has two numbers.
const VP9_USUAL: [&str; 2] = [".01.01.01.01.00", ".00.01.01.01.00"];

/// The lowest level of VP9, said where the record does not know its own.
const VP9_LEVEL_1: u8 = 10;

/// How a track is called in `CODECS` of a playlist; `config` is its sequence header as enhanced FLV and the boxes of
/// ISO-BMFF have it: `avcC`, `hvcC`, `av1C`, `vpcC`, AudioSpecificConfig. The other codecs need none.
///
/// H.264 and H.265 are named for parameter sets outside of the samples: `avc1`, `hvc1`. MP3 is `mp4a.40.34`, as players of
/// playlists expect it; types of media sources call it [`crate::mp3::MEDIA_SOURCE_CODEC`]. [`None`] when the sequence
/// header cannot be read or the codec has no such name.
pub fn codec_string(codec: Codec, config: &[u8]) -> Option<String> {
    match codec {
        Codec::H264 => avc_string(config),
        Codec::H265 => hevc_string(config),
        Codec::Av1 => av1_string(config),
        Codec::Vp9 => vp_string("vp09", config),
        Codec::Vp8 if config.is_empty() => Some("vp8".to_owned()),
        Codec::Vp8 => vp_string("vp08", config),
        Codec::Aac => aac_string(config),
        Codec::Mp3 => Some("mp4a.40.34".to_owned()),
        Codec::Opus => Some("opus".to_owned()),
        Codec::Flac => Some("fLaC".to_owned()),
        Codec::Ac3 => Some("ac-3".to_owned()),
        Codec::Eac3 => Some("ec-3".to_owned()),
        _ => None,
    }
}

/// `avc1.PPCCLL`: profile, constraints, level in hexadecimal (RFC 6381 clause 3.3).
fn avc_string(config: &[u8]) -> Option<String> {
    let record = avc::DecoderConfig::parse(config).ok()?;
    Some(format!("avc1.{:02x}{:02x}{:02x}", record.profile, record.compatibility, record.level))
}

/// `hvc1.1.6.L93.B0` (ISO/IEC 14496-15 clause E.3): profile space and profile, compatibility flags with their bits
/// reversed, tier and level, constraint bytes up to the last that is not 0.
fn hevc_string(config: &[u8]) -> Option<String> {
    let mut r = ByteReader::new(config);
    // Drafts of the record wrote version 0.
    if r.u8().ok()? > 1 {
        return None;
    }
    let general = r.u8().ok()?;
    let compatibility = r.u32().ok()?.reverse_bits();
    let constraints = r.array::<6>().ok()?;
    let level = r.u8().ok()?;
    let space = ["", "A", "B", "C"].get(usize::from(general >> 6)).copied().unwrap_or_default();
    let tier = if general & 0x20 == 0 { 'L' } else { 'H' };
    let mut out = format!("hvc1.{space}{}.{compatibility:X}.{tier}{level}", general & 0x1f);
    let used = constraints.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    for byte in constraints.iter().take(used) {
        let _ = write!(out, ".{byte:X}");
    }
    Some(out)
}

/// `av01.P.LLT.DD`, and all about its colours behind it when they are not the usual ones.
fn av1_string(config: &[u8]) -> Option<String> {
    let record = av1::DecoderConfig::parse(config).ok()?;
    let tier = if record.high_tier { 'H' } else { 'M' };
    let mut out = format!("av01.{}.{:02}{tier}.{:02}", record.profile, record.level, record.bit_depth);
    if let Some(colour) = av1::SequenceHeader::find(record.obus).and_then(|header| header.colour) {
        let [primaries, transfer, matrix] = colour.description.unwrap_or([1; 3]).map(told);
        let (across, down) = colour.subsampling;
        let colours = format!(
            ".{}.{}{}{}.{primaries:02}.{transfer:02}.{matrix:02}.{}",
            u8::from(colour.monochrome),
            u8::from(across),
            u8::from(down),
            colour.sample_position,
            u8::from(colour.full_range),
        );
        if !AV1_USUAL.contains(&colours.as_str()) {
            out += &colours;
        }
    }
    Some(out)
}

/// `vp09.PP.LL.DD`, and all about its colours behind it when they are not the usual ones (VP Codec ISO Media File Format
/// Binding, clause "Codecs Parameter String").
fn vp_string(name: &str, config: &[u8]) -> Option<String> {
    let record = vp9::DecoderConfig::parse(config).ok()?;
    let level = if record.level == 0 { VP9_LEVEL_1 } else { record.level };
    let mut out = format!("{name}.{:02}.{level:02}.{:02}", record.profile, record.bit_depth);
    let [primaries, transfer, matrix] = record.colour.map(told);
    let chroma = record.chroma_subsampling;
    let range = u8::from(record.full_range);
    let colours = format!(".{chroma:02}.{primaries:02}.{transfer:02}.{matrix:02}.{range:02}");
    if !VP9_USUAL.contains(&colours.as_str()) {
        out += &colours;
    }
    Some(out)
}

/// A colour code; those of BT.709 stand for what is unspecified.
fn told(code: u8) -> u8 {
    if code == vp9::COLOUR_UNSPECIFIED { 1 } else { code }
}

/// `mp4a.40.N`: MPEG-4 audio and its object type. SBR and PS that are announced behind a plain configuration count.
fn aac_string(config: &[u8]) -> Option<String> {
    const OBJECT_LC: u8 = 2;
    let config = aac::AudioSpecificConfig::parse(config).ok()?;
    let object_type = match config.object_type {
        OBJECT_LC if config.parametric_stereo => 29,
        OBJECT_LC if config.extension_rate.is_some_and(|rate| rate > config.sample_rate) => 5,
        other => other,
    };
    Some(format!("mp4a.40.{object_type}"))
}

#[cfg(test)]
mod tests;
