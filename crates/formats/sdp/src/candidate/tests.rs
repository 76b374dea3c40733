use super::*;

fn check(text: &str, expect: Option<&str>) {
    let written = Candidate::parse(text).map(|candidate| candidate.to_string());
    assert_eq!(written.as_deref(), expect, "{text}");
}

#[test]
fn candidates_are_read_and_written() {
    let same = |text: &str| check(text, Some(text));
    same("candidate:0 1 udp 2130706431 10.77.0.1 8000 typ host generation 0");
    same("candidate:3312942297 1 tcp 1518214911 192.0.2.2 9 typ host tcptype active generation 0 network-id 1");
    same("candidate:1 1 udp 1677729535 203.0.113.7 40000 typ srflx raddr 0.0.0.0 rport 0 generation 0");
    same("candidate:1 1 udp 2113937151 0a1b2c3d-4e5f.local 51000 typ host");
    same("candidate:1 1 udp 2130706431 fd00::2 8000 typ host");
    check("1 1 UDP 1 10.0.0.1 1 typ host", Some("candidate:1 1 udp 1 10.0.0.1 1 typ host"));
    // SRS's order.
    check(
        "0 1 tcp 1 10.0.0.1 1 typ host generation 0 tcptype passive",
        Some("candidate:0 1 tcp 1 10.0.0.1 1 typ host tcptype passive generation 0"),
    );
}

#[test]
fn what_no_agent_can_use_is_none() {
    check("", None);
    check("1 1 dccp 1 10.0.0.1 1 typ host", None);
    check("1 1 udp 1 10.0.0.1 65536 typ host", None);
    check("1 1 udp 4294967296 10.0.0.1 1 typ host", None);
    check("1 1 udp 1 10.0.0.1 1 host", None);
    check("1 1 udp 1 10.0.0.1 1 typ", None);
}
