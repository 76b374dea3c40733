//! How tests name rows.

use super::tables::{Row, plain};

/// A `// row:` comment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Name {
    /// `path:line` of the comment.
    pub(super) at: String,
    pub(super) file: String,
    pub(super) section: String,
    pub(super) text: String,
}

/// The names in one source file. A `// row:` that cannot be read becomes a name that fits nothing.
pub(super) fn parse_names(path: &str, source: &str) -> Vec<Name> {
    let comments = source.lines().enumerate().filter_map(|(index, line)| {
        let text = line.trim_start().trim_start_matches('/').trim_start().strip_prefix("row:")?;
        line.trim_start().starts_with("//").then_some((index + 1, text.trim()))
    });
    comments.map(|(line, text)| parse_name(format!("{path}:{line}"), text)).collect()
}

fn parse_name(at: String, text: &str) -> Name {
    let (file, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (section, row) = rest.trim_start().split_once(' ').unwrap_or((rest, ""));
    let section = section.strip_prefix('§').unwrap_or(section).trim_end_matches('.');
    Name { at, file: file.to_owned(), section: section.to_owned(), text: plain(row) }
}

/// The rows that a name means: exactly one, or several for `*`. The error says why it means none.
pub(super) fn resolve(rows: &[Row], file: &str, section: &str, text: &str) -> Result<Vec<usize>, String> {
    let (table, lines): (Vec<_>, Vec<_>) = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.file == file && row.section == section)
        .partition(|(_, row)| row.in_table);
    if table.is_empty() && lines.is_empty() {
        let known = rows.iter().any(|row| row.file == file);
        return Err(if known { "no such section" } else { "no such file of the contract" }.to_owned());
    }
    let starts = |row: &Row| row.cell.starts_with(text) || row.title().starts_with(text);
    match text {
        "" => Err("names no row".to_owned()),
        "*" => several(table.iter().map(|(index, _)| *index), "no table in this section"),
        _ => match text.strip_suffix(" *") {
            Some(part) => several(
                table.iter().filter(|(_, row)| row.part.starts_with(part)).map(|(index, _)| *index),
                "no table under this heading",
            ),
            // The whole title beats the whole cell, which beats the beginning of either; tables beat text.
            None => one(&table, |row| row.title() == text || format!("{}.{}", row.part, row.cell) == text)
                .or_else(|| one(&table, |row| row.cell == text))
                .or_else(|| one(&table, starts))
                .or_else(|| one(&lines, starts))
                .unwrap_or_else(|| Err("no such row".to_owned())),
        },
    }
}

fn several(found: impl Iterator<Item = usize>, none: &str) -> Result<Vec<usize>, String> {
    let found: Vec<usize> = found.collect();
    if found.is_empty() { Err(none.to_owned()) } else { Ok(found) }
}

/// The one row that fits, an error for several; `None` for none.
fn one(rows: &[(usize, &Row)], fits: impl Fn(&Row) -> bool) -> Option<Result<Vec<usize>, String>> {
    let found: Vec<&(usize, &Row)> = rows.iter().filter(|(_, row)| fits(row)).collect();
    match found.as_slice() {
        [] => None,
        [(index, _)] => Some(Ok(vec![*index])),
        several => {
            let titles: Vec<String> = several.iter().map(|(_, row)| row.title()).collect();
            Some(Err(format!("fits several rows: {}", titles.join(" | "))))
        }
    }
}
