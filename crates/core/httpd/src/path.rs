//! Paths of requests: what is refused in every one, and how they are decoded.

/// Why a path is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unclean {
    /// It holds `..`, plain or percent-encoded.
    #[error("the path holds \"..\"")]
    Dots,
    /// It holds a control character, plain or percent-encoded.
    #[error("the path holds a control character")]
    Control,
    /// Decoded, it is not UTF-8: also how a dot is hidden in two bytes.
    #[error("the path is not UTF-8")]
    NotUtf8,
}

/// The path with its `%XX` replaced, once: what was encoded twice stays encoded once. A `%` without two hexadecimal
/// digits stays as it is. Empty parts and `.` are left out, so that every site sees one path for one thing. Fails on what
/// no site should see.
pub fn decode(path: &str) -> Result<String, Unclean> {
    let decoded = String::from_utf8(unescape(path)).map_err(|_| Unclean::NotUtf8)?;
    if decoded.contains("..") {
        return Err(Unclean::Dots);
    }
    if decoded.chars().any(char::is_control) {
        return Err(Unclean::Control);
    }
    Ok(one_way(decoded))
}

/// `/live//cam.flv` and `/live/./cam.flv` are `/live/cam.flv`.
fn one_way(path: String) -> String {
    let is_clean = |path: &str| !path.contains("//") && !path.contains("/./") && !path.ends_with("/.");
    if is_clean(&path) {
        return path;
    }
    let mut clean = String::with_capacity(path.len());
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        clean.push('/');
        clean.push_str(part);
    }
    if path.ends_with('/') || path.ends_with("/.") {
        clean.push('/');
    }
    clean
}

fn unescape(path: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match tail {
            [high, low, after @ ..] if *first == b'%' => hex(*high).zip(hex(*low)).map(|digits| (digits, after)),
            _ => None,
        };
        rest = match escaped {
            Some(((high, low), after)) => {
                out.push(high << 4 | low);
                after
            }
            None => {
                out.push(*first);
                tail
            }
        };
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests;
