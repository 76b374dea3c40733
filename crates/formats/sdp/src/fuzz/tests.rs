use proptest::prelude::*;
use replay::replay;

#[path = "../../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpora_replay() {
    replay("sdp", super::sdp);
    replay("sdp_fragment", super::sdp_fragment);
}

proptest! {
    #[test]
    fn any_lines(lines in proptest::collection::vec(line(), 0..40)) {
        let text = format!("v=0\r\n{}", lines.join("\r\n"));
        super::sdp(text.as_bytes());
        super::sdp_fragment(text.as_bytes());
    }

    #[test]
    fn any_candidate(text in "[a-z0-9 :.]{0,60}|\\PC{0,30}") {
        super::sdp_fragment(text.as_bytes());
    }
}

/// Lines that mean something, with words that may not.
fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof!["[a-c0-9]{1,3}", "\\PC{0,6}"];
    (0usize..22, 0u32..140, word).prop_map(|(kind, n, word)| match kind {
        0 | 1 => format!("m=video 9 UDP/TLS/RTP/SAVPF {} {n}", n / 2 + 1),
        2 => format!("m={word} {n} DTLS/SCTP {word}"),
        3 => format!("a=rtpmap:{n} {word}/90000"),
        4 => format!("a=fmtp:{n} {word}"),
        5 => format!("a=rtcp-fb:{n} {word}"),
        6 => format!("a=extmap:{n}/sendonly urn:{word}"),
        7 => format!("a=ssrc:{n} {word}"),
        8 => format!("a=ssrc:{n} cname:{word}"),
        9 => format!("a=ssrc-group:FID {n} {n}"),
        10 => format!("a=rid:{n} send {word}"),
        11 => format!("a=simulcast:send {n},~{n};{n} recv {n}"),
        12 => format!("a=candidate:{n} 1 udp {n} {word} {n} typ host {word} {word}"),
        13 => format!("a=mid:{n}"),
        14 => format!("a=group:BUNDLE {word}"),
        15 => format!("a=msid:{word} {n}"),
        16 => format!("a=fingerprint:sha-1 {n:02x}:{n:02X}"),
        17 => "a=setup:active".to_owned(),
        18 => format!("o={word} {n}"),
        19 => format!("c={word}"),
        20 => "a=sendonly".to_owned(),
        _ => format!("a={word}:{n}"),
    })
}
