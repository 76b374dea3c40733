//! Numbers as C reads them (config.md §1, rule 14), and what was left over.

use std::time::Duration;

/// Longer spans are cut to this: a century is never, and clocks can still add it.
const MAX_SPAN: Duration = Duration::from_secs(100 * 365 * 86_400);

/// A number and whether all of the word belongs to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number<T> {
    pub(crate) value: T,
    pub(crate) whole: bool,
}

/// `atoi`, without its overflow: a value too large becomes the nearest one.
pub(crate) fn atoi(word: &str) -> Number<i64> {
    let text = word.trim_start_matches(|c: char| c.is_ascii_whitespace());
    let digits_at = usize::from(text.starts_with(['+', '-']));
    let digits: &str = leading_digits(text.get(digits_at..).unwrap_or_default());
    let magnitude = digits.bytes().fold(0_i64, |n, b| n.saturating_mul(10).saturating_add(i64::from(b - b'0')));
    let value = if text.starts_with('-') { -magnitude } else { magnitude };
    Number { value, whole: !digits.is_empty() && digits_at + digits.len() == text.len() }
}

/// `atof` for decimal numbers; its words for infinity and its hexadecimal form are read as 0.
pub(crate) fn atof(word: &str) -> Number<f64> {
    let text = word.trim_start_matches(|c: char| c.is_ascii_whitespace());
    let sign = usize::from(text.starts_with(['+', '-']));
    let whole = leading_digits(text.get(sign..).unwrap_or_default()).len();
    let mut end = sign + whole;
    let mut digits = whole;
    if text.get(end..).is_some_and(|rest| rest.starts_with('.')) {
        let fraction = leading_digits(text.get(end + 1..).unwrap_or_default()).len();
        digits += fraction;
        end += 1 + fraction;
    }
    if digits == 0 {
        return Number { value: 0.0, whole: false };
    }
    end += exponent(text.get(end..).unwrap_or_default());
    let value = text.get(..end).and_then(|t| t.parse::<f64>().ok()).filter(|v| v.is_finite()).unwrap_or(0.0);
    Number { value, whole: end == text.len() }
}

/// The length of an `e` with digits at the start of `text`, else 0.
fn exponent(text: &str) -> usize {
    if !text.starts_with(['e', 'E']) {
        return 0;
    }
    let sign = usize::from(text.get(1..).is_some_and(|rest| rest.starts_with(['+', '-'])));
    match leading_digits(text.get(1 + sign..).unwrap_or_default()).len() {
        0 => 0,
        digits => 1 + sign + digits,
    }
}

fn leading_digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// A span from a number of units of `micros` microseconds, exact to the microsecond as in SRS; below 0 it is 0.
pub(crate) fn span(value: f64, micros: f64) -> Duration {
    // A float cast saturates, and not-a-number gives 0.
    Duration::from_micros((value * micros).round() as u64).min(MAX_SPAN)
}

#[cfg(test)]
mod tests;
