//! Bodies for the fuzzer; a plain test replays the corpora.

use crate::{Candidate, Fragment, Session};

/// Descriptions: any text. What is written is read as the same again, and ends of lines make no difference.
pub fn sdp(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(session) = Session::parse(text) else { return };
    let mut out = String::new();
    session.write_to(&mut out);
    let again = Session::parse(&out).expect("what was written parses");
    let mut twice = String::new();
    again.write_to(&mut twice);
    assert_eq!(out, twice);
    assert_eq!(Session::parse(&out.replace("\r\n", "\n")), Ok(again));
    assert!(Fragment::parse(text).is_ok(), "a description is a fragment too");
}

/// Fragments and single candidates: any text.
pub fn sdp_fragment(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(candidate) = text.lines().next().and_then(Candidate::parse) {
        assert_eq!(Candidate::parse(&candidate.to_string()).as_ref(), Some(&candidate));
    }
    if let Ok(fragment) = Fragment::parse(text) {
        let mut out = String::new();
        fragment.write_to(&mut out, "0");
        assert_eq!(Fragment::parse(&out), Ok(fragment));
    }
}

#[cfg(test)]
mod tests;
