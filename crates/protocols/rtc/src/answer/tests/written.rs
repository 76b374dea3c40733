use weir_sdp::Transport;

use super::*;

fn answer(name: &str, plan: impl Fn(&Offer) -> Result<Plan, Refusal>) -> String {
    let offer = Offer::parse(&fixture(name)).expect(name);
    let places = [(Transport::Udp, "10.77.0.1", 8000), (Transport::Tcp, "fd00::1", 8001)];
    let places = places.map(|(transport, host, port)| (transport, host.to_owned(), port));
    plan(&offer).expect(name).answer(&AnswerParts {
        ice_ufrag: "j3114m67",
        ice_pwd: "574c85kz3k583r49971k1x25293n0659",
        fingerprint: [0xC6; 32],
        candidates: &host_candidates(places),
        app: "live",
        stream: "w1",
        session_id: 94_424_499_059_728,
    })
}

fn check(found: &str, expect: &str) {
    let expect = expect.replace("{version}", weir_base::SIGNATURE).replace("{digest}", &["C6"; 32].join(":"));
    assert_eq!(found.replace("\r\n", "\n"), expect);
    assert!(found.lines().count() == found.matches("\r\n").count(), "every line ends with CRLF");
}

// row: protocols.md §6.1 Answer
// row: protocols.md §6.1 Candidates
#[test]
fn publishers_are_answered_in_the_form_of_srs() {
    let found = answer("aiortc-publish.sdp", |offer| publish(offer, &PUBLISH, &mut counter()));
    check(&found, include_str!("publish.txt"));
}

#[test]
fn players_are_answered_in_the_form_of_srs() {
    let live =
        [TrackFormat { codec: Codec::H264, parameters: "profile-level-id=42e01f;packetization-mode=1".to_owned() }];
    let found = answer("aiortc-play.sdp", |offer| play(offer, &PlayRules { tracks: &live, ..PLAY }, &mut counter()));
    check(&found, include_str!("play.txt"));
}

#[test]
fn layers_and_what_is_refused_are_answered() {
    let found = answer("chromium-simulcast.sdp", |offer| publish(offer, &PUBLISH, &mut counter()));
    assert!(found.contains("a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\na=simulcast:recv q;h;f\r\n"), "{found}");
    let found = answer("chromium-datachannel-beside.sdp", |offer| play(offer, &PLAY, &mut counter()));
    let refused = "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\na=inactive\r\n";
    assert!(found.ends_with(refused), "{found}");
    assert!(found.contains("a=group:BUNDLE 0 1\r\n"), "{found}");
}
