use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use weir_base::MediaTime;
use weir_conf::{Config, Role};
use weir_flv::tag::TagKind;
use weir_httpd::{Httpd, Timeouts};
use weir_hub::{Denial, Frame, Gate, Publisher, testing};
use weir_net::shard::Shards;
use weir_net::tls::Certificate;
use weir_net::{Connections, Door};

use super::*;

/// A listening server over a hub; it stops when this is dropped.
struct Server {
    addr: SocketAddr,
    tls: bool,
    hub: Arc<Hub>,
    stop: CancellationToken,
    runtime: tokio::runtime::Runtime,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

const CONF: &str = "http_server { enabled on; dir ./nowhere; } vhost __defaultVhost__ { http_remux { enabled on; } }";

fn start(text: &str) -> Server {
    start_with(text, None)
}

fn start_with(text: &str, tls: Option<Arc<Certificate>>) -> Server {
    start_patient(text, tls, Timeouts::default())
}

fn start_patient(text: &str, certificate: Option<Arc<Certificate>>, timeouts: Timeouts) -> Server {
    let conf = Config::from_text(&format!("listen 1935;\n{text}")).unwrap_or_else(|report| panic!("{report}")).config;
    let conf = weir_conf::Live::new(conf);
    let hub = Hub::new(conf.clone());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let files = crate::StaticSite::new(conf.clone());
    let httpd = Httpd::new(conf, vec![files], Some(LiveStreams::new(hub.clone())), runtime.handle().clone());
    let httpd = httpd.with_timeouts(timeouts);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener that does not block");
    let addr = listener.local_addr().expect("an address");
    let stop = CancellationToken::new();
    let shards = Arc::new(Shards::start(1, 30).expect("a shard"));
    let door = Door::new("HTTP", shards, Connections::new(100), stop.clone());
    let tls = certificate.is_some();
    runtime.spawn(Arc::new(httpd).serve(listener, certificate, door));
    Server { addr, tls, hub, stop, runtime }
}

impl Server {
    fn publish(&self, vhost: &str, app: &str, stream: &str) -> Publisher {
        let request = Request {
            ip: [10, 0, 0, 5].into(),
            vhost: vhost.to_owned(),
            app: app.to_owned(),
            tc_url: format!("rtmp://{vhost}/{app}"),
            ..testing::request(ClientKind::FmlePublish, stream)
        };
        self.runtime.block_on(self.hub.publish(&request)).expect("a publisher")
    }

    fn ask(&self, request: &str) -> TcpStream {
        let mut socket = TcpStream::connect(self.addr).expect("a connection");
        socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
        socket.write_all(request.as_bytes()).expect("a request");
        socket
    }

    fn get(&self, target: &str) -> TcpStream {
        self.ask(&format!("GET {target} HTTP/1.1\r\nHost: 10.0.0.5:8080\r\n\r\n"))
    }

    fn wait_for_players(&self, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(5);
        let players = || self.hub.clients().iter().filter(|client| !client.kind.publishes()).count();
        while players() != count && Instant::now() < deadline {
            std::thread::park_timeout(Duration::from_millis(5));
        }
        assert_eq!(players(), count);
    }
}

fn send(publisher: &mut Publisher, kind: TagKind, ms: i64, body: &'static [u8]) {
    publisher.send(Frame::from_flv(kind, MediaTime::from_millis(ms), Bytes::from_static(body)), Instant::now());
}

const SCRIPT: &[u8] = b"\x02\0\x0aonMetaData\x08\0\0\0\0\0\0\x09";
const AUDIO_CONFIG: &[u8] = b"\xaf\0\x12\x10";
const VIDEO_CONFIG: &[u8] = b"\x17\0\0\0\0\x01\x42\xc0\x1f";
const KEY: &[u8] = b"\x17\x01\0\0\0\0\0\0\x01\x65";
const AUDIO: &[u8] = b"\xaf\x01\x21\x22";

/// What every publisher begins with.
fn send_beginning(publisher: &mut Publisher) {
    send(publisher, TagKind::Script, 0, SCRIPT);
    send(publisher, TagKind::Video, 0, VIDEO_CONFIG);
    send(publisher, TagKind::Audio, 0, AUDIO_CONFIG);
    send(publisher, TagKind::Video, 0, KEY);
    send(publisher, TagKind::Audio, 5, AUDIO);
}

fn read_all(socket: &mut impl Read) -> Vec<u8> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(len @ 1..) = socket.read(&mut piece) {
        bytes.extend_from_slice(piece.get(..len).unwrap_or_default());
    }
    bytes
}

