use super::*;

/// The fragment of RFC 9725 clause 4.3.2, with values of our own.
const TRICKLE: &str = "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:EsAw\r\n\
                       a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n\
                       a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0\r\n\
                       a=end-of-candidates\r\n";

#[test]
fn candidates_come_after_the_offer() {
    let fragment = Fragment::parse(TRICKLE).expect("a fragment");
    assert_eq!(fragment.ice_ufrag.as_deref(), Some("EsAw"));
    assert_eq!(fragment.candidates.len(), 1);
    assert!(fragment.end_of_candidates);
    let mut out = String::new();
    fragment.write_to(&mut out, "0");
    assert_eq!(Fragment::parse(&out), Ok(fragment));
}

#[test]
fn the_agent_may_stand_above_the_sections() {
    let text = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n";
    let fragment = Fragment::parse(text).expect("a fragment");
    assert_eq!(fragment.ice_pwd.as_deref(), Some("P2uYro0UCOQ4zxjKXaWCBui1"));
    assert_eq!(fragment.candidates, []);
}

#[test]
fn an_empty_fragment_says_nothing() {
    assert_eq!(Fragment::parse(""), Ok(Fragment::default()));
    assert!(Fragment::parse("hello").is_err());
}
