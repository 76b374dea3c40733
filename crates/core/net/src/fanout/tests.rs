use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::LocalSet;
use weir_hub::{Frame, Hub};

use super::{Fanout, Flow, Framing, Seat, fill};
use crate::gather::Gather;
use crate::testing::{Brackets, connection, fanout, hub, picture, play, publish};

async fn seat(fanout: &Rc<Fanout>, hub: &Arc<Hub>) -> (Seat, TcpStream) {
    let (ours, player) = connection().await;
    (fanout.seat(play(hub).await, ours, Box::new(Brackets)), player)
}

/// Reads until the text ends with `end`.
async fn read_to(player: &mut TcpStream, end: &str) -> String {
    let mut text = Vec::new();
    while !text.ends_with(end.as_bytes()) {
        let mut byte = [0; 4096];
        let read = tokio::time::timeout(Duration::from_secs(10), player.read(&mut byte)).await;
        match read.expect("the bytes came in time") {
            Ok(0) | Err(_) => break,
            Ok(count) => text.extend_from_slice(&byte[..count]),
        }
    }
    String::from_utf8(text).expect("text").replace("\u{17}\u{1}\0\0\0", "K").replace("\u{27}\u{1}\0\0\0", "P")
}

async fn run(test: impl Future<Output = ()>) {
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn every_player_gets_every_frame_in_order() {
    run(async {
        let (hub, fanout) = (hub(""), fanout());
        let mut players = Vec::new();
        for _ in 0..3 {
            players.push(seat(&fanout, &hub).await);
        }
        let mut publisher = publish(&hub).await;
        let expect: String =
            (0..100).map(|at| format!("<{}:{}xx>", at * 40, if at == 0 { "K" } else { "P" })).collect();
        for at in 0..100 {
            publisher.send(picture(at * 40, at == 0, 2), Instant::now());
            if at % 7 == 0 {
                tokio::task::yield_now().await;
            }
        }
        drop(publisher);
        for (seat, player) in &mut players {
            assert_eq!(read_to(player, ".").await, format!("^{expect}."));
            seat.ended().await;
        }
        let sent: u64 = hub.clients().iter().map(|client| client.traffic.bytes_sent()).sum();
        assert_eq!(hub.traffic().bytes_sent(), sent, "the totals agree with the clients");
    })
    .await;
}

#[tokio::test]
async fn replies_go_between_frames_and_a_pause_skips() {
    run(async {
        let (hub, fanout) = (hub(""), fanout());
        let (seat, mut player) = seat(&fanout, &hub).await;
        let mut publisher = publish(&hub).await;
        publisher.send(picture(0, true, 1), Instant::now());
        assert_eq!(read_to(&mut player, ">").await, "^<0:Kx>");
        seat.pause(true);
        seat.send(Bytes::from_static(b"(paused)"));
        assert_eq!(read_to(&mut player, ")").await, "(paused)");
        publisher.send(picture(40, false, 1), Instant::now());
        publisher.send(picture(80, true, 1), Instant::now());
        tokio::time::sleep(Duration::from_millis(50)).await;
        seat.pause(false);
        assert_eq!(read_to(&mut player, ">").await, "<80:Kx>");
    })
    .await;
}

/// A player that never reads: memory stays bounded, it is cut to a key frame, others are not affected.
#[tokio::test]
async fn a_player_that_never_reads_is_cut_and_hurts_nobody() {
    run(async {
        let (hub, fanout) = (hub("queue_bytes 2000000;"), fanout());
        let (_slow_seat, mut slow) = seat(&fanout, &hub).await;
        let (_seat, mut quick) = seat(&fanout, &hub).await;
        let mut publisher = publish(&hub).await;
        let (frames, size) = (400, 100_000);
        for at in 0..frames {
            publisher.send(picture(at * 40, at % 10 == 0, size), Instant::now());
            let text = read_to(&mut quick, &format!("{}>", "x".repeat(size))).await;
            assert!(text.contains(&format!("<{}:", at * 40)), "frame {at} came at once");
        }
        let stream = publisher.stream().clone();
        assert!(stream.skipped() > 200, "{} frames were skipped", stream.skipped());
        drop(publisher);
        let text = read_to(&mut slow, ".").await;
        assert!(text.ends_with("."), "the connection lives");
        let times: Vec<(i64, bool)> = text
            .split('<')
            .skip(1)
            .map(|part| part.split_once(':').map(|(time, rest)| (time.parse().expect("a time"), rest.starts_with('K'))))
            .map(|parsed| parsed.expect("a frame"))
            .collect();
        assert!(times.windows(2).all(|pair| pair[0].0 < pair[1].0), "time goes forward");
        let jumps = times.windows(2).filter(|pair| pair[1].0 - pair[0].0 > 40).inspect(|pair| assert!(pair[1].1));
        assert!(jumps.count() > 0, "it went on at key frames");
    })
    .await;
}

#[tokio::test]
async fn a_player_that_leaves_frees_its_place() {
    run(async {
        let (hub, fanout) = (hub(""), fanout());
        let mut publisher = publish(&hub).await;
        let (first, player) = seat(&fanout, &hub).await;
        drop((first, player));
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(hub.clients().len(), 1, "the publisher is left");
        assert!(fanout.groups.borrow().values().all(|group| group.strong_count() == 0));
        let (_second, mut player) = seat(&fanout, &hub).await;
        publisher.send(picture(0, true, 1), Instant::now());
        assert_eq!(read_to(&mut player, ">").await, "^<0:Kx>");
    })
    .await;
}

#[tokio::test]
async fn a_player_behind_tls_gets_the_same_bytes() {
    let hub = hub("");
    let mut player = play(&hub).await;
    let mut publisher = publish(&hub).await;
    publisher.send(picture(0, true, 1), Instant::now());
    publisher.send(picture(40, false, 1), Instant::now());
    drop(publisher);
    let (mut out, mut begun) = (Vec::new(), false);
    let filled = fill(&mut player, &mut Brackets, &mut begun, &mut out);
    assert_eq!((filled.flow, filled.frames), (Flow::Close, 3));
    assert_eq!(out, b"^<0:\x17\x01\0\0\0x><40:\x27\x01\0\0\0x>.");
}

/// A framing that cuts bodies into very many pieces.
struct Crumbs;

impl Framing for Crumbs {
    fn wrap<'a>(&mut self, frame: &'a Frame, _timestamp: u32, out: &mut Gather<'a>) -> Flow {
        for at in 0..frame.flv().len() {
            out.head(|scratch| scratch.push(b','));
            out.body(frame.flv(), at, at + 1);
        }
        Flow::Continue
    }
}

#[tokio::test]
async fn a_write_of_more_pieces_than_the_kernel_takes_is_sent_whole() {
    run(async {
        let (hub, fanout) = (hub(""), fanout());
        let (ours, mut player) = connection().await;
        let _seat = fanout.seat(play(&hub).await, ours, Box::new(Crumbs));
        let mut publisher = publish(&hub).await;
        let frame = picture(0, true, 20_000);
        let expect: Vec<u8> = frame.flv().iter().flat_map(|byte| [b',', *byte]).collect();
        publisher.send(frame, Instant::now());
        let mut got = vec![0; expect.len()];
        tokio::time::timeout(Duration::from_secs(10), player.read_exact(&mut got))
            .await
            .expect("in time")
            .expect("whole");
        assert!(got == expect, "every piece in its place");
    })
    .await;
}
