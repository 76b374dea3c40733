use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::filter::tests::{asked_from, conf};

const FAR: &str = "203.0.113.7";
const HERE: &str = "127.0.0.1";
const API: &str = "/api/v1/streams/";

/// The status that a request gets; 0 when it passes.
async fn check(auth: &str, ip: &str, target: &str, fields: &[(&'static str, &str)], expect: u16) {
    let conf = conf(&format!("http_api {{ auth {{ token right; {auth} }} }}"));
    let reply = refuse(&asked_from(ip, "GET", target, fields), &conf.http_api.auth, None).await;
    let status = reply.as_ref().map_or(0, |reply| reply.status.as_u16());
    assert_eq!(status, expect, "{auth} {ip} {target} {fields:?}");
}

#[tokio::test]
async fn who_has_the_token_may_use_the_api() {
    let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
    for (target, authorization, expect) in [
        (API, None, 401),
        (API, Some("Bearer right".to_owned()), 0),
        (API, Some("bearer right".to_owned()), 0),
        (API, Some("Bearer wrong".to_owned()), 401),
        (API, Some(basic("anybody:right")), 0),
        (API, Some(basic("anybody:wrong")), 401),
        ("/api/v1/streams/?token=right", None, 0),
        ("/api/v1/streams/?token=wrong", None, 401),
        ("/metrics", None, 401),
        ("/console/index.html", None, 401),
        ("/live/cam.flv", None, 0),
        ("/", None, 0),
    ] {
        let fields: Vec<_> = authorization.iter().map(|value| ("authorization", value.as_str())).collect();
        check("", FAR, target, &fields, expect).await;
    }
    let user = "enabled on; username admin; password secret;";
    check(user, FAR, API, &[("authorization", &basic("admin:secret"))], 0).await;
    check(user, FAR, API, &[("authorization", &basic("admin:wrong"))], 401).await;
}

#[tokio::test]
async fn this_machine_is_trusted_unless_it_is_not() {
    check("", HERE, API, &[("host", "localhost:1985")], 0).await;
    check("", HERE, API, &[("host", "evil.example:1985")], 401).await;
    check("trust_loopback off;", HERE, API, &[("host", "localhost:1985")], 401).await;
}

#[tokio::test]
async fn a_user_without_a_password_is_nobody() {
    let empty = format!("Basic {}", STANDARD.encode(":"));
    check("enabled on;", FAR, API, &[("authorization", &empty)], 401).await;
}

#[tokio::test]
async fn without_a_token_nobody_is_asked() {
    let conf = conf("http_api { }");
    assert!(refuse(&asked_from(FAR, "GET", API, &[]), &conf.http_api.auth, None).await.is_none());
}

#[tokio::test]
async fn another_spelling_of_a_path_is_the_same_path() {
    for target in ["//api/v1/streams/", "/./api/v1/streams/", "/%61pi/v1/streams/", "//console/", "/.//metrics"] {
        check("", FAR, target, &[], 401).await;
    }
}

#[tokio::test]
async fn signed_tokens_alone_shut_the_door_too() {
    let conf = conf("http_api { auth { jwt { key secret; } } }");
    let reply = refuse(&asked_from(FAR, "GET", API, &[]), &conf.http_api.auth, None).await;
    assert_eq!(reply.expect("a refusal").status, StatusCode::UNAUTHORIZED);
    let empty = refuse(&asked_from(FAR, "GET", "/api/v1/streams/?token=", &[]), &conf.http_api.auth, None).await;
    assert!(empty.is_some(), "no token is no token");
}

#[tokio::test]
async fn a_password_that_a_browser_knows_is_for_its_own_pages() {
    let basic = format!("Basic {}", STANDARD.encode("x:right"));
    let known = |more: &[(&'static str, &'static str)]| {
        let mut fields = vec![("authorization", basic.clone()), ("host", "weir.example:1985".to_owned())];
        fields.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        fields
    };
    for (target, more, expect) in [
        (API, &[("sec-fetch-site", "same-origin"), ("origin", "http://weir.example:1985")][..], 0),
        (API, &[("sec-fetch-site", "none")], 0),
        (API, &[("origin", "https://evil.example")], 401),
        (API, &[("sec-fetch-site", "cross-site")], 401),
        (API, &[("sec-fetch-site", "same-site")], 401),
        ("/api/v1/clients/1?callback=f&method=DELETE", &[], 401),
        ("/api/v1/clients/1?callback=f&method=DELETE&token=right", &[("sec-fetch-site", "cross-site")], 0),
    ] {
        let fields = known(more);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        check("", FAR, target, &fields, expect).await;
    }
}
