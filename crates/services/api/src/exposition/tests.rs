use std::collections::HashSet;

use super::*;

/// One sample: the metric, its labels and its value.
pub(crate) type Sample = (String, Vec<(String, String)>, f64);

/// Reads a text as the format's description demands, and panics at what it does not allow: each family has its HELP, then
/// its TYPE, then its samples, and comes once; no two samples have the same labels.
pub(crate) fn parse(text: &str) -> Vec<Sample> {
    assert!(text.ends_with('\n'), "the last line ends");
    let (mut families, mut seen, mut samples) = (HashSet::new(), HashSet::new(), Vec::new());
    let (mut family, mut typed) = ("", false);
    for line in text.split_terminator('\n') {
        if let Some(help) = line.strip_prefix("# HELP ") {
            family = help.split_once(' ').expect("a name and its help").0;
            assert!(families.insert(family), "{family} comes twice");
            typed = false;
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let kind = kind.strip_prefix(family).expect("the type follows the help");
            assert!([" gauge", " counter"].contains(&kind) && !typed, "{line}");
            typed = true;
        } else {
            let sample = sample(line).unwrap_or_else(|| panic!("no sample: {line}"));
            assert!(typed && sample.0 == family, "{line} is not of {family}");
            assert!(seen.insert(format!("{} {:?}", sample.0, sample.1)), "{line} comes twice");
            samples.push(sample);
        }
    }
    samples
}

fn sample(line: &str) -> Option<Sample> {
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (name, mut rest) = line.split_at(end);
    let mut labels = Vec::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        while !rest.starts_with('}') {
            rest = rest.strip_prefix(',').unwrap_or(rest);
            let (label, after) = rest.split_once("=\"")?;
            assert!(label.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{label}");
            let (value, after) = quoted(after)?;
            labels.push((label.to_owned(), value));
            rest = after;
        }
        rest = &rest[1..];
    }
    let value = rest.strip_prefix(' ')?.parse::<f64>().ok().filter(|value| value.is_finite())?;
    Some((name.to_owned(), labels, value))
}

/// What stands before the closing quote, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                c @ ('\\' | '"') => c,
                _ => return None,
            }),
            c => value.push(c),
        }
    }
    None
}

#[test]
fn numbers_have_six_significant_digits() {
    for (value, expect) in [
        (0.0, "0"),
        (1.0, "1"),
        (1.3, "1.3"),
        (99.99999, "100"),
        (12.345678, "12.3457"),
        (160.0, "160"),
        (0.1 + 0.2, "0.3"),
        (1234567.8, "1234568"),
        (f64::NAN, "0"),
    ] {
        assert_eq!(Significant(value).to_string(), expect);
    }
}

/// A label of this value is one line, and is read back as `expect`.
fn check(value: &str, expect: &str) {
    let mut out = Exposition::default();
    out.family("weir_x", MetricKind::Gauge, "One\nline.").sample(&[("a", value), ("b", "c")], 3);
    let labels = vec![("a".to_owned(), expect.to_owned()), ("b".to_owned(), "c".to_owned())];
    let text = out.finish();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert_eq!(parse(&text), [("weir_x".to_owned(), labels, 3.0)]);
}

#[test]
fn no_name_leaves_its_label() {
    check("cam", "cam");
    check("a\"} 1\nweir_x{a=\"b", "a\"} 1\nweir_x{a=\"b");
    check("\\", "\\");
    check("\\n\\\\\"", "\\n\\\\\"");
    check("a\rb\u{2028}c\u{85}", "a\u{fffd}b\u{fffd}c\u{fffd}");
    check("摄像头", "摄像头");
}
