//! One connection, from the first byte to the last.

use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::event::Source;
use mio::net::TcpStream;
use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, recv};
use weir_proto_rtmp::ClientSession;
use weir_proto_rtmp::chunk::write::write_media;
use weir_proto_rtmp::client::{ClientConfig, Event, Goal};

use super::hls::HlsPlayer;
use super::player::{HttpPlayer, Player};
use super::rtc::RtcClient;
use super::tally::Tally;
use super::{Job, clock_nanos};
use crate::media::{Message, mark, mark_range};
use crate::target::{Kind, Target};

/// Chunks of publishers, as encoders for live use set them.
const CHUNK_SIZE: u32 = 60_000;
/// What a publisher keeps for a server that does not read; then it gives up.
const MAX_PENDING: usize = 4 << 20;

/// What becomes of a client after it was woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Same,
    /// It may publish: [`Client::send_due`] is to be called.
    Publish,
    /// It has to be woken then: [`Client::send_due`].
    Wake(Instant),
    /// It has another [`Client::source`], and is to be woken at once.
    Listen,
    /// From now on its bytes are dropped: [`Client::drop_bytes`].
    Drop,
}

#[derive(Debug)]
pub(super) struct Client {
    job: Job,
    socket: Option<TcpStream>,
    talk: Talk,
    pending: Vec<u8>,
    started: Instant,
    last_byte: Instant,
    stalled: bool,
    /// Received by a player, sent by a publisher.
    pub(super) bytes: u64,
    at_open: u64,
    steady: bool,
    leave_at: Option<Instant>,
    pub(super) left: u32,
    pub(super) stalls: u32,
    /// Seconds from start to connection.
    pub(super) connected: Option<f64>,
    /// Seconds from start to the first frame, or until publishing was allowed.
    pub(super) first: Option<f64>,
    /// Why it is over.
    pub(super) lost: Option<String>,
}

#[derive(Debug)]
enum Talk {
    /// Not started, or over.
    Idle,
    Player(Player),
    Dropping,
    Publisher {
        session: Box<ClientSession>,
        /// Time 0 of the stream, once it may publish.
        from: Option<Instant>,
        next_frame: usize,
    },
    Rtc(Box<RtcClient>),
}

impl Client {
    pub(super) fn new(job: Job, now: Instant) -> Self {
        Self {
            job,
            socket: None,
            talk: Talk::Idle,
            pending: Vec::new(),
            started: now,
            last_byte: now,
            stalled: false,
            bytes: 0,
            at_open: 0,
            steady: false,
            leave_at: None,
            left: 0,
            stalls: 0,
            connected: None,
            first: None,
            lost: None,
        }
    }

    pub(super) fn start(&mut self, now: Instant, register: impl FnOnce(&mut dyn Source) -> io::Result<()>) {
        self.started = now;
        self.last_byte = now;
        let (Job::Play { target, .. } | Job::Push { target, .. } | Job::Send { target, .. }) = &self.job;
        let target = target.clone();
        if let Kind::Rtc { .. } | Kind::Srtp = target.kind {
            let sending = match &self.job {
                Job::Send { packets, marked, .. } => Some((Arc::clone(packets), *marked)),
                _ => None,
            };
            let request = match RtcClient::new(&target, sending, now) {
                Ok((rtc, request)) => {
                    self.talk = Talk::Rtc(Box::new(rtc));
                    request
                }
                Err(why) => return self.lose(&why),
            };
            let Some(request) = request else {
                let source = self.source().map_or(Ok(()), register);
                return source.unwrap_or_else(|e| self.lose(&e.to_string()));
            };
            self.pending.extend_from_slice(request.as_bytes());
        }
        let socket = TcpStream::connect(target.address).and_then(|mut socket| {
            register(&mut socket)?;
            Ok(socket)
        });
        match socket {
            Ok(socket) => self.socket = Some(socket),
            Err(e) => return self.lose(&format!("connect: {e}")),
        }
        if let Talk::Rtc(_) = self.talk {
            return;
        }
        self.talk = match (&self.job, &target.kind) {
            (Job::Play { .. }, Kind::Http { host, path }) if has_extension(path, ".m3u8") => {
                Talk::Player(Player::Hls(Box::new(HlsPlayer::new(host, path))))
            }
            (Job::Play { .. }, Kind::Http { host, path }) => {
                let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: weir-bench\r\n\r\n");
                self.pending.extend_from_slice(request.as_bytes());
                Talk::Player(Player::Http(Box::new(HttpPlayer::new(has_extension(path, ".flv")))))
            }
            (Job::Play { .. }, _) => Talk::Player(Player::Rtmp(session(&target, Goal::Play, now))),
            (Job::Push { .. } | Job::Send { .. }, _) => {
                Talk::Publisher { session: session(&target, Goal::Publish, now), from: None, next_frame: 0 }
            }
        };
    }

