//! [`RtcClient`]: one publisher or player of WebRTC, or of the floor that has nothing but SRTP.

mod bare;
mod link;
mod webrtc;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::event::Source;
use weir_proto_rtc::Role;

use super::exchange::{self, Exchange};
use super::hls::resolve;
use super::tally::Tally;
use crate::packets::{Packets, Place, marked};
use crate::swarm::clock_nanos;
use crate::target::{Kind, Target};
use bare::Bare;
pub(crate) use bare::{HELLO, Hello, header, read_header, roll};
use link::Link;
use webrtc::{Asking, Webrtc};

/// The end of a session is told by HTTP, for so long at most.
const DELETE_LIMIT: Duration = Duration::from_secs(1);

/// A client.
#[derive(Debug)]
pub(super) struct RtcClient {
    target: Target,
    stage: Stage,
    sending: Option<Box<Sending>>,
    tally: Tally,
    /// Bytes since the last [`RtcClient::take_bytes`]: received by a player, sent by a publisher.
    bytes: u64,
    is_connected: bool,
    /// Where the session may be deleted.
    location: Option<String>,
    /// When to be called next, and for when that was asked for.
    next: Option<Instant>,
    armed: Option<Instant>,
}

#[derive(Debug)]
enum Stage {
    /// The offer waits for its answer.
    Asking(Box<Asking>, Exchange),
    Talking(Voice, Link),
}

/// What is spoken.
#[derive(Debug)]
enum Voice {
    Webrtc(Box<Webrtc>),
    Bare(Box<Bare>),
}

/// What a publisher sends.
#[derive(Debug)]
pub(super) struct Sending {
    packets: Arc<Packets>,
    is_marked: bool,
    place: Place,
    /// Time 0 of the stream.
    from: Option<Instant>,
    wants_key: bool,
    /// The last sequence number of sound, and of each layer of pictures.
    sound: u64,
    pictures: Vec<u64>,
}

/// What comes of a datagram.
struct Ear<'e> {
    tally: &'e mut Tally,
    is_connected: &'e mut bool,
    wants_key: bool,
    on_mark: &'e mut dyn FnMut(u64),
}

/// One packet to send.
struct Word {
    is_video: bool,
    layer: usize,
    sequence: u64,
    timestamp: u32,
    marker: bool,
    payload: Arc<[u8]>,
}

impl RtcClient {
    /// A client, and what it asks by HTTP; the floor of SRTP is asked nothing.
    pub(super) fn new(
        target: &Target,
        sending: Option<(Arc<Packets>, bool)>,
        now: Instant,
    ) -> Result<(Self, Option<String>), String> {
        let role = if sending.is_some() { Role::Publish } else { Role::Play };
        let (stage, request) = match &target.kind {
            Kind::Rtc { host, path, .. } => {
                let layers = sending.as_ref().map_or(1, |(packets, _)| packets.layer_count());
                let (asking, offer) = Asking::new(role, layers)?;
                (
                    Stage::Asking(Box::new(asking), Exchange::default()),
                    Some(exchange::request("POST", host, path, &offer)),
                )
            }
            _ => {
                let link = Link::udp(target.address).map_err(|e| e.to_string())?;
                (Stage::Talking(Voice::Bare(Box::new(Bare::new(role, target.address)?)), link), None)
            }
        };
        let sending = sending.map(|(packets, is_marked)| {
            let (place, pictures) = (Place::default(), vec![0; packets.layer_count()]);
            Box::new(Sending { packets, is_marked, place, from: None, wants_key: false, sound: 0, pictures })
        });
        let client = Self {
            target: target.clone(),
            stage,
            sending,
            tally: Tally::default(),
            bytes: 0,
            is_connected: false,
            location: None,
            next: Some(now),
            armed: None,
        };
        Ok((client, request))
    }

    /// It waits for its answer.
    pub(super) fn is_asking(&self) -> bool {
        matches!(self.stage, Stage::Asking(..))
    }

