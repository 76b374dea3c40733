use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_util::sync::CancellationToken;
use weir_net::pages::{Pages, Pool};
use weir_net::shard::Shards;
use weir_net::tls::Certificate;
use weir_net::{Connections, Door};

use crate::site::Body;
use crate::{Answer, Asked, Httpd, Reply, Site, Switch, Switched, Timeouts};

/// Answers what a test needs.
struct Echo {
    file: std::path::PathBuf,
    pages: Arc<Pages>,
    turn: Arc<Turn>,
}

/// What lets requests for `/wait` go on, and how many wait for it.
#[derive(Default)]
struct Turn {
    go: tokio::sync::Notify,
    waiting: AtomicUsize,
}

impl Turn {
    async fn wait(&self) {
        struct Waiting<'a>(&'a AtomicUsize);
        impl Drop for Waiting<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _waiting = Waiting(&self.waiting);
        self.go.notified().await;
    }
}

impl Site for Echo {
    fn answer<'a>(&'a self, asked: &'a Asked) -> Answer<'a> {
        Box::pin(async move {
            let mut reply = Reply::text(http::StatusCode::OK, format!("{} {}", asked.method, asked.body.len()));
            match asked.path.as_str() {
                "/api/v1/echo" => {
                    let json = http::HeaderValue::from_static("application/json");
                    reply.headers = vec![(http::header::CONTENT_TYPE, json)];
                }
                "/panic" => panic!("a site fails"),
                "/pages" => reply.body = Body::Pages(vec![b'b'; self.pages.len()].into(), self.pages.clone()),
                "/file" => reply.body = Body::File { path: self.file.clone(), from: 2, len: 5, head: "<>".into() },
                "/gone" => reply.body = Body::File { path: "/nowhere".into(), from: 0, len: 5, head: "".into() },
                "/echo" => {}
                "/wait" => self.turn.wait().await,
                "/switch" if asked.headers.contains_key(http::header::UPGRADE) => {
                    reply = Reply::empty(http::StatusCode::SWITCHING_PROTOCOLS);
                    reply.body = Body::Switch(Switch::new(|socket| Box::pin(say_back(socket))));
                }
                "/switch" => {}
                _ => return None,
            }
            Some(reply)
        })
    }

    fn options(&self, path: &str) -> Vec<(http::HeaderName, http::HeaderValue)> {
        let field = (http::header::ALLOW, http::HeaderValue::from_static("GET"));
        if path == "/echo" { vec![field] } else { Vec::new() }
    }
}

/// Gives back what comes, until the client ends.
async fn say_back(socket: Switched) {
    let (mut from, mut to) = tokio::io::split(socket);
    let _ = tokio::io::copy(&mut from, &mut to).await;
    let _ = to.shutdown().await;
}

/// A listening server; it stops when this is dropped.
struct Server {
    addr: SocketAddr,
    stop: CancellationToken,
    connections: Arc<Connections>,
    runtime: tokio::runtime::Runtime,
    turn: Arc<Turn>,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn start(conf: &str, limit: usize) -> Server {
    start_with(conf, limit, None)
}

fn start_with(conf: &str, limit: usize, tls: Option<Arc<Certificate>>) -> Server {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, b"0123456789").expect("a file");
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let conf = weir_conf::Live::new(crate::filter::tests::conf(conf));
    let timeouts = Timeouts {
        idle: Duration::from_millis(600),
        head: Duration::from_millis(300),
        body: Duration::from_millis(300),
        ..Timeouts::default()
    };
    let pages = Arc::new(Pool::new().and_then(|pool| pool.store(&[b'p'; 200_000])).expect("memory"));
    let turn = Arc::new(Turn::default());
    let site = Arc::new(Echo { file, pages, turn: turn.clone() });
    let httpd = Httpd::new(conf, vec![site], None, runtime.handle().clone()).with_timeouts(timeouts);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener that does not block");
    let addr = listener.local_addr().expect("an address");
    let (stop, connections) = (CancellationToken::new(), Connections::new(limit));
    let shards = Arc::new(Shards::start(1, 30).expect("a shard"));
    let door = Door::new("HTTP", shards, connections.clone(), stop.clone());
    runtime.spawn(Arc::new(httpd).serve(listener, tls, door));
    Server { addr, stop, connections, runtime, turn, _folder: folder }
}

