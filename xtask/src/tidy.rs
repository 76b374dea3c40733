//! `cargo xtask tidy`: the rules of the house that neither rustc nor clippy can see.
//!
//! - `floors`: dependencies go down, siblings as written, packages named after their folders, lints inherited
//! - `purity`: no IO, no clock and no runtime in the two lowest floors
//! - `layout`: `foo.rs` beside `foo/`, crate docs, bounded file length, nothing left unfinished, nothing of one machine

mod floors;
mod layout;
mod mask;
mod purity;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace;

/// Checks the whole repository and prints what it found; `false` when that is anything.
pub(crate) fn run() -> Result<bool> {
    let root = workspace::root();
    let mut found = Vec::new();

    let packages = workspace::packages(&root)?;
    for package in &packages {
        let manifest = File::read(&root, &format!("{}/Cargo.toml", package.folder))?;
        floors::check(package, &manifest, &mut found);
        purity::check_dependencies(package, &manifest, &mut found);
        for crate_root in &package.crate_roots {
            layout::check_crate_docs(&File::read(&root, crate_root)?, &mut found);
        }
    }
    let names = workspace::files(&root)?;
    for name in &names {
        let Some(file) = File::read_text(&root, name)? else { continue };
        layout::check(&file, &mut found);
        purity::check_source(&file, &mut found);
    }

    found.sort();
    for violation in &found {
        println!("{violation}");
    }
    println!("tidy: {} packages, {} files, {} violations", packages.len(), names.len(), found.len());
    Ok(found.is_empty())
}

/// One broken rule, at the line that breaks it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    file: String,
    /// Counted from 1.
    line: usize,
    message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// A text file of the repository.
#[derive(Debug)]
struct File {
    /// Relative to the root, `/` between parts.
    name: String,
    text: String,
}

impl File {
    fn read(root: &Path, name: &str) -> Result<Self> {
        let text = std::fs::read_to_string(root.join(name)).with_context(|| format!("cannot read {name}"))?;
        Ok(Self { name: name.to_owned(), text })
    }

    /// As `read`, but `None` for a file that is not text (a fixture, a fuzz input).
    fn read_text(root: &Path, name: &str) -> Result<Option<Self>> {
        let bytes = std::fs::read(root.join(name)).with_context(|| format!("cannot read {name}"))?;
        Ok(String::from_utf8(bytes).ok().map(|text| Self { name: name.to_owned(), text }))
    }

    fn is_rust(&self) -> bool {
        self.name.ends_with(".rs")
    }

    fn violation(&self, line: usize, message: impl Into<String>) -> Violation {
        Violation { file: self.name.clone(), line, message: message.into() }
    }

    /// The first line of a manifest that sets `key`, or 1.
    fn line_of_key(&self, key: &str) -> usize {
        let sets =
            |line: &str| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.starts_with([' ', '=', '.']));
        self.text.lines().position(sets).map_or(1, |index| index + 1)
    }
}
