//! The server's end of a connection.

mod command;
mod event;
mod reply;

pub use event::{Connect, Event, PublishStyle};
pub use reply::{ConnectReply, Identity};

use crate::chunk::Message;
use crate::message::{self, Command, Control, UserControl, kind};
use crate::transport::Transport;
use crate::{Error, handshake};
use bytes::Bytes;
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use weir_flv::tag::TagKind;

/// `createStream` in a row without `publish` or `play`, as in SRS.
pub const MAX_CREATE_STREAM: u8 = 3;

/// Bytes that are held back while a command waits for its answer, such as media of a publisher that does not wait for it:
/// two seconds at 4 Mbit/s. An owner that asks [`ServerSession::room`] before it reads never gets beyond.
pub const MAX_HELD: usize = 1 << 20;

/// A command. Real ones have some hundred bytes, tokens in names included.
pub const MAX_COMMAND: usize = 64 << 10;

/// The handshake, from the first moment to the last byte.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(30);
/// From one message to the next until something is published or played.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);
/// The same on a connection that has published or played before.
const AGAIN_LIMIT: Duration = Duration::from_secs(180);

/// What a session needs to know before the first byte.
#[derive(Clone, Debug, Default)]
pub struct ServerConfig {
    /// Where the random bytes of the handshake come from.
    pub seed: u64,
    /// Who the server says it is.
    pub identity: Identity,
}

/// A connection to a client: publisher, player, or one that has not said yet.
///
/// [`Event::Connect`], [`Event::Publish`] and [`Event::Play`] wait for the owner's answer, [`Event::Unpublish`] for
/// [`ServerSession::unpublished`]. Until it comes nothing more is read from the client's bytes.
#[derive(Debug)]
pub struct ServerSession {
    identity: Identity,
    handshake: handshake::Server,
    link: Transport,
    stage: Stage,
    waiting: Option<Waiting>,
    held: Vec<u8>,
    events: VecDeque<Event>,
    flow: Flow,
    now: Instant,
    deadline: Option<Deadline>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Handshake,
    Connect,
    /// Connected, and neither publishing nor playing.
    Idle,
    Publishing,
    Playing,
    /// Refused: what still comes is not read.
    Closed,
}

/// The answer that a command waits for, with what the reply needs.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Waiting {
    Connect { transaction: f64, object_encoding: f64, is_enhanced: bool },
    Publish,
    Play,
    Unpublished { transaction: f64 },
}

/// What came on the way to `publish` or `play`. It tells one kind of encoder from the other.
#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    /// `createStream` so far.
    created: u8,
    /// `releaseStream` or `FCPublish` came before `createStream`.
    fmle: bool,
    /// `FCPublish` came.
    fc_publish: bool,
    /// Something was published or played on this connection before.
    again: bool,
}

#[derive(Clone, Copy, Debug)]
struct Deadline {
    at: Instant,
    awaited: &'static str,
    limit: Duration,
}

impl ServerSession {
    /// A connection that was accepted at `now`.
    pub fn new(config: ServerConfig, now: Instant) -> Self {
        let deadline = Deadline { at: now + HANDSHAKE_LIMIT, awaited: "the handshake", limit: HANDSHAKE_LIMIT };
        ServerSession {
            identity: config.identity,
            handshake: handshake::Server::new(config.seed),
            link: Transport::new(),
            stage: Stage::Handshake,
            waiting: None,
            held: Vec::new(),
            events: VecDeque::new(),
            flow: Flow::default(),
            now,
            deadline: Some(deadline),
        }
    }

    /// Eats what the client sent. After an error nothing more is eaten; write out what [`Self::poll_output`] has.
    pub fn handle_input(&mut self, now: Instant, bytes: &[u8]) -> Result<(), Error> {
        self.now = now;
        self.link.received += bytes.len() as u64;
        let result = self.eat(bytes);
        if result.is_err() {
            self.stage = Stage::Closed;
        }
        result
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// What to send next: whole messages, so that media may go before or behind it.
    pub fn poll_output(&mut self) -> Option<Bytes> {
        self.link.poll_output()
    }

    /// When to call [`Self::handle_timeout`] if nothing comes before.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.deadline.filter(|_| self.waiting.is_none()).map(|deadline| deadline.at)
    }