/// Head and body of a response that has ended.
fn split(reply: &[u8]) -> (String, Vec<u8>) {
    let at = reply.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| panic!("no head: {reply:?}"));
    (String::from_utf8(reply[..at + 4].to_vec()).expect("text"), reply[at + 4..].to_vec())
}

fn unchunk(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n").expect("the end of a chunk's line");
        let len = usize::from_str_radix(std::str::from_utf8(&body[..end]).expect("text"), 16).expect("a length");
        whole.extend_from_slice(&body[end + 2..end + 2 + len]);
        assert_eq!(&body[end + 2 + len..end + 4 + len], b"\r\n");
        body = &body[end + 4 + len..];
        if len == 0 {
            assert_eq!(body, b"", "something after the last chunk");
            return whole;
        }
    }
}

/// Kind, timestamp and body of each tag behind the file header.
fn tags(flv: &[u8]) -> Vec<(u8, u32, Vec<u8>)> {
    assert_eq!(&flv[..13], b"FLV\x01\x05\0\0\0\x09\0\0\0\0");
    let (mut tags, mut rest) = (Vec::new(), &flv[13..]);
    while !rest.is_empty() {
        let len = usize::from(rest[2]) << 8 | usize::from(rest[3]);
        let time = u32::from_be_bytes([rest[7], rest[4], rest[5], rest[6]]);
        tags.push((rest[0], time, rest[11..11 + len].to_vec()));
        assert_eq!(rest[11 + len..15 + len], (len as u32 + 11).to_be_bytes());
        rest = &rest[15 + len..];
    }
    tags
}

fn beginning() -> Vec<(u8, u32, Vec<u8>)> {
    let tag = |kind, time, body: &[u8]| (kind, time, body.to_vec());
    vec![tag(18, 0, SCRIPT), tag(8, 0, AUDIO_CONFIG), tag(9, 0, VIDEO_CONFIG), tag(9, 0, KEY), tag(8, 5, AUDIO)]
}

// row: http-api.md §5 First FLV bytes
// row: http-api.md §5 Content types
// row: http-api.md §5 Unpublish
#[test]
fn a_player_gets_the_stream_from_its_key_frame_to_its_end() {
    let server = start(CONF);
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    let mut socket = server.get("/live/cam1.flv?k=v");
    server.wait_for_players(1);
    send(&mut publisher, TagKind::Audio, 28, AUDIO);
    drop(publisher);
    let (head, body) = split(&read_all(&mut socket));
    assert_eq!(
        head,
        "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Type: video/x-flv\r\nServer: weir/0.1.0\r\n\
         Transfer-Encoding: chunked\r\n\r\n"
    );
    let mut expect = beginning();
    expect.push((8, 28, AUDIO.to_vec()));
    assert_eq!(tags(&unchunk(&body)), expect);
}

#[test]
fn the_next_publish_is_not_the_end_of_a_player_that_waited() {
    let server = start(CONF);
    let mut socket = server.get("/live/cam1.flv");
    server.wait_for_players(1);
    drop(server.publish("x", "live", "cam1"));
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    drop(publisher);
    let (_, body) = split(&read_all(&mut socket));
    assert_eq!(tags(&unchunk(&body)).len(), 5);
}

// row: http-api.md §5 On demand (hijack)
#[test]
fn nothing_is_sent_before_the_publisher_comes() {
    let server = start(CONF);
    let mut socket = server.get("/live/cam1.flv");
    server.wait_for_players(1);
    socket.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
    assert!(socket.read(&mut [0; 1]).is_err(), "a byte came");
    socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    drop(publisher);
    let (head, body) = split(&read_all(&mut socket));
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    // The order of the publisher: nothing was there to be shown first.
    let mut expect = beginning();
    expect.swap(1, 2);
    assert_eq!(tags(&unchunk(&body)), expect);
}

