//! Many clients on one thread: players that throw away what they get, publishers that share one encoding.
//!
//! Clients that talk are woken by the kernel. Players that only take bytes are not: at intervals their sockets are
//! emptied inside the kernel, so that thousands fit on one core and their wake-ups do not weigh on the server.

mod client;
pub(crate) mod datagrams;
mod exchange;
mod hls;
mod outcome;
mod player;
pub(crate) mod rtc;
mod tally;
mod window;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use mio::{Events, Interest, Poll, Token};
use nix::time::{ClockId, clock_gettime};

use crate::media::Media;
use crate::numbers;
use crate::packets::Packets;
use crate::target::Target;
use crate::usage::{Sample, own_cpu};
use client::{Client, Next};
pub(crate) use hls::resolve;
#[cfg(test)]
pub(crate) use outcome::Rtp;
pub(crate) use outcome::{Group, Outcome};
use window::{Phase, Window};

/// Readiness taken from the kernel at once.
const EVENTS: usize = 1024;
/// Sockets emptied before those who are to be woken at once are looked after again.
const DRAIN_BATCH: usize = 256;
/// Players wait for publishers before them for so long at most.
const PUBLISH_LIMIT: Duration = Duration::from_secs(5);
/// What one call empties a socket of; nothing is ever written there by the calls that drop.
const SINK: usize = 1 << 20;

/// One client.
#[derive(Clone, Debug)]
pub(crate) enum Job {
    Play {
        target: Target,
        /// Reads every frame and its mark, instead of dropping bytes.
        parse: bool,
    },
    Push {
        target: Target,
        media: Arc<Media>,
        /// Each frame carries the time at which it was sent.
        marked: bool,
    },
    /// Publishes packets: WebRTC, or SRTP to the floor.
    Send {
        target: Target,
        packets: Arc<Packets>,
        /// Each packet carries the time at which it was sent.
        marked: bool,
    },
}

/// When things happen.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    /// Clients that start each second.
    pub(crate) ramp: u32,
    /// From the moment when all play or publish until measuring begins.
    pub(crate) warm_up: Duration,
    pub(crate) duration: Duration,
    /// A player that gets no byte for so long has stalled.
    pub(crate) stall_after: Duration,
    /// Between two rounds of emptying sockets: as long as a player may take to read, and so to acknowledge.
    pub(crate) drain_every: Duration,
    /// About how long a client stays; then it leaves and comes again.
    pub(crate) stay: Option<Duration>,
    /// So many of the last clients start when measuring begins, `late_ramp` of them each second. They have a thread of their
    /// own: those that are measured are not to wait for what these have to do.
    pub(crate) late: usize,
    pub(crate) late_ramp: u32,
    /// The server's process, to be watched.
    pub(crate) server: Option<u32>,
    /// A line each second on standard error.
    pub(crate) progress: bool,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            ramp: 500,
            warm_up: Duration::from_secs(3),
            duration: Duration::from_secs(10),
            stall_after: Duration::from_secs(3),
            drain_every: Duration::from_millis(2),
            stay: None,
            late: 0,
            late_ramp: 100,
            server: None,
            progress: false,
        }
    }
}

/// Runs all jobs until the measured time is over. Clients start in the order of the jobs.
pub(crate) fn run(jobs: Vec<Job>, schedule: &Schedule) -> Result<Outcome> {
    Swarm::new(jobs, schedule)?.run()
}

/// Runs those that come when measuring begins, until it ends.
fn run_late(jobs: Vec<Job>, schedule: &Schedule) -> Result<Vec<Client>> {
    let mut swarm = Swarm::new(jobs, schedule)?;
    swarm.clients.iter_mut().for_each(Client::open_window);
    swarm.window = Window::open(Instant::now());
    swarm.serve()?;
    Ok(swarm.clients)
}

