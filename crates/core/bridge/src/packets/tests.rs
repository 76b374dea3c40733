use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_base::MediaTime;
use weir_codec::{Codec, nal};
use weir_flv::tag::TagKind;
use weir_hub::testing::request;
use weir_hub::{ClientKind, Flags, Frame, Hub, Packet, PacketCursor, Publisher, Stream, Wanted};
use weir_rtp::payload::{AccessUnit, Depacketizer, Piece};

use super::{packets, tracks};
use crate::fixture::{AV1_OPUS, H264_AAC, HEVC_EAC3, VP9_FLAC, frames_at, hub};

async fn publish(hub: &Arc<Hub>) -> Publisher {
    hub.publish(&request(ClientKind::FmlePublish, "cam")).await.expect("nobody else publishes")
}

/// Waits until nothing more comes.
async fn settle(stream: &Stream) -> Vec<Packet> {
    let mut cursor = None;
    let mut all: Vec<Packet> = Vec::new();
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let cursor = cursor.get_or_insert_with(|| PacketCursor::new(stream.packets(), Instant::now()));
        let pending: Vec<Packet> = cursor.pending().cloned().collect();
        cursor.advance(pending.len());
        if pending.is_empty() && !all.is_empty() {
            break;
        }
        all.extend(pending);
    }
    all
}

/// What is made of a file, and by which codecs.
async fn made(vhost: &str, file: &[u8]) -> (Arc<Stream>, Vec<Packet>, Arc<Wanted>) {
    let hub = hub(vhost);
    let mut publisher = publish(&hub).await;
    let stream = publisher.stream().clone();
    for frame in frames_at(file, 0) {
        publisher.send(frame, Instant::now());
    }
    let wanted = packets(&stream, false);
    let all = settle(&stream).await;
    drop(publisher);
    (stream, all, wanted)
}

/// The pictures that packets hold.
fn pictures(codec: Codec, all: &[Packet]) -> Vec<AccessUnit> {
    let mut depacketizer = Depacketizer::new(codec).expect("a payload format");
    let mut units = Vec::new();
    for packet in all.iter().filter(|packet| packet.track == 0) {
        units.extend(depacketizer.push(&Piece {
            sequence: packet.sequence,
            timestamp: packet.timestamp,
            marker: packet.marker,
            captured: Duration::ZERO,
            payload: &packet.payload,
        }));
    }
    assert_eq!(depacketizer.take_fault(), None);
    units
}

/// The pictures of a file from its last key frame on, without what a record has.
fn expected(codec: Codec, file: &[u8]) -> Vec<(MediaTime, Vec<u8>)> {
    let frames: Vec<Frame> = frames_at(file, 0).into_iter().filter(|frame| frame.kind == TagKind::Video).collect();
    let start = frames.iter().rposition(|frame| frame.flags.has(Flags::KEY)).expect("a key frame");
    let coded = frames[start..].iter().filter(|frame| !frame.flags.is_kept() && !frame.payload().is_empty());
    let without_sets = |payload: &[u8]| match codec {
        Codec::H264 => {
            let units = nal::units(payload, 4).expect("units");
            let kept = units.into_iter().filter(|unit| !matches!(unit[0] & 31, 7..=9));
            kept.flat_map(|unit| [&u32::try_from(unit.len()).expect("short").to_be_bytes(), unit].concat()).collect()
        }
        // Temporal delimiters are of no use in packets.
        Codec::Av1 => payload.strip_prefix(&[0x12, 0]).unwrap_or(payload).to_vec(),
        _ => payload.to_vec(),
    };
    coded.map(|frame| (frame.dts + frame.cts, without_sets(frame.payload()))).collect()
}

async fn check(codec: Codec, file: &[u8]) {
    let (stream, all, _wanted) = made("rtc { enabled on; keep_bframe on; }", file).await;
    let (units, expect) = (pictures(codec, &all), expected(codec, file));
    assert_eq!(units.len(), expect.len(), "{codec:?}");
    let zero = units[0].timestamp.wrapping_sub(expect[0].0.to_ticks(90_000) as u32);
    for (unit, (at, data)) in units.iter().zip(&expect) {
        let off = unit.timestamp.wrapping_sub(zero).wrapping_sub(at.to_ticks(90_000) as u32).cast_signed();
        assert!(off.abs() <= 1, "{codec:?} at {} ms: {off} ticks", at.millis());
        assert!(unit.data == *data, "{codec:?} at {} ms: {} and {} bytes", at.millis(), unit.data.len(), data.len());
    }
    assert!(units[0].key && units[0].config.is_some(), "{codec:?}: a decoder can start");
    assert!(all.iter().all(|packet| packet.payload.len() <= 1200 || packet.track == 1));
    assert_eq!(stream.packets().published().tracks, [], "it ends with its publish");
}

