//! A bad network: a relay for UDP that loses, delays, reorders, doubles and holds back what it is told to.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

/// How often a thread looks whether the relay is gone.
const PATIENCE: Duration = Duration::from_millis(100);
/// Larger than any datagram.
const LARGEST: usize = 65_536;
/// What waits for its turn longer than this is dropped: the buffer of a small router.
const QUEUE: Duration = Duration::from_millis(200);
/// Datagrams of a run of losses.
const BURST: std::ops::RangeInclusive<u32> = 5..=25;

/// What happens to datagrams on one way.
#[derive(Debug, Clone, Copy, Default)]
pub struct Link {
    /// How many of them are lost, from 0 to 1.
    pub loss: f64,
    /// How many of them begin a run of losses, from 0 to 1: 5 to 25 in a row.
    pub bursts: f64,
    /// How many come twice, from 0 to 1.
    pub double: f64,
    /// How long all of them take.
    pub delay: Duration,
    /// How much longer each may take at random, and be overtaken.
    pub jitter: Duration,
    /// Bits of payload a second that pass; any number where it is 0.
    pub rate: u64,
}

/// One of the two ways through a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From its clients.
    ToServer,
    /// To its clients.
    ToClient,
}

/// A relay between clients and a server on this machine. Each client has a port of its own towards the server. Gone on
/// drop.
#[derive(Debug)]
pub struct Relay {
    /// Where clients send to, on 127.0.0.1.
    pub port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    lanes: [Lane; 2],
    waiting: Mutex<BinaryHeap<Reverse<Datagram>>>,
    more: Condvar,
    next: AtomicU64,
    /// How often clients got another port.
    round: AtomicU64,
    is_over: AtomicBool,
}

#[derive(Debug)]
struct Lane {
    state: Mutex<LaneState>,
    passed: AtomicU64,
    lost: AtomicU64,
}

#[derive(Debug)]
struct LaneState {
    link: Link,
    rng: Rng,
    /// How many a run of losses still takes.
    burst: u32,
    /// When the last bit of what came before has left.
    free: Instant,
}

/// Ordered by when it leaves, then by when it came.
#[derive(Debug)]
struct Datagram {
    leaves: Instant,
    number: u64,
    socket: Arc<UdpSocket>,
    to: SocketAddr,
    bytes: Vec<u8>,
}

impl Relay {
    /// To a port of 127.0.0.1, without harm so far. The same seed makes the same choices.
    pub fn start(server: u16, seed: u64) -> Self {
        let front = Arc::new(socket());
        let port = front.local_addr().expect("an address").port();
        let lane = |seed| Lane {
            state: Mutex::new(LaneState {
                link: Link::default(),
                rng: Rng::with_seed(seed),
                burst: 0,
                free: Instant::now(),
            }),
            passed: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        };
        let shared = Arc::new(Shared {
            lanes: [lane(seed), lane(!seed)],
            waiting: Mutex::default(),
            more: Condvar::new(),
            next: AtomicU64::new(0),
            round: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        });
        let (of_sender, of_front) = (shared.clone(), shared.clone());
        thread::spawn(move || of_sender.send());
        thread::spawn(move || of_front.from_clients(&front, (Ipv4Addr::LOCALHOST, server).into()));
        Self { port, shared }
    }

    /// From now on.
    pub fn set(&self, way: Way, link: Link) {
        self.shared.lanes[way as usize].state.lock().unwrap().link = link;
    }

    /// Gives every client another port towards the server, as a router does that forgot it.
    pub fn rebind(&self) {
        self.shared.round.fetch_add(1, Ordering::Relaxed);
    }

    /// Datagrams that passed so far, and that were lost or dropped.
    pub fn counts(&self, way: Way) -> (u64, u64) {
        let lane = &self.shared.lanes[way as usize];
        (lane.passed.load(Ordering::Relaxed), lane.lost.load(Ordering::Relaxed))
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        self.shared.more.notify_all();
    }
}

