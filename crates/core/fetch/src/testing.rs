//! A server for tests that writes down what it is asked and answers as it is told, also badly.
//!
//! Compiled in every build like the fuzz bodies, so that it cannot rot.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// A request as it came.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// The request line.
    pub line: String,
    /// Names and values in the order of the wire.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
    /// Which connection it came by, counted from 0.
    pub connection: usize,
}

impl Seen {
    /// The first header field of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Does {
    /// 200 with this body.
    Answers(String),
    /// 200 with this body; then the connection is closed, which the answer does not say.
    AnswersAndCloses(String),
    /// These bytes, whatever they are; then the connection goes on.
    Says(String),
    /// These bytes, after this time.
    SaysLate(String, Duration),
    /// Nothing, and the connection stays open.
    Hangs,
    /// The connection is closed without an answer.
    Closes,
    /// These bytes, then zeros for as long as somebody reads.
    Pours(String),
}

/// A server and what it was asked.
#[derive(Debug)]
pub struct Peer {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Peer {
    /// Serves on a free port until the runtime ends.
    pub async fn start(does: impl Fn(&Seen) -> Does + Clone + Send + Sync + 'static) -> io::Result<Peer> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let peer = Peer { port: listener.local_addr()?.port(), seen: Arc::default() };
        let seen = peer.seen.clone();
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((socket, _)) = listener.accept().await else { return };
                tokio::spawn(serve(socket, connection, seen.clone(), does.clone()));
            }
        });
        Ok(peer)
    }

    /// A URL of it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What it was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What it was asked, once that is so much.
    pub async fn wait(&self, count: usize) -> Vec<Seen> {
        while self.seen().len() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.seen()
    }
}

/// Serves one connection to its end.
pub async fn serve(
    socket: impl AsyncRead + AsyncWrite + Unpin,
    connection: usize,
    seen: Arc<Mutex<Vec<Seen>>>,
    does: impl Fn(&Seen) -> Does,
) -> io::Result<()> {
    let mut socket = BufReader::new(socket);
    loop {
        let Some(mut request) = read(&mut socket).await? else { return Ok(()) };
        request.connection = connection;
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        match does(&request) {
            Does::Answers(body) => socket.write_all(ok(&body).as_bytes()).await?,
            Does::AnswersAndCloses(body) => return socket.write_all(ok(&body).as_bytes()).await,
            Does::Says(bytes) => socket.write_all(bytes.as_bytes()).await?,
            Does::SaysLate(bytes, after) => {
                tokio::time::sleep(after).await;
                socket.write_all(bytes.as_bytes()).await?;
            }
            Does::Hangs => std::future::pending().await,
            Does::Closes => return Ok(()),
            Does::Pours(head) => {
                socket.write_all(head.as_bytes()).await?;
                loop {
                    socket.write_all(&[b'0'; 4096]).await?;
                }
            }
        }
    }
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

async fn read(socket: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<Option<Seen>> {
    let mut request = Seen::default();
    if socket.read_line(&mut request.line).await? == 0 {
        return Ok(None);
    }
    request.line.truncate(request.line.trim_end().len());
    loop {
        let mut line = String::new();
        socket.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        request.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = request.header("Content-Length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    Ok(Some(request))
}
