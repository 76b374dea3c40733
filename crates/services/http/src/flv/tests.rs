use bytes::Bytes;
use weir_base::MediaTime;
use weir_net::testing::stamps_alike;

use super::*;

fn remux(text: &str) -> HttpRemux {
    let text = format!("listen 1935; vhost __defaultVhost__ {{ http_remux {{ enabled on; {text} }} }}");
    let conf = weir_conf::Config::from_text(&text).expect("a configuration").config;
    conf.vhost("x").expect("the default vhost").http_remux.clone()
}

fn frame(kind: TagKind, ms: i64, body: &'static [u8]) -> Frame {
    Frame::from_flv(kind, MediaTime::from_millis(ms), Bytes::from_static(body))
}

fn script() -> Frame {
    frame(TagKind::Script, 0, b"\x02\0\x0aonMetaData")
}

fn audio_config() -> Frame {
    frame(TagKind::Audio, 0, b"\xaf\0\x12\x10")
}

fn video_config() -> Frame {
    frame(TagKind::Video, 0, b"\x17\0\0\0\0\x01")
}

fn audio(ms: i64) -> Frame {
    frame(TagKind::Audio, ms, b"\xaf\x01\x21")
}

fn video(ms: i64) -> Frame {
    frame(TagKind::Video, ms, b"\x17\x01\0\0\0\0")
}

/// What the FLV header says of these frames: nothing, or the flags of audio (4) and video (1).
fn check_header(settings: &str, frames: &[Frame], expect: Option<u8>) {
    let mut framing = FlvFraming::new(Vec::new(), Carrier::Bare, remux(settings));
    let mut out = Vec::new();
    let begun = framing.begin(&mut frames.iter(), &mut out);
    assert_eq!(begun.then(|| out.get(4).copied()).flatten(), expect, "{settings} {}", frames.len());
}

// row: http-api.md §5 Has A/V
// row: config.md §11 guess_has_av
// row: config.md §11 has_audio / has_video
#[test]
fn the_header_says_what_there_is() {
    let configs = [script(), audio_config(), video_config()];
    let with = |frames: &[Frame]| [&configs, frames].concat();
    check_header("", &[], None);
    check_header("", &configs, None);
    check_header("", &with(&[video(0), audio(5)]), Some(5));
    check_header("", &with(&[audio(0), audio(20)]), None);
    check_header("", &with(&[audio(0), audio(400)]), Some(4));
    check_header("", &with(&[video(0), video(400)]), Some(1));
    check_header("", &vec![audio(7); GUESS_FRAMES], Some(4));
    check_header("guess_has_av off;", &[script()], Some(5));
    check_header("guess_has_av off;", &[], None);
    check_header("guess_has_av off; has_audio off;", &[script()], Some(1));
    check_header("guess_has_av off; has_video off;", &[script()], Some(4));
}

/// A publisher that sends a few frames and leaves must not leave a player behind that waited for it.
#[test]
fn the_header_is_told_when_the_publisher_leaves() {
    let hub = weir_hub::Hub::new(weir_conf::Live::new(
        weir_conf::Config::from_text("listen 1935; vhost __defaultVhost__ { }").expect("a configuration").config,
    ));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let player = runtime
        .block_on(hub.subscribe(&weir_hub::testing::request(weir_hub::ClientKind::FlvPlay, "cam")))
        .expect("a player");
    let mut publisher = runtime
        .block_on(hub.publish(&weir_hub::testing::request(weir_hub::ClientKind::FmlePublish, "cam")))
        .expect("a publisher");
    publisher.send(audio(0), std::time::Instant::now());
    let mut framing = FlvFraming::new(Vec::new(), Carrier::Bare, remux(""));
    let mut out = Vec::new();
    assert!(!framing.begin(&mut player.cursor.pending(), &mut out), "there may be video to come");
    drop(publisher);
    assert!(framing.begin(&mut player.cursor.pending(), &mut out));
    assert_eq!(out.get(4), Some(&4));
}

