//! From a publisher to a player over two bad ways, in virtual time: minutes of media in a second.

use std::collections::BTreeMap;

use crate::outbox::Outbox;
use crate::playing::{Playing, Rates};
use crate::publishing::Publishing;
use crate::session::{Expected, MAX_PATHS, Path, Role as Does, Route, Rules, Session, Via};

use super::*;

const STEP: Duration = Duration::from_millis(5);
/// Parts of a key frame, and of another picture.
const PARTS: [u8; 2] = [12, 4];
/// A player waits for so long for what is missing.
const PATIENT: Duration = Duration::from_millis(400);

/// How bad a way is: parts of a thousand.
#[derive(Clone, Copy, Default, Debug)]
struct Bad {
    lost: u32,
    twice: u32,
    /// A run of losses begins.
    bursts: u32,
    /// Others overtake it: it takes up to sixty milliseconds longer.
    late: u32,
    /// Every one takes up to so many milliseconds longer.
    jitter: u64,
}

/// One way between two peers.
struct Way {
    bad: Bad,
    random: fastrand::Rng,
    under_way: BTreeMap<(Instant, u64), (bool, Vec<u8>)>,
    count: u64,
    /// Datagrams that a burst still takes.
    burst: u32,
    most: usize,
}

impl Way {
    fn new(bad: Bad, seed: u64) -> Way {
        let random = fastrand::Rng::with_seed(seed);
        Way { bad, random, under_way: BTreeMap::new(), count: 0, burst: 0, most: 0 }
    }

    fn send(&mut self, to_server: bool, datagram: &[u8], now: Instant) {
        let chance = |random: &mut fastrand::Rng, part: u32| random.u32(..1000) < part;
        if chance(&mut self.random, self.bad.bursts) {
            self.burst = self.random.u32(5..25);
        }
        let is_taken = self.burst > 0;
        self.burst = self.burst.saturating_sub(1);
        if is_taken || chance(&mut self.random, self.bad.lost) {
            return;
        }
        let copies = 1 + u32::from(chance(&mut self.random, self.bad.twice));
        for _ in 0..copies {
            self.count += 1;
            let longer = if chance(&mut self.random, self.bad.late) { self.random.u64(5..60) } else { 0 };
            let delay = Duration::from_millis(10 + longer + self.random.u64(..=self.bad.jitter));
            self.under_way.insert((now + delay, self.count), (to_server, datagram.to_vec()));
        }
        self.most = self.most.max(self.under_way.len());
    }

    fn due(&mut self, now: Instant) -> Option<(bool, Vec<u8>)> {
        let entry = self.under_way.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }
}

/// A client, its session on the server, and the way between them.
struct Line {
    session: Session,
    far: Peer,
    way: Way,
    told: Vec<Event>,
}

impl Line {
    async fn new(hub: &Arc<Hub>, role: Role, way: Way, now: Instant) -> Line {
        let certificate = Certificate::generate().expect("a certificate");
        let agreed = agree(role, "cam", server(), &certificate);
        let mut setup = agreed.open.plan.peer_setup(agreed.open.own.clone(), true);
        setup.is_dtls12 = true;
        let does = match role {
            Role::Publish => {
                let publisher = hub.publish(&request(ClientKind::RtcPublish, "cam")).await.expect("it is let in");
                let publishing = Publishing::new(publisher, &agreed.open.plan, &hub.conf().rtc_server.black_hole);
                Does::Publish(Box::new(publishing))
            }
            Role::Play => {
                let visit = hub.visit(&request(ClientKind::RtcPlay, "cam")).await.expect("it is let in");
                Does::Play(Box::new(Playing::new(visit, &agreed.open.plan, None, now)))
            }
        };
        let rules = Rules { patience: Duration::from_secs(30), is_strict: false };
        let place = Connections::new(1).enter().expect("a place");
        let certificate = Arc::new(certificate);
        let expected = Expected { name: "ours:theirs".into(), setup, certificate, role: does, rules };
        let session = expected.come(place, now).expect("a session");
        let mut far = Peer::new(agreed.plan.peer_setup(agreed.own, false), &agreed.certificate, now).expect("a peer");
        far.add_remote(server(), false);
        Line { session, far, way, told: Vec::new() }
    }

    /// Lets a step of time pass.
    fn step(&mut self, now: Instant) {
        self.session.peer.advance(now).expect("time passes");
        self.far.advance(now).expect("time passes");
        self.drain(now);
        while let Some((to_server, datagram)) = self.way.due(now) {
            let (peer, from) = if to_server { (&mut self.session.peer, client()) } else { (&mut self.far, server()) };
            peer.receive(now, from, false, &datagram).expect("it is taken");
            self.drain(now);
        }
    }

