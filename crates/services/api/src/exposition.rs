//! [`Exposition`]: metrics in the text format 0.0.4 of Prometheus.

use std::fmt::{self, Display, Write};

/// What sort of number a metric is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MetricKind {
    /// Goes up and down.
    Gauge,
    /// Only goes up.
    Counter,
}

/// A text of metrics, put together family by family.
#[derive(Debug, Default)]
pub(crate) struct Exposition {
    text: String,
}

/// The family whose samples are written.
#[derive(Debug)]
pub(crate) struct Family<'a> {
    name: &'static str,
    text: &'a mut String,
}

impl Exposition {
    /// Begins a family. Its samples follow, and those of no other.
    pub(crate) fn family(&mut self, name: &'static str, kind: MetricKind, help: &str) -> Family<'_> {
        let kind = match kind {
            MetricKind::Gauge => "gauge",
            MetricKind::Counter => "counter",
        };
        let text = &mut self.text;
        put(text, format_args!("# HELP {name} "));
        escape(text, help, false);
        put(text, format_args!("\n# TYPE {name} {kind}\n"));
        Family { name, text }
    }

    /// The whole text.
    pub(crate) fn finish(self) -> String {
        self.text
    }
}

impl Family<'_> {
    /// One number.
    pub(crate) fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.text.push_str(self.name);
        for (index, (name, value)) in labels.iter().enumerate() {
            put(self.text, format_args!("{}{name}=\"", if index == 0 { '{' } else { ',' }));
            escape(self.text, value, true);
            self.text.push('"');
        }
        put(self.text, format_args!("{} {value}\n", if labels.is_empty() { "" } else { "}" }));
    }
}

/// A number as C++ streams print it: six significant digits, no zeros at the end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Significant(pub(crate) f64);

impl Display for Significant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.0.is_finite() { self.0 } else { 0.0 };
        let whole_digits = if value.abs() < 1.0 { 0 } else { value.abs().log10() as usize + 1 };
        let text = format!("{value:.*}", 6_usize.saturating_sub(whole_digits));
        f.write_str(if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text })
    }
}

/// A name that a client chose must not end its line, or its label.
fn escape(out: &mut String, text: &str, quoted: bool) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quoted => out.push_str("\\\""),
            // Parsers that read line by line take these for the end of one.
            '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

fn put(out: &mut String, args: fmt::Arguments<'_>) {
    out.write_fmt(args).expect("a String takes any text");
}

#[cfg(test)]
pub(crate) mod tests;
