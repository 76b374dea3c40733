use weir_sdp::{
    Attribute, Candidate, Direction, ExtMap, Fingerprint, Group, Kind, Media, Msid, Origin, Payload, Rid, RidDirection,
    Session, Setup, Simulcast, SimulcastStream, Source, SourceGroup, Transport,
};

use crate::plan::{AgreedFormat, DtlsRole, MediaKind, MediaPlan, Plan, RefusedSection, Role, Section, SourcePair};

/// What this side adds to a plan to make an answer of it.
#[derive(Clone, Debug)]
pub struct AnswerParts<'a> {
    /// The name of this side's ICE agent: 4 to 256 letters and digits.
    pub ice_ufrag: &'a str,
    /// Its password: 22 to 256 letters and digits.
    pub ice_pwd: &'a str,
    /// SHA-256 of this side's certificate.
    pub fingerprint: [u8; 32],
    /// Where this side may be reached, the best first, as [`host_candidates`] writes them.
    pub candidates: &'a [Candidate],
    /// The application.
    pub app: &'a str,
    /// The stream.
    pub stream: &'a str,
    /// A number for the session.
    pub session_id: u64,
}

/// SRS's priority of every candidate: that of a host's first address.
const PRIORITY: u32 = 2_130_706_431;

impl Plan {
    /// The answer, in the order and the words of SRS.
    pub fn answer(&self, parts: &AnswerParts<'_>) -> String {
        let mids = self.media().map(|media| media.mid.clone()).collect();
        let session = Session {
            origin: Origin {
                username: weir_base::SIGNATURE.to_owned(),
                session_id: parts.session_id.to_string(),
                version: "2".to_owned(),
                ..Origin::default()
            },
            name: match self.role {
                Role::Publish => "SRSPublishSession".to_owned(),
                Role::Play => "SRSPlaySession".to_owned(),
            },
            ice_lite: true,
            groups: vec![Group { semantics: "BUNDLE".to_owned(), mids }],
            msid_semantic: Some(format!("WMS {}/{}", parts.app, parts.stream)),
            media: self.sections.iter().map(|section| self.section(section, parts)).collect(),
            ..Session::default()
        };
        let mut out = String::new();
        session.write_to(&mut out);
        out
    }

    fn section(&self, section: &Section, parts: &AnswerParts<'_>) -> Media {
        match section {
            Section::Refused(refused) => refused.write(),
            Section::Media(plan) => Media {
                candidates: parts.candidates.to_vec(),
                ..plan.describe(
                    &Local { ice_ufrag: parts.ice_ufrag, ice_pwd: parts.ice_pwd, fingerprint: &parts.fingerprint },
                    match self.dtls {
                        DtlsRole::Active => Setup::Active,
                        DtlsRole::Passive => Setup::Passive,
                    },
                    &self.cname,
                )
            },
        }
    }
}

/// This side's transport.
pub(crate) struct Local<'a> {
    pub(crate) ice_ufrag: &'a str,
    pub(crate) ice_pwd: &'a str,
    pub(crate) fingerprint: &'a [u8; 32],
}

impl MediaPlan {
    /// The section of a description that says this plan.
    pub(crate) fn describe(&self, local: &Local<'_>, setup: Setup, cname: &str) -> Media {
        let sends = self.direction == Direction::SendOnly;
        let extension = |&(id, extension): &(u8, crate::Extension)| ExtMap {
            id: id.into(),
            direction: None,
            uri: extension.uri().to_owned(),
            attributes: String::new(),
        };
        // What has layers tells them by name.
        let sources = if self.layers.is_empty() { self.ours.as_slice() } else { &[] };
        Media {
            kind: match self.kind {
                MediaKind::Audio => Kind::Audio,
                MediaKind::Video => Kind::Video,
            },
            port: 9,
            protocol: self.protocol.clone(),
            payloads: self.formats.iter().flat_map(AgreedFormat::payloads).collect(),
            mid: Some(self.mid.clone()),
            direction: self.direction,
            ice_ufrag: Some(local.ice_ufrag.to_owned()),
            ice_pwd: Some(local.ice_pwd.to_owned()),
            fingerprints: vec![Fingerprint { hash: "sha-256".to_owned(), bytes: local.fingerprint.to_vec() }],
            setup: Some(setup),
            rtcp_mux: true,
            rtcp_rsize: true,
            extensions: self.extensions.iter().map(extension).collect(),
            msids: sends
                .then(|| Msid { stream: cname.to_owned(), track: Some(self.label.clone()) })
                .into_iter()
                .collect(),
            sources: sources.iter().flat_map(|pair| self.sources(*pair, cname)).collect(),
            source_groups: sources.iter().filter_map(|pair| fid(*pair)).collect(),
            rids: self.rids(sends),
            simulcast: self.simulcast(sends),
            ..Media::default()
        }
    }

