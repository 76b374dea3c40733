//! Attribute lists (clause 4.2), read: names, values, and where they stand.

use std::ops::Range;

/// Attributes in one list. The longest list of the specification has some 20.
const MAX: usize = 64;

/// What is wrong with an attribute list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A name without `=`, or none.
    #[error("no attribute name at byte {0}")]
    Name(usize),
    /// A quoted string that does not end, or goes on behind its end.
    #[error("quoted string at byte {0} does not end before the next attribute")]
    Quote(usize),
    /// A value with a character that only quoted strings may have, or no value.
    #[error("no value at byte {0}")]
    Empty(usize),
    /// The same name twice.
    #[error("a second attribute of the same name at byte {0}")]
    Twice(usize),
    /// More attributes than any list has.
    #[error("more than {MAX} attributes")]
    Many,
}

/// An attribute list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attributes<'a> {
    list: Vec<Attribute<'a>>,
}

#[derive(Clone, Debug)]
struct Attribute<'a> {
    name: &'a str,
    /// Without quotation marks.
    value: &'a str,
    quoted: bool,
    /// Of the value in the list, without quotation marks.
    place: Range<usize>,
}

impl<'a> Attributes<'a> {
    /// Reads all of what follows a tag and its colon.
    pub(crate) fn parse(list: &'a str) -> Result<Self, Broken> {
        let mut found = Attributes::default();
        let mut at = 0;
        while let Some(rest) = list.get(at..) {
            let attribute = parse_one(rest, at)?;
            if found.get(attribute.name).is_some() {
                return Err(Broken::Twice(at));
            }
            if found.list.len() == MAX {
                return Err(Broken::Many);
            }
            let end = attribute.place.end + usize::from(attribute.quoted);
            found.list.push(attribute);
            match list.get(end..).unwrap_or_default().chars().next() {
                None => return Ok(found),
                Some(',') => at = end + 1,
                Some(_) => return Err(Broken::Quote(end)),
            }
        }
        Err(Broken::Name(at))
    }

    /// The value of an attribute, quoted or not.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.find(name).map(|attribute| attribute.value)
    }

    /// The value of an attribute that must be a quoted string.
    pub(crate) fn quoted(&self, name: &str) -> Option<&'a str> {
        self.find(name).filter(|attribute| attribute.quoted).map(|attribute| attribute.value)
    }

    /// Where the value of a quoted string ends in the list.
    pub(crate) fn end_of_quoted(&self, name: &str) -> Option<usize> {
        self.find(name).filter(|attribute| attribute.quoted).map(|attribute| attribute.place.end)
    }

    fn find(&self, name: &str) -> Option<&Attribute<'a>> {
        self.list.iter().find(|attribute| attribute.name == name)
    }
}

/// The first attribute of `rest`, which stands at `at` in the list.
fn parse_one(rest: &str, at: usize) -> Result<Attribute<'_>, Broken> {
    let (name, value) = rest.split_once('=').ok_or(Broken::Name(at))?;
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-') {
        return Err(Broken::Name(at));
    }
    let start = at + name.len() + 1;
    if let Some(quoted) = value.strip_prefix('"') {
        let (value, _) = quoted.split_once('"').ok_or(Broken::Quote(start))?;
        let place = start + 1..start + 1 + value.len();
        return Ok(Attribute { name, value, quoted: true, place });
    }
    let value = value.split(',').next().unwrap_or_default();
    if value.is_empty() || value.contains(['"', ' ', '\t']) {
        return Err(Broken::Empty(start));
    }
    Ok(Attribute { name, value, quoted: false, place: start..start + value.len() })
}

#[cfg(test)]
mod tests;
