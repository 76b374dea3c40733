//! [`Offer`]: a description that has what every session needs.

use weir_sdp::{Direction, Media, Session, Setup};

use crate::plan::{DtlsRole, MediaKind, RefusedSection, Remote, Role, SourcePair};
use crate::refusal::{Fault, Refusal, Side, Spot};

/// An offer whose transport is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub(crate) session: Session,
    pub(crate) remote: Remote,
    pub(crate) setup: Option<Setup>,
}

impl Offer {
    /// Reads and checks an offer: one bundle, names, RTCP on the port of RTP, encryption, an ICE agent, a certificate.
    ///
    /// # Errors
    ///
    /// The first thing that is missing, with the section that misses it.
    pub fn parse(text: &str) -> Result<Offer, Refusal> {
        let offer = Offer::of(Session::parse(text)?)?;
        if offer.remote.ice_lite {
            return Err(Refusal::BothLite);
        }
        Ok(offer)
    }

    pub(crate) fn of(session: Session) -> Result<Offer, Refusal> {
        let bundle = bundle(&session)?;
        check_mids(&session)?;
        let mut carrying = Vec::new();
        for (index, media) in session.media.iter().enumerate() {
            if carries(media, bundle) {
                check(media).map_err(|fault| refuse(index, media, fault))?;
                carrying.push((index, media));
            }
        }
        let &(index, first) = carrying.first().ok_or(Refusal::NoMedia(Side::Offer))?;
        // A section that lives only in its bundle has the transport of the bundle's first: RFC 8843 clause 7.1.3.
        let tagged = session.media.iter().find(|media| media.mid.as_ref() == bundle.first());
        let transport = if first.ice_ufrag.is_some() { first } else { tagged.unwrap_or(first) };
        let remote = remote(&session, transport).map_err(|fault| refuse(index, first, fault))?;
        let setup = transport.setup;
        Ok(Offer { session, remote, setup })
    }

    /// The description.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The sections with their numbers, and what they carry: `None` for those that are answered with port 0.
    pub(crate) fn sections(&self) -> impl Iterator<Item = (usize, &Media, Option<MediaKind>)> {
        let bundle = bundle(&self.session).unwrap_or_default();
        self.session.media.iter().enumerate().map(move |(index, media)| {
            let kind = MediaKind::of(&media.kind).filter(|_| carries(media, bundle));
            (index, media, kind.filter(|_| media.direction != Direction::Inactive))
        })
    }

    /// Whether this side opens the connection of DTLS: RFC 5763 clause 5. Who leaves it open gets `default`.
    pub(crate) fn dtls_role(&self, default: DtlsRole) -> DtlsRole {
        match self.setup {
            Some(Setup::Active) => DtlsRole::Passive,
            Some(Setup::Passive) => DtlsRole::Active,
            Some(Setup::Actpass | Setup::Holdconn) | None => default,
        }
    }
}

/// The mids of the one bundle.
fn bundle(session: &Session) -> Result<&[String], Refusal> {
    let mut groups = session.groups.iter().filter(|group| group.semantics == "BUNDLE");
    match (groups.next(), groups.count()) {
        (Some(group), 0) => Ok(&group.mids),
        (first, more) => Err(Refusal::Bundle { groups: usize::from(first.is_some()).saturating_add(more) }),
    }
}

fn check_mids(session: &Session) -> Result<(), Refusal> {
    let mut seen: Vec<&str> = Vec::new();
    for mid in session.media.iter().filter_map(|media| media.mid.as_deref()) {
        if seen.contains(&mid) {
            return Err(Refusal::TwoMids { mid: mid.to_owned() });
        }
        seen.push(mid);
    }
    Ok(())
}

/// True for media that is not refused by its own maker and that shares the transport.
fn carries(media: &Media, bundle: &[String]) -> bool {
    let bundled = media.mid.as_ref().is_none_or(|mid| bundle.contains(mid));
    MediaKind::of(&media.kind).is_some() && bundled && (media.port != 0 || media.bundle_only)
}

/// The longest name of a section: what a header extension of one byte holds (RFC 8285 clause 4.2).
const MAX_NAME: usize = 16;

