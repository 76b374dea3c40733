use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Barrier;

use super::Shards;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_spread_evenly_and_stop_ends_them() {
    let shards = Shards::start(2, 30).expect("two threads");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let started = Arc::new(Barrier::new(5));
    let mut peers = Vec::new();
    for _ in 0..4 {
        peers.push(TcpStream::connect(listener.local_addr().expect("bound")).expect("it listens"));
        let (socket, _) = listener.accept().expect("it connected");
        socket.set_nonblocking(true).expect("a socket");
        let started = started.clone();
        let serve = |mut socket: tokio::net::TcpStream, _| async move {
            started.wait().await;
            socket.write_all(b"hello").await.expect("it is open");
            // Until the peer closes or the shard stops.
            let _ = socket.read_u8().await;
        };
        shards.adopt(socket, serve).await.expect("the shard runs");
    }
    assert_eq!(shards.connections(), [2, 2]);
    started.wait().await;
    tokio::task::spawn_blocking(move || shards.stop()).await.expect("it stopped");
    for mut peer in peers {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut peer, &mut text).expect("closed");
        assert!(text == "hello" || text.is_empty(), "{text}");
    }
}
