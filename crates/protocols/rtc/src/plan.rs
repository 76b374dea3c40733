//! [`Plan`]: what both sides have agreed on.

use std::time::UNIX_EPOCH;

use weir_codec::Codec;
use weir_sdp::{Candidate, Direction};

use crate::peer::{Credentials, Extension, Fingerprint, Format, PeerSetup, Track, TrackDirection};

/// What an offer and its answer agree on, seen from one side.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the client does.
    pub role: Role,
    /// The sections in the order of the offer.
    pub sections: Vec<Section>,
    /// The other side's transport: one for all sections.
    pub remote: Remote,
    /// Whether this side opens the connection of DTLS.
    pub dtls: DtlsRole,
    /// This side's name in RTCP.
    pub cname: String,
}

/// What the client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It sends media.
    Publish,
    /// It takes media.
    Play,
}

/// One section of an offer and what becomes of it.
#[derive(Clone, Debug)]
pub enum Section {
    /// Media flows.
    Media(MediaPlan),
    /// Nothing flows; the answer says so with port 0.
    Refused(RefusedSection),
}

/// What of a refused section the answer repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedSection {
    /// `application`, or what else was offered.
    pub kind: weir_sdp::Kind,
    /// Its protocol.
    pub protocol: String,
    /// The first of its formats.
    pub format: String,
    /// Its name.
    pub mid: Option<String>,
}

/// A section through which media flows.
#[derive(Clone, Debug)]
pub struct MediaPlan {
    /// The name of the section.
    pub mid: String,
    /// Sound or pictures.
    pub kind: MediaKind,
    /// `SendOnly` or `RecvOnly`, seen from this side.
    pub direction: Direction,
    /// The protocol as offered.
    pub protocol: String,
    /// What may be sent, the best first. A publisher has exactly one.
    pub formats: Vec<AgreedFormat>,
    /// Ids of header extensions, 1 to 14, each id and each extension once.
    pub extensions: Vec<(u8, Extension)>,
    /// SSRCs that the other side has told; none when it names its streams by [`MediaPlan::layers`] or by `mid`.
    pub peer: Vec<SourcePair>,
    /// SSRCs of this side: one when it sends, one for each layer when it sends layers, none when it takes.
    pub ours: Vec<SourcePair>,
    /// Rids of simulcast in the order of `a=simulcast`; empty without simulcast.
    pub layers: Vec<String>,
    /// The name of this side's track, when it sends.
    pub label: String,
    /// Which of [`crate::PlayRules::tracks`] this section plays.
    pub track: Option<usize>,
}

/// Sound or pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
}

/// A format that both sides know.
#[derive(Clone, Debug)]
pub struct AgreedFormat {
    /// The payload type and what it carries.
    pub format: Format,
    /// Feedback that both sides know.
    pub feedback: Feedback,
}

/// Feedback for a format: RFC 4585, RFC 5104.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Feedback {
    /// Lost packets may be asked for.
    pub nack: bool,
    /// A key frame may be asked for.
    pub pli: bool,
    /// The same, by an older name.
    pub fir: bool,
    /// Times of arrival are told, for congestion control.
    pub transport_cc: bool,
    /// A player tells what it can take (REMB), where it does not tell times of arrival.
    pub remb: bool,
}

/// The SSRC of a stream, and that of its retransmissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SourcePair {
    /// Of the stream.
    pub ssrc: u32,
    /// Of its retransmissions.
    pub rtx: Option<u32>,
}

/// The other side's transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The name of its ICE agent.
    pub ice_ufrag: String,
    /// Its password.
    pub ice_pwd: String,
    /// True when it answers checks and makes none.
    pub ice_lite: bool,
    /// SHA-256 of the certificate that it must show.
    pub fingerprint: [u8; 32],
    /// Where it may be reached, as told so far.
    pub candidates: Vec<Candidate>,
}

/// Who opens the connection of DTLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DtlsRole {
    /// This side.
    Active,
    /// The other side.
    #[default]
    Passive,
}

impl Extension {
    const ALL: [Extension; 8] = [
        Extension::TransportCc,
        Extension::Mid,
        Extension::Rid,
        Extension::RepairedRid,
        Extension::AudioLevel,
        Extension::VideoOrientation,
        Extension::AbsoluteCaptureTime,
        Extension::AbsoluteSendTime,
    ];

