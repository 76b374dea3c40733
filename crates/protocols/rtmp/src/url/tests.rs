use super::{DEFAULT_APP, MAX_NAME, Target, check_name};
use crate::Error;

/// `tc_url` and `name` are `[vhost, app, stream, param]`.
fn check(tc_url: &str, name: &str, expect: [&str; 4]) {
    let target = Target::parse(tc_url, name).unwrap_or_else(|e| panic!("{tc_url} {name}: {e}"));
    assert_eq!([&*target.vhost, &*target.app, &*target.stream, &*target.param], expect, "{tc_url} {name}");
}

// row: protocols.md §1.4 rtmp://host/app?vhost=V/stream
// row: protocols.md §1.4 rtmp://host/app...vhost...V/stream
// row: protocols.md §1.4 rtmp://host/app/stream?vhost=V
// row: protocols.md §1.4 domain=V
// row: protocols.md §1.4 none
#[test]
fn the_vhost_comes_from_the_query_or_is_the_host() {
    check("rtmp://host/app?vhost=V", "stream", ["V", "app", "stream", "?vhost=V"]);
    check("rtmp://host/app?vhost=V/stream", "", ["V", "app", "stream", "?vhost=V"]);
    check("rtmp://host/app...vhost...V", "stream", ["V", "app", "stream", "?vhost=V"]);
    check("rtmp://host/app...vhost...V/stream", "", ["V", "app", "stream", "?vhost=V"]);
    check("rtmp://host/app", "stream?vhost=V", ["V", "app", "stream", "?vhost=V"]);
    check("rtmp://host/app", "stream?domain=V", ["V", "app", "stream", "?domain=V"]);
    check("rtmp://host/app?domain=V", "stream", ["V", "app", "stream", "?domain=V"]);
    check("rtmp://host/app?domain=D&vhost=V", "stream", ["V", "app", "stream", "?domain=D&vhost=V"]);
    check("rtmp://host/app?k=v&vhost=V", "stream", ["V", "app", "stream", "?k=v&vhost=V"]);
    check("rtmp://host/app", "stream", ["host", "app", "stream", ""]);
    check("rtmp://host:19350/app", "stream", ["host", "app", "stream", ""]);
    check("rtmp://127.0.0.1/app", "stream", ["127.0.0.1", "app", "stream", ""]);
    check("rtmp://host/app", "stream?vhost=", ["host", "app", "stream", "?vhost="]);
}

#[test]
fn the_default_vhost_in_a_query_says_nothing() {
    check("rtmp://host/app?vhost=__defaultVhost__", "s", ["host", "app", "s", ""]);
    check("rtmp://host/app", "s?vhost=__defaultVhost__", ["host", "app", "s", ""]);
    check("rtmp://host/app", "s?vhost=__defaultVhost__&k=v", ["host", "app", "s", "?vhost=__defaultVhost__&k=v"]);
}

#[test]
fn the_stream_is_the_last_part_and_the_rest_is_the_app() {
    check("rtmp://host/a/b/c", "stream", ["host", "a/b/c", "stream", ""]);
    check("rtmp://host/a", "b/c/stream", ["host", "a/b/c", "stream", ""]);
    check("rtmp://host/app/", "/stream/", ["host", "app", "stream", ""]);
    check("rtmp://host/app//", "stream", ["host", "app", "stream", ""]);
    check("rtmp://host/ a pp", " str eam\r\n", ["host", "app", "stream", ""]);
    check("rtmp://host", "stream", ["host", DEFAULT_APP, "stream", ""]);
    check("rtmp://host/", "stream", ["host", DEFAULT_APP, "stream", ""]);
    check("rtmp://host?vhost=V", "stream", ["V", DEFAULT_APP, "stream", "?vhost=V"]);
}

#[test]
fn the_default_instance_is_no_part_of_the_path() {
    check("rtmp://host/app/_definst_", "stream", ["host", "app", "stream", ""]);
    check("rtmp://host/app", "_definst_/stream", ["host", "app", "stream", ""]);
    check("rtmp://host/app/_definst_?k=v", "stream", ["host", "app", "stream", "?k=v"]);
}