// row: http-api.md §5 gop_cache / fast_cache
#[test]
fn without_the_cache_a_player_begins_where_the_stream_is() {
    let server = start(&CONF.replace("http_remux", "play { gop_cache off; } http_remux"));
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    let mut socket = server.get("/live/cam1.flv");
    server.wait_for_players(1);
    send(&mut publisher, TagKind::Video, 40, KEY);
    send(&mut publisher, TagKind::Audio, 45, AUDIO);
    drop(publisher);
    let (_, body) = split(&read_all(&mut socket));
    let kinds: Vec<(u8, Vec<u8>)> = tags(&unchunk(&body)).into_iter().map(|(kind, _, body)| (kind, body)).collect();
    let expect = [(18, SCRIPT), (8, AUDIO_CONFIG), (9, VIDEO_CONFIG), (9, KEY), (8, AUDIO)];
    assert_eq!(kinds, expect.map(|(kind, body)| (kind, body.to_vec())));
}

// row: http-api.md §5 Merge write
#[test]
fn sends_keep_the_distance_that_the_vhost_asks_for() {
    let server = start(&CONF.replace("http_remux", "play { send_min_interval 300; } http_remux"));
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    let mut socket = server.get("/live/cam1.flv");
    server.wait_for_players(1);
    let mut buffer = [0; 4096];
    let _ = socket.read(&mut buffer).expect("the beginning");
    let mut sends = 0;
    let start = Instant::now();
    socket.set_read_timeout(Some(Duration::from_millis(10))).expect("a timeout");
    for at in 0..60 {
        send(&mut publisher, TagKind::Audio, 28 + at * 20, AUDIO);
        while socket.read(&mut buffer).is_ok() {
            sends += 1;
        }
    }
    // A busy machine may have one send read as two.
    let most = start.elapsed().as_millis() / 300 + 3;
    assert!(sends > 1 && sends <= most, "{sends} sends in {:?}", start.elapsed());
}

// row: http-api.md §5 Stat/hook
// row: http-api.md §5 Query
// row: http-api.md §2 Client ip
#[test]
fn the_client_looks_like_that_of_srs() {
    // This machine is a proxy that is trusted, unless others are named.
    let server = start(&CONF.replace("dir ./nowhere;", "dir ./nowhere; trusted_proxies 10.0.0.1;"));
    let request = "GET /live/cam1.flv?k=v HTTP/1.1\r\nHost: h:8080\r\nReferer: http://page\r\n\
                   X-Forwarded-For: 9.9.9.9\r\nX-Real-IP: 8.8.8.8\r\n\r\n";
    let _socket = server.ask(request);
    server.wait_for_players(1);
    let client = server.hub.clients().pop().expect("a client");
    assert_eq!(client.kind.name(), "flv-play");
    assert_eq!((client.name.as_str(), client.key.url().as_str()), ("cam1.flv", "/live/cam1"));
    assert_eq!((client.tc_url.as_str(), client.page_url.as_str()), ("http://h/live", "http://page"));
    assert_eq!(client.ip.to_string(), "127.0.0.1");
    while client.traffic.bytes_received() == 0 {
        std::thread::yield_now();
    }
    assert_eq!(client.traffic.bytes_received(), request.len() as u64);
}

#[test]
fn http_1_0_gets_no_chunks() {
    let server = start(CONF);
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    let mut socket = server.ask("GET /live/cam1.flv HTTP/1.0\r\n\r\n");
    server.wait_for_players(1);
    drop(publisher);
    let (head, body) = split(&read_all(&mut socket));
    assert!(!head.contains("Transfer-Encoding"), "{head}");
    assert_eq!(tags(&body), beginning());
}

#[test]
fn head_is_answered_at_once() {
    let server = start(CONF);
    let mut socket = server.ask("HEAD /live/cam1.flv HTTP/1.1\r\nHost: h\r\nOrigin: http://a\r\n\r\n");
    let (head, body) = split(&read_all(&mut socket));
    assert!(head.contains("Access-Control-Allow-Origin: *\r\n") && head.contains("video/x-flv\r\n"), "{head}");
    assert!(body.is_empty());
    server.wait_for_players(0);
}

/// Lets no player in.
struct Shut;