    /// Media can flow.
    pub(super) fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// Media flows.
    pub(super) fn has_begun(&self) -> bool {
        if self.sending.is_some() { self.is_connected } else { self.tally.packets() > 0 }
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(super) fn open_window(&mut self) {
        self.tally.open_window();
    }

    /// Bytes since the last call.
    pub(super) fn take_bytes(&mut self) -> u64 {
        std::mem::take(&mut self.bytes)
    }

    /// What is to be watched, once it talks.
    pub(super) fn source(&mut self) -> Option<&mut dyn Source> {
        match &mut self.stage {
            Stage::Asking(..) => None,
            Stage::Talking(_, link) => Some(link.source()),
        }
    }

    /// Eats bytes of the response; true when it can talk from now on.
    pub(super) fn answered(&mut self, now: Instant, bytes: &[u8]) -> Result<bool, String> {
        let Stage::Asking(asking, exchange) = &mut self.stage else { return Ok(false) };
        let Some(response) = exchange.handle_input(bytes)? else { return Ok(false) };
        let Kind::Rtc { path, is_tcp, .. } = &self.target.kind else { return Ok(false) };
        if !matches!(response.status, 200 | 201) {
            return Err(format!("status {}", response.status));
        }
        self.location = response.location.map(|location| resolve(path, &location));
        let (webrtc, link) = asking.answered(&response.body, self.target.address, *is_tcp, now)?;
        self.stage = Stage::Talking(Voice::Webrtc(Box::new(webrtc)), link);
        self.next = Some(now);
        Ok(true)
    }

    /// Reads what has come.
    pub(super) fn read(&mut self, now: Instant, buffer: &mut [u8], on_mark: &mut dyn FnMut(u64)) -> Result<(), String> {
        let Stage::Talking(voice, link) = &mut self.stage else { return Ok(()) };
        let (tally, is_connected) = (&mut self.tally, &mut self.is_connected);
        let mut ear = Ear { tally, is_connected, wants_key: false, on_mark };
        let (mut received, mut failed) = (0, Ok(()));
        while link.receive(buffer, |from, is_tcp, bytes| {
            received += bytes.len() as u64;
            if failed.is_ok() {
                failed = voice.receive(now, from, is_tcp, bytes, &mut ear);
            }
        })? {}
        failed?;
        let (wait, sent) = voice.drain(now, link, &mut ear)?;
        match &mut self.sending {
            Some(sending) => {
                self.bytes += sent;
                sending.wants_key |= ear.wants_key;
            }
            None => self.bytes += received,
        }
        self.next = Some(wait);
        self.plan();
        Ok(())
    }

    /// Sends what is due. Does nothing when it was called for a time that no longer counts.
    pub(super) fn turn(&mut self, now: Instant) -> Result<(), String> {
        if self.armed.is_some_and(|at| at > now) {
            return Ok(());
        }
        self.armed = None;
        let Stage::Talking(voice, link) = &mut self.stage else { return Ok(()) };
        if let Some(sending) = self.sending.as_mut().filter(|_| self.is_connected) {
            sending.send_due(now, |word| {
                self.tally.sent(word.is_video);
                voice.send(word, now, link);
            });
        }
        voice.advance(now, link)?;
        let (tally, is_connected) = (&mut self.tally, &mut self.is_connected);
        let mut ear = Ear { tally, is_connected, wants_key: false, on_mark: &mut |_| {} };
        let (wait, sent) = voice.drain(now, link, &mut ear)?;
        if let Some(sending) = &mut self.sending {
            self.bytes += sent;
            sending.wants_key |= ear.wants_key;
        }
        self.next = Some(wait);
        self.plan();
        Ok(())
    }

    /// When [`RtcClient::turn`] is to be called, if that was not asked for yet.
    pub(super) fn wants_waking(&mut self) -> Option<Instant> {
        let at = self.next.filter(|at| self.armed.is_none_or(|armed| *at < armed))?;
        self.armed = Some(at);
        Some(at)
    }

    /// Says goodbye, by the media's way and by HTTP.
    pub(super) fn leave(&mut self) {
        if let Stage::Talking(Voice::Webrtc(webrtc), link) = &mut self.stage {
            webrtc.close(link);
        }
        if let (Some(location), Kind::Rtc { host, .. }) = (self.location.take(), &self.target.kind) {
            // A courtesy: the server ends the session by itself soon.
            let _ = delete(self.target.address, &exchange::request("DELETE", host, &location, ""));
        }
    }

    /// A publisher's next burst may come first.
    fn plan(&mut self) {
        if let Some(sending) = self.sending.as_ref().filter(|_| self.is_connected) {
            // A stream that has not begun begins now.
            let due = sending.from.map(|from| from + sending.packets.due(&sending.place));
            self.next = match (self.next, due) {
                (Some(next), Some(due)) => Some(next.min(due)),
                (Some(_), None) => Some(Instant::now()),
                (None, due) => due,
            };
        }
    }
}

impl Sending {
    fn send_due(&mut self, now: Instant, mut send: impl FnMut(Word)) {
        let from = *self.from.get_or_insert(now);
        while from + self.packets.due(&self.place) <= now {
            let burst = self.packets.step(&mut self.place, &mut self.wants_key);
            let last = if burst.is_video { &mut self.pictures[..] } else { std::slice::from_mut(&mut self.sound) };
            for (layer, (payloads, sequence)) in burst.layers().zip(last).enumerate() {
                for (i, payload) in payloads.iter().enumerate() {
                    *sequence += 1;
                    let payload = if self.is_marked { marked(payload, clock_nanos()) } else { Arc::clone(payload) };
                    send(Word {
                        is_video: burst.is_video,
                        layer,
                        sequence: *sequence,
                        timestamp: burst.timestamp,
                        marker: i + 1 == payloads.len(),
                        payload,
                    });
                }
            }
        }
    }
}

impl Voice {
    fn receive(
        &mut self,
        now: Instant,
        from: SocketAddr,
        is_tcp: bool,
        bytes: &mut [u8],
        ear: &mut Ear<'_>,
    ) -> Result<(), String> {
        match self {
            Voice::Webrtc(webrtc) => webrtc.receive(now, from, is_tcp, bytes, ear),
            Voice::Bare(bare) => {
                bare.receive(now, bytes, ear);
                Ok(())
            }
        }
    }

