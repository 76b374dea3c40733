//! Byte ranges (RFC 9110, clause 14).

/// What of a file is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wanted {
    /// All of it: also when the range cannot be understood, or there are several.
    Whole,
    /// `len` bytes, at least one, from `from` on.
    Part { from: u64, len: u64 },
    /// The file has none of it.
    Nothing,
}

/// Reads `bytes=a-b`, `bytes=a-` and `bytes=-n` for a file of `len` bytes.
pub(crate) fn parse(text: &str, len: u64) -> Wanted {
    text.trim().strip_prefix("bytes=").map_or(Wanted::Whole, |spec| parse_spec(spec.trim(), len))
}

/// Reads `a-b`, `a-` and `-n`.
pub(crate) fn parse_spec(spec: &str, len: u64) -> Wanted {
    let Some((first, last)) = spec.split_once('-') else { return Wanted::Whole };
    let (first, last) = (first.trim(), last.trim());
    let number =
        |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u64>().ok()).flatten();
    let range = match (first, last) {
        ("", "") => return Wanted::Whole,
        ("", count) => number(count).map(|count| (len.saturating_sub(count), len)),
        (first, "") => number(first).map(|first| (first, len)),
        (first, last) => match number(first).zip(number(last)) {
            Some((first, last)) if first > last => None,
            pair => pair.map(|(first, last)| (first, last.saturating_add(1).min(len))),
        },
    };
    match range {
        None => Wanted::Whole,
        Some((from, end)) if from < end => Wanted::Part { from, len: end - from },
        Some(_) => Wanted::Nothing,
    }
}

#[cfg(test)]
mod tests;
