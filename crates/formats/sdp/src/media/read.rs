use super::{
    Attribute, Direction, ExtMap, Fingerprint, Kind, Media, Msid, Payload, Setup, Source, SourceGroup, is_rtp,
};
use crate::text::{Line, is_ice_text, is_token};
use crate::{Candidate, Error, Rid, Simulcast};

/// The longest digest of a certificate: that of SHA-512.
const MAX_DIGEST: usize = 64;

/// Reads a section line by line.
#[derive(Clone, Default)]
pub(crate) struct MediaReader {
    pub(crate) media: Media,
    /// False while the fingerprints are those that the session says for all.
    own_fingerprints: bool,
}

impl MediaReader {
    /// Begins a section with what the session says for all.
    pub(crate) fn section(&self, line: &Line<'_>) -> Result<MediaReader, Error> {
        let mut media = Media { candidates: Vec::new(), end_of_candidates: false, ..self.media.clone() };
        read_m_line(&mut media, line)?;
        Ok(MediaReader { media, own_fingerprints: false })
    }

    pub(crate) fn attribute(&mut self, line: &Line<'_>) -> Result<(), Error> {
        let (name, value) = line.attribute();
        if self.flag(name) {
            return Ok(());
        }
        let Some(value) = value else {
            self.keep(name, None);
            return Ok(());
        };
        if self.media.is_rtp() && payload_attribute(&mut self.media, line, name, value)? {
            return Ok(());
        }
        if self.transport(line, name, value)? || self.sources(line, name, value)? {
            return Ok(());
        }
        match name {
            "mid" => self.media.mid = Some(token(line, value, "a token as mid")?),
            "extmap" => self.media.extensions.push(extmap(value).ok_or_else(|| line.expected("extmap: id and URI"))?),
            "rid" => self.media.rids.push(Rid::parse(value).ok_or_else(|| line.expected("rid: a name, send or recv"))?),
            "simulcast" => {
                let simulcast = Simulcast::parse(value);
                self.media.simulcast =
                    Some(simulcast.ok_or_else(|| line.expected("simulcast: send or recv and rids"))?);
            }
            _ => self.keep(name, Some(value)),
        }
        Ok(())
    }

    /// Attributes without a value.
    fn flag(&mut self, name: &str) -> bool {
        let media = &mut self.media;
        match name {
            "sendrecv" => media.direction = Direction::SendRecv,
            "sendonly" => media.direction = Direction::SendOnly,
            "recvonly" => media.direction = Direction::RecvOnly,
            "inactive" => media.direction = Direction::Inactive,
            "rtcp-mux" => media.rtcp_mux = true,
            "rtcp-rsize" => media.rtcp_rsize = true,
            "bundle-only" => media.bundle_only = true,
            "end-of-candidates" => media.end_of_candidates = true,
            _ => return false,
        }
        true
    }

