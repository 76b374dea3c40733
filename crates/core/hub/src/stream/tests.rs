use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use weir_base::MediaTime;
use weir_codec::Codec;
use weir_flv::tag::TagKind;

use super::StreamKey;
use crate::fixture::{hub, play, publish, read, send};
use crate::frame::Frame;
use crate::lane::PURE_AUDIO_FRAMES;

fn key(vhost: &str, app: &str, name: &str) -> StreamKey {
    StreamKey { vhost: Arc::from(vhost), app: Arc::from(app), name: Arc::from(name) }
}

// row: hooks.md §2 stream_url
#[test]
fn urls_are_written_as_the_api_does() {
    assert_eq!(key("__defaultVhost__", "live", "cam1").url(), "/live/cam1");
    assert_eq!(key("a.example", "live", "cam1.flv").url(), "a.example/live/cam1");
}

/// Publishes `words` with the play settings `play_conf`; a player that joins then must get `expect`.
async fn check_join(play_conf: &str, words: &str, expect: &str) {
    let hub = hub(&format!("play {{ {play_conf} }}"));
    let mut publisher = publish(&hub).await;
    send(&mut publisher, words);
    let mut late = play(&hub).await;
    assert_eq!(read(&mut late), expect, "{play_conf} {words}");
}

// row: protocols.md §1.5 Sequence
// row: protocols.md §1.5 gop cache
// row: config.md §11 gop_cache
#[tokio::test]
async fn a_late_player_gets_configuration_then_the_newest_group_of_pictures() {
    check_join("", "M0 C0 V0 K0 P40 a50", "M0 C0 V0 K0 P40 a50").await;
    check_join("", "V0 C0 M0 a0 K0 P40 K80 P120", "M0 C0 V0 K80 P120").await;
    check_join("gop_cache off;", "M0 C0 V0 K0 P40 a50", "M0 C0 V0").await;
    check_join("", "C0 a0 a20 a40", "C0").await;
    check_join("gop_cache_max_frames 3;", "V0 K0 P40 P80", "V0 K0 P40 P80").await;
    check_join("gop_cache_max_frames 3;", "V0 K0 P40 P80 P120", "V0").await;
    check_join("gop_cache_max_frames 0;", "V0 K0 P40 P80 P120", "V0 K0 P40 P80 P120").await;
    check_join("time_jitter off;", "M0 C0 V0 K5000 P5040", "M0 C0 V0 K5000 P5040").await;
    // New parameter sets make the group before them unreadable.
    check_join("", "V0 K0 P40 W80", "W80").await;
}

#[tokio::test]
async fn a_stream_that_became_pure_audio_has_no_stale_picture() {
    let audio = |frames: usize| (0..frames).map(|at| format!(" a{}", at + 1)).collect::<String>();
    let words = format!("V0 K0{}", audio(PURE_AUDIO_FRAMES));
    check_join("", &words, &words).await;
    check_join("", &format!("V0 K0{}", audio(PURE_AUDIO_FRAMES + 1)), "V0").await;
}

#[tokio::test]
async fn atc_stamps_configuration_with_the_time_of_the_first_picture() {
    check_join("atc on;", "M0 C0 V0 K5000 P5040", "M5000 C5000 V5000 K5000 P5040").await;
}

// row: protocols.md §1.5 reduce_sequence_header
// row: config.md §11 reduce_sequence_header
#[tokio::test]
async fn the_same_configuration_is_sent_again_unless_it_is_reduced() {
    for (conf, expect) in [("off", "M0 V0 K0 M0 V40 K40 W80"), ("on", "V0 K0 K40 W80")] {
        let hub = hub(&format!("play {{ reduce_sequence_header {conf}; }}"));
        let mut early = play(&hub).await;
        let mut publisher = publish(&hub).await;
        send(&mut publisher, "M0 V0 K0 M40 V40 K40 W80");
        assert_eq!(read(&mut early), expect, "reduce_sequence_header {conf}");
    }
}

// row: protocols.md §1.5 Player before publisher
// row: protocols.md §1.5 Publisher leaves
#[tokio::test]
async fn a_player_may_come_first_and_stays_between_publishers() {
    let hub = hub("");
    let mut early = play(&hub).await;
    assert_eq!(read(&mut early), "");
    let mut first = publish(&hub).await;
    send(&mut first, "V0 K0");
    assert!(early.stream().is_live());
    drop(first);
    assert_eq!(read(&mut early), "V0 K0 E0");
    assert!(!early.stream().is_live());
    let mut between = play(&hub).await;
    let mut second = publish(&hub).await;
    send(&mut second, "W0 K0 P40");
    assert_eq!(read(&mut early), "W0 K0 P40");
    assert_eq!(read(&mut between), "W0 K0 P40");
}