impl Gate for Shut {
    fn check(&self, role: Role, _: &Vhost, _: &Request) -> Result<(), Refusal> {
        let why = "no token".to_owned();
        let refusal = Refusal::Denied { denial: Denial::Unauthorized, code: 1054, why, directive: "tokens.play" };
        if role == Role::Play { Err(refusal) } else { Ok(()) }
    }
}

#[test]
fn head_asks_for_what_get_asks_for() {
    let (certificate, roots) = certificate();
    for (server, roots) in [(start(CONF), None), (start_with(CONF, Some(certificate)), Some(roots))] {
        server.hub.guard(vec![Arc::new(Shut)]);
        let request = "HEAD /live/cam1.flv HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        let reply = match roots {
            None => read_all(&mut server.ask(request)),
            Some(roots) => {
                let mut socket = tls_client(&server, roots);
                socket.write_all(request.as_bytes()).expect("a request");
                read_all(&mut socket)
            }
        };
        let (head, body) = split(&reply);
        assert!(head.starts_with("HTTP/1.1 401 "), "{head}");
        assert!(body.is_empty(), "{body:?}");
    }
}

// row: http-api.md §5 Kickoff
#[test]
fn a_kicked_player_is_cut_off() {
    let server = start(CONF);
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    let mut socket = server.get("/live/cam1.flv");
    server.wait_for_players(1);
    server.hub.clients().iter().filter(|client| !client.kind.publishes()).for_each(|client| client.kick());
    let reply = read_all(&mut socket);
    assert!(!reply.ends_with(b"0\r\n\r\n"), "the body looks complete");
    server.wait_for_players(0);
}

#[test]
fn a_player_that_leaves_is_forgotten() {
    let server = start(CONF);
    let socket = server.get("/live/cam1.flv");
    server.wait_for_players(1);
    drop(socket);
    server.wait_for_players(0);
}

fn check_refused(text: &str, target: &str, status: &str, why: &str) {
    let (head, body) = split(&read_all(
        &mut start(text).ask(&format!("GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")),
    ));
    assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{target}: {head}");
    assert!(String::from_utf8_lossy(&body).contains(why), "{target}: {body:?}");
}

#[test]
fn a_name_of_any_length_makes_no_stream() {
    let server = start(CONF);
    let mut socket = server.get(&format!("/live/{}.flv", "x".repeat(2000)));
    let (head, _) = split(&read_all(&mut socket));
    assert!(head.starts_with("HTTP/1.1 404 "), "{head}");
    assert!(server.hub.streams().is_empty());
}

// row: http-api.md §5 Reject
// row: http-api.md §5 Match
// row: config.md §11 http_remux.enabled
#[test]
fn what_is_no_mount_is_not_found() {
    check_refused(CONF, "/a/b/cam1.flv", "404", "Not Found");
    check_refused(CONF, "/cam1.flv", "404", "Not Found");
    check_refused(CONF, "/live/cam1.ts", "404", "Not Found");
    check_refused(CONF, "/live/%2e%2e/cam1.flv", "400", "..");
    check_refused("vhost __defaultVhost__ { }", "/live/cam1.flv", "404", "Not Found");
    let off = "vhost a.com { enabled off; http_remux { enabled on; } }";
    check_refused(off, "/live/cam1.flv?vhost=a.com", "404", "vhost a.com is off (vhost.enabled)");
    let vod = "vhost __defaultVhost__ { http_remux { enabled on; } http_static { enabled on; mount [vhost]/vod/; } }";
    check_refused(vod, "/vod/cam1.flv", "404", "Not Found");
    check_refused(CONF, "/live/cam1.flv?start=1000", "404", "Not Found");
}

