//! A server in this process, and clients of it.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use weir_flv::tag::TagKind;

use bytes::Bytes;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::{CancellationToken, DropGuard};
use weir_conf::{Config, Live};
use weir_flv::amf0::Value;
use weir_hub::Hub;
use weir_net::shard::Shards;
use weir_net::tls::Certificate;
use weir_net::{Connections, Door};
use weir_proto_rtmp::ClientSession;
use weir_proto_rtmp::chunk::write;
use weir_proto_rtmp::client::{ClientConfig, Event, Goal};

use crate::Rtmp;

/// Whatever a test waits for comes within this time.
const PATIENCE: Duration = Duration::from_secs(10);

/// A key picture of `fill` bytes.
pub(super) fn key(fill: usize) -> Bytes {
    body(0x17, fill)
}

/// Another picture.
pub(super) fn picture(fill: u32) -> Bytes {
    body(0x27, fill as usize)
}

fn body(head: u8, fill: usize) -> Bytes {
    let mut body = vec![head, 1, 0, 0, 0];
    body.extend((0..fill).map(|at| at as u8));
    body.into()
}

/// A server on a free port.
pub(super) struct Server {
    pub(super) hub: Arc<Hub>,
    pub(super) shards: Arc<Shards>,
    addr: SocketAddr,
    certificate: Option<Vec<u8>>,
    _stop: DropGuard,
}

impl Server {
    pub(super) async fn start(vhost: &str) -> Server {
        Server::open(vhost, None).await
    }

    pub(super) async fn start_tls(vhost: &str) -> Server {
        let folder = tempfile::tempdir().expect("a folder");
        let (key, cert) = (folder.path().join("key"), folder.path().join("crt"));
        let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        std::fs::write(&key, issued.signing_key.serialize_pem()).expect("written");
        std::fs::write(&cert, issued.cert.pem()).expect("written");
        let certificate = Certificate::read(&key, &cert).expect("it can be read");
        Server::open(vhost, Some((certificate, issued.cert.der().to_vec()))).await
    }

    async fn open(vhost: &str, tls: Option<(Arc<Certificate>, Vec<u8>)>) -> Server {
        let text = format!("listen 1935; vhost __defaultVhost__ {{ {vhost} }}");
        let hub = Hub::new(Live::new(Config::from_text(&text).expect("a configuration").config));
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        let addr = listener.local_addr().expect("bound");
        let stop = CancellationToken::new();
        let shards = Arc::new(Shards::start(2, 30).expect("threads"));
        let door = Door::new("RTMP", shards.clone(), Connections::new(100), stop.clone());
        let (certificate, der) = tls.unzip();
        tokio::spawn(Rtmp::new(hub.clone()).serve(listener, certificate, door));
        Server { hub, shards, addr, certificate: der, _stop: stop.drop_guard() }
    }

    pub(super) async fn socket(&self) -> TcpStream {
        TcpStream::connect(self.addr).await.expect("it listens")
    }

    /// A client on its way to a goal.
    pub(super) async fn connect(&self, goal: Goal, stream: &str) -> Peer {
        self.connect_as(goal, stream, &[]).await
    }

    /// The same, with more properties in its `connect`.
    pub(super) async fn connect_as(&self, goal: Goal, stream: &str, announce: &[(&str, Value)]) -> Peer {
        let socket = self.socket().await;
        let stream_io: Box<dyn Io> = match &self.certificate {
            Some(certificate) => Box::new(tls(socket, certificate).await),
            None => Box::new(socket),
        };
        Peer::new(stream_io, goal, stream, announce)
    }

    pub(super) async fn publish(&self, stream: &str) -> Peer {
        let mut peer = self.connect(Goal::Publish, stream).await;
        peer.until(|event| *event == Event::Publishing).await;
        peer
    }

    pub(super) async fn play(&self, stream: &str) -> Peer {
        self.play_as(stream, &[]).await
    }

    /// A player that announces something.
    pub(super) async fn play_as(&self, stream: &str, announce: &[(&str, Value)]) -> Peer {
        let mut peer = self.connect_as(Goal::Play, stream, announce).await;
        peer.until(|event| *event == Event::Playing).await;
        let clients = |kind: &str| self.hub.clients().iter().filter(|client| client.kind.name() == kind).count();
        assert!(clients("rtmp-play") > 0);
        peer
    }

    pub(super) async fn play_for(&self, stream: &str, millis: f64) -> Peer {
        let mut peer = self.connect(Goal::Connect, "").await;
        peer.until(|event| matches!(event, Event::Connected { .. })).await;
        peer.call("createStream", vec![Value::Null]).await;
        peer.call("play", vec![Value::Null, Value::string(stream), Value::Number(-2.0), Value::Number(millis)]).await;
        peer.until(|event| matches!(event, Event::Playing | Event::Status { .. })).await;
        peer
    }

    /// Waits until the hub has this many clients.
    pub(super) async fn settle(&self, clients: usize) {
        let start = Instant::now();
        while self.hub.clients().len() != clients {
            assert!(start.elapsed() < PATIENCE, "{} clients are there", self.hub.clients().len());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn tls(socket: TcpStream, certificate: &[u8]) -> tokio_rustls::client::TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.to_vec().into()).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider's own")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, socket).await.expect("a handshake")
}

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A client.
pub(super) struct Peer {
    io: Box<dyn Io>,
    session: ClientSession,
    events: VecDeque<Event>,
}

impl Peer {
    fn new(io: Box<dyn Io>, goal: Goal, stream: &str, announce: &[(&str, Value)]) -> Peer {
        let config = ClientConfig {
            seed: 7,
            goal,
            tc_url: "rtmp://127.0.0.1/live".to_owned(),
            app: "live".to_owned(),
            stream: stream.to_owned(),
            chunk_size: 4096,
            announce: announce.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            ..ClientConfig::default()
        };
        Peer { io, session: ClientSession::new(config, Instant::now()), events: VecDeque::new() }
    }

