//! [`Worker`]: the sessions of one shard, and its UDP socket.
//!
//! A client is known by its address. One whose address is new says by its first check (STUN) which session it is of; the
//! check counts when its MESSAGE-INTEGRITY shows that it knows the session's password.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use bytes::Bytes;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::AbortHandle;
use weir_conf::Config;
use weir_hub::{Client, PacketLane, Stream, Watch};
use weir_net::{Buffers, Connections, Udp};
use weir_proto_rtc::{Credentials, Event, Output, PeerError};
use weir_rtp::{Kind, stun};

use crate::breaker::{Breaker, Level};
use crate::counters::Counters;
use crate::deadlines::Deadlines;
use crate::outbox::Outbox;
use crate::playing::Rates;
use crate::registry::{Registry, Seat};
use crate::routes::{Home, Routes};
use crate::session::{Path, Role, Route, Session, Via};

/// Every session is looked at this often: for kicks, silence, missing key frames, layers.
const TICK: Duration = Duration::from_millis(200);
/// A publisher is asked for key frames this often at most: each costs as much as half a second of pictures.
pub(crate) const ASK_EVERY: Duration = Duration::from_millis(500);
/// Batches that are read before others get a turn.
const BATCHES: usize = 8;
/// Other tasks of the shard get a turn after so many players.
const PLAYERS_AT_A_TIME: usize = 64;
/// What waits for a worker: datagrams that came to another one's socket, and what signalling wants.
pub(crate) const INBOX: usize = 4096;
/// So long handshakes are worked on before media gets its turn.
const HANDSHAKE_TURN: Duration = Duration::from_millis(1);

/// What a worker is told from elsewhere.
#[derive(Debug)]
pub(crate) enum Command {
    /// A datagram that came to another worker, for one of this one's sessions.
    Datagram { key: u64, path: Path, bytes: Bytes },
    /// A session ends by the client's wish.
    End { key: u64 },
    /// ICE goes on with other credentials.
    Restart { key: u64, own: Credentials, remote: Credentials },
    /// Every session ends.
    Stop(oneshot::Sender<()>),
}

/// The sessions of one shard.
pub(crate) struct Worker {
    index: usize,
    udp: Udp,
    registry: Arc<Registry>,
    inboxes: Arc<[mpsc::Sender<Command>]>,
    connections: Arc<Connections>,
    state: RefCell<State>,
    breaker: RefCell<Breaker>,
    /// Small NAL units of frames share packets (`rtc_server.merge_nalus`).
    merge_units: bool,
    counters: Arc<Counters>,
    /// A session wants to be looked at earlier than what was waited for.
    earlier: Notify,
}

#[derive(Default)]
struct State {
    outbox: Outbox,
    /// Boxed: they are large, and move when the map grows.
    sessions: HashMap<u64, Box<Session>>,
    next_key: u64,
    routes: Routes,
    deadlines: Deadlines,
    /// By lane.
    groups: HashMap<usize, Group>,
    /// Sessions with messages of DTLS that wait, each once: one may cost as much as a thousand packets, and media comes first.
    handshakes: VecDeque<u64>,
    /// Sessions that were not polled to the end.
    unfinished: Vec<u64>,
    level: Level,
}

/// The players of one stream.
struct Group {
    lane: Arc<PacketLane>,
    watch: Arc<Watch>,
    members: Vec<u64>,
    rates: Rates,
    task: AbortHandle,
}

/// How far a session is polled: each time costs a walk over all that it might want.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// To the end: it says when it wants to be looked at again.
    Wait,
    /// To the packet of media that has just come. More may be behind it: it is polled to the end after them.
    Packet,
}

/// Why a session ended.
#[derive(Debug)]
enum Over {
    /// It said goodbye, or its client asked for it by HTTP.
    Left,
    /// The operator ended it.
    Kicked,
    /// Nothing authentic came from it for that long.
    Silent(Duration),
    /// It sent checks for that long, and was not connected.
    Unconnected(Duration),
    /// Its first check came when so many connections were there.
    Full(usize),
    /// The server ends.
    Closing,
    /// DTLS, ICE or SRTP failed.
    Failed(PeerError),
    /// There is a mistake in this program.
    Broken,
}

