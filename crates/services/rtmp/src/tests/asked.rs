//! Clients that wait for an answer: they may leave, or begin early.

use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;
use weir_hub::{Closed, Entry, Gate, Verdict};
use weir_proto_rtmp::client::Event;

use super::peer::Peer;
use super::*;

/// A gate that answers when it is told to, and writes down whom it was told of.
struct Slow {
    answers: Semaphore,
    told: Mutex<Vec<&'static str>>,
}

impl Gate for Slow {
    fn admit<'a>(&'a self, _: &'a Entry) -> Verdict<'a> {
        Box::pin(async {
            let _ = self.answers.acquire().await;
            Ok(())
        })
    }

    fn left(&self, _: &Entry) {
        self.told.lock().expect("a list").push("left");
    }

    fn closed(&self, _: &Closed) {
        self.told.lock().expect("a list").push("closed");
    }
}

fn guard(server: &Server) -> Arc<Slow> {
    let slow = Arc::new(Slow { answers: Semaphore::new(0), told: Mutex::default() });
    server.hub.guard(vec![slow.clone()]);
    slow
}

impl Server {
    /// A client that waits for the answer.
    async fn asking(&self, goal: Goal) -> Peer {
        let mut peer = self.connect(goal, "cam").await;
        tokio::select! {
            _ = peer.until(|event| matches!(event, Event::Publishing | Event::Playing)) => panic!("nobody answered"),
            () = self.settle(1) => {}
        }
        peer
    }
}

/// A client that goes while it is asked about is gone at once, whatever it sent before; nobody answers here.
async fn check_gone(server: Server, goal: Goal, early: usize) {
    let slow = guard(&server);
    let mut peer = server.asking(goal).await;
    for at in 0..early {
        peer.send(TagKind::Video, at as u32 * 40, &key(10_000)).await;
    }
    drop(peer);
    server.settle(0).await;
    until("on_close", || *slow.told.lock().expect("a list") == ["left", "closed"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_hangs_up_while_it_waits_keeps_no_place() {
    for goal in [Goal::Publish, Goal::Play] {
        check_gone(Server::start("").await, goal, 0).await;
    }
    for early in [0, 20] {
        check_gone(Server::start_tls("").await, Goal::Publish, early).await;
    }
    check_gone(Server::start("").await, Goal::Publish, 20).await;
    // The room for what comes early is full before the end comes.
    check_gone(Server::start("").await, Goal::Publish, 101).await;
}

/// Nothing that comes before the answer is lost, also what is more than there is room for.
async fn check_early(server: Server) {
    const FRAMES: u32 = 200;
    let slow = guard(&server);
    let mut publisher = server.asking(Goal::Publish).await;
    let mut sending = tokio::spawn(async move {
        for at in 0..FRAMES {
            publisher.send(TagKind::Video, at * 40, &key(100_000)).await;
        }
        publisher
    });
    let early = tokio::time::timeout(SECOND / 2, &mut sending).await;
    early.map(drop).expect_err("what waits is bounded");
    slow.answers.add_permits(1);
    let _publisher = sending.await.expect("all was taken");
    until("the last frame", || server.hub.streams().iter().any(|one| one.frames() == u64::from(FRAMES))).await;
    let stream = &server.hub.streams()[0];
    assert!(stream.traffic.bytes_received() > u64::from(FRAMES) * 100_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_that_comes_before_the_answer_is_kept() {
    check_early(Server::start("").await).await;
    check_early(Server::start_tls("").await).await;
}

/// A shard that stops ends its clients, and all that was told of them is told to its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_server_is_the_end_of_its_clients() {
    let server = Server::start("").await;
    let slow = guard(&server);
    slow.answers.add_permits(1);
    let (publisher, player) = (server.publish("cam").await, server.play("cam").await);
    let mut asking = server.connect(Goal::Play, "cam").await;
    slow.answers.forget_permits(1);
    tokio::select! {
        _ = asking.until(|event| *event == Event::Playing) => panic!("nobody answered"),
        () = server.settle(3) => {}
    }
    let shards = server.shards.clone();
    tokio::task::spawn_blocking(move || shards.stop()).await.expect("it stopped");
    let mut told = slow.told.lock().expect("a list").clone();
    told.sort_unstable();
    assert_eq!(told, ["closed", "closed", "closed", "left", "left", "left"]);
    assert!(server.hub.clients().is_empty());
    drop((publisher, player));
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < 10 * SECOND, "{what} does not come");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