    /// It is one of those that measure the delay.
    pub(super) fn reads_marks(&self) -> bool {
        matches!(self.job, Job::Play { parse: true, .. })
    }

    /// Something may be read or written.
    pub(super) fn ready(
        &mut self,
        now: Instant,
        closed: bool,
        buffer: &mut [u8],
        on_mark: &mut impl FnMut(u64),
    ) -> Next {
        if let Talk::Rtc(rtc) = &mut self.talk {
            if rtc.is_asking() {
                return self.ask(now, buffer);
            }
            let done = rtc.read(now, buffer, on_mark);
            return self.moved_on(now, done);
        }
        if self.connected.is_none() {
            if !self.finish_connecting() {
                return Next::Same;
            }
            self.connected = Some(now.saturating_duration_since(self.started).as_secs_f64());
        }
        let mut next = Next::Same;
        while let Some(n) = self.receive(buffer, MsgFlags::empty()) {
            let input = buffer.get(..n).unwrap_or_default();
            match self.handle_input(now, input, on_mark) {
                Ok(Next::Same) => {}
                Ok(changed) => next = changed,
                Err(why) => {
                    self.lose(&why);
                    return Next::Same;
                }
            }
            // A full buffer may hide more; a closed connection tells its end only to who reads on.
            if n < buffer.len() && !closed {
                break;
            }
        }
        self.take_output();
        self.flush();
        match (&self.talk, next) {
            (Talk::Player(Player::Hls(player)), Next::Same) => player.wake_at().map_or(next, Next::Wake),
            _ => next,
        }
    }

    /// Empties the socket without looking at what comes.
    pub(super) fn drop_bytes(&mut self, now: Instant, closed: bool, buffer: &mut [u8]) {
        if let Talk::Rtc(rtc) = &mut self.talk {
            let done = rtc.read(now, buffer, &mut |_| {});
            self.moved_on(now, done);
            return;
        }
        // The kernel counts the bytes and copies none of them.
        while let Some(n) = self.receive(buffer, MsgFlags::MSG_TRUNC) {
            self.received(now, n);
            if n < buffer.len() && !closed {
                break;
            }
        }
    }

    /// Sends the frames that are due; returns when the next one is.
    pub(super) fn send_due(&mut self, now: Instant) -> Option<Instant> {
        if let Talk::Rtc(rtc) = &mut self.talk {
            let done = rtc.turn(now);
            self.moved_on(now, done);
            return None;
        }
        if let Talk::Player(Player::Hls(player)) = &mut self.talk {
            player.handle_timeout(now);
            self.take_output();
            self.flush();
            return None;
        }
        let Job::Push { media, marked, .. } = &self.job else { return None };
        let (media, marked) = (Arc::clone(media), *marked);
        let next = loop {
            let Talk::Publisher { session, from: Some(from), next_frame } = &mut self.talk else { return None };
            let (frame, due) = media.frame(*next_frame)?;
            if *from + due > now {
                break *from + due;
            }
            *next_frame += 1;
            let chunk_size = session.out_chunk_size();
            write_frame(&mut self.pending, frame, due, chunk_size, marked);
        };
        self.flush();
        if self.pending.len() > MAX_PENDING {
            self.lose("the server does not read");
        }
        self.lost.is_none().then_some(next)
    }

    /// What wakes it.
    pub(super) fn source(&mut self) -> Option<&mut dyn Source> {
        match &mut self.talk {
            Talk::Rtc(rtc) if !rtc.is_asking() => rtc.source(),
            _ => self.socket.as_mut().map(|socket| socket as &mut dyn Source),
        }
    }

    /// When [`Client::send_due`] is to be called, if that was not told before.
    pub(super) fn wants_waking(&mut self) -> Option<Instant> {
        match &mut self.talk {
            Talk::Rtc(rtc) if !rtc.is_asking() => rtc.wants_waking(),
            _ => None,
        }
    }

    /// Says goodbye where that is the custom.
    pub(super) fn say_goodbye(&mut self) {
        if let Talk::Rtc(rtc) = &mut self.talk {
            rtc.leave();
        }
    }

    /// What came of RTP.
    pub(super) fn tally(&self) -> Option<&Tally> {
        match &self.talk {
            Talk::Rtc(rtc) => Some(rtc.tally()),
            _ => None,
        }
    }

    pub(super) fn lose(&mut self, why: &str) {
        self.lost.get_or_insert_with(|| why.to_owned());
        self.close();
    }