    fn send(&mut self, word: Word, now: Instant, link: &mut Link) {
        match self {
            Voice::Webrtc(webrtc) => webrtc.send(word, now),
            Voice::Bare(bare) => bare.send(&word, link),
        }
    }

    fn advance(&mut self, now: Instant, link: &mut Link) -> Result<(), String> {
        match self {
            Voice::Webrtc(webrtc) => webrtc.advance(now),
            Voice::Bare(bare) => {
                bare.advance(now, link);
                Ok(())
            }
        }
    }

    /// Sends what there is; yields when to come again, and the bytes that left.
    fn drain(&mut self, now: Instant, link: &mut Link, ear: &mut Ear<'_>) -> Result<(Instant, u64), String> {
        let wait = match self {
            Voice::Webrtc(webrtc) => webrtc.drain(now, link, ear)?,
            Voice::Bare(bare) => bare.wait(),
        };
        Ok((wait, link.flush().map_err(|e| e.to_string())?))
    }
}

fn delete(address: SocketAddr, request: &str) -> io::Result<()> {
    let mut socket = TcpStream::connect_timeout(&address, DELETE_LIMIT)?;
    socket.set_read_timeout(Some(DELETE_LIMIT))?;
    socket.write_all(request.as_bytes())?;
    socket.read(&mut [0; 1024]).map(drop)
}
