use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Door;
use crate::connections::Connections;
use crate::shard::Shards;

// row: protocols.md §1.5 tcp_nodelay
// row: errors.md §2 1074
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_writes_are_never_delayed_and_there_are_no_more_connections_than_allowed() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.set_nonblocking(true).expect("a listener");
    let addr = listener.local_addr().expect("bound");
    let stop = CancellationToken::new();
    let door = Door::new("TEST", Arc::new(Shards::start(1, 30).expect("a thread")), Connections::new(1), stop.clone());
    let (served, mut seen) = mpsc::channel(4);
    let accepting = tokio::spawn(door.accept(listener, move |accepted| {
        let served = served.clone();
        async move {
            let nodelay = accepted.socket.nodelay().expect("an open socket");
            served.send((nodelay, accepted.peer)).await.expect("the test listens");
            std::future::pending::<()>().await;
        }
    }));
    let first = tokio::net::TcpStream::connect(addr).await.expect("it listens");
    assert_eq!(seen.recv().await, Some((true, first.local_addr().expect("connected"))));
    let second = tokio::net::TcpStream::connect(addr).await.expect("it listens");
    second.readable().await.expect("closed");
    assert_eq!(second.try_read(&mut [0]).expect("closed by the limit"), 0);
    stop.cancel();
    accepting.await.expect("it ended").expect("the listener worked");
}
