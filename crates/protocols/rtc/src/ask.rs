//! The client's half: an offer, and what its answer says.

use weir_codec::Codec;
use weir_sdp::{Candidate, Direction, Group, Media, Origin, Session, Setup};

use crate::answer::{self, Local};
use crate::formats::{self, Switches};
use crate::offer;
use crate::peer::{Extension, Format};
use crate::plan::{AgreedFormat, DtlsRole, Feedback, MediaKind, MediaPlan, Plan, Role, Section, SourcePair};
use crate::refusal::{Fault, Refusal, Side};

/// What a client wants.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// Whether it sends or takes.
    pub role: Role,
    /// Codecs of sound in order of preference; empty for no section of sound. Those that RTP does not carry here are
    /// passed over.
    pub audio: &'a [Codec],
    /// Codecs of pictures in order of preference; empty for no section of pictures.
    pub video: &'a [Codec],
    /// How many sections of pictures.
    pub videos: usize,
    /// Names of layers that a publisher sends of each picture; empty without simulcast.
    pub layers: &'a [&'a str],
}

/// This side's transport.
#[derive(Clone, Debug)]
pub struct AskParts<'a> {
    /// The name of this side's ICE agent: 4 to 256 letters and digits.
    pub ice_ufrag: &'a str,
    /// Its password: 22 to 256 letters and digits.
    pub ice_pwd: &'a str,
    /// SHA-256 of this side's certificate.
    pub fingerprint: [u8; 32],
    /// Where this side may be reached; servers mostly see it by themselves.
    pub candidates: &'a [Candidate],
    /// Who opens the connection of DTLS; [`Setup::Actpass`] leaves it to the server.
    pub setup: Setup,
}

/// An offer that waits for its answer.
#[derive(Clone, Debug)]
pub struct Asked {
    role: Role,
    cname: String,
    sections: Vec<MediaPlan>,
    session: Session,
}

/// Payload types that are offered, with those of their retransmissions; the numbers are those of browsers.
const OFFERED: [(Codec, u8, Option<u8>, &str); 10] = [
    (Codec::H264, 102, Some(103), "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
    (Codec::H264, 104, Some(105), "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f"),
    (Codec::H264, 106, Some(107), "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f"),
    (Codec::H265, 49, Some(50), "level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST"),
    (Codec::Av1, 45, Some(46), "level-idx=5;profile=0;tier=0"),
    (Codec::Vp9, 98, Some(99), "profile-id=0"),
    (Codec::Vp8, 96, Some(97), ""),
    (Codec::Opus, 111, None, "minptime=10;useinbandfec=1"),
    (Codec::G711u, 0, None, ""),
    (Codec::G711a, 8, None, ""),
];

/// Ids of header extensions that are offered, as browsers number them.
const EXTENSIONS: [(u8, Extension); 8] = [
    (1, Extension::AudioLevel),
    (2, Extension::AbsoluteSendTime),
    (3, Extension::TransportCc),
    (4, Extension::Mid),
    (10, Extension::Rid),
    (11, Extension::RepairedRid),
    (12, Extension::AbsoluteCaptureTime),
    (13, Extension::VideoOrientation),
];

impl Ask<'_> {
    /// Makes the offer. `random` yields numbers that nobody can guess: SSRCs, and this side's name.
    pub fn offer(&self, parts: &AskParts<'_>, random: &mut dyn FnMut() -> u32) -> Asked {
        let mut used = Vec::new();
        let videos = std::iter::repeat_n((MediaKind::Video, self.video), self.videos);
        let mut sections = Vec::new();
        for (kind, codecs) in std::iter::once((MediaKind::Audio, self.audio)).chain(videos) {
            if !codecs.is_empty() {
                sections.push(self.section(sections.len(), kind, codecs, &mut used, random));
            }
        }
        let cname = answer::word(random, 16);
        let local = Local { ice_ufrag: parts.ice_ufrag, ice_pwd: parts.ice_pwd, fingerprint: &parts.fingerprint };
        let describe = |plan: &MediaPlan| Media {
            candidates: parts.candidates.to_vec(),
            ..plan.describe(&local, parts.setup, &cname)
        };
        let session = Session {
            origin: Origin { session_id: random().to_string(), version: "2".to_owned(), ..Origin::default() },
            groups: vec![Group {
                semantics: "BUNDLE".to_owned(),
                mids: sections.iter().map(|section| section.mid.clone()).collect(),
            }],
            msid_semantic: Some("WMS *".to_owned()),
            media: sections.iter().map(describe).collect(),
            ..Session::default()
        };
        Asked { role: self.role, cname, sections, session }
    }

    fn section(
        &self,
        index: usize,
        kind: MediaKind,
        codecs: &[Codec],
        used: &mut Vec<u32>,
        random: &mut dyn FnMut() -> u32,
    ) -> MediaPlan {
        let publishes = self.role == Role::Publish;
        let layers: &[&str] = if publishes && kind == MediaKind::Video { self.layers } else { &[] };
        let formats: Vec<AgreedFormat> =
            codecs.iter().filter(|codec| kind.has(**codec)).flat_map(|codec| offered(*codec)).collect();
        let resends = formats.iter().any(|agreed| agreed.format.rtx.is_some());
        let mut ssrc = || answer::new_ssrc(used, random);
        let sources = if publishes { layers.len().max(1) } else { 0 };
        let ours = (0..sources).map(|_| SourcePair { ssrc: ssrc(), rtx: resends.then(&mut ssrc) }).collect();
        let fits = |extension| match extension {
            Extension::AudioLevel => kind == MediaKind::Audio,
            Extension::VideoOrientation => kind == MediaKind::Video,
            Extension::Rid | Extension::RepairedRid => !layers.is_empty(),
            _ => true,
        };
        MediaPlan {
            mid: index.to_string(),
            kind,
            direction: if publishes { Direction::SendOnly } else { Direction::RecvOnly },
            protocol: "UDP/TLS/RTP/SAVPF".to_owned(),
            formats,
            extensions: EXTENSIONS.into_iter().filter(|entry| fits(entry.1)).collect(),
            peer: Vec::new(),
            ours,
            layers: layers.iter().map(|layer| (*layer).to_owned()).collect(),
            label: if publishes { format!("{}-{}", kind.word(), answer::word(random, 8)) } else { String::new() },
            track: None,
        }
    }
}

