use super::*;
use crate::plan::AgreedFormat;

mod bad;
mod written;

/// A fixture of the parser's.
pub(crate) fn fixture(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../formats/sdp/testdata");
    std::fs::read_to_string(folder.join(name)).expect("a fixture")
}

/// Numbers in order, for numbers that nobody can guess.
pub(crate) fn counter() -> impl FnMut() -> u32 {
    let mut last = 1_000;
    move || {
        last += 1;
        last
    }
}

pub(crate) const PUBLISH: PublishRules =
    PublishRules { codec: None, nack: true, twcc: true, dtls_role: DtlsRole::Passive };

pub(crate) const PLAY: PlayRules<'static> =
    PlayRules { tracks: &[], codec: None, nack: true, twcc: true, dtls_role: DtlsRole::Passive };

/// A plan in words: for each section its mid, kind, formats, extensions, SSRCs of the peer, layers.
fn words(plan: &Plan) -> Vec<String> {
    let section = |section: &Section| match section {
        Section::Refused(refused) => format!("refused {}", refused.kind.word()),
        Section::Media(media) => {
            let formats: Vec<String> = media.formats.iter().map(format_words).collect();
            let ids: Vec<String> = media.extensions.iter().map(|(id, known)| format!("{id}={known:?}")).collect();
            let peer: Vec<String> = media
                .peer
                .iter()
                .map(|pair| format!("{}{}", pair.ssrc, pair.rtx.map_or(String::new(), |rtx| format!("+{rtx}"))))
                .collect();
            let parts = [formats.join(", "), ids.join(" "), peer.join(" "), media.layers.join(" ")];
            format!("{} {}: {}", media.mid, media.kind.word(), parts.join(" | "))
        }
    };
    plan.sections.iter().map(section).collect()
}

fn format_words(agreed: &AgreedFormat) -> String {
    let format = &agreed.format;
    let rtx = format.rtx.map_or(String::new(), |rtx| format!("+{rtx}"));
    format!("{}{rtx} {}", format.pt, format.codec.label())
}

fn check_publish(name: &str, rules: &PublishRules, expect: &[&str]) {
    let offer = Offer::parse(&fixture(name)).expect(name);
    let plan = publish(&offer, rules, &mut counter()).expect(name);
    assert_eq!(words(&plan), expect, "{name}");
    assert!(plan.media().all(|media| media.direction == Direction::RecvOnly && media.ours.is_empty()));
}

// row: protocols.md §6.1 Offer needs
// row: protocols.md §6.1 Video choice
// row: protocols.md §6.1 Audio
#[test]
fn publishers_are_asked_for_one_codec() {
    check_publish(
        "aiortc-publish.sdp",
        &PUBLISH,
        &[
            "0 audio: 96 Opus | 1=Mid 2=AudioLevel | 3988475223 | ",
            "1 video: 101+102 H.264 | 1=Mid 3=AbsoluteSendTime | 777989535+2225641668 | ",
        ],
    );
    check_publish(
        "chromium-sendonly.sdp",
        &PUBLISH,
        &[
            "0 audio: 111 Opus | 1=AudioLevel 2=AbsoluteSendTime 3=TransportCc 4=Mid | 3354904052 | ",
            "1 video: 108+109 H.264 | 2=AbsoluteSendTime 13=VideoOrientation 3=TransportCc 4=Mid 10=Rid 11=RepairedRid | 2911590864+1740025398 | ",
        ],
    );
    check_publish(
        "ffmpeg-whip-no-candidates.sdp",
        &PUBLISH,
        &["0 audio: 111 Opus |  | 3203036085 | ", "1 video: 106+105 H.264 |  | 3203036086+3203036087 | "],
    );
    check_publish(
        "firefox-by-hand-sendonly.sdp",
        &PUBLISH,
        &[
            "0 audio: 109 Opus | 1=AudioLevel 3=Mid | 1936475582 | ",
            "1 video: 126+127 H.264 | 3=Mid 4=AbsoluteSendTime 7=TransportCc | 3190443187+1209336445 | ",
        ],
    );
}

