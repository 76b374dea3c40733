//! Bodies for the fuzzer; a plain test replays the corpus.

use crate::{Form, MasterPlaylist, MediaPlaylist, check, check_update, with_query};

/// Playlists of both kinds: any text.
pub fn playlist(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = check(text);
    let _ = with_query(text, "hls_ctx=1");
    if let Ok(playlist) = MediaPlaylist::parse(text) {
        media(&playlist);
    }
    if let Ok(playlist) = MasterPlaylist::parse(text) {
        let mut out = String::new();
        playlist.write_to(&mut out);
        let again = MasterPlaylist::parse(&out).expect("what was written parses");
        let mut twice = String::new();
        again.write_to(&mut twice);
        assert_eq!(out, twice);
    }
    // Two texts, one after the other.
    if let Some((old, new)) = text.split_once("\n\n") {
        let _ = check_update(old, new);
    }
}

/// Parsed and written again, a playlist is the same; its delta update with it gives it back.
fn media(playlist: &MediaPlaylist) {
    let mut full = String::new();
    playlist.write_to(&mut full, Form::Exact);
    let written = MediaPlaylist::parse(&full).expect("what was written parses");
    let mut twice = String::new();
    written.write_to(&mut twice, Form::Exact);
    assert_eq!(full, twice);
    let mut delta = String::new();
    written.write_delta_to(&mut delta, Form::Exact);
    let mut merged = MediaPlaylist::parse_after(&delta, &written).expect("nothing is missing");
    // A delta update has a version of its own.
    merged.version = written.version;
    assert_eq!(merged, written);
    assert_eq!(written.check_after(&written), []);
}

#[cfg(test)]
mod tests;
