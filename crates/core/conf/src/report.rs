//! Messages about a configuration: the line, a caret, what was expected, the nearest known name.

use std::collections::HashSet;
use std::fmt;

use crate::place::{Place, Pos};

/// The exit code of a server that refuses its configuration (errors.md §3, `ConfigInvalid`).
pub const CONFIG_INVALID: u16 = 1023;

/// Longest piece of a source line shown in a message; the rest is cut on both sides of the caret.
const MAX_SHOWN: usize = 120;

/// Most errors, and most warnings, that are kept: past that, more lines only hide the first cause.
const MAX_NOTES: usize = 100;

/// How bad a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The configuration is refused.
    Error,
    /// The server runs, but perhaps not as meant.
    Warning,
}

/// One message with the place that caused it.
#[derive(Clone, Debug)]
pub struct Note {
    /// Error or warning.
    pub level: Level,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The word it is about.
    pub place: Place,
    /// What to do about it.
    pub help: Option<String>,
}

impl Note {
    /// An error about `place`.
    pub fn error(place: impl Into<Place>, message: impl Into<String>) -> Self {
        Self { level: Level::Error, message: message.into(), place: place.into(), help: None }
    }

    /// A warning about `place`.
    pub fn warning(place: impl Into<Place>, message: impl Into<String>) -> Self {
        Self { level: Level::Warning, message: message.into(), place: place.into(), help: None }
    }

    /// The same note with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same note with advice when there is some.
    #[must_use]
    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// The note as one line for a log: the message, its place, the advice.
    pub fn line(&self) -> String {
        let mut text = self.message.clone();
        if !matches!(self.place, Place::Nowhere) {
            text += &format!(" ({})", self.place);
        }
        if let Some(help) = &self.help {
            text += &format!("; {help}");
        }
        text
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(f, "{level}: {}", self.message)?;
        match &self.place {
            Place::File(pos) => quote_line(f, pos)?,
            Place::Env(name) => write!(f, "\n --> environment variable {name}")?,
            Place::Nowhere => {}
        }
        match &self.help {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

/// Writes the place, the line and a caret under the word.
fn quote_line(f: &mut fmt::Formatter<'_>, pos: &Pos) -> fmt::Result {
    let column = usize::try_from(pos.column).unwrap_or(1).max(1) - 1;
    let width = usize::try_from(pos.width).unwrap_or(1).clamp(1, MAX_SHOWN);
    let skip = if column + width > MAX_SHOWN { column.saturating_sub(MAX_SHOWN / 3) } else { 0 };
    let shown: String = pos.line_text().chars().skip(skip).take(MAX_SHOWN).map(printable).collect();
    let number = pos.line.to_string();
    let margin = " ".repeat(number.len());
    let cut = if skip > 0 { "…" } else { "" };
    let caret = " ".repeat(cut.chars().count() + column - skip) + &"^".repeat(width);
    write!(f, "\n{margin}--> {pos}\n{margin} |\n{number} | {cut}{shown}\n{margin} | {caret}")
}

/// Keeps the caret under its word and the terminal unharmed.
fn printable(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

/// Why a configuration is refused: every error found, in the order of the checks.
#[derive(Clone, Debug)]
pub struct Report {
    errors: Vec<Note>,
}

impl Report {
    /// The errors, first found first. Never empty.
    pub fn errors(&self) -> &[Note] {
        &self.errors
    }

    /// The code the process ends with: always [`CONFIG_INVALID`].
    pub fn code(&self) -> u16 {
        CONFIG_INVALID
    }
}

impl From<Note> for Report {
    fn from(note: Note) -> Self {
        Self { errors: vec![note] }
    }
}

impl Report {
    /// Each error in a line, without what stands in the file.
    pub fn lines(&self) -> Vec<String> {
        self.errors.iter().map(Note::line).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, error) in self.errors.iter().enumerate() {
            if n > 0 {
                f.write_str("\n\n")?;
            }
            error.fmt(f)?;
        }
        match self.errors.len() {
            1 => Ok(()),
            MAX_NOTES => write!(f, "\n\n{MAX_NOTES} errors or more"),
            n => write!(f, "\n\n{n} errors"),
        }
    }
}

impl std::error::Error for Report {}

/// Notes gathered while a configuration is read: each once, and no more than somebody would read.
#[derive(Default, Debug)]
pub(crate) struct Notes {
    errors: Vec<Note>,
    warnings: Vec<Note>,
    seen: HashSet<String>,
}

impl Notes {
    /// Adds a note, once: a value read twice is told once.
    pub(crate) fn push(&mut self, note: Note) {
        let list = match note.level {
            Level::Error => &mut self.errors,
            Level::Warning => &mut self.warnings,
        };
        if list.len() < MAX_NOTES && self.seen.insert(format!("{}\n{}", note.place, note.message)) {
            list.push(note);
        }
    }

    /// The warnings, or the report when there is an error.
    pub(crate) fn finish(self) -> Result<Vec<Note>, Report> {
        if self.errors.is_empty() { Ok(self.warnings) } else { Err(Report { errors: self.errors }) }
    }
}

/// The name of `known` nearest to `word`, when it is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 3);
    let near = known.into_iter().map(|name| (distance(word, name, limit), name));
    near.filter(|(d, _)| *d <= limit).min_by_key(|(d, _)| *d).map(|(_, name)| name)
}

/// Edits (insert, delete, replace, swap of neighbours) from `a` to `b`; `limit + 1` when surely more than `limit`.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let replace = row[j] + usize::from(ca != cb);
            let mut best = replace.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *ca == b[j - 1] && a[i - 1] == *cb {
                best = best.min(before[j - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