impl Server {
    fn connect(&self) -> TcpStream {
        let socket = TcpStream::connect(self.addr).expect("a connection");
        socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
        socket
    }

    /// Sends bytes and reads until the server closes.
    fn ask(&self, request: impl AsRef<[u8]>) -> String {
        let mut socket = self.connect();
        // The server may refuse before it has read everything.
        let _ = socket.write_all(request.as_ref());
        read_all(&mut socket)
    }

    fn get(&self, target: &str, fields: &str) -> String {
        self.ask(format!("GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{fields}\r\n"))
    }
}

fn read_all(socket: &mut TcpStream) -> String {
    let mut reply = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(len @ 1..) = socket.read(&mut piece) {
        reply.extend_from_slice(piece.get(..len).unwrap_or_default());
    }
    String::from_utf8_lossy(&reply).into_owned()
}

/// Reads one response with a Content-Length.
fn read_one(socket: &mut TcpStream) -> String {
    let (mut reply, mut byte) = (String::new(), [0]);
    while !reply.ends_with("\r\n\r\n") && socket.read(&mut byte).is_ok_and(|len| len == 1) {
        reply.push(char::from(byte[0]));
    }
    let len =
        reply.lines().find_map(|line| line.strip_prefix("Content-Length: ")).map_or(0, |len| len.parse().unwrap());
    let mut body = vec![0; len];
    socket.read_exact(&mut body).expect("the body");
    reply + &String::from_utf8(body).expect("text")
}

fn check(reply: &str, status: &str, body: &str) {
    let (head, found) = reply.split_once("\r\n\r\n").unwrap_or((reply, ""));
    assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{reply}");
    assert!(found.contains(body), "{reply}");
}

// row: http-api.md §2 Response headers
#[test]
fn heads_look_like_those_of_srs() {
    let server = start("", 10);
    assert_eq!(
        server.get("/nope", ""),
        "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Server: weir/0.1.0\r\nConnection: close\r\n\r\nNot Found"
    );
    assert_eq!(
        server.get("/echo", "Origin: http://a\r\n"),
        "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Headers: *\r\n\
         Access-Control-Allow-Methods: *\r\nAccess-Control-Expose-Headers: *\r\nAccess-Control-Allow-Credentials: false\r\n\
         Access-Control-Request-Private-Network: true\r\nContent-Length: 5\r\n\
         Content-Type: text/plain; charset=utf-8\r\nServer: weir/0.1.0\r\nConnection: close\r\n\r\nGET 0"
    );
}

// row: http-api.md §2 Keep-alive
#[test]
fn a_connection_serves_many_requests() {
    let server = start("", 10);
    let mut socket = server.connect();
    for _ in 0..3 {
        socket.write_all(b"GET /echo HTTP/1.1\r\nHost: h\r\n\r\n").expect("a request");
        check(&read_one(&mut socket), "200 OK", "GET 0");
    }
    // Quiet for too long.
    assert_eq!(read_all(&mut socket), "");
    let old = server.ask("GET /echo HTTP/1.0\r\n\r\n");
    assert!(old.starts_with("HTTP/1.0 200 OK") && old.ends_with("GET 0"), "{old}");
}

#[test]
fn bad_requests_are_told_why() {
    let server = start("", 10);
    check(&server.ask("a".repeat(1 << 20)), "414 URI Too Long", "longer than 8192 bytes");
    check(
        &server.ask(format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(1 << 20))),
        "414 URI Too Long",
        "longer than 8192",
    );
    let flood = format!("GET / HTTP/1.1\r\n{}", "X: y\r\n".repeat(100_000));
    check(&server.ask(flood), "431 Request Header Fields Too Large", "more than 100 fields");
    let long = format!("GET / HTTP/1.1\r\nCookie: {}\r\n\r\n", "y".repeat(1 << 20));
    check(&server.ask(long), "431 Request Header Fields Too Large", "longer than 65536 bytes");
    check(&server.ask("GET / HTTP/1.1\r\nHo"), "408 Request Timeout", "within 300ms");
    check(&server.ask("\x16\x03\x01\x02\0\x01"), "400 Bad Request", "malformed");
    check(&server.ask("GET\r\n\r\n"), "400 Bad Request", "malformed");
    assert_eq!(server.ask(""), "", "a client that says nothing is told nothing");
}