/// True once somebody asked this program to end. What was measured so far is still told.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// To be called once, before anything runs.
pub(crate) fn heed_interrupts() -> Result<()> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed)).context("cannot heed signals")
}

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Nanoseconds of the clock that all processes of a machine share.
pub(crate) fn clock_nanos() -> u64 {
    clock_gettime(ClockId::CLOCK_MONOTONIC)
        .ok()
        .and_then(|t| u64::try_from(Duration::from(t).as_nanos()).ok())
        .unwrap_or(0)
}

struct Swarm<'a> {
    schedule: &'a Schedule,
    /// Clients that talk or parse: woken at once.
    prompt: Poll,
    /// Players whose bytes are dropped: looked at in rounds.
    lazy: Poll,
    drain_at: Instant,
    clients: Vec<Client>,
    /// What is left to those who come late, and their thread.
    late: Vec<Job>,
    latecomers: Option<JoinHandle<Result<Vec<Client>>>>,
    started: usize,
    /// All publishers before this one have begun, or are gone.
    begun: usize,
    /// When clients have something to send, publishers above all.
    due: BinaryHeap<Reverse<(Instant, usize)>>,
    sink: Vec<u8>,
    /// Seconds from sending to receiving, of frames that came while measuring.
    delays: Vec<f64>,
    window: Window,
    memory_idle: Option<u64>,
    shown: Shown,
}

/// What the last line of progress said.
struct Shown {
    next: Instant,
    bytes: u64,
    own: Duration,
    server: Option<Sample>,
}

impl<'a> Swarm<'a> {
    fn new(mut jobs: Vec<Job>, schedule: &'a Schedule) -> Result<Self> {
        let now = Instant::now();
        let late = jobs.split_off(jobs.len().saturating_sub(schedule.late));
        let server = schedule.server.map(Sample::take).transpose()?;
        Ok(Self {
            schedule,
            prompt: Poll::new().context("cannot make an epoll")?,
            lazy: Poll::new().context("cannot make an epoll")?,
            drain_at: now,
            clients: jobs.into_iter().map(|job| Client::new(job, now)).collect(),
            late,
            latecomers: None,
            started: 0,
            begun: 0,
            due: BinaryHeap::new(),
            sink: vec![0; SINK],
            delays: Vec::new(),
            window: Window::new(now),
            memory_idle: server.as_ref().map(|sample| sample.memory),
            shown: Shown { next: now + Duration::from_secs(1), bytes: 0, own: own_cpu(), server },
        })
    }

    fn run(mut self) -> Result<Outcome> {
        self.serve()?;
        if let Some(thread) = self.latecomers.take() {
            self.clients.extend(thread.join().map_err(|_| anyhow!("the thread of those who come late broke"))??);
        }
        Ok(self.finish())
    }

    fn serve(&mut self) -> Result<()> {
        let (mut events, mut drained) = (Events::with_capacity(EVENTS), Events::with_capacity(DRAIN_BATCH));
        while self.window.phase != Phase::Done {
            if interrupted() {
                self.window.interrupt(Instant::now());
                break;
            }
            let wait = self.wake_at().saturating_duration_since(Instant::now());
            match self.prompt.poll(&mut events, Some(wait)) {
                Err(e) if e.kind() != io::ErrorKind::Interrupted => return Err(e).context("epoll failed"),
                _ => {}
            }
            for event in &events {
                self.ready(event.token().0, event.is_read_closed());
            }
            self.send_due(Instant::now());
            let now = Instant::now();
            if now >= self.drain_at {
                let more = self.drain(&mut drained)?;
                self.drain_at = if more { now } else { Instant::now() + self.schedule.drain_every };
            }
            self.start_some(now);
            self.turn_window(now);
            if now >= self.shown.next {
                self.each_second(now);
            }
        }
        Ok(())
    }

    fn wake_at(&self) -> Instant {
        let publish = self.due.peek().map(|Reverse((at, _))| *at);
        let start = self.next_start();
        [publish, start].into_iter().flatten().fold(self.drain_at.min(self.shown.next), Instant::min)
    }