    /// Closes its connection once its time is over; [`Client::start`] is for the caller to call again later.
    pub(super) fn leave(&mut self, now: Instant) {
        if self.leave_at.is_some_and(|at| at <= now) {
            self.say_goodbye();
            self.close();
            self.left = self.left.saturating_add(1);
            (self.connected, self.first, self.leave_at) = (None, None, None);
        }
    }

    /// Has it leave about `stay` from `now`: between half and one and a half times that.
    pub(super) fn plan_to_leave(&mut self, now: Instant, stay: Duration) {
        self.leave_at.get_or_insert_with(|| now + stay.mul_f64(0.5 + fastrand::f64()));
    }

    /// It has left, and may come again.
    pub(super) fn is_away(&self) -> bool {
        matches!(self.talk, Talk::Idle) && self.lost.is_none()
    }

    fn close(&mut self) {
        self.socket = None;
        self.talk = Talk::Idle;
        self.steady = false;
        self.stalled = false;
        self.pending = Vec::new();
    }

    pub(super) fn is_publisher(&self) -> bool {
        matches!(self.job, Job::Push { .. } | Job::Send { .. })
    }

    /// It plays or publishes.
    pub(super) fn is_active(&self) -> bool {
        self.first.is_some() && self.lost.is_none()
    }

    /// It neither plays or publishes nor has failed.
    pub(super) fn is_settling(&self) -> bool {
        self.first.is_none() && self.lost.is_none()
    }

    /// Measuring begins.
    pub(super) fn open_window(&mut self) {
        if let Talk::Rtc(rtc) = &mut self.talk {
            rtc.open_window();
        }
        self.at_open = self.bytes;
        self.steady = self.is_active();
        self.stalls = 0;
    }

    /// Bytes since measuring began.
    pub(super) fn in_window(&self) -> u64 {
        self.bytes.saturating_sub(self.at_open)
    }

    /// It was there since measuring began.
    pub(super) fn is_steady(&self) -> bool {
        self.steady
    }

    /// Counts a stall when a player has had nothing for `limit`, once until bytes come again.
    pub(super) fn check_stall(&mut self, now: Instant, limit: Duration) {
        let silent = self.is_active() && !self.is_publisher() && now.saturating_duration_since(self.last_byte) > limit;
        if silent && !self.stalled {
            self.stalls = self.stalls.saturating_add(1);
        }
        self.stalled = silent;
    }

    /// Signalling goes on.
    fn ask(&mut self, now: Instant, buffer: &mut [u8]) -> Next {
        if !self.finish_connecting() {
            return Next::Same;
        }
        self.flush();
        while let Some(n) = self.receive(buffer, MsgFlags::empty()) {
            let Talk::Rtc(rtc) = &mut self.talk else { break };
            match rtc.answered(now, buffer.get(..n).unwrap_or_default()) {
                Ok(false) => {}
                Ok(true) => {
                    self.socket = None;
                    return Next::Listen;
                }
                Err(why) => {
                    self.lose(&why);
                    break;
                }
            }
        }
        Next::Same
    }

    /// Takes over what a client of RTP has come to.
    fn moved_on(&mut self, now: Instant, done: Result<(), String>) -> Next {
        if let Err(why) = done {
            self.lose(&why);
        }
        let Talk::Rtc(rtc) = &mut self.talk else { return Next::Same };
        let (bytes, is_connected, has_begun) = (rtc.take_bytes(), rtc.is_connected(), rtc.has_begun());
        let since = now.saturating_duration_since(self.started).as_secs_f64();
        if bytes > 0 {
            self.received(now, usize::try_from(bytes).unwrap_or(usize::MAX));
        }
        if is_connected {
            self.connected.get_or_insert(since);
        }
        if !has_begun || self.first.is_some() {
            return Next::Same;
        }
        self.first = Some(since);
        // Nothing is parsed: it is looked at in rounds.
        if matches!(self.job, Job::Play { parse: false, .. }) { Next::Drop } else { Next::Same }
    }

    fn finish_connecting(&mut self) -> bool {
        let Some(socket) = &self.socket else { return false };
        let failed = match socket.take_error() {
            Ok(None) => None,
            Ok(Some(e)) | Err(e) => Some(e.kind()),
        };
        if let Some(kind) = failed {
            self.lose(&format!("connect: {kind}"));
            return false;
        }
        if socket.peer_addr().is_err() {
            return false;
        }
        // Without it the handshake waits for acknowledgements that are delayed.
        let _ = socket.set_nodelay(true);
        true
    }