    /// ICE and DTLS.
    fn transport(&mut self, line: &Line<'_>, name: &str, value: &str) -> Result<bool, Error> {
        let media = &mut self.media;
        match name {
            "ice-ufrag" => media.ice_ufrag = Some(ice_text(line, value, 4, "an ice-ufrag of 4 to 256 characters")?),
            "ice-pwd" => media.ice_pwd = Some(ice_text(line, value, 22, "an ice-pwd of 22 to 256 characters")?),
            "ice-options" => media.ice_options = value.split_ascii_whitespace().map(str::to_owned).collect(),
            "setup" => {
                media.setup = Some(setup(value).ok_or_else(|| line.expected("setup: active, passive or actpass"))?);
            }
            "fingerprint" => {
                let fingerprint = fingerprint(value).ok_or_else(|| line.expected("a digest and its bytes in hex"))?;
                if !std::mem::replace(&mut self.own_fingerprints, true) {
                    media.fingerprints.clear();
                }
                media.fingerprints.push(fingerprint);
            }
            "candidate" => match Candidate::parse(value) {
                Some(candidate) => media.candidates.push(candidate),
                // RFC 8839 clause 5.1: what is not understood is passed over.
                None => self.keep(name, Some(value)),
            },
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// SSRCs and the tracks that they belong to.
    fn sources(&mut self, line: &Line<'_>, name: &str, value: &str) -> Result<bool, Error> {
        let media = &mut self.media;
        match name {
            "msid" => {
                let mut words = value.split_ascii_whitespace().map(str::to_owned);
                let stream = words.next().ok_or_else(|| line.expected("msid: a stream"))?;
                media.msids.push(Msid { stream, track: words.next() });
            }
            "ssrc" => source(media, value).ok_or_else(|| line.expected("ssrc: a number and an attribute"))?,
            "ssrc-group" => {
                let group = source_group(value).ok_or_else(|| line.expected("ssrc-group: semantics and numbers"))?;
                media.source_groups.push(group);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn keep(&mut self, name: &str, value: Option<&str>) {
        self.media.other.push(Attribute { name: name.to_owned(), value: value.map(str::to_owned) });
    }
}

impl Media {
    /// Attributes that a session may have for all of its sections.
    pub(crate) fn is_common(name: &str) -> bool {
        const COMMON: [&str; 11] = [
            "sendrecv",
            "sendonly",
            "recvonly",
            "inactive",
            "ice-ufrag",
            "ice-pwd",
            "ice-options",
            "setup",
            "fingerprint",
            "candidate",
            "end-of-candidates",
        ];
        COMMON.contains(&name)
    }
}

/// `audio 9 UDP/TLS/RTP/SAVPF 111 63`.
fn read_m_line(media: &mut Media, line: &Line<'_>) -> Result<(), Error> {
    const EXPECTED: &str = "m=: kind, port, protocol and formats";
    let mut words = line.value.split_ascii_whitespace();
    let (Some(kind), Some(port), Some(protocol)) = (words.next(), words.next(), words.next()) else {
        return Err(line.expected(EXPECTED));
    };
    media.kind = match kind {
        "audio" => Kind::Audio,
        "video" => Kind::Video,
        "application" => Kind::Application,
        other => Kind::Other(token(line, other, EXPECTED)?),
    };
    // `port/number of ports` was for layered coding over multicast.
    let port = port.split_once('/').map_or(port, |(port, _)| port);
    media.port = port.parse().map_err(|_| line.expected("m=: a port from 0 to 65535"))?;
    media.protocol = protocol.to_owned();
    if !is_rtp(protocol) {
        media.formats = words.map(str::to_owned).collect();
        return Ok(());
    }
    for word in words {
        let pt =
            word.parse().ok().filter(|pt| *pt < 128).ok_or_else(|| line.expected("m=: payload types below 128"))?;
        if media.payload(pt).is_some() {
            return Err(line.expected("m=: each payload type once"));
        }
        media.payloads.push(Payload::new(pt));
    }
    Ok(())
}

/// Attributes of single payload types. What is said of types that the `m=` line does not name is passed over.
fn payload_attribute(media: &mut Media, line: &Line<'_>, name: &str, value: &str) -> Result<bool, Error> {
    if !matches!(name, "rtpmap" | "fmtp" | "rtcp-fb") {
        return Ok(false);
    }
    let (word, rest) = value.split_once(' ').unwrap_or((value, ""));
    let rest = rest.trim();
    if name == "rtcp-fb" && word == "*" {
        media.payloads.iter_mut().for_each(|payload| payload.feedback.push(rest.to_owned()));
        return Ok(true);
    }
    let pt: u8 = word.parse().ok().filter(|pt| *pt < 128).ok_or_else(|| line.expected("a payload type below 128"))?;
    let Some(payload) = media.payloads.iter_mut().find(|payload| payload.pt == pt) else { return Ok(true) };
    match name {
        "rtpmap" => payload.set_map(rest).ok_or_else(|| line.expected("rtpmap: a format and its clock rate"))?,
        "fmtp" if payload.fmtp.is_empty() => payload.fmtp = rest.to_owned(),
        "fmtp" => payload.fmtp = format!("{};{rest}", payload.fmtp),
        _ => payload.feedback.push(rest.to_owned()),
    }
    Ok(true)
}

fn token(line: &Line<'_>, value: &str, expected: &'static str) -> Result<String, Error> {
    is_token(value).then(|| value.to_owned()).ok_or_else(|| line.expected(expected))
}

fn ice_text(line: &Line<'_>, value: &str, min: usize, expected: &'static str) -> Result<String, Error> {
    is_ice_text(value, min).then(|| value.to_owned()).ok_or_else(|| line.expected(expected))
}

fn setup(value: &str) -> Option<Setup> {
    [Setup::Active, Setup::Passive, Setup::Actpass, Setup::Holdconn].into_iter().find(|setup| setup.word() == value)
}

fn fingerprint(value: &str) -> Option<Fingerprint> {
    let (hash, digest) = value.split_once(' ')?;
    let byte = |hex: &str| u8::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 2);
    let bytes = digest.trim().split(':').take(MAX_DIGEST + 1).map(byte).collect::<Option<Vec<u8>>>()?;
    let hash = hash.to_ascii_lowercase();
    let fits = if hash == "sha-256" { bytes.len() == 32 } else { bytes.len() <= MAX_DIGEST };
    fits.then_some(Fingerprint { hash, bytes })
}

fn extmap(value: &str) -> Option<ExtMap> {
    let mut words = value.splitn(3, ' ');
    let id = words.next()?;
    let (id, direction) = id.split_once('/').map_or((id, None), |(id, direction)| (id, Some(direction)));
    let direction = match direction {
        None => None,
        Some("sendrecv") => Some(Direction::SendRecv),
        Some("sendonly") => Some(Direction::SendOnly),
        Some("recvonly") => Some(Direction::RecvOnly),
        Some("inactive") => Some(Direction::Inactive),
        Some(_) => return None,
    };
    let uri = words.next().filter(|uri| !uri.is_empty())?.to_owned();
    let attributes = words.next().unwrap_or_default().trim().to_owned();
    Some(ExtMap { id: id.parse().ok()?, direction, uri, attributes })
}

/// `SSRC attribute:value`; lines of one SSRC are gathered.
fn source(media: &mut Media, value: &str) -> Option<()> {
    let (ssrc, attribute) = value.split_once(' ').unwrap_or((value, ""));
    let ssrc = ssrc.parse().ok()?;
    let attribute = attribute.trim();
    let (name, value) = attribute.split_once(':').map_or((attribute, None), |(name, value)| (name, Some(value)));
    // The lines of one SSRC stand together, mostly.
    let known = media.sources.iter_mut().rev().find(|source| source.ssrc == ssrc);
    let attribute = (!name.is_empty()).then(|| Attribute { name: name.to_owned(), value: value.map(str::to_owned) });
    match known {
        Some(source) => source.attributes.extend(attribute),
        None => media.sources.push(Source { ssrc, attributes: attribute.into_iter().collect() }),
    }
    Some(())
}

fn source_group(value: &str) -> Option<SourceGroup> {
    let mut words = value.split_ascii_whitespace();
    let semantics = words.next().filter(|word| is_token(word))?.to_owned();
    let ssrcs = words.map(|word| word.parse().ok()).collect::<Option<Vec<u32>>>()?;
    Some(SourceGroup { semantics, ssrcs })
}