/// The feedback that a player's pictures get.
fn check_feedback(offer: &str, rules: &PlayRules<'_>, expect: &str) {
    let plan = play(&Offer::parse(offer).expect("an offer"), rules, &mut counter()).expect("a plan");
    let video = plan.media().find(|media| media.kind == MediaKind::Video).expect("pictures");
    let words: Vec<Vec<String>> = video.formats.iter().map(|agreed| agreed.feedback.words()).collect();
    assert!(!words.is_empty() && words.iter().all(|words| words.join(", ") == expect), "{words:?}");
}

#[test]
fn players_that_do_not_tell_arrivals_say_what_they_can_take() {
    let aiortc = fixture("aiortc-play.sdp");
    check_feedback(&aiortc, &PLAY, "nack, nack pli, goog-remb");
    check_feedback(&aiortc, &PlayRules { twcc: false, ..PLAY }, "nack, nack pli");
    let chromium = fixture("chromium-recvonly.sdp");
    assert!(chromium.contains("goog-remb"));
    check_feedback(&chromium, &PLAY, "nack, nack pli, transport-cc, ccm fir");
    let old = chromium.replace("a=rtcp-fb:96 transport-cc", "").replace("transport-wide-cc", "nothing");
    check_feedback(&old, &PLAY, "nack, nack pli, goog-remb, ccm fir");
}

// row: protocols.md §6.1 RTX/FEC/simulcast
#[test]
fn layers_are_taken_in_their_order() {
    check_publish(
        "chromium-simulcast.sdp",
        &PUBLISH,
        &[
            "0 audio: 111 Opus | 1=AudioLevel 2=AbsoluteSendTime 3=TransportCc 4=Mid | 845707972 | ",
            "1 video: 108+109 H.264 | 2=AbsoluteSendTime 13=VideoOrientation 3=TransportCc 4=Mid 10=Rid 11=RepairedRid |  | q h f",
        ],
    );
}

#[test]
fn the_url_may_ask_for_a_codec() {
    let check = |codec: Codec, expect: &str| {
        let offer = Offer::parse(&fixture("chromium-sendonly.sdp")).expect("an offer");
        let rules = PublishRules { codec: Some(codec), ..PUBLISH };
        let plan = publish(&offer, &rules, &mut counter()).map_err(|e| e.to_string());
        let formats = plan.map(|plan| plan.media().flat_map(|media| &media.formats).map(format_words).collect());
        let formats = formats.map(|words: Vec<String>| words.join(", "));
        assert_eq!(formats.unwrap_or_else(|e| e), expect, "{codec:?}");
    };
    check(Codec::Av1, "111 Opus, 45+46 AV1");
    check(Codec::Vp9, "111 Opus, 98+99 VP9");
    check(Codec::Vp8, "111 Opus, 96+97 VP8");
    check(Codec::H264, "111 Opus, 108+109 H.264");
    check(Codec::G711a, "8 G.711 A-law, 108+109 H.264");
    check(
        Codec::H265,
        "section 2 (video, mid 1): codec=H.265 asked for in the URL and not offered, offered VP8, H264, AV1, VP9, red, ulpfec",
    );
}

/// Without H.264, what the publisher prefers.
#[test]
fn without_h264_the_publisher_chooses() {
    let text = fixture("chromium-sendonly.sdp").replace("H264", "H266").replace("opus", "supo");
    let plan = publish(&Offer::parse(&text).expect("an offer"), &PUBLISH, &mut counter()).expect("a plan");
    let formats: Vec<String> = plan.media().flat_map(|media| &media.formats).map(format_words).collect();
    assert_eq!(formats, ["0 G.711 µ-law", "96+97 VP8"]);
}

#[test]
fn switches_take_feedback_away() {
    let offer = Offer::parse(&fixture("chromium-sendonly.sdp")).expect("an offer");
    let check = |nack: bool, twcc: bool, expect: &str| {
        let plan = publish(&offer, &PublishRules { nack, twcc, ..PUBLISH }, &mut counter()).expect("a plan");
        let video = plan.media().nth(1).expect("video");
        let format = video.formats.first().expect("a format");
        assert_eq!(format.feedback.words().join(", "), expect);
        assert_eq!(format.format.rtx.is_some(), nack);
        assert_eq!(video.extension(Extension::TransportCc).is_some(), twcc);
    };
    // row: protocols.md §6.1 rtcp-fb kept
    // row: protocols.md §6.1 extmap kept
    check(true, true, "nack, nack pli, transport-cc, ccm fir");
    check(false, true, "transport-cc, ccm fir");
    check(true, false, "nack, nack pli, ccm fir");
}

