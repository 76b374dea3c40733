//! What was written: directives with their words, children and places (config.md §1).

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::lexer::{Lexer, Mark, Token, ends_word};
use crate::place::{Pos, SourceFile};
use crate::report::{Note, Notes};

/// Blocks within blocks; SRS itself needs five. Bounds the recursion.
const MAX_DEPTH: usize = 32;
/// Includes within includes: a file that includes itself ends here.
const MAX_INCLUDE_DEPTH: usize = 16;
/// Files of one configuration, the first one included.
const MAX_FILES: usize = 1024;
/// Bytes of one file: tens of thousands of vhosts.
pub(crate) const MAX_FILE_BYTES: usize = 4 << 20;
/// Bytes of all files together.
const MAX_TOTAL_BYTES: usize = 16 << 20;
/// Words of all files together, each of which costs far more memory than its letters.
const MAX_WORDS: usize = 2_000_000;

/// A word after the name of a directive.
#[derive(Clone, Debug)]
pub struct Arg {
    /// The word without quotes, never empty.
    pub text: String,
    /// Where it stands.
    pub pos: Pos,
}

/// `name args;` or `name args { children }`.
#[derive(Clone, Debug)]
pub struct Directive {
    /// The first word.
    pub name: String,
    /// Where the name stands.
    pub pos: Pos,
    /// The other words.
    pub args: Vec<Arg>,
    /// What stands in the braces.
    pub children: Vec<Directive>,
    /// Whether there are braces at all.
    pub block: bool,
}

impl Directive {
    /// The first word after the name, or the empty text.
    pub fn arg0(&self) -> &str {
        self.args.first().map(|arg| arg.text.as_str()).unwrap_or_default()
    }

    /// The place of the first word after the name, or of the name when there is none.
    pub fn value_pos(&self) -> &Pos {
        self.args.first().map_or(&self.pos, |arg| &arg.pos)
    }

    /// The first child of that name: the one that counts (config.md §1, rule 8).
    pub fn child(&self, name: &str) -> Option<&Directive> {
        self.children.iter().find(|child| child.name == name)
    }
}

impl PartialEq for Directive {
    /// The same words in the same order, wherever they stand.
    fn eq(&self, other: &Self) -> bool {
        let words = |d: &Self| d.args.iter().map(|arg| arg.text.clone()).collect::<Vec<_>>();
        self.name == other.name
            && self.block == other.block
            && words(self) == words(other)
            && self.children == other.children
    }
}

/// The directives of a whole configuration, includes put in place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// The directives of the root, in order.
    pub directives: Vec<Directive>,
}

impl Tree {
    /// Reads `text`; `read` gives the bytes of an included file by the path as written, which SRS takes from the folder
    /// the process runs in.
    ///
    /// # Errors
    /// The first breach of the lexical rules.
    pub(crate) fn parse(name: &str, bytes: &[u8], read: &ReadFile<'_>, notes: &mut Notes) -> Result<Self, Note> {
        let file = source_file(name, bytes);
        let mut parser = Parser { read, notes, files: 0, bytes: 0, words: 0 };
        let directives = parser.file(&file, 0, 0).map_err(|e| e.into_note(&file))?;
        Ok(Self { directives })
    }

    /// The first directive of that name in the root.
    pub fn get(&self, name: &str) -> Option<&Directive> {
        self.directives.iter().find(|directive| directive.name == name)
    }
}

impl fmt::Display for Tree {
    /// The tree as text that parses to the same tree.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.directives.iter().try_for_each(|directive| write_directive(f, directive, 0))
    }
}

fn write_directive(f: &mut fmt::Formatter<'_>, directive: &Directive, depth: usize) -> fmt::Result {
    write!(f, "{:1$}", "", depth * 4)?;
    f.write_str(&quote(&directive.name))?;
    directive.args.iter().try_for_each(|arg| write!(f, " {}", quote(&arg.text)))?;
    if !directive.block {
        return f.write_str(";\n");
    }
    f.write_str(" {\n")?;
    directive.children.iter().try_for_each(|child| write_directive(f, child, depth + 1))?;
    writeln!(f, "{:1$}}}", "", depth * 4)
}

