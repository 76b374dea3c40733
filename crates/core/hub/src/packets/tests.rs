use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_codec::Codec;
use weir_rtp::video::{Numbers, Peek};

use super::{FRESH_KEY, MAX_LAYERS, MAX_TRACKS, Packet, PacketCursor, PacketFormat, PacketLane, PacketTrack};

fn lane() -> Arc<PacketLane> {
    let format = PacketFormat { codec: Codec::Vp8, clock_rate: 90_000, channels: 0, parameters: String::new() };
    let lane = PacketLane::new();
    lane.begin(vec![PacketTrack { is_video: true, formats: vec![format], layers: Vec::new() }]);
    lane
}

fn packet(sequence: u64, key: bool) -> Packet {
    Packet {
        epoch: 1,
        track: 0,
        layer: 0,
        format: 0,
        marker: true,
        peek: Peek { starts_frame: true, key, config: key },
        numbers: Numbers::default(),
        sequence,
        // Two packets of each picture.
        timestamp: sequence as u32 / 2,
        captured: Instant::now(),
        audio_level: None,
        orientation: None,
        payload: Arc::from([0; 10]),
    }
}

/// What a new cursor sees `after` the last of these came.
fn seen(packets: &[(u64, bool)], after: Duration) -> Vec<u64> {
    let (lane, now) = (lane(), Instant::now());
    for &(sequence, key) in packets {
        lane.append(packet(sequence, key), now);
    }
    let cursor = PacketCursor::new(&lane, now + after);
    lane.append(packet(99, false), now + after);
    cursor.pending().map(|packet| packet.sequence).collect()
}

#[test]
fn a_cursor_starts_at_a_key_frame_that_has_just_come() {
    let packets = [(1, false), (2, true), (3, false)];
    assert_eq!(seen(&packets, Duration::from_millis(1)), [2, 3, 99]);
    assert_eq!(seen(&packets, FRESH_KEY), [99]);
    assert_eq!(seen(&[(1, false)], Duration::ZERO), [99]);
    // Parameter sets ahead of the picture say so, too.
    assert_eq!(seen(&[(1, false), (2, true), (3, true)], Duration::ZERO), [2, 3, 99]);
}

#[test]
fn what_is_no_longer_fresh_is_let_go() {
    let (lane, now) = (lane(), Instant::now());
    lane.append(packet(0, true), now);
    let first = Arc::downgrade(lane.state().key.as_ref().expect("a key frame").place.segment());
    lane.append(packet(1, false), now + FRESH_KEY);
    for sequence in 2..100 {
        lane.append(packet(sequence, false), now);
    }
    assert!(first.upgrade().is_none());
}

#[tokio::test]
async fn many_who_want_a_key_frame_ask_once() {
    let lane = PacketLane::new();
    for _ in 0..3 {
        lane.ask_key(1, 2);
        lane.ask_key(0, 0);
    }
    lane.ask_key(MAX_TRACKS as u8, 0);
    lane.ask_key(0, MAX_LAYERS as u8);
    lane.asked().await;
    assert_eq!(lane.take_asks().collect::<Vec<_>>(), [(0, 0), (1, 2)]);
    assert_eq!(lane.take_asks().count(), 0);
}

#[test]
fn bytes_are_counted_for_each_layer() {
    let (lane, now) = (lane(), Instant::now());
    lane.append(packet(0, true), now);
    lane.append(Packet { layer: 1, ..packet(1, true) }, now);
    lane.append(packet(2, false), now);
    assert_eq!((lane.bytes(0, 0), lane.bytes(0, 1), lane.bytes(1, 0), lane.bytes(99, 0)), (20, 10, 0, 0));
    assert_eq!(lane.frames(), 3);
}
