use std::sync::Arc;

use proptest::prelude::*;
use weir_conf::{Config, Env, Facts, Source};

use super::announce::announce_on;
use super::*;

/// The addresses of a machine: its own, two cards, one of them of both families.
fn machine() -> Vec<IpAddr> {
    ["127.0.0.1", "192.168.1.10", "10.0.0.5", "::1", "2001:db8::5"].map(|ip| ip.parse().expect("an address")).into()
}

fn alone() -> Vec<IpAddr> {
    ["::1", "127.0.0.1"].map(|ip| ip.parse().expect("an address")).into()
}

/// A resolver that knows two names.
fn resolver() -> Lookup {
    Arc::new(|name| {
        let ips = match name.as_str() {
            "media.example.com" => vec!["203.0.113.7", "2001:db8::7"],
            "six.example.com" => vec!["2001:db8::6"],
            "self.example.com" => vec!["127.0.1.1"],
            _ => Vec::new(),
        };
        let ips = ips.into_iter().filter_map(|ip| ip.parse().ok()).collect();
        Box::pin(std::future::ready(ips))
    })
}

fn conf(text: &str) -> RtcServer {
    conf_in(text, &[])
}

fn conf_in(text: &str, env: &[(&str, &str)]) -> RtcServer {
    let text = format!("listen 1935; rtc_server {{ enabled on; {text} }}");
    let env: Env = env.iter().copied().collect();
    let source = Source::Text { name: "test.conf".to_owned(), text };
    Config::load(source, &env, &Facts::default()).expect("a configuration").config.rtc_server.clone()
}

async fn found(conf: &RtcServer, local: fn() -> Vec<IpAddr>, eip: &str, hosts: &[&str]) -> String {
    let candidates = Candidates::on(Ports::of(conf), resolver(), local);
    let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
    let found = candidates.find(conf, &Called { eip: Host::parse(eip), hosts }).await;
    let words = found.iter().map(|(transport, host, port)| format!("{transport} {host} {port}"));
    words.collect::<Vec<_>>().join(", ")
}

/// Checks what is told on that machine by a configuration to who calls by `host`.
async fn check(text: &str, host: &str, expect: &str) {
    assert_eq!(found(&conf(text), machine, "", &[host]).await, expect, "{text} {host}");
}

// row: protocols.md §6.1 Candidates
// row: config.md §9 candidate
// row: config.md §9 ip_family
// row: config.md §9 use_auto_detect_network_ip
// row: config.md §1 candidate * or
#[tokio::test]
async fn addresses_of_the_machine_are_found() {
    let both = "udp 10.0.0.5 8000, udp 192.168.1.10 8000";
    check("", "", both).await;
    check("candidate *;", "", both).await;
    check("candidate 0.0.0.0;", "", both).await;
    check("ip_family ipv6;", "", "udp 2001:db8::5 8000").await;
    check("ip_family all;", "", &format!("{both}, udp 2001:db8::5 8000")).await;
    check("candidate 203.0.113.1;", "", "udp 203.0.113.1 8000").await;
    check("candidate 203.0.113.1 *;", "", &format!("{}, udp 203.0.113.1 8000", both)).await;
    check("listen 9000; candidate 203.0.113.1:7000 203.0.113.2;", "", "udp 203.0.113.1 7000, udp 203.0.113.2 9000")
        .await;
}

// row: config.md §1 rtc_server.candidate, stream_caster.sip.candidate
#[tokio::test]
async fn the_environment_names_addresses() {
    let given = conf_in("candidate $CANDIDATE;", &[("CANDIDATE", "203.0.113.1")]);
    assert_eq!(found(&given, machine, "", &[]).await, "udp 203.0.113.1 8000");
    let empty = conf_in("candidate $CANDIDATE;", &[]);
    assert_eq!(found(&empty, machine, "", &[]).await, "udp 10.0.0.5 8000, udp 192.168.1.10 8000");
}

