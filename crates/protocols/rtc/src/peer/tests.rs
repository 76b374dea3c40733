use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use weir_codec::Codec;

use super::{
    Certificate, Credentials, Event, Extension, Format, Outgoing, Output, Peer, PeerError, PeerSetup, Received, Track,
    TrackDirection,
};

mod bad;
mod direct;
mod forge;

const SERVER: &str = "10.0.0.1:8000";
const CLIENT: &str = "10.0.0.2:5000";

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn credentials(name: &str) -> Credentials {
    Credentials { ufrag: format!("{name}1234"), pwd: format!("{name}-password-of-22-characters") }
}

/// A track of pictures and one of sound.
fn tracks(sends: bool, rids: &[&str]) -> Vec<Track> {
    let format = |pt, rtx, codec, clock_rate, channels, parameters: &str| Format {
        pt,
        rtx,
        codec,
        clock_rate,
        channels,
        parameters: parameters.to_owned(),
    };
    let direction = |ssrc: u32, rids: &[&str]| match sends {
        true => TrackDirection::Send { rid: None, ssrc, rtx: (ssrc == 1).then_some(100) },
        false => TrackDirection::Receive { ssrcs: Vec::new(), rids: rids.iter().map(|&rid| rid.to_owned()).collect() },
    };
    let h264 = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";
    vec![
        Track {
            mid: "0".to_owned(),
            is_video: true,
            formats: vec![format(102, Some(103), Codec::H264, 90_000, None, h264)],
            direction: direction(1, rids),
        },
        Track {
            mid: "1".to_owned(),
            is_video: false,
            formats: vec![format(111, None, Codec::Opus, 48_000, Some(2), "")],
            direction: direction(2, &[]),
        },
    ]
}

/// Two peers and the way between them.
struct Link {
    now: Instant,
    certificate: Certificate,
    lite: Peer,
    full: Peer,
    received: Vec<Received>,
    asked: Vec<usize>,
    estimates: Vec<u64>,
    connected: usize,
    way: VecDeque<(bool, Vec<u8>)>,
    loses: Box<dyn FnMut(usize) -> bool>,
    sent: usize,
    /// What went over the way, with the moment and whether the lite side sent it.
    log: Option<Vec<(Instant, bool, Vec<u8>)>>,
    /// Makes of a datagram what comes ahead of it.
    spoil: Option<Spoil>,
}

type Spoil = Box<dyn FnMut(&[u8]) -> Vec<Vec<u8>>>;

impl Link {
    fn new(lite_sends: bool, extensions: &[(u8, Extension)]) -> Link {
        Link::with(lite_sends, extensions, true)
    }

    fn with(lite_sends: bool, extensions: &[(u8, Extension)], is_encrypted: bool) -> Link {
        let now = Instant::now();
        let (ours, theirs) = (Certificate::generate().expect("one"), Certificate::generate().expect("one"));
        let setup = |is_lite: bool, sends, fingerprint: &Certificate| PeerSetup {
            is_lite,
            is_dtls_active: !is_lite,
            local: credentials(if is_lite { "lite" } else { "full" }),
            remote: credentials(if is_lite { "full" } else { "lite" }),
            fingerprint: fingerprint.fingerprint().clone(),
            extensions: extensions.to_vec(),
            tracks: tracks(sends, &[]),
            gives_feedback: !sends,
            estimate: None,
            is_dtls12: true,
            is_encrypted,
            time_of_day: UNIX_EPOCH,
        };
        let lite = Peer::new(setup(true, lite_sends, &theirs), &ours, now).expect("a peer");
        let mut full = Peer::new(setup(false, !lite_sends, &ours), &theirs, now).expect("a peer");
        full.add_remote(address(SERVER), false);
        let (received, asked, way) = (Vec::new(), Vec::new(), VecDeque::new());
        Link {
            now,
            certificate: ours,
            lite,
            full,
            received,
            asked,
            estimates: Vec::new(),
            connected: 0,
            way,
            loses: Box::new(|_| false),
            sent: 0,
            log: None,
            spoil: None,
        }
    }

    /// One that is connected.
    fn connected(lite_sends: bool, extensions: &[(u8, Extension)]) -> Link {
        let mut link = Link::new(lite_sends, extensions);
        link.run(Duration::from_secs(1));
        assert_eq!(link.connected, 2);
        link
    }

    /// Both send five packets of each track, twenty milliseconds apart; all of them arrive.
    #[track_caller]
    fn check_media(&mut self, lite_sends: bool, from: u64) {
        for sequence in from..from + 5 {
            let now = self.now;
            self.sender(lite_sends).send(outgoing(0, sequence, now));
            self.sender(lite_sends).send(outgoing(1, sequence, now));
            self.sender(lite_sends).advance(now).expect("time passes");
            self.run(Duration::from_millis(20));
        }
        for track in [0, 1] {
            let of_track = self.received.iter().filter(|packet| packet.track == track && packet.sequence >= from);
            let seen: Vec<_> = of_track.map(|packet| packet.sequence).collect();
            assert_eq!(seen, (from..from + 5).collect::<Vec<_>>());
        }
    }