#[tokio::test]
async fn pictures_stay_what_they_are() {
    check(Codec::H264, H264_AAC).await;
    check(Codec::H265, HEVC_EAC3).await;
    check(Codec::Av1, AV1_OPUS).await;
    check(Codec::Vp9, VP9_FLAC).await;
}

#[tokio::test]
async fn sound_becomes_opus_beside_its_pictures() {
    for file in [H264_AAC, AV1_OPUS] {
        let (_stream, all, _wanted) = made("rtc { enabled on; }", file).await;
        let sound: Vec<&Packet> = all.iter().filter(|packet| packet.track == 1).collect();
        assert!(!sound.is_empty() && sound.iter().all(|packet| packet.format == 0));
        // What has just come is heard, the rest of the group of pictures is not.
        let span = sound[sound.len() - 1].captured - sound[0].captured;
        assert!(span < Duration::from_millis(400), "{span:?}");
        let last = |track: u8| all.iter().rfind(|packet| packet.track == track).expect("a packet").captured;
        let apart = last(0).max(last(1)) - last(0).min(last(1));
        assert!(apart < Duration::from_millis(100), "captured {apart:?} apart");
        for pair in sound.windows(2) {
            assert_eq!(pair[1].sequence, pair[0].sequence + 1);
            assert_eq!(pair[1].timestamp.wrapping_sub(pair[0].timestamp) % 120, 0);
        }
    }
}

#[tokio::test]
async fn pictures_out_of_order_are_left_out_unless_they_are_kept() {
    let (.., all, _wanted) = made("rtc { enabled on; }", H264_AAC).await;
    let units = pictures(Codec::H264, &all);
    assert!(units.windows(2).all(|pair| pair[1].timestamp.wrapping_sub(pair[0].timestamp).cast_signed() > 0));
    let most = expected(Codec::H264, H264_AAC);
    let in_order = most.iter().scan(MediaTime::ZERO, |last, (at, _)| {
        let is_in_order = at >= last;
        *last = (*last).max(*at);
        Some(is_in_order)
    });
    assert_eq!(units.len(), in_order.filter(|is_in_order| *is_in_order).count());
}

#[tokio::test]
async fn a_publisher_that_comes_again_is_made_again_and_nobody_wanting_ends_it() {
    let hub = hub("rtc { enabled on; }");
    let mut publisher = publish(&hub).await;
    let stream = publisher.stream().clone();
    let wanted = packets(&stream, false);
    let mut epochs = Vec::new();
    for _ in 0..2 {
        for frame in frames_at(H264_AAC, 0) {
            publisher.send(frame, Instant::now());
        }
        settle(&stream).await;
        let published = stream.packets().published();
        assert!(published.is_made && published.tracks.len() == 2);
        epochs.push(published.epoch);
        drop(publisher);
        publisher = publish(&hub).await;
    }
    assert!(epochs[0] < epochs[1]);
    drop(wanted);
    for frame in frames_at(H264_AAC, 0) {
        publisher.send(frame, Instant::now());
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(stream.packets().published().tracks, []);
}

#[tokio::test]
async fn what_browsers_cannot_play_is_said_and_the_rest_is_made() {
    let (stream, all, _wanted) = made("rtc { enabled on; }", HEVC_EAC3).await;
    assert!(all.iter().all(|packet| packet.track == 0));
    let hub = hub("");
    let mut publisher = publish(&hub).await;
    for frame in frames_at(HEVC_EAC3, 0) {
        publisher.send(frame, Instant::now());
    }
    let would_be = tracks(&publisher.stream().tracks()).expect("pictures");
    assert_eq!(would_be.len(), 1);
    let faults: Vec<String> = stream.faults().into_iter().map(|fault| fault.what).collect();
    assert!(faults.iter().any(|what| what.contains("no browser hears it")), "{faults:?}");
}
