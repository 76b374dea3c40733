use http::HeaderMap;

use super::client;
use crate::filter::tests::conf;

/// Who the client is that a request from `peer` with these fields comes from.
#[track_caller]
fn check(peer: &str, fields: &[(&'static str, &str)], expect: &str) {
    let conf = conf("http_server { enabled on; trusted_proxies 127.0.0.0/8 10.0.0.0/8; }");
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(*name, value.parse().expect("a field value"));
    }
    let peer = format!("{peer}:4000").parse().expect("an address");
    let found = client(peer, &headers, &conf.http_server.trusted_proxies);
    assert_eq!(found.ip().to_string(), expect, "{peer} {fields:?}");
}

// row: http-api.md §2 Client ip
#[test]
fn a_trusted_proxy_says_who_its_client_is() {
    check("127.0.0.1", &[], "127.0.0.1");
    check("127.0.0.1", &[("x-forwarded-for", "203.0.113.7")], "203.0.113.7");
    check("127.0.0.1", &[("x-forwarded-for", "203.0.113.7, 10.0.0.2")], "203.0.113.7");
    check("127.0.0.1", &[("x-forwarded-for", "203.0.113.7"), ("x-forwarded-for", "10.0.0.2")], "203.0.113.7");
    check("127.0.0.1", &[("x-forwarded-for", "203.0.113.7:1234")], "203.0.113.7");
    check("127.0.0.1", &[("x-forwarded-for", "[2001:db8::1]:1234")], "2001:db8::1");
    check("127.0.0.1", &[("x-forwarded-for", "[2001:db8::1]")], "2001:db8::1");
    check("127.0.0.1", &[("x-real-ip", "203.0.113.7")], "203.0.113.7");
    check("127.0.0.1", &[("x-forwarded-for", "10.0.0.3, 10.0.0.2")], "10.0.0.3");
    check("127.0.0.1", &[("x-forwarded-for", "::ffff:203.0.113.7")], "203.0.113.7");
    check("127.0.0.1", &[("forwarded", "for=203.0.113.7;proto=http, for=10.0.0.2")], "203.0.113.7");
    check("127.0.0.1", &[("forwarded", "for=\"[2001:db8::1]:4711\"")], "2001:db8::1");
}

#[test]
fn what_anybody_else_says_is_not_believed() {
    check("203.0.113.9", &[("x-forwarded-for", "127.0.0.1"), ("x-real-ip", "127.0.0.1")], "203.0.113.9");
    check("127.0.0.1", &[("x-forwarded-for", "127.0.0.1, 203.0.113.9, 10.0.0.2")], "203.0.113.9");
    check("127.0.0.1", &[("x-forwarded-for", "127.0.0.1, nonsense")], "127.0.0.1");
    check("127.0.0.1", &[("x-forwarded-for", "")], "127.0.0.1");
    // A proxy that writes one of the fields passes on what its client wrote into the others.
    check("127.0.0.1", &[("x-forwarded-for", "127.0.0.1"), ("x-real-ip", "203.0.113.9")], "203.0.113.9");
    check("127.0.0.1", &[("x-real-ip", "127.0.0.1"), ("forwarded", "for=203.0.113.9")], "203.0.113.9");
}
