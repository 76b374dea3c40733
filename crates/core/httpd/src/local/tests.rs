use crate::filter::tests::asked_from;

const HERE: &str = "127.0.0.1";
const CAM: &str = "/live/cam.flv";

#[track_caller]
fn check(target: &str, fields: &[(&'static str, &str)], expect: bool) {
    for ip in [HERE, "::1", "::ffff:127.0.0.1"] {
        assert_eq!(asked_from(ip, "GET", target, fields).is_local(), expect, "{ip} {target} {fields:?}");
    }
    assert!(!asked_from("203.0.113.7", "GET", target, fields).is_local(), "{target} {fields:?}");
}

#[test]
fn a_program_of_this_machine_is_local() {
    check(CAM, &[], true);
    for host in ["localhost", "localhost:8080", "LocalHost.", "127.0.0.1:8080", "127.1.2.3", "[::1]:8080", "[::1]"] {
        check(CAM, &[("host", host)], true);
    }
    check("http://127.0.0.1:8080/live/cam.flv", &[], true);
}

#[test]
fn a_page_of_another_site_is_not() {
    for origin in ["https://evil.example", "null", "http://localhost.evil.example", "http://127.0.0.1@evil.example"] {
        check(CAM, &[("host", HERE), ("origin", origin)], false);
    }
    check(CAM, &[("host", HERE), ("sec-fetch-site", "cross-site")], false);
    // A picture or a video has no Origin, and old browsers send no more than this.
    check(CAM, &[("host", HERE), ("referer", "https://evil.example/")], false);
    check(CAM, &[("host", "[::1]:8080"), ("origin", "http://127.0.0.1:3000")], true);
    check(CAM, &[("host", "localhost"), ("sec-fetch-site", "same-origin"), ("referer", "http://localhost/a")], true);
}

/// A name of theirs that leads here (DNS rebinding), and an address that browsers take for this machine.
#[test]
fn a_host_of_another_name_is_not() {
    for host in
        ["evil.example:8080", "localhost.evil.example", "0.0.0.0", "[::]", "127.0.0.1.evil.example", "2130706433"]
    {
        check(CAM, &[("host", host)], false);
    }
    check("http://evil.example/live/cam.flv", &[("host", HERE)], false);
}

#[test]
fn what_came_by_a_proxy_is_not() {
    let fields = ["x-forwarded-for", "x-real-ip", "forwarded", "via", "x-forwarded-host", "x-forwarded-port"];
    for field in fields {
        check(CAM, &[("host", "localhost"), (field, HERE)], false);
    }
}

/// Scripts for pages of others: who asks has to be known.
#[test]
fn a_script_is_for_a_page_that_says_that_it_is_here() {
    let script = "/api/v1/clients/?callback=f";
    check(script, &[("host", "localhost")], false);
    check(script, &[("host", "localhost"), ("sec-fetch-site", "same-site")], true);
    check(script, &[("host", "localhost"), ("referer", "http://127.0.0.1:8080/")], true);
    check(script, &[("host", "localhost"), ("referer", "http://evil.example/")], false);
}