impl Worker {
    /// Takes a socket over. To be called on the shard.
    pub(crate) fn new(
        index: usize,
        udp: Udp,
        registry: Arc<Registry>,
        inboxes: Arc<[mpsc::Sender<Command>]>,
        connections: Arc<Connections>,
        conf: &Config,
        counters: Arc<Counters>,
    ) -> Rc<Worker> {
        let breaker = RefCell::new(Breaker::new(conf.circuit_breaker.clone(), Instant::now()));
        let merge_units = conf.rtc_server.merge_nalus;
        let state = RefCell::new(State { outbox: Outbox::new(counters.clone()), ..State::default() });
        let earlier = Notify::new();
        Rc::new(Worker { index, udp, registry, inboxes, connections, state, breaker, merge_units, counters, earlier })
    }

    /// Serves until told to stop.
    pub(crate) async fn run(self: Rc<Self>, mut inbox: mpsc::Receiver<Command>) {
        let mut buffers = Buffers::default();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let due = self.state.borrow().deadlines.next();
            let due_at = async {
                match due {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                readable = self.udp.readable() => match readable {
                    Ok(()) => self.read(&mut buffers),
                    Err(error) => return tracing::error!("a socket of WebRTC cannot be read: {error}"),
                },
                () = due_at => self.tend_due(),
                () = self.earlier.notified() => {}
                _ = tick.tick() => self.tick(),
                command = inbox.recv() => match command {
                    Some(Command::Stop(done)) => {
                        self.stop();
                        let _ = done.send(());
                        return;
                    }
                    Some(command) => self.obey(command),
                    None => return,
                },
            }
            self.shake_hands();
            tokio::task::yield_now().await;
        }
    }

    /// Goes on with handshakes for a moment, with a message of each session in turn.
    fn shake_hands(self: &Rc<Self>) {
        let start = Instant::now();
        loop {
            let Some(key) = self.state.borrow_mut().handshakes.pop_front() else { break };
            let next = self.state.borrow_mut().sessions.get_mut(&key).and_then(|session| session.next_handshake());
            let Some((path, bytes, has_more)) = next else { continue };
            self.deliver(key, &path, &bytes, Instant::now());
            if has_more {
                self.state.borrow_mut().handshakes.push_back(key);
            }
            if start.elapsed() >= HANDSHAKE_TURN {
                break;
            }
        }
        let mut state = self.state.borrow_mut();
        state.outbox.flush(&self.udp);
        if !state.handshakes.is_empty() {
            self.earlier.notify_one();
        }
    }

    /// A packet of a TCP connection of this shard. False when the connection is no session's: it can end.
    pub(crate) fn packet(self: &Rc<Self>, path: &Path, bytes: &[u8]) -> bool {
        self.datagram(path, bytes, Instant::now());
        self.flush();
        self.knows(&path.route)
    }

    /// Whether it is some session's.
    pub(crate) fn knows(&self, route: &Route) -> bool {
        self.state.borrow().routes.home(route).is_some()
    }

    /// A TCP connection of this shard has ended.
    pub(crate) fn hung_up(&self, route: Route) {
        self.state.borrow_mut().routes.remove(&route);
    }

