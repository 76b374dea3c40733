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
    let here: Vec<(usize, &Row)> =
        rows.iter().enumerate().filter(|(_, row)| row.file == file && row.section == section).collect();
    if here.is_empty() {
        let known = rows.iter().any(|row| row.file == file);
        return Err(if known { "no table in this section" } else { "no such file of the contract" }.to_owned());
    }
    let indices = |rows: Vec<(usize, &Row)>| rows.into_iter().map(|(index, _)| index).collect::<Vec<_>>();
    if text == "*" {
        return Ok(indices(here));
    }
    if let Some(part) = text.strip_suffix(" *") {
        let of_part: Vec<_> = here.into_iter().filter(|(_, row)| row.part.starts_with(part)).collect();
        return if of_part.is_empty() { Err("no such heading".to_owned()) } else { Ok(indices(of_part)) };
    }
    if text.is_empty() {
        return Err("names no row".to_owned());
    }
    // The whole title beats the whole cell, which beats the beginning of either.
    let readings: [&dyn Fn(&Row) -> bool; 3] =
        [&|row| row.title() == text || format!("{}.{}", row.part, row.cell) == text, &|row| row.cell == text, &|row| {
            row.cell.starts_with(text) || row.title().starts_with(text)
        }];
    for fits in readings {
        let found: Vec<_> = here.iter().copied().filter(|(_, row)| fits(row)).collect();
        match found.as_slice() {
            [] => {}
            [one] => return Ok(vec![one.0]),
            several => {
                let titles: Vec<String> = several.iter().map(|(_, row)| row.title()).collect();
                return Err(format!("fits several rows: {}", titles.join(" | ")));
            }
        }
    }
    Err("no such row".to_owned())
}