    /// When the next client starts, if one does: players behind publishers.
    fn next_start(&self) -> Option<Instant> {
        let waits = self.begun < self.started && !self.clients.get(self.started).is_some_and(Client::is_publisher);
        if waits && self.window.began.elapsed() < PUBLISH_LIMIT {
            return None;
        }
        (self.started < self.clients.len()).then(|| self.window.start_of(self.started, self.schedule.ramp))
    }

    /// Starts the clients whose turn has come.
    fn start_some(&mut self, now: Instant) {
        let begun = |client: &Client| !(client.is_publisher() && client.is_settling());
        while self.begun < self.started && self.clients.get(self.begun).is_some_and(begun) {
            self.begun += 1;
        }
        while self.next_start().is_some_and(|at| at <= now) {
            self.start(self.started, now);
            self.started += 1;
        }
        if self.started >= self.clients.len() {
            self.window.all_started(now);
        }
    }

    fn start(&mut self, index: usize, now: Instant) {
        if let Some(client) = self.clients.get_mut(index) {
            client.start(now, |socket| {
                self.prompt.registry().register(socket, Token(index), Interest::READABLE | Interest::WRITABLE)
            });
        }
        self.push_wake(index);
    }

    /// Those whose time is over leave; those that left a second ago come again.
    fn come_and_go(&mut self, now: Instant, stay: Duration) {
        for index in 0..self.started {
            let Some(client) = self.clients.get_mut(index) else { continue };
            if client.is_away() {
                self.start(index, now);
            } else if client.is_active() {
                client.plan_to_leave(now, stay);
                client.leave(now);
            }
        }
    }

    /// `closed`: the peer closed its side, and nothing more will wake the client.
    fn ready(&mut self, index: usize, closed: bool) {
        let now = Instant::now();
        let Some(client) = self.clients.get_mut(index) else { return };
        // What the others get at first may be old: a player begins at the newest key frame.
        let measuring = self.window.phase == Phase::Measure && client.reads_marks();
        let delays = &mut self.delays;
        let next = client.ready(now, closed, &mut self.sink, &mut |sent_at| {
            if measuring {
                delays.push(clock_nanos().saturating_sub(sent_at) as f64 / 1e9);
            }
        });
        match next {
            Next::Same => {}
            Next::Wake(at) => self.due.push(Reverse((at, index))),
            Next::Publish => self.due.push(Reverse((now, index))),
            Next::Listen => {
                let registry = self.prompt.registry();
                let interest = Interest::READABLE | Interest::WRITABLE;
                let listens =
                    client.source().map_or(Ok(()), |source| registry.register(source, Token(index), interest));
                if let Err(e) = listens {
                    client.lose(&format!("epoll: {}", e.kind()));
                }
                self.due.push(Reverse((now, index)));
            }
            Next::Drop => {
                if let Some(socket) = client.source() {
                    let moved = self
                        .prompt
                        .registry()
                        .deregister(socket)
                        .and_then(|()| self.lazy.registry().register(socket, Token(index), Interest::READABLE));
                    if let Err(e) = moved {
                        client.lose(&format!("epoll: {}", e.kind()));
                    }
                }
            }
        }
        self.push_wake(index);
    }

    fn push_wake(&mut self, index: usize) {
        if let Some(at) = self.clients.get_mut(index).and_then(Client::wants_waking) {
            self.due.push(Reverse((at, index)));
        }
    }

    fn send_due(&mut self, now: Instant) {
        while let Some(Reverse((at, index))) = self.due.peek().copied()
            && at <= now
        {
            self.due.pop();
            if let Some(next) = self.clients.get_mut(index).and_then(|client| client.send_due(now)) {
                self.due.push(Reverse((next, index)));
            }
            self.push_wake(index);
        }
    }

    /// Empties some sockets; true when there may be more.
    fn drain(&mut self, events: &mut Events) -> Result<bool> {
        match self.lazy.poll(events, Some(Duration::ZERO)) {
            Err(e) if e.kind() != io::ErrorKind::Interrupted => return Err(e).context("epoll failed"),
            _ => {}
        }
        let now = Instant::now();
        let mut found = 0;
        for event in &*events {
            found += 1;
            if let Some(client) = self.clients.get_mut(event.token().0) {
                client.drop_bytes(now, event.is_read_closed(), &mut self.sink);
                if let Some(at) = client.wants_waking() {
                    self.due.push(Reverse((at, event.token().0)));
                }
            }
        }
        Ok(found == DRAIN_BATCH)
    }

