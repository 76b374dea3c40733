//! What strangers and broken clients send to the port.

use std::time::Duration;

use aws_lc_rs::hmac;
use weir_rtp::Kind;

use super::*;

/// A check as clients make it (RFC 8445 §7.1.1) with these USERNAMEs, signed if there is a password.
pub(super) fn check(names: &[&str], password: Option<&str>) -> Vec<u8> {
    check_as(0x802a, names, password)
}

/// A check with a `role`: ICE-CONTROLLING or ICE-CONTROLLED (RFC 8445 §16.1).
pub(super) fn check_as(role: u16, names: &[&str], password: Option<&str>) -> Vec<u8> {
    let mut body = Vec::new();
    let mut attribute = |kind: u16, value: &[u8]| {
        body.extend_from_slice(&kind.to_be_bytes());
        body.extend_from_slice(&(value.len() as u16).to_be_bytes());
        body.extend_from_slice(value);
        body.resize(body.len().next_multiple_of(4), 0);
    };
    names.iter().for_each(|name| attribute(0x0006, name.as_bytes()));
    attribute(0x0024, &[0x6e, 0, 1, 0xff]);
    attribute(role, &[7; 8]);
    let id: [u8; 12] = std::array::from_fn(|_| fastrand::u8(..));
    let len = body.len() + if password.is_some() { 24 } else { 0 };
    let head = [&[0, 1][..], &(len as u16).to_be_bytes(), &[0x21, 0x12, 0xa4, 0x42], &id, &body].concat();
    let Some(password) = password else { return head };
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    [&head[..], &[0, 8, 0, 20], hmac::sign(&key, &head).as_ref()].concat()
}

/// A publisher and a player of one stream, and what flows between them.
struct Pair {
    publisher: Client,
    player: Client,
}

impl Pair {
    async fn connected(server: &Server, stream: &str) -> Pair {
        let mut publisher = server.admit(Role::Publish, stream).await.expect("it is let in");
        publisher.until("it is connected", |client| client.is_connected).await;
        let mut player = server.admit(Role::Play, stream).await.expect("it is let in");
        player.until("it is connected", |client| client.is_connected).await;
        let mut pair = Pair { publisher, player };
        pair.check_media().await;
        pair
    }

    /// Ten more pictures and frames of sound get through.
    async fn check_media(&mut self) {
        let (from, sounds) = (self.publisher.sequence + 1, self.player.numbers(0).len());
        for _ in 0..10 {
            self.publisher.publish(true);
            self.publisher.turn(Duration::from_millis(10)).await;
            self.player.turn(Duration::from_millis(5)).await;
        }
        let until = from + 9;
        self.player.until("media comes", |client| client.numbers(1).contains(&until)).await;
        self.player.until("all comes", |client| client.numbers(0).len() == sounds + 10).await;
    }
}

