//! What does it cost the others when 10,000 players leave at once, and a callback is told of each?

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, Semaphore};
use tokio::task::LocalSet;
use weir_base::MediaTime;
use weir_conf::{Config, Env, Facts, Live, Source};
use weir_fetch::Fetch;
use weir_flv::tag::TagKind;
use weir_hooks::{Hooks, Ids};
use weir_hub::{ClientKind, Follower, Frame, Hub, Publisher, testing};

const PLAYERS: usize = 10_000;
/// So many come in at the same time: more would be refused, since as many wait for a callback's answer at most.
const AT_ONCE: usize = 512;
/// One frame of the stream that somebody else watches.
const FRAME: Duration = Duration::from_millis(5);

/// A callback's server, on threads of its own: it answers after a millisecond, or takes events and never answers.
struct Server {
    port: u16,
    told: Arc<AtomicUsize>,
}

impl Server {
    fn start(hangs: bool) -> std::io::Result<Server> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let server = Server { port: listener.local_addr()?.port(), told: Arc::default() };
        let told = server.told.clone();
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let told = told.clone();
                std::thread::spawn(move || serve(socket, &told, hangs));
            }
        });
        Ok(server)
    }
}

fn serve(socket: TcpStream, told: &AtomicUsize, hangs: bool) -> std::io::Result<()> {
    let mut reader = BufReader::new(socket);
    loop {
        let (mut line, mut length) = (String::new(), 0);
        while line != "\r\n" {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        told.fetch_add(1, Ordering::Relaxed);
        while hangs && body.windows(7).any(|word| word == b"on_stop") {
            std::thread::park();
        }
        std::thread::park_timeout(Duration::from_millis(1));
        reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n0")?;
    }
}

/// A hub with hooks, as the server has them.
struct House {
    hub: Arc<Hub>,
    hooks: Arc<Hooks>,
    control: Runtime,
}

fn house(port: u16) -> House {
    let control = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let url = format!("http://127.0.0.1:{port}/");
    let text = format!(
        "listen 1935; vhost __defaultVhost__ {{ http_hooks {{ enabled on; on_play {url}; on_stop {url}; }} }}
         vhost watched.example {{}}"
    );
    let source = Source::Text { name: "bench.conf".to_owned(), text };
    let conf = Live::new(Config::load(source, &Env::default(), &Facts::default()).expect("a configuration").config);
    let ids = Ids { server: "vid-0a1b2c3".to_owned(), service: "k3x9q0zt".to_owned() };
    let fetch = Fetch::new(control.handle().clone()).expect("a client");
    let hooks = Hooks::new(ids, conf.clone(), fetch, control.handle().clone());
    let hub = Hub::new(conf);
    hub.guard(vec![hooks.clone()]);
    House { hub, hooks, control }
}

/// Memory of this process, in bytes.
fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}

/// How late frames of another stream come on the thread where players leave: the median, and the worst.
#[derive(Default)]
struct Lateness(Vec<u64>);

impl Lateness {
    fn words(&mut self) -> String {
        self.0.sort_unstable();
        let at = |part: usize| self.0.get((self.0.len() * part / 1000).min(self.0.len().saturating_sub(1)));
        let millis = |nanos: Option<&u64>| nanos.map_or(0.0, |nanos| *nanos as f64 / 1e6);
        format!("p50 {:.2} ms, p99 {:.2} ms, most {:.2} ms", millis(at(500)), millis(at(990)), millis(self.0.last()))
    }
}

/// Sends frames that hold when they were sent, until it is told to stop.
fn send(mut publisher: Publisher, began: Instant, stops: &AtomicBool) {
    while !stops.load(Ordering::Relaxed) {
        let at = MediaTime::from_nanos(i64::try_from(began.elapsed().as_nanos()).unwrap_or(i64::MAX));
        let frame = Frame::from_flv(TagKind::Video, at, Bytes::from_static(b"\x17\x01\0\0\0picture"));
        publisher.send(frame, Instant::now());
        std::thread::park_timeout(FRAME);
    }
}

async fn watch(mut follower: Follower, began: Instant, late: Rc<std::cell::RefCell<Lateness>>) {
    loop {
        follower.appended().await;
        let now = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let sent = |frame: &Frame| u64::try_from(frame.dts.nanos()).unwrap_or(0);
        let waits: Vec<u64> = follower.pending().map(|frame| now.saturating_sub(sent(frame))).collect();
        follower.advance(waits.len());
        late.borrow_mut().0.extend(waits);
    }
}

