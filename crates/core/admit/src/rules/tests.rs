use std::net::IpAddr;
use std::sync::Arc;

use proptest::prelude::*;
use weir_conf::{Config, Env, Facts, Source, Vhost};
use weir_hub::{ClientKind, Gate, Request, Role, testing};

use super::{Rules, host_of, is_within};

fn vhost(text: &str) -> Arc<Vhost> {
    let text = format!("listen 1935; vhost __defaultVhost__ {{ {text} }}");
    let source = Source::Text { name: "test.conf".to_owned(), text };
    let loaded = Config::load(source, &Env::default(), &Facts::default()).expect("a configuration");
    loaded.config.vhost("").expect("the default vhost")
}

fn request(kind: ClientKind, ip: &str, page: &str) -> Request {
    Request { ip: ip.parse().expect("an address"), page_url: page.to_owned(), ..testing::request(kind, "cam1") }
}

/// What publishers and players from an address hear.
#[track_caller]
fn check(security: &str, ip: &str, publish: Option<u16>, play: Option<u16>) {
    let vhost = vhost(&format!("security {{ enabled on; {security} }}"));
    let hear = |role, kind| Rules.check(role, &vhost, &request(kind, ip, "")).err().map(|refusal| refusal.code());
    let heard = (hear(Role::Publish, ClientKind::FmlePublish), hear(Role::Play, ClientKind::FlvPlay));
    assert_eq!(heard, (publish, play), "{security} for {ip}");
}

// row: protocols.md §1.5 Security
// row: errors.md §2 1053
// row: errors.md §2 1054
#[test]
fn security_is_as_srs_has_it() {
    check("", "10.0.0.1", Some(1054), Some(1054));
    check("allow play all;", "10.0.0.1", Some(1054), None);
    check("allow publish all;", "10.0.0.1", None, Some(1054));
    check("deny publish all;", "10.0.0.1", Some(1053), None);
    check("deny play 10.0.0.0/8; allow play all; allow publish 10.0.0.1;", "10.0.0.1", None, Some(1053));
    check("deny play 10.0.0.0/8; allow play all; allow publish 10.0.0.1;", "11.0.0.1", Some(1054), None);
    check("deny play 10.0.0.2;", "10.0.0.1", None, None);
}

#[test]
fn security_knows_ipv6() {
    check("allow play fd00::/8; allow publish ::1;", "fd12::3", Some(1054), None);
    check("allow play fd00::/8; allow publish ::1;", "::1", None, Some(1054));
    check("deny play 10.0.0.0/8; allow play all;", "::ffff:10.1.2.3", Some(1054), Some(1053));
    check("allow play 0.0.0.0/0;", "fd12::3", Some(1054), Some(1054));
}

#[test]
fn words_that_are_no_rule_match_nobody() {
    check("allow play 10.0.0.0/33; allow watch all; allow publish;", "10.0.0.1", Some(1054), Some(1054));
}

#[test]
fn a_refusal_names_the_rule() {
    let vhost = vhost("security { enabled on; deny play 10.0.0.0/8; allow play all; }");
    let refusal = Rules.check(Role::Play, &vhost, &request(ClientKind::FlvPlay, "10.0.0.1", ""));
    let words = refusal.expect_err("a refusal").to_string();
    assert_eq!(words, "10.0.0.1 may not play: 10.0.0.0/8 is denied (security.deny)");
}

// row: errors.md §2 2015
// row: protocols.md §1.5 Refer
#[test]
fn refer_looks_at_the_host_of_the_page() {
    let vhost = vhost("refer { enabled on; publish github.com github.io; play; }");
    for (page, is_let_in) in [
        ("http://github.com/a", true),
        ("https://www.GitHub.io:8443/?a=b", true),
        ("http://evilgithub.com/", false),
        ("http://github.com@evil.example/", false),
        ("http://evil.example/?github.com", false),
        ("", false),
    ] {
        let heard = Rules.check(Role::Publish, &vhost, &request(ClientKind::FmlePublish, "10.0.0.1", page));
        assert_eq!(heard.as_ref().map_err(|refusal| refusal.code()).err(), (!is_let_in).then_some(2015), "{page}");
        assert!(Rules.check(Role::Play, &vhost, &request(ClientKind::RtmpPlay, "10.0.0.1", page)).is_ok());
        let by_webrtc = request(ClientKind::RtcPublish, "10.0.0.1", page);
        assert!(Rules.check(Role::Publish, &vhost, &by_webrtc).is_ok(), "it is about RTMP alone: {page}");
    }
}

proptest! {
    #[test]
    fn hosts_of_anything_do_not_panic(url in ".{0,80}", name in ".{0,20}") {
        let host = host_of(&url);
        let within = is_within(host, &name);
        prop_assert!(!within || host.to_ascii_lowercase().ends_with(&name.to_ascii_lowercase()));
    }

    #[test]
    fn security_has_an_answer_for_every_address(ip: IpAddr) {
        let vhost = vhost("security { enabled on; deny play 10.0.0.0/8; allow play all; }");
        let request = Request { ip, ..request(ClientKind::FlvPlay, "::1", "") };
        let is_denied = matches!(ip.to_canonical(), IpAddr::V4(ip) if ip.octets()[0] == 10);
        prop_assert_eq!(Rules.check(Role::Play, &vhost, &request).is_err(), is_denied);
    }
}
