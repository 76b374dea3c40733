//! HTTP in raw bytes: exactly what is sent, exactly what comes back.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(10);
/// How long an endless answer may be silent.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer, as it came.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// 200, 404, …
    pub status: u16,
    /// The status line.
    pub line: String,
    /// Names and values in the order of the wire.
    pub headers: Vec<(String, String)>,
    /// Without the chunks, if it was chunked.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {} {}", self.line, self.text()))
    }

    /// Parses one whole answer; `None` when it has no complete head.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
        let mut lines = head.split("\r\n");
        let line = lines.next()?.to_owned();
        let status = line.split(' ').nth(1)?.parse().ok()?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        let mut response = Self { status, line, headers, body: Vec::new() };
        let rest = bytes.get(end + 4..)?;
        response.body = if response.header("Transfer-Encoding").is_some_and(|coding| coding == "chunked") {
            dechunk(rest)
        } else {
            let length = response.header("Content-Length").and_then(|length| length.parse().ok()).unwrap_or(rest.len());
            rest.get(..length).unwrap_or(rest).to_vec()
        };
        Some(response)
    }
}

/// GET of a path on 127.0.0.1.
#[track_caller]
pub fn get(port: u16, path: &str) -> Response {
    request(port, "GET", path, &[])
}

/// Any method, with more headers, each `Name: value`.
#[track_caller]
pub fn request(port: u16, method: &str, path: &str, headers: &[&str]) -> Response {
    with_body(port, method, path, headers, "")
}

/// As [`request`], with a body.
#[track_caller]
pub fn with_body(port: u16, method: &str, path: &str, headers: &[&str], body: &str) -> Response {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n");
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    if !body.is_empty() {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    let bytes = exchange(port, (text + "\r\n" + body).as_bytes());
    Response::parse(&bytes)
        .unwrap_or_else(|| panic!("{method} {path} was answered by {:?}", String::from_utf8_lossy(&bytes)))
}

/// Sends these bytes and reads until the server closes or a whole answer is there. Empty when the server just closed.
#[track_caller]
pub fn exchange(port: u16, bytes: &[u8]) -> Vec<u8> {
    let mut socket = connect(port);
    // A server that refuses may close before it has read everything.
    let _ = socket.write_all(bytes);
    let mut answer = Vec::new();
    let mut buffer = [0; 16 * 1024];
    while !is_whole(&answer) {
        match socket.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => answer.extend_from_slice(buffer.get(..n).unwrap_or_default()),
            Err(e) if e.kind() == ErrorKind::ConnectionReset => break,
            Err(e) => panic!("no end of the answer after {} bytes: {e}", answer.len()),
        }
    }
    let _ = socket.shutdown(Shutdown::Both);
    answer
}

/// A live answer that does not end: at least `len` bytes of it, head included, as they came.
#[track_caller]
pub fn read_live(port: u16, request: &[u8], len: usize) -> Vec<u8> {
    let mut socket = connect(port);
    socket.write_all(request).expect("the request goes out");
    let mut answer = Vec::new();
    let mut buffer = [0; 16 * 1024];
    while answer.len() < len {
        match socket.read(&mut buffer) {
            Ok(0) => panic!("the live answer ended after {} bytes", answer.len()),
            Ok(n) => answer.extend_from_slice(buffer.get(..n).unwrap_or_default()),
            Err(e) => panic!("the live answer stopped after {} bytes: {e}", answer.len()),
        }
    }
    answer
}

/// An endless answer that is written to a file as it comes, without head, chunks and frames.
#[derive(Debug)]
pub struct Download {
    thread: std::thread::JoinHandle<()>,
    file: PathBuf,
    // Dropped last.
    _dir: TempDir,
}

impl Download {
    /// Begins at once. The answer must be a 200.
    #[track_caller]
    pub fn start(port: u16, path: &str) -> Self {
        // HTTP/1.0 has no chunks.
        let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
        Self::spawn(port, path, &request, " 200 ", |mut body, out| {
            std::io::copy(&mut body, out).expect("a body that ends");
        })
    }