/// The bytes of these frames.
fn written(settings: &str, carrier: Carrier, frames: &[Frame]) -> Vec<u8> {
    let mut framing = FlvFraming::new(b"head:".to_vec(), carrier, remux(settings));
    let mut bytes = Vec::new();
    assert!(framing.begin(&mut frames.iter(), &mut bytes));
    let mut out = Gather::default();
    for frame in frames {
        assert_eq!(framing.wrap(frame, frame.timestamp(), &mut out), Flow::Continue);
    }
    out.copy_to(&mut bytes);
    bytes
}

#[test]
fn tags_are_written_as_annex_e_says() {
    let bytes = written("guess_has_av off;", Carrier::Bare, &[audio(0x0102_0304)]);
    let header = b"head:FLV\x01\x05\0\0\0\x09\0\0\0\0";
    let tag = b"\x08\0\0\x03\x02\x03\x04\x01\0\0\0\xaf\x01\x21\0\0\0\x0e";
    assert_eq!(bytes, [header.as_slice(), tag].concat());
}

#[test]
fn each_tag_is_a_chunk() {
    let bytes = written("guess_has_av off;", Carrier::Chunked, &[audio(0)]);
    let header = b"head:d\r\nFLV\x01\x05\0\0\0\x09\0\0\0\0\r\n";
    let tag = b"12\r\n\x08\0\0\x03\0\0\0\0\0\0\0\xaf\x01\x21\0\0\0\x0e\r\n";
    assert_eq!(bytes, [header.as_slice(), tag].concat());
}

// row: config.md §11 drop_if_not_match
#[test]
fn tags_that_the_header_excludes_are_dropped() {
    let only_audio = "guess_has_av off; has_video off;";
    let frames = [script(), audio(0), video(0)];
    let kept = written(only_audio, Carrier::Bare, &frames);
    assert_eq!(kept, written(only_audio, Carrier::Bare, &[script(), audio(0)]));
    let all = written(&format!("{only_audio} drop_if_not_match off;"), Carrier::Bare, &frames);
    assert_eq!(all.len(), kept.len() + 11 + 6 + 4);
}

#[test]
fn a_tag_can_be_stamped_anew() {
    for carrier in [Carrier::Bare, Carrier::Chunked, Carrier::WebSocket] {
        let mut framing = FlvFraming::new(Vec::new(), carrier, remux(""));
        assert_eq!(framing.alike(), None, "nothing was shown yet");
        assert!(framing.begin(&mut [video(0), audio(0)].iter(), &mut Vec::new()));
        framing.wrap(&video(0), 0, &mut Gather::default());
        let long = Frame::from_flv(TagKind::Video, MediaTime::ZERO, Bytes::from(vec![b'\n'; 3000]));
        for frame in [video(0), audio(0), script(), long] {
            assert_eq!(stamps_alike(&mut framing, &frame, 40, u32::MAX - 7), Some(true), "{carrier:?}");
        }
    }
}

/// Players that were told different things get different bytes.
#[test]
fn only_those_are_alike_who_get_the_same() {
    let alike = |settings: &str, carrier, frames: &[Frame]| {
        let mut framing = FlvFraming::new(Vec::new(), carrier, remux(settings));
        framing.begin(&mut frames.iter(), &mut Vec::new());
        for frame in frames {
            framing.wrap(frame, 0, &mut Gather::default());
        }
        framing.alike().expect("it has shown something")
    };
    let both = [video(0), audio(0)];
    let only = [video(0), video(400)];
    assert_eq!(alike("", Carrier::Chunked, &both), alike("", Carrier::Chunked, &both));
    assert_ne!(alike("", Carrier::Chunked, &both), alike("", Carrier::Bare, &both), "chunks");
    assert_ne!(
        alike("drop_if_not_match on;", Carrier::Bare, &both),
        alike("drop_if_not_match on;", Carrier::Bare, &only),
        "left out"
    );
}
