//! The contract as rows that can be named: those of its tables, and the lines of its prose.

/// One row of a table of the contract, or one line of its text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) file: String,
    /// The number of the nearest numbered heading above: `11`, `1.3`.
    pub(super) section: String,
    /// The unnumbered heading below that one, without what it has in parentheses: `play`; or empty.
    pub(super) part: String,
    /// The first cell without markup; of a line of text, the whole of it.
    pub(super) cell: String,
    /// Only rows of tables are owed; a line can be named all the same.
    pub(super) in_table: bool,
}

impl Row {
    /// How a test names this row beyond doubt.
    pub(super) fn title(&self) -> String {
        if self.part.is_empty() { self.cell.clone() } else { format!("{} {}", self.part, self.cell) }
    }
}

/// Every row and every line of one file, in order.
pub(super) fn parse_rows(file: &str, text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut section, mut part) = (String::new(), String::new());
    let mut table_line = 0;
    for line in text.lines() {
        if let Some(heading) = heading(line) {
            match heading_number(heading) {
                Some(number) => (section, part) = (number, String::new()),
                None => part = plain(heading.split('(').next().unwrap_or(heading)),
            }
            table_line = 0;
            continue;
        }
        let in_table = line.starts_with('|');
        table_line = if in_table { table_line + 1 } else { 0 };
        let cell = match table_line {
            0 => plain(line.trim_start_matches(['*', '-', ' '])),
            // The head of a table and the rule below it.
            1 | 2 => continue,
            _ => plain(&first_cell(line)),
        };
        if !cell.is_empty() {
            rows.push(Row { file: file.to_owned(), section: section.clone(), part: part.clone(), cell, in_table });
        }
    }
    rows
}

/// Text without backticks, bold marks and escapes, one space between words.
pub(super) fn plain(text: &str) -> String {
    let text = text.replace(['`'], "").replace("**", "").replace("\\|", "|");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `1.3` as numbers, to sort by.
pub(super) fn order(section: &str) -> Vec<u32> {
    section.split('.').filter_map(|part| part.parse().ok()).collect()
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    (text.len() < line.len() && text.starts_with(' ')).then(|| text.trim())
}

/// `## 11. vhost top level` is 11, `### 1.3 Commands` is 1.3.
fn heading_number(heading: &str) -> Option<String> {
    let number = heading.split_whitespace().next()?.trim_end_matches('.');
    let is_number = number.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    is_number.then(|| number.to_owned())
}

fn first_cell(line: &str) -> String {
    let mut cell = String::new();
    let mut escaped = false;
    for c in line.chars().skip(1) {
        if c == '|' && !escaped {
            break;
        }
        escaped = c == '\\' && !escaped;
        cell.push(c);
    }
    cell
}