fn check_plays(text: &str, vhost: &str, app: &str, target: &str, host: &str) {
    let server = start(text);
    let mut publisher = server.publish(vhost, app, "cam1");
    send_beginning(&mut publisher);
    let mut socket = server.ask(&format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    server.wait_for_players(1);
    drop(publisher);
    let (_, body) = split(&read_all(&mut socket));
    assert_eq!(tags(&unchunk(&body)).len(), 5, "{target} {host}");
}

// row: http-api.md §2 Vhost override
#[test]
fn mounts_of_every_shape_play() {
    let vhosts = "vhost __defaultVhost__ { http_remux { enabled on; } }
        vhost a.com { http_remux { enabled on; mount [vhost]/[stream].flv; } }";
    check_plays(vhosts, "x", "live", "/live/cam1.flv", "x.com");
    check_plays(vhosts, "a.com", "show", "/cam1.flv", "a.com:8080");
    check_plays(vhosts, "a.com", "show", "/cam1.flv?vhost=a.com", "x.com");
    check_plays(vhosts, "a.com", "show", "/cam1.flv?domain=a.com", "x.com");
    check_plays(CONF, "x", "a/b", "/a/b/cam1.flv", "x.com");
    let fixed = "vhost __defaultVhost__ { http_remux { enabled on; mount /show/[stream].flv; } }";
    check_plays(fixed, "x", "show", "/show/cam1.flv", "x.com");
}

#[test]
fn a_later_request_of_a_connection_plays_as_well() {
    let server = start(CONF);
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    let two =
        "GET /nope HTTP/1.1\r\nHost: h\r\n\r\nGET /live/cam1.flv HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    let mut socket = server.ask(two);
    server.wait_for_players(1);
    drop(publisher);
    let reply = read_all(&mut socket);
    let at = reply.windows(15).position(|text| text == b"HTTP/1.1 200 OK").expect("a second response");
    let (head, body) = split(&reply[at..]);
    assert!(head.contains("Content-Type: video/x-flv\r\n"), "{head}");
    assert_eq!(tags(&unchunk(&body)), beginning());
}

/// A certificate for `localhost`, and a client that trusts it and offers a protocol by ALPN.
fn certificate() -> (Arc<Certificate>, rustls::RootCertStore) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let folder = tempfile::tempdir().expect("a folder");
    let (key, cert) = (folder.path().join("key"), folder.path().join("cert"));
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a key file");
    std::fs::write(&cert, made.cert.pem()).expect("a certificate file");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).expect("a root");
    (Certificate::read(&key, &cert).expect("a certificate"), roots)
}

fn tls_client(server: &Server, roots: rustls::RootCertStore) -> impl Read + Write {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("protocol versions").with_root_certificates(roots).with_no_client_auth();
    let name = "localhost".try_into().expect("a name");
    let session = rustls::ClientConnection::new(Arc::new(config), name).expect("a session");
    let socket = TcpStream::connect(server.addr).expect("a connection");
    socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    rustls::StreamOwned::new(session, socket)
}

// row: config.md §7 http_server.https.enabled
#[test]
fn a_player_over_tls_gets_the_same() {
    let (certificate, roots) = certificate();
    let server = start_with(CONF, Some(certificate));
    let mut socket = tls_client(&server, roots);
    socket.write_all(b"GET /live/cam1.flv HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").expect("a request");
    server.wait_for_players(1);
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    let client = server.hub.clients().into_iter().find(|client| !client.kind.publishes()).expect("a player");
    while client.traffic.bytes_sent() == 0 {
        std::thread::yield_now();
    }
    send(&mut publisher, TagKind::Audio, 28, AUDIO);
    drop(publisher);
    let (head, body) = split(&read_all(&mut socket));
    assert!(head.contains("Content-Type: video/x-flv\r\n"), "{head}");
    assert_eq!(tags(&unchunk(&body)).len(), 6);
    server.wait_for_players(0);
}

#[test]
fn a_player_over_tls_is_kicked_and_leaves() {
    let (certificate, roots) = certificate();
    let server = start_with(CONF, Some(certificate));
    let request = b"GET /live/cam1.flv HTTP/1.1\r\nHost: h\r\n\r\n";
    let mut waits = tls_client(&server, roots.clone());
    waits.write_all(request).expect("a request");
    server.wait_for_players(1);
    server.hub.clients().iter().for_each(|client| client.kick());
    let mut reply = [0; 1024];
    let len = waits.read(&mut reply).expect("a reply");
    assert!(reply[..len].starts_with(b"HTTP/1.1 403 Forbidden\r\n"));
    server.wait_for_players(0);
    let mut leaves = tls_client(&server, roots);
    leaves.write_all(request).expect("a request");
    server.wait_for_players(1);
    drop(leaves);
    server.wait_for_players(0);
}

