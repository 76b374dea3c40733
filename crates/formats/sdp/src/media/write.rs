use std::fmt::{self, Write};

use super::{ExtMap, Fingerprint, Media, Msid, Payload, Source, SourceGroup};
use crate::text::push_line;

impl Media {
    /// Writes the section in the order of SRS: transport, name, direction, formats, sources, candidates.
    pub fn write_to(&self, out: &mut String) {
        push_line(out, format_args!("m={} {} {}{}", self.kind.word(), self.port, self.protocol, Formats(self)));
        push_line(out, format_args!("c={}", self.connection.as_deref().unwrap_or("IN IP4 0.0.0.0")));
        self.write_transport(out);
        if let Some(mid) = &self.mid {
            push_line(out, format_args!("a=mid:{mid}"));
        }
        self.extensions.iter().for_each(|extension| push_line(out, format_args!("a={extension}")));
        push_line(out, format_args!("a={}", self.direction.word()));
        self.msids.iter().for_each(|msid| push_line(out, format_args!("a={msid}")));
        let flags = [(self.rtcp_mux, "rtcp-mux"), (self.rtcp_rsize, "rtcp-rsize"), (self.bundle_only, "bundle-only")];
        flags.iter().filter(|flag| flag.0).for_each(|flag| push_line(out, format_args!("a={}", flag.1)));
        self.payloads.iter().for_each(|payload| payload.write_to(out));
        self.rids.iter().for_each(|rid| push_line(out, format_args!("a={rid}")));
        self.simulcast.iter().for_each(|simulcast| push_line(out, format_args!("a={simulcast}")));
        self.source_groups.iter().for_each(|group| push_line(out, format_args!("a={group}")));
        self.sources.iter().for_each(|source| source.write_to(out));
        self.other.iter().for_each(|attribute| attribute.write_to(out));
        self.candidates.iter().for_each(|candidate| push_line(out, format_args!("a={candidate}")));
        if self.end_of_candidates {
            push_line(out, format_args!("a=end-of-candidates"));
        }
    }

    fn write_transport(&self, out: &mut String) {
        if let Some(ufrag) = &self.ice_ufrag {
            push_line(out, format_args!("a=ice-ufrag:{ufrag}"));
        }
        if let Some(pwd) = &self.ice_pwd {
            push_line(out, format_args!("a=ice-pwd:{pwd}"));
        }
        if !self.ice_options.is_empty() {
            push_line(out, format_args!("a=ice-options:{}", self.ice_options.join(" ")));
        }
        self.fingerprints.iter().for_each(|fingerprint| push_line(out, format_args!("a={fingerprint}")));
        if let Some(setup) = self.setup {
            push_line(out, format_args!("a=setup:{}", setup.word()));
        }
    }
}

impl Payload {
    fn write_to(&self, out: &mut String) {
        let Payload { pt, encoding, clock_rate, .. } = self;
        if !encoding.is_empty() {
            match self.channels {
                Some(channels) => push_line(out, format_args!("a=rtpmap:{pt} {encoding}/{clock_rate}/{channels}")),
                None => push_line(out, format_args!("a=rtpmap:{pt} {encoding}/{clock_rate}")),
            }
        }
        self.feedback.iter().for_each(|feedback| push_line(out, format_args!("a=rtcp-fb:{pt} {feedback}")));
        if !self.fmtp.is_empty() {
            push_line(out, format_args!("a=fmtp:{pt} {}", self.fmtp));
        }
    }
}

impl Source {
    fn write_to(&self, out: &mut String) {
        if self.attributes.is_empty() {
            push_line(out, format_args!("a=ssrc:{}", self.ssrc));
        }
        for attribute in &self.attributes {
            let name = &attribute.name;
            match &attribute.value {
                Some(value) => push_line(out, format_args!("a=ssrc:{} {name}:{value}", self.ssrc)),
                None => push_line(out, format_args!("a=ssrc:{} {name}", self.ssrc)),
            }
        }
    }
}

/// What stands at the end of the `m=` line.
struct Formats<'a>(&'a Media);

impl fmt::Display for Formats<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.payloads.iter().try_for_each(|payload| write!(f, " {}", payload.pt))?;
        self.0.formats.iter().try_for_each(|format| write!(f, " {format}"))
    }
}

/// As behind `a=`.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fingerprint:{} ", self.hash)?;
        for (i, byte) in self.bytes.iter().enumerate() {
            write!(f, "{}{byte:02X}", if i == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

impl fmt::Display for ExtMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "extmap:{}", self.id)?;
        if let Some(direction) = self.direction {
            write!(f, "/{}", direction.word())?;
        }
        write!(f, " {}", self.uri)?;
        if self.attributes.is_empty() { Ok(()) } else { write!(f, " {}", self.attributes) }
    }
}

impl fmt::Display for Msid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "msid:{}", self.stream)?;
        self.track.iter().try_for_each(|track| write!(f, " {track}"))
    }
}

impl fmt::Display for SourceGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ssrc-group:{}", self.semantics)?;
        self.ssrcs.iter().try_for_each(|ssrc| f.write_char(' ').and_then(|()| write!(f, "{ssrc}")))
    }
}