    fn drain(&mut self, now: Instant) {
        loop {
            match self.session.peer.poll().expect("output") {
                Output::Wait(_) => break,
                Output::Datagram(datagram) => self.way.send(false, &datagram, now),
                Output::Event(event) => assert!(self.session.told(event, now), "it ends"),
            }
        }
        loop {
            match self.far.poll().expect("output") {
                Output::Wait(_) => break,
                Output::Datagram(datagram) => self.way.send(true, &datagram, now),
                Output::Event(event) => self.told.push(event),
            }
        }
    }
}

fn server() -> SocketAddr {
    "10.0.0.1:8000".parse().expect("an address")
}

fn client() -> SocketAddr {
    "10.0.0.2:5000".parse().expect("an address")
}

/// The end of a payload: which part of which picture it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Part {
    picture: u64,
    part: u8,
    of: u8,
    key: bool,
}

impl Part {
    fn payload(self) -> Vec<u8> {
        // RFC 7741: the first packet says so; RFC 6386 §9.1: a frame tag with the inverse key bit, size.
        let mut payload = vec![if self.part == 0 { 0x10 } else { 0 }, u8::from(!self.key), 0, 0];
        payload.extend_from_slice(&[0x9d, 0x01, 0x2a, 64, 0, 48, 0]);
        payload.resize(900, 0);
        payload.extend_from_slice(&self.picture.to_be_bytes());
        payload.extend_from_slice(&[self.part, self.of, u8::from(self.key)]);
        payload
    }

    fn of(payload: &[u8]) -> Part {
        let [.., part, of, key] = *payload else { panic!("three bytes") };
        let picture = u64::from_be_bytes(*payload[..payload.len() - 3].last_chunk().expect("8 bytes"));
        Part { picture, part, of, key: key != 0 }
    }
}

/// What a browser makes of what comes: puts it in order, waits, gives up, asks for key frames.
#[derive(Default)]
struct Viewer {
    waiting: BTreeMap<u64, (Instant, Part)>,
    next: Option<u64>,
    /// The part that comes next of a picture that is whole so far.
    part: u8,
    is_broken: bool,
    before: Option<Part>,
    shown: Vec<(Instant, u64)>,
    given_up: u64,
    asked: Option<Instant>,
    asks: usize,
    sounds: usize,
}

impl Viewer {
    fn take(&mut self, packet: &Received, now: Instant) {
        if packet.track == 0 {
            self.sounds += 1;
        } else if self.next.is_none_or(|next| packet.sequence >= next) {
            let part = Part::of(&packet.payload);
            let other = self.waiting.insert(packet.sequence, (now, part));
            assert!(other.is_none(), "number {} came twice", packet.sequence);
        }
    }

    fn look(&mut self, peer: &mut Peer, now: Instant) {
        while let Some((&sequence, &(came, part))) = self.waiting.first_key_value() {
            let next = *self.next.get_or_insert(sequence);
            if sequence > next {
                if now.saturating_duration_since(came) < PATIENT {
                    break;
                }
                self.given_up += sequence - next;
                self.is_broken = true;
            }
            self.waiting.pop_first();
            self.next = Some(sequence + 1);
            self.show(part, sequence == next, now);
        }
        let may_ask = self.asked.is_none_or(|asked| now.saturating_duration_since(asked) >= Duration::from_millis(300));
        if self.is_broken && may_ask {
            peer.ask_key(1, 0);
            (self.asked, self.asks) = (Some(now), self.asks + 1);
        }
    }

    fn show(&mut self, part: Part, follows: bool, now: Instant) {
        if let Some(before) = self.before {
            assert!(part > before, "{part:?} after {before:?}");
            // What is missing leaves a gap in the numbers: else nobody asks for it.
            let is_next = (part.picture, part.part) == (before.picture, before.part + 1)
                || (part.part == 0 && before.part + 1 == before.of && part.picture == before.picture + 1);
            assert!(is_next || !follows || part.key, "{part:?} right after {before:?}");
        } else {
            // What came before it knew the keys, it could not read.
            self.is_broken = true;
        }
        self.before = Some(part);
        if part.part == 0 {
            self.part = 0;
            self.is_broken &= !part.key;
        }
        if part.part == self.part && !self.is_broken {
            self.part += 1;
            if self.part == part.of {
                self.shown.push((now, part.picture));
            }
        } else {
            self.is_broken = true;
        }
    }

    /// How long the first picture took.
    fn start(&self, began: Instant) -> Duration {
        self.shown.first().map_or(Duration::MAX, |(when, _)| *when - began)
    }

    /// The longest time without a new picture.
    fn freeze(&self) -> Duration {
        self.shown.windows(2).map(|pair| pair[1].0 - pair[0].0).max().unwrap_or(Duration::MAX)
    }
}

