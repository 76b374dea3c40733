//! Clients of our own half over real sockets: what browsers do is tested in `e2e/`.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::UdpSocket;
use weir_codec::Codec;
use weir_conf::{Endpoint, IpFamily};
use weir_hub::testing::request;
use weir_hub::{ClientKind, Hub, Refusal};
use weir_net::shard::Shards;
use weir_net::{Connections, bind_udp};
use weir_proto_rtc::{
    AnswerParts, Ask, AskParts, Certificate, Credentials, DtlsRole, Event, Offer, Outgoing, Output, Peer, Plan,
    PlayRules, PublishRules, Received, Role, Setup, TrackFormat, Transport, host_candidates,
};

use crate::{Open, Rtc, Sessions};

mod bad;
mod limits;
mod links;
mod waiting;

/// More than any of it takes.
const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    hub: Arc<Hub>,
    rtc: Arc<Rtc>,
    shards: Arc<Shards>,
    connections: Arc<Connections>,
    addr: SocketAddr,
    certificate: Certificate,
}

impl Server {
    async fn start() -> Server {
        Server::with(weir_net::testing::hub("")).await
    }

    async fn with(hub: Arc<Hub>) -> Server {
        Server::limited(hub, 100_000).await
    }

    async fn limited(hub: Arc<Hub>, connections: usize) -> Server {
        let shards = Arc::new(Shards::start(2, 50).expect("shards"));
        let endpoint = Endpoint { ip: Some(Ipv4Addr::LOCALHOST.into()), port: 0 };
        let sockets = bind_udp(endpoint, IpFamily::Ipv4, shards.count(), "rtc_server.listen").expect("a port");
        let addr = sockets[0].local_addr().expect("an address");
        let certificate = Certificate::generate().expect("a certificate");
        let connections = Connections::new(connections);
        let rtc = Rtc::start(hub.clone(), &shards, sockets, certificate.clone(), connections.clone()).await;
        Server { hub, rtc: rtc.expect("it starts"), shards, connections, addr, certificate }
    }

    /// Has a client of ours let in.
    async fn admit(&self, role: Role, stream: &str) -> Result<Client, Refusal> {
        let agreed = agree(role, stream, self.addr, &self.certificate);
        self.open(role, stream, agreed.open.clone()).await?;
        Ok(Client::new(agreed, self.addr).await)
    }

    async fn open(&self, role: Role, stream: &str, open: Open) -> Result<(), Refusal> {
        match role {
            Role::Publish => self.rtc.publish(&request(ClientKind::RtcPublish, stream), open).await?,
            Role::Play => self.rtc.play(&request(ClientKind::RtcPlay, stream), open).await?,
        };
        Ok(())
    }
}

/// What both sides know once they have agreed.
struct Agreed {
    open: Open,
    /// The client's.
    plan: Plan,
    own: Credentials,
    certificate: Certificate,
}

/// A client of ours offers, and is answered.
fn agree(role: Role, stream: &str, addr: SocketAddr, certificate: &Certificate) -> Agreed {
    let mut random = || fastrand::u32(..);
    let (own, theirs) = (credentials(), Certificate::generate().expect("a certificate"));
    let digest = |certificate: &Certificate| certificate.fingerprint().digest.as_slice().try_into().expect("32 bytes");
    let ask = Ask { role, audio: &[Codec::Opus], video: &[Codec::Vp8], videos: 1, layers: &[] };
    let asked = ask.offer(
        &AskParts {
            ice_ufrag: &own.ufrag,
            ice_pwd: &own.pwd,
            fingerprint: digest(&theirs),
            candidates: &[],
            setup: Setup::Actpass,
        },
        &mut random,
    );
    let offer = Offer::parse(&asked.text()).expect("our offer");
    let live: Vec<TrackFormat> = Vec::new();
    let dtls_role = DtlsRole::Passive;
    let plan = match role {
        Role::Publish => {
            let rules = PublishRules { codec: None, nack: true, twcc: true, dtls_role };
            weir_proto_rtc::publish(&offer, &rules, &mut random)
        }
        Role::Play => {
            let rules = PlayRules { tracks: &live, codec: None, nack: true, twcc: true, dtls_role };
            weir_proto_rtc::play(&offer, &rules, &mut random)
        }
    };
    let plan = plan.expect("our offer is acceptable");
    let ours = credentials();
    let parts = AnswerParts {
        ice_ufrag: &ours.ufrag,
        ice_pwd: &ours.pwd,
        fingerprint: digest(certificate),
        candidates: &host_candidates([(Transport::Udp, addr.ip().to_string(), addr.port())]),
        app: "live",
        stream,
        session_id: 1,
    };
    let answer = plan.answer(&parts);
    let session = format!("{}:{}", ours.ufrag, own.ufrag);
    let open = Open { plan, own: ours, session, token: "token".to_owned(), encrypt: true, dtls: true };
    let plan = asked.read_answer(&answer).expect("our answer");
    Agreed { open, plan, own, certificate: theirs }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shards.stop();
    }
}