    /// The name in a description.
    pub(crate) const fn uri(self) -> &'static str {
        match self {
            Extension::TransportCc => "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
            Extension::Mid => "urn:ietf:params:rtp-hdrext:sdes:mid",
            Extension::Rid => "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
            Extension::RepairedRid => "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
            Extension::AudioLevel => "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
            Extension::VideoOrientation => "urn:3gpp:video-orientation",
            Extension::AbsoluteCaptureTime => "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
            Extension::AbsoluteSendTime => "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
        }
    }

    /// The extension of that name.
    pub(crate) fn of_uri(uri: &str) -> Option<Extension> {
        Extension::ALL.into_iter().find(|extension| extension.uri() == uri)
    }
}

impl Plan {
    /// What a [`crate::Peer`] needs to do what is planned, with this side's ICE credentials. Congestion control of what
    /// is sent is off, DTLS is of any version, and the clock of reports begins with the session: the caller may change that.
    pub fn peer_setup(&self, local: Credentials, is_lite: bool) -> PeerSetup {
        let mut extensions: Vec<(u8, Extension)> = Vec::new();
        for entry in self.media().flat_map(|media| &media.extensions) {
            if !extensions.contains(entry) {
                extensions.push(*entry);
            }
        }
        let feeds_back = |media: &MediaPlan| {
            media.direction == Direction::RecvOnly && media.formats.iter().any(|agreed| agreed.feedback.transport_cc)
        };
        PeerSetup {
            is_lite,
            is_dtls_active: self.dtls == DtlsRole::Active,
            local,
            remote: Credentials { ufrag: self.remote.ice_ufrag.clone(), pwd: self.remote.ice_pwd.clone() },
            fingerprint: Fingerprint { algorithm: "sha-256".to_owned(), digest: self.remote.fingerprint.to_vec() },
            extensions,
            tracks: self.media().flat_map(MediaPlan::tracks).collect(),
            gives_feedback: self.media().any(feeds_back),
            estimate: None,
            is_dtls12: false,
            is_encrypted: true,
            time_of_day: UNIX_EPOCH,
        }
    }

    /// The sections through which media flows.
    pub fn media(&self) -> impl Iterator<Item = &MediaPlan> {
        self.sections.iter().filter_map(|section| match section {
            Section::Media(media) => Some(media),
            Section::Refused(_) => None,
        })
    }
}

impl MediaPlan {
    /// What this side needs for it: a track for each layer that it sends, else one.
    pub fn tracks(&self) -> Vec<Track> {
        let track = |direction| Track {
            mid: self.mid.clone(),
            is_video: self.kind == MediaKind::Video,
            formats: self.formats.iter().map(|agreed| agreed.format.clone()).collect(),
            direction,
        };
        if self.ours.is_empty() {
            let ssrcs = self.peer.iter().map(|pair| (pair.ssrc, pair.rtx)).collect();
            return vec![track(TrackDirection::Receive { ssrcs, rids: self.layers.clone() })];
        }
        let rids = self.layers.iter().cloned().map(Some).chain(std::iter::once(None));
        let sent = |(pair, rid): (&SourcePair, _)| track(TrackDirection::Send { rid, ssrc: pair.ssrc, rtx: pair.rtx });
        self.ours.iter().take(self.layers.len().max(1)).zip(rids).map(sent).collect()
    }

    /// The id of an extension, if both sides know it.
    pub fn extension(&self, extension: Extension) -> Option<u8> {
        self.extensions.iter().find(|entry| entry.1 == extension).map(|entry| entry.0)
    }

    /// The format of a payload type, and whether it is that of the retransmissions.
    pub fn format(&self, pt: u8) -> Option<(&Format, bool)> {
        self.formats.iter().map(|agreed| &agreed.format).find_map(|format| match pt {
            _ if format.pt == pt => Some((format, false)),
            _ if format.rtx == Some(pt) => Some((format, true)),
            _ => None,
        })
    }
}

impl MediaKind {
    pub(crate) fn of(kind: &weir_sdp::Kind) -> Option<MediaKind> {
        match kind {
            weir_sdp::Kind::Audio => Some(MediaKind::Audio),
            weir_sdp::Kind::Video => Some(MediaKind::Video),
            _ => None,
        }
    }

    /// The word of the `m=` line.
    pub const fn word(self) -> &'static str {
        match self {
            MediaKind::Audio => "audio",
            MediaKind::Video => "video",
        }
    }

    /// True for codecs of this kind.
    pub const fn has(self, codec: Codec) -> bool {
        match self {
            MediaKind::Audio => codec.is_audio(),
            MediaKind::Video => codec.is_video(),
        }
    }
}
