use super::*;

/// What an edited offer gets: `publishes` or `plays`, or the refusal in words with its code.
fn outcome(text: &str) -> String {
    let offer = match Offer::parse(text) {
        Ok(offer) => offer,
        Err(refusal) => return format!("{} {refusal}", refusal.code()),
    };
    let result = if text.contains("a=sendonly") {
        publish(&offer, &PUBLISH, &mut counter()).map(|_| "publishes")
    } else {
        play(&offer, &PLAY, &mut counter()).map(|_| "plays")
    };
    result.map_or_else(|refusal| format!("{} {refusal}", refusal.code()), str::to_owned)
}

fn check(name: &str, edits: &[(&str, &str)], expect: &str) {
    let mut text = fixture(name);
    for (from, to) in edits {
        assert!(text.contains(from), "{name} has {from}");
        text = text.replace(from, to);
    }
    assert_eq!(outcome(&text), expect, "{name} {edits:?}");
}

const SENDS: &str = "chromium-sendonly.sdp";
const TAKES: &str = "chromium-recvonly.sdp";

#[test]
fn offers_without_a_transport_are_refused() {
    check(SENDS, &[], "publishes");
    check(TAKES, &[], "plays");
    check(TAKES, &[("a=group:BUNDLE 0 1\r\n", "")], BUNDLE_0);
    check(TAKES, &[("a=group:BUNDLE 0 1", "a=group:LS 0 1")], BUNDLE_0);
    check(
        TAKES,
        &[("a=group:BUNDLE 0 1", "a=group:BUNDLE 0\r\na=group:BUNDLE 1")],
        "5018 2 groups BUNDLE in the offer, exactly one is needed: all media shares one transport",
    );
    check(TAKES, &[("a=ice-ufrag:T/HV\r\n", "")], "5018 section 1 (audio, mid 0): no a=ice-ufrag and a=ice-pwd");
    check(
        TAKES,
        &[("a=rtcp-mux\r\n", "")],
        "5018 section 1 (audio, mid 0): no a=rtcp-mux: RTCP has no port of its own here",
    );
    check(TAKES, &[("a=mid:1\r\n", "")], "5018 section 2 (video): no a=mid");
    check(TAKES, &[("a=mid:1", "a=mid:0")], "5018 two sections have the mid \"0\"");
    check(TAKES, &[("a=setup:actpass", "a=setup:holdconn")], "5018 section 1 (audio, mid 0): a=setup:holdconn");
    check(TAKES, &[("a=mid:0", "a=ice-lite\r\na=mid:0")], "plays");
    check(TAKES, &[("t=0 0", "t=0 0\r\na=ice-lite")], "5018 both sides are ice-lite: nobody makes checks");
}

const BUNDLE_0: &str = "5018 0 groups BUNDLE in the offer, exactly one is needed: all media shares one transport";

#[test]
fn offers_without_encryption_are_refused() {
    check(
        TAKES,
        &[("m=video 58165 UDP/TLS/RTP/SAVPF", "m=video 58165 RTP/AVP")],
        "5018 section 2 (video, mid 1): protocol RTP/AVP, needed is UDP/TLS/RTP/SAVPF",
    );
    let text = fixture(TAKES);
    let lines = |to: &str| {
        let lines = text.lines().map(|line| if line.starts_with("a=fingerprint") { to } else { line });
        outcome(&lines.collect::<Vec<_>>().join("\n"))
    };
    assert_eq!(lines("a=x"), "5018 section 1 (audio, mid 0): no a=fingerprint:sha-256");
    let sha1 = format!("a=fingerprint:sha-1 {}", ["01"; 20].join(":"));
    assert_eq!(lines(&sha1), "5018 section 1 (audio, mid 0): no a=fingerprint:sha-256, found sha-1");
    let upper = format!("a=fingerprint:SHA-256 {}", ["aB"; 32].join(":"));
    assert_eq!(lines(&upper), "plays");
}

// row: http-api.md §4.1 Play offer checks
// row: http-api.md §4.1 Publish offer checks
#[test]
fn media_must_flow_the_right_way() {
    let offer = |name: &str| Offer::parse(&fixture(name)).expect(name);
    let refused = publish(&offer(TAKES), &PUBLISH, &mut counter()).map_err(|refusal| refusal.to_string());
    assert_eq!(refused.unwrap_err(), "section 1 (audio, mid 0): recvonly in an offer that publishes");
    let refused = play(&offer(SENDS), &PLAY, &mut counter()).map_err(|refusal| refusal.to_string());
    assert_eq!(refused.unwrap_err(), "section 1 (audio, mid 0): sendonly in an offer that plays");
    check(TAKES, &[("a=recvonly", "a=sendrecv")], "plays");
    check(TAKES, &[("a=recvonly", "a=inactive")], "5018 no audio and no video in the offer");
    check("chromium-datachannel-only.sdp", &[], "5018 no audio and no video in the offer");
    check("chromium-datachannel-only.sdp", &[("m=application", "m=text")], "5018 no audio and no video in the offer");
    // What its own maker has stopped.
    check(
        TAKES,
        &[("m=audio 55848", "m=audio 0"), ("m=video 58165", "m=video 0")],
        "5018 no audio and no video in the offer",
    );
    check(TAKES, &[("m=audio 55848", "m=audio 0")], "plays");
    check("chromium-before-gathering.sdp", &[], "plays");
    // Half of the media has a transport of its own: that half is left aside.
    check(TAKES, &[("a=group:BUNDLE 0 1", "a=group:BUNDLE 1")], "plays");
    check(TAKES, &[("a=group:BUNDLE 0 1", "a=group:BUNDLE 7")], "5018 no audio and no video in the offer");
}