    fn turn_window(&mut self, now: Instant) {
        let settled = || self.started >= self.clients.len() && !self.clients.iter().any(Client::is_settling);
        match self.window.turn(now, self.schedule, settled) {
            Some(Phase::Measure) => {
                self.clients.iter_mut().for_each(Client::open_window);
                self.window.server = self.schedule.server.and_then(|pid| Sample::take(pid).ok());
                self.window.own = own_cpu();
                self.window.opened = Instant::now();
                self.start_latecomers();
            }
            Some(Phase::Done) => self.window.closed = now,
            _ => {}
        }
    }

    fn start_latecomers(&mut self) {
        let jobs = std::mem::take(&mut self.late);
        if jobs.is_empty() {
            return;
        }
        let ramp = self.schedule.late_ramp;
        let schedule = Schedule { late: 0, ramp, server: None, progress: false, ..self.schedule.clone() };
        self.latecomers = Some(thread::spawn(move || run_late(jobs, &schedule)));
    }

    fn each_second(&mut self, now: Instant) {
        for client in &mut self.clients {
            client.check_stall(now, self.schedule.stall_after);
        }
        if let Some(stay) = self.schedule.stay {
            self.come_and_go(now, stay);
        }
        let server = self.schedule.server.and_then(|pid| Sample::take(pid).ok());
        let (own, bytes) = (own_cpu(), self.clients.iter().map(|client| client.bytes).sum::<u64>());
        if self.schedule.progress {
            let percent = |cpu: Duration| format!("{:.0} %", cpu.as_secs_f64() * 100.0);
            let watched = match (&server, &self.shown.server) {
                (Some(new), Some(old)) => {
                    format!("   server {} {}", percent(new.since(old).cpu.total), numbers::bytes(new.memory as f64))
                }
                _ => String::new(),
            };
            eprintln!(
                "{:>4} s  {:<8} {} of {} active   {}   {} stalls   {} lost{watched}   bench {}",
                now.duration_since(self.window.began).as_secs(),
                self.window.phase.name(),
                self.clients.iter().filter(|client| client.is_active()).count(),
                self.clients.len(),
                numbers::bit_rate(bytes.saturating_sub(self.shown.bytes) as f64 * 8.0),
                self.clients.iter().map(|client| u64::from(client.stalls)).sum::<u64>(),
                self.clients.iter().filter(|client| client.lost.is_some()).count(),
                percent(own.saturating_sub(self.shown.own)),
            );
        }
        self.shown = Shown {
            next: self.shown.next.max(now - Duration::from_millis(500)) + Duration::from_secs(1),
            bytes,
            own,
            server,
        };
    }

    fn finish(mut self) -> Outcome {
        let server = self.schedule.server.and_then(|pid| Sample::take(pid).ok());
        let used = server.zip(self.window.server.as_ref()).map(|(end, begin)| end.since(begin));
        let own = own_cpu();
        let group = |publishers| Group::of(self.clients.iter().filter(|client| client.is_publisher() == publishers));
        let outcome = Outcome {
            seconds: self.window.closed.saturating_duration_since(self.window.opened).as_secs_f64(),
            players: group(false),
            publishers: group(true),
            delay: numbers::Spread::of(self.delays.iter().copied()),
            marks: self.delays.len(),
            server: used,
            memory_idle: self.memory_idle,
            own_cpu: own.saturating_sub(self.window.own),
        };
        self.clients.iter_mut().for_each(Client::say_goodbye);
        outcome
    }
}

/// How often each reason occurred.
fn count<'r>(reasons: impl Iterator<Item = &'r str>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason.to_owned()).or_default() += 1;
    }
    counts
}