// row: protocols.md §6.1 Filter for * with nothing found
#[tokio::test]
async fn something_is_told_when_nothing_is_found() {
    assert_eq!(found(&conf(""), alone, "", &[]).await, "udp 127.0.0.1 8000");
    assert_eq!(found(&conf(""), || vec![[0, 0, 0, 0, 0, 0, 0, 1].into()], "", &[]).await, "udp ::1 8000");
    assert_eq!(found(&conf(""), Vec::new, "", &[]).await, "");
    check("use_auto_detect_network_ip off;", "", "udp 192.168.1.10 8000").await;
    check("use_auto_detect_network_ip off;", "203.0.113.1", "udp 203.0.113.1 8000").await;
}

// row: config.md §9 api_as_candidates
// row: config.md §9 resolve_api_domain
// row: config.md §9 keep_api_domain
#[tokio::test]
async fn the_host_of_the_api_is_told() {
    const ONE: &str = "udp 203.0.113.1 8000";
    let check_one = async |more: &str, host: &str, expect: &str| {
        let found = found(&conf(&format!("candidate 203.0.113.1; {more}")), machine, "", &[host]).await;
        let mut told: Vec<_> = found.split(", ").filter(|one| *one != ONE).collect();
        told.sort_unstable();
        assert_eq!(told.join(", "), expect, "{more} {host}");
        assert!(found.contains(ONE), "{more} {host}");
    };
    check_one("", "203.0.113.9:1985", "udp 203.0.113.9 8000").await;
    check_one("", "203.0.113.1:1985", "").await;
    check_one("", "[2001:db8::9]:1985", "udp 2001:db8::9 8000").await;
    check_one("", "2001:db8::9", "udp 2001:db8::9 8000").await;
    check_one("", "media.example.com:1985", "udp 203.0.113.7 8000").await;
    check_one("", "MEDIA.example.com", "udp 203.0.113.7 8000").await;
    check_one("", "six.example.com", "udp 2001:db8::6 8000").await;
    check_one("ip_family all;", "media.example.com", "udp 2001:db8::7 8000, udp 203.0.113.7 8000").await;
    check_one("", "self.example.com", "").await;
    check_one("", "unknown.example.com", "").await;
    check_one("", "0.0.0.0:1985", "").await;
    check_one("", "bad host\r\na=x", "").await;
    check_one("resolve_api_domain off;", "media.example.com", "").await;
    check_one("keep_api_domain on; resolve_api_domain off;", "media.example.com", "udp media.example.com 8000").await;
    check_one("keep_api_domain on;", "media.example.com", "udp 203.0.113.7 8000, udp media.example.com 8000").await;
    check_one("api_as_candidates off;", "203.0.113.9", "").await;
    let local = found(&conf("candidate 203.0.113.1;"), machine, "", &["localhost:1985"]).await;
    assert_eq!(local, "udp 127.0.0.1 8000, udp 203.0.113.1 8000");
}

#[tokio::test]
async fn names_of_the_configuration_are_resolved() {
    check("candidate media.example.com;", "", "udp 203.0.113.7 8000").await;
    check("candidate media.example.com:7000;", "", "udp 203.0.113.7 7000").await;
    check("candidate unknown.example.com;", "", "udp unknown.example.com 8000").await;
}

// row: config.md §9 protocol
// row: protocols.md §6.1 protocol setting
#[tokio::test]
async fn the_protocol_decides_which_lines_there_are() {
    let tcp = "tcp { enabled on; listen 8443; } candidate 203.0.113.1;";
    check(&format!("protocol udp; {tcp}"), "", "udp 203.0.113.1 8000").await;
    check(&format!("protocol tcp; {tcp}"), "", "tcp 203.0.113.1 8443").await;
    check(&format!("protocol all; {tcp}"), "", "udp 203.0.113.1 8000, tcp 203.0.113.1 8443").await;
    // What is not open is not told of.
    check("protocol tcp; candidate 203.0.113.1;", "", "udp 203.0.113.1 8000").await;
    check("protocol all; candidate 203.0.113.1;", "", "udp 203.0.113.1 8000").await;
}

