//! What `connect` says of Enhanced RTMP, and what the server answers (Enhanced RTMP v2, clause "Enhancing NetConnection
//! connect Command").

use crate::amf0::Value;
use weir_codec::Codec;
use weir_flv::fit::{Form, Takes};
use weir_flv::tag::{TagKind, fourcc_of};

/// Flags of `videoFourCcInfoMap` and `audioFourCcInfoMap`.
mod info {
    pub(super) const CAN_DECODE: u32 = 1;
    pub(super) const CAN_FORWARD: u32 = 4;
}

/// Flags of `capsEx`.
mod caps {
    pub(super) const MULTITRACK: u32 = 2;
    pub(super) const MOD_EX: u32 = 4;
    pub(super) const TIMESTAMP_NANO_OFFSET: u32 = 8;
}

/// Stands for every codec.
const WILDCARD: &str = "*";

/// Codecs with a FourCC, in the order in which the server names them.
const VIDEO: [Codec; 5] = [Codec::Av1, Codec::Vp9, Codec::Vp8, Codec::H265, Codec::H264];
const AUDIO: [Codec; 6] = [Codec::Ac3, Codec::Eac3, Codec::Opus, Codec::Mp3, Codec::Flac, Codec::Aac];

/// What a client that says anything of Enhanced RTMP can take as a player; [`None`] for one that says nothing, which gets
/// everything.
///
/// With a list of FourCCs, codecs count as taken that are listed, and ids that `videoCodecs` and `audioCodecs` have; H.264,
/// AAC and MP3 where those are not sent. Without one, all codecs. Several tracks and ModEx prefixes need their flags in
/// `capsEx` in any case. A map knows better than `fourCcList` what the client does with a codec that both name.
pub fn announced(connect: &Value) -> Option<Takes> {
    let sent = |name| connect.get(name).filter(|value| !matches!(value, Value::Null | Value::Undefined));
    let (list, caps_ex) = (sent("fourCcList"), sent("capsEx"));
    let maps = [(TagKind::Video, sent("videoFourCcInfoMap")), (TagKind::Audio, sent("audioFourCcInfoMap"))];
    let has_codecs = list.is_some() || maps.iter().any(|(_, map)| map.is_some());
    let mut takes = match (has_codecs, caps_ex) {
        (false, None) => return None,
        (false, Some(_)) => all_codecs(),
        (true, _) => ids(connect),
    };
    for name in list.map(names).into_iter().flatten() {
        takes = with_fourcc(takes, name, None, true);
    }
    for (kind, map) in maps {
        let properties = || map.and_then(Value::properties).unwrap_or_default().iter();
        // The wildcard overrides what stands for single codecs.
        let (wildcard, codecs): (Vec<_>, Vec<_>) = properties().partition(|(name, _)| name == WILDCARD);
        for (name, flags) in codecs.into_iter().chain(wildcard) {
            let reads = flags_of(flags) & (info::CAN_DECODE | info::CAN_FORWARD) != 0;
            takes = with_fourcc(takes, name, Some(kind), reads);
        }
    }
    let caps_ex = caps_ex.map_or(0, flags_of);
    let takes = if caps_ex & caps::MULTITRACK != 0 { takes.with_multitrack() } else { takes };
    Some(if caps_ex & caps::MOD_EX != 0 { takes.with_mod_ex() } else { takes })
}

