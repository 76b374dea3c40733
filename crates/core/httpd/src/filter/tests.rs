use http::Uri;

use super::*;

pub(crate) fn conf(text: &str) -> Config {
    Config::from_text(&format!("listen 1935;\n{text}")).expect("a configuration").config
}

fn asked(method: &str, target: &str, fields: &[(&'static str, &str)]) -> Asked {
    asked_from("10.0.0.77", method, target, fields)
}

pub(crate) fn asked_from(ip: &str, method: &str, target: &str, fields: &[(&'static str, &str)]) -> Asked {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(*name, value.parse().expect("a field value"));
    }
    let uri: Uri = target.parse().expect("a target");
    Asked::new(
        method.parse().expect("a method"),
        &uri,
        headers,
        (ip.parse::<std::net::IpAddr>().expect("an address"), 4000).into(),
        false,
    )
}

/// Checks the status and whether it asks for basic auth; 0 when the request passes.
fn check_auth(target: &str, field: Option<&str>, status: u16, asks: bool) {
    let conf = conf("http_api { auth { enabled on; username admin; password secret; } }");
    let fields: Vec<_> = field.map(|value| ("authorization", value)).into_iter().collect();
    let reply = refuse(&asked("GET", target, &fields), &conf);
    let found = reply.as_ref().map_or(0, |reply| reply.status.as_u16());
    let found_asks = reply
        .is_some_and(|reply| reply.headers.iter().any(|(name, value)| name == WWW_AUTHENTICATE && value == "Basic"));
    assert_eq!((found, found_asks), (status, asks), "{target} {field:?}");
}

const API: &str = "/api/v1/versions";

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

// row: http-api.md §2 path does not contain /api/ anywhere
#[test]
fn only_the_api_asks_for_a_password() {
    for target in ["/rtc/v1/whip/?app=live", "/gb/v1/publish/", "/metrics", "/console/", "/", "/api"] {
        check_auth(target, None, 0, false);
    }
    check_auth("/live/api/x", None, 401, true);
}

// row: http-api.md §2 no Authorization
#[test]
fn without_a_password_it_asks() {
    check_auth(API, None, 401, true);
}

// row: http-api.md §2 not Basic / empty / undecodable
#[test]
fn other_schemes_are_refused_without_asking() {
    for field in ["", "Basic", "Basic ", "Bearer abc", "Basic !!!", &basic("admin"), &basic("admin:sec:ret")] {
        check_auth(API, Some(field), 401, false);
    }
}

// row: http-api.md §2 wrong pair
#[test]
fn a_wrong_password_is_asked_again() {
    for pair in ["admin:wrong", "root:secret", "admin:", ":", "admin:secret2"] {
        check_auth(API, Some(&basic(pair)), 401, true);
    }
}

// row: http-api.md §2 ok
#[test]
fn the_right_password_passes() {
    check_auth(API, Some(&basic("admin:secret")), 0, false);
    check_auth(API, Some(&basic("admin:secret").replace("Basic", "basic")), 0, false);
}

#[test]
fn auth_is_off_unless_configured() {
    assert!(refuse(&asked("GET", API, &[]), &conf("")).is_none());
}

// row: config.md §7 http_server.crossdomain
// row: config.md §6 http_api.crossdomain
#[test]
fn crossdomain_of_the_http_server_governs() {
    let status = |text: &str| refuse(&asked("OPTIONS", API, &[]), &conf(text)).map(|reply| reply.status.as_u16());
    assert_eq!(status(""), Some(200));
    assert_eq!(status("http_server { crossdomain off; }"), Some(405));
    assert_eq!(status("http_api { crossdomain off; auth { enabled on; } }"), Some(200), "auth is not asked");
    let with_origin = asked("GET", "/", &[("origin", "http://a")]).headers;
    assert!(cors(&with_origin, &conf("")));
    assert!(!cors(&HeaderMap::new(), &conf("")));
    assert!(!cors(&with_origin, &conf("http_server { crossdomain off; }")));
}

#[test]
fn unclean_paths_are_refused_before_auth() {
    let reply = refuse(&asked("GET", "/api/../x", &[]), &conf("http_api { auth { enabled on; } }"));
    assert_eq!(reply.map(|reply| reply.status.as_u16()), Some(400));
}

#[test]
fn the_vhost_is_that_of_the_query_or_the_host() {
    let vhost = |target: &str, host: &str| asked("GET", target, &[("host", host)]).vhost();
    assert_eq!(vhost("/a", "x.com:8080"), "x.com");
    assert_eq!(vhost("/a", "[::1]:8080"), "[::1]");
    assert_eq!(vhost("/a?vhost=b.com", "x.com"), "b.com");
    assert_eq!(vhost("/a?domain=b.com", "x.com"), "b.com");
    assert_eq!(vhost("/a?vhost=", "x.com"), "x.com");
    assert_eq!(asked("GET", "http://y.com:80/a", &[]).vhost(), "y.com");
}

#[test]
fn a_request_for_two_hosts_is_malformed() {
    let status = |target: &str| {
        let reply = refuse(&asked("GET", target, &[("host", "localhost"), ("host", "evil.example")]), &conf(""));
        reply.map(|reply| reply.status.as_u16())
    };
    assert_eq!(status("/live/cam.flv"), Some(400));
    assert_eq!(status("http://localhost/live/cam.flv"), None, "the target is what counts");
}