/// What came of a publish and a play.
struct Run {
    began: Instant,
    viewer: Viewer,
    pictures: u64,
    sounds: u64,
    /// When the publisher was asked for key frames.
    asked: Vec<Instant>,
    most: usize,
    faults: Vec<String>,
}

/// How the two behave.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manners {
    Good,
    /// The publisher sends no key frames.
    Keyless,
    /// The player asks for one all the time.
    Greedy,
}

/// A publish that a viewer sees for so long.
async fn run(up: Bad, down: Bad, seed: u64, time: Duration, manners: Manners) -> Run {
    let hub = weir_net::testing::hub("");
    let mut now = Instant::now();
    let began = now;
    let mut up = Line::new(&hub, Role::Publish, Way::new(up, seed), now).await;
    let mut down = Line::new(&hub, Role::Play, Way::new(down, seed + 1000), now).await;
    let lane = up.session.stream().packets().clone();
    let mut rates = Rates::new(&lane, now);
    let mut viewer = Viewer::default();
    let (mut pictures, mut sounds, mut sequence) = (0u64, 0u64, 0u64);
    let (mut wants_key, mut asked, mut last_ask) = (true, Vec::new(), None::<Instant>);
    let outgoing = |track, pt, sequence, timestamp: u64, marker, payload: Vec<u8>, now| Outgoing {
        track,
        pt,
        sequence,
        timestamp: timestamp as u32,
        captured: now,
        marker,
        audio_level: None,
        orientation: None,
        payload: payload.into(),
    };
    for step in 0..(time.as_millis() / STEP.as_millis()) as u64 {
        now += STEP;
        if up.far.is_connected() && step % 7 == 0 {
            let key = std::mem::take(&mut wants_key) && manners != Manners::Keyless;
            let of = PARTS[usize::from(!key)];
            pictures += 1;
            for part in 0..of {
                sequence += 1;
                let payload = Part { picture: pictures, part, of, key }.payload();
                up.far.send(outgoing(1, 96, sequence, pictures * 3150, part + 1 == of, payload, now));
            }
        }
        if up.far.is_connected() && step % 4 == 0 {
            sounds += 1;
            up.far.send(outgoing(0, 111, sounds, sounds * 960, false, vec![7; 60], now));
        }
        up.step(now);
        for event in std::mem::take(&mut up.told) {
            if let Event::KeyFrameWanted(_) = event {
                wants_key = true;
                asked.push(now);
            }
        }
        // As the worker does it.
        let may_ask = last_ask.is_none_or(|last| now - last >= crate::worker::ASK_EVERY);
        if up.session.is_connected() && may_ask {
            for (track, layer) in lane.take_asks() {
                up.session.peer.ask_key(track.into(), layer.into());
                last_ask = Some(now);
            }
        }
        if let Session { peer, role: Does::Play(playing), .. } = &mut down.session {
            playing.feed(&lane.published(), now, |packet| peer.send(packet));
        }
        down.step(now);
        for event in std::mem::take(&mut down.told) {
            if let Event::Packet(packet) = event {
                viewer.take(&packet, now);
            }
        }
        viewer.look(&mut down.far, now);
        if manners == Manners::Greedy {
            down.far.ask_key(1, 0);
        }
        if step % 40 == 0 {
            rates.measure(&lane, now);
            match (&mut up.session.role, &mut down.session.role) {
                (Does::Publish(publishing), Does::Play(playing)) => {
                    publishing.tick(now);
                    playing.tick(&mut down.session.peer, &rates, now);
                }
                _ => unreachable!("one publishes, one plays"),
            }
        }
    }
    assert!(now - began >= time);
    let faults = up.session.stream().faults().into_iter().map(|fault| fault.what).collect();
    Run { began, viewer, pictures, sounds, asked, most: up.way.most.max(down.way.most), faults }
}

/// The publisher is not asked more than twice a second. Requests may be repeated by the way.
fn check_asks(run: &Run) {
    let quick = run.asked.windows(2).filter(|pair| pair[1] - pair[0] < Duration::from_millis(300)).count();
    assert!(quick <= 2 + run.asked.len() / 4, "{quick} of {} requests came at once", run.asked.len());
    assert!(run.asked.len() <= 130, "{} requests", run.asked.len());
}

/// At least so many pictures of a hundred are shown, and never none for so long.
async fn check(bad: Bad, shown: u64, freeze: Duration) {
    for seed in 1..=3 {
        let run = run(bad, bad, seed, Duration::from_secs(60), Manners::Good).await;
        let viewer = &run.viewer;
        println!(
            "{bad:?}, seed {seed}: {} of {} pictures, {} of {} sounds, {} packets given up, {} asks, {} were told, \
             longest freeze {:?}, {} datagrams under way",
            viewer.shown.len(),
            run.pictures,
            viewer.sounds,
            run.sounds,
            viewer.given_up,
            viewer.asks,
            run.asked.len(),
            viewer.freeze(),
            run.most
        );
        check_asks(&run);
        assert!(viewer.shown.len() as u64 * 100 >= run.pictures * shown, "seed {seed}");
        assert!(viewer.freeze() <= freeze, "seed {seed}");
        assert!(viewer.given_up == 0 || viewer.asks > 0);
        // Nothing piles up: not on the way, not before the viewer.
        assert!(run.most < 600 && viewer.waiting.len() < 300);
    }
}