// row: config.md §11 mix_correct
#[tokio::test]
async fn mix_correct_sorts_and_loses_nothing_at_the_end() {
    let hub = hub("play { mix_correct on; }");
    let mut player = play(&hub).await;
    let mut publisher = publish(&hub).await;
    send(&mut publisher, "V0 C0 K0 P40 a10");
    drop(publisher);
    assert_eq!(read(&mut player), "V0 C0 K0 a10 P40 E40");
}

#[tokio::test]
async fn without_a_group_to_start_at_nothing_is_kept_behind_the_slowest_cursor() {
    for words in ["a0", "V0 K0 a0 W40 P80", "M0 C0 a0"] {
        let hub = hub("");
        let mut publisher = publish(&hub).await;
        let stream = publisher.stream().clone();
        let first = Arc::downgrade(stream.lane().start().end.segment());
        send(&mut publisher, words);
        for at in 0..200 {
            send(&mut publisher, &format!("a{}", at * 20));
        }
        assert!(first.upgrade().is_none(), "{words}: the first segment is still there");
    }
}

#[tokio::test]
async fn a_group_larger_than_a_backlog_may_be_is_not_kept() {
    check_join("queue_bytes 20;", "V0 K0 P40 P80", "V0 K0 P40 P80").await;
    check_join("queue_bytes 17;", "V0 K0 P40 P80", "V0").await;
}

#[tokio::test]
async fn mix_correct_keeps_a_picture_before_the_configuration_that_follows_it() {
    let hub = hub("play { mix_correct on; }");
    let mut player = play(&hub).await;
    let mut publisher = publish(&hub).await;
    send(&mut publisher, "V0 K0 P40 W80 K80");
    drop(publisher);
    assert_eq!(read(&mut player), "V0 K0 P40 W80 K80 E80");
}

/// A body of video, and when it is sent.
fn video(body: &'static [u8], millis: i64) -> Frame {
    Frame::from_flv(TagKind::Video, MediaTime::from_millis(millis), Bytes::from_static(body))
}

#[tokio::test]
async fn players_start_at_a_key_frame_of_the_first_track() {
    let (config, side_config) = (b"\x90av01\x81\x05\x0c\0", b"\x96\x00av01\x01\x81\x05\x0c\0");
    let (key, side_key) = (b"\x91av01\x09", b"\x96\x01av01\x01\x09");
    let hub = hub("");
    let mut publisher = publish(&hub).await;
    for (body, at) in [(&config[..], 0), (side_config, 0), (key, 0), (side_key, 0), (key, 40), (side_key, 40)] {
        publisher.send(video(body, at), Instant::now());
    }
    let late = play(&hub).await;
    let got: Vec<&[u8]> = late.cursor.pending().map(|frame| &frame.flv()[..]).collect();
    assert_eq!(got, [&config[..], side_config, key, side_key]);
}

#[tokio::test]
async fn the_newest_configuration_of_a_track_comes_last() {
    let (zero, one) = (b"\x90av01\x81", b"\x96\x00av01\x01\x82");
    let both = b"\x96\x10av01\0\0\0\x01\x83\x01\0\0\x01\x84";
    for (sent, expect) in [
        (vec![&zero[..], one, zero], vec![&zero[..], one]),
        (vec![one, zero], vec![one, zero]),
        (vec![zero, one, both], vec![both]),
        (vec![both, one], vec![both, one]),
        (vec![both, one, both, zero], vec![both, one, zero]),
    ] {
        let hub = hub("");
        let mut publisher = publish(&hub).await;
        for body in sent {
            publisher.send(video(body, 0), Instant::now());
        }
        let late = play(&hub).await;
        assert_eq!(late.cursor.pending().map(|frame| &frame.flv()[..]).collect::<Vec<_>>(), expect);
    }
}

#[tokio::test]
async fn tracks_are_told_as_they_come() {
    let hub = hub("");
    let mut publisher = publish(&hub).await;
    let stream = publisher.stream().clone();
    let mut described = stream.described();
    assert!(!described.has_changed().expect("the stream lives"));
    publisher.send(video(b"\x91vp08\x10\x02\0\x9d\x01\x2a\x40\x01\xb4\0", 0), Instant::now());
    assert!(described.has_changed().expect("the stream lives"));
    described.mark_unchanged();
    assert_eq!(stream.video().map(|info| (info.codec, info.width)), Some((Codec::Vp8, 320)));
    publisher.send(video(b"\x91vp08\x10\x02\0\x9d\x01\x2a\x40\x01\xb4\0", 40), Instant::now());
    assert!(!described.has_changed().expect("the stream lives"));
    drop(publisher);
    assert_eq!((stream.video(), stream.tracks()), (None, Vec::new()));
}
