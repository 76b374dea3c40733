//! [`Media`]: one section of a description.

mod payload;
mod read;
mod write;

pub use payload::Payload;
pub(crate) use read::MediaReader;

use crate::text::Attribute;
use crate::{Candidate, Rid, Simulcast};

/// One section, from its `m=` line to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Media {
    /// What flows.
    pub kind: Kind,
    /// Where; 9 when ICE finds it, 0 when the section is refused, or stands for another's port.
    pub port: u16,
    /// `UDP/TLS/RTP/SAVPF` and the like.
    pub protocol: String,
    /// Payload types in order of preference, if the protocol is one of RTP.
    pub payloads: Vec<Payload>,
    /// What stands there with another protocol: `webrtc-datachannel`.
    pub formats: Vec<String>,
    /// `c=`, as written: `IN IP4` and an address.
    pub connection: Option<String>,
    /// The name of the section.
    pub mid: Option<String>,
    /// Who sends.
    pub direction: Direction,
    /// The name of the ICE agent.
    pub ice_ufrag: Option<String>,
    /// Its password.
    pub ice_pwd: Option<String>,
    /// What it understands: `trickle`, `ice2`, `renomination`.
    pub ice_options: Vec<String>,
    /// Digests of the certificates that it may show.
    pub fingerprints: Vec<Fingerprint>,
    /// Who opens the connection of DTLS.
    pub setup: Option<Setup>,
    /// When RTP and RTCP share a port.
    pub rtcp_mux: bool,
    /// When RTCP of reduced size is understood.
    pub rtcp_rsize: bool,
    /// When the section lives only as part of its bundle.
    pub bundle_only: bool,
    /// Header extensions by their ids.
    pub extensions: Vec<ExtMap>,
    /// Streams and tracks that the section belongs to.
    pub msids: Vec<Msid>,
    /// What is said of single SSRCs.
    pub sources: Vec<Source>,
    /// SSRCs that belong together.
    pub source_groups: Vec<SourceGroup>,
    /// Names of single RTP streams.
    pub rids: Vec<Rid>,
    /// Layers of one picture.
    pub simulcast: Option<Simulcast>,
    /// Where the ICE agent may be reached.
    pub candidates: Vec<Candidate>,
    /// When no more candidates come.
    pub end_of_candidates: bool,
    /// Attributes without a field here.
    pub other: Vec<Attribute>,
}

/// What flows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
    /// Data channels, and other protocols.
    Application,
    /// Something else: `text`, `image`.
    Other(String),
}

impl Default for Kind {
    fn default() -> Kind {
        Kind::Other(String::new())
    }
}

/// Who sends, seen from the writer of the description.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both.
    #[default]
    SendRecv,
    /// The writer.
    SendOnly,
    /// The reader.
    RecvOnly,
    /// Nobody.
    Inactive,
}

/// Who opens the connection of DTLS: RFC 4145 clause 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// The writer.
    Active,
    /// The reader.
    Passive,
    /// Who the reader says.
    Actpass,
    /// Nobody for now.
    Holdconn,
}

/// The digest of a certificate: RFC 8122 clause 5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// The digest's name, in lower case: `sha-256`.
    pub hash: String,
    /// The digest.
    pub bytes: Vec<u8>,
}

/// A header extension and its id: RFC 8285 clause 5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtMap {
    /// 1 to 14 fit a header of one byte, to 255 one of two.
    pub id: u16,
    /// Who sends it; by default the same as the section.
    pub direction: Option<Direction>,
    /// What it is.
    pub uri: String,
    /// What follows the URI; mostly empty.
    pub attributes: String,
}

/// The stream and the track of a browser that a section belongs to: RFC 8830.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Msid {
    /// The stream; `-` for none.
    pub stream: String,
    /// The track.
    pub track: Option<String>,
}

/// What is said of one SSRC: RFC 5576 clause 4.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Which.
    pub ssrc: u32,
    /// `cname`, `msid`, `label` and the like, with their values.
    pub attributes: Vec<Attribute>,
}

/// SSRCs that belong together: RFC 5576 clause 4.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceGroup {
    /// `FID`: a stream and its retransmissions; `SIM`: layers of simulcast; `FEC-FR`: a stream and its repair.
    pub semantics: String,
    /// Which, in order.
    pub ssrcs: Vec<u32>,
}

impl Media {
    /// True when the section carries RTP by its protocol.
    pub fn is_rtp(&self) -> bool {
        is_rtp(&self.protocol)
    }

    /// The payload type, if it is offered.
    pub fn payload(&self, pt: u8) -> Option<&Payload> {
        self.payloads.iter().find(|payload| payload.pt == pt)
    }

    /// The value of an attribute without a field here, for instance `control`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.other.iter().find(|attribute| attribute.name == name)?.value.as_deref()
    }
}

fn is_rtp(protocol: &str) -> bool {
    protocol.split('/').any(|part| part.eq_ignore_ascii_case("RTP"))
}

impl Kind {
    /// The word of the `m=` line.
    pub fn word(&self) -> &str {
        match self {
            Kind::Audio => "audio",
            Kind::Video => "video",
            Kind::Application => "application",
            Kind::Other(word) => word,
        }
    }
}

impl Direction {
    /// The attribute's name.
    pub fn word(self) -> &'static str {
        match self {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }

    /// True when the writer sends.
    pub fn sends(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::SendOnly)
    }

    /// True when the writer takes.
    pub fn receives(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::RecvOnly)
    }
}

impl Setup {
    /// The attribute's value.
    pub fn word(self) -> &'static str {
        match self {
            Setup::Active => "active",
            Setup::Passive => "passive",
            Setup::Actpass => "actpass",
            Setup::Holdconn => "holdconn",
        }
    }
}