/// The word as it must be written. No word holds both a character that needs quotes and both kinds of quotes, since
/// there are no escapes to write one with.
pub(crate) fn quote(word: &str) -> String {
    let bare = !word.is_empty() && !word.contains(ends_word) && !word.starts_with(['"', '\'', '#', '}', '\u{feff}']);
    match (bare, word.contains('"')) {
        (true, _) => word.to_owned(),
        (false, false) => format!("\"{word}\""),
        (false, true) => format!("'{word}'"),
    }
}

/// Gives the bytes of a file by its path.
pub(crate) type ReadFile<'a> = dyn Fn(&str) -> io::Result<Vec<u8>> + 'a;

/// SRS reads bytes; comments in an old encoding are harmless, so they are no error here.
fn source_file(name: &str, bytes: &[u8]) -> Arc<SourceFile> {
    Arc::new(SourceFile { name: name.to_owned(), text: String::from_utf8_lossy(bytes).into_owned() })
}

/// An error that may have no place in the text yet.
enum Fault {
    At(Note),
    WholeFile(String),
}

impl Fault {
    fn into_note(self, file: &Arc<SourceFile>) -> Note {
        match self {
            Self::At(note) => note,
            Self::WholeFile(message) => {
                Note::error(&Pos { file: Arc::clone(file), line: 1, column: 1, width: 1 }, message)
            }
        }
    }
}

impl From<Note> for Fault {
    fn from(note: Note) -> Self {
        Self::At(note)
    }
}

struct Parser<'a> {
    read: &'a ReadFile<'a>,
    notes: &'a mut Notes,
    files: usize,
    bytes: usize,
    words: usize,
}

