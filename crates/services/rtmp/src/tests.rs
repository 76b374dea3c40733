//! The service on real sockets, against the client half of the protocol.

mod asked;
mod enhanced;
mod peer;

use std::time::{Duration, Instant};
use weir_flv::tag::TagKind;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use weir_proto_rtmp::client::Goal;

use peer::{Server, key, picture};

const SECOND: Duration = Duration::from_secs(1);

// row: protocols.md §1.3 publish (Flash)
// row: protocols.md §1.2 Window Ack Size
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_published_is_played_byte_for_byte() {
    let server = Server::start("").await;
    let mut early = server.play("cam").await;
    let mut publisher = server.publish("cam").await;
    let sent: Vec<Bytes> = (0..50_u32).map(|at| if at % 25 == 0 { key(70_000) } else { picture(at) }).collect();
    for (at, body) in sent.iter().enumerate() {
        publisher.send(TagKind::Video, at as u32 * 40, body).await;
    }
    let played = early.media(sent.len()).await;
    for (at, (body, (_, timestamp, got))) in sent.iter().zip(&played).enumerate() {
        assert_eq!((*timestamp, got), (at as u32 * 40, body), "frame {at}");
    }
    let mut late = server.play("cam").await;
    let first = late.media(1).await;
    assert_eq!(first[0].2, sent[25], "a late player starts at the newest key frame");
}

// row: protocols.md §1.5 Busy
// row: errors.md §1 1028
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_publisher_is_told_and_the_first_goes_on() {
    let server = Server::start("").await;
    let mut first = server.publish("cam").await;
    let mut second = server.connect(Goal::Publish, "cam").await;
    let (code, description) = second.refused().await;
    assert_eq!(code, "NetStream.Publish.BadName");
    assert!(description.contains("published already, by client"), "{description}");
    let mut player = server.play("cam").await;
    first.send(TagKind::Video, 0, &key(1)).await;
    player.media(1).await;
}

// row: protocols.md §1.5 Kickoff
// row: errors.md §2 1070
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kicked_client_is_cut_off_and_the_name_is_free() {
    let server = Server::start("").await;
    let mut publisher = server.publish("cam").await;
    let mut player = server.play("cam").await;
    for client in server.hub.clients() {
        client.kick();
    }
    publisher.closed().await;
    player.closed().await;
    server.settle(0).await;
    server.publish("cam").await;
}

