//! Refusing a client on its bare socket.

use std::time::Duration;

use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::reply::{CORS, SERVER};

/// What a client that is refused still sends is read up to this many bytes, so that its kernel lets it see the reply.
const MAX_DRAIN: u64 = 4 * 1024 * 1024;
/// And for so long.
const DRAIN: Duration = Duration::from_secs(2);

/// Tells a client why it is refused, and ends the connection: nothing may have been written to it.
pub async fn refuse(socket: &mut TcpStream, status: StatusCode, why: &str, cors: bool) {
    refuse_with(socket, status, &[], why, cors).await;
}

/// The same with more fields in the head.
pub async fn refuse_with(socket: &mut TcpStream, status: StatusCode, fields: &[(&str, &str)], why: &str, cors: bool) {
    end(socket, &format!("{}{why}", head_of(status, fields, why, cors))).await;
}

/// The same for a HEAD, which has no body.
pub async fn refuse_head(socket: &mut TcpStream, status: StatusCode, why: &str, cors: bool) {
    end(socket, &head_of(status, &[], why, cors)).await;
}

fn head_of(status: StatusCode, fields: &[(&str, &str)], why: &str, cors: bool) -> String {
    let mut head = format!("HTTP/1.1 {} {}\r\n", status.as_u16(), status.canonical_reason().unwrap_or_default());
    head.push_str("Connection: Close\r\n");
    for (name, value) in CORS.iter().filter(|_| cors).chain(fields) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n", why.len()));
    head.push_str(&format!("Content-Type: text/plain; charset=utf-8\r\nServer: {SERVER}\r\n\r\n"));
    head
}

async fn end(socket: &mut TcpStream, reply: &str) {
    let drain = async {
        socket.write_all(reply.as_bytes()).await?;
        socket.shutdown().await?;
        tokio::io::copy(&mut socket.take(MAX_DRAIN), &mut tokio::io::sink()).await
    };
    // Whether the client hears it is the client's affair.
    let _ = tokio::time::timeout(DRAIN, drain).await;
}
