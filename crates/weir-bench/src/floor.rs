//! `weir-bench floor`: the cheapest server there can be. It greets each client, then writes the same bytes to every
//! socket at a cadence. What it costs is what the machine asks for; a real server can only cost more.

mod srtp;

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args as ClapArgs;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use weir_flv::tag::TagKind;
use weir_flv::{file_header, previous_tag_size, write_tag_header};
use weir_proto_rtmp::ServerSession;
use weir_proto_rtmp::chunk::write::write_media;
use weir_proto_rtmp::message::{self};
use weir_proto_rtmp::server::{ConnectReply, Event, ServerConfig};

use crate::media::{Media, Message, mark, mark_range};
use crate::packets;
use crate::swarm::clock_nanos;

/// As SRS's default, and weir's.
const CHUNK_SIZE: u32 = 60_000;
/// A client that leaves so much unread is dropped.
const MAX_UNREAD: usize = 4 << 20;
const LISTENER: Token = Token(usize::MAX);

/// Serves the built-in stream under any name, by RTMP and HTTP-FLV on one port, for the price of the system calls
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:1935")]
    listen: SocketAddr,
    /// Milliseconds of the stream in one write; 0 writes each frame at once
    #[arg(long, default_value_t = 0)]
    merge: u64,
    /// Serves players and publishers of srtp://HOST:PORT instead: AES-128-GCM and the system calls, without a handshake
    #[arg(long)]
    srtp: bool,
    #[command(flatten)]
    shape: packets::Shape,
}

/// Serves until it is killed.
pub(crate) fn run(args: &Args) -> Result<()> {
    if args.srtp {
        return srtp::serve(args.listen, args.shape);
    }
    let mut listener = TcpListener::bind(args.listen).with_context(|| format!("cannot listen on {}", args.listen))?;
    let poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    Floor::new(listener, poll, Duration::from_millis(args.merge)).run()
}

/// How a guest wants the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Rtmp,
    Flv,
}

#[derive(Debug)]
enum Talk {
    /// Nothing has come yet.
    New,
    Rtmp(Box<ServerSession>),
    /// An HTTP request, as far as it came.
    Flv(Vec<u8>),
    Playing(Shape),
}

#[derive(Debug)]
struct Guest {
    socket: TcpStream,
    talk: Talk,
    /// What the socket did not take.
    unsent: Vec<u8>,
}

struct Floor {
    listener: TcpListener,
    poll: Poll,
    merge: Duration,
    media: Media,
    began: Instant,
    next_frame: usize,
    guests: Vec<Option<Guest>>,
    free: Vec<usize>,
}

impl Floor {
    fn new(listener: TcpListener, poll: Poll, merge: Duration) -> Self {
        Self {
            listener,
            poll,
            merge,
            media: Media::synthetic(),
            began: Instant::now(),
            next_frame: 0,
            guests: Vec::new(),
            free: Vec::new(),
        }
    }

    fn run(mut self) -> Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut next = self.began;
        loop {
            match self.poll.poll(&mut events, Some(next.saturating_duration_since(Instant::now()))) {
                Err(e) if e.kind() != io::ErrorKind::Interrupted => return Err(e).context("epoll failed"),
                _ => {}
            }
            for event in &events {
                match event.token() {
                    LISTENER => self.accept(),
                    Token(index) => self.ready(index),
                }
            }
            let now = Instant::now();
            if now >= next {
                next = self.send_due(now);
            }
        }
    }

    fn accept(&mut self) {
        while let Ok((mut socket, _)) = self.listener.accept() {
            let index = self.free.pop().unwrap_or(self.guests.len());
            let _ = socket.set_nodelay(true);
            if self.poll.registry().register(&mut socket, Token(index), Interest::READABLE).is_err() {
                self.free.push(index);
                continue;
            }
            if index >= self.guests.len() {
                self.guests.resize_with(index + 1, || None);
            }
            if let Some(place) = self.guests.get_mut(index) {
                *place = Some(Guest { socket, talk: Talk::New, unsent: Vec::new() });
            }
        }
    }

    fn ready(&mut self, index: usize) {
        let Some(Some(guest)) = self.guests.get_mut(index) else { return };
        if guest.read(&self.media).is_err() {
            self.part(index);
        }
    }

    fn part(&mut self, index: usize) {
        if let Some(place) = self.guests.get_mut(index)
            && place.take().is_some()
        {
            self.free.push(index);
        }
    }

    /// Writes the frames that are due to everybody; returns when to come again.
    fn send_due(&mut self, now: Instant) -> Instant {
        let (mut rtmp, mut flv) = (Vec::new(), Vec::new());
        let mut next = now;
        while let Some((frame, due)) = self.media.frame(self.next_frame) {
            if self.began + due > now {
                next = self.began + due;
                break;
            }
            // A frame that was merged with later ones has waited since it was due.
            let waited = if self.merge.is_zero() { Duration::ZERO } else { now.duration_since(self.began + due) };
            let sent_at = clock_nanos().saturating_sub(u64::try_from(waited.as_nanos()).unwrap_or(0));
            let frame = marked(frame, sent_at);
            append(&mut rtmp, Shape::Rtmp, &frame, due);
            append(&mut flv, Shape::Flv, &frame, due);
            self.next_frame += 1;
        }
        for index in 0..self.guests.len() {
            let Some(Some(guest)) = self.guests.get_mut(index) else { continue };
            let sent = match guest.talk {
                Talk::Playing(Shape::Rtmp) => guest.send(&rtmp),
                Talk::Playing(Shape::Flv) => guest.send(&flv),
                _ => Ok(()),
            };
            if sent.is_err() {
                self.part(index);
            }
        }
        next.max(now + self.merge)
    }
}

