use crate::session::Reader;
use crate::text::{lines, push_line};
use crate::{Candidate, Error};

/// A part of a description that adds candidates or restarts ICE: RFC 8840 clause 9, as WHIP sends it (RFC 9725 clause
/// 4.3). All sections are bundled, so what is said of any holds for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragment {
    /// The name of the ICE agent.
    pub ice_ufrag: Option<String>,
    /// Its password.
    pub ice_pwd: Option<String>,
    /// Where it may be reached.
    pub candidates: Vec<Candidate>,
    /// When no more candidates come.
    pub end_of_candidates: bool,
}

impl Fragment {
    /// Reads a fragment, also a whole description.
    ///
    /// # Errors
    ///
    /// As [`crate::Session::parse`].
    pub fn parse(text: &str) -> Result<Fragment, Error> {
        let mut reader = Reader::default();
        lines(text)?.iter().try_for_each(|line| reader.line(line))?;
        reader.end_section();
        let mut fragment = Fragment::default();
        for media in std::iter::once(&reader.common.media).chain(&reader.session.media) {
            fragment.ice_ufrag = fragment.ice_ufrag.or_else(|| media.ice_ufrag.clone());
            fragment.ice_pwd = fragment.ice_pwd.or_else(|| media.ice_pwd.clone());
            fragment.candidates.extend(media.candidates.iter().cloned());
            fragment.end_of_candidates |= media.end_of_candidates;
        }
        Ok(fragment)
    }

    /// Writes the fragment for the section named `mid`, the first of its bundle.
    pub fn write_to(&self, out: &mut String, mid: &str) {
        if let Some(ufrag) = &self.ice_ufrag {
            push_line(out, format_args!("a=ice-ufrag:{ufrag}"));
        }
        if let Some(pwd) = &self.ice_pwd {
            push_line(out, format_args!("a=ice-pwd:{pwd}"));
        }
        push_line(out, format_args!("m=audio 9 UDP/TLS/RTP/SAVPF 0"));
        push_line(out, format_args!("a=mid:{mid}"));
        self.candidates.iter().for_each(|candidate| push_line(out, format_args!("a={candidate}")));
        if self.end_of_candidates {
            push_line(out, format_args!("a=end-of-candidates"));
        }
    }
}

#[cfg(test)]
mod tests;
