//! What one client may take, and how long.

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use weir_conf::{Config, Env, Facts, Live, Source};

use super::bad::{answers, check, check_as};
use super::*;

/// Those of one vhost with these directives for WebRTC.
fn hub(directives: &str) -> Arc<Hub> {
    let text = format!("listen 1935; vhost __defaultVhost__ {{ rtc {{ enabled on; {directives} }} }}");
    let source = Source::Text { name: "test".to_owned(), text };
    Hub::new(Live::new(Config::load(source, &Env::default(), &Facts::default()).expect("a configuration").config))
}

async fn stranger() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_takes_no_place() {
    let server = Server::limited(hub(""), 2).await;
    let mut late = Vec::new();
    for _ in 0..20 {
        late.push(server.admit(Role::Play, "cam").await.expect("it is let in"));
    }
    assert_eq!(server.connections.open(), 0);
    let mut players = late.split_off(18);
    for player in &mut players {
        player.until("it is connected", |client| client.is_connected).await;
    }
    assert_eq!(server.connections.open(), 2);
    let refused = server.admit(Role::Play, "cam").await.err().expect("all places are taken");
    assert_eq!((refused.code(), server.connections.refused()), (1074, 1));
    // One that comes now finds the house full.
    let client = late.remove(0);
    assert_eq!(answers(&stranger().await, &server, &check(&[&client.name], Some(&client.password))).await, 0);
    left(&server, 19).await;
    assert_eq!((server.connections.open(), server.connections.refused()), (2, 2));
    server.rtc.end(&players[0].name, "token").expect("it is there");
    left(&server, 18).await;
    late[0].until("it is connected", |client| client.is_connected).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checks_alone_keep_no_session() {
    let server = Server::with(hub("stun_timeout 1;")).await;
    let client = server.admit(Role::Publish, "cam").await.expect("it is let in");
    let stranger = stranger().await;
    let signed = || check(&[&client.name], Some(&client.password));
    assert_eq!(answers(&stranger, &server, &signed()).await, 1);
    let end = Instant::now() + PATIENCE;
    while server.hub.client_count() > 0 {
        assert!(Instant::now() < end, "it stays");
        stranger.send_to(&signed(), server.addr).await.expect("it is sent");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_controlled_client_opens_no_way_if_the_check_is_strict() {
    let server = Server::with(hub("stun_strict_check on;")).await;
    let client = server.admit(Role::Play, "cam").await.expect("it is let in");
    let (name, stranger) = ([client.name.as_str()], stranger().await);
    assert_eq!(answers(&stranger, &server, &check_as(0x8029, &name, Some(&client.password))).await, 0);
    assert_eq!(server.connections.open(), 0);
    assert_eq!(answers(&stranger, &server, &check(&name, Some(&client.password))).await, 1);
    assert_eq!(server.connections.open(), 1);
}

/// A connection that a shard serves as one of WebRTC.
async fn connect(server: &Server) -> TcpStream {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let ours = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("it connects");
    let (theirs, peer) = listener.accept().await.expect("it comes");
    let theirs = theirs.into_std().expect("a socket");
    let serve = move |socket, _| crate::tcp::serve(socket, peer, Bytes::new());
    server.shards.adopt(theirs, serve).await.expect("a shard takes it");
    ours
}

async fn send(connection: &mut TcpStream, packet: &[u8]) {
    let len = u16::try_from(packet.len()).expect("a packet").to_be_bytes();
    connection.write_all(&[&len, packet].concat()).await.expect("it is sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_ends_with_its_session() {
    let server = Server::start().await;
    let client = server.admit(Role::Play, "cam").await.expect("it is let in");
    let mut connection = connect(&server).await;
    send(&mut connection, &check(&[&client.name], Some(&client.password))).await;
    assert!(connection.read(&mut [0; 2000]).await.expect("an answer") > 0);
    server.rtc.end(&client.name, "token").expect("it is there");
    let end = async { while !matches!(connection.read(&mut [0; 2000]).await, Ok(0) | Err(_)) {} };
    tokio::time::timeout(PATIENCE, end).await.expect("it ends");

    let mut strange = connect(&server).await;
    send(&mut strange, &check(&["nobody:else"], Some("0123456789012345678901"))).await;
    let came = tokio::time::timeout(PATIENCE, strange.read(&mut [0; 2000])).await.expect("it ends");
    assert!(matches!(came, Ok(0) | Err(_)), "{came:?}");
}
