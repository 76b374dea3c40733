//! How values become text that no value can break: durations, URIs, quoted strings, attribute lists.

pub(crate) mod read;

use std::fmt::{Display, Write};
use std::time::Duration;

/// Decimals of a duration in an attribute, and of EXTINF in the exact form: 10 µs, less than a sample at 96 kHz.
pub(crate) const EXACT: u32 = 5;

/// Appends seconds with so many decimals (9 at most), rounded to the nearest.
pub(crate) fn push_seconds(out: &mut String, duration: Duration, decimals: u32) {
    let unit = 10_u128.pow(9_u32.saturating_sub(decimals));
    let scaled = (duration.as_nanos() + unit / 2) / unit;
    let base = 10_u128.pow(decimals);
    let (whole, part) = (scaled / base, scaled % base);
    // Writing to a String cannot fail, here and below.
    let _ = match decimals {
        0 => write!(out, "{whole}"),
        _ => write!(out, "{whole}.{part:0width$}", width = decimals as usize),
    };
}

/// Appends seconds as an attribute has them: no zeros at the end.
fn push_short_seconds(out: &mut String, duration: Duration) {
    push_seconds(out, duration, EXACT);
    let short = out.trim_end_matches('0').trim_end_matches('.').len();
    out.truncate(short);
}

/// Appends a URI. What would end it, or the line, or make the line a comment is percent-encoded: control characters,
/// quotation marks, spaces, `#`. A fragment makes no sense in a playlist, so `#` is part of a name.
pub(crate) fn push_uri(out: &mut String, uri: &str) {
    for c in uri.chars() {
        if c.is_control() || matches!(c, '"' | ' ' | '#' | '\u{2028}' | '\u{2029}') {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        } else {
            out.push(c);
        }
    }
}

/// Appends what stands between quotation marks: quotation marks become apostrophes, control characters spaces.
fn push_quoted(out: &mut String, value: &str) {
    out.push('"');
    out.extend(value.chars().map(|c| match c {
        '"' => '\'',
        c if c.is_control() => ' ',
        c => c,
    }));
    out.push('"');
}

/// Writes a tag and its attribute list (clause 4.2): `new`, attributes, `end`.
pub(crate) struct AttributeList<'a> {
    out: &'a mut String,
    separator: char,
}

impl<'a> AttributeList<'a> {
    pub(crate) fn new(out: &'a mut String, tag: &str) -> Self {
        out.push_str(tag);
        AttributeList { out, separator: ':' }
    }

    /// A number or an enumerated string.
    pub(crate) fn plain(&mut self, name: &str, value: impl Display) -> &mut Self {
        self.name(name);
        let _ = write!(self.out, "{value}");
        self
    }

    /// `NAME=YES`, or nothing.
    pub(crate) fn yes(&mut self, name: &str, value: bool) -> &mut Self {
        if value { self.plain(name, "YES") } else { self }
    }

    pub(crate) fn seconds(&mut self, name: &str, value: Duration) -> &mut Self {
        self.name(name);
        push_short_seconds(self.out, value);
        self
    }

    pub(crate) fn quoted(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        push_quoted(self.out, value);
        self
    }

    pub(crate) fn uri(&mut self, value: &str) -> &mut Self {
        self.name("URI");
        self.out.push('"');
        push_uri(self.out, value);
        self.out.push('"');
        self
    }

    pub(crate) fn end(&mut self) {
        self.out.push('\n');
    }

    fn name(&mut self, name: &str) {
        self.out.push(std::mem::replace(&mut self.separator, ','));
        self.out.push_str(name);
        self.out.push('=');
    }
}

#[cfg(test)]
mod tests;