    /// A datagram of whoever knows the addresses.
    fn inject(&mut self, to_lite: bool, datagram: &[u8]) {
        let (from, peer) = if to_lite { (CLIENT, &mut self.lite) } else { (SERVER, &mut self.full) };
        peer.receive(self.now, address(from), false, datagram).expect("it does not end the session");
        self.drain(to_lite);
    }

    /// Lets that time pass.
    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            let wait = self.turn();
            self.now = wait.max(self.now + Duration::from_millis(1)).min(end);
            self.lite.advance(self.now).expect("time passes");
            self.full.advance(self.now).expect("time passes");
        }
        self.turn();
    }

    /// Lets datagrams pass until there are none.
    fn turn(&mut self) -> Instant {
        let mut wait = self.drain(true).min(self.drain(false));
        while let Some((from_lite, datagram)) = self.way.pop_front() {
            if let Some(mut spoil) = self.spoil.take() {
                spoil(&datagram).iter().for_each(|bad| self.inject(!from_lite, bad));
                self.spoil = Some(spoil);
            }
            self.sent += 1;
            if (self.loses)(self.sent) {
                continue;
            }
            let (from, other) = match from_lite {
                true => (SERVER, &mut self.full),
                false => (CLIENT, &mut self.lite),
            };
            if let Some(log) = &mut self.log {
                log.push((self.now, from_lite, datagram.clone()));
            }
            other.receive(self.now, address(from), false, &datagram).expect("it is taken");
            wait = self.drain(!from_lite).min(wait);
        }
        wait
    }

    fn drain(&mut self, is_lite: bool) -> Instant {
        self.try_drain(is_lite).expect("output")
    }

    /// Takes what a peer has to say.
    fn try_drain(&mut self, is_lite: bool) -> Result<Instant, PeerError> {
        let peer = if is_lite { &mut self.lite } else { &mut self.full };
        loop {
            match peer.poll()? {
                Output::Wait(at) => return Ok(at),
                Output::Datagram(datagram) => {
                    assert_eq!(datagram.to, address(if is_lite { CLIENT } else { SERVER }));
                    self.way.push_back((is_lite, datagram.to_vec()));
                }
                Output::Event(Event::Packet(packet)) => self.received.push(packet),
                Output::Event(Event::Connected) => self.connected += 1,
                Output::Event(Event::KeyFrameWanted(track)) => self.asked.push(track),
                Output::Event(Event::Estimate(rate)) => self.estimates.push(rate),
                Output::Event(_) => {}
            }
        }
    }

    fn sender(&mut self, lite_sends: bool) -> &mut Peer {
        if lite_sends { &mut self.lite } else { &mut self.full }
    }
}

fn outgoing(track: usize, sequence: u64, now: Instant) -> Outgoing {
    Outgoing {
        track,
        pt: if track == 0 { 102 } else { 111 },
        sequence,
        timestamp: (sequence * 3000) as u32,
        captured: now,
        marker: true,
        audio_level: (track == 1).then_some(0x80 | 30),
        orientation: None,
        payload: Arc::from(vec![sequence as u8; 1000]),
    }
}

const EXTENSIONS: &[(u8, Extension)] = &[(1, Extension::AudioLevel), (3, Extension::TransportCc), (4, Extension::Mid)];

/// Media goes from one to the other: all of it, also over a way that loses every tenth datagram.
fn check(lite_sends: bool, extensions: &[(u8, Extension)], lossy: bool) {
    let mut link = Link::new(lite_sends, extensions);
    link.run(Duration::from_secs(1));
    assert_eq!(link.connected, 2);
    if lossy {
        let mut random = fastrand::Rng::with_seed(6);
        link.loses = Box::new(move |_| random.u8(..) < 26);
    }
    for sequence in 1..=300 {
        let now = link.now;
        link.sender(lite_sends).send(outgoing(0, sequence, now));
        link.sender(lite_sends).send(outgoing(1, sequence, now));
        link.sender(lite_sends).advance(now).expect("time passes");
        if sequence == 290 {
            // A loss at the very end is known to nobody.
            link.loses = Box::new(|_| false);
        }
        link.run(Duration::from_millis(20));
    }
    link.run(Duration::from_secs(1));
    for track in [0, 1] {
        let mut seen: Vec<_> = link.received.iter().filter(|packet| packet.track == track).collect();
        seen.sort_by_key(|packet| packet.sequence);
        seen.dedup_by_key(|packet| packet.sequence);
        if !lossy || track == 0 {
            assert_eq!(seen.iter().map(|packet| packet.sequence).collect::<Vec<_>>(), (1..=300).collect::<Vec<_>>());
        }
        assert!(seen.iter().all(|packet| *packet.payload == vec![packet.sequence as u8; 1000]));
        assert!(seen.iter().all(|packet| packet.marker && packet.timestamp == (packet.sequence * 3000) as u32));
        let level = extensions.iter().any(|(_, extension)| *extension == Extension::AudioLevel) && track == 1;
        assert!(seen.iter().all(|packet| packet.audio_level == level.then_some(0x80 | 30)));
    }
}