    fn read(self: &Rc<Self>, buffers: &mut Buffers) {
        for _ in 0..BATCHES {
            let now = Instant::now();
            let took = self.udp.receive(buffers, |came| {
                let route = Route { from: came.from, is_tcp: false };
                self.datagram(&Path { route, via: Via::Udp(came.to) }, came.bytes, now);
            });
            self.flush();
            match took {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::debug!("a datagram of WebRTC could not be read: {error}");
                    return;
                }
            }
        }
    }

    /// Takes a datagram to its session.
    fn datagram(self: &Rc<Self>, path: &Path, bytes: &[u8], now: Instant) {
        let home = self.state.borrow().routes.home(&path.route);
        let home = match Kind::of(bytes) {
            Kind::Stun => self.greet(path, bytes, home, now),
            Kind::Unknown => None,
            Kind::Dtls | Kind::Rtp | Kind::Rtcp => home,
        };
        match home {
            Some(Home::Here(key)) => self.accept(key, path, bytes, now),
            Some(Home::Elsewhere(seat)) => {
                if let Some(inbox) = self.inboxes.get(seat.worker) {
                    // A datagram that finds no room is lost, as on any way.
                    let bytes = Bytes::copy_from_slice(bytes);
                    let _ = inbox.try_send(Command::Datagram { key: seat.key, path: path.clone(), bytes });
                }
            }
            None => {}
        }
    }

    /// Whose a check is. One that shows that it knows its session's password ties its address to that session.
    fn greet(self: &Rc<Self>, path: &Path, bytes: &[u8], home: Option<Home>, now: Instant) -> Option<Home> {
        // Answers to checks of ours come from where the session is known to be.
        let Some((ours, _)) = stun::username(bytes) else { return home };
        let found = self.registry.find(ours)?;
        let is_known = home.is_some() && home == found.seat.map(|seat| self.home(seat));
        if (found.is_before && !is_known) || (found.is_strict && stun::is_controlled(bytes)) {
            return None;
        }
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, found.password.as_bytes());
        let is_authentic = stun::is_authentic(bytes, |parts| {
            let mut context = hmac::Context::with_key(&key);
            parts.iter().for_each(|part| context.update(part));
            context.sign().as_ref().try_into().unwrap_or_default()
        });
        if !is_authentic {
            tracing::debug!("a check from {} for {} has the wrong MESSAGE-INTEGRITY", path.route.from, found.name);
            return None;
        }
        let seat = match found.seat {
            Some(seat) => seat,
            None => self.take(&found.name, now)?,
        };
        let home = self.home(seat);
        self.state.borrow_mut().routes.tie(path.route, home);
        Some(home)
    }

    fn home(&self, seat: Seat) -> Home {
        if seat.worker == self.index { Home::Here(seat.key) } else { Home::Elsewhere(seat) }
    }

    /// A session that waited lives here from now on.
    fn take(self: &Rc<Self>, name: &str, now: Instant) -> Option<Seat> {
        let mut state = self.state.borrow_mut();
        let seat = Seat { worker: self.index, key: state.next_key };
        let expected = *self.registry.claim(name, seat)?;
        state.next_key += 1;
        let (client, stream) = (expected.role.client().clone(), expected.role.stream().clone());
        let place = self.connections.enter().ok_or_else(|| Over::Full(self.connections.limit()));
        let mut session = match place.and_then(|place| guarded(|| expected.come(place, now))) {
            Ok(session) => session,
            Err(over) => {
                self.registry.forget(name);
                say(&client, &stream, &over);
                return None;
            }
        };
        tracing::debug!(cid = client.id, "the first check of {} for {} came", client.ip, stream.key);
        let rules = &stream.conf.load().rtc;
        if let Role::Play(playing) = &mut session.role {
            if rules.rtmp_to_rtc {
                playing.want_packets(self.merge_units);
            }
            let lane = playing.lane().clone();
            state.join(self, lane, seat.key, now);
        } else {
            if rules.rtc_to_rtmp {
                tokio::spawn(weir_bridge::frames::frames(stream.clone()));
            }
            tokio::task::spawn_local(ask(Rc::downgrade(self), stream.packets().clone(), seat.key));
        }
        state.sessions.insert(seat.key, Box::new(session));
        Some(seat)
    }

    /// Takes a datagram of one of the sessions here. A message of DTLS waits for its turn.
    fn accept(self: &Rc<Self>, key: u64, path: &Path, bytes: &[u8], now: Instant) {
        if Kind::of(bytes) != Kind::Dtls {
            return self.deliver(key, path, bytes, now);
        }
        let state = &mut *self.state.borrow_mut();
        match state.sessions.get_mut(&key) {
            Some(session) => {
                if session.queue_handshake(path.clone(), Bytes::copy_from_slice(bytes)) {
                    state.handshakes.push_back(key);
                }
            }
            None => state.routes.leave(&path.route, key),
        }
    }

    fn deliver(self: &Rc<Self>, key: u64, path: &Path, bytes: &[u8], now: Instant) {
        let state = &mut *self.state.borrow_mut();
        let Some(session) = state.sessions.get_mut(&key) else {
            state.routes.leave(&path.route, key);
            return;
        };
        let kind = Kind::of(bytes);
        // Only authentic ones get here. Answers to checks of ours have no USERNAME.
        if kind == Kind::Stun
            && stun::username(bytes).is_some()
            && let Some(oldest) = session.checked(path.clone(), now)
        {
            state.routes.leave(&oldest, key);
        }
        session.count(bytes.len());
        if kind == Kind::Rtcp && session.is_connected() {
            session.hear(now);
        }
        if state.level >= Level::Critical && kind == Kind::Rtcp && matches!(session.role, Role::Play(_)) {
            self.counters.ignored.add(1);
            return;
        }
        let Route { from, is_tcp } = path.route;
        let taken = guarded(|| session.peer.receive(now, from, is_tcp, bytes));
        let until = if kind == Kind::Rtp { Until::Packet } else { Until::Wait };
        self.tend(state, key, taken, until, now);
    }

    /// Takes what a session has to say and to send, and ends it when it is over.
    fn tend(&self, state: &mut State, key: u64, so_far: Result<(), Over>, until: Until, now: Instant) {
        let Some(session) = state.sessions.get_mut(&key) else { return };
        let State { outbox, deadlines, unfinished, .. } = state;
        let goes_on = so_far.and_then(|()| {
            guarded(|| {
                loop {
                    match session.peer.poll()? {
                        Output::Datagram(datagram) => {
                            session.send(&self.udp, outbox, &datagram);
                        }
                        Output::Event(event) => {
                            let is_packet = matches!(event, Event::Packet(_));
                            self.counters.wanted.add(u64::from(matches!(event, Event::KeyFrameWanted(_))));
                            if !session.told(event, now) {
                                return Ok(false);
                            }
                            if is_packet && until == Until::Packet {
                                if !std::mem::replace(&mut session.is_unfinished, true) {
                                    unfinished.push(key);
                                }
                                return Ok(true);
                            }
                        }
                        Output::Wait(at) => {
                            deadlines.set(key, &mut session.armed, at);
                            return Ok(true);
                        }
                    }
                }
            })
        });
        if until != Until::Packet {
            session.tell_sent();
        }
        match goes_on {
            Ok(true) => {}
            Ok(false) => self.end(state, key, &Over::Left),
            Err(over) => self.end(state, key, &over),
        }
    }

    /// Gives sessions a turn whose time has come.
    fn tend_due(&self) {
        let state = &mut *self.state.borrow_mut();
        let now = Instant::now();
        while let Some((key, at)) = state.deadlines.due(now) {
            let Some(session) = state.sessions.get_mut(&key) else { continue };
            if !session.armed.came_up(at) {
                continue;
            }
            let passed = guarded(|| session.peer.advance(now));
            self.tend(state, key, passed, Until::Wait, now);
        }
        state.outbox.flush(&self.udp);
    }

    /// A pass over the players of a stream: each gets what came since the last one.
    async fn pass(&self, group: usize) {
        let mut from = 0;
        loop {
            let is_last = {
                let state = &mut *self.state.borrow_mut();
                let Some(one) = state.groups.get(&group) else { return };
                let published = one.lane.published();
                let members: Vec<u64> = one.members.iter().skip(from).take(PLAYERS_AT_A_TIME).copied().collect();
                let now = Instant::now();
                for key in &members {
                    let State { sessions, outbox, level, .. } = state;
                    let Some(session) = sessions.get_mut(key) else { continue };
                    if *level == Level::Dying {
                        session.skip();
                        continue;
                    }
                    match guarded(|| session.feed(&published, now, &self.udp, outbox)) {
                        Ok(false) => session.tell_sent(),
                        fed => self.tend(state, *key, fed.map(drop), Until::Wait, now),
                    }
                    state.outbox.flush(&self.udp);
                }
                members.len() < PLAYERS_AT_A_TIME
            };
            if is_last {
                break;
            }
            from += PLAYERS_AT_A_TIME;
            tokio::task::yield_now().await;
        }
        self.earlier.notify_one();
    }

    fn tick(&self) {
        let state = &mut *self.state.borrow_mut();
        let now = Instant::now();
        for group in state.groups.values_mut() {
            group.rates.measure(&group.lane, now);
        }
        if let Some((level, percent)) = self.breaker.borrow_mut().measure(now) {
            state.set_level(level, percent, self.index);
        }
        let keys: Vec<u64> = state.sessions.keys().copied().collect();
        for key in keys {
            let Some(session) = state.sessions.get_mut(&key) else { continue };
            self.counters.resent.add(session.peer.take_resent());
            if session.is_kicked() {
                self.end(state, key, &Over::Kicked);
                continue;
            }
            if session.is_silent(now) {
                let over = if session.is_connected() { Over::Silent } else { Over::Unconnected };
                let over = over(session.patience());
                self.end(state, key, &over);
                continue;
            }
            match &mut session.role {
                Role::Publish(publishing) => {
                    publishing.tick(now);
                    // Who came meanwhile is not asked for lost packets either, nor are layers that have just begun.
                    if state.level != Level::Calm {
                        session.peer.set_nack(false);
                    }
                }
                Role::Play(playing) => {
                    if let Some(group) = state.groups.get(&lane_id(playing.lane())) {
                        playing.tick(&mut session.peer, &group.rates, now);
                    }
                }
            }
        }
        state.routes.sweep(|seat| self.registry.is_seated(seat));
        state.outbox.flush(&self.udp);
    }

    fn obey(self: &Rc<Self>, command: Command) {
        let now = Instant::now();
        match command {
            Command::Datagram { key, path, bytes } => {
                self.accept(key, &path, &bytes, now);
                self.flush();
            }
            Command::End { key } => self.end(&mut self.state.borrow_mut(), key, &Over::Left),
            Command::Restart { key, own, remote } => {
                if let Some(session) = self.state.borrow_mut().sessions.get_mut(&key) {
                    session.peer.restart(own, remote);
                }
            }
            Command::Stop(_) => {}
        }
    }

    fn stop(&self) {
        let state = &mut *self.state.borrow_mut();
        let keys: Vec<u64> = state.sessions.keys().copied().collect();
        for key in keys {
            self.end(state, key, &Over::Closing);
        }
    }

    /// Says goodbye to a session and forgets it.
    fn end(&self, state: &mut State, key: u64, over: &Over) {
        let Some(mut session) = state.sessions.remove(&key) else { return };
        let now = Instant::now();
        if !matches!(over, Over::Failed(_) | Over::Broken) {
            let outbox = &mut state.outbox;
            // The goodbye is a courtesy: nothing is waited for.
            let _ = guarded(|| {
                session.peer.close()?;
                session.peer.advance(now)?;
                loop {
                    match session.peer.poll()? {
                        Output::Datagram(datagram) => session.send(&self.udp, outbox, &datagram),
                        // What it tells is for nobody any more; what is behind it has to leave.
                        Output::Event(_) => {}
                        Output::Wait(_) => return Ok(()),
                    }
                }
            });
            state.outbox.flush(&self.udp);
        }
        session.tell_sent();
        for route in session.routes() {
            state.routes.leave(&route, key);
        }
        if let Role::Play(playing) = &session.role {
            state.leave(playing.lane(), key);
        }
        self.registry.forget(&session.name);
        say(session.client(), session.stream(), over);
    }

    /// Polls to the end who was not, and sends what is there.
    fn flush(&self) {
        let state = &mut *self.state.borrow_mut();
        let now = Instant::now();
        while let Some(key) = state.unfinished.pop() {
            if let Some(session) = state.sessions.get_mut(&key) {
                session.is_unfinished = false;
                self.tend(state, key, Ok(()), Until::Wait, now);
            }
        }
        state.outbox.flush(&self.udp);
        self.earlier.notify_one();
    }

    /// Asks a publisher for the key frames that its players want. False when it has gone.
    fn ask_keys(&self, key: u64, lane: &PacketLane) -> bool {
        let state = &mut *self.state.borrow_mut();
        let Some(session) = state.sessions.get_mut(&key) else { return false };
        if !session.is_connected() {
            return true;
        }
        let now = Instant::now();
        for (track, layer) in lane.take_asks() {
            session.peer.ask_key(usize::from(track), usize::from(layer));
            self.counters.asked.add(1);
        }
        let passed = guarded(|| session.peer.advance(now));
        self.tend(state, key, passed, Until::Wait, now);
        state.outbox.flush(&self.udp);
        true
    }
}