    /// Fails when what [`Self::poll_timeout`] announced has passed.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        self.now = now;
        match self.deadline.filter(|deadline| self.waiting.is_none() && deadline.at <= now) {
            Some(Deadline { awaited, limit, .. }) => {
                self.stage = Stage::Closed;
                Err(Error::Timeout { awaited, seconds: limit.as_secs() })
            }
            None => Ok(()),
        }
    }

    /// True while a command waits for the owner's answer: what is read from the socket meanwhile is held back.
    pub fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Bytes that may still be read before the answer.
    pub fn room(&self) -> usize {
        MAX_HELD.saturating_sub(self.held.len())
    }

    /// Payload bytes of the chunks that the owner writes.
    pub fn out_chunk_size(&self) -> u32 {
        self.link.out_chunk_size()
    }

    /// Bytes received so far.
    pub fn bytes_in(&self) -> u64 {
        self.link.received
    }

    /// Bytes taken by [`Self::poll_output`] so far; what the owner writes itself is not among them.
    pub fn bytes_out(&self) -> u64 {
        self.link.sent()
    }

    /// The client's IPv4 address by the word of a proxy in front; good for a log line only.
    pub fn proxied(&self) -> Option<[u8; 4]> {
        self.handshake.proxied()
    }

    /// Answers [`Event::Connect`] with yes.
    pub fn accept_connect(&mut self, with: &ConnectReply) -> Result<(), Error> {
        let Some(Waiting::Connect { transaction, object_encoding, is_enhanced }) = self.waiting else { return Ok(()) };
        let call = reply::ConnectCall { transaction, object_encoding, is_enhanced };
        reply::connected(&mut self.link, call, &self.identity, with);
        if with.in_ack_size > 0 {
            self.link.expect_window(with.in_ack_size);
        }
        self.resume(Stage::Idle)
    }

    /// Answers [`Event::Connect`] with no: `_error`, `NetConnection.Connect.Rejected`. Close after writing it out.
    pub fn refuse_connect(&mut self, description: &str) {
        if let Some(Waiting::Connect { transaction, .. }) = self.waiting {
            reply::connect_refused(&mut self.link, transaction, description);
            self.close();
        }
    }

    /// Answers [`Event::Publish`] with yes; media may follow at once.
    pub fn accept_publish(&mut self) -> Result<(), Error> {
        if self.waiting != Some(Waiting::Publish) {
            return Ok(());
        }
        reply::publish_started(&mut self.link);
        self.flow = Flow { again: true, ..Flow::default() };
        self.resume(Stage::Publishing)
    }

    /// Answers [`Event::Publish`] with no: onStatus of level error with `code`, for instance
    /// `NetStream.Publish.BadName` for a stream that is taken. Close after writing it out.
    pub fn refuse_publish(&mut self, code: &str, description: &str) {
        if self.waiting == Some(Waiting::Publish) {
            reply::refused(&mut self.link, code, description);
            self.close();
        }
    }

    /// Answers [`Event::Play`] with yes; media may be written after this output.
    pub fn accept_play(&mut self) -> Result<(), Error> {
        if self.waiting != Some(Waiting::Play) {
            return Ok(());
        }
        reply::play_started(&mut self.link);
        self.flow = Flow { again: true, ..Flow::default() };
        self.resume(Stage::Playing)
    }

    /// Answers [`Event::Play`] with no: onStatus of level error with `code`, for instance
    /// `NetStream.Play.StreamNotFound`. Close after writing it out.
    pub fn refuse_play(&mut self, code: &str, description: &str) {
        if self.waiting == Some(Waiting::Play) {
            reply::refused(&mut self.link, code, description);
            self.close();
        }
    }

    /// Sends the player elsewhere: onStatus with `ex` {code 302, redirect, redirect2}. A client that follows says so by
    /// an [`Event::Call`] with a text argument. Works at any time after connect, also in place of an answer to
    /// [`Event::Play`].
    pub fn redirect(&mut self, tc_url: &str, full_url: &str) -> Result<(), Error> {
        reply::redirect(&mut self.link, tc_url, full_url);
        match self.waiting {
            Some(Waiting::Play) => self.resume(Stage::Idle),
            _ => Ok(()),
        }
    }

    /// Answers [`Event::Unpublish`]: the stream is free again. The client may publish or play on this connection.
    pub fn unpublished(&mut self) -> Result<(), Error> {
        let Some(Waiting::Unpublished { transaction }) = self.waiting else { return Ok(()) };
        reply::unpublished(&mut self.link, transaction);
        self.resume(Stage::Idle)
    }

    fn resume(&mut self, stage: Stage) -> Result<(), Error> {
        self.stage = stage;
        self.waiting = None;
        self.expect_message();
        let held = std::mem::take(&mut self.held);
        let result = self.eat(&held);
        if result.is_err() {
            self.stage = Stage::Closed;
        }
        result
    }

    fn close(&mut self) {
        self.stage = Stage::Closed;
        self.waiting = None;
        self.held = Vec::new();
        self.deadline = None;
    }

    fn eat(&mut self, mut input: &[u8]) -> Result<(), Error> {
        if self.stage == Stage::Handshake {
            let (out, eaten) = self.link.handshake();
            let n = self.handshake.handle_input(input, out)?;
            *eaten += n as u64;
            input = input.get(n..).unwrap_or_default();
            if !self.handshake.is_done() {
                return Ok(());
            }
            self.stage = Stage::Connect;
            self.expect_message();
        }
        while self.waiting.is_none() && self.stage != Stage::Closed {
            let Some(message) = self.link.next(&mut input)? else { return Ok(()) };
            self.expect_message();
            self.message(message)?;
        }
        self.hold(input)
    }

    fn hold(&mut self, input: &[u8]) -> Result<(), Error> {
        if self.stage == Stage::Closed {
            return Ok(());
        }
        if self.held.len() + input.len() > MAX_HELD {
            return Err(Error::Pipelined { held: self.held.len() + input.len() });
        }
        self.held.extend_from_slice(input);
        Ok(())
    }

    /// Sets the deadline for the message after this one.
    fn expect_message(&mut self) {
        let (awaited, limit) = match self.stage {
            Stage::Connect => ("connect", COMMAND_LIMIT),
            Stage::Idle if self.flow.again => ("another publish or play", AGAIN_LIMIT),
            Stage::Idle => ("publish or play", COMMAND_LIMIT),
            Stage::Handshake => return,
            Stage::Publishing | Stage::Playing | Stage::Closed => {
                self.deadline = None;
                return;
            }
        };
        self.deadline = Some(Deadline { at: self.now + limit, awaited, limit });
    }

    fn message(&mut self, message: Message) -> Result<(), Error> {
        let Message { kind, timestamp, payload, .. } = message;
        match kind {
            kind::COMMAND | kind::COMMAND_AMF3 => {
                if payload.len() > MAX_COMMAND {
                    return Err(Error::Name { what: "command", why: "it is too long", len: payload.len() });
                }
                self.command(Command::parse(&payload)?)?;
            }
            kind::AGGREGATE if self.stage == Stage::Publishing => {
                for tag in message::split(timestamp, &payload)? {
                    self.media(tag.kind, tag.timestamp, tag.payload);
                }
            }
            _ => {
                if let Some(kind) = message::media_kind(kind) {
                    self.media(kind, timestamp, payload);
                }
            }
        }
        Ok(())
    }

    fn media(&mut self, kind: TagKind, timestamp: u32, payload: Bytes) {
        let payload = if kind == TagKind::Script { message::script(&payload) } else { payload };
        if self.stage == Stage::Publishing && !payload.is_empty() {
            self.events.push_back(Event::Media { kind, timestamp, payload });
        }
    }

    fn stream_event(&mut self, event: UserControl) {
        self.link.control(Control::User(event));
    }
}

#[cfg(test)]
mod tests;
