//! The client's end of a connection: pulls a stream or pushes one.

use crate::amf0::Value;
use crate::chunk::Message;
use crate::chunk::write::csid;
use crate::message::{self, Command, Control, MEDIA_STREAM, UserControl, kind};
use crate::transport::Transport;
use crate::{Error, handshake};
use bytes::Bytes;
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use weir_flv::tag::TagKind;

/// From the first byte until the goal is reached.
const LIMIT: Duration = Duration::from_secs(30);

/// What the connection is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Goal {
    /// `connect` and no more: enough to ask a server whether it lets a client in.
    #[default]
    Connect,
    /// `connect`, `releaseStream`, `FCPublish`, `createStream`, `publish`.
    Publish,
    /// `connect`, `createStream`, `play`.
    Play,
}

/// Where to connect and what to say there.
#[derive(Clone, Debug, Default)]
pub struct ClientConfig {
    /// Where the random bytes of the handshake come from.
    pub seed: u64,
    /// Whether C1 carries a digest.
    pub complex: bool,
    /// What to do.
    pub goal: Goal,
    /// The URL of the application.
    pub tc_url: String,
    /// The application.
    pub app: String,
    /// The stream, with its query.
    pub stream: String,
    /// The page that embeds the player; left out when empty.
    pub page_url: String,
    /// The Flash movie; left out when empty.
    pub swf_url: String,
    /// What the client calls itself; left out when empty.
    pub flash_ver: String,
    /// More properties of the command object of `connect`, such as `fourCcList` and `capsEx`, or others in place of those
    /// that are always sent.
    pub announce: Vec<(String, Value)>,
    /// A second object for `connect`.
    pub args: Option<Value>,
    /// Payload bytes of the chunks that go out once connected; 0 stays at 128.
    pub chunk_size: u32,
}

/// Something that the server did.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It took the `connect`.
    Connected {
        /// The properties of the server, which come before the information object; null if there were none.
        properties: Value,
        /// The information object of the result, null if there was none.
        info: Value,
    },
    /// It took the `publish`; media may be written after this output.
    Publishing,
    /// It took the `play`.
    Playing,
    /// It refused `connect` or `createStream`, or an onStatus of level error came.
    Refused {
        /// Such as `NetStream.Publish.BadName`.
        code: String,
        /// In the server's words.
        description: String,
    },
    /// It is not the right server. Comes after the [`Event::Refused`] that carried it.
    Redirect {
        /// tcUrl of the right one.
        tc_url: String,
        /// URL with the stream; empty if it was not told.
        full_url: String,
    },
    /// Any other onStatus.
    Status {
        /// `status` or `warning`.
        level: String,
        /// Such as `NetStream.Play.Reset`.
        code: String,
        /// In the server's words.
        description: String,
    },
    /// A frame of the stream that is played. Never empty.
    Media {
        /// What it is.
        kind: TagKind,
        /// Milliseconds, modulo 2^32.
        timestamp: u32,
        /// The body of the FLV tag.
        payload: Bytes,
    },
}

/// Numbers of the calls that the session makes.
mod transaction {
    pub(super) const CONNECT: f64 = 1.0;
    pub(super) const RELEASE_STREAM: f64 = 2.0;
    pub(super) const FC_PUBLISH: f64 = 3.0;
    pub(super) const CREATE_STREAM: f64 = 4.0;
    pub(super) const STREAM: f64 = 5.0;
    pub(super) const LAST: f64 = 6.0;
}

/// A connection to a server. It runs to its [`Goal`] by itself.
#[derive(Debug)]
pub struct ClientSession {
    config: ClientConfig,
    handshake: handshake::Client,
    link: Transport,
    connecting: bool,
    stream_id: u32,
    calls: f64,
    events: VecDeque<Event>,
    deadline: Option<Instant>,
}