/// A gate that never answers.
struct Silent;

impl Gate for Silent {
    fn admit<'a>(&'a self, _: &'a weir_hub::Entry) -> weir_hub::Verdict<'a> {
        Box::pin(std::future::pending())
    }
}

#[test]
fn a_player_that_hangs_up_while_it_is_asked_about_keeps_no_place() {
    let request = "GET /live/cam1.flv HTTP/1.1\r\nHost: h\r\n\r\n";
    let server = start(CONF);
    server.hub.guard(vec![Arc::new(Silent)]);
    for request in [request.to_owned(), request.repeat(2), request.replace("GET", "HEAD"), opening()] {
        let waits = server.ask(&request);
        server.wait_for_players(1);
        drop(waits);
        server.wait_for_players(0);
    }
    let (certificate, roots) = certificate();
    let server = start_with(CONF, Some(certificate));
    server.hub.guard(vec![Arc::new(Silent)]);
    let mut waits = tls_client(&server, roots);
    waits.write_all(request.as_bytes()).expect("a request");
    server.wait_for_players(1);
    drop(waits);
    server.wait_for_players(0);
}

/// The head of what a player gets whose publisher sends its beginning and one sound more; the body must hold `part`.
#[track_caller]
fn check_made(target: &str, content_type: &str, part: &[u8]) {
    let server = start(CONF);
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    let mut socket = server.get(target);
    server.wait_for_players(1);
    std::thread::park_timeout(Duration::from_millis(100));
    send(&mut publisher, TagKind::Audio, 28, AUDIO);
    std::thread::park_timeout(Duration::from_millis(100));
    drop(publisher);
    let (head, body) = split(&read_all(&mut socket));
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains(&format!("\r\nContent-Type: {content_type}\r\n")), "{head}");
    let body = unchunk(&body);
    assert!(body.windows(part.len()).any(|window| window == part), "{body:02x?}");
}

// row: http-api.md §5 Content types
// row: config.md §11 fast_cache
#[test]
fn a_live_stream_is_there_in_every_format_that_can_carry_it() {
    // PID 0x101 with payload, and the ADTS frame in it.
    check_made("/live/cam1.ts", "video/MP2T", &[0x47, 0x41, 0x01]);
    check_made("/live/cam1.ts", "video/MP2T", &[0xff, 0xf1, 0x50, 0x80, 0x01, 0x3f, 0xfc, 0x21, 0x22]);
    check_made("/live/cam1.aac", "audio/x-aac", &[0xff, 0xf1, 0x50, 0x80, 0x01, 0x3f, 0xfc, 0x21, 0x22]);
}

#[test]
fn what_a_format_cannot_carry_is_told() {
    let server = start(CONF);
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    let (head, body) = split(&read_all(&mut server.get("/live/cam1.mp3")));
    assert!(head.starts_with("HTTP/1.1 415 Unsupported Media Type\r\n"), "{head}");
    assert_eq!(String::from_utf8_lossy(&body), "MP3 has no place for H.264 and AAC of this stream");
    drop(publisher);
    let (head, _) = split(&read_all(&mut server.get("/live/cam1.ts")));
    assert!(head.starts_with("HTTP/1.1 404 "), "only the format of the mount is waited for: {head}");
}

/// What somebody gets who waits for MP3, when the stream comes and has none.
#[track_caller]
fn check_in_vain(server: &Server, mut socket: impl Read + Write, fields: &str) {
    write!(socket, "GET /live/cam1.mp3 HTTP/1.1\r\nHost: h\r\n{fields}\r\n").expect("a request");
    server.wait_for_players(1);
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    let head = read_head(&mut socket);
    assert!(head.starts_with("HTTP/1.1 415 Unsupported Media Type\r\n"), "{head}");
    let why = b"MP3 has no place for H.264 and AAC of this stream";
    let mut body = [0; 49];
    socket.read_exact(&mut body).expect("why");
    assert_eq!(&body, why);
    server.wait_for_players(0);
}

#[test]
fn who_waits_for_what_does_not_come_is_told() {
    let conf = CONF.replace("http_remux {", "http_remux { mount [vhost]/[app]/[stream].mp3;");
    let (certificate, roots) = certificate();
    let server = start(&conf);
    check_in_vain(&server, server.ask(""), "");
    check_in_vain(&server, server.ask(""), OPENING);
    let server = start_with(&conf, Some(certificate));
    check_in_vain(&server, tls_client(&server, roots), "");
}