impl Shared {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn round(&self) -> u64 {
        self.round.load(Ordering::Relaxed)
    }

    fn from_clients(self: Arc<Self>, front: &Arc<UdpSocket>, server: SocketAddr) {
        let mut behind: HashMap<(u64, SocketAddr), Arc<UdpSocket>> = HashMap::new();
        let take = |bytes: &[u8], client| {
            let round = self.round();
            let socket = behind.entry((round, client)).or_insert_with(|| {
                let (own, shared, front) = (Arc::new(socket()), self.clone(), front.clone());
                let from_server = own.clone();
                thread::spawn(move || {
                    let is_over = || shared.is_over() || shared.round() != round;
                    receive(&from_server, is_over, |bytes, _| shared.pass(Way::ToClient, bytes, &front, client));
                });
                own
            });
            self.pass(Way::ToServer, bytes, socket, server);
        };
        receive(front, || self.is_over(), take);
    }

    fn pass(&self, way: Way, bytes: &[u8], socket: &Arc<UdpSocket>, to: SocketAddr) {
        let lane = &self.lanes[way as usize];
        let leaving = lane.state.lock().unwrap().leaving(bytes.len(), Instant::now());
        let count = if leaving.is_empty() { &lane.lost } else { &lane.passed };
        count.fetch_add(1, Ordering::Relaxed);
        let mut waiting = self.waiting.lock().unwrap();
        for leaves in leaving {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            waiting.push(Reverse(Datagram { leaves, number, socket: socket.clone(), to, bytes: bytes.to_vec() }));
        }
        self.more.notify_all();
    }

    fn send(&self) {
        let mut waiting = self.waiting.lock().unwrap();
        while !self.is_over() {
            let now = Instant::now();
            let wait = waiting.peek().map_or(PATIENCE, |Reverse(first)| first.leaves.saturating_duration_since(now));
            if wait.is_zero() {
                if let Some(Reverse(Datagram { socket, to, bytes, .. })) = waiting.pop() {
                    let _ = socket.send_to(&bytes, to);
                }
            } else {
                waiting = self.more.wait_timeout(waiting, wait.min(PATIENCE)).unwrap().0;
            }
        }
    }
}

impl LaneState {
    /// When each copy of a datagram leaves; none if it is lost.
    fn leaving(&mut self, len: usize, now: Instant) -> Vec<Instant> {
        let Link { loss, bursts, double, delay, jitter, rate } = self.link;
        if self.rng.f64() < bursts {
            self.burst = self.rng.u32(BURST);
        }
        let is_taken = self.burst > 0;
        self.burst = self.burst.saturating_sub(1);
        if is_taken || self.rng.f64() < loss {
            return Vec::new();
        }
        let mut sent = now;
        if rate > 0 {
            let begins = self.free.max(now);
            if begins - now > QUEUE {
                return Vec::new();
            }
            sent = begins + Duration::from_secs_f64(len as f64 * 8.0 / rate as f64);
            self.free = sent;
        }
        let copies = if self.rng.f64() < double { 2 } else { 1 };
        (0..copies).map(|_| sent + delay + jitter.mul_f64(self.rng.f64())).collect()
    }
}

impl Ord for Datagram {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.leaves, self.number).cmp(&(other.leaves, other.number))
    }
}

impl PartialOrd for Datagram {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Datagram {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Datagram {}

fn receive(socket: &UdpSocket, is_over: impl Fn() -> bool, mut take: impl FnMut(&[u8], SocketAddr)) {
    let mut buffer = vec![0; LARGEST];
    while !is_over() {
        // An error is the end of the patience, or news of a port that nobody has any more.
        if let Ok((len, from)) = socket.recv_from(&mut buffer) {
            take(&buffer[..len], from);
        }
    }
}

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    socket.set_read_timeout(Some(PATIENCE)).expect("a read limit");
    socket
}

#[cfg(test)]
mod tests;