    fn receive(&mut self, buffer: &mut [u8], flags: MsgFlags) -> Option<usize> {
        let fd = self.socket.as_ref()?.as_raw_fd();
        match recv(fd, buffer, flags | MsgFlags::MSG_DONTWAIT) {
            Ok(0) => self.lose("closed by the server"),
            Ok(n) => return Some(n),
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(e) => self.lose(e.desc()),
        }
        None
    }

    fn received(&mut self, now: Instant, n: usize) {
        self.bytes = self.bytes.saturating_add(n as u64);
        self.last_byte = now;
    }

    fn handle_input(&mut self, now: Instant, input: &[u8], on_mark: &mut impl FnMut(u64)) -> Result<Next, String> {
        if !self.is_publisher() {
            self.received(now, input.len());
        }
        let began = match &mut self.talk {
            Talk::Player(player) => player.handle_input(now, input, on_mark)? > 0,
            Talk::Publisher { session, from, .. } => {
                session.handle_input(now, input).map_err(|e| e.to_string())?;
                let mut began = false;
                while let Some(event) = session.poll_event() {
                    match event {
                        Event::Publishing => began = true,
                        Event::Refused { code, .. } => return Err(code),
                        _ => {}
                    }
                }
                if began {
                    *from = Some(now);
                }
                began
            }
            Talk::Idle | Talk::Dropping | Talk::Rtc(_) => false,
        };
        if !began || self.first.is_some() {
            return Ok(Next::Same);
        }
        self.first = Some(now.saturating_duration_since(self.started).as_secs_f64());
        Ok(self.began())
    }

    /// The first frame came, or may go.
    fn began(&mut self) -> Next {
        match &self.job {
            Job::Push { media, .. } => {
                let media = Arc::clone(media);
                self.take_output();
                for head in &media.heads {
                    write_frame(&mut self.pending, head, Duration::ZERO, CHUNK_SIZE, false);
                }
                Next::Publish
            }
            Job::Play { parse: true, .. } | Job::Send { .. } => Next::Same,
            // It goes on asking.
            Job::Play { .. } if matches!(self.talk, Talk::Player(Player::Hls(_))) => Next::Same,
            Job::Play { .. } => {
                self.take_output();
                self.talk = Talk::Dropping;
                Next::Drop
            }
        }
    }

    fn take_output(&mut self) {
        if let Talk::Player(Player::Hls(player)) = &mut self.talk {
            self.pending.append(&mut player.take_output());
        }
        if let Talk::Player(Player::Rtmp(session)) | Talk::Publisher { session, .. } = &mut self.talk {
            while let Some(bytes) = session.poll_output() {
                self.pending.extend_from_slice(&bytes);
            }
        }
    }

    fn flush(&mut self) {
        let mut sent = 0;
        while let Some(socket) = &mut self.socket
            && let Some(rest) = self.pending.get(sent..).filter(|rest| !rest.is_empty())
        {
            match socket.write(rest) {
                Ok(n) => sent += n,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => self.lose(&e.kind().to_string()),
            }
        }
        self.pending.drain(..sent.min(self.pending.len()));
        if self.is_publisher() {
            self.bytes = self.bytes.saturating_add(sent as u64);
        }
        if self.pending.is_empty() && matches!(self.talk, Talk::Dropping) {
            self.pending = Vec::new();
        }
    }
}

fn has_extension(path: &str, extension: &str) -> bool {
    path.split('?').next().is_some_and(|path| path.ends_with(extension))
}

fn session(target: &Target, goal: Goal, now: Instant) -> Box<ClientSession> {
    let (tc_url, app, stream) = match &target.kind {
        Kind::Rtmp { tc_url, app, stream } => (tc_url.clone(), app.clone(), stream.clone()),
        // Who goes elsewhere by RTMP is refused before a run begins.
        _ => Default::default(),
    };
    let chunk_size = if goal == Goal::Publish { CHUNK_SIZE } else { 0 };
    let flash_ver = "weir-bench".to_owned();
    let config = ClientConfig {
        seed: fastrand::u64(..),
        goal,
        tc_url,
        app,
        stream,
        chunk_size,
        flash_ver,
        ..Default::default()
    };
    Box::new(ClientSession::new(config, now))
}

fn write_frame(out: &mut Vec<u8>, frame: &Message, due: Duration, chunk_size: u32, marked: bool) {
    let timestamp = due.as_millis() as u32;
    match mark_range(frame.kind, frame.body.len()).filter(|_| marked) {
        None => write_media(out, frame.kind, timestamp, &frame.body, chunk_size),
        Some(range) => {
            let mut body = frame.body.to_vec();
            if let Some(place) = body.get_mut(range) {
                place.copy_from_slice(&mark(clock_nanos()));
            }
            write_media(out, frame.kind, timestamp, &body, chunk_size);
        }
    }
}
