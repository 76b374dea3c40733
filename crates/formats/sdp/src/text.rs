//! The level of lines: `x=value`, ended by CRLF or LF.

use std::fmt::Write;

use crate::Error;

/// The longest text that is read. A browser's offer of twenty tracks has about 80 KB.
pub(crate) const MAX_TEXT: usize = 256 * 1024;
/// The longest line that is read. The longest in use carry parameter sets in base64, below 4 KB.
pub(crate) const MAX_LINE: usize = 16 * 1024;
/// How many lines are read. A browser writes about 200 for each section of video.
pub(crate) const MAX_LINES: usize = 5_000;
/// What an error quotes of a line.
const MAX_EXCERPT: usize = 60;

/// An attribute that has no field of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// What stands before the colon.
    pub name: String,
    /// What stands behind it; `None` without a colon.
    pub value: Option<String>,
}

/// One line, without its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// Counted from 1.
    pub(crate) number: usize,
    /// The letter before `=`.
    pub(crate) letter: char,
    pub(crate) value: &'a str,
}

impl<'a> Line<'a> {
    pub(crate) fn expected(&self, expected: &'static str) -> Error {
        Error::Syntax { line: self.number, expected, found: excerpt(self.value) }
    }

    /// Name and value of an attribute.
    pub(crate) fn attribute(&self) -> (&'a str, Option<&'a str>) {
        match self.value.split_once(':') {
            Some((name, value)) => (name, Some(value.trim_start())),
            None => (self.value, None),
        }
    }
}

/// All lines of a text. Empty ones are passed over: some senders end with one.
pub(crate) fn lines(text: &str) -> Result<Vec<Line<'_>>, Error> {
    if text.len() > MAX_TEXT {
        return Err(Error::TooLong { len: text.len(), max: MAX_TEXT });
    }
    let mut lines = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        let number = index.saturating_add(1);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.len() > MAX_LINE {
            return Err(Error::LineTooLong { line: number, len: line.len(), max: MAX_LINE });
        }
        if let Some(code) = line.chars().find(|c| c.is_control() && *c != '\t') {
            return Err(Error::Control { line: number, code: code.into() });
        }
        if line.trim().is_empty() {
            continue;
        }
        if lines.len() >= MAX_LINES {
            return Err(Error::TooMany { line: number, what: "lines", max: MAX_LINES });
        }
        lines.push(split(number, line)?);
    }
    Ok(lines)
}

fn split(number: usize, line: &str) -> Result<Line<'_>, Error> {
    let mut chars = line.chars();
    match (chars.next(), chars.next()) {
        (Some(letter), Some('=')) if letter.is_ascii_alphabetic() => {
            Ok(Line { number, letter, value: chars.as_str().trim() })
        }
        _ => Err(Error::Syntax { line: number, expected: "a letter and =", found: excerpt(line) }),
    }
}

fn excerpt(value: &str) -> String {
    value.chars().take(MAX_EXCERPT).collect()
}

/// Writes a line. A control character in it, which would begin a line of its own, becomes `_`.
pub(crate) fn push_line(out: &mut String, line: std::fmt::Arguments<'_>) {
    struct Clean<'a>(&'a mut String);
    impl Write for Clean<'_> {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.extend(text.chars().map(|c| if c.is_control() && c != '\t' { '_' } else { c }));
            Ok(())
        }
    }
    // Writing to a String cannot fail.
    let _ = Clean(out).write_fmt(line);
    out.push_str("\r\n");
}

/// True for a token of RFC 8866 clause 9.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"(),/:;<=>?@[\\]".contains(&byte))
}

/// True for what an ice-ufrag or ice-pwd is made of: RFC 8839 clause 5.4.
pub(crate) fn is_ice_text(text: &str, min: usize) -> bool {
    (min..=256).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
}