#[test]
fn the_body_ends_when_the_stream_has_nothing_more_for_its_format() {
    let server = start(CONF);
    let mut publisher = server.publish("x", "live", "cam1");
    send(&mut publisher, TagKind::Audio, 0, AUDIO_CONFIG);
    send(&mut publisher, TagKind::Audio, 0, AUDIO);
    let mut socket = server.get("/live/cam1.aac");
    server.wait_for_players(1);
    while !server.hub.clients().iter().any(|client| !client.kind.publishes() && client.traffic.bytes_sent() > 0) {
        send(&mut publisher, TagKind::Audio, 20, AUDIO);
        std::thread::park_timeout(Duration::from_millis(20));
    }
    send(&mut publisher, TagKind::Audio, 40, b"\x2f\xff\xfb\x90\x64\0");
    let (head, body) = split(&read_all(&mut socket));
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(unchunk(&body).starts_with(&[0xff, 0xf1]), "{body:02x?}");
    server.wait_for_players(0);
}

const OPENING: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// The request of a WebSocket.
fn opening() -> String {
    format!("GET /live/cam1.flv HTTP/1.1\r\nHost: x\r\n{OPENING}\r\n")
}

/// Reads the head of a response, and no byte behind it.
fn read_head(socket: &mut impl Read) -> String {
    let (mut head, mut byte) = (String::new(), [0]);
    while !head.ends_with("\r\n\r\n") {
        socket.read_exact(&mut byte).expect("a head");
        head.push(char::from(byte[0]));
    }
    head
}

/// Reads a message of a server: its first byte and its payload.
fn read_message(socket: &mut impl Read) -> (u8, Vec<u8>) {
    let mut head = [0; 2];
    socket.read_exact(&mut head).expect("a message");
    assert!(head[1] < 126, "a short one, not masked: {head:?}");
    let mut payload = vec![0; usize::from(head[1])];
    socket.read_exact(&mut payload).expect("its payload");
    (head[0], payload)
}

/// A ping with one byte, masked with zeros.
const PING: [u8; 7] = [0x89, 0x81, 0, 0, 0, 0, b'p'];
/// A close frame, masked with zeros.
const CLOSE: [u8; 6] = [0x88, 0x80, 0, 0, 0, 0];