    /// The next thing that the server does; nothing once it closed.
    async fn next(&mut self) -> Option<Event> {
        tokio::time::timeout(PATIENCE, self.step()).await.expect("the server does something in time")
    }

    async fn step(&mut self) -> Option<Event> {
        loop {
            self.events.extend(std::iter::from_fn(|| self.session.poll_event()));
            self.flush().await;
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            let mut buffer = [0; 16384];
            match self.io.read(&mut buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.session.handle_input(Instant::now(), &buffer[..count]).expect("legal RTMP"),
            }
        }
    }

    async fn flush(&mut self) {
        while let Some(bytes) = self.session.poll_output() {
            // A server that closed is seen when reading.
            let _ = self.io.write_all(&bytes).await;
        }
        let _ = self.io.flush().await;
    }

    /// The code and description of a refusal; the server must close behind it.
    pub(super) async fn refused(&mut self) -> (String, String) {
        loop {
            match self.next().await.expect("an answer before the end") {
                Event::Refused { code, description } => {
                    self.closed().await;
                    return (code, description);
                }
                Event::Publishing | Event::Playing => panic!("it was let in"),
                _ => {}
            }
        }
    }

    /// Waits until the server closes.
    pub(super) async fn closed(&mut self) {
        while self.next().await.is_some() {}
    }

    pub(super) async fn until(&mut self, wanted: impl Fn(&Event) -> bool) {
        loop {
            let event = self.next().await.expect("the connection lives");
            if wanted(&event) {
                return;
            }
            assert!(!matches!(event, Event::Refused { .. }), "{event:?}");
        }
    }

    /// The next frames of audio and video.
    pub(super) async fn media(&mut self, count: usize) -> Vec<(TagKind, u32, Bytes)> {
        let mut media = Vec::new();
        while media.len() < count {
            match self.next().await.expect("the connection lives") {
                Event::Media { kind: TagKind::Script, .. } => {}
                Event::Media { kind, timestamp, payload } => media.push((kind, timestamp, payload)),
                Event::Refused { description, .. } => panic!("refused: {description}"),
                _ => {}
            }
        }
        media
    }

    /// When each of the next frames came.
    pub(super) async fn arrivals(&mut self, count: usize) -> Vec<Instant> {
        let mut times = Vec::new();
        for _ in 0..count {
            self.media(1).await;
            times.push(Instant::now());
        }
        times
    }

    /// True when no frame comes for so long.
    pub(super) async fn quiet(&mut self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        while let Ok(event) = tokio::time::timeout_at(deadline.into(), self.step()).await {
            if matches!(event, Some(Event::Media { kind: TagKind::Audio | TagKind::Video, .. }) | None) {
                return false;
            }
        }
        true
    }

    pub(super) async fn send(&mut self, kind: TagKind, timestamp: u32, body: &[u8]) {
        assert!(self.send_or_closed(kind, timestamp, body).await, "the server takes media");
    }

    /// False once the server closed.
    pub(super) async fn send_or_closed(&mut self, kind: TagKind, timestamp: u32, body: &[u8]) -> bool {
        let bytes = self.message(kind, timestamp, body);
        self.io.write_all(&bytes).await.is_ok() && self.io.flush().await.is_ok()
    }

    pub(super) async fn send_half(&mut self, kind: TagKind, timestamp: u32, body: &[u8]) {
        let bytes = self.message(kind, timestamp, body);
        self.io.write_all(&bytes[..bytes.len() / 2]).await.expect("the server takes media");
    }

    fn message(&self, kind: TagKind, timestamp: u32, body: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write::write_media(&mut bytes, kind, timestamp, body, self.session.out_chunk_size());
        bytes
    }

    pub(super) async fn call(&mut self, name: &str, args: Vec<Value>) {
        self.session.call(name, args);
        self.flush().await;
    }

    pub(super) async fn pause(&mut self, paused: bool) {
        self.call("pause", vec![Value::Null, Value::Boolean(paused), Value::Number(0.0)]).await;
        let code = if paused { "NetStream.Pause.Notify" } else { "NetStream.Unpause.Notify" };
        self.until(|event| matches!(event, Event::Status { code: got, .. } if got == code)).await;
    }

    pub(super) async fn unpublish(&mut self, stream: &str) {
        self.call("FCUnpublish", vec![Value::Null, Value::string(stream)]).await;
        let code = "NetStream.Unpublish.Success";
        self.until(|event| matches!(event, Event::Status { code: got, .. } if got == code)).await;
    }

    pub(super) async fn publish_again(&mut self, stream: &str) {
        self.call("createStream", vec![Value::Null]).await;
        self.call("publish", vec![Value::Null, Value::string(stream), Value::string("live")]).await;
        let code = "NetStream.Publish.Start";
        self.until(|event| matches!(event, Event::Publishing | Event::Status { .. } if is(event, code))).await;
    }

    pub(super) async fn play_again(&mut self, stream: &str) {
        self.call("closeStream", vec![Value::Null]).await;
        self.call("createStream", vec![Value::Null]).await;
        self.call("play", vec![Value::Null, Value::string(stream)]).await;
        self.until(|event| is(event, "NetStream.Play.Start")).await;
    }
}

/// Whether an event carries a status code.
fn is(event: &Event, code: &str) -> bool {
    match event {
        Event::Publishing => code == "NetStream.Publish.Start",
        Event::Playing => code == "NetStream.Play.Start",
        Event::Status { code: got, .. } => got == code,
        _ => false,
    }
}
