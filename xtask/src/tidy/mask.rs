//! Rust source with everything blanked that is not code: comments, strings, characters, test modules.
//! Lines and columns stay where they were.

/// Blanks comments and the insides of literals.
pub(super) fn code(text: &str) -> String {
    let mut mask = Mask { rest: text, out: String::with_capacity(text.len()), after_name: false };
    while !mask.rest.is_empty() {
        mask.step();
    }
    mask.out
}

/// As `code`, and blanks the items under `#[cfg(test)]` too.
pub(super) fn code_without_tests(text: &str) -> String {
    const GATE: &str = "#[cfg(test)]";
    let mut code = code(text);
    while let Some(at) = code.find(GATE) {
        let end = at + GATE.len() + item_length(code.get(at + GATE.len()..).unwrap_or_default());
        let blanked = blank(code.get(at..end).unwrap_or_default());
        code.replace_range(at..end, &blanked);
    }
    code
}

/// Whether code names this path, as whole words: `tokio` is in `tokio::spawn` and not in `tokio_like`.
pub(super) fn contains_path(line: &str, path: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(path).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        let after = line.get(at + path.len()..).and_then(|tail| tail.chars().next());
        !before.is_some_and(is_name) && !after.is_some_and(is_name)
    })
}

/// The length of the item at the start of `code`: up to its `;`, or to the brace that closes its body.
fn item_length(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

fn blank(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect()
}

struct Mask<'a> {
    rest: &'a str,
    out: String,
    /// The last character was part of a name: a `r` or `b` here starts no literal.
    after_name: bool,
}

impl Mask<'_> {
    fn step(&mut self) {
        let length = if self.rest.starts_with("//") {
            self.rest.find('\n').unwrap_or(self.rest.len())
        } else if self.rest.starts_with("/*") {
            block_comment_length(self.rest)
        } else if self.after_name {
            0
        } else {
            literal_length(self.rest)
        };
        if length > 0 {
            self.skip(length);
        } else {
            self.keep();
        }
    }

    fn skip(&mut self, length: usize) {
        let (skipped, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.out.push_str(&blank(skipped));
        self.rest = rest;
        self.after_name = false;
    }

    fn keep(&mut self) {
        let mut chars = self.rest.chars();
        if let Some(c) = chars.next() {
            self.after_name = c.is_alphanumeric() || c == '_';
            self.out.push(c);
        }
        self.rest = chars.as_str();
    }
}

/// Block comments nest.
fn block_comment_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The length of the string or character literal at the start of `text`, 0 when there is none.
fn literal_length(text: &str) -> usize {
    let body = text.strip_prefix(['b', 'c']).unwrap_or(text);
    let prefix = text.len() - body.len();
    if body.starts_with('"') {
        return prefix + quoted_length(body, '"');
    }
    if let Some(raw) = body.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw.get(hashes..).is_some_and(|rest| rest.starts_with('"')) {
            let close = format!("\"{}", "#".repeat(hashes));
            let inside = raw.get(hashes + 1..).unwrap_or_default();
            let end = inside.find(&close).map_or(inside.len(), |at| at + close.len());
            return prefix + 1 + hashes + 1 + end;
        }
    }
    if body.starts_with('\'') && is_character(body) { prefix + quoted_length(body, '\'') } else { 0 }
}

/// `'a'` and `'\n'`, and not the lifetime `'a`.
fn is_character(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    match chars.next() {
        Some('\\') => true,
        Some(_) => chars.next() == Some('\''),
        None => false,
    }
}

fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}