#[test]
fn media_goes_both_ways() {
    check(true, EXTENSIONS, false);
    check(false, EXTENSIONS, false);
}

#[test]
fn sources_that_nothing_names_are_known_by_their_payload_type() {
    check(false, &[], false);
    check(true, &[], false);
}

#[test]
fn what_is_lost_is_sent_again() {
    check(true, EXTENSIONS, true);
    check(false, EXTENSIONS, true);
}

#[test]
fn a_key_frame_is_asked_for() {
    let mut link = Link::new(false, EXTENSIONS);
    link.run(Duration::from_secs(1));
    let now = link.now;
    link.full.send(outgoing(0, 1, now));
    link.full.advance(now).expect("time passes");
    link.run(Duration::from_millis(20));
    link.lite.ask_key(0, 0);
    link.lite.ask_key(7, 0);
    link.run(Duration::from_millis(20));
    assert_eq!(link.asked, [0]);
}

/// Players that do not tell how packets arrive say what they can take.
#[test]
fn what_a_player_says_it_can_take_is_heard() {
    let mut link = Link::connected(true, &[(4, Extension::Mid)]);
    link.check_media(true, 1);
    let mut direct = link.full.rtc.direct_api();
    direct.stream_rx_by_mid("0".into(), None).expect("pictures").request_remb(700_000.into());
    link.full.advance(link.now).expect("time passes");
    link.run(Duration::from_millis(20));
    // A float of 18 bits.
    assert!(matches!(link.estimates[..], [695_000..=700_000]), "{:?}", link.estimates);
}

#[test]
fn who_says_goodbye_is_heard() {
    let mut link = Link::new(false, EXTENSIONS);
    link.run(Duration::from_secs(1));
    link.full.close().expect("it closes");
    link.run(Duration::from_secs(1));
    assert!(!link.lite.is_alive());
    assert!(!link.full.is_alive());
}

#[test]
fn a_wrong_certificate_is_refused() {
    let mut link = Link::new(true, EXTENSIONS);
    let (now, stranger) = (link.now, Certificate::generate().expect("one"));
    let setup = PeerSetup {
        is_lite: false,
        is_dtls_active: true,
        local: credentials("full"),
        remote: credentials("lite"),
        fingerprint: link.certificate.fingerprint().clone(),
        extensions: Vec::new(),
        tracks: tracks(false, &[]),
        gives_feedback: false,
        estimate: None,
        is_dtls12: false,
        is_encrypted: true,
        time_of_day: UNIX_EPOCH,
    };
    link.full = Peer::new(setup, &stranger, now).expect("a peer");
    link.full.add_remote(address(SERVER), false);
    let mut ended = None;
    while ended.is_none() && link.now < now + Duration::from_secs(10) {
        link.now += Duration::from_millis(10);
        let mut moved = true;
        while moved && ended.is_none() {
            moved = false;
            let _ = (link.full.advance(link.now), link.lite.advance(link.now));
            while let Ok(Output::Datagram(datagram)) = link.full.poll() {
                moved = true;
                ended = ended.or(link.lite.receive(link.now, address(CLIENT), false, &datagram).err());
            }
            loop {
                match link.lite.poll() {
                    Ok(Output::Datagram(datagram)) => {
                        moved = true;
                        let _ = link.full.receive(link.now, address(SERVER), false, &datagram);
                    }
                    Ok(Output::Event(_)) => {}
                    Ok(Output::Wait(_)) => break,
                    Err(why) => {
                        ended = Some(why);
                        break;
                    }
                }
            }
        }
    }
    let why = ended.expect("it ends").to_string();
    assert!(why.contains("fingerprint"), "{why}");
    assert!(!link.lite.is_connected());
}

/// What one packet costs before it is sent: `cargo test --release -p weir-proto-rtc -- --ignored --nocapture cost`.
#[test]
#[ignore = "a measurement"]
fn cost_of_a_packet() {
    let mut link = Link::new(true, EXTENSIONS);
    link.run(Duration::from_secs(1));
    let payload: Arc<[u8]> = Arc::from(vec![7; 1100]);
    let (mut at, started, mut bytes) = (link.now, Instant::now(), 0);
    let packets = 300_000;
    for sequence in 1..=packets / 3 {
        at += Duration::from_millis(33);
        for part in 0..3 {
            let packet = Outgoing { payload: payload.clone(), ..outgoing(0, sequence * 3 + part, at) };
            link.lite.send(packet);
        }
        link.lite.advance(at).expect("time passes");
        while let Ok(Output::Datagram(datagram)) = link.lite.poll() {
            bytes += datagram.len();
        }
    }
    println!("{} ns for each packet, {bytes} bytes", started.elapsed().as_nanos() / u128::from(packets));
}
