//! [`Session`]: a whole description.

use crate::Error;
use crate::media::{Media, MediaReader};
use crate::text::{Attribute, Line, is_token, lines, push_line};

/// How many sections of media are read: more than a browser has tracks for.
const MAX_MEDIA: usize = 128;

/// A session description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Who made it.
    pub origin: Origin,
    /// `s=`; browsers write `-`.
    pub name: String,
    /// True when its maker is an ICE agent of the lite kind: it answers checks and makes none.
    pub ice_lite: bool,
    /// Sections that belong together.
    pub groups: Vec<Group>,
    /// True when headers with extensions of one byte and of two may be mixed.
    pub extmap_allow_mixed: bool,
    /// `a=msid-semantic`, as written.
    pub msid_semantic: Option<String>,
    /// Attributes of the session without a field here.
    pub other: Vec<Attribute>,
    /// The sections, in order.
    pub media: Vec<Media>,
}

/// `o=`: RFC 8866 clause 5.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The user, or the software.
    pub username: String,
    /// Which session: a number.
    pub session_id: String,
    /// Which version of it: a number that grows.
    pub version: String,
    /// `IN IP4` and an address.
    pub address: String,
}

/// `a=group`: RFC 5888.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// `BUNDLE`, `LS` and others.
    pub semantics: String,
    /// The sections in it, by [`Media::mid`].
    pub mids: Vec<String>,
}

impl Default for Origin {
    fn default() -> Origin {
        Origin {
            username: "-".to_owned(),
            session_id: "0".to_owned(),
            version: "0".to_owned(),
            address: "IN IP4 0.0.0.0".to_owned(),
        }
    }
}

impl Session {
    /// Reads a description. Lines may end with CRLF or LF.
    ///
    /// # Errors
    ///
    /// The first line that is not what it has to be, or that is too much.
    pub fn parse(text: &str) -> Result<Session, Error> {
        let lines = lines(text)?;
        let first = lines.first().ok_or(Error::Empty)?;
        if (first.letter, first.value) != ('v', "0") {
            return Err(first.expected("v=0 on the first line"));
        }
        let mut reader = Reader::default();
        lines.iter().try_for_each(|line| reader.line(line))?;
        reader.end_section();
        Ok(reader.session)
    }

    /// Writes the description, each line ended by CRLF. What it writes can be parsed, if the fields are what their
    /// documentation says.
    pub fn write_to(&self, out: &mut String) {
        let Origin { username, session_id, version, address } = &self.origin;
        push_line(out, format_args!("v=0"));
        push_line(out, format_args!("o={username} {session_id} {version} {address}"));
        push_line(out, format_args!("s={}", if self.name.is_empty() { "-" } else { &self.name }));
        push_line(out, format_args!("t=0 0"));
        if self.ice_lite {
            push_line(out, format_args!("a=ice-lite"));
        }
        for Group { semantics, mids } in &self.groups {
            let mids: String = mids.iter().flat_map(|mid| [" ", mid.as_str()]).collect();
            push_line(out, format_args!("a=group:{semantics}{mids}"));
        }
        if self.extmap_allow_mixed {
            push_line(out, format_args!("a=extmap-allow-mixed"));
        }
        if let Some(semantic) = &self.msid_semantic {
            push_line(out, format_args!("a=msid-semantic: {semantic}"));
        }
        self.other.iter().for_each(|attribute| attribute.write_to(out));
        self.media.iter().for_each(|media| media.write_to(out));
    }
}

impl Attribute {
    pub(crate) fn write_to(&self, out: &mut String) {
        match &self.value {
            Some(value) => push_line(out, format_args!("a={}:{value}", self.name)),
            None => push_line(out, format_args!("a={}", self.name)),
        }
    }
}

/// Reads line after line.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) session: Session,
    /// What the session says for all sections: each begins with a copy.
    pub(crate) common: MediaReader,
    section: Option<MediaReader>,
}

impl Reader {
    pub(crate) fn line(&mut self, line: &Line<'_>) -> Result<(), Error> {
        match (line.letter, &mut self.section) {
            ('m', _) => self.begin_section(line),
            ('a', Some(section)) => section.attribute(line),
            ('a', None) => self.attribute(line),
            ('c', section) => {
                section.as_mut().unwrap_or(&mut self.common).media.connection = Some(line.value.to_owned());
                Ok(())
            }
            ('o', None) => {
                self.session.origin = Origin::parse(line.value);
                Ok(())
            }
            ('s', None) => {
                self.session.name = line.value.to_owned();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin_section(&mut self, line: &Line<'_>) -> Result<(), Error> {
        self.end_section();
        if self.session.media.len() >= MAX_MEDIA {
            return Err(Error::TooMany { line: line.number, what: "sections of media", max: MAX_MEDIA });
        }
        self.section = Some(self.common.section(line)?);
        Ok(())
    }

    pub(crate) fn end_section(&mut self) {
        self.session.media.extend(self.section.take().map(|section| section.media));
    }

    fn attribute(&mut self, line: &Line<'_>) -> Result<(), Error> {
        match line.attribute() {
            ("ice-lite", _) => self.session.ice_lite = true,
            ("extmap-allow-mixed", _) => self.session.extmap_allow_mixed = true,
            ("msid-semantic", Some(value)) => self.session.msid_semantic = Some(value.to_owned()),
            ("group", Some(value)) => self.session.groups.push(Group::parse(line, value)?),
            (name, _) if Media::is_common(name) => self.common.attribute(line)?,
            (name, value) => {
                self.session.other.push(Attribute { name: name.to_owned(), value: value.map(str::to_owned) });
            }
        }
        Ok(())
    }
}

impl Origin {
    /// Cameras leave fields out: those that are missing are those of the default.
    fn parse(value: &str) -> Origin {
        let mut origin = Origin::default();
        let mut words = value.splitn(4, ' ').map(str::trim).filter(|word| !word.is_empty());
        for field in [&mut origin.username, &mut origin.session_id, &mut origin.version, &mut origin.address] {
            if let Some(word) = words.next() {
                *field = word.to_owned();
            }
        }
        origin
    }
}

impl Group {
    fn parse(line: &Line<'_>, value: &str) -> Result<Group, Error> {
        let mut words = value.split_ascii_whitespace().map(str::to_owned);
        let semantics =
            words.next().filter(|word| is_token(word)).ok_or_else(|| line.expected("semantics of a group"))?;
        Ok(Group { semantics, mids: words.collect() })
    }
}

#[cfg(test)]
mod tests;