impl ClientSession {
    /// A connection that was made at `now`. Output is there at once.
    pub fn new(config: ClientConfig, now: Instant) -> Self {
        let mut session = ClientSession {
            handshake: handshake::Client::new(config.seed, config.complex),
            config,
            link: Transport::new(),
            connecting: false,
            stream_id: MEDIA_STREAM,
            calls: transaction::LAST,
            events: VecDeque::new(),
            deadline: Some(now + LIMIT),
        };
        session.handshake.begin(session.link.handshake().0);
        session
    }

    /// Eats what the server sent. An error is final.
    pub fn handle_input(&mut self, _now: Instant, bytes: &[u8]) -> Result<(), Error> {
        self.link.received += bytes.len() as u64;
        let mut input = bytes;
        if !self.handshake.is_done() {
            let (out, eaten) = self.link.handshake();
            let n = self.handshake.handle_input(input, out)?;
            *eaten += n as u64;
            input = input.get(n..).unwrap_or_default();
        }
        if !self.handshake.is_done() {
            return Ok(());
        }
        if !self.connecting {
            self.connecting = true;
            self.connect();
        }
        while let Some(message) = self.link.next(&mut input)? {
            self.message(message)?;
        }
        Ok(())
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// What to send next: whole messages.
    pub fn poll_output(&mut self) -> Option<Bytes> {
        self.link.poll_output()
    }

    /// When to call [`Self::handle_timeout`] if nothing comes before.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    /// Fails when the goal is not reached in 30 s.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        match self.deadline {
            Some(at) if at <= now => Err(Error::Timeout { awaited: "the server's answer", seconds: LIMIT.as_secs() }),
            _ => Ok(()),
        }
    }

    /// Payload bytes of the chunks that the owner writes.
    pub fn out_chunk_size(&self) -> u32 {
        self.link.out_chunk_size()
    }

    /// Bytes received so far.
    pub fn bytes_in(&self) -> u64 {
        self.link.received
    }

    /// Bytes taken by [`Self::poll_output`] so far.
    pub fn bytes_out(&self) -> u64 {
        self.link.sent()
    }

    /// Calls the server; the answer is not waited for. SRS takes any call with a text as consent to a redirect.
    pub fn call(&mut self, name: &str, args: Vec<Value>) {
        self.calls += 1.0;
        self.send(csid::CONNECTION, 0, name, self.calls, args);
    }

    /// Stops publishing or playing: `FCUnpublish` if it was published, and `deleteStream`.
    pub fn finish(&mut self) {
        if self.config.goal == Goal::Publish {
            let stream = Value::string(&*self.config.stream);
            self.call("FCUnpublish", vec![Value::Null, stream]);
        }
        self.call("deleteStream", vec![Value::Null, Value::Number(f64::from(self.stream_id))]);
    }

    fn send(&mut self, csid: u8, stream_id: u32, name: &str, transaction: f64, args: Vec<Value>) {
        self.link.command(csid, stream_id, &Command { name: name.to_owned(), transaction, args });
    }

    fn connect(&mut self) {
        let config = &self.config;
        let mut object = vec![("app", Value::string(&*config.app))];
        for (name, value) in [("flashVer", &config.flash_ver), ("swfUrl", &config.swf_url)] {
            if !value.is_empty() {
                object.push((name, Value::string(&**value)));
            }
        }
        object.push(("tcUrl", Value::string(&*config.tc_url)));
        object.push(("fpad", Value::Boolean(false)));
        object.push(("capabilities", Value::Number(239.0)));
        object.push(("audioCodecs", Value::Number(3575.0)));
        object.push(("videoCodecs", Value::Number(252.0)));
        object.push(("videoFunction", Value::Number(1.0)));
        if !config.page_url.is_empty() {
            object.push(("pageUrl", Value::string(&*config.page_url)));
        }
        object.push(("objectEncoding", Value::Number(0.0)));
        let mut object = Value::object(object);
        config.announce.iter().for_each(|(name, value)| object.set(name, value.clone()));
        let mut args = vec![object];
        args.extend(config.args.clone());
        if config.goal == Goal::Publish {
            // Flash Media Server tells publishers apart by it.
            args.iter_mut().take(1).for_each(|object| object.set("type", Value::string("nonprivate")));
        }
        self.send(csid::CONNECTION, 0, "connect", transaction::CONNECT, args);
    }

    fn message(&mut self, message: Message) -> Result<(), Error> {
        let Message { kind, timestamp, payload, .. } = message;
        match kind {
            kind::COMMAND | kind::COMMAND_AMF3 => self.command(&Command::parse(&payload)?),
            kind::AGGREGATE => {
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
        if !payload.is_empty() {
            self.events.push_back(Event::Media { kind, timestamp, payload });
        }
    }

    fn command(&mut self, command: &Command) {
        let arg = |index| command.args.get(index).cloned().unwrap_or(Value::Null);
        let info = arg(1);
        match command.name.as_str() {
            "_result" if command.transaction == transaction::CONNECT => self.connected(arg(0), info),
            "_result" if command.transaction == transaction::CREATE_STREAM => self.stream_created(command),
            "_error" if [transaction::CONNECT, transaction::CREATE_STREAM].contains(&command.transaction) => {
                self.refused(&info);
            }
            "onStatus" => self.status(&info),
            // Answers that change nothing, and calls of the server such as onBWDone.
            _ => {}
        }
    }

    fn connected(&mut self, properties: Value, info: Value) {
        if self.config.chunk_size > 0 {
            self.link.control(Control::SetChunkSize(self.config.chunk_size));
        }
        self.events.push_back(Event::Connected { properties, info });
        let stream = Value::string(&*self.config.stream);
        if self.config.goal == Goal::Publish {
            let args = || vec![Value::Null, stream.clone()];
            self.send(csid::CONNECTION, 0, "releaseStream", transaction::RELEASE_STREAM, args());
            self.send(csid::CONNECTION, 0, "FCPublish", transaction::FC_PUBLISH, args());
        }
        match self.config.goal {
            Goal::Connect => self.deadline = None,
            _ => self.send(csid::CONNECTION, 0, "createStream", transaction::CREATE_STREAM, vec![Value::Null]),
        }
    }

    fn stream_created(&mut self, command: &Command) {
        self.stream_id = command.number(1).unwrap_or(1.0) as u32;
        let stream = Value::string(&*self.config.stream);
        match self.config.goal {
            Goal::Connect => {}
            Goal::Publish => {
                let args = vec![Value::Null, stream, Value::string("live")];
                self.send(csid::STREAM, self.stream_id, "publish", transaction::STREAM, args);
            }
            Goal::Play => {
                let buffer = UserControl::SetBufferLength { stream_id: self.stream_id, millis: 3000 };
                self.link.control(Control::User(buffer));
                // -2000: live if there is such a stream, else recorded.
                let args = vec![Value::Null, stream, Value::Number(-2000.0)];
                self.send(csid::STREAM, self.stream_id, "play", transaction::STREAM, args);
            }
        }
    }

    fn status(&mut self, info: &Value) {
        let text = |name| info.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        match (text("level").as_str(), text("code").as_str()) {
            ("error", _) => self.refused(info),
            (_, "NetStream.Publish.Start") => self.reached(Event::Publishing),
            (_, "NetStream.Play.Start") => self.reached(Event::Playing),
            (level, code) => {
                let (level, code) = (level.to_owned(), code.to_owned());
                self.events.push_back(Event::Status { level, code, description: text("description") });
            }
        }
    }

    fn reached(&mut self, event: Event) {
        self.deadline = None;
        self.events.push_back(event);
    }

    fn refused(&mut self, info: &Value) {
        let text = |of: &Value, name| of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        self.events.push_back(Event::Refused { code: text(info, "code"), description: text(info, "description") });
        let ex = info.get("ex").unwrap_or(&Value::Null);
        let (tc_url, full_url) = (text(ex, "redirect"), text(ex, "redirect2"));
        if !(tc_url.is_empty() && full_url.is_empty()) {
            self.events.push_back(Event::Redirect { tc_url, full_url });
        }
    }
}

#[cfg(test)]
mod tests;