fn track(codec: Codec, fmtp: &str) -> TrackFormat {
    TrackFormat { codec, parameters: fmtp.to_owned() }
}

fn check_play(name: &str, tracks: &[TrackFormat], codec: Option<Codec>, expect: &[&str]) {
    let offer = Offer::parse(&fixture(name)).expect(name);
    let plan = play(&offer, &PlayRules { tracks, codec, ..PLAY }, &mut counter());
    let found = plan.map(|plan| words(&plan)).unwrap_or_else(|e| vec![e.to_string()]);
    let found: Vec<&str> = found.iter().map(|line| line.split(" |").next().unwrap_or(line)).collect();
    assert_eq!(found, expect, "{name}");
}

#[test]
fn players_are_told_what_the_stream_has_first() {
    let opus = track(Codec::Opus, "");
    let audio = "0 audio: 111 Opus, 0 G.711 µ-law, 8 G.711 A-law";
    let vp9 = "98+99 VP9, 100+101 VP9, 35+36 VP9, 37+38 VP9";
    let av1 = "45+46 AV1, 47+48 AV1";
    let check = |codec: Codec, fmtp: &str, video: &str| {
        check_play(
            "chromium-recvonly.sdp",
            &[opus.clone(), track(codec, fmtp)],
            None,
            &[audio, &format!("1 video: {video}")],
        );
    };
    let in_order = "102+103 H.264, 104+107 H.264, 108+109 H.264, 114+115 H.264, 116+117 H.264, 39+40 H.264, 41+42 H.264, 43+44 H.264";
    check(Codec::Vp8, "", &format!("96+97 VP8, {vp9}, {in_order}, {av1}"));
    check(Codec::Av1, "profile=1", &format!("47+48 AV1, 45+46 AV1, 96+97 VP8, {vp9}, {in_order}"));
    check(
        Codec::Vp9,
        "profile-id=2",
        &format!("100+101 VP9, 98+99 VP9, 35+36 VP9, 37+38 VP9, 96+97 VP8, {in_order}, {av1}"),
    );
    // Nobody publishes yet.
    check_play(
        "aiortc-play.sdp",
        &[],
        None,
        &["0 audio: 96 Opus, 0 G.711 µ-law, 8 G.711 A-law", "1 video: 101+102 H.264, 97+98 VP8, 99+100 H.264"],
    );
    check_play(
        "aiortc-play.sdp",
        &[],
        Some(Codec::Vp8),
        &["0 audio: 96 Opus, 0 G.711 µ-law, 8 G.711 A-law", "1 video: 97+98 VP8"],
    );
}

#[test]
fn the_profile_of_the_stream_finds_its_payload_type() {
    let check = |name: &str, fmtp: &str, expect: u8| {
        let offer = Offer::parse(&fixture(name)).expect(name);
        let live = [track(Codec::H264, fmtp)];
        let plan = play(&offer, &PlayRules { tracks: &live, ..PLAY }, &mut counter()).expect(name);
        let video = plan.media().find(|media| media.kind == MediaKind::Video).expect("video");
        assert_eq!(video.formats.first().map(|agreed| agreed.format.pt), Some(expect), "{name} {fmtp}");
        assert_eq!(video.format_for(&live[0]).map(|format| format.pt), Some(expect));
        assert_eq!(video.track, Some(0));
    };
    let chromium = "chromium-recvonly.sdp";
    check(chromium, "profile-level-id=42e01f;packetization-mode=1", 108);
    check(chromium, "profile-level-id=42E01F;packetization-mode=0", 114);
    check(chromium, "profile-level-id=42c01e;packetization-mode=1", 108);
    check(chromium, "profile-level-id=42001f;packetization-mode=1", 102);
    check(chromium, "profile-level-id=4d0028;packetization-mode=1", 116);
    check(chromium, "profile-level-id=f4001f;packetization-mode=0", 43);
    // High is part of what decodes High 4:4:4.
    check(chromium, "profile-level-id=640028;packetization-mode=1", 41);
    // Nothing is known of the stream.
    check(chromium, "", 108);
    check("safari-by-hand-recvonly.sdp", "profile-level-id=640028;packetization-mode=1", 96);
    check("safari-by-hand-recvonly.sdp", "profile-level-id=640c1f;packetization-mode=0", 100);
    check("safari-by-hand-recvonly.sdp", "profile-level-id=4d001f;packetization-mode=1", 96);
    // Browsers decode more than they say.
    check("aiortc-play.sdp", "profile-level-id=640028;packetization-mode=1", 99);
}

