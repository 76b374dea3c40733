//! [`Webrtc`]: a client of WHIP or WHEP, from its offer to its goodbye.

use std::net::{IpAddr, SocketAddr};
use std::sync::OnceLock;
use std::time::Instant;

use weir_codec::Codec;
use weir_proto_rtc::{
    Ask, AskParts, Asked, Candidate, Certificate, Credentials, Datagram, Event, MediaKind, Outgoing, Output, Peer,
    Plan, Role, Setup, Transport,
};

use super::link::Link;
use super::{Ear, Word};
use crate::packets::read_mark;

/// What players take.
const PLAYED: [Codec; 5] = [Codec::H264, Codec::H265, Codec::Vp8, Codec::Vp9, Codec::Av1];

/// Names of layers, the smallest first, as browsers' pages have them.
const LAYERS: [&str; 3] = ["q", "h", "f"];

/// An offer on its way.
#[derive(Debug)]
pub(super) struct Asking {
    asked: Asked,
    own: Credentials,
}

/// A session.
#[derive(Debug)]
pub(super) struct Webrtc {
    peer: Peer,
    tracks: Vec<Track>,
    /// What is to be sent.
    out: Vec<Datagram>,
}

#[derive(Clone, Copy, Debug)]
struct Track {
    is_video: bool,
    /// Its place among the layers that are sent of one track.
    layer: usize,
    pt: u8,
    clock: u32,
}

impl Asking {
    /// Makes an offer; that of a publisher has so many layers of its pictures.
    pub(super) fn new(role: Role, layers: usize) -> Result<(Self, String), String> {
        let own = Credentials { ufrag: word(8), pwd: word(24) };
        let fingerprint = certificate()?.fingerprint().digest.as_slice();
        let parts = AskParts {
            ice_ufrag: &own.ufrag,
            ice_pwd: &own.pwd,
            fingerprint: fingerprint.try_into().map_err(|_| "a fingerprint that is no SHA-256")?,
            candidates: &[],
            setup: Setup::Actpass,
        };
        let video: &[Codec] = if role == Role::Publish { &[Codec::H264] } else { &PLAYED };
        let layers = if layers > 1 { LAYERS.get(..layers).unwrap_or(&LAYERS) } else { &[] };
        let ask = Ask { role, audio: &[Codec::Opus], video, videos: 1, layers };
        let asked = ask.offer(&parts, &mut || fastrand::u32(..));
        let text = asked.text();
        Ok((Self { asked, own }, text))
    }

    /// Reads the answer. Candidates of another family than the address of the server are passed over.
    pub(super) fn answered(
        &self,
        answer: &str,
        server: SocketAddr,
        is_tcp: bool,
        now: Instant,
    ) -> Result<(Webrtc, Link), String> {
        let plan = self.asked.read_answer(answer).map_err(|e| e.to_string())?;
        let wanted = if is_tcp { Transport::Tcp } else { Transport::Udp };
        let address = |candidate: &Candidate| {
            let ip: IpAddr = candidate.address.parse().ok()?;
            (candidate.transport == wanted && ip.is_ipv4() == server.is_ipv4())
                .then_some(SocketAddr::new(ip, candidate.port))
        };
        let mut addresses = plan.remote.candidates.iter().filter_map(address).peekable();
        let first = *addresses.peek().ok_or("the answer has no candidate that can be reached")?;
        let mut peer =
            Peer::new(plan.peer_setup(self.own.clone(), false), certificate()?, now).map_err(|e| e.to_string())?;
        let link = if is_tcp {
            peer.add_remote(first, true);
            Link::tcp(first)
        } else {
            addresses.for_each(|address| peer.add_remote(address, false));
            Link::udp(first)
        };
        Ok((Webrtc { peer, tracks: tracks(&plan), out: Vec::new() }, link.map_err(|e| e.to_string())?))
    }
}