/// Asks for a WebSocket on a socket, pings, and plays to the end.
fn check_websocket(server: &Server, mut socket: impl Read + Write) {
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    socket.write_all(opening().as_bytes()).expect("a request");
    let head = read_head(&mut socket);
    assert!(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"), "{head}");
    assert!(!head.contains("Content-Length"), "{head}");
    let accept = "\r\nsec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n";
    assert!(head.to_ascii_lowercase().contains(accept), "{head}");
    let (mut flv, mut pongs, mut publisher) = (Vec::new(), Vec::new(), Some(publisher));
    socket.write_all(&PING).expect("a ping");
    loop {
        match read_message(&mut socket) {
            (0x82, payload) => flv.extend(payload),
            (0x8a, payload) => {
                pongs.push(payload);
                let mut publisher = publisher.take().expect("one pong");
                send(&mut publisher, TagKind::Audio, 28, AUDIO);
            }
            (opcode, payload) => {
                assert_eq!((opcode, payload), (0x88, vec![3, 0xe8]), "a close frame of status 1000 ends it");
                break;
            }
        }
    }
    assert_eq!(socket.read(&mut [0; 1]).expect("an end that is no break"), 0);
    let mut expect = beginning();
    expect.push((8, 28, AUDIO.to_vec()));
    assert_eq!(tags(&flv), expect);
    assert_eq!(pongs, [b"p"]);
    server.wait_for_players(0);
}

#[test]
fn a_websocket_carries_the_same_bytes_as_messages() {
    let server = start(CONF);
    check_websocket(&server, server.ask(""));
    let mut later = server.ask("HEAD /live/cam1.flv/nope HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(read_head(&mut later).starts_with("HTTP/1.1 404 "));
    check_websocket(&server, later);
    let (certificate, roots) = certificate();
    let server = start_with(CONF, Some(certificate));
    check_websocket(&server, tls_client(&server, roots));
}

/// What a client gets behind the head when it sends `bytes`: messages, up to the end.
fn after(server: &Server, mut socket: impl Read + Write, bytes: &[u8]) -> Vec<u8> {
    socket.write_all(opening().as_bytes()).expect("a request");
    read_head(&mut socket);
    server.wait_for_players(1);
    socket.write_all(bytes).expect("an open socket");
    let rest = read_all(&mut socket);
    server.wait_for_players(0);
    rest
}

#[test]
fn a_websocket_that_leaves_or_breaks_the_rules_is_gone() {
    let (certificate, roots) = certificate();
    for server in [start(CONF), start_with(CONF, Some(certificate))] {
        let connect = || -> Box<dyn ReadWrite> {
            match server.tls {
                true => Box::new(tls_client(&server, roots.clone())),
                false => Box::new(server.ask("")),
            }
        };
        let mut publisher = server.publish("x", "live", "cam1");
        send_beginning(&mut publisher);
        let closed = after(&server, connect(), &CLOSE);
        assert!(closed.ends_with(&websocket::CLOSE), "the close frame is answered: {closed:02x?}");
        let broken = after(&server, connect(), &[0x82, 1, 7]);
        assert!(!broken.ends_with(&websocket::CLOSE), "{broken:02x?}");
        let mut bad = connect();
        bad.write_all(opening().replace("13", "12").as_bytes()).expect("a request");
        let head = read_head(&mut bad).to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 426 "), "{head}");
        for field in ["sec-websocket-version: 13", "upgrade: websocket", "connection: upgrade"] {
            assert!(head.contains(&format!("\r\n{field}\r\n")), "{field}: {head}");
        }
        let mut bad = connect();
        bad.write_all(opening().replace("Key: dGhl", "Key: ").as_bytes()).expect("a request");
        assert!(read_head(&mut bad).starts_with("HTTP/1.1 400 "));
        let mut head_only = connect();
        head_only.write_all(opening().replace("GET", "HEAD").as_bytes()).expect("a request");
        assert!(read_head(&mut head_only).starts_with("HTTP/1.1 200 "), "only a GET opens a WebSocket");
    }
}

trait ReadWrite: Read + Write {}

impl<S: Read + Write> ReadWrite for S {}

#[test]
fn a_websocket_over_tls_is_kicked() {
    let (certificate, roots) = certificate();
    let server = start_with(CONF, Some(certificate));
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    let mut socket = tls_client(&server, roots);
    socket.write_all(opening().as_bytes()).expect("a request");
    read_head(&mut socket);
    server.wait_for_players(1);
    server.hub.clients().iter().filter(|client| !client.kind.publishes()).for_each(|client| client.kick());
    let rest = read_all(&mut socket);
    assert!(!rest.ends_with(&websocket::CLOSE), "it looks like the end of the stream: {rest:02x?}");
    server.wait_for_players(0);
}

#[test]
fn a_websocket_over_tls_that_takes_nothing_is_cut_off() {
    let (certificate, roots) = certificate();
    let timeouts = Timeouts { send: Duration::from_millis(300), ..Timeouts::default() };
    let server = start_patient(CONF, Some(certificate), timeouts);
    let mut publisher = server.publish("x", "live", "cam1");
    send_beginning(&mut publisher);
    let mut socket = tls_client(&server, roots);
    socket.write_all(opening().as_bytes()).expect("a request");
    read_head(&mut socket);
    server.wait_for_players(1);
    let picture = [KEY, &[0; 1 << 20]].concat();
    let deadline = Instant::now() + Duration::from_secs(10);
    let plays = || server.hub.clients().iter().any(|client| !client.kind.publishes());
    for ms in (0..).step_by(40) {
        let body = Bytes::from(picture.clone());
        publisher.send(Frame::from_flv(TagKind::Video, MediaTime::from_millis(100 + ms), body), Instant::now());
        std::thread::park_timeout(Duration::from_millis(20));
        if !plays() {
            break;
        }
        assert!(Instant::now() < deadline, "it still plays");
    }
}

mod mp4;