/// The payload types of a codec.
fn offered(codec: Codec) -> impl Iterator<Item = AgreedFormat> {
    let video = codec.is_video();
    let feedback = Feedback { nack: video, pli: video, fir: video, transport_cc: true, remb: false };
    OFFERED.into_iter().filter(move |offered| offered.0 == codec).map(move |(codec, pt, rtx, parameters)| {
        let format = Format {
            pt,
            rtx,
            codec,
            clock_rate: formats::encoding(codec).map_or(0, |known| known.1),
            channels: (codec == Codec::Opus).then_some(2),
            parameters: parameters.to_owned(),
        };
        AgreedFormat { format, feedback }
    })
}

impl Asked {
    /// The offer, to be sent.
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.session.write_to(&mut out);
        out
    }

    /// Reads the answer.
    ///
    /// # Errors
    ///
    /// When it is not an answer to this offer, or takes nothing of it.
    pub fn read_answer(&self, text: &str) -> Result<Plan, Refusal> {
        let session = Session::parse(text)?;
        let (found, expected) = (session.media.len(), self.sections.len());
        if found != expected {
            return Err(Refusal::Sections { found, expected });
        }
        let mut sections = Vec::new();
        let mut transport = None;
        for (index, (asked, media)) in self.sections.iter().zip(&session.media).enumerate() {
            let refuse = |fault| offer::refuse(index, media, fault);
            let Some(plan) = self.section(asked, media).map_err(refuse)? else {
                sections.push(Section::Refused(offer::refused(media)));
                continue;
            };
            if transport.is_none() {
                let remote = offer::remote(&session, media).map_err(refuse)?;
                transport = Some((remote, dtls_role(media).map_err(refuse)?));
            }
            sections.push(Section::Media(plan));
        }
        let (remote, dtls) = transport.ok_or(Refusal::NoMedia(Side::Answer))?;
        Ok(Plan { role: self.role, sections, remote, dtls, cname: self.cname.clone() })
    }

    /// What is left of a section; `None` when it is refused.
    fn section(&self, asked: &MediaPlan, media: &Media) -> Result<Option<MediaPlan>, Fault> {
        let flows = match self.role {
            Role::Publish => media.direction.receives(),
            Role::Play => media.direction.sends(),
        };
        if media.port == 0 || !flows {
            return Ok(None);
        }
        let mut formats = formats::formats(media, asked.kind, Switches { nack: true, twcc: true });
        formats.retain(|agreed| asked.formats.iter().any(|asked| asked.format.pt == agreed.format.pt));
        if formats.is_empty() {
            let served = asked.formats.iter().map(|asked| asked.format.codec.label().to_owned()).collect();
            return Err(Fault::NoCodec { offered: formats::offered(media), served });
        }
        let answered = |entry: &&(u8, Extension)| {
            media.extensions.iter().any(|map| map.id == u16::from(entry.0) && map.uri == entry.1.uri())
        };
        let taken = media.simulcast.iter().flat_map(|simulcast| &simulcast.recv).flatten();
        let taken: Vec<&str> = taken.map(|stream| stream.rid.as_str()).collect();
        let layers: Vec<String> =
            asked.layers.iter().filter(|layer| taken.contains(&layer.as_str())).cloned().collect();
        let sources = if asked.layers.is_empty() { asked.ours.len() } else { layers.len().max(1) };
        Ok(Some(MediaPlan {
            formats,
            extensions: asked.extensions.iter().filter(answered).copied().collect(),
            peer: offer::sources(media),
            ours: asked.ours.iter().take(sources).copied().collect(),
            layers,
            ..asked.clone()
        }))
    }
}

fn dtls_role(media: &Media) -> Result<DtlsRole, Fault> {
    match media.setup {
        Some(Setup::Passive) => Ok(DtlsRole::Active),
        Some(Setup::Active) | None => Ok(DtlsRole::Passive),
        Some(other) => Err(Fault::Setup(other.word())),
    }
}

#[cfg(test)]
mod tests;