// row: protocols.md §1.5 publish timeouts
// row: config.md §11 firstpkt_timeout
// row: config.md §11 normal_timeout
// row: errors.md §2 1007 / 1009 / 1011
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_publisher_is_sent_away() {
    let server = Server::start("publish { firstpkt_timeout 200; normal_timeout 2000; }").await;
    let mut silent = server.publish("cam").await;
    let start = Instant::now();
    silent.closed().await;
    assert!((200..1900).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    server.settle(0).await;
    let mut stalled = server.publish("cam").await;
    stalled.send(TagKind::Video, 0, &key(1)).await;
    let start = Instant::now();
    stalled.closed().await;
    assert!((1900..10_000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
}

// row: config.md §11 kickoff_for_idle
// row: errors.md §2 2056
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publisher_without_players_is_sent_away_when_configured() {
    let server = Server::start("publish { kickoff_for_idle 1.5; }").await;
    let mut publisher = server.publish("cam").await;
    let player = server.play("cam").await;
    let media = async {
        for at in 0..70 {
            publisher.send_or_closed(TagKind::Video, at * 40, &key(1)).await;
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    };
    media.await;
    assert!(server.hub.streams()[0].is_live(), "a player is there");
    drop(player);
    let start = Instant::now();
    while publisher.send_or_closed(TagKind::Video, 0, &key(1)).await && start.elapsed() < 20 * SECOND {
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    assert!(start.elapsed() > SECOND && start.elapsed() < 20 * SECOND, "{:?}", start.elapsed());
}

// row: errors.md §2 2019
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_play_with_a_duration_ends_in_time() {
    let server = Server::start("").await;
    let mut player = server.play_for("cam", 300.0).await;
    let start = Instant::now();
    player.closed().await;
    assert!((290..5000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
}

// row: errors.md §2 2997 / 2998 / 2999
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_connection_may_publish_and_play_again() {
    let server = Server::start("").await;
    let mut publisher = server.publish("cam").await;
    let mut player = server.play("cam").await;
    for round in 0..3 {
        publisher.send(TagKind::Video, round * 1000, &key(round as usize)).await;
        assert_eq!(player.media(1).await[0].2, key(round as usize));
        publisher.unpublish("cam").await;
        server.settle(1).await;
        publisher.publish_again("cam").await;
        player.play_again("cam").await;
    }
}

// row: protocols.md §1.3 pause true/false
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_player_gets_nothing_and_resumes_at_a_key_frame() {
    let server = Server::start("").await;
    let mut publisher = server.publish("cam").await;
    let mut player = server.play("cam").await;
    publisher.send(TagKind::Video, 0, &key(1)).await;
    player.media(1).await;
    player.pause(true).await;
    publisher.send(TagKind::Video, 40, &picture(1)).await;
    publisher.send(TagKind::Video, 80, &key(2)).await;
    assert!(player.quiet(Duration::from_millis(200)).await, "nothing comes while paused");
    player.pause(false).await;
    assert_eq!(player.media(1).await[0].2, key(2));
}

/// Half a message, then nothing: the stream ends, its players stay, the name is free.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publisher_that_is_killed_amid_a_message_hurts_nobody() {
    let server = Server::start("").await;
    let mut player = server.play("cam").await;
    let mut publisher = server.publish("cam").await;
    publisher.send(TagKind::Video, 0, &key(1)).await;
    publisher.send_half(TagKind::Video, 40, &key(50_000)).await;
    player.media(1).await;
    drop(publisher);
    server.settle(1).await;
    let mut next = server.publish("cam").await;
    next.send(TagKind::Video, 0, &key(3)).await;
    assert_eq!(player.media(1).await[0].2, key(3), "half a message is no frame");
}

// row: errors.md §2 2016
// row: errors.md §2 1004
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_for_a_handshake_is_closed_at_once() {
    let server = Server::start("").await;
    for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 4096], &[0x16, 3, 1, 2, 0], &[0xff; 64]] {
        let mut socket = server.socket().await;
        socket.write_all(garbage).await.expect("it is open");
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(2 * SECOND, socket.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "{garbage:02x?} is still open");
    }
    // The peer may go at any moment.
    let mut socket = server.socket().await;
    socket.write_all(&[3; 700]).await.expect("it is open");
    drop(socket);
    server.publish("cam").await;
}

// row: errors.md §2 2051
// row: errors.md §2 2010
// row: errors.md §2 2054
// row: errors.md §2 2055
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_cannot_be_one_is_refused_with_a_reason() {
    let server = Server::start("").await;
    let long = "x".repeat(4096);
    for name in ["", "../../etc/passwd", "a/../b", "nul\0", long.as_str()] {
        for goal in [Goal::Publish, Goal::Play] {
            let mut peer = server.connect(goal, name).await;
            let (_, description) = peer.refused().await;
            assert!(description.contains("name"), "{description}");
        }
    }
    assert!(server.hub.streams().is_empty());
}

// row: config.md §11 send_min_interval
// row: protocols.md §1.5 send_min_interval
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sends_keep_their_distance() {
    let server = Server::start("play { send_min_interval 200; }").await;
    let (mut publisher, mut player) = (server.publish("cam").await, server.play("cam").await);
    let sending = tokio::spawn(async move {
        for at in 0..50 {
            publisher.send(TagKind::Video, at * 20, &key(1)).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        publisher
    });
    let times = player.arrivals(50).await;
    // Of ten frames that are sent at once, nine come together with the one before, however busy the machine is.
    let together = times.windows(2).filter(|pair| pair[1] - pair[0] < Duration::from_millis(10)).count();
    assert!(together >= 30, "{together} of 49 frames came together with the one before");
    sending.await.expect("it ended");
}

// row: protocols.md §1.5 mw_latency / min_latency
// row: config.md §11 min_latency
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_calm_server_sends_each_frame_at_once() {
    for vhost in ["", "min_latency on;", "tcp_nodelay on;", "play { mw_msgs 0; }"] {
        let server = Server::start(vhost).await;
        let (mut publisher, mut player) = (server.publish("cam").await, server.play("cam").await);
        let mut waits = Vec::new();
        for at in 0..20 {
            publisher.send(TagKind::Video, at * 40, &key(1)).await;
            let sent = Instant::now();
            player.media(1).await;
            waits.push(sent.elapsed());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        waits.sort();
        // SRS would wait 350 ms for every frame; a busy test machine may be slow with some.
        assert!(waits[10] < Duration::from_millis(40), "{vhost}: {waits:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rtmps_carries_the_same() {
    let server = Server::start_tls("").await;
    let mut publisher = server.publish("cam").await;
    let mut player = server.play("cam").await;
    publisher.send(TagKind::Video, 0, &key(200_000)).await;
    assert_eq!(player.media(1).await[0].2, key(200_000));
    player.pause(true).await;
    publisher.send(TagKind::Video, 40, &picture(1)).await;
    assert!(player.quiet(Duration::from_millis(200)).await);
    player.pause(false).await;
    assert_eq!(player.media(1).await[0].2, picture(1));
    for client in server.hub.clients() {
        client.kick();
    }
    publisher.closed().await;
    player.closed().await;
}

// row: config.md §11 mr
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn merged_reads_lose_nothing() {
    let server = Server::start("publish { mr on; mr_latency 100; }").await;
    let (mut publisher, mut player) = (server.publish("cam").await, server.play("cam").await);
    for at in 0..40 {
        publisher.send(TagKind::Video, at * 10, &key(at as usize)).await;
    }
    let played = player.media(40).await;
    assert!(played.iter().enumerate().all(|(at, (_, _, body))| *body == key(at)));
    // Ten reads of 64 KiB a second would take 16 s for this.
    let start = Instant::now();
    let sending = tokio::spawn(async move {
        for at in 0..100 {
            publisher.send(TagKind::Video, 400 + at * 10, &key(100_000)).await;
        }
        publisher
    });
    player.media(100).await;
    assert!(start.elapsed() < 12 * SECOND, "{:?}", start.elapsed());
    sending.await.expect("it ended");
}