impl State {
    fn set_level(&mut self, level: Level, percent: i64, shard: usize) {
        let before = std::mem::replace(&mut self.level, level);
        let gives_up = match level {
            Level::Calm if before == Level::Calm => return,
            Level::Calm => "all is done again",
            Level::High => "publishers of WebRTC are not asked for lost packets",
            Level::Critical => "lost packets of WebRTC are not sent again",
            Level::Dying => "players of WebRTC get no packets",
        };
        tracing::warn!("CircuitBreaker: cpu={percent}% of the core of shard {shard}: {gives_up} (circuit_breaker)");
        if (before == Level::Calm) == (level == Level::Calm) {
            return;
        }
        for session in self.sessions.values_mut() {
            if let Role::Publish(_) = session.role {
                session.peer.set_nack(level == Level::Calm);
            }
        }
    }

    fn join(&mut self, worker: &Rc<Worker>, lane: Arc<PacketLane>, key: u64, now: Instant) {
        let id = lane_id(&lane);
        let group = self.groups.entry(id).or_insert_with(|| {
            let watch = lane.watch();
            let task = tokio::task::spawn_local(follow(Rc::downgrade(worker), id, watch.clone())).abort_handle();
            Group { rates: Rates::new(&lane, now), lane, watch, members: Vec::new(), task }
        });
        group.members.push(key);
    }