impl Guest {
    fn read(&mut self, media: &Media) -> io::Result<()> {
        let mut buffer = [0; 8192];
        loop {
            match self.socket.read(&mut buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => self.handle_input(buffer.get(..n).unwrap_or_default(), media)?,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(e) => return Err(e),
            }
        }
    }

    fn handle_input(&mut self, bytes: &[u8], media: &Media) -> io::Result<()> {
        if let Talk::New = self.talk {
            // RTMP opens with its version, which is no letter.
            self.talk = match bytes.first() {
                Some(b'A'..=b'Z') => Talk::Flv(Vec::new()),
                _ => {
                    let config = ServerConfig { seed: fastrand::u64(..), ..ServerConfig::default() };
                    Talk::Rtmp(Box::new(ServerSession::new(config, Instant::now())))
                }
            };
        }
        let mut out = Vec::new();
        let shape = match &mut self.talk {
            Talk::Rtmp(session) => greet_rtmp(session, bytes, &mut out)?.then_some(Shape::Rtmp),
            Talk::Flv(request) => greet_flv(request, bytes, &mut out)?.then_some(Shape::Flv),
            Talk::New | Talk::Playing(_) => None,
        };
        if let Some(shape) = shape {
            self.talk = Talk::Playing(shape);
            for head in &media.heads {
                append(&mut out, shape, head, Duration::ZERO);
            }
        }
        self.send(&out)
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.unsent.is_empty() {
            self.unsent.extend_from_slice(bytes);
            let unsent = std::mem::take(&mut self.unsent);
            return self.write(&unsent);
        }
        self.write(bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let taken = match self.socket.write(bytes) {
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => 0,
            Err(e) => return Err(e),
        };
        self.unsent.extend_from_slice(bytes.get(taken..).unwrap_or_default());
        if self.unsent.len() > MAX_UNREAD { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }
}

/// Says yes to everything; true when the client wants to play.
fn greet_rtmp(session: &mut ServerSession, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<bool> {
    let mut plays = false;
    session.handle_input(Instant::now(), bytes).map_err(io::Error::other)?;
    while let Some(event) = session.poll_event() {
        let done = match event {
            Event::Connect(_) => session.accept_connect(&reply()),
            Event::Play { .. } => {
                plays = true;
                session.accept_play()
            }
            Event::Publish { .. } => {
                session.refuse_publish("NetStream.Publish.BadName", "the floor has its own stream");
                Ok(())
            }
            _ => Ok(()),
        };
        done.map_err(io::Error::other)?;
    }
    while let Some(bytes) = session.poll_output() {
        out.extend_from_slice(&bytes);
    }
    Ok(plays)
}

fn reply() -> ConnectReply {
    ConnectReply {
        window_ack: 2_500_000,
        in_ack_size: 0,
        peer_bandwidth: 2_500_000,
        chunk_size: CHUNK_SIZE,
        server_ip: String::new(),
        pid: std::process::id(),
        id: String::new(),
    }
}

fn greet_flv(request: &mut Vec<u8>, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<bool> {
    request.extend_from_slice(bytes);
    if request.len() > 8192 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let whole = request.ends_with(b"\r\n\r\n");
    if whole {
        out.extend_from_slice(b"HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\nConnection: close\r\n\r\n");
        out.extend_from_slice(&file_header(true, true));
    }
    Ok(whole)
}

fn marked(frame: &Message, sent_at: u64) -> Message {
    let mut body = frame.body.to_vec();
    if let Some(place) = mark_range(frame.kind, body.len()).and_then(|range| body.get_mut(range)) {
        place.copy_from_slice(&mark(sent_at));
    }
    Message { body: body.into(), ..frame.clone() }
}

fn append(out: &mut Vec<u8>, shape: Shape, message: &Message, due: Duration) {
    let timestamp = due.as_millis() as u32;
    let body = if message.kind == TagKind::Script { message::script(&message.body) } else { message.body.clone() };
    match (shape, TagKind::from_type(message.kind as u8)) {
        (Shape::Rtmp, _) => write_media(out, message.kind, timestamp, &body, CHUNK_SIZE),
        (Shape::Flv, Some(kind)) => {
            write_tag_header(out, kind, timestamp, body.len());
            out.extend_from_slice(&body);
            out.extend_from_slice(&previous_tag_size(body.len()));
        }
        (Shape::Flv, None) => {}
    }
}

#[cfg(test)]
mod tests;