impl Webrtc {
    /// What comes of a datagram is told at once: only the newest packet of media is kept.
    pub(super) fn receive(
        &mut self,
        now: Instant,
        from: SocketAddr,
        is_tcp: bool,
        bytes: &[u8],
        ear: &mut Ear<'_>,
    ) -> Result<(), String> {
        self.peer.receive(now, from, is_tcp, bytes).map_err(|e| e.to_string())?;
        self.poll(now, ear).map(drop)
    }

    pub(super) fn send(&mut self, word: Word, now: Instant) {
        let is_its = |track: &Track| track.is_video == word.is_video && track.layer == word.layer;
        let found = self.tracks.iter().position(is_its);
        let Some((track, pt)) = found.and_then(|track| Some((track, self.tracks.get(track)?.pt))) else { return };
        self.peer.send(Outgoing {
            track,
            pt,
            sequence: word.sequence,
            timestamp: word.timestamp,
            captured: now,
            marker: word.marker,
            audio_level: None,
            orientation: None,
            payload: word.payload,
        });
    }

    pub(super) fn advance(&mut self, now: Instant) -> Result<(), String> {
        self.peer.advance(now).map_err(|e| e.to_string())
    }

    /// Takes what there is to send and to know; yields when to come again.
    pub(super) fn drain(&mut self, now: Instant, link: &mut Link, ear: &mut Ear<'_>) -> Result<Instant, String> {
        let wait = self.poll(now, ear)?;
        self.out.drain(..).for_each(|datagram| link.push(datagram.to, &datagram));
        Ok(wait)
    }

    fn poll(&mut self, now: Instant, ear: &mut Ear<'_>) -> Result<Instant, String> {
        loop {
            match self.peer.poll().map_err(|e| e.to_string())? {
                Output::Wait(at) if self.peer.is_alive() => return Ok(at),
                Output::Wait(_) | Output::Event(Event::Closed) => return Err("ended by the server".to_owned()),
                Output::Datagram(datagram) => self.out.push(datagram),
                Output::Event(event) => self.told(&event, now, ear),
            }
        }
    }

    pub(super) fn close(&mut self, link: &mut Link) {
        if self.peer.close().is_err() {
            return;
        }
        while let Ok(Output::Datagram(datagram)) = self.peer.poll() {
            link.push(datagram.to, &datagram);
        }
        // What the server misses of it, it learns by HTTP.
        let _ = link.flush();
    }

    fn told(&self, event: &Event, now: Instant, ear: &mut Ear<'_>) {
        match event {
            Event::Connected => *ear.is_connected = true,
            Event::KeyFrameWanted(_) => ear.wants_key = true,
            Event::Packet(packet) => {
                let Some(track) = self.tracks.get(packet.track) else { return };
                ear.tally.packet(track.is_video, packet.sequence, packet.timestamp, track.clock, now);
                if let Some(sent_at) = read_mark(&packet.payload) {
                    (ear.on_mark)(sent_at);
                }
            }
            Event::Closed | Event::Estimate(_) => {}
        }
    }
}

/// As the peer has them.
fn tracks(plan: &Plan) -> Vec<Track> {
    let tracks = |media: &weir_proto_rtc::MediaPlan| {
        let format = media.formats.first().map(|agreed| &agreed.format);
        let (is_video, pt) = (media.kind == MediaKind::Video, format.map_or(0, |format| format.pt));
        let clock = format.map_or(90_000, |format| format.clock_rate);
        (0..media.tracks().len()).map(|layer| Track { is_video, layer, pt, clock }).collect::<Vec<_>>()
    };
    plan.media().flat_map(tracks).collect()
}

/// All clients show the same one.
fn certificate() -> Result<&'static Certificate, String> {
    static CERTIFICATE: OnceLock<Result<Certificate, String>> = OnceLock::new();
    CERTIFICATE.get_or_init(|| Certificate::generate().map_err(|e| e.to_string())).as_ref().map_err(Clone::clone)
}

fn word(len: usize) -> String {
    (0..len).map(|_| fastrand::alphanumeric()).collect()
}