fn check(media: &Media) -> Result<(), Fault> {
    let mid = media.mid.as_ref().ok_or(Fault::NoMid)?;
    if mid.len() > MAX_NAME {
        return Err(Fault::LongMid);
    }
    const PROTOCOLS: [&str; 2] = ["UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF"];
    if !PROTOCOLS.contains(&media.protocol.as_str()) {
        return Err(Fault::Protocol(media.protocol.clone()));
    }
    // RFC 8843 clause 7.1.3: sections that live only in their bundle may leave it out, browsers do not.
    if media.rtcp_mux { Ok(()) } else { Err(Fault::NoRtcpMux) }
}

/// The transport of the section.
pub(crate) fn remote(session: &Session, media: &Media) -> Result<Remote, Fault> {
    let (Some(ice_ufrag), Some(ice_pwd)) = (media.ice_ufrag.clone(), media.ice_pwd.clone()) else {
        return Err(Fault::NoIce);
    };
    let sha256 = media.fingerprints.iter().filter(|fingerprint| fingerprint.hash == "sha-256");
    let Some(fingerprint) = sha256.filter_map(|fingerprint| fingerprint.bytes.as_slice().try_into().ok()).next() else {
        let hashes = media.fingerprints.iter().map(|fingerprint| fingerprint.hash.clone());
        return Err(Fault::NoFingerprint(hashes.collect()));
    };
    if media.setup == Some(Setup::Holdconn) {
        return Err(Fault::Setup(Setup::Holdconn.word()));
    }
    Ok(Remote { ice_ufrag, ice_pwd, ice_lite: session.ice_lite, fingerprint, candidates: media.candidates.clone() })
}

/// A section must not flow against what the client came for.
pub(crate) fn check_direction(media: &Media, role: Role) -> Result<(), Fault> {
    let wrong = match role {
        Role::Publish => Direction::RecvOnly,
        Role::Play => Direction::SendOnly,
    };
    let wants = match role {
        Role::Publish => "publishes",
        Role::Play => "plays",
    };
    if media.direction == wrong { Err(Fault::Direction { found: wrong.word(), wants }) } else { Ok(()) }
}

pub(crate) fn refuse(index: usize, media: &Media, fault: Fault) -> Refusal {
    let spot = Spot { number: index.saturating_add(1), kind: media.kind.word().to_owned(), mid: media.mid.clone() };
    Refusal::Section { spot, fault }
}

/// What the answer repeats of a section that it refuses.
pub(crate) fn refused(media: &Media) -> RefusedSection {
    let payload = media.payloads.first().map(|payload| payload.pt.to_string());
    RefusedSection {
        kind: media.kind.clone(),
        protocol: media.protocol.clone(),
        format: payload.or_else(|| media.formats.first().cloned()).unwrap_or_else(|| "0".to_owned()),
        mid: media.mid.clone(),
    }
}

/// How many streams of one section are read: as many as there can be layers.
pub(crate) const MAX_SOURCES: usize = 8;

/// SSRCs of the streams in a section, each with that of its retransmissions: RFC 5576, RFC 4588 clause 8.3.
pub(crate) fn sources(media: &Media) -> Vec<SourcePair> {
    let groups = |semantics: &'static str| media.source_groups.iter().filter(move |group| group.semantics == semantics);
    let pair_of = |ssrc: u32| {
        let repair = groups("FID").find(|group| group.ssrcs.first() == Some(&ssrc));
        let rtx = repair.and_then(|group| group.ssrcs.get(1).copied()).filter(|rtx| *rtx != ssrc);
        SourcePair { ssrc, rtx }
    };
    // The second of these pairs repairs the first.
    let repairs = |ssrc: u32| {
        groups("FID").chain(groups("FEC-FR")).any(|group| group.ssrcs.iter().skip(1).any(|repair| *repair == ssrc))
    };
    // Layers of a browser without rids are in order in a group, which may be all that names them.
    let layers = groups("SIM").flat_map(|group| group.ssrcs.iter().copied());
    let mut pairs: Vec<SourcePair> = Vec::new();
    for ssrc in layers.chain(media.sources.iter().map(|source| source.ssrc)) {
        if pairs.len() < MAX_SOURCES && !repairs(ssrc) && pairs.iter().all(|pair| pair.ssrc != ssrc) {
            pairs.push(pair_of(ssrc));
        }
    }
    pairs
}
