//! Sessions whose client never comes.

use std::sync::atomic::{AtomicUsize, Ordering};

use weir_conf::{Config, Env, Facts, Live, Source};
use weir_hub::{Entry, Gate};

use super::*;
use crate::registry::MAX_WAITING;

/// Counts who left.
#[derive(Default)]
struct Left {
    publishers: AtomicUsize,
    players: AtomicUsize,
}

struct Witness(Arc<Left>);

impl Gate for Witness {
    fn left(&self, entry: &Entry) {
        let counter = match entry.role {
            weir_conf::Role::Publish => &self.0.publishers,
            weir_conf::Role::Play => &self.0.players,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// A server whose clients have `timeout` seconds to come.
async fn server(timeout: u32) -> (Server, Arc<Left>) {
    let text = format!("listen 1935; vhost __defaultVhost__ {{ rtc {{ enabled on; stun_timeout {timeout}; }} }}");
    let source = Source::Text { name: "test".to_owned(), text };
    let config = Config::load(source, &Env::default(), &Facts::default()).expect("a configuration").config;
    let hub = Hub::new(Live::new(config));
    let left = Arc::<Left>::default();
    hub.guard(vec![Arc::new(Witness(left.clone()))]);
    (Server::with(hub).await, left)
}

/// Opens sessions whose client never comes.
async fn open(server: &Server, agreed: &Agreed, role: Role, stream: &str) {
    let own = credentials();
    let open = Open { session: format!("{}:x", own.ufrag), own, ..agreed.open.clone() };
    server.open(role, stream, open).await.expect("it is let in");
}

/// Bytes that the process has in memory.
fn memory() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    text.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("a number") * 4096
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_wait_and_no_more() {
    let (server, gone) = server(300).await;
    let agreed = agree(Role::Play, "cam", server.addr, &server.certificate);
    let (before, began) = (memory(), Instant::now());
    for _ in 0..MAX_WAITING {
        open(&server, &agreed, Role::Play, "cam").await;
    }
    let each = memory().saturating_sub(before) / MAX_WAITING;
    println!("{MAX_WAITING} sessions took {:?}; each waits with {each} bytes", began.elapsed());
    assert!(each < 16 * 1024, "{each}");
    assert_eq!((server.hub.client_count(), gone.players.load(Ordering::Relaxed)), (MAX_WAITING, 0));
    // The oldest make room.
    for _ in 0..100 {
        open(&server, &agreed, Role::Play, "cam").await;
    }
    assert_eq!((server.hub.client_count(), gone.players.load(Ordering::Relaxed)), (MAX_WAITING, 100));
    // Who means it gets through, and waits no more.
    let mut player = server.admit(Role::Play, "cam").await.expect("it is let in");
    player.until("it is connected", |client| client.is_connected).await;
    for _ in 0..100 {
        open(&server, &agreed, Role::Play, "cam").await;
    }
    player.turn(Duration::from_millis(100)).await;
    assert!(!player.is_closed);
    assert_eq!(server.hub.client_count(), MAX_WAITING + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_comes_is_forgotten() {
    let (server, gone) = server(1).await;
    let tending = tokio::spawn(server.rtc.clone().tend());
    let agreed = agree(Role::Play, "cam", server.addr, &server.certificate);
    for _ in 0..20 {
        open(&server, &agreed, Role::Play, "cam").await;
    }
    let agreed = agree(Role::Publish, "cam", server.addr, &server.certificate);
    open(&server, &agreed, Role::Publish, "cam").await;
    assert!(server.admit(Role::Publish, "cam").await.is_err_and(|refusal| refusal.code() == 1028));
    left(&server, 0).await;
    assert_eq!((gone.publishers.load(Ordering::Relaxed), gone.players.load(Ordering::Relaxed)), (1, 20));
    // Nor is one who came and went silent.
    let mut publisher = server.admit(Role::Publish, "cam").await.expect("the stream is free");
    publisher.until("it is connected", |client| client.is_connected).await;
    left(&server, 0).await;
    assert_eq!(gone.publishers.load(Ordering::Relaxed), 2);
    tending.abort();
}
