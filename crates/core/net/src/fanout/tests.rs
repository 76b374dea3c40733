use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::LocalSet;
use weir_hub::{Frame, Hub};

use super::{Fanout, Flow, Framing, Lone, Seat};
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
        let clients = hub.clients();
        let lost: Vec<_> = clients.iter().flat_map(|client| client.losses()).collect();
        let [lost] = lost[..] else { panic!("one player lost frames, for one reason: {lost:?}") };
        assert_eq!((lost.limit, lost.frames), ("play.queue_bytes", stream.skipped()));
        let waiting = clients.iter().filter_map(|client| client.backlog()).filter(|backlog| backlog.bytes > 0);
        assert_eq!(waiting.count(), 1, "bytes wait for the slow one alone");
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
    let mut player = Lone::new(play(&hub).await, Box::new(Brackets));
    let mut publisher = publish(&hub).await;
    publisher.send(picture(0, true, 1), Instant::now());
    publisher.send(picture(40, false, 1), Instant::now());
    drop(publisher);
    let mut out = Vec::new();
    assert_eq!(player.next(&mut out).await, Flow::Close);
    assert_eq!(out, b"^<0:\x17\x01\0\0\0x><40:\x27\x01\0\0\0x>.");
}

#[tokio::test(start_paused = true)]
async fn a_player_behind_tls_that_takes_nothing_or_is_paused_keeps_nothing_back() {
    let hub = hub("queue_bytes 150000;");
    let mut player = Lone::new(play(&hub).await, Box::new(Brackets));
    let mut publisher = publish(&hub).await;
    let stream = publisher.stream().clone();
    let mut flood = async |from: i64| {
        for at in 0..50 {
            publisher.send(picture((from + at) * 40, at % 10 == 0, 10_000), Instant::now());
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    };
    player.while_writing(flood(0)).await;
    assert!(stream.skipped() >= 30, "{} frames were skipped", stream.skipped());
    let skipped = stream.skipped();
    player.pause(true);
    let mut out = Vec::new();
    tokio::select! {
        _ = player.next(&mut out) => panic!("a paused player gets nothing"),
        () = flood(50) => {}
    }
    assert_eq!(stream.skipped(), skipped, "who paused is not slow");
    player.pause(false);
    player.next(&mut out).await;
    assert!(out.starts_with(b"^<3600:"), "it goes on with the newest key frame");
}

/// A client that asks and does not read: its replies are bounded.
#[tokio::test]
async fn a_player_that_asks_without_reading_is_cut_off() {
    run(async {
        let (hub, fanout) = (hub(""), fanout());
        let (seat, _player) = seat(&fanout, &hub).await;
        let reply = Bytes::from(vec![0; 10_000]);
        let asking = async {
            loop {
                seat.send(reply.clone());
                tokio::time::sleep(Duration::from_micros(10)).await;
            }
        };
        let why = tokio::select! {
            why = seat.ended() => why.unwrap_or("its connection failed"),
            () = asking => "",
            () = tokio::time::sleep(Duration::from_secs(20)) => "it was not",
        };
        assert!(why.contains("does not read"), "{why}");
    })
    .await;
}

/// Frames come faster than a full socket is tried again: the player gets its bytes all the same, and when it leaves it is
/// forgotten.
#[tokio::test]
async fn a_blocked_player_is_tried_again_between_frames_and_forgotten_when_it_leaves() {
    run(async {
        let (hub, fanout) = (hub("queue_bytes 400000000;"), fanout());
        let (seat, mut player) = seat(&fanout, &hub).await;
        let mut publisher = publish(&hub).await;
        for at in 0..300 {
            publisher.send(picture(at, at == 0, 60_000), Instant::now());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut total = 0;
        let mut buffer = vec![0; 1 << 20];
        let reading = async {
            while total < 300 * 60_000 {
                total += player.read(&mut buffer).await.expect("it is open");
            }
        };
        tokio::time::timeout(Duration::from_secs(20), reading).await.expect("all of it comes");
        drop(player);
        drop(seat);
        publisher.send(picture(400, false, 1), Instant::now());
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(hub.clients().len(), 1, "the publisher is left");
    })
    .await;
}

#[tokio::test]
async fn a_paused_player_keeps_nothing_back() {
    run(async {
        let (hub, fanout) = (hub("queue_bytes 150000;"), fanout());
        let (seat, mut player) = seat(&fanout, &hub).await;
        let mut publisher = publish(&hub).await;
        publisher.send(picture(0, true, 1), Instant::now());
        assert_eq!(read_to(&mut player, ">").await, "^<0:Kx>");
        seat.pause(true);
        for at in 1..100 {
            publisher.send(picture(at * 40, at % 10 == 0, 10_000), Instant::now());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        seat.pause(false);
        let text = read_to(&mut player, &format!("{}>", "x".repeat(10_000))).await;
        assert!(text.starts_with("<3600:K"), "{:.20}", text);
    })
    .await;
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

/// Players whose clocks differ share what can be shared, and each gets its own timestamps.
#[tokio::test]
async fn players_that_joined_at_different_times_keep_their_own_clocks() {
    run(async {
        let (hub, fanout) = (hub("time_jitter zero;"), fanout());
        let mut publisher = publish(&hub).await;
        let mut players = Vec::new();
        for at in 0..40_i64 {
            // Joins before each key frame: its clock starts there. Digits grow at different times.
            if at % 8 == 0 {
                publisher.send(picture(at * 40, true, 3), Instant::now());
                for _ in 0..2 {
                    players.push((at * 40, seat(&fanout, &hub).await));
                }
            } else {
                publisher.send(picture(at * 40, false, 3), Instant::now());
            }
            if at % 3 == 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        drop(publisher);
        for (from, (_seat, player)) in &mut players {
            let frames = (*from..40 * 40).step_by(40);
            let kind = |at: i64| if at % 320 == 0 { "K" } else { "P" };
            let expect: String = frames.map(|at| format!("<{}:{}xxx>", at - *from, kind(at))).collect();
            assert_eq!(read_to(player, ".").await, format!("^{expect}."));
        }
    })
    .await;
}

/// What the kernel did not take of shared bytes is the player's own from then on.
#[tokio::test]
async fn a_player_that_reads_slowly_gets_every_byte_all_the_same() {
    run(async {
        let (hub, fanout) = (hub(""), fanout());
        let (_slow_seat, mut slow) = seat(&fanout, &hub).await;
        let (_seat, mut quick) = seat(&fanout, &hub).await;
        let mut publisher = publish(&hub).await;
        // More than the buffers of a connection on loopback take at most.
        let (frames, size) = (600, 20_000);
        let expect: String =
            (0..frames).map(|at| format!("<{at}:{}{}>", if at == 0 { "K" } else { "P" }, "x".repeat(size))).collect();
        let reader = async { read_to(&mut quick, ".").await };
        let writer = async {
            for at in 0..frames {
                publisher.send(picture(at, at == 0, size), Instant::now());
                tokio::task::yield_now().await;
            }
            drop(publisher);
        };
        let (text, ()) = tokio::join!(reader, writer);
        let same = |text: &str| text == format!("^{expect}.");
        assert!(same(&text), "the quick player got every frame");
        assert!(same(&read_to(&mut slow, ".").await), "and so did the slow one");
    })
    .await;
}