#[test]
fn a_connection_leaves_http_and_is_still_one() {
    let server = start("", 2);
    let mut socket = server.connect();
    socket
        .write_all(b"GET /switch HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nearly")
        .expect("a request");
    let head = read_one(&mut socket);
    assert_eq!(head, "HTTP/1.1 101 Switching Protocols\r\nServer: weir/0.1.0\r\n\r\n");
    let mut said = [0; 5];
    socket.read_exact(&mut said).expect("what came with the request");
    assert_eq!(&said, b"early");
    // Longer than any time that a client of HTTP has.
    std::thread::park_timeout(Duration::from_millis(700));
    assert_eq!(server.connections.open(), 1);
    socket.write_all(b"later").expect("an open connection");
    socket.shutdown(std::net::Shutdown::Write).expect("a half that ends");
    assert_eq!(read_all(&mut socket), "later");
    let old = server.ask("GET /switch HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
    assert!(old.starts_with("HTTP/1.0 200 OK\r\n"), "an older client cannot leave: {old}");
}

#[test]
fn a_head_that_drips_is_cut_off() {
    let server = start("", 10);
    let mut socket = server.connect();
    socket.write_all(b"GET / HTTP/1.1\r\n").expect("a line");
    let started = std::time::Instant::now();
    while started.elapsed() < Duration::from_secs(3) && socket.write_all(b"X: y\r\n").is_ok() {
        std::thread::park_timeout(Duration::from_millis(50));
        if started.elapsed() > Duration::from_millis(700) {
            break;
        }
    }
    check(&read_all(&mut socket), "408 Request Timeout", "did not come within");
}

// row: http-api.md §5 Path with ..
// row: errors.md §2 4002
// row: http-api.md §2 Handler failure
#[test]
fn paths_that_go_up_are_refused() {
    let server = start("", 10);
    for path in ["/live/../../../etc/passwd", "/%2e%2e/x", "/%2E%2e%2fx", "/..%5cx", "/a/%c0%ae%c0%ae/x"] {
        check(&server.get(path, ""), "400 Bad Request", "the path");
    }
    check(&server.get("/%252e%252e/x", ""), "404 Not Found", "");
}

// row: http-api.md §2 Body limits
#[test]
fn bodies_have_limits() {
    let server = start("", 10);
    let post = |fields: &str, body: &str| server.ask(format!("POST /echo HTTP/1.1\r\nHost: h\r\n{fields}\r\n{body}"));
    check(&post("Connection: close\r\nContent-Length: 3\r\n", "abc"), "200 OK", "POST 3");
    check(&post("Connection: close\r\nTransfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), "200 OK", "POST 3");
    check(&post("Content-Length: 1048577\r\n", ""), "413 Payload Too Large", "1048576 bytes");
    let large = format!("{:x}\r\n{}\r\n0\r\n\r\n", 1_048_577, "a".repeat(1_048_577));
    check(&post("Transfer-Encoding: chunked\r\n", &large), "413 Payload Too Large", "1048576 bytes");
    check(&post("Content-Length: 3\r\n", "a"), "408 Request Timeout", "the body did not come");
    check(&post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), "400 Bad Request", "twice");
    check(&post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400 Bad Request", "twice");
    check(&post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"), "400 Bad Request", "twice");
}

#[test]
fn a_later_request_is_held_to_the_same() {
    let server = start("", 10);
    let after = |request: &str| {
        let mut socket = server.connect();
        socket.write_all(b"GET /echo HTTP/1.1\r\nHost: h\r\n\r\n").expect("a request");
        check(&read_one(&mut socket), "200 OK", "");
        let _ = socket.write_all(request.as_bytes());
        read_all(&mut socket)
    };
    let lengths = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    check(&after(lengths), "400 Bad Request", "twice");
    let posted = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    check(&after(&format!("{posted}GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")), "200 OK", "POST 3");
    check(&after(&format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(9000))), "414 URI Too Long", "8192");
    check(&after(&format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(200))), "431", "");
    check(&after("GET /../x HTTP/1.1\r\nConnection: close\r\n\r\n"), "400 Bad Request", "the path");
}

#[test]
fn plain_requests_are_answered_one_by_one() {
    let server = start("", 10);
    let mut socket = server.connect();
    let ask = |target: &str, verb: &str| format!("{verb} {target} HTTP/1.1\r\nHost: h\r\n\r\n");
    // All at once: the answers come in their order.
    let many = ask("/pages", "GET") + &ask("/pages", "HEAD") + &ask("/file", "GET") + &ask("/nope", "GET");
    socket.write_all(many.as_bytes()).expect("requests");
    for _ in 0..2 {
        assert_eq!(read_one(&mut socket).split_once("\r\n\r\n").map(|(_, body)| body.len()), Some(200_000));
        let mut head = String::new();
        let mut byte = [0];
        while !head.ends_with("\r\n\r\n") && socket.read(&mut byte).is_ok_and(|len| len == 1) {
            head.push(char::from(byte[0]));
        }
        assert!(head.contains("Content-Length: 200000\r\n"), "{head}");
        check(&read_one(&mut socket), "200 OK", "<>");
        check(&read_one(&mut socket), "404 Not Found", "Not Found");
        socket.write_all(many.as_bytes()).expect("requests");
    }
    // What is not plain goes on with hyper, and so does what follows it.
    let mut socket = server.connect();
    for (target, expect) in [("/pages", "ppp"), ("/echo", "POST 1"), ("/pages", "bbb")] {
        let request = match target {
            "/echo" => "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n1".to_owned(),
            _ => ask(target, "GET"),
        };
        socket.write_all(request.as_bytes()).expect("a request");
        check(&read_one(&mut socket), "200 OK", expect);
    }
}

/// Waits until something holds, on a machine that has other work too.
#[track_caller]
fn eventually(holds: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "it does not come to that");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

#[test]
fn a_request_ends_with_its_client() {
    let server = start("", 2);
    // It may still wait for the answer: not for ever. A request that is to be the last goes through hyper.
    for (half, fields) in [(false, ""), (true, ""), (false, "Connection: close\r\n"), (true, "Connection: close\r\n")] {
        let mut socket = server.connect();
        let request = format!("GET /wait HTTP/1.1\r\nHost: h\r\n{fields}\r\n");
        socket.write_all(request.as_bytes()).expect("a request");
        eventually(|| server.turn.waiting.load(Ordering::SeqCst) == 1);
        let kept = half.then(|| {
            socket.shutdown(std::net::Shutdown::Write).expect("a half that ends");
            socket.try_clone().expect("the other half")
        });
        drop(socket);
        eventually(|| server.turn.waiting.load(Ordering::SeqCst) == 0 && server.connections.open() == 0);
        drop(kept);
    }
    // What is ready soon is told to whoever has ended one half only.
    let mut socket = server.connect();
    socket.write_all(b"GET /nope HTTP/1.1\r\nHost: h\r\n\r\n").expect("a request");
    socket.shutdown(std::net::Shutdown::Write).expect("a half that ends");
    check(&read_all(&mut socket), "404 Not Found", "Not Found");
}

#[test]
fn requests_that_come_while_another_waits_are_answered_after_it() {
    let server = start("", 2);
    let mut socket = server.connect();
    socket.write_all(b"GET /wait HTTP/1.1\r\nHost: h\r\n\r\n").expect("a request");
    eventually(|| server.turn.waiting.load(Ordering::SeqCst) == 1);
    // More than is read in advance.
    let many = 3000;
    let mut writer = socket.try_clone().expect("a second handle");
    let sender = std::thread::spawn(move || {
        for _ in 0..many {
            writer.write_all(b"GET /echo HTTP/1.1\r\nHost: h\r\n\r\n").expect("a request");
        }
    });
    std::thread::park_timeout(Duration::from_millis(50));
    server.turn.go.notify_one();
    for _ in 0..=many {
        check(&read_one(&mut socket), "200 OK", "GET 0");
    }
    sender.join().expect("all were sent");
}

// row: http-api.md §2 Trailing slash
#[test]
fn a_prefix_without_its_slash_is_redirected() {
    let uri = "/api?a=1".parse().expect("a target");
    let peer = ([10, 0, 0, 77], 4000).into();
    let asked = Asked::new(http::Method::GET, &uri, http::HeaderMap::new(), peer, false);
    let reply = Reply::to_prefix("/api/", &asked);
    assert_eq!(reply.status, http::StatusCode::FOUND);
    assert!(reply.headers.iter().any(|(name, value)| name == "location" && value == "/api/?a=1"));
}

#[test]
fn jsonp_wraps_replies_and_overrides_the_verb() {
    let server = start("", 10);
    let reply = server.get("/api/v1/echo?callback=f.g&method=DELETE", "");
    check(&reply, "200 OK", "f.g(DELETE 0)");
    assert!(reply.contains("Content-Type: text/javascript\r\n"), "{reply}");
    check(&server.get("/api/v1/echo?method=DELETE", ""), "200 OK", "GET 0");
    check(&server.get("/api/v1/echo?callback=a(1)", ""), "400 Bad Request", "callback");
}

#[test]
fn options_and_auth_come_before_sites() {
    let server = start("http_api { auth { enabled on; username a; password b; } }", 10);
    let options = server.ask("OPTIONS /api/v1/echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    check(&options, "200 OK\r\n", "");
    assert!(options.contains("Content-Length: 0\r\n"), "{options}");
    let refused = server.get("/api/v1/echo", "");
    check(&refused, "401 Unauthorized\r\n", "");
    assert!(refused.contains("Www-Authenticate: Basic\r\n"), "{refused}");
    check(&server.get("/api/v1/echo", "Authorization: Basic YTpi\r\n"), "200 OK", "GET 0");
}

#[test]
fn sites_tell_of_options() {
    let options = |conf: &str, path: &str| {
        start(conf, 10).ask(format!("OPTIONS {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
    };
    check(&options("", "/echo"), "200 OK\r\nAllow: GET\r\n", "");
    assert!(!options("", "/file").contains("Allow"));
    let refused = options("http_server { crossdomain off; }", "/echo");
    check(&refused, "405 Method Not Allowed\r\n", "Method Not Allowed");
    assert!(!refused.contains("Allow:"), "{refused}");
}

#[test]
fn files_are_sent_in_part() {
    let server = start("", 10);
    check(&server.get("/file", ""), "200 OK\r\nContent-Length: 7\r\n", "<>23456");
    check(&server.get("/gone", ""), "403 Forbidden", "cannot be read");
    let head = server.ask("HEAD /file HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert!(head.contains("Content-Length: 7\r\n") && head.ends_with("\r\n\r\n"), "{head}");
}

#[test]
fn a_site_that_fails_costs_one_request() {
    let server = start("", 10);
    check(&server.get("/panic", ""), "500 Internal Server Error", "");
    check(&server.get("/echo", ""), "200 OK", "GET 0");
}

#[test]
fn max_connections_is_kept() {
    let server = start("", 1);
    let mut held = server.connect();
    held.write_all(b"GET /echo HTTP/1.1\r\nHost: h\r\n\r\n").expect("a request");
    check(&read_one(&mut held), "200 OK", "");
    assert_eq!(server.get("/echo", ""), "");
    assert_eq!(server.connections.refused(), 1);
    drop(held);
    let again = std::iter::repeat_with(|| {
        std::thread::park_timeout(Duration::from_millis(20));
        server.get("/echo", "")
    });
    assert!(again.take(100).any(|reply| reply.starts_with("HTTP/1.1 200")));
}

#[test]
fn a_server_that_stops_lets_idle_connections_go() {
    let server = start("", 10);
    let mut socket = server.connect();
    socket.write_all(b"GET /echo HTTP/1.1\r\nHost: h\r\n\r\n").expect("a request");
    check(&read_one(&mut socket), "200 OK", "");
    let mut silent = server.connect();
    let started = std::time::Instant::now();
    server.stop.cancel();
    assert_eq!((read_all(&mut socket), read_all(&mut silent)), (String::new(), String::new()));
    assert!(started.elapsed() < Duration::from_secs(5), "it waited for the idle timeout");
}

/// A certificate for `localhost`, and a client's settings that trust it and offer `protocol`.
fn certificate(protocol: &str) -> (Arc<Certificate>, rustls::ClientConfig) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let folder = tempfile::tempdir().expect("a folder");
    let (key, cert) = (folder.path().join("key"), folder.path().join("cert"));
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a key file");
    std::fs::write(&cert, made.cert.pem()).expect("a certificate file");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).expect("a root");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = config.expect("protocol versions").with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    (Certificate::read(&key, &cert).expect("a certificate"), config)
}

type H2Client = hyper::client::conn::http2::SendRequest<http_body_util::Full<bytes::Bytes>>;

async fn tls_client(addr: SocketAddr, config: rustls::ClientConfig) -> impl AsyncRead + AsyncWrite + Unpin + Send {
    let socket = tokio::net::TcpStream::connect(addr).await.expect("a connection");
    let name = "localhost".try_into().expect("a name");
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, socket).await.expect("a session")
}

async fn h2_client(addr: SocketAddr, config: rustls::ClientConfig) -> H2Client {
    let io = hyper_util::rt::TokioIo::new(tls_client(addr, config).await);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (client, connection) = hyper::client::conn::http2::handshake(executor, io).await.expect("a handshake");
    tokio::spawn(connection);
    client
}

fn h2_get(path: &str) -> http::Request<http_body_util::Full<bytes::Bytes>> {
    http::Request::get(format!("https://localhost{path}")).body(http_body_util::Full::default()).expect("a request")
}

#[test]
fn a_request_of_http_2_ends_when_it_is_reset() {
    let (certificate, config) = certificate("h2");
    let server = start_with("", 10, Some(certificate));
    let mut client = server.runtime.block_on(h2_client(server.addr, config));
    let asked: Vec<_> = (0..20).map(|_| server.runtime.spawn(client.send_request(h2_get("/wait")))).collect();
    eventually(|| server.turn.waiting.load(Ordering::SeqCst) == 20);
    for one in asked {
        one.abort();
    }
    eventually(|| server.turn.waiting.load(Ordering::SeqCst) == 0);
    // The connection goes on.
    let reply = server.runtime.block_on(client.send_request(h2_get("/echo"))).expect("a response");
    assert_eq!(reply.status(), http::StatusCode::OK);
}

#[test]
fn pages_come_whole_over_tls() {
    for protocol in ["h2", "http/1.1"] {
        let (certificate, config) = certificate(protocol);
        let server = start_with("", 10, Some(certificate));
        let body = server.runtime.block_on(async {
            if protocol == "h2" {
                let mut client = h2_client(server.addr, config).await;
                let response = client.send_request(h2_get("/pages")).await.expect("a response");
                return http_body_util::BodyExt::collect(response.into_body()).await.expect("a body").to_bytes().into();
            }
            let mut socket = tls_client(server.addr, config).await;
            let request = b"GET /pages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            socket.write_all(request).await.expect("a request");
            let mut reply = Vec::new();
            socket.read_to_end(&mut reply).await.expect("a reply");
            let head = reply.windows(4).position(|end| end == b"\r\n\r\n").expect("a head") + 4;
            reply.split_off(head)
        });
        assert!(body == vec![b'b'; 200_000], "{protocol}: {} bytes", body.len());
    }
}

#[test]
fn http_2_is_spoken_over_tls() {
    let (certificate, config) = certificate("h2");
    let server = start_with("", 10, Some(certificate));
    let reply = server.runtime.block_on(async {
        let mut client = h2_client(server.addr, config).await;
        let request =
            http::Request::post("https://localhost/echo").body(http_body_util::Full::<bytes::Bytes>::from("abc"));
        let response = client.send_request(request.expect("a request")).await.expect("a response");
        let server = response.headers().get("server").cloned();
        let body = http_body_util::BodyExt::collect(response.into_body()).await.expect("a body").to_bytes();
        (server, body)
    });
    assert_eq!(reply, (Some(http::HeaderValue::from_static("weir/0.1.0")), bytes::Bytes::from_static(b"POST 3")));
}

#[test]
fn plain_http_on_a_tls_port_is_cut_off() {
    let (certificate, _) = certificate("http/1.1");
    let server = start_with("", 10, Some(certificate));
    assert!(!server.get("/echo", "").contains("200 OK"));
}