/// Rounds of players that come, and leave at the same moment.
async fn rounds(house: &House, server: &Server, rounds: usize) {
    let began = Instant::now();
    let request = weir_hub::Request {
        vhost: "watched.example".to_owned(),
        ..testing::request(ClientKind::FmlePublish, "watched")
    };
    let publisher = house.hub.publish(&request).await.expect("nobody publishes");
    let follower = publisher.stream().follow();
    let stops = Arc::new(AtomicBool::new(false));
    let sending = {
        let stops = stops.clone();
        std::thread::spawn(move || send(publisher, began, &stops))
    };
    let late = Rc::default();
    let watching = tokio::task::spawn_local(watch(follower, began, Rc::clone(&late)));
    tokio::time::sleep(Duration::from_secs(2)).await;
    println!("  frames of another stream, nobody leaves:    {}", late.take().words());
    for round in 1..=rounds {
        let (here, leave) = (Rc::new(Semaphore::new(0)), Rc::new(Notify::new()));
        let (at_once, spent) = (Rc::new(Semaphore::new(AT_ONCE)), Rc::new(AtomicU64::new(0)));
        for number in 0..PLAYERS {
            let (hub, here, leave, at_once, spent) =
                (house.hub.clone(), here.clone(), leave.clone(), at_once.clone(), spent.clone());
            tokio::task::spawn_local(async move {
                let left = leave.notified();
                let turn = at_once.acquire().await;
                let request = testing::request(ClientKind::RtmpPlay, &format!("cam{}", number % 10));
                let player = hub.subscribe(&request).await.expect("the callback says yes");
                drop(turn);
                here.add_permits(1);
                left.await;
                let before = Instant::now();
                drop(player);
                spent.fetch_add(u64::try_from(before.elapsed().as_nanos()).unwrap_or(0), Ordering::Relaxed);
                here.add_permits(1);
            });
        }
        here.acquire_many(PLAYERS as u32).await.expect("all come").forget();
        late.take();
        let (memory_before, told_before, start) = (memory(), server.told.load(Ordering::Relaxed), Instant::now());
        leave.notify_waiters();
        here.acquire_many(PLAYERS as u32).await.expect("all go").forget();
        let gone = start.elapsed();
        let most = memory().saturating_sub(memory_before);
        let mut waited = Duration::ZERO;
        while house.hooks.waiting() > 0 && waited < Duration::from_secs(3) {
            tokio::time::sleep(Duration::from_millis(10)).await;
            waited = start.elapsed();
        }
        println!(
            "  round {round}: {PLAYERS} players gone after {:.0} ms, {:.1} µs each; {} told after {:.1} s, {} wait, {} left out; \
             memory {:+.1} MB",
            gone.as_secs_f64() * 1e3,
            spent.load(Ordering::Relaxed) as f64 / 1e3 / PLAYERS as f64,
            server.told.load(Ordering::Relaxed) - told_before,
            start.elapsed().as_secs_f64(),
            house.hooks.waiting(),
            house.hooks.left_out(),
            most as f64 / 1e6,
        );
        println!("  frames of another stream, while they leave: {}", late.take().words());
    }
    stops.store(true, Ordering::Relaxed);
    watching.abort();
    let _ = sending.join();
}

fn main() -> ExitCode {
    // Tests build and run benches too.
    if std::env::args().any(|arg| arg == "--test") {
        return ExitCode::SUCCESS;
    }
    for (what, hangs, count) in [("answers after 1 ms", false, 2), ("hangs", true, 8)] {
        println!("a callback's server that {what}:");
        let Ok(server) = Server::start(hangs) else { return ExitCode::FAILURE };
        let house = house(server.port);
        let media = Builder::new_current_thread().enable_all().build().expect("a runtime");
        LocalSet::new().block_on(&media, rounds(&house, &server, count));
        let start = Instant::now();
        house.control.block_on(house.hooks.shutdown());
        println!("  the end takes {:.1} s", start.elapsed().as_secs_f64());
        house.control.shutdown_background();
    }
    ExitCode::SUCCESS
}
