use super::{Unclean, decode};

fn check(path: &str, expect: Result<&str, Unclean>) {
    assert_eq!(decode(path), expect.map(str::to_owned), "{path}");
}

#[test]
fn escapes_are_replaced_once() {
    check("/live/a%20b.flv", Ok("/live/a b.flv"));
    check("/%E4%BD%A0.mp4", Ok("/你.mp4"));
    check("/100%", Ok("/100%"));
    check("/%zz%4", Ok("/%zz%4"));
    check("/%252e%252e/x", Ok("/%2e%2e/x"));
}

#[test]
fn dots_are_found_in_every_encoding() {
    for path in ["/../x", "/..", "/a/..%2fx", "/%2e%2e/x", "/%2E%2e/x", "/.%2e/x", "/%2e./x", "/..\\x", "/%2e%2e%5cx"] {
        check(path, Err(Unclean::Dots));
    }
    // An overlong dot is no UTF-8.
    check("/%c0%ae%c0%ae/x", Err(Unclean::NotUtf8));
    check("/%e0%80%ae%e0%80%ae/x", Err(Unclean::NotUtf8));
}

#[test]
fn control_characters_are_refused() {
    check("/a%00.flv", Err(Unclean::Control));
    check("/a%0d%0aX: y", Err(Unclean::Control));
}

#[test]
fn one_thing_has_one_path() {
    for (path, expect) in [
        ("/live//cam.m3u8", "/live/cam.m3u8"),
        ("/live/./cam.m3u8", "/live/cam.m3u8"),
        ("//live/%2e/cam.m3u8", "/live/cam.m3u8"),
        ("/live/%2fcam.m3u8", "/live/cam.m3u8"),
        ("/live//", "/live/"),
        ("/live/.", "/live/"),
        ("//", "/"),
        ("/.hidden/a.", "/.hidden/a."),
    ] {
        check(path, Ok(expect));
    }
}
