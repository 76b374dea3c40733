use rust_embed::RustEmbed;

use super::{Asset, Built, Unbuilt, find, get, is_built};

/// A build of two files.
#[derive(RustEmbed)]
#[folder = "testdata/dist"]
struct Sample;

fn text(asset: &Asset) -> &str {
    std::str::from_utf8(&asset.bytes).unwrap()
}

fn check(path: &str, mime: &str, immutable: bool, begins: &str) {
    let asset = find::<Sample>(path).unwrap_or_else(|| panic!("{path} is missing"));
    assert_eq!((asset.mime, asset.immutable), (mime, immutable), "{path}");
    assert!(text(&asset).starts_with(begins), "{path} is {}", text(&asset));
}

#[test]
fn files_have_their_types_and_only_hashed_names_last() {
    check("/weir-assets/index-0a1B2c3D.js", "text/javascript; charset=utf-8", true, "export");
    check("/index.html", "text/html; charset=utf-8", false, "<!doctype html>");
    check("/", "text/html; charset=utf-8", false, "<!doctype html>");
}

#[test]
fn old_player_pages_are_the_first_page() {
    for name in ["srs_player", "rtc_player", "rtc_publisher", "whep", "whip", "index"] {
        check(&format!("/players/{name}.html"), "text/html; charset=utf-8", false, "<!doctype html>");
    }
    check("/players/", "text/html; charset=utf-8", false, "<!doctype html>");
}

#[test]
fn other_paths_are_free() {
    for path in
        ["", "index.html", "/live/livestream.flv", "/weir-assets/", "/weir-assets/../index.html", "//", "/players"]
    {
        assert_eq!(find::<Sample>(path), None, "{path}");
    }
}

#[test]
fn tags_are_strong_and_tell_files_apart() {
    let tag = |path| find::<Sample>(path).unwrap().etag;
    let page = tag("/");
    assert_eq!(page.len(), 34);
    assert!(page.starts_with('"') && page.ends_with('"'));
    assert_eq!(page, tag("/index.html"));
    assert_ne!(page, tag("/weir-assets/index-0a1B2c3D.js"));
}

#[test]
fn there_is_a_first_page_however_this_was_built() {
    let page = get("/").unwrap();
    assert_eq!(page.mime, "text/html; charset=utf-8");
    assert_eq!(is_built(), text(&page).contains("/weir-assets/"));
}

#[test]
fn what_the_first_page_loads_is_embedded() {
    let page = get("/").unwrap();
    for reference in text(&page).split('"').filter(|part| part.starts_with("/weir-")) {
        assert!(get(reference).is_some(), "{reference} is missing");
    }
    assert!(Built::iter().all(|name| get(&format!("/{name}")).is_some_and(|asset| !asset.bytes.is_empty())));
}

#[test]
fn the_stand_in_says_what_is_missing_and_loads_nothing_else() {
    let page = find::<Unbuilt>("/").unwrap();
    let page = text(&page);
    for expected in ["make web", "Node.js", "没有", "/api/v1/streams/", "rtmp://"] {
        assert!(page.contains(expected), "the page does not say {expected}");
    }
    for foreign in ["src=", "<link", "https://", "import"] {
        assert!(!page.contains(foreign), "the page has {foreign}");
    }
    assert!(page.len() < 6000, "{} bytes", page.len());
}