/// The server's side, for a client that speaks of Enhanced RTMP: it relays every codec, several tracks, and nanoseconds.
pub(crate) fn capabilities() -> Vec<(&'static str, Value)> {
    let names = |codecs: &[Codec]| -> Vec<String> {
        let fourccs = codecs.iter().filter_map(|codec| fourcc_of(*codec));
        fourccs.map(|fourcc| String::from_utf8_lossy(fourcc).into_owned()).collect()
    };
    let (video, audio) = (names(&VIDEO), names(&AUDIO));
    let forwards = |names: &[String]| {
        let names = names.iter().map(String::as_str).chain([WILDCARD]);
        Value::object(names.map(|name| (name, Value::Number(f64::from(info::CAN_FORWARD)))))
    };
    let caps_ex = caps::MULTITRACK | caps::MOD_EX | caps::TIMESTAMP_NANO_OFFSET;
    vec![
        ("videoFourCcInfoMap", forwards(&video)),
        ("audioFourCcInfoMap", forwards(&audio)),
        ("capsEx", Value::Number(f64::from(caps_ex))),
        ("fourCcList", Value::StrictArray(video.iter().chain(&audio).map(Value::string).collect())),
    ]
}

/// All codecs in all forms.
fn all_codecs() -> Takes {
    let ids = Takes::LEGACY.with(Form::Legacy, Codec::H265).with(Form::Legacy, Codec::Av1);
    ids.with_every_fourcc(TagKind::Video).with_every_fourcc(TagKind::Audio)
}

/// What a client takes by id: bit n of the mask stands for id n (RTMP 1.0 clause 7.2.1.1).
fn ids(connect: &Value) -> Takes {
    let mask = |name| connect.get(name).map_or(0, flags_of);
    let (video, audio) = (mask("videoCodecs"), mask("audioCodecs"));
    let mut takes = Takes::LEGACY;
    for (mask, codec, ids) in [
        (video, Codec::H264, 1 << 7),
        (video, Codec::H265, 1 << 12),
        (video, Codec::Av1, 1 << 13),
        (audio, Codec::Aac, 1 << 10),
        (audio, Codec::Mp3, 1 << 2 | 1 << 14),
    ] {
        // 0 is what clients send that do not care.
        if mask != 0 {
            let without = takes.without(Form::Legacy, codec);
            takes = if mask & ids == 0 { without } else { without.with(Form::Legacy, codec) };
        }
    }
    takes
}

/// The texts of a list, which may come as an array of any sort.
fn names(list: &Value) -> Vec<&str> {
    match list {
        Value::StrictArray(values) => values.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one],
        other => other.properties().unwrap_or_default().iter().filter_map(|(_, value)| value.as_str()).collect(),
    }
}

/// The same, and a FourCC, or without it. One that has no name here stands for all of those.
fn with_fourcc(takes: Takes, name: &str, kind: Option<TagKind>, reads: bool) -> Takes {
    let kinds = [TagKind::Video, TagKind::Audio].into_iter().filter(|one| kind.is_none_or(|kind| kind == *one));
    // The specification writes Hvc1, Avc1 and Aac in its examples.
    let is_named = |codec: &&Codec| {
        let fourcc = fourcc_of(**codec).map(<[u8; 4]>::as_slice).unwrap_or_default();
        fourcc.eq_ignore_ascii_case(name.as_bytes()) || **codec == Codec::Aac && name.eq_ignore_ascii_case("aac")
    };
    let named = VIDEO.iter().chain(&AUDIO).find(is_named).copied();
    kinds.fold(takes, |takes, kind| match (named, reads) {
        _ if name == WILDCARD && reads => takes.with_every_fourcc(kind),
        _ if name == WILDCARD => takes,
        (Some(codec), _) if codec.is_video() != (kind == TagKind::Video) => takes,
        (Some(codec), true) => takes.with(Form::Enhanced, codec),
        (Some(codec), false) => takes.without(Form::Enhanced, codec),
        (None, true) if kind == TagKind::Video => takes.with(Form::Enhanced, Codec::OtherVideo),
        (None, true) => takes.with(Form::Enhanced, Codec::OtherAudio),
        (None, false) => takes,
    })
}

/// A number as flags; what is none, or out of range, has none.
fn flags_of(value: &Value) -> u32 {
    let number = value.as_number().unwrap_or_default();
    if (0.0..=f64::from(u32::MAX)).contains(&number) { number as u32 } else { 0 }
}

#[cfg(test)]
mod tests;