fn credentials() -> Credentials {
    let word = |len| (0..len).map(|_| fastrand::alphanumeric()).collect();
    Credentials { ufrag: word(8), pwd: word(24) }
}

/// A client of ours.
struct Client {
    name: String,
    /// The server's, which checks show.
    password: String,
    peer: Peer,
    socket: UdpSocket,
    server: SocketAddr,
    received: Vec<Received>,
    asked: usize,
    is_connected: bool,
    is_closed: bool,
    sequence: u64,
    /// Makes of a datagram what is sent ahead of it.
    ahead: Option<Ahead>,
}

type Ahead = Box<dyn FnMut(&[u8]) -> Vec<Vec<u8>> + Send>;

impl Client {
    async fn new(agreed: Agreed, server: SocketAddr) -> Client {
        let Agreed { open, plan, own, certificate } = agreed;
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket");
        let mut peer = Peer::new(plan.peer_setup(own, false), &certificate, Instant::now()).expect("a peer");
        peer.add_remote(server, false);
        Client {
            name: open.session,
            password: open.own.pwd,
            peer,
            socket,
            server,
            received: Vec::new(),
            asked: 0,
            is_connected: false,
            is_closed: false,
            sequence: 0,
            ahead: None,
        }
    }

    /// Goes on until something is true of it.
    async fn until(&mut self, what: &str, is_so: impl Fn(&Client) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is_so(self) {
            assert!(Instant::now() < end, "waited in vain until {what}");
            self.turn(Duration::from_millis(20)).await;
        }
    }

    /// Sends and receives for a while.
    async fn turn(&mut self, time: Duration) {
        let mut buffer = [0; 2000];
        let end = Instant::now() + time;
        loop {
            let wait = self.drain().await;
            let wait = wait.min(end).max(Instant::now() + Duration::from_millis(1));
            match tokio::time::timeout_at(wait.into(), self.socket.recv_from(&mut buffer)).await {
                Ok(Ok((len, from))) => {
                    assert_eq!(from, self.server);
                    self.peer.receive(Instant::now(), from, false, &buffer[..len]).expect("it is taken");
                }
                Ok(Err(error)) => panic!("{error}"),
                Err(_) => self.peer.advance(Instant::now()).expect("time passes"),
            }
            if Instant::now() >= end {
                return;
            }
        }
    }

    async fn drain(&mut self) -> Instant {
        loop {
            match self.peer.poll().expect("output") {
                Output::Wait(at) => return at,
                Output::Datagram(datagram) => {
                    for bad in self.ahead.as_mut().map_or_else(Vec::new, |ahead| ahead(&datagram)) {
                        self.socket.send_to(&bad, datagram.to).await.expect("it is sent");
                    }
                    self.socket.send_to(&datagram, datagram.to).await.expect("it is sent");
                }
                Output::Event(Event::Connected) => self.is_connected = true,
                Output::Event(Event::Closed) => self.is_closed = true,
                Output::Event(Event::KeyFrameWanted(_)) => self.asked += 1,
                Output::Event(Event::Packet(packet)) => self.received.push(packet),
                Output::Event(Event::Estimate(_)) => {}
            }
        }
    }

    /// Sends a picture of VP8 of one packet, and a frame of sound.
    fn publish(&mut self, key: bool) {
        self.sequence += 1;
        let now = Instant::now();
        // RFC 7741: a descriptor with the start of a partition; RFC 6386 §9.1: a frame tag with the inverse key bit.
        let mut picture = vec![0x10, u8::from(!key), 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 48, 0];
        picture.extend_from_slice(&self.sequence.to_be_bytes());
        for (track, pt, timestamp, payload) in [
            (1, 96, self.sequence * 3000, picture),
            (0, 111, self.sequence * 1600, self.sequence.to_be_bytes().to_vec()),
        ] {
            self.peer.send(Outgoing {
                track,
                pt,
                sequence: self.sequence,
                timestamp: timestamp as u32,
                captured: now,
                marker: true,
                audio_level: None,
                orientation: None,
                payload: payload.into(),
            });
        }
        self.peer.advance(now).expect("time passes");
    }