/// What comes back to a stranger within a while.
pub(super) async fn answers(stranger: &UdpSocket, server: &Server, datagram: &[u8]) -> usize {
    stranger.send_to(datagram, server.addr).await.expect("it is sent");
    let mut buffer = [0; 2000];
    let mut count = 0;
    while tokio::time::timeout(Duration::from_millis(150), stranger.recv_from(&mut buffer)).await.is_ok() {
        count += 1;
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checks_of_strangers_are_not_answered() {
    let server = Server::start().await;
    let mut pair = Pair::connected(&server, "cam").await;
    let evil = server.admit(Role::Play, "other").await.expect("it is let in");
    for victim in [pair.player.name.clone(), pair.publisher.name.clone()] {
        let stranger = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket");
        let half = victim.split_once(':').expect("two agents").0;
        let wrong = "0123456789012345678901";
        for bad in [
            check(&[&victim], Some(wrong)),
            check(&[&victim], None),
            check(&[], Some(&pair.player.password)),
            check(&[half], Some(&pair.player.password)),
            check(&[&victim, &victim], Some(wrong)),
            check(&[&victim, &evil.name], Some(&evil.password)),
            check(&["nobody:else", &victim], Some(&pair.player.password)),
        ] {
            assert_eq!(answers(&stranger, &server, &bad).await, 0, "{bad:?}");
        }
        // No way was opened either: what else comes from there is nobody's.
        for kind in [22, 0x80] {
            assert_eq!(answers(&stranger, &server, &[kind; 60]).await, 0);
        }
        pair.check_media().await;
    }
    // It is the password that makes the difference.
    let stranger = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket");
    assert_eq!(answers(&stranger, &server, &check(&[&pair.player.name], Some(&pair.player.password))).await, 1);
    pair.check_media().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agent_of_before_a_restart_opens_no_way() {
    let server = Server::start().await;
    let mut pair = Pair::connected(&server, "cam").await;
    let (name, theirs) = (pair.player.name.clone(), credentials());
    let ours = server.rtc.restart(&name, "token", theirs.clone()).expect("it is there");
    let stranger = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket");
    assert_eq!(answers(&stranger, &server, &check(&[&name], Some(&pair.player.password))).await, 0);
    pair.check_media().await;
    let after = format!("{}:{}", ours.ufrag, theirs.ufrag);
    assert_eq!(answers(&stranger, &server, &check(&[&after], Some(&pair.player.password))).await, 0);
    assert_eq!(answers(&stranger, &server, &check(&[&after], Some(&ours.pwd))).await, 1);
    pair.player.peer.restart(theirs, ours);
    pair.check_media().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_handshakes_disturb_nobody() {
    let server = Server::start().await;
    let mut pair = Pair::connected(&server, "cam").await;
    let mut flooder = server.admit(Role::Play, "other").await.expect("it is let in");
    let hellos = Arc::new(std::sync::Mutex::new(None));
    let kept = hellos.clone();
    flooder.ahead = Some(Box::new(move |datagram| {
        if Kind::of(datagram) == Kind::Dtls {
            kept.lock().expect("no panic").get_or_insert(datagram.to_vec());
        }
        Vec::new()
    }));
    flooder.until("it is connected", |client| client.is_connected).await;
    let hello: Vec<u8> = hellos.lock().expect("no panic").clone().expect("it said hello");
    let strangers: Vec<UdpSocket> = sockets(10).await;
    let began = Instant::now();
    for round in 0..10_000usize {
        let mut hello = hello.clone();
        hello[27..59].iter_mut().for_each(|byte| *byte = fastrand::u8(..));
        for socket in [&strangers[round % strangers.len()], &flooder.socket] {
            socket.send_to(&hello, server.addr).await.expect("it is sent");
        }
        if round % 2000 == 0 {
            pair.check_media().await;
            // Who comes now is not behind all of them.
            let mut player = server.admit(Role::Play, "other").await.expect("it is let in");
            player.until("it is connected", |client| client.is_connected).await;
        }
    }
    println!("20,000 hellos took {:?}", began.elapsed());
    pair.check_media().await;
    for stranger in &strangers {
        let came = tokio::time::timeout(Duration::from_millis(20), stranger.recv_from(&mut [0; 2000])).await;
        assert!(came.is_err(), "a stranger is answered");
    }
}

async fn sockets(count: usize) -> Vec<UdpSocket> {
    let mut sockets = Vec::new();
    for _ in 0..count {
        sockets.push(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket"));
    }
    sockets
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_certificate_ends_the_session_and_frees_the_stream() {
    let server = Server::start().await;
    let agreed = agree(Role::Publish, "cam", server.addr, &server.certificate);
    server.open(Role::Publish, "cam", agreed.open.clone()).await.expect("it is let in");
    let foreign = Agreed { certificate: Certificate::generate().expect("a certificate"), ..agreed };
    let mut thief = Client::new(foreign, server.addr).await;
    assert!(server.admit(Role::Publish, "cam").await.is_err_and(|refusal| refusal.code() == 1028));
    let end = Instant::now() + PATIENCE;
    while server.hub.client_count() > 0 {
        assert!(Instant::now() < end, "it goes on");
        thief.turn(Duration::from_millis(20)).await;
    }
    Pair::connected(&server, "cam").await;
}

/// Ahead of the first datagrams of each kind comes what is left of them at every length.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn datagrams_may_be_cut_short_at_every_length() {
    let server = Server::start().await;
    let cut = || -> Ahead {
        let mut seen = Vec::new();
        Box::new(move |datagram| {
            let kind = Kind::of(datagram);
            seen.push(kind);
            let is_early = seen.iter().filter(|one| **one == kind).count() <= 5;
            (0..if is_early { datagram.len() } else { 0 }).map(|at| datagram[..at].to_vec()).collect()
        })
    };
    let mut publisher = server.admit(Role::Publish, "cam").await.expect("it is let in");
    publisher.ahead = Some(cut());
    publisher.until("it is connected", |client| client.is_connected).await;
    let mut player = server.admit(Role::Play, "cam").await.expect("it is let in");
    player.ahead = Some(cut());
    player.until("it is connected", |client| client.is_connected).await;
    let mut pair = Pair { publisher, player };
    for _ in 0..5 {
        pair.check_media().await;
    }
}