#[tokio::test]
async fn five_percent_are_lost() {
    check(Bad { lost: 50, ..Bad::default() }, 90, Duration::from_secs(1)).await;
}

#[tokio::test]
async fn twenty_percent_are_lost() {
    check(Bad { lost: 200, late: 20, ..Bad::default() }, 40, Duration::from_secs(8)).await;
}

#[tokio::test]
async fn packets_overtake_each_other_and_come_twice() {
    check(Bad { late: 50, twice: 200, ..Bad::default() }, 90, Duration::from_secs(1)).await;
}

/// On a mobile network: hardly a packet comes behind the one that was sent before it.
#[tokio::test]
async fn packets_come_in_any_order() {
    let jitter = Bad { jitter: 60, ..Bad::default() };
    for seed in 1..=6 {
        let run = run(jitter, jitter, seed, Duration::from_secs(20), Manners::Good).await;
        let (start, freeze) = (run.viewer.start(run.began), run.viewer.freeze());
        println!(
            "seed {seed}: first picture after {start:?}, longest freeze {freeze:?}, {} were told",
            run.asked.len()
        );
        assert!(start <= Duration::from_secs(3), "seed {seed}: {start:?}");
        assert!(run.viewer.shown.len() as u64 * 100 >= run.pictures * 80, "seed {seed}");
    }
}

#[tokio::test]
async fn losses_come_in_bursts() {
    check(Bad { bursts: 5, late: 20, ..Bad::default() }, 80, Duration::from_secs(3)).await;
}

#[tokio::test]
async fn a_publisher_never_sends_a_key_frame() {
    let run = run(Bad::default(), Bad::default(), 1, Duration::from_secs(20), Manners::Keyless).await;
    assert!(run.pictures > 500);
    assert_eq!((run.viewer.shown.len(), run.viewer.before), (0, None));
    assert!(run.viewer.sounds as u64 + 100 > run.sounds && run.sounds > 900);
    assert!((15..=40).contains(&run.asked.len()), "{}", run.asked.len());
    assert_eq!(run.faults.len(), 1);
    assert!(run.faults[0].contains("no key frame came"), "{:?}", run.faults);
}

/// Two hundred requests a second.
#[tokio::test]
async fn a_player_wants_key_frames_all_the_time() {
    let run = run(Bad::default(), Bad::default(), 1, Duration::from_secs(20), Manners::Greedy).await;
    check_asks(&run);
    assert!((30..=41).contains(&run.asked.len()), "{}", run.asked.len());
    assert!(run.viewer.shown.len() as u64 + 30 > run.pictures);
}

#[tokio::test]
async fn the_way_in_use_is_not_pushed_out() {
    let (hub, mut now) = (weir_net::testing::hub(""), Instant::now());
    let mut line = Line::new(&hub, Role::Play, Way::new(Bad::default(), 1), now).await;
    while !line.session.is_connected() {
        now += STEP;
        line.step(now);
    }
    let endpoint = Endpoint { ip: Some(Ipv4Addr::LOCALHOST.into()), port: 0 };
    let socket = bind_udp(endpoint, IpFamily::Ipv4, 1, "rtc_server.listen").expect("a port").remove(0);
    let udp = weir_net::Udp::new(socket).expect("it is tokio's");
    let route = |port| Route { from: (Ipv4Addr::LOCALHOST, port).into(), is_tcp: false };
    let session = &mut line.session;
    let checked = |session: &mut Session, route| session.checked(Path { route, via: Via::Udp(None) }, now);
    let used = Route { from: client(), is_tcp: false };
    assert_eq!(checked(session, used), None);
    session.peer.close().expect("it closes");
    loop {
        match session.peer.poll().expect("output") {
            Output::Datagram(datagram) => session.send(&udp, &mut Outbox::default(), &datagram),
            Output::Event(_) => {}
            Output::Wait(_) => break,
        }
    }
    for port in 1..8 {
        assert_eq!(checked(session, route(port)), None);
    }
    assert_eq!(checked(session, route(8)), Some(route(1)));
    // One that is checked again is not the oldest.
    assert_eq!(checked(session, route(2)), None);
    assert_eq!(checked(session, route(9)), Some(route(3)));
    assert_eq!(session.routes().count(), MAX_PATHS);
    assert!(session.routes().any(|route| route == used));
}
