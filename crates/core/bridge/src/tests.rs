use std::time::{Duration, Instant};

use bytes::Bytes;
use weir_base::MediaTime;
use weir_flv::tag::TagKind;
use weir_hub::testing::request;
use weir_hub::{ClientKind, Flags, Frame, Hub, Publisher, Subscriber};

use super::{Container, Empty, check, lane};

/// H.264 320x240 High, as an avcC record.
const AVC: &[u8] = b"\x01\x64\x00\x0d\xff\xe1\x00\x19\x67\x64\x00\x0d\xac\xd9\x41\x41\xfb\x01\x10\x00\x00\x03\x00\x10\
    \x00\x00\x03\x03\x20\xf1\x42\x99\x60\x01\x00\x06\x68\xeb\xe3\xcb\x22\xc0";
/// AAC LC, 48 kHz, stereo.
const ASC: &[u8] = &[0x11, 0x90];

fn hub() -> std::sync::Arc<Hub> {
    crate::fixture::hub("")
}

async fn publish(hub: &std::sync::Arc<Hub>) -> Publisher {
    hub.publish(&request(ClientKind::FmlePublish, "cam")).await.expect("nobody else publishes")
}

async fn play(hub: &std::sync::Arc<Hub>, container: Container, cache: Duration) -> Subscriber {
    let mut player = hub.subscribe(&request(ClientKind::FlvPlay, "cam")).await.expect("everybody may play");
    let lane = lane(player.stream(), container, cache);
    player.switch(lane);
    player
}

fn video(head: [u8; 2], at: i64, payload: &[u8]) -> Frame {
    Frame::from_flv(TagKind::Video, MediaTime::from_millis(at), [&head[..], &[0; 3], payload].concat().into())
}

fn picture(at: i64, key: bool) -> Frame {
    let nal: &[u8] = if key { &[0, 0, 0, 3, 0x65, 0x88, 0x80] } else { &[0, 0, 0, 3, 0x41, 0x9a, 0x80] };
    video([if key { 0x17 } else { 0x27 }, 1], at, nal)
}

fn sound(at: i64) -> Frame {
    Frame::from_flv(TagKind::Audio, MediaTime::from_millis(at), Bytes::from_static(&[0xaf, 1, 0x21, 0x10]))
}

fn begin(publisher: &mut Publisher) {
    let now = Instant::now();
    publisher.send(video([0x17, 0], 0, AVC), now);
    let config = [&[0xaf, 0], ASC].concat();
    publisher.send(Frame::from_flv(TagKind::Audio, MediaTime::ZERO, config.into()), now);
}

/// What a player has still to get, once something is there.
async fn read(player: &mut Subscriber) -> Vec<(Flags, Vec<u8>)> {
    let watch = player.watch().clone();
    let mut pieces: Vec<(Flags, Vec<u8>)> = Vec::new();
    for _ in 0..20 {
        pieces.extend(player.cursor.pending().map(|frame| (frame.flags, frame.flv().to_vec())));
        player.cursor.advance(player.cursor.pending().count());
        // The converter has its turn.
        let _ = tokio::time::timeout(Duration::from_millis(5), watch.appended()).await;
    }
    pieces
}

#[tokio::test]
async fn a_transport_stream_starts_with_tables_at_a_key_frame_for_whoever_comes_when() {
    let hub = hub();
    let mut publisher = publish(&hub).await;
    begin(&mut publisher);
    for at in 0..10 {
        publisher.send(picture(at * 40, at % 5 == 0), Instant::now());
        publisher.send(sound(at * 40 + 3), Instant::now());
    }
    for _ in 0..2 {
        let mut player = play(&hub, Container::Ts, Duration::ZERO).await;
        let pieces = read(&mut player).await;
        assert_eq!(pieces.len(), 11, "tables, and the newest group of five pictures and five sounds");
        assert_eq!(pieces[0].0, Flags::CONFIG);
        assert_eq!(pieces[1].0, Flags::KEY);
        let pids = |bytes: &[u8]| -> Vec<u16> {
            bytes.chunks(188).map(|packet| u16::from_be_bytes([packet[1] & 0x1f, packet[2]])).collect()
        };
        assert_eq!(pids(&pieces[0].1), [0, 0x1001]);
        assert_eq!(pids(&pieces[1].1), [0, 0x1001, 0x100]);
        assert!(pieces.iter().all(|(_, bytes)| bytes.len() % 188 == 0 && bytes.chunks(188).all(|one| one[0] == 0x47)));
    }
}

