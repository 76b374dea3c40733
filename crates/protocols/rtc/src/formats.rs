//! Which formats of RTP are forwarded, and which of a player's formats suits a stream.

use weir_codec::Codec;
use weir_sdp::{Media, Payload};

use crate::peer::Format;
use crate::plan::{AgreedFormat, Feedback, MediaKind};

mod h264;

/// What is forwarded, in the order in which a publisher is asked for it when several are offered.
const SERVED: [(Codec, &str, u32); 8] = [
    (Codec::H264, "H264", 90_000),
    (Codec::H265, "H265", 90_000),
    (Codec::Av1, "AV1", 90_000),
    (Codec::Vp9, "VP9", 90_000),
    (Codec::Vp8, "VP8", 90_000),
    (Codec::Opus, "opus", 48_000),
    (Codec::G711u, "PCMU", 8_000),
    (Codec::G711a, "PCMA", 8_000),
];

/// How a track of a live stream is coded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackFormat {
    /// Its codec.
    pub codec: Codec,
    /// Its parameters, as in `a=fmtp`; empty when they are not known.
    pub parameters: String,
}

/// Names of the codecs that are served for a kind of media.
pub(crate) fn served(kind: MediaKind) -> Vec<String> {
    SERVED.iter().filter(|served| kind.has(served.0)).map(|served| served.0.label().to_owned()).collect()
}

/// Names of the formats of a section, each once.
pub(crate) fn offered(media: &Media) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for payload in media.payloads.iter().filter(|payload| !payload.is("rtx") && !payload.encoding.is_empty()) {
        if !names.iter().any(|name| payload.is(name)) {
            names.push(payload.encoding.clone());
        }
    }
    names
}

/// The name and clock rate of a codec in RTP.
pub(crate) fn encoding(codec: Codec) -> Option<(&'static str, u32)> {
    SERVED.iter().find(|served| served.0 == codec).map(|served| (served.1, served.2))
}

/// The codec of a payload type, if it is one that is served.
fn codec_of(payload: &Payload, kind: MediaKind) -> Option<Codec> {
    // AV1X is the name that browsers used before the specification was done.
    let name = if payload.is("AV1X") { "AV1" } else { &payload.encoding };
    SERVED
        .iter()
        .find(|(codec, encoding, rate)| {
            kind.has(*codec) && encoding.eq_ignore_ascii_case(name) && *rate == payload.clock_rate
        })
        .map(|served| served.0)
}

/// What feedback this side wants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Switches {
    pub(crate) nack: bool,
    pub(crate) twcc: bool,
}

/// Formats of a section that are served, in its order.
pub(crate) fn formats(media: &Media, kind: MediaKind, switches: Switches) -> Vec<AgreedFormat> {
    let usable = media.payloads.iter().filter(|payload| is_distinct(payload.pt));
    usable
        .filter_map(|payload| {
            let codec = codec_of(payload, kind)?;
            let format = Format {
                pt: payload.pt,
                rtx: if switches.nack { rtx_of(media, payload) } else { None },
                codec,
                clock_rate: payload.clock_rate,
                channels: payload.channels,
                parameters: payload.fmtp.clone(),
            };
            Some(AgreedFormat { format, feedback: feedback(payload, switches) })
        })
        .collect()
}

/// False for types that look like RTCP on a shared port: RFC 5761 clause 4.
fn is_distinct(pt: u8) -> bool {
    !(64..96).contains(&pt)
}

/// The payload type that retransmits another: RFC 4588 clause 8.
fn rtx_of(media: &Media, of: &Payload) -> Option<u8> {
    let repairs = |payload: &&Payload| {
        payload.is("rtx")
            && payload.clock_rate == of.clock_rate
            && is_distinct(payload.pt)
            && payload.parameter("apt").and_then(|apt| apt.parse().ok()) == Some(of.pt)
    };
    media.payloads.iter().find(repairs).map(|payload| payload.pt)
}

fn feedback(payload: &Payload, switches: Switches) -> Feedback {
    let has = |wanted: &str| payload.feedback.iter().any(|feedback| feedback.eq_ignore_ascii_case(wanted));
    Feedback {
        nack: switches.nack && has("nack"),
        pli: switches.nack && has("nack pli"),
        fir: has("ccm fir"),
        transport_cc: switches.twcc && has("transport-cc"),
        remb: switches.twcc && has("goog-remb"),
    }
}

impl Feedback {
    /// As behind `a=rtcp-fb` and the type.
    pub(crate) fn words(self) -> Vec<String> {
        let words = [
            (self.nack, "nack"),
            (self.pli, "nack pli"),
            (self.transport_cc, "transport-cc"),
            (self.remb, "goog-remb"),
            (self.fir, "ccm fir"),
        ];
        words.into_iter().filter(|word| word.0).map(|word| word.1.to_owned()).collect()
    }
}

/// The format that a publisher is asked for: SRS's choice of H.264 first, then what the peer prefers.
pub(crate) fn preferred(formats: &[AgreedFormat]) -> Option<usize> {
    let first = |wanted: &dyn Fn(&Format) -> bool| formats.iter().position(|agreed| wanted(&agreed.format));
    first(&|format| format.codec == Codec::H264 && h264::is_favourite(&format.parameters))
        .or_else(|| first(&|format| format.codec == Codec::H264))
        .or_else(|| first(&|format| format.codec == Codec::Opus))
        .or(if formats.is_empty() { None } else { Some(0) })
}

/// Puts what suits a track best in front; formats of other codecs follow in their order.
pub(crate) fn sort_for(formats: &mut [AgreedFormat], track: &TrackFormat) {
    formats.sort_by_key(|agreed| misfit(&agreed.format, track));
}

/// How badly a format suits a track: 0 is best, [`u32::MAX`] another codec.
pub(crate) fn misfit(format: &Format, track: &TrackFormat) -> u32 {
    if format.codec != track.codec {
        return u32::MAX;
    }
    let number = |fmtp: &str, name: &str| parameter(fmtp, name).and_then(|value| value.parse::<u32>().ok());
    match track.codec {
        Codec::H264 => h264::misfit(&format.parameters, &track.parameters),
        // A decoder of another profile is hoped for rather than none.
        Codec::Vp9 | Codec::H265 => {
            let name = "profile-id";
            let default = u32::from(track.codec == Codec::H265);
            let profile = |fmtp| number(fmtp, name).unwrap_or(default);
            u32::from(profile(&format.parameters) != profile(&track.parameters))
        }
        Codec::Av1 => {
            let profile = |fmtp| number(fmtp, "profile").unwrap_or(0);
            let (has, needs) = (profile(&format.parameters), profile(&track.parameters));
            // The higher profiles contain the lower ones.
            if has >= needs { has.saturating_sub(needs) } else { needs.saturating_sub(has).saturating_add(10) }
        }
        _ => 0,
    }
}

/// A parameter of an `a=fmtp` line.
pub(crate) fn parameter<'a>(fmtp: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = fmtp.split(';').filter_map(|pair| pair.split_once('='));
    pairs.find(|pair| pair.0.trim().eq_ignore_ascii_case(name)).map(|pair| pair.1.trim())
}
