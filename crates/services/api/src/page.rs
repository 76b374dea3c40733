//! `start` and `count` of a list.

use weir_httpd::query::Query;

/// A list is never cut shorter than this.
const LEAST: usize = 10;

/// Which entries of a list to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Page {
    start: usize,
    count: usize,
}

impl Page {
    /// From `?start=&count=`.
    pub(crate) fn parse(query: &Query) -> Page {
        let number = |name| query.get(name).map_or(0, leading_number);
        // SRS: a count below ten, or none, is ten.
        Page { start: number("start"), count: number("count").max(LEAST) }
    }

    /// The entries of this page.
    pub(crate) fn of<T>(self, all: Vec<T>) -> impl Iterator<Item = T> {
        all.into_iter().skip(self.start).take(self.count)
    }
}

/// The number that a text begins with, as C's `atoi` reads it; 0 for none and for a negative one.
fn leading_number(text: &str) -> usize {
    let text = text.trim_start();
    let digits = text.strip_prefix('+').unwrap_or(text);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    match digits.get(..end) {
        None | Some("") => 0,
        Some(number) => number.parse().unwrap_or(usize::MAX),
    }
}

#[cfg(test)]
mod tests;