    fn sources(&self, pair: SourcePair, cname: &str) -> impl Iterator<Item = Source> {
        let attribute = |name: &str, value: &str| Attribute { name: name.to_owned(), value: Some(value.to_owned()) };
        let attributes = vec![attribute("cname", cname), attribute("label", &self.label)];
        let ssrcs = [Some(pair.ssrc), pair.rtx].into_iter().flatten();
        ssrcs.map(move |ssrc| Source { ssrc, attributes: attributes.clone() })
    }

    fn rids(&self, sends: bool) -> Vec<Rid> {
        let direction = if sends { RidDirection::Send } else { RidDirection::Recv };
        let rid = |id: &String| Rid { id: id.clone(), direction, restrictions: String::new() };
        self.layers.iter().map(rid).collect()
    }

    fn simulcast(&self, sends: bool) -> Option<Simulcast> {
        let stream = |rid: &String| vec![SimulcastStream { rid: rid.clone(), paused: false }];
        let streams: Vec<_> = self.layers.iter().map(stream).collect();
        match (streams.is_empty(), sends) {
            (true, _) => None,
            (false, true) => Some(Simulcast { send: streams, recv: Vec::new() }),
            (false, false) => Some(Simulcast { send: Vec::new(), recv: streams }),
        }
    }
}

fn fid(pair: SourcePair) -> Option<SourceGroup> {
    Some(SourceGroup { semantics: "FID".to_owned(), ssrcs: vec![pair.ssrc, pair.rtx?] })
}

impl AgreedFormat {
    /// The payload type, and that of its retransmissions.
    fn payloads(&self) -> impl Iterator<Item = Payload> + use<> {
        let format = &self.format;
        let encoding = crate::formats::encoding(format.codec).map_or("", |known| known.0);
        let main = Payload {
            pt: format.pt,
            encoding: encoding.to_owned(),
            clock_rate: format.clock_rate,
            channels: format.channels,
            fmtp: format.parameters.clone(),
            feedback: self.feedback.words(),
        };
        let rtx = format.rtx.map(|pt| Payload {
            pt,
            encoding: "rtx".to_owned(),
            clock_rate: format.clock_rate,
            fmtp: format!("apt={}", format.pt),
            ..Payload::default()
        });
        std::iter::once(main).chain(rtx)
    }
}

impl RefusedSection {
    fn write(&self) -> Media {
        Media {
            kind: self.kind.clone(),
            port: 0,
            protocol: self.protocol.clone(),
            formats: vec![self.format.clone()],
            mid: self.mid.clone(),
            direction: Direction::Inactive,
            ..Media::default()
        }
    }
}

/// Candidates in SRS's form, each of a transport, a host (an address, or a name that the peer resolves) and a port:
/// `tcptype` ends those of TCP.
pub fn host_candidates(places: impl IntoIterator<Item = (Transport, String, u16)>) -> Vec<Candidate> {
    let candidate = |(index, (transport, address, port)): (usize, (Transport, String, u16))| Candidate {
        foundation: index.to_string(),
        component: 1,
        transport,
        priority: PRIORITY,
        address,
        port,
        typ: "host".to_owned(),
        related: None,
        tcp_type: (transport == Transport::Tcp).then(|| "passive".to_owned()),
        extensions: match transport {
            Transport::Udp => vec![("generation".to_owned(), "0".to_owned())],
            Transport::Tcp => Vec::new(),
        },
    };
    places.into_iter().enumerate().map(candidate).collect()
}
