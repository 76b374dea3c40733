use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_codec::Codec;
use weir_rtp::video::{Numbers, Peek};

use crate::fixture::{frame, hub, play, publish, read, request, send};
use crate::{ClientKind, Hub, Packet, PacketCursor, PacketFormat, PacketTrack, Publisher};

fn tracks() -> Vec<PacketTrack> {
    let format = PacketFormat { codec: Codec::Vp8, clock_rate: 90_000, channels: 0, parameters: String::new() };
    vec![PacketTrack { is_video: true, formats: vec![format], layers: Vec::new() }]
}

fn packet(sequence: u64, key: bool) -> Packet {
    Packet {
        epoch: 0,
        track: 0,
        layer: 0,
        format: 0,
        marker: true,
        peek: Peek { starts_frame: true, key, config: key },
        numbers: Numbers::default(),
        sequence,
        timestamp: 0,
        captured: Instant::now(),
        audio_level: None,
        orientation: None,
        payload: Arc::from([0; 100]),
    }
}

async fn publish_packets(hub: &Arc<Hub>) -> Publisher {
    let mut publisher = hub.publish(&request(ClientKind::RtcPublish, "cam")).await.expect("nobody publishes yet");
    publisher.begin_packets(tracks(), Vec::new());
    publisher
}

#[tokio::test]
async fn packets_that_are_made_end_with_the_frames_that_they_are_made_of() {
    let hub = hub("");
    let mut publisher = publish(&hub).await;
    let stream = publisher.stream().clone();
    let filler = stream.fill_packets(tracks(), 1000).expect("there are none");
    assert!(stream.fill_packets(tracks(), 1000).is_none(), "one fills them already");
    assert!(stream.fill_frames().is_none(), "frames are what is published");
    assert!(filler.send(packet(1, true), Instant::now()));
    assert!(stream.packets().published().is_made);
    send(&mut publisher, "K0");
    drop(publisher);
    assert_eq!(stream.packets().published().tracks, []);
    assert!(!filler.send(packet(2, true), Instant::now()));
    // What is published next is not ended by who filled it before.
    let _publisher = publish_packets(&hub).await;
    assert!(!filler.send(packet(3, true), Instant::now()));
    drop(filler);
    assert!(stream.packets().published().is_sent());
}

#[tokio::test]
async fn cursors_start_at_a_made_key_frame_however_old_it_is() {
    let check = async |kept: u64, expect: &[u64]| {
        let publisher = publish(&hub("")).await;
        let filler = publisher.stream().fill_packets(tracks(), kept).expect("there are none");
        let now = Instant::now();
        for (sequence, key) in [(1, false), (2, true), (3, false), (4, false)] {
            filler.send(packet(sequence, key), now);
        }
        let cursor = PacketCursor::new(publisher.stream().packets(), now + Duration::from_secs(60));
        filler.send(packet(5, false), now);
        assert_eq!(cursor.pending().map(|packet| packet.sequence).collect::<Vec<_>>(), expect, "{kept} bytes");
    };
    check(1000, &[2, 3, 4, 5]).await;
    check(250, &[5]).await;
    check(0, &[5]).await;
}

#[tokio::test]
async fn frames_that_are_made_reach_players_and_end_with_their_publish() {
    let hub = hub("");
    let publisher = publish_packets(&hub).await;
    let stream = publisher.stream().clone();
    assert!(stream.fill_packets(tracks(), 1000).is_none(), "packets are what is published");
    let mut filler = stream.fill_frames().expect("packets are published");
    let mut player = play(&hub).await;
    assert_eq!(stream.framed(), []);
    for word in ["C0", "a0", "a20"] {
        assert!(filler.send(frame(word), Instant::now()));
    }
    let framed: Vec<Codec> = stream.framed().iter().map(|track| track.codec()).collect();
    assert_eq!((framed, stream.tracks()), (vec![Codec::Aac], Vec::new()), "the API tells what is published");
    drop(publisher);
    assert!(!filler.send(frame("a40"), Instant::now()));
    let mut next = publish(&hub).await;
    send(&mut next, "C0");
    assert!(!filler.send(frame("a60"), Instant::now()), "another one publishes");
    assert_eq!(read(&mut player), "C0 a0 a20 E20 C0");
}

#[tokio::test]
async fn packets_are_wanted_once_for_all_who_want_them() {
    let publisher = publish(&hub("")).await;
    let stream = publisher.stream();
    let mut starts = Vec::new();
    let first = stream.want_packets(|wanted| starts.push(wanted));
    let second = stream.want_packets(|wanted| starts.push(wanted));
    assert_eq!(starts.len(), 1);
    drop((first, second));
    assert!(starts[0].upgrade().is_none(), "nobody wants them");
    let _third = stream.want_packets(|wanted| starts.push(wanted));
    assert_eq!(starts.len(), 2);
}

#[tokio::test]
async fn who_fills_a_lane_is_told_that_it_is_followed() {
    let publisher = publish(&hub("")).await;
    let stream = publisher.stream();
    let followed = tokio::time::timeout(Duration::from_millis(10), stream.lane().followed()).await;
    assert!(followed.is_err(), "nobody follows");
    let _follower = stream.follow();
    stream.lane().followed().await;
}