#[test]
fn queries_of_app_and_stream_join_behind_the_stream() {
    check("rtmp://host/app?k=v", "stream", ["host", "app", "stream", "?k=v"]);
    check("rtmp://host/app#k=v", "stream", ["host", "app", "stream", "?k=v"]);
    check("rtmp://host/app#k=v/stream", "", ["host", "app", "stream", "?k=v"]);
    check("rtmp://host/app?a=1", "stream?b=2", ["host", "app", "stream", "?b=2&a=1"]);
    check("rtmp://host/app", "stream?url=http://x/y", ["host", "app", "stream", "?url=http://x/y"]);
    check("rtmp://host/app", "stream?", ["host", "app", "stream", ""]);
}

#[test]
fn a_stream_that_is_not_named_is_in_the_app_or_in_the_query() {
    check("rtmp://host/live/cam", "", ["host", "live", "cam", ""]);
    check("rtmp://host/live/cam/1", "", ["host", "live", "cam/1", ""]);
    check("rtmp://host/live/cam", "?k=v", ["host", "live", "cam", "?k=v"]);
    check("rtmp://host/app?k=v/stream", "", ["host", "app", "stream", "?k=v"]);
    for (tc_url, name) in [("rtmp://host/app", ""), ("rtmp://host", "/"), ("rtmp://host/app?k=v", " ")] {
        let error = Target::parse(tc_url, name).unwrap_err();
        assert_eq!((error.code(), error), (2051, Error::NoStreamName));
    }
}

fn check_address(tc_url: &str, expect: (&str, &str, u16)) {
    let target = Target::of_app(tc_url).unwrap();
    assert_eq!((&*target.schema, &*target.host, target.port), expect);
}

#[test]
fn the_port_follows_the_schema() {
    check_address("rtmp://host/app", ("rtmp", "host", 1935));
    check_address("https://host/app", ("https", "host", 443));
    check_address("rtmps://host/app", ("rtmps", "host", 80));
    check_address("http://host/app", ("http", "host", 80));
    check_address("rtmp://host:1/app", ("rtmp", "host", 1));
    check_address("rtmp://[::1]/app", ("rtmp", "::1", 1935));
    check_address("rtmp://[fe80::1]:1936/app", ("rtmp", "fe80::1", 1936));
    check_address("rtmp://user:pass@host:2/app", ("rtmp", "host", 2));
    check_address("srt://host", ("srt", "host", 80));
}

#[test]
fn a_tc_url_without_a_host_is_refused() {
    for tc_url in ["live", "/live", "rtmp://", "rtmp:///live", "://host", "rtmp://host:x/a", "rtmp://host:99999/a"] {
        let error = Target::of_app(tc_url).unwrap_err();
        assert_eq!(error.code(), 2006, "{tc_url}: {error}");
    }
    let long = Target::of_app(&"é".repeat(200)).unwrap_err();
    assert!(long.to_string().len() < 200);
}

#[test]
fn names_that_cannot_be_are_refused() {
    let long = "x".repeat(MAX_NAME + 1);
    for name in ["..", "a/../b", "../a", "a/..", ".", " .. ", "a\0b", "a\x1bb", "a\u{85}b", &long, &"y".repeat(4096)] {
        let error = check_name("stream name", name).unwrap_err();
        assert!(matches!(error, Error::Name { what: "stream name", len, .. } if len == name.len()), "{name}");
        assert_eq!(error.code(), 2051);
        Target::parse("rtmp://host/app", name).unwrap_err();
    }
    for app in ["..", "a/../b", "a\0"] {
        Target::parse(&format!("rtmp://host/{app}"), "stream").unwrap_err();
    }
    for name in ["a", "a/b", "..a", "a..", "cam 1", "日本", &"z".repeat(MAX_NAME), "a?k=../x", ""] {
        assert_eq!(check_name("stream name", name), Ok(()));
    }
}

#[test]
fn a_query_may_be_longer_than_a_name() {
    let token = format!("cam?token={}", "t".repeat(4000));
    assert_eq!(Target::parse("rtmp://host/app", &token).unwrap().stream, "cam");
    check_name("stream name", &format!("cam?token={}", "t".repeat(9000))).unwrap_err();
}
