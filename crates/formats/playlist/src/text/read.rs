//! How text becomes values: lines (clause 4.1), and the types of attributes (clause 4.2).

use crate::Error;
use crate::attributes::Attributes;
use crate::error::excerpt;
use std::str::FromStr;
use std::time::Duration;

/// What is read of a playlist. A day of segments of one second with their parts has some 20 MB, a usual one 2 kB.
const MAX_LEN: usize = 32 << 20;

/// Seconds that a duration may have: 68 years, so that sums stay far from the limits of [`Duration`].
const MAX_SECONDS: u64 = 1 << 31;

/// The lines of a playlist behind its first, without comments and blank ones.
pub(crate) struct Lines<'a> {
    lines: std::iter::Enumerate<std::str::Split<'a, char>>,
}

/// One line: a tag and what is behind its colon, or a URI.
pub(crate) struct Line<'a> {
    /// Counts from 1.
    pub(crate) number: usize,
    /// The tag with its `#`; [`None`] for a URI.
    pub(crate) tag: Option<&'a str>,
    /// What is behind the colon, or the URI.
    pub(crate) value: &'a str,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a str) -> Result<Self, Error> {
        if text.len() > MAX_LEN {
            return Err(Error::TooLong { len: text.len(), max: MAX_LEN });
        }
        let mut lines = text.split('\n').enumerate();
        match lines.next() {
            Some((_, first)) if trim(first) == "#EXTM3U" => Ok(Lines { lines }),
            _ => Err(Error::NotAPlaylist),
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Result<Line<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (index, line) = self.lines.next()?;
            let (number, line) = (index + 1, trim(line));
            // The IDs of date ranges are separated by tabs.
            if let Some(control) = line.chars().find(|c| c.is_control() && *c != '\t') {
                return Some(Err(Error::Control { line: number, code: control.into() }));
            }
            if line.is_empty() || line.starts_with('#') && !line.starts_with("#EXT") {
                continue;
            }
            if !line.starts_with('#') {
                return Some(Ok(Line { number, tag: None, value: line }));
            }
            let (tag, value) = line.split_once(':').unwrap_or((line, ""));
            return Some(Ok(Line { number, tag: Some(tag), value }));
        }
    }
}

fn trim(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

impl<'a> Line<'a> {
    /// The attribute list behind the tag.
    pub(crate) fn attributes(&self, tag: &'static str) -> Result<Attributes<'a>, Error> {
        Attributes::parse(self.value).map_err(|broken| Error::Attributes { line: self.number, tag, broken })
    }

    /// The number behind the tag.
    pub(crate) fn number_of<T: FromStr>(&self, tag: &'static str) -> Result<T, Error> {
        integer(self.value).ok_or_else(|| self.bad(tag, self.value))
    }

    /// An attribute that must be there, a number.
    pub(crate) fn number<T: FromStr>(
        &self,
        list: &Attributes<'_>,
        tag: &'static str,
        name: &'static str,
    ) -> Result<T, Error> {
        let text = list.get(name).ok_or_else(|| self.missing(tag, name))?;
        integer(text).ok_or_else(|| self.bad(name, text))
    }

    /// An attribute that must be there, in seconds.
    pub(crate) fn seconds(
        &self,
        list: &Attributes<'_>,
        tag: &'static str,
        name: &'static str,
    ) -> Result<Duration, Error> {
        let text = list.get(name).ok_or_else(|| self.missing(tag, name))?;
        seconds(text).ok_or_else(|| self.bad(name, text))
    }

    /// An attribute that must be there, a quoted string.
    pub(crate) fn quoted(&self, list: &Attributes<'_>, tag: &'static str, name: &'static str) -> Result<String, Error> {
        list.quoted(name).map(str::to_owned).ok_or_else(|| self.missing(tag, name))
    }

    pub(crate) fn missing(&self, tag: &'static str, attribute: &'static str) -> Error {
        Error::Missing { line: self.number, tag, attribute }
    }

    pub(crate) fn bad(&self, name: &'static str, value: &str) -> Error {
        Error::Value { line: self.number, name, value: excerpt(value) }
    }
}

/// A decimal-integer: digits only.
pub(crate) fn integer<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A decimal-floating-point of seconds; decimals beyond nanoseconds are cut.
pub(crate) fn seconds(text: &str) -> Option<Duration> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = [whole, decimals].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !digits || whole.is_empty() && decimals.is_empty() {
        return None;
    }
    let whole = if whole.is_empty() { 0 } else { whole.parse().ok().filter(|whole| *whole <= MAX_SECONDS)? };
    let nanos = decimals.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanos = nanos.fold(0, |nanos, digit| nanos * 10 + u32::from(digit - b'0'));
    Some(Duration::new(whole, nanos))
}

/// A hexadecimal-sequence of 128 bits at most.
pub(crate) fn iv(text: &str) -> Option<[u8; 16]> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    let legal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    legal.then(|| u128::from_str_radix(digits, 16).ok()).flatten().map(u128::to_be_bytes)
}
