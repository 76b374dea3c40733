//! A peer that is connected, and whatever comes to it.

use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant, UNIX_EPOCH};

use weir_base::ByteReader;
use weir_codec::Codec;

use crate::{
    Certificate, Credentials, Event, Extension, Format, Outgoing, Output, Peer, PeerSetup, Track, TrackDirection,
};

const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 8000);
const CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)), 5000);

/// Datagrams of who knows the addresses and no keys, each with its length in two bytes before it. The session goes on, and
/// media gets through.
pub fn rtc_peer(data: &[u8], now: Instant) {
    let mut pair = Pair::connected(now);
    let mut r = ByteReader::new(data);
    while let Ok(len) = r.u16() {
        let Ok(datagram) = r.take(usize::from(len).min(r.rest().len())) else { return };
        pair.lite.receive(pair.now, CLIENT, false, datagram).expect("a stranger ends nothing");
        pair.drain(true);
    }
    let packet = Outgoing {
        track: 0,
        pt: 102,
        sequence: 1,
        timestamp: 1,
        captured: pair.now,
        marker: true,
        audio_level: None,
        orientation: None,
        payload: data.get(..data.len().min(Peer::MAX_PAYLOAD)).unwrap_or_default().into(),
    };
    let payload = packet.payload.clone();
    pair.received = None;
    pair.full.send(packet);
    pair.step();
    assert_eq!(pair.received, Some(payload));
}

struct Pair {
    now: Instant,
    lite: Peer,
    full: Peer,
    received: Option<std::sync::Arc<[u8]>>,
}

impl Pair {
    fn connected(now: Instant) -> Pair {
        let [ours, theirs] = [(); 2].map(|()| Certificate::generate().expect("a certificate"));
        let lite = Peer::new(setup(true, &theirs), &ours, now).expect("a peer");
        let mut full = Peer::new(setup(false, &ours), &theirs, now).expect("a peer");
        full.add_remote(SERVER, false);
        let mut pair = Pair { now, lite, full, received: None };
        for _ in 0..200 {
            pair.step();
            if pair.lite.is_connected() && pair.full.is_connected() {
                break;
            }
        }
        assert!(pair.lite.is_connected() && pair.full.is_connected());
        pair
    }

    /// Ten milliseconds in which everything arrives.
    fn step(&mut self) {
        self.now += Duration::from_millis(10);
        self.lite.advance(self.now).expect("time passes");
        self.full.advance(self.now).expect("time passes");
        loop {
            let (to_client, to_server) = (self.drain(true), self.drain(false));
            if to_client.is_empty() && to_server.is_empty() {
                return;
            }
            for datagram in to_client {
                self.full.receive(self.now, SERVER, false, &datagram).expect("it is taken");
            }
            for datagram in to_server {
                self.lite.receive(self.now, CLIENT, false, &datagram).expect("it is taken");
                // Only the newest packet is kept.
                let answers = self.drain(true);
                for datagram in answers {
                    self.full.receive(self.now, SERVER, false, &datagram).expect("it is taken");
                }
            }
        }
    }

    fn drain(&mut self, is_lite: bool) -> Vec<Vec<u8>> {
        let peer = if is_lite { &mut self.lite } else { &mut self.full };
        let mut out = Vec::new();
        loop {
            match peer.poll().expect("output") {
                Output::Wait(_) => return out,
                Output::Datagram(datagram) => out.push(datagram.to_vec()),
                Output::Event(Event::Packet(packet)) => self.received = Some(packet.payload),
                Output::Event(_) => {}
            }
        }
    }
}

fn setup(is_lite: bool, other: &Certificate) -> PeerSetup {
    let agent = |name: &str| Credentials { ufrag: name.to_owned(), pwd: format!("{name}-password-of-22-characters") };
    let (local, remote) = if is_lite { ("lite", "full") } else { ("full", "lite") };
    let parameters = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f".to_owned();
    let direction = if is_lite {
        TrackDirection::Receive { ssrcs: Vec::new(), rids: Vec::new() }
    } else {
        TrackDirection::Send { rid: None, ssrc: 1, rtx: Some(100) }
    };
    PeerSetup {
        is_lite,
        is_dtls_active: !is_lite,
        local: agent(local),
        remote: agent(remote),
        fingerprint: other.fingerprint().clone(),
        extensions: vec![(3, Extension::TransportCc), (4, Extension::Mid)],
        tracks: vec![Track {
            mid: "0".to_owned(),
            is_video: true,
            formats: vec![Format {
                pt: 102,
                rtx: Some(103),
                codec: Codec::H264,
                clock_rate: 90_000,
                channels: None,
                parameters,
            }],
            direction,
        }],
        gives_feedback: is_lite,
        estimate: None,
        is_dtls12: true,
        is_encrypted: true,
        time_of_day: UNIX_EPOCH,
    }
}
