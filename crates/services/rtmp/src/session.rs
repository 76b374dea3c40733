//! One RTMP connection: a socket, the protocol's value, and what the client turned out to be.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::Sleep;
use weir_admit::token::hidden;
use weir_conf::Vhost;
use weir_flv::fit::Takes;
use weir_hub::{Client, ClientKind, Closed, Hub, Publisher, Refusal, Request, Stream, Subscriber};
use weir_net::fanout::{Fanout, Lone, Seat};
use weir_proto_rtmp::ServerSession;
use weir_proto_rtmp::server::{Connect, ConnectReply, Event, Identity, PublishStyle, ServerConfig};
use weir_proto_rtmp::url::Target;

use crate::Rtmp;
use crate::framing::Messages;
use crate::ingest::{Ingest, Silence};
use crate::left_out::LeftOut;
use crate::wire::{Arrived, READ, Wire};

/// Window and bandwidth that a client is told, in bytes, unless its vhost says otherwise.
const PEER_BANDWIDTH: u32 = 2_500_000;

/// When nothing can be overdue, the alarm is set this far away.
const NEVER: Duration = Duration::from_secs(3600);

/// A connection and its place in the server.
pub(crate) struct Session {
    rtmp: Arc<Rtmp>,
    id: String,
    peer: SocketAddr,
    fanout: Rc<Fanout>,
    wire: Wire,
    proto: ServerSession,
    connect: Connect,
    role: Role,
    play_until: Option<Instant>,
    /// What a player that does not take everything does not get.
    left_out: Option<LeftOut>,
    counted: u64,
    /// Bytes that the last read took.
    last_read: usize,
    /// Rings when something may be overdue. It is set anew only when it rang or when the role changed: a deadline that
    /// moves on with every message costs nothing.
    alarm: Pin<Box<Sleep>>,
    /// Ends when the client is kicked.
    kicked: Option<Kicked>,
    /// Vhost and app, since the client finished `connect`: its end is told of there.
    place: Option<(Arc<Vhost>, String)>,
    /// Bytes to the client, but for those of the role that it has.
    sent: u64,
}

type Kicked = Pin<Box<dyn Future<Output = ()>>>;

/// What the client is.
enum Role {
    /// It has not said, or it stopped.
    Idle,
    Publisher(Box<Ingest>),
    /// Served by the shard's fan-out.
    Seated {
        seat: Seat,
        client: Arc<Client>,
        stream: Arc<Stream>,
    },
    /// Behind TLS: served here. The bytes are those that the cipher is given next.
    Lone(Box<Lone>, Vec<u8>),
}

