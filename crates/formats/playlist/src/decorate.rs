//! Queries for the URIs of a written playlist: one text serves all sessions.

use crate::attributes::Attributes;
use crate::text::push_uri;

/// Tags whose URI is fetched with the session of the playlist. Keys are not among them: they may be anywhere.
const TAGS: [&str; 5] =
    ["#EXT-X-MAP:", "#EXT-X-PART:", "#EXT-X-PRELOAD-HINT:", "#EXT-X-RENDITION-REPORT:", "#EXT-X-MEDIA:"];

/// A playlist with `query` (without `?`) added to the URI of every segment, part, hint, initialization section and
/// rendition; those that have a query get it behind an `&`.
pub fn with_query(playlist: &str, query: &str) -> String {
    let lines = playlist.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let mut out = String::with_capacity(playlist.len() + lines * (query.len() + 1));
    for line in playlist.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let end = line.get(content.len()..).unwrap_or_default();
        match uri_of(content) {
            Some((before, uri, after)) => {
                out.push_str(before);
                push_with_query(&mut out, uri, query);
                out.push_str(after);
            }
            None => out.push_str(content),
        }
        out.push_str(end);
    }
    out
}

/// A URI with a query added: behind `?`, or behind `&` when it has one.
pub fn append_query(uri: &str, query: &str) -> String {
    let mut out = String::with_capacity(uri.len() + query.len() + 1);
    push_with_query(&mut out, uri, query);
    out
}

fn push_with_query(out: &mut String, uri: &str, query: &str) {
    out.push_str(uri);
    if !query.is_empty() {
        out.push(if uri.contains('?') { '&' } else { '?' });
        push_uri(out, query);
    }
}

/// The URI of a line, what is before and behind it.
fn uri_of(line: &str) -> Option<(&str, &str, &str)> {
    if line.is_empty() {
        return None;
    }
    if !line.starts_with('#') {
        return Some(("", line, ""));
    }
    let tag = TAGS.iter().find(|tag| line.starts_with(**tag))?;
    let list = Attributes::parse(line.get(tag.len()..)?).ok()?;
    let (uri, end) = (list.quoted("URI")?, tag.len() + list.end_of_quoted("URI")?);
    Some((line.get(..end - uri.len())?, uri, line.get(end..)?))
}

#[cfg(test)]
mod tests;
