//! `cargo xtask contract`: which rows of the contract tables have a test that names them.
//!
//! The contract is a set of markdown files with tables of facts. A test names the rows it checks in comments:
//!
//! ```text
//! // row: FILE §SECTION TEXT     a row: TEXT is the row's first cell without markup, or a unique beginning of it
//! // row: FILE §SECTION *        every row of the section
//! ```
//!
//! Under a heading without a number, TEXT may start with the heading's first words: `config.md §11 play gop_cache`,
//! `config.md §11 play *`. A line of text outside of tables can be named by its beginning. Which rows are owed by now stands in `scope`.

mod naming;
mod scope;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace;
use naming::{Name, resolve};
use scope::{SCOPE, Scope, owed};
use tables::{Row, parse_rows};

/// Beside the repository, where the project keeps what is shared between its parts.
const DEFAULT_FROM: &str = "../shared/contract";

/// Prints owed rows that no test names, and names that fit no row. `false` for such names, and with `--strict` also
/// when a row is missing.
pub(crate) fn run(args: &[String]) -> Result<bool> {
    let root = workspace::root();
    let Options { from, strict } = parse_options(&root, args)?;
    if !from.is_dir() {
        println!("contract: {} is not here, nothing to compare with", from.display());
        return Ok(true);
    }
    let rows = read_rows(&from)?;
    let names = read_names(&root)?;
    let report = compare(&rows, &names, SCOPE);
    report.print(&rows);
    Ok(report.stale.is_empty() && !(strict && report.sections.values().any(|section| !section.missing.is_empty())))
}

struct Options {
    from: PathBuf,
    strict: bool,
}

fn parse_options(root: &Path, args: &[String]) -> Result<Options> {
    let mut options = Options { from: root.join(DEFAULT_FROM), strict: false };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--from" => options.from = args.next().context("--from needs a folder")?.into(),
            "--strict" => options.strict = true,
            other => bail!("unknown option {other}"),
        }
    }
    Ok(options)
}

fn read_rows(from: &Path) -> Result<Vec<Row>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(from)
        .with_context(|| format!("cannot list {}", from.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    files.sort();
    let mut rows = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        rows.extend(parse_rows(&name, &text));
    }
    Ok(rows)
}

fn read_names(root: &Path) -> Result<Vec<Name>> {
    let mut names = Vec::new();
    for file in workspace::files(root)? {
        // The tests of this very chore name rows of made-up tables.
        if file.ends_with(".rs") && !file.starts_with("xtask/") {
            let text = std::fs::read_to_string(root.join(&file)).with_context(|| format!("cannot read {file}"))?;
            names.extend(naming::parse_names(&file, &text));
        }
    }
    Ok(names)
}

#[derive(Debug, Default)]
struct Report {
    /// By file and section number, in the order of the contract.
    sections: BTreeMap<(String, Vec<u32>), Section>,
    /// Names that fit no row, or several, each with its place and the reason.
    stale: Vec<String>,
    /// Mistakes in the scope table itself.
    scope_errors: Vec<String>,
}

#[derive(Debug, Default)]
struct Section {
    owed: usize,
    /// Indices into the rows.
    missing: Vec<usize>,
}

fn compare(rows: &[Row], names: &[Name], scope: &[Scope]) -> Report {
    let mut report = Report::default();
    let mut named = BTreeSet::new();
    for name in names {
        match resolve(rows, &name.file, &name.section, &name.text) {
            Ok(found) => named.extend(found),
            Err(why) => report.stale.push(format!("{}: {} §{} {}: {why}", name.at, name.file, name.section, name.text)),
        }
    }
    for entry in scope {
        let owed = owed(rows, entry, &mut report.scope_errors);
        let section = report.sections.entry((entry.file.to_owned(), tables::order(entry.section))).or_default();
        section.owed += owed.len();
        section.missing.extend(owed.into_iter().filter(|index| !named.contains(index)));
    }
    report
}

impl Report {
    fn print(&self, rows: &[Row]) {
        let (mut owed, mut missing) = (0, 0);
        for ((file, number), section) in &self.sections {
            owed += section.owed;
            missing += section.missing.len();
            if !section.missing.is_empty() {
                let number: Vec<String> = number.iter().map(u32::to_string).collect();
                println!(
                    "{file} §{}: {} of {} rows without a test",
                    number.join("."),
                    section.missing.len(),
                    section.owed
                );
                for row in section.missing.iter().filter_map(|index| rows.get(*index)) {
                    println!("    {}", row.title());
                }
            }
        }
        for line in &self.scope_errors {
            println!("scope table: {line}");
        }
        for line in &self.stale {
            println!("{line}");
        }
        println!("contract: {owed} rows owed, {missing} without a test, {} names that fit no row", self.stale.len());
    }
}