    /// The numbers of the pictures, or frames of sound, that came.
    fn numbers(&self, track: usize) -> Vec<u64> {
        let of_track = self.received.iter().filter(|packet| packet.track == track);
        of_track.map(|packet| u64::from_be_bytes(*packet.payload.last_chunk().expect("8 bytes"))).collect()
    }
}

/// Waits until no more clients than that are there.
async fn left(server: &Server, count: usize) {
    let end = Instant::now() + PATIENCE;
    while server.hub.client_count() > count {
        assert!(Instant::now() < end, "they did not leave");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_published_is_played() {
    let server = Server::start().await;
    let mut publisher = server.admit(Role::Publish, "cam").await.expect("it is let in");
    publisher.until("it is connected", |client| client.is_connected).await;
    assert!(server.admit(Role::Publish, "cam").await.is_err_and(|refusal| refusal.code() == 1028));

    let mut players = Vec::new();
    for _ in 0..4 {
        let mut player = server.admit(Role::Play, "cam").await.expect("it is let in");
        player.until("it is connected", |client| client.is_connected).await;
        players.push(player);
    }
    publisher.until("a key frame is wanted", |client| client.asked > 0).await;
    for picture in 0..20 {
        publisher.publish(picture == 0);
        publisher.turn(Duration::from_millis(20)).await;
    }
    for player in &mut players {
        player.until("all came", |client| client.numbers(1).len() == 20 && client.numbers(0).len() == 20).await;
        assert_eq!(player.numbers(1), (1..=20).collect::<Vec<_>>());
        assert_eq!(player.numbers(0), (1..=20).collect::<Vec<_>>());
    }
    let kinds: Vec<_> = server.hub.clients().iter().map(|client| client.kind.name()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "rtc-play").count(), 4);
    assert_eq!(kinds.iter().filter(|kind| **kind == "rtc-publish").count(), 1);
    let stream = server.hub.streams().pop().expect("a stream");
    assert_eq!(stream.video().map(|info| (info.width, info.height)), Some((64, 48)));

    // One leaves by HTTP, one is kicked, the publisher says goodbye.
    let first = players.remove(0);
    server.rtc.end(&first.name, "token").expect("it is there");
    left(&server, 4).await;
    let kicked = server.hub.clients().into_iter().find(|client| client.kind == ClientKind::RtcPlay).expect("a player");
    kicked.kick();
    publisher.peer.close().expect("it closes");
    publisher.turn(Duration::from_millis(50)).await;
    left(&server, 2).await;
    assert!(!stream.is_live());
    server.rtc.shutdown().await;
    assert_eq!(server.hub.client_count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_player_may_come_first_and_stays_when_the_publisher_comes_again() {
    let server = Server::start().await;
    let mut player = server.admit(Role::Play, "cam").await.expect("it is let in");
    player.until("it is connected", |client| client.is_connected).await;
    for round in 1..=2 {
        let mut publisher = server.admit(Role::Publish, "cam").await.expect("it is let in");
        publisher.until("a key frame is wanted", |client| client.asked > 0).await;
        for picture in 0..10 {
            publisher.publish(picture == 0);
            publisher.turn(Duration::from_millis(10)).await;
        }
        player.until("all came", |client| client.numbers(1).len() == 10 * round).await;
        publisher.peer.close().expect("it closes");
        publisher.turn(Duration::from_millis(50)).await;
        left(&server, 1).await;
    }
    let sequences: Vec<u64> =
        player.received.iter().filter(|packet| packet.track == 1).map(|packet| packet.sequence).collect();
    assert!(sequences.windows(2).all(|pair| pair[1] == pair[0] + 1), "{sequences:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_may_come_by_another_way() {
    let server = Server::start().await;
    let mut publisher = server.admit(Role::Publish, "cam").await.expect("it is let in");
    publisher.until("it is connected", |client| client.is_connected).await;
    let mut player = server.admit(Role::Play, "cam").await.expect("it is let in");
    player.until("it is connected", |client| client.is_connected).await;
    // Another port may be served by the other shard.
    let before = publisher.socket.local_addr().expect("an address");
    publisher.socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket");
    assert_ne!(publisher.socket.local_addr().expect("an address"), before);
    let end = Instant::now() + PATIENCE;
    while player.numbers(0).len() < 5 {
        assert!(Instant::now() < end, "nothing comes by the other way");
        publisher.publish(true);
        publisher.turn(Duration::from_millis(50)).await;
        player.turn(Duration::from_millis(10)).await;
    }
}