#[test]
fn formats_that_make_no_sense_are_not_answered() {
    let video = |edits: &[(&str, &str)]| {
        let mut text = fixture(SENDS);
        edits.iter().for_each(|(from, to)| text = text.replace(from, to));
        let plan = publish(&Offer::parse(&text).expect("an offer"), &PUBLISH, &mut counter()).expect("a plan");
        plan.media().nth(1).cloned().expect("video")
    };
    let format = |edits: &[(&str, &str)]| format_words(video(edits).formats.first().expect("a format"));
    // Retransmissions of nothing, of themselves, of what is not offered.
    assert_eq!(format(&[("apt=108", "apt=")]), "108 H.264");
    assert_eq!(format(&[("apt=108", "apt=109")]), "108 H.264");
    assert_eq!(format(&[("apt=108", "apt=500")]), "108 H.264");
    assert_eq!(format(&[("rtpmap:109 rtx/90000", "rtpmap:109 rtx/8000")]), "108 H.264");
    // Types that look like RTCP.
    assert_eq!(
        format(&[("108", "72"), ("102", "73"), ("104", "74"), ("114", "75"), ("116", "76"), (" 39 ", " 77 ")]),
        "96+97 VP8"
    );
    // Another clock.
    assert_eq!(format(&[("H264/90000", "H264/8000")]), "96+97 VP8");
    // Ids that no header has, and that mean two things.
    let ids = |edits: &[(&str, &str)]| video(edits).extensions.iter().map(|entry| entry.0).collect::<Vec<_>>();
    assert_eq!(ids(&[]), [2, 13, 3, 4, 10, 11]);
    assert_eq!(ids(&[("a=extmap:13 ", "a=extmap:15 "), ("a=extmap:10 ", "a=extmap:0 ")]), [2, 3, 4, 11]);
    assert_eq!(ids(&[("a=extmap:13 ", "a=extmap:1 "), ("a=extmap:10 ", "a=extmap:11 ")]), [2, 3, 4, 11]);
    assert_eq!(ids(&[("a=extmap:13 ", "a=extmap:13/sendonly ")]), [2, 3, 4, 10, 11]);
}

#[test]
fn layers_that_make_no_sense_are_not_answered() {
    let layers = |from: &str, to: &str| {
        let text = fixture("chromium-simulcast.sdp").replace(from, to);
        let plan = publish(&Offer::parse(&text).expect("an offer"), &PUBLISH, &mut counter()).expect("a plan");
        plan.media().flat_map(|media| media.layers.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(layers("", ""), "q h f");
    assert_eq!(layers("a=rid:h send\r\n", ""), "q f");
    assert_eq!(layers("a=rid:h send", "a=rid:h recv"), "q f");
    assert_eq!(layers("send q;h;f", "recv q;h;f"), "");
    assert_eq!(layers("send q;h;f", "send q,h;h,q;f;f"), "q h f");
    assert_eq!(layers("send q;h;f", "send ~f;x;q"), "f q");
    // Without the header extension nothing tells them apart.
    assert_eq!(layers("sdes:rtp-stream-id", "sdes:other"), "");
    let many: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    let rids: String = many.iter().map(|n| format!("a=rid:{n} send\r\n")).collect();
    let simulcast = format!("{rids}a=simulcast:send {}", many.join(";"));
    assert_eq!(layers("a=simulcast:send q;h;f", &simulcast), "0 1 2 3 4 5 6 7");
}

#[test]
fn what_the_stream_has_must_be_offered() {
    check(TAKES, &[("opus", "supo"), ("PCMU", "X"), ("PCMA", "Y")], NO_AUDIO);
    let offer = Offer::parse(&fixture(TAKES)).expect("an offer");
    let live = [TrackFormat { codec: Codec::H265, parameters: String::new() }];
    let refused = play(&offer, &PlayRules { tracks: &live, ..PLAY }, &mut counter()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "section 2 (video, mid 1): the stream has H.265, offered VP8, VP9, H264, AV1, red, ulpfec, flexfec-03"
    );
    assert_eq!(refused.code(), 5018);
}

const NO_AUDIO: &str = "5018 section 1 (audio, mid 0): no codec that is served here, offered supo, red, G722, X, Y, CN, \
                        telephone-event, served Opus, G.711 µ-law, G.711 A-law";

#[test]
fn ssrcs_belong_to_one_section() {
    let text = fixture("chromium-two-videos.sdp").replace("135189525", "156988827");
    let plan = publish(&Offer::parse(&text).expect("an offer"), &PUBLISH, &mut counter()).expect("a plan");
    let peers: Vec<usize> = plan.media().map(|media| media.peer.len()).collect();
    assert_eq!(peers, [1, 1, 0]);
}

#[test]
fn what_is_no_description_has_another_code() {
    assert_eq!(outcome("hello"), "5012 not a session description: line 1: expected a letter and =, found \"hello\"");
    assert_eq!(outcome(""), "5012 not a session description: session description is empty");
    assert_eq!(outcome("v=0\r\n"), BUNDLE_0);
    assert_eq!(outcome("v=0\r\na=group:BUNDLE\r\n"), "5018 no audio and no video in the offer");
}