/// Why a session ended.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("it closed the connection")]
    Closed,
    #[error("{0}")]
    CutOff(&'static str),
    #[error("the connection broke: {0}")]
    Broken(io::Error),
    #[error("{0} (code {code})", code = .0.code())]
    Protocol(#[from] weir_proto_rtmp::Error),
    #[error("{0} (code {code})", code = .0.code())]
    Refused(#[from] Refusal),
    #[error("{0} (code {code})", code = .0.code())]
    Silent(Silence),
    #[error("its play duration is over (code 2019)")]
    DurationOver,
    #[error("it was kicked by the HTTP API (code 1070)")]
    Kicked,
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> End {
        match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => End::Closed,
            _ => End::Broken(error),
        }
    }
}

/// What a session waited for.
enum Turn {
    Arrived(io::Result<Arrived>),
    Ready,
    Ended(Option<&'static str>),
    Kicked,
    Late,
    /// What the stream is made of changed.
    Described,
}

impl Session {
    pub(crate) fn new(rtmp: Arc<Rtmp>, peer: SocketAddr, fanout: Rc<Fanout>, wire: Wire) -> Session {
        let identity = Identity { server: weir_base::SIGNATURE, version: weir_base::VERSION, ..Identity::default() };
        let config = ServerConfig { seed: fastrand::u64(..), identity };
        Session {
            rtmp,
            id: weir_hub::connection_id(),
            peer,
            fanout,
            wire,
            proto: ServerSession::new(config, Instant::now()),
            connect: Connect::default(),
            role: Role::Idle,
            play_until: None,
            left_out: None,
            counted: 0,
            last_read: 0,
            alarm: Box::pin(tokio::time::sleep(Duration::ZERO)),
            kicked: None,
            place: None,
            sent: 0,
        }
    }

    /// Serves the connection until it ends.
    pub(crate) async fn run(mut self) {
        let Err(end) = self.converse().await;
        let role = self.leave(&end.to_string());
        match &end {
            End::Closed => tracing::debug!(cid = self.id, "client {} closed its connection", self.peer),
            End::Protocol(_) | End::Refused(_) => {
                tracing::warn!(cid = self.id, "client {} is cut off: {end}", self.peer)
            }
            _ => tracing::info!(cid = self.id, "connection of client {} ended: {end}", self.peer),
        }
        // What the protocol still has to say, such as a refusal, is said before the socket closes; a player may be in the
        // middle of a message.
        let speaks = matches!(role, Role::Idle | Role::Publisher(_));
        drop(role);
        let is_flushed = speaks && self.flush().await.is_ok();
        self.tell_closed();
        if is_flushed {
            std::mem::replace(&mut self.wire, Wire::Lost).finish().await;
        }
    }

    /// Tells of the end of a connection, after that of its role, once.
    fn tell_closed(&mut self) {
        let Some((vhost, app)) = self.place.take() else { return };
        self.rtmp.hub.closed(&Closed {
            id: self.id.clone(),
            ip: self.peer.ip(),
            vhost,
            app,
            sent: self.sent,
            received: self.proto.bytes_in(),
        });
    }

    async fn converse(&mut self) -> Result<Infallible, End> {
        self.set_alarm();
        loop {
            self.handle_all().await?;
            self.flush().await?;
            match self.turn().await {
                Turn::Arrived(arrived) => self.eat(arrived?).await?,
                Turn::Ready => self.send_alone().await?,
                Turn::Ended(why) => return Err(why.map_or(End::Closed, End::CutOff)),
                Turn::Kicked => return Err(End::Kicked),
                Turn::Late => self.look_at_the_clock(Instant::now())?,
                Turn::Described => self.tell_left_out(),
            }
        }
    }

    /// Sends what a player behind TLS has to get.
    async fn send_alone(&mut self) -> Result<(), End> {
        let Session { wire, role: Role::Lone(lone, bytes), kicked, .. } = self else { return Ok(()) };
        tokio::select! {
            biased;
            () = ended(kicked) => return Err(End::Kicked),
            written = lone.while_writing(wire.write_all(bytes)) => written?,
        }
        let subscriber = lone.subscriber();
        subscriber.client().traffic.sent(bytes.len() as u64);
        subscriber.stream().count_sent(bytes.len() as u64);
        bytes.clear();
        Ok(())
    }

    /// Waits for whatever comes first.
    async fn turn(&mut self) -> Turn {
        let rest = match &self.role {
            Role::Publisher(ingest) => self.wire.rest(ingest.rest(), self.last_read),
            _ => None,
        };
        let Session { wire, role, alarm, kicked, left_out, .. } = self;
        tokio::select! {
            // Bytes come last: a client that never stops sending is kicked and timed like any other.
            biased;
            () = ended(kicked) => Turn::Kicked,
            () = alarm => Turn::Late,
            () = changed(left_out) => Turn::Described,
            turn = role.turn() => turn,
            arrived = wire.wait(rest) => Turn::Arrived(arrived),
        }
    }

    /// Sets the alarm to the next deadline.
    fn set_alarm(&mut self) {
        let deadlines = [self.proto.poll_timeout(), self.play_until, self.role.deadline()];
        let next = deadlines.into_iter().flatten().min().unwrap_or_else(|| Instant::now() + NEVER);
        self.alarm.as_mut().reset(next.into());
    }

    /// Takes up a role.
    fn become_role(&mut self, role: Role) {
        self.kicked = role.client().map(|client| Box::pin(async move { client.kicked().await }) as Kicked);
        self.role = role;
    }

    async fn eat(&mut self, arrived: Arrived) -> Result<(), End> {
        let now = Instant::now();
        let proto = &mut self.proto;
        let Some((count, eaten)) = self.wire.eat(arrived, |bytes| proto.handle_input(now, bytes))? else {
            return Ok(());
        };
        if count == 0 {
            return Err(End::Closed);
        }
        // Media that came before an error in the same bytes is published all the same.
        self.handle_all().await?;
        self.count();
        eaten?;
        self.last_read = count;
        Ok(())
    }

    async fn handle_all(&mut self) -> Result<(), End> {
        while let Some(event) = self.proto.poll_event() {
            let is_media = matches!(event, Event::Media { .. });
            self.handle(event).await?;
            if !is_media {
                self.set_alarm();
            }
        }
        Ok(())
    }

    fn look_at_the_clock(&mut self, now: Instant) -> Result<(), End> {
        self.proto.handle_timeout(now)?;
        if self.play_until.is_some_and(|until| until <= now) {
            return Err(End::DurationOver);
        }
        match &mut self.role {
            Role::Publisher(ingest) => ingest.silence(now).map_or(Ok(()), |silence| Err(End::Silent(silence))),
            _ => Ok(()),
        }?;
        self.set_alarm();
        Ok(())
    }

    /// Writes what the protocol has to say: between two frames when the fan-out writes to the socket too.
    async fn flush(&mut self) -> Result<(), End> {
        while let Some(bytes) = self.proto.poll_output() {
            let len = bytes.len() as u64;
            match &mut self.role {
                Role::Seated { seat, .. } => {
                    seat.send(bytes);
                    continue;
                }
                Role::Lone(lone, _) => lone.while_writing(self.wire.write_all(&bytes)).await?,
                Role::Idle | Role::Publisher(_) => self.wire.write_all(&bytes).await?,
            }
            self.sent += len;
        }
        Ok(())
    }

    async fn handle(&mut self, event: Event) -> Result<(), End> {
        match event {
            Event::Connect(connect) => self.connected(*connect)?,
            Event::Publish { name, style } => self.publish(&name, style).await?,
            Event::Play { name, duration, .. } => self.play(&name, duration).await?,
            Event::Media { kind, timestamp, payload } => {
                if let Role::Publisher(ingest) = &mut self.role {
                    let news = ingest.media(kind, timestamp, payload, Instant::now());
                    if let Some(news) = news {
                        tracing::info!(cid = self.id, "stream {} has {news}", ingest.publisher().stream().key);
                    }
                }
            }
            Event::Unpublish => {
                self.leave("it unpublished");
                self.proto.unpublished()?;
            }
            Event::CloseStream => self.stop_playing().await?,
            Event::Pause { paused, .. } => match &mut self.role {
                Role::Seated { seat, .. } => seat.pause(paused),
                Role::Lone(lone, _) => lone.pause(paused),
                _ => {}
            },
            Event::Call { name, .. } => tracing::debug!(cid = self.id, "client {} calls {name}", self.peer),
        }
        Ok(())
    }

    fn connected(&mut self, connect: Connect) -> Result<(), End> {
        let target = Target::of_app(&connect.tc_url)?;
        // SRS: a vhost that is named only with the stream comes too late for these sizes.
        let vhost = self.rtmp.hub.vhost(&target.vhost).ok();
        self.take_place(&target);
        let size = |of: fn(&Vhost) -> u32, default| vhost.as_deref().map_or(default, of);
        tracing::info!(
            cid = self.id,
            "client {}{} connected to {}{}",
            self.peer,
            self.proto.proxied().map_or(String::new(), |[a, b, c, d]| format!(" (for {a}.{b}.{c}.{d}, by its proxy)")),
            hidden(&connect.tc_url),
            if connect.flash_ver.is_empty() { String::new() } else { format!(" with {}", connect.flash_ver) },
        );
        self.connect = connect;
        self.proto.accept_connect(&ConnectReply {
            window_ack: size(|vhost| vhost.out_ack_size, PEER_BANDWIDTH),
            in_ack_size: size(|vhost| vhost.in_ack_size, 0),
            peer_bandwidth: PEER_BANDWIDTH,
            chunk_size: size(|vhost| vhost.chunk_size, self.rtmp.hub.conf().chunk_size),
            server_ip: self.wire.local_ip(),
            pid: std::process::id(),
            id: self.id.clone(),
        })?;
        Ok(())
    }

    /// Notes where the client is. The vhost is kept as it is now: a reload may take it away.
    fn take_place(&mut self, target: &Target) {
        if let Some(vhost) = self.rtmp.hub.conf().vhost(&target.vhost) {
            self.place = Some((vhost, target.app.clone()));
        }
    }

    /// Says what a player does not get.
    fn tell_left_out(&mut self) {
        let (Some(left_out), Some(stream)) = (&mut self.left_out, self.role.stream()) else { return };
        for words in left_out.words() {
            tracing::warn!(cid = self.id, "player {} of {} {words}", self.peer, stream.key);
        }
    }

    fn request(&mut self, name: &str, kind: ClientKind) -> Result<Request, End> {
        let mut target = Target::parse(&self.connect.tc_url, name)?;
        let vhosts = &self.rtmp.hub.conf().vhosts;
        let by_name = self.wire.server_name().filter(|name| vhosts.of_host(name).is_some());
        if let Some(name) = by_name.filter(|_| vhosts.of_host(&target.vhost).is_none()) {
            // The URL names a vhost that there is not, such as an address; the handshake named one that there is.
            name.clone_into(&mut target.vhost);
        }
        self.take_place(&target);
        Ok(Request {
            id: self.id.clone(),
            kind,
            ip: self.peer.ip(),
            is_local: self.peer.ip().to_canonical().is_loopback() && self.proto.proxied().is_none(),
            vhost: target.vhost,
            app: target.app,
            name: target.stream.clone(),
            stream: target.stream,
            param: target.param,
            tc_url: target.tc_url,
            page_url: self.connect.page_url.clone(),
            swf_url: self.connect.swf_url.clone(),
            bearer: None,
        })
    }

    async fn publish(&mut self, name: &str, style: PublishStyle) -> Result<(), End> {
        let (kind, order) = match style {
            PublishStyle::Flash => (ClientKind::FlashPublish, "Flash"),
            PublishStyle::Fmle => (ClientKind::FmlePublish, "FMLE"),
            PublishStyle::Haivision => (ClientKind::HaivisionPublish, "Haivision"),
        };
        let request = self.request(name, kind).inspect_err(|end| {
            self.proto.refuse_publish("NetStream.Publish.BadName", &end.to_string());
        })?;
        let hub = self.rtmp.hub.clone();
        let publisher = self.unless_gone(let_publish(&hub, &request)).await.inspect_err(|end| {
            if let End::Refused(refusal) = end {
                self.proto.refuse_publish("NetStream.Publish.BadName", &refusal.to_string());
            }
        })?;
        tracing::info!(cid = self.id, "client {} publishes {} (RTMP, {order})", self.peer, publisher.stream().key);
        self.become_role(Role::Publisher(Box::new(Ingest::new(publisher, Instant::now()))));
        self.proto.accept_publish()?;
        Ok(())
    }

    /// Waits for the answer to a command, and goes with the client when it hangs up before. What it sends meanwhile is
    /// kept for afterwards: as much as there is room for, the rest in the socket.
    async fn unless_gone<T>(&mut self, answer: impl Future<Output = Result<T, Refusal>>) -> Result<T, End> {
        self.counted = self.proto.bytes_in();
        // Replies to what came before the command do not wait with it.
        self.flush().await?;
        let mut answer = pin!(answer);
        loop {
            let has_room = self.proto.room() >= READ;
            let heard = async { if has_room { self.wire.wait(None).await } else { self.wire.closed().await } };
            let arrived = tokio::select! {
                // What is known at once needs no look at the socket.
                biased;
                answer = answer.as_mut() => return Ok(answer?),
                heard = heard => heard?,
            };
            let proto = &mut self.proto;
            match self.wire.eat(arrived, |bytes| proto.handle_input(Instant::now(), bytes))? {
                Some((0, _)) => return Err(End::Closed),
                Some((_, held)) => held?,
                None => {}
            }
        }
    }

    async fn play(&mut self, name: &str, duration: f64) -> Result<(), End> {
        let request = self.request(name, ClientKind::RtmpPlay).inspect_err(|end| {
            self.proto.refuse_play("NetStream.Play.StreamNotFound", &end.to_string());
        })?;
        let hub = self.rtmp.hub.clone();
        let subscriber = self.unless_gone(let_play(&hub, &request)).await.inspect_err(|end| {
            if let End::Refused(refusal) = end {
                self.proto.refuse_play("NetStream.Play.StreamNotFound", &refusal.to_string());
            }
        })?;
        let (stream, client) = (subscriber.stream().clone(), subscriber.client().clone());
        let publisher = match stream.publisher() {
            Some(publisher) => format!("published by client {} from {}", publisher.id, publisher.ip),
            None => "nobody publishes it yet".to_owned(),
        };
        tracing::info!(cid = self.id, "client {} plays {} (RTMP); {publisher}", self.peer, stream.key);
        self.play_until = play_limit(duration).map(|limit| Instant::now() + limit);
        let takes = self.connect.enhanced.unwrap_or(Takes::EVERYTHING);
        self.left_out = LeftOut::new(takes, stream.clone());
        let framing = Messages::new(self.proto.out_chunk_size(), takes);
        self.wire.get_up()?;
        let role = match &self.wire {
            Wire::Plain(socket) => {
                let seat = self.fanout.seat(subscriber, socket.clone(), Box::new(framing));
                Role::Seated { seat, client, stream }
            }
            _ => Role::Lone(Box::new(Lone::new(subscriber, Box::new(framing))), Vec::new()),
        };
        self.become_role(role);
        self.tell_left_out();
        // Only now: a client that does not read the reply is a player that falls behind, within its limits.
        self.proto.accept_play()?;
        self.flush().await
    }

    /// The player goes, the connection stays.
    async fn stop_playing(&mut self) -> Result<(), End> {
        let first = match self.leave("it stopped playing") {
            Role::Seated { seat, .. } => seat.leave(),
            _ => Vec::new(),
        };
        self.play_until = None;
        for bytes in first {
            self.wire.write_all(&bytes).await?;
            self.sent += bytes.len() as u64;
        }
        Ok(())
    }

    /// Gives up the role and says how it went.
    fn leave(&mut self, why: &str) -> Role {
        self.count();
        if let Role::Seated { seat, .. } = &self.role {
            seat.report();
        }
        let role = std::mem::replace(&mut self.role, Role::Idle);
        (self.kicked, self.left_out) = (None, None);
        if let (Some(client), Some(stream)) = (role.client(), role.stream()) {
            self.sent += client.traffic.bytes_sent();
            let (what, bytes, moved) = match client.kind.publishes() {
                true => ("publisher", client.traffic.bytes_received(), "received from"),
                false => ("player", client.traffic.bytes_sent(), "sent to"),
            };
            tracing::info!(
                cid = self.id,
                "{what} {} left {} after {:.1} s, {bytes} bytes {moved} it: {why}",
                self.peer,
                stream.key,
                client.since.elapsed().as_secs_f32(),
            );
        }
        role
    }

    /// Counts bytes that came since the last time.
    fn count(&mut self) {
        let total = self.proto.bytes_in();
        let fresh = total.saturating_sub(self.counted);
        self.counted = total;
        if let (Some(client), Some(stream)) = (self.role.client(), self.role.stream()) {
            client.traffic.received(fresh);
            stream.count_received(fresh);
        }
    }
}

impl Drop for Session {
    /// A shard that stops drops its sessions where they wait: the end of these is told as well.
    fn drop(&mut self) {
        drop(self.leave("the server ends"));
        self.tell_closed();
    }
}

impl Role {
    fn client(&self) -> Option<Arc<Client>> {
        match self {
            Role::Idle => None,
            Role::Publisher(ingest) => Some(ingest.publisher().client().clone()),
            Role::Seated { client, .. } => Some(client.clone()),
            Role::Lone(lone, _) => Some(lone.subscriber().client().clone()),
        }
    }

    fn stream(&self) -> Option<&Arc<Stream>> {
        match self {
            Role::Idle => None,
            Role::Publisher(ingest) => Some(ingest.publisher().stream()),
            Role::Seated { stream, .. } => Some(stream),
            Role::Lone(lone, _) => Some(lone.subscriber().stream()),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self {
            Role::Publisher(ingest) => Some(ingest.deadline()),
            _ => None,
        }
    }

    /// Ends when a player behind TLS has something to get, or when the fan-out has nothing more to send.
    async fn turn(&mut self) -> Turn {
        match self {
            Role::Seated { seat, .. } => Turn::Ended(seat.ended().await),
            Role::Lone(lone, bytes) => {
                lone.next(bytes).await;
                Turn::Ready
            }
            Role::Idle | Role::Publisher(_) => std::future::pending().await,
        }
    }
}

async fn let_publish(hub: &Arc<Hub>, request: &Request) -> Result<Publisher, Refusal> {
    hub.connect(request).await?;
    hub.publish(request).await
}

async fn let_play(hub: &Arc<Hub>, request: &Request) -> Result<Subscriber, Refusal> {
    hub.connect(request).await?;
    hub.subscribe(request).await
}

/// `duration` of `play` in milliseconds; SRS: negative values are no limit.
fn play_limit(duration: f64) -> Option<Duration> {
    (duration > 0.0).then(|| Duration::from_millis(duration.min(1e12) as u64))
}

/// Ends when the stream of a player that does not take everything is made of something else.
async fn changed(left_out: &mut Option<LeftOut>) {
    match left_out {
        Some(left_out) => left_out.changed().await,
        None => std::future::pending().await,
    }
}

/// Ends when `future` does; never without one.
async fn ended(future: &mut Option<Kicked>) {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}