    /// As [`Download::start`], over a WebSocket: its messages, one behind the other.
    #[track_caller]
    pub fn over_websocket(port: u16, path: &str) -> Self {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        Self::spawn(port, path, &request, " 101 ", |mut body, out| while message(&mut body, out).is_some() {})
    }

    #[track_caller]
    fn spawn(
        port: u16,
        path: &str,
        request: &str,
        expect: &'static str,
        read: impl FnOnce(BufReader<TcpStream>, &mut File) + Send + 'static,
    ) -> Self {
        let dir = TempDir::with_prefix("weir-e2e-").expect("a folder for what comes");
        let name = path.split('?').next().and_then(|path| path.rsplit('/').next());
        let file = dir.path().join(name.unwrap_or("body"));
        let mut socket = connect(port);
        // What is waited for may be the end of another client.
        socket.set_read_timeout(Some(PATIENCE)).expect("a read limit");
        socket.write_all(request.as_bytes()).expect("a request");
        let mut out = File::create(&file).expect("a file for what comes");
        let thread = std::thread::spawn(move || {
            let mut body = BufReader::new(socket);
            let mut line = String::new();
            body.read_line(&mut line).expect("a status line");
            assert!(line.contains(expect), "{line}");
            while line != "\r\n" {
                line.clear();
                body.read_line(&mut line).expect("a head");
            }
            read(body, &mut out);
        });
        Self { thread, file, _dir: dir }
    }

    /// Waits until the server ends the answer; gives the file to `look`.
    #[track_caller]
    pub fn finish<T>(self, look: impl FnOnce(&Path) -> T) -> T {
        self.thread.join().expect("the answer ended well");
        look(&self.file)
    }
}

/// Copies the payload of one frame of a server (RFC 6455, clause 5.2). `None` at the end.
fn message(from: &mut impl Read, out: &mut File) -> Option<()> {
    let mut head = [0; 2];
    from.read_exact(&mut head).ok()?;
    let len = match head[1] {
        126 => u64::from(u16::from_be_bytes(bytes(from)?)),
        127 => u64::from_be_bytes(bytes(from)?),
        len => len.into(),
    };
    assert!(head[1] & 0x80 == 0, "a server masks nothing");
    match head[0] & 0x0f {
        0..=2 => std::io::copy(&mut from.take(len), out).ok().filter(|copied| *copied == len).map(|_| ()),
        8 => None,
        _ => std::io::copy(&mut from.take(len), &mut std::io::sink()).ok().map(|_| ()),
    }
}

fn bytes<const N: usize>(from: &mut impl Read) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// A connection whose reads and writes end in time.
#[track_caller]
pub fn connect(port: u16) -> TcpStream {
    let socket = TcpStream::connect(("127.0.0.1", port)).expect("the server accepts");
    socket.set_read_timeout(Some(LIMIT)).expect("a read limit");
    socket.set_write_timeout(Some(LIMIT)).expect("a write limit");
    socket
}

/// Content-Length reached, or the last chunk there.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let Some(head) = Response::parse(bytes) else { return false };
    match head.header("Content-Length").and_then(|length| length.parse::<usize>().ok()) {
        Some(length) => bytes.len() >= end + 4 + length,
        None => head.header("Transfer-Encoding").is_some() && bytes.ends_with(b"0\r\n\r\n"),
    }
}

fn dechunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(at) = bytes.windows(2).position(|window| window == b"\r\n") {
        let size = std::str::from_utf8(&bytes[..at]).ok().and_then(|hex| usize::from_str_radix(hex.trim(), 16).ok());
        let rest = &bytes[at + 2..];
        let Some(chunk) = size.filter(|size| *size > 0).and_then(|size| rest.get(..size)) else {
            // The last chunk, or one cut short: what is there of it belongs to the body.
            body.extend_from_slice(rest.get(..size.unwrap_or(0)).unwrap_or(rest));
            break;
        };
        body.extend_from_slice(chunk);
        bytes = rest.get(chunk.len() + 2..).unwrap_or_default();
    }
    body
}

#[cfg(test)]
mod tests;
