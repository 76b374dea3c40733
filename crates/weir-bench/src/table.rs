//! Tables of text, for terminals and for Markdown.

use std::fmt::Write;

/// Rows below a head; short rows are filled up.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<S: Into<String>>(head: impl IntoIterator<Item = S>) -> Self {
        Self { head: head.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    pub(crate) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Columns side by side, for a terminal.
    pub(crate) fn text(&self) -> String {
        let widths = self.widths();
        let mut out = String::new();
        for row in std::iter::once(&self.head).chain(&self.rows) {
            let line: String = pad(row, &widths).collect::<Vec<_>>().join("  ");
            let _ = writeln!(out, "{}", line.trim_end());
        }
        out
    }

    /// A Markdown table.
    pub(crate) fn markdown(&self) -> String {
        let widths = self.widths();
        let mut out = String::new();
        let mut line = |cells: Vec<String>| {
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        };
        line(pad(&self.head, &widths).collect());
        line(widths.iter().map(|width| "-".repeat((*width).max(3))).collect());
        for row in &self.rows {
            line(pad(row, &widths).collect());
        }
        out
    }

    fn widths(&self) -> Vec<usize> {
        let width = |column| {
            let cells = std::iter::once(&self.head).chain(&self.rows).filter_map(|row: &Vec<String>| row.get(column));
            cells.map(|cell: &String| cell.chars().count()).max().unwrap_or(0)
        };
        (0..self.head.len()).map(width).collect()
    }
}

fn pad<'t>(row: &'t [String], widths: &'t [usize]) -> impl Iterator<Item = String> + 't {
    widths.iter().enumerate().map(|(column, width)| {
        let cell = row.get(column).map(String::as_str).unwrap_or_default();
        format!("{cell:<width$}")
    })
}

#[cfg(test)]
mod tests;
