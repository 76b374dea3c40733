//! Text to words and marks (config.md §1, rules 1 to 5).

use std::sync::Arc;

use crate::place::{Pos, SourceFile};
use crate::report::Note;

/// What stands between two blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A word, its quotes taken off. Never empty.
    Word(String),
    /// `;`
    End,
    /// `{`
    Open,
    /// `}`
    Close,
    /// The end of a line.
    Line,
    /// The end of the file.
    File,
}

/// A mark and its place.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) mark: Mark,
    pub(crate) pos: Pos,
}

/// Walks over one file.
pub(crate) struct Lexer<'a> {
    file: &'a Arc<SourceFile>,
    rest: &'a str,
    line: u32,
    column: u32,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(file: &'a Arc<SourceFile>) -> Self {
        // A byte order mark is no part of the first name.
        let rest = file.text.strip_prefix('\u{feff}').unwrap_or(&file.text);
        Self { file, rest, line: 1, column: 1 }
    }

    /// The next mark. After the end of the file it is the end again.
    pub(crate) fn next_token(&mut self) -> Result<Token, Note> {
        self.skip_blanks();
        let start = self.pos(1);
        let mark = match self.peek() {
            None => Mark::File,
            Some('\n') => self.single(Mark::Line),
            Some(';') => self.single(Mark::End),
            Some('{') => self.single(Mark::Open),
            Some('}') => self.single(Mark::Close),
            Some(quote @ ('"' | '\'')) => match self.quoted(quote, &start)? {
                // SRS: a quoted nothing is no word at all.
                word if word.is_empty() => return self.next_token_after_empty(),
                word => Mark::Word(word),
            },
            Some(_) => Mark::Word(self.take_while(|c| !ends_word(c)).to_owned()),
        };
        let width = self.column.saturating_sub(start.column).max(1);
        Ok(Token { pos: Pos { width, ..start }, mark })
    }

    /// Skips further empty words in a loop, so that a file full of them does not fill the stack.
    fn next_token_after_empty(&mut self) -> Result<Token, Note> {
        loop {
            self.skip_blanks();
            let empty = ["\"\"", "''"].iter().any(|pair| self.rest.starts_with(pair));
            if !empty {
                return self.next_token();
            }
            let (start, quote) = (self.pos(1), self.peek().unwrap_or('"'));
            self.quoted(quote, &start)?;
        }
    }

    /// Blanks and comments; a line end is a mark of its own.
    fn skip_blanks(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\t' | '\r'));
        if self.peek() == Some('#') {
            self.take_while(|c| c != '\n');
        }
    }

    /// A quoted word without its quotes.
    fn quoted(&mut self, quote: char, start: &Pos) -> Result<String, Note> {
        self.bump();
        let word = self.take_while(|c| c != quote && c != '\n').to_owned();
        if self.peek() != Some(quote) {
            return Err(Note::error(start, format!("this {quote} is never closed"))
                .help("a quoted word ends on the line where it started; there are no escapes"));
        }
        self.bump();
        match self.peek() {
            Some(c) if !ends_word(c) => {
                let message = format!("expected a blank, \";\" or \"{{\" after the closing {quote}, found \"{c}\"");
                Err(Note::error(&self.pos(1), message))
            }
            _ => Ok(word),
        }
    }

    fn single(&mut self, mark: Mark) -> Mark {
        self.bump();
        mark
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        // None of the callers takes a line end.
        self.column = self.column.saturating_add(u32::try_from(taken.chars().count()).unwrap_or(u32::MAX));
        taken
    }

    fn bump(&mut self) {
        let mut chars = self.rest.chars();
        if chars.next() == Some('\n') {
            self.line = self.line.saturating_add(1);
            self.column = 1;
        } else {
            self.column = self.column.saturating_add(1);
        }
        self.rest = chars.as_str();
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn pos(&self, width: u32) -> Pos {
        Pos { file: Arc::clone(self.file), line: self.line, column: self.column, width }
    }
}

/// A word ends at a blank, at `;` and at `{`; a `}` inside a word is part of it.
pub(crate) fn ends_word(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | ';' | '{')
}

#[cfg(test)]
mod tests;
