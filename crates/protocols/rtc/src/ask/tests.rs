use super::*;
use crate::answer::tests::{PLAY, PUBLISH, counter};
use crate::{AnswerParts, Offer, TrackFormat, Transport, host_candidates, play, publish};

const VIDEO: [Codec; 5] = [Codec::H264, Codec::Vp8, Codec::Vp9, Codec::Av1, Codec::H265];

fn ask<'a>(role: Role, layers: &'a [&'a str]) -> Ask<'a> {
    Ask { role, audio: &[Codec::Opus], video: &VIDEO, videos: 1, layers }
}

fn parts() -> AskParts<'static> {
    AskParts {
        ice_ufrag: "client",
        ice_pwd: "0123456789012345678901",
        fingerprint: [1; 32],
        candidates: &[],
        setup: Setup::Actpass,
    }
}

fn answer(plan: &Plan) -> String {
    plan.answer(&AnswerParts {
        ice_ufrag: "server",
        ice_pwd: "abcdefghijklmnopqrstuv",
        fingerprint: [2; 32],
        candidates: &host_candidates([(Transport::Udp, "127.0.0.1".to_owned(), 8000)]),
        app: "live",
        stream: "s",
        session_id: 1,
    })
}

/// Both sides mean the same: formats, extensions, layers, SSRCs.
fn check(server: &Plan, client: &Plan) {
    let pairs: Vec<_> = server.media().zip(client.media()).collect();
    assert_eq!(pairs.len(), server.sections.len());
    for (server, client) in pairs {
        assert_eq!((&server.mid, server.kind), (&client.mid, client.kind));
        assert_ne!(server.direction, client.direction);
        assert_eq!(format!("{:?}", server.formats), format!("{:?}", client.formats));
        assert_eq!(server.layers, client.layers);
        let sorted = |plan: &MediaPlan| {
            let mut ids = plan.extensions.clone();
            ids.sort_by_key(|entry| entry.0);
            ids
        };
        assert_eq!(sorted(server), sorted(client));
        assert_eq!(server.ours, client.peer);
        if server.layers.is_empty() {
            assert_eq!(server.peer, client.ours);
        }
    }
    assert_ne!(server.dtls, client.dtls);
    assert_eq!((server.remote.ice_ufrag.as_str(), client.remote.ice_ufrag.as_str()), ("client", "server"));
    assert_eq!((server.remote.fingerprint, client.remote.fingerprint), ([1; 32], [2; 32]));
    assert!(client.remote.ice_lite && !server.remote.ice_lite);
    assert_eq!(client.remote.candidates.len(), 1);
}

#[test]
fn both_sides_of_a_publisher_agree() {
    for layers in [&[][..], &["q", "h", "f"]] {
        for codec in VIDEO {
            let asked = ask(Role::Publish, layers).offer(&parts(), &mut counter());
            let offer = Offer::parse(&asked.text()).expect("an offer");
            let rules = crate::PublishRules { codec: Some(codec), ..PUBLISH };
            let server = publish(&offer, &rules, &mut counter()).expect("a plan");
            let client = asked.read_answer(&answer(&server)).expect("an answer");
            check(&server, &client);
            let video = client.media().nth(1).expect("video");
            assert_eq!(video.formats[0].format.codec, codec);
            assert_eq!(video.ours.len(), layers.len().max(1));
        }
    }
}

#[test]
fn both_sides_of_a_player_agree() {
    for codec in VIDEO {
        let asked = ask(Role::Play, &[]).offer(&parts(), &mut counter());
        let offer = Offer::parse(&asked.text()).expect("an offer");
        let live = [TrackFormat { codec, parameters: String::new() }];
        let server = play(&offer, &crate::PlayRules { tracks: &live, ..PLAY }, &mut counter()).expect("a plan");
        let client = asked.read_answer(&answer(&server)).expect("an answer");
        check(&server, &client);
        assert_eq!(client.media().nth(1).expect("video").formats[0].format.codec, codec);
    }
}

#[test]
fn the_answer_of_srs_is_read() {
    let asked = Ask { role: Role::Play, audio: &[Codec::Opus], video: &[Codec::H264], videos: 1, layers: &[] };
    let asked = asked.offer(&parts(), &mut counter());
    let text = answer::tests::fixture("srs-answer-play.sdp");
    // It answers the types that aiortc offered.
    let text = text.replace("96", "111").replace(":101", ":102").replace("SAVPF 101", "SAVPF 102");
    let plan = asked.read_answer(&text).expect("an answer");
    let peers: Vec<u32> = plan.media().flat_map(|media| &media.peer).map(|pair| pair.ssrc).collect();
    assert_eq!(peers, [242_454_306, 242_454_307]);
    assert_eq!(plan.dtls, DtlsRole::Active);
}

#[test]
fn answers_that_are_none_are_refused() {
    let asked = ask(Role::Play, &[]).offer(&parts(), &mut counter());
    let server = play(&Offer::parse(&asked.text()).expect("an offer"), &PLAY, &mut counter()).expect("a plan");
    let good = answer(&server);
    let check = |text: &str, expect: &str| {
        assert_eq!(asked.read_answer(text).map_err(|e| e.to_string()).unwrap_err(), expect);
    };
    check("v=0", "the answer has 0 sections, the offer 2");
    check(
        &good.replace("m=audio 9", "m=audio 0").replace("m=video 9", "m=video 0"),
        "no audio and no video in the answer",
    );
    check(&good.replace("sendonly", "inactive"), "no audio and no video in the answer");
    check(&good.replace("setup:passive", "setup:actpass"), "section 1 (audio, mid 0): a=setup:actpass");
    check(&good.replace("a=ice-pwd:", "a=no:"), "section 1 (audio, mid 0): no a=ice-ufrag and a=ice-pwd");
    check(
        &good.replace("111", "112"),
        "section 1 (audio, mid 0): no codec that is served here, offered opus, served Opus",
    );
}

#[test]
fn what_is_not_asked_for_is_not_offered() {
    let sound = Ask { role: Role::Play, audio: &[Codec::G711a], video: &[], videos: 1, layers: &[] };
    let text = sound.offer(&parts(), &mut counter()).text();
    assert!(text.contains("m=audio 9 UDP/TLS/RTP/SAVPF 8\r\n") && !text.contains("m=video"), "{text}");
    let pictures = Ask { role: Role::Publish, audio: &[], video: &[Codec::Vp8, Codec::Aac], videos: 2, layers: &[] };
    let text = pictures.offer(&parts(), &mut counter()).text();
    assert_eq!(text.matches("m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n").count(), 2, "{text}");
    assert!(Offer::parse(&text).is_ok());
}