#[tokio::test]
async fn fragmented_mp4_starts_with_its_initialisation_segment_for_whoever_comes_when() {
    let hub = hub();
    let mut publisher = publish(&hub).await;
    begin(&mut publisher);
    for at in 0..10 {
        publisher.send(picture(at * 40, at % 5 == 0), Instant::now());
        publisher.send(sound(at * 40 + 3), Instant::now());
    }
    for _ in 0..2 {
        let mut player = play(&hub, Container::Mp4, Duration::ZERO).await;
        let pieces = read(&mut player).await;
        assert_eq!(
            pieces.len(),
            11,
            "the initialisation segment, and the newest group of five pictures and five sounds"
        );
        assert_eq!((pieces[0].0, &pieces[0].1[4..8]), (Flags::CONFIG, &b"ftyp"[..]));
        assert_eq!((pieces[1].0, &pieces[1].1[4..8]), (Flags::KEY, &b"moof"[..]));
    }
}

#[tokio::test]
async fn players_share_one_converter_and_the_last_ends_it() {
    let hub = hub();
    let mut publisher = publish(&hub).await;
    begin(&mut publisher);
    let stream = publisher.stream().clone();
    let (first, second) =
        (play(&hub, Container::Ts, Duration::ZERO).await, play(&hub, Container::Ts, Duration::ZERO).await);
    assert_eq!(first.lane().id, second.lane().id);
    let weak = std::sync::Arc::downgrade(first.lane());
    drop((first, second));
    assert!(weak.upgrade().is_none(), "nobody holds the lane");
    assert_ne!(lane(&stream, Container::Ts, Duration::ZERO).id, 0, "and another can be made");
}

#[tokio::test]
async fn sound_alone_is_adts_with_as_much_cache_as_is_asked_for() {
    for (cache, expect) in [(0, 0), (100, 3)] {
        let hub = hub();
        let mut publisher = publish(&hub).await;
        begin(&mut publisher);
        let mut early = play(&hub, Container::Aac, Duration::from_millis(cache)).await;
        for at in 0..8 {
            publisher.send(sound(at * 21), Instant::now());
        }
        let pieces = read(&mut early).await;
        assert_eq!(pieces.len(), 8);
        assert_eq!(pieces[0].1, [0xff, 0xf1, 0x4c, 0x80, 0x01, 0x3f, 0xfc, 0x21, 0x10], "ADTS of two bytes");
        let late = play(&hub, Container::Aac, Duration::from_millis(cache)).await;
        assert_eq!(late.cursor.pending().count(), expect, "with a cache of {cache} ms");
    }
}

#[tokio::test]
async fn the_end_of_a_publish_ends_the_lane_and_another_publish_begins_anew() {
    let hub = hub();
    let mut player = play(&hub, Container::Ts, Duration::ZERO).await;
    for _ in 0..2 {
        let mut publisher = publish(&hub).await;
        begin(&mut publisher);
        publisher.send(picture(0, true), Instant::now());
        drop(publisher);
        let flags: Vec<Flags> = read(&mut player).await.into_iter().map(|(flags, _)| flags).collect();
        assert_eq!(flags, [Flags::CONFIG, Flags::KEY, Flags::END]);
    }
}

#[tokio::test]
async fn what_a_container_has_no_place_for_is_said_before() {
    let hub = hub();
    let mut publisher = publish(&hub).await;
    assert_eq!(check(publisher.stream(), Container::Mp3), Ok(()), "the stream has not told yet");
    begin(&mut publisher);
    assert_eq!(check(publisher.stream(), Container::Ts), Ok(()));
    let empty = Empty { container: Container::Mp3, codecs: "H.264 and AAC".to_owned() };
    assert_eq!(check(publisher.stream(), Container::Mp3), Err(empty));
}
