use std::time::{Duration, Instant};

use bytes::Bytes;
use weir_base::MediaTime;
use weir_flv::fit::Form;
use weir_hub::Frame;
use weir_net::testing::{hub, publish};

use super::*;

const HEVC: &[u8] = b"\x90hvc1\x01";
const OPUS: &[u8] = b"\x91Opus\xfc";

/// What a player is told when these have been published one after the other; `|` parts what is told after each.
async fn check(takes: Takes, bodies: &[(TagKind, &'static [u8])], expect: &str) {
    let hub = hub("");
    let mut publisher = publish(&hub).await;
    let mut left_out = LeftOut::new(takes, publisher.stream().clone()).expect("it does not take everything");
    let mut told = left_out.words();
    assert!(told.is_empty(), "nothing is published yet");
    for (kind, body) in bodies {
        publisher.send(Frame::from_flv(*kind, MediaTime::ZERO, Bytes::from_static(body)), Instant::now());
        let waited = tokio::time::timeout(Duration::from_millis(20), left_out.changed()).await;
        told.push(if waited.is_ok() { left_out.words().join("; ") } else { "nothing new".to_owned() });
    }
    assert_eq!(told.join(" | "), expect);
}

#[tokio::test]
async fn codecs_that_were_not_announced() {
    let words = "gets no H.265 video: its connect announced only H.264, AAC, MP3 \
                 (fourCcList, videoFourCcInfoMap, audioFourCcInfoMap)";
    let opus = words.replace("H.265 video", "Opus audio");
    let (video, audio) = (TagKind::Video, TagKind::Audio);
    check(Takes::LEGACY, &[(video, HEVC), (audio, OPUS)], &format!("{words} | {opus}")).await;
    // Each codec once, whatever comes between.
    let avc = &[0x17, 1, 0, 0, 0, 9];
    let bodies: [(_, &[u8]); 4] = [(video, HEVC), (video, b"\x90hvc1\x02"), (video, avc), (video, HEVC)];
    check(Takes::LEGACY, &bodies, &format!("{words} |  |  | ")).await;
    check(Takes::LEGACY.with(Form::Enhanced, Codec::H265), &[(video, HEVC), (video, HEVC)], " | nothing new").await;
}

#[tokio::test]
async fn tracks_beside_the_first() {
    let takes = Takes::LEGACY.with_every_fourcc(TagKind::Audio);
    let two = b"\x95\x11Opus\0\0\0\x01\xfc\x01\0\0\x01\xfc";
    let words = "gets one of 2 audio tracks: its connect did not announce that it takes several (capsEx)";
    check(takes, &[(TagKind::Audio, two), (TagKind::Audio, two)], &format!("{words} | nothing new")).await;
    check(takes.with_multitrack(), &[(TagKind::Audio, two)], "").await;
    let mixed = b"\x95\x21Opus\0\0\0\x01\xfcwhat\x01\0\0\x01\x09";
    let takes = Takes::LEGACY.with(Form::Enhanced, Codec::Opus).with_multitrack();
    let words = "gets no unknown audio audio: its connect announced only H.264, AAC, MP3, Opus \
                 (fourCcList, videoFourCcInfoMap, audioFourCcInfoMap)";
    check(takes, &[(TagKind::Audio, mixed)], words).await;
}

#[tokio::test]
async fn who_takes_everything_is_told_nothing() {
    let hub = hub("");
    let publisher = publish(&hub).await;
    assert!(LeftOut::new(Takes::EVERYTHING, publisher.stream().clone()).is_none());
}