impl Parser<'_> {
    fn file(&mut self, file: &Arc<SourceFile>, includes: usize, depth: usize) -> Result<Vec<Directive>, Fault> {
        self.files += 1;
        self.bytes += file.text.len();
        if file.text.len() > MAX_FILE_BYTES {
            return Err(Fault::WholeFile(format!("{} is larger than {MAX_FILE_BYTES} bytes", file.name)));
        }
        if self.files > MAX_FILES || self.bytes > MAX_TOTAL_BYTES {
            let message = format!("more than {MAX_FILES} files or {MAX_TOTAL_BYTES} bytes, includes counted");
            return Err(Fault::WholeFile(message));
        }
        self.block(&mut Lexer::new(file), None, includes, depth)
    }

    /// Reads up to the `}` of `opener`, or to the end of the file when the file itself is the block.
    fn block(
        &mut self,
        lexer: &mut Lexer<'_>,
        opener: Option<&Pos>,
        includes: usize,
        depth: usize,
    ) -> Result<Vec<Directive>, Fault> {
        let mut directives = Vec::new();
        loop {
            let token = lexer.next_token()?;
            match (token.mark, opener) {
                (Mark::Line, _) => {}
                (Mark::File, None) | (Mark::Close, Some(_)) => return Ok(directives),
                (Mark::File, Some(open)) => {
                    return Err(Note::error(open, "this block is never closed").help("add the missing \"}\"").into());
                }
                (Mark::Close, None) => {
                    let help = if includes > 0 {
                        "an included file closes only the blocks that it opened"
                    } else {
                        "no block is open here: a \"{\" is missing above, or this one is too many"
                    };
                    return Err(Note::error(&token.pos, "unexpected \"}\"").help(help).into());
                }
                (Mark::End, _) => return Err(nameless(";", &token.pos).into()),
                (Mark::Open, _) => return Err(nameless("{", &token.pos).into()),
                (Mark::Word(name), _) => {
                    let (mut directive, open) = self.head(lexer, name, token.pos)?;
                    if directive.name == "include" {
                        self.include(&directive, open.as_ref(), includes, depth, &mut directives)?;
                        continue;
                    }
                    if let Some(open) = open {
                        if depth >= MAX_DEPTH {
                            let message = format!("blocks are nested deeper than {MAX_DEPTH}");
                            return Err(Note::error(&open, message).into());
                        }
                        directive.children = self.block(lexer, Some(&open), includes, depth + 1)?;
                    }
                    directives.push(directive);
                }
            }
        }
    }

    /// The words of one directive up to its `;`, or to its `{`, whose place is given then.
    fn head(&mut self, lexer: &mut Lexer<'_>, name: String, pos: Pos) -> Result<(Directive, Option<Pos>), Fault> {
        self.count_word(&name, &pos)?;
        let mut directive = Directive { name, pos, args: Vec::new(), children: Vec::new(), block: false };
        loop {
            let Token { mark, pos } = lexer.next_token()?;
            match mark {
                Mark::Word(text) => {
                    self.count_word(&text, &pos)?;
                    directive.args.push(Arg { text, pos });
                }
                Mark::End => return Ok((directive, None)),
                Mark::Open => {
                    directive.block = true;
                    return Ok((directive, Some(pos)));
                }
                Mark::Line | Mark::File | Mark::Close => return Err(unfinished(&directive, &mark, &pos).into()),
            }
        }
    }

    fn include(
        &mut self,
        directive: &Directive,
        open: Option<&Pos>,
        includes: usize,
        depth: usize,
        into: &mut Vec<Directive>,
    ) -> Result<(), Fault> {
        if let Some(open) = open {
            return Err(Note::error(open, "include takes files, not a block").into());
        }
        if directive.args.is_empty() {
            return Err(Note::error(&directive.pos, "include names no file").into());
        }
        if includes >= MAX_INCLUDE_DEPTH {
            let message = format!("includes are nested deeper than {MAX_INCLUDE_DEPTH}");
            return Err(Note::error(&directive.pos, message).help("does a file include itself?").into());
        }
        for arg in &directive.args {
            let bytes = (self.read)(&arg.text).map_err(|e| {
                Note::error(&arg.pos, format!("cannot read \"{}\": {e}", arg.text))
                    .help("an included path is relative to the folder the server is started in")
            })?;
            let file = source_file(&arg.text, &bytes);
            match self.file(&file, includes + 1, depth) {
                Ok(directives) => into.extend(directives),
                Err(Fault::WholeFile(message)) => return Err(Note::error(&arg.pos, message).into()),
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    fn count_word(&mut self, word: &str, pos: &Pos) -> Result<(), Note> {
        self.words += 1;
        if self.words > MAX_WORDS {
            return Err(Note::error(pos, format!("more than {MAX_WORDS} words")));
        }
        if word.contains('\u{fffd}') {
            self.notes.push(Note::warning(pos, "this word is not UTF-8 and was read with replacement characters"));
        }
        Ok(())
    }
}

fn nameless(mark: &str, pos: &Pos) -> Note {
    Note::error(pos, format!("unexpected \"{mark}\": a directive starts with its name"))
}

/// The directive stopped before its `;` or `{`: the caret stands where that should be.
fn unfinished(directive: &Directive, mark: &Mark, end: &Pos) -> Note {
    let last = directive.args.last().map_or(&directive.pos, |arg| &arg.pos);
    let after = Pos { column: last.column.saturating_add(last.width), width: 1, ..last.clone() };
    match mark {
        Mark::Close => {
            Note::error(end, format!("unexpected \"}}\": \"{}\" is not finished", directive.name)).help("add \";\"")
        }
        _ => Note::error(&after, format!("expected \";\" or \"{{\" to finish \"{}\"", directive.name))
            .help("a directive finishes on the line where it started"),
    }
}

#[cfg(test)]
mod tests;
