use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;
use weir_base::MediaTime;
use weir_conf::{Config, Env, Facts, Live, Source};
use weir_flv::tag::TagKind;
use weir_hub::{ClientKind, Flags, Frame, Hub, Publisher, Request, Subscriber};

use super::{Fanout, Flow, Framing, Seat, fill};
use crate::gather::Gather;

/// `<TIME:` body `>` for each frame, `.` at the end.
struct Brackets;

impl Framing for Brackets {
    fn begin(&mut self, pending: &mut dyn Iterator<Item = &Frame>, out: &mut Vec<u8>) -> bool {
        let begins = pending.next().is_some();
        if begins {
            out.extend_from_slice(b"^");
        }
        begins
    }

    fn wrap<'a>(&mut self, frame: &'a Frame, timestamp: u32, out: &mut Gather<'a>) -> Flow {
        if frame.flags.has(Flags::END) {
            out.head(|scratch| scratch.push(b'.'));
            return Flow::Close;
        }
        out.head(|scratch| scratch.extend_from_slice(format!("<{timestamp}:").as_bytes()));
        out.body(frame.flv(), 0, frame.flv().len());
        out.head(|scratch| scratch.push(b'>'));
        Flow::Continue
    }
}

fn hub(play: &str) -> Arc<Hub> {
    let text = format!("listen 1935; vhost __defaultVhost__ {{ play {{ time_jitter off; {play} }} }}");
    let source = Source::Text { name: "test".to_owned(), text };
    Hub::new(Live::new(Config::load(source, &Env::default(), &Facts::default()).expect("a configuration").config))
}

fn request(kind: ClientKind) -> Request {
    Request {
        id: weir_hub::connection_id(),
        kind,
        ip: Ipv4Addr::LOCALHOST.into(),
        vhost: String::new(),
        app: "live".to_owned(),
        stream: "cam".to_owned(),
        name: "cam".to_owned(),
        param: String::new(),
        tc_url: String::new(),
        page_url: String::new(),
        swf_url: String::new(),
    }
}

async fn publish(hub: &Arc<Hub>) -> Publisher {
    hub.publish(&request(ClientKind::FmlePublish)).await.expect("nobody publishes")
}

async fn play(hub: &Arc<Hub>) -> Subscriber {
    hub.subscribe(&request(ClientKind::RtmpPlay)).await.expect("everybody may play")
}

/// A picture of `fill` bytes beyond its head, a key picture when `key`.
fn picture(millis: i64, key: bool, fill: usize) -> Frame {
    let mut body = vec![if key { 0x17 } else { 0x27 }, 1, 0, 0, 0];
    body.resize(5 + fill, b'x');
    Frame::from_flv(TagKind::Video, MediaTime::from_millis(millis), body.into())
}

/// Both ends of a connection: ours, and the player's.
async fn connection() -> (Rc<TcpStream>, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let player = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("it listens");
    let (ours, _) = listener.accept().await.expect("it connected");
    (Rc::new(ours), player)
}

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
        let (hub, fanout) = (hub(""), Fanout::new());
        let mut players = Vec::new();
        for _ in 0..3 {
            players.push(seat(&fanout, &hub).await);
        }
        let mut publisher = publish(&hub).await;
        let expect: String = (0..100).map(|at| format!("<{}:{}xx>", at * 40, if at == 0 { "K" } else { "P" })).collect();
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
        let (hub, fanout) = (hub(""), Fanout::new());
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
        let (hub, fanout) = (hub("queue_bytes 2000000;"), Fanout::new());
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
        let (hub, fanout) = (hub(""), Fanout::new());
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