// row: protocols.md §6.1 Multiple video m-lines
// row: protocols.md §6.1 Player SDP order
#[test]
fn each_section_of_video_is_a_track() {
    let offer = Offer::parse(&fixture("chromium-two-videos.sdp")).expect("an offer");
    let published = publish(&offer, &PUBLISH, &mut counter()).expect("a plan");
    let peers: Vec<_> = published.media().map(|media| (media.mid.as_str(), media.kind, media.peer.len())).collect();
    assert_eq!(peers, [("0", MediaKind::Audio, 1), ("1", MediaKind::Video, 1), ("2", MediaKind::Video, 1)]);

    let offer = Offer::parse(&fixture("chromium-two-videos.sdp").replace("sendonly", "recvonly")).expect("an offer");
    let tracks = [track(Codec::Vp8, ""), track(Codec::Opus, ""), track(Codec::Av1, "")];
    let plan = play(&offer, &PlayRules { tracks: &tracks, ..PLAY }, &mut counter()).expect("a plan");
    let played: Vec<_> =
        plan.media().map(|media| (media.mid.as_str(), media.track, media.formats[0].format.codec)).collect();
    assert_eq!(played, [("0", Some(1), Codec::Opus), ("1", Some(0), Codec::Vp8), ("2", Some(2), Codec::Av1)]);
    let mut ssrcs: Vec<u32> =
        plan.media().flat_map(|media| &media.ours).flat_map(|pair| [Some(pair.ssrc), pair.rtx]).flatten().collect();
    assert_eq!(ssrcs.len(), 5, "sound has no retransmissions: {ssrcs:?}");
    ssrcs.sort_unstable();
    ssrcs.dedup();
    assert_eq!(ssrcs.len(), 5);
}

// row: protocols.md §6.1 DTLS role
#[test]
fn the_role_in_dtls_follows_the_offer() {
    let check = |setup: &str, rule: DtlsRole, expect: DtlsRole| {
        let text = fixture("chromium-sendonly.sdp").replace("a=setup:actpass\r\n", setup);
        let rules = PublishRules { dtls_role: rule, ..PUBLISH };
        let plan = publish(&Offer::parse(&text).expect("an offer"), &rules, &mut counter()).expect("a plan");
        assert_eq!(plan.dtls, expect, "{setup} {rule:?}");
    };
    use DtlsRole::{Active, Passive};
    for rule in [Active, Passive] {
        check("a=setup:active\r\n", rule, Passive);
        check("a=setup:passive\r\n", rule, Active);
        check("a=setup:actpass\r\n", rule, rule);
        check("", rule, rule);
    }
}

#[test]
fn a_data_channel_beside_media_is_left_aside() {
    check_play(
        "chromium-datachannel-beside.sdp",
        &[track(Codec::H264, "")],
        Some(Codec::H264),
        &[
            "0 audio: 111 Opus, 0 G.711 µ-law, 8 G.711 A-law",
            "1 video: 108+109 H.264, 102+103 H.264, 116+117 H.264, 41+42 H.264, 104+107 H.264, 114+115 H.264, 39+40 H.264, 43+44 H.264",
            "refused application",
        ],
    );
}

#[test]
fn ssrcs_are_new_even_if_chance_is_not() {
    let offer = Offer::parse(&fixture("chromium-recvonly.sdp")).expect("an offer");
    let plan = play(&offer, &PLAY, &mut || 0).expect("a plan");
    let ours: Vec<SourcePair> = plan.media().flat_map(|media| media.ours.iter().copied()).collect();
    assert_eq!(ours, [SourcePair { ssrc: 1, rtx: None }, SourcePair { ssrc: 2, rtx: Some(3) }]);
}
