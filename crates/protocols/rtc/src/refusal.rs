use std::fmt;

use weir_codec::Codec;

/// Why a description is not accepted. The words are for the one who sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// When the text is not a session description.
    #[error("not a session description: {0}")]
    Syntax(#[from] weir_sdp::Error),
    /// When the sections do not share one transport.
    #[error("{groups} groups BUNDLE in the offer, exactly one is needed: all media shares one transport")]
    Bundle {
        /// How many groups there are.
        groups: usize,
    },
    /// When no section could carry media.
    #[error("no audio and no video in the {0}")]
    NoMedia(Side),
    /// When two sections have one name.
    #[error("two sections have the mid {mid:?}")]
    TwoMids {
        /// The name.
        mid: String,
    },
    /// When a section lacks something, or has what cannot be served.
    #[error("{spot}: {fault}")]
    Section {
        /// Which.
        spot: Spot,
        /// What is wrong with it.
        fault: Fault,
    },
    /// When an answer has other sections than its offer.
    #[error("the answer has {found} sections, the offer {expected}")]
    Sections {
        /// In the answer.
        found: usize,
        /// In the offer.
        expected: usize,
    },
    /// When nobody would look for a way.
    #[error("both sides are ice-lite: nobody makes checks")]
    BothLite,
}

/// Whose description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The first.
    Offer,
    /// The second.
    Answer,
}

/// A section of a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Counted from 1.
    pub number: usize,
    /// `audio`, `video` and so on.
    pub kind: String,
    /// Its name.
    pub mid: Option<String>,
}

/// What is wrong with a section.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// When it has no name, and so no place in the bundle.
    #[error("no a=mid")]
    NoMid,
    /// When its name fits no header.
    #[error("a=mid with more than 16 characters")]
    LongMid,
    /// When RTCP would need a port of its own.
    #[error("no a=rtcp-mux: RTCP has no port of its own here")]
    NoRtcpMux,
    /// When media would not be encrypted, or not fed back.
    #[error("protocol {0}, needed is UDP/TLS/RTP/SAVPF")]
    Protocol(String),
    /// When media flows the wrong way.
    #[error("{found} in an offer that {wants}")]
    Direction {
        /// What it says.
        found: &'static str,
        /// What the client came for.
        wants: &'static str,
    },
    /// When there is no ICE agent.
    #[error("no a=ice-ufrag and a=ice-pwd")]
    NoIce,
    /// When the certificate could not be checked.
    #[error("no a=fingerprint:sha-256{}", found(.0))]
    NoFingerprint(Vec<String>),
    /// When DTLS is not to start.
    #[error("a=setup:{0}")]
    Setup(&'static str),
    /// When nothing that it offers can be taken.
    #[error("no codec that is served here, offered {}, served {}", list(offered), list(served))]
    NoCodec {
        /// What the peer has.
        offered: Vec<String>,
        /// What would be taken.
        served: Vec<String>,
    },
    /// When the codec that the URL asks for is not offered.
    #[error("codec={} asked for in the URL and not offered, offered {}", asked.label(), list(offered))]
    NotAsked {
        /// By the URL.
        asked: Codec,
        /// What the peer has.
        offered: Vec<String>,
    },
    /// When the stream has a codec that the player does not.
    #[error("the stream has {}, offered {}", live.label(), list(offered))]
    NotLive {
        /// Of the stream.
        live: Codec,
        /// What the peer has.
        offered: Vec<String>,
    },
}

impl Refusal {
    /// SRS's code: 5012 for what cannot be read, 5018 for what cannot be agreed on.
    pub fn code(&self) -> u32 {
        match self {
            Refusal::Syntax(_) => 5012,
            _ => 5018,
        }
    }
}

fn list(words: &[String]) -> String {
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

fn found(hashes: &[String]) -> String {
    if hashes.is_empty() { String::new() } else { format!(", found {}", hashes.join(", ")) }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "section {} ({}", self.number, self.kind)?;
        match &self.mid {
            Some(mid) => write!(f, ", mid {mid})"),
            None => f.write_str(")"),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::Offer => "offer",
            Side::Answer => "answer",
        })
    }
}
