//! Where a word was written, kept beside every word of the tree so that each message can show it.

use std::fmt;
use std::sync::Arc;

/// One file as it was read, or the embedded text of a server started without one.
pub struct SourceFile {
    /// The path as the user gave it, for messages.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// The place of one word.
#[derive(Clone)]
pub struct Pos {
    /// The file that holds the word.
    pub file: Arc<SourceFile>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Width in characters, quotes included.
    pub width: u32,
}

impl Pos {
    /// The text of the line, without its line end.
    pub fn line_text(&self) -> &str {
        let index = usize::try_from(self.line).unwrap_or(usize::MAX).saturating_sub(1);
        self.file.text.split('\n').nth(index).unwrap_or_default().trim_end_matches('\r')
    }
}

impl fmt::Display for Pos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.name, self.line, self.column)
    }
}

impl fmt::Debug for Pos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Where a value came from.
#[derive(Clone, Debug)]
pub enum Place {
    /// A word of a file.
    File(Pos),
    /// An environment variable, by name.
    Env(String),
    /// Nowhere: the value is missing, or it is a default.
    Nowhere,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(pos) => pos.fmt(f),
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::Nowhere => f.write_str("the default"),
        }
    }
}

impl From<&Pos> for Place {
    fn from(pos: &Pos) -> Self {
        Self::File(pos.clone())
    }
}