// row: protocols.md §6.1 eip with :port
#[tokio::test]
async fn the_client_may_name_an_address() {
    let tcp = conf("protocol all; tcp { enabled on; } candidate 203.0.113.1; api_as_candidates off;");
    let expect = "udp 203.0.113.1 8000, tcp 203.0.113.1 8000, udp 203.0.113.7 9000, tcp 203.0.113.7 9000";
    assert_eq!(found(&tcp, machine, "203.0.113.7:9000", &[]).await, expect);
}

#[test]
fn hosts_are_read() {
    let read = |text: &str| Host::parse(text).map(|host| (host.name, host.port));
    let host = |name: &str, port| Some((name.to_owned(), port));
    assert_eq!(read("203.0.113.7"), host("203.0.113.7", None));
    assert_eq!(read("203.0.113.7:80"), host("203.0.113.7", Some(80)));
    assert_eq!(read("::ffff:203.0.113.7"), host("203.0.113.7", None));
    assert_eq!(read("2001:db8::1"), host("2001:db8::1", None));
    assert_eq!(read("[2001:db8::1]"), host("2001:db8::1", None));
    assert_eq!(read("[2001:db8::1]:80"), host("2001:db8::1", Some(80)));
    assert_eq!(read("a-b.example.com:80"), host("a-b.example.com", Some(80)));
    for bad in ["", ":80", "a:", "a:0", "a:70000", "a b", "a\r\nb", "[x]:80", "[::1", "[::1]80", "é", &"a".repeat(254)]
    {
        assert_eq!(read(bad), None, "{bad:?}");
    }
}

proptest! {
    /// What is told is written into a description: whatever text a host comes from, it ends no line and begins no field.
    #[test]
    fn nothing_but_hosts_is_told(text in ".*") {
        let is_told = |c: char| c.is_ascii_alphanumeric() || ".-_:".contains(c);
        prop_assert!(Host::parse(&text).is_none_or(|host| host.name.chars().all(is_told) && host.port != Some(0)));
    }
}

/// Checks the line, and whether there is a warning that holds a text.
fn check_announced(text: &str, ips: &[&str], line: &str, warning: Option<&str>) {
    let ips: Vec<IpAddr> = ips.iter().map(|ip| ip.parse().expect("an address")).collect();
    let announced = announce_on(&conf(text), &ips);
    assert!(announced.line.contains(line), "{}", announced.line);
    assert_eq!(announced.warning.is_some(), warning.is_some(), "{:?}", announced.warning);
    assert!(announced.warning.unwrap_or_default().contains(warning.unwrap_or_default()));
}

#[test]
fn the_log_says_which_addresses_are_told() {
    let private = ["127.0.0.1", "10.0.0.5"];
    let line = "told to send to 10.0.0.5 (found on this machine) and the host by which they call the API";
    check_announced("", &private, line, Some("unless they call the API"));
    check_announced("", &private, "UDP port 8000", Some("rtc_server.candidate"));
    check_announced("", &["127.0.0.1", "203.0.113.7"], "203.0.113.7 (found on this machine)", None);
    check_announced("candidate 203.0.113.7:9000;", &private, "203.0.113.7:9000 (rtc_server.candidate)", None);
    check_announced("candidate media.example.com;", &private, "media.example.com (rtc_server.candidate)", None);
    check_announced(
        "candidate 100.64.0.1; api_as_candidates off;",
        &private,
        "to 100.64.0.1 (rtc",
        Some("cannot send"),
    );
    check_announced("api_as_candidates off;", &["127.0.0.1"], "to 127.0.0.1 (found", Some("cannot send"));
    let wrong = "candidate http://203.0.113.7/ 203.0.113.7;";
    check_announced(wrong, &private, "to 203.0.113.7 (rtc", Some("\"http://203.0.113.7/\", which is no address"));
    let tcp = "protocol all; tcp { enabled on; listen 443; }";
    check_announced(tcp, &private, "UDP port 8000 and TCP port 443", Some(""));
}
