//! Answers to requests without a body on a plain socket. Head and body go out in one call, as they are in memory: a
//! segment of HLS that many players ask for is to cost no more than the kernel asks for it.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, EXPECT, UPGRADE};
use http::{HeaderMap, Method, Response, StatusCode};
use tokio::net::TcpStream;
use weir_net::pages::try_send_before;

use crate::connection::Connection;
use crate::head::{Head, HeadReader, MAX_HEAD, has_body};
use crate::payload::{Payload, response};
use crate::site::Asked;

/// Room for the head of a response.
const HEAD: usize = 512;
/// A client that has ended its half of the connection may still wait for the answer, as `nc -N` does, or be gone: from
/// here that looks the same. It is waited for so long.
const HALF_CLOSED: Duration = Duration::from_secs(1);

/// Whether a request is one of the plain ones: hyper knows better about bodies, other versions, and the rest of what a
/// connection can be asked for.
pub(crate) fn is(head: &Head) -> bool {
    let is_read = matches!(head.method, Method::GET | Method::HEAD);
    let mut wishes = head.headers.get_all(CONNECTION).iter();
    let stays = wishes.all(|value| value.as_bytes().eq_ignore_ascii_case(b"keep-alive"));
    let is_odd = head.headers.contains_key(UPGRADE) || head.headers.contains_key(EXPECT);
    is_read && stays && !is_odd && !head.http_10 && !has_body(&head.headers)
}

impl Connection {
    /// Answers a plain request that the listener has nothing against. False when the connection is over. What the client
    /// sends meanwhile goes to `reader`.
    pub(crate) async fn answer_plain(
        &self,
        socket: &TcpStream,
        reader: &mut HeadReader,
        asked: Asked,
        cors: bool,
    ) -> bool {
        tracing::debug!(cid = self.from.id, "client {} asks {} {}", self.from.peer.ip(), asked.method, asked.path);
        let is_head = asked.method == Method::HEAD;
        let Some(reply) = unless_gone(socket, reader, self.httpd.called(asked)).await else {
            tracing::debug!(cid = self.from.id, "client {} left before it was answered", self.from.peer.ip());
            return false;
        };
        // Only a request with an `Upgrade` field leaves HTTP, which is none of the plain ones.
        let (response, _) = response(reply, cors, is_head, &self.httpd.control).await;
        send(socket, response, self.httpd.timeouts.send).await.is_ok()
    }
}

/// What comes of `work`, unless the client goes away first.
async fn unless_gone<T>(socket: &TcpStream, reader: &mut HeadReader, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    tokio::select! {
        // What is there at once needs no look at the socket.
        biased;
        done = work.as_mut() => return Some(done),
        ended = end(socket, reader) => ended.ok()?,
    }
    tokio::time::timeout(HALF_CLOSED, work).await.ok()
}

/// Waits until the client ends its half of the connection, keeping what it sends before. Fails when the connection broke.
async fn end(socket: &TcpStream, reader: &mut HeadReader) -> io::Result<()> {
    // As many requests in advance as fit into the room of one head; the rest waits in the socket.
    while reader.len() < MAX_HEAD {
        socket.readable().await?;
        match socket.try_read_buf(reader.buffer()) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    weir_net::closed(socket).await;
    Ok(())
}

/// Fails when the connection is over: it broke, or a response says so.
async fn send(socket: &TcpStream, response: Response<Payload>, patience: Duration) -> io::Result<()> {
    let (parts, payload) = response.into_parts();
    let head = head_of(parts.status, &parts.headers);
    match payload {
        Payload::Whole(body) => write(socket, [&head, &body.unwrap_or_default()], patience).await?,
        Payload::Pages(_, pages) => {
            write_all(socket, head.len(), patience, |from| {
                try_send_before(socket, head.get(from..).unwrap_or_default())
            })
            .await?;
            write_all(socket, pages.len(), patience, |from| pages.try_send(socket, from)).await?;
        }
        Payload::Pieces { mut pieces, left } => {
            write(socket, [&head, &Bytes::new()], patience).await?;
            while let Some(piece) = pieces.recv().await {
                write(socket, [&piece?, &Bytes::new()], patience).await?;
            }
            // A body without a length ends with the connection.
            left.ok_or(io::ErrorKind::ConnectionAborted)?;
        }
    }
    match parts.headers.contains_key(CONNECTION) {
        true => Err(io::ErrorKind::ConnectionAborted.into()),
        false => Ok(()),
    }
}

/// The head of a response, its names as hyper writes them.
fn head_of(status: StatusCode, headers: &HeaderMap) -> Bytes {
    let mut head = Vec::with_capacity(HEAD);
    head.extend_from_slice(b"HTTP/1.1 ");
    head.extend_from_slice(status.as_str().as_bytes());
    head.push(b' ');
    head.extend_from_slice(status.canonical_reason().unwrap_or_default().as_bytes());
    head.extend_from_slice(b"\r\n");
    for (name, value) in headers {
        let mut before = b'-';
        head.extend(name.as_str().bytes().map(|byte| {
            let after_dash = std::mem::replace(&mut before, byte) == b'-';
            if after_dash { byte.to_ascii_uppercase() } else { byte }
        }));
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head.into()
}

/// Calls `write` with how much was written until all of `len` bytes are. Fails when the client takes nothing for
/// `patience`.
async fn write_all(
    socket: &TcpStream,
    len: usize,
    patience: Duration,
    mut write: impl FnMut(usize) -> io::Result<usize>,
) -> io::Result<()> {
    let mut wrote = 0;
    while wrote < len {
        match write(wrote) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(more) => wrote += more,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                tokio::time::timeout(patience, socket.writable()).await.map_err(|_| io::ErrorKind::TimedOut)??;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Writes two pieces one after the other.
async fn write(socket: &TcpStream, pieces: [&Bytes; 2], patience: Duration) -> io::Result<()> {
    let [first, second] = pieces;
    write_all(socket, first.len() + second.len(), patience, |from| {
        let rest = second.get(from.saturating_sub(first.len())..).unwrap_or_default();
        socket.try_write_vectored(&[IoSlice::new(first.get(from..).unwrap_or_default()), IoSlice::new(rest)])
    })
    .await
}

#[cfg(test)]
mod tests;