    fn leave(&mut self, lane: &Arc<PacketLane>, key: u64) {
        let id = lane_id(lane);
        let Some(group) = self.groups.get_mut(&id) else { return };
        group.members.retain(|member| *member != key);
        if group.members.is_empty() {
            group.lane.unwatch(&group.watch);
            group.task.abort();
            self.groups.remove(&id);
        }
    }
}

/// A group keeps its lane: as long as it is there, no other has this number.
fn lane_id(lane: &Arc<PacketLane>) -> usize {
    Arc::as_ptr(lane).addr()
}

/// Wakes the players of a stream at each append.
async fn follow(worker: std::rc::Weak<Worker>, group: usize, watch: Arc<Watch>) {
    loop {
        watch.appended().await;
        let Some(worker) = worker.upgrade() else { return };
        worker.pass(group).await;
    }
}

/// Has a publisher asked for key frames, but not too often.
async fn ask(worker: std::rc::Weak<Worker>, lane: Arc<PacketLane>, key: u64) {
    loop {
        lane.asked().await;
        match worker.upgrade() {
            Some(worker) if worker.ask_keys(key, &lane) => {}
            _ => return,
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

/// Runs what wire data has a part in. A mistake there costs one session, not the shard.
fn guarded<T>(run: impl FnOnce() -> Result<T, PeerError>) -> Result<T, Over> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(done) => done.map_err(Over::Failed),
        Err(_) => Err(Over::Broken),
    }
}

fn say(client: &Client, stream: &Stream, over: &Over) {
    let (id, ip, kind) = (&client.id, client.ip, client.kind.name());
    match over {
        Over::Left => tracing::info!(cid = id, "{kind} {ip} of {} left", stream.key),
        Over::Kicked => tracing::info!(cid = id, "{kind} {ip} of {} was ended through the API", stream.key),
        Over::Closing => tracing::info!(cid = id, "{kind} {ip} of {} is ended with the server", stream.key),
        Over::Silent(patience) => tracing::info!(
            cid = id,
            "{kind} {ip} of {} ended: nothing came for {} s (rtc.stun_timeout)",
            stream.key,
            patience.as_secs()
        ),
        Over::Unconnected(patience) => tracing::info!(
            cid = id,
            "{kind} {ip} of {} ended: it was not connected within {} s of its first check (rtc.stun_timeout)",
            stream.key,
            patience.as_secs()
        ),
        Over::Full(limit) => tracing::warn!(
            cid = id,
            "{kind} {ip} of {} ended at its first check: all {limit} connections are taken (max_connections)",
            stream.key
        ),
        Over::Failed(error) => {
            tracing::warn!(cid = id, "{kind} {ip} of {} ended: {error}", stream.key);
        }
        Over::Broken => {
            tracing::error!(cid = id, "{kind} {ip} of {} ended by a mistake in this program", stream.key);
        }
    }
}
