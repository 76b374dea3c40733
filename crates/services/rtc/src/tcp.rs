//! WebRTC over TCP: packets with their length before them (RFC 4571), on a port of its own or on one of HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::mpsc;

use weir_httpd::{Beside, LocalTask};

use crate::service::worker;
use crate::session::{Path, Route, Via};

/// The first check has to come within this.
const FIRST: Duration = Duration::from_secs(10);
/// Packets that wait for a slow connection: about half a second of 2 Mbit/s. More are dropped: late media is no use.
const WAITING: usize = 128;
/// Read at once.
const READ: usize = 16 * 1024;
/// A client that takes nothing for this long is gone.
const STUCK: Duration = Duration::from_secs(10);

/// Whether a connection begins as one of WebRTC does: with a length and a STUN request (RFC 8489 clause 5). Nothing while
/// there are too few bytes to tell.
fn is_rtc(bytes: &[u8]) -> Option<bool> {
    // The first byte of a length below 256 · 32 is no letter, which is what HTTP begins with.
    match bytes {
        [] => None,
        [0x20..=0xff, ..] => Some(false),
        [_] | [_, _] | [_, _, _] => None,
        [_, _, 0x00, 0x01, ..] => Some(true),
        _ => Some(false),
    }
}

/// WebRTC on a port of HTTP.
#[derive(Clone, Copy, Debug)]
pub struct OverHttp;

impl Beside for OverHttp {
    fn is_it(&self, first: &[u8]) -> Option<bool> {
        is_rtc(first)
    }

    fn serve(&self, socket: TcpStream, peer: SocketAddr, first: Bytes) -> LocalTask {
        Box::pin(serve(socket, peer, first))
    }
}

/// Serves a connection on its shard. `begun` are bytes that were read already.
pub async fn serve(socket: TcpStream, peer: SocketAddr, begun: Bytes) {
    let Some(worker) = worker() else { return };
    let (mut reader, writer) = socket.into_split();
    let (link, packets) = mpsc::channel(WAITING);
    let path = Path { route: Route { from: peer, is_tcp: true }, via: Via::Tcp(link) };
    let writing = tokio::task::spawn_local(write(writer, packets));
    let mut buffer = BytesMut::from(&begun[..]);
    let mut is_known = false;
    loop {
        while let Some(packet) = next(&mut buffer) {
            is_known = worker.packet(&path, &packet) || is_known;
            if !is_known {
                tracing::debug!("a TCP connection from {peer} begins with no check of a session: it ends");
                writing.abort();
                return;
            }
        }
        buffer.reserve(READ);
        let read = reader.read_buf(&mut buffer);
        let read = if is_known { read.await } else { tokio::time::timeout(FIRST, read).await.unwrap_or(Ok(0)) };
        if !matches!(read, Ok(1..)) {
            break;
        }
    }
    worker.hung_up(path.route);
    writing.abort();
}

/// A whole packet.
fn next(buffer: &mut BytesMut) -> Option<Bytes> {
    let len = usize::from(u16::from_be_bytes(*buffer.first_chunk()?));
    if buffer.len() < 2 + len {
        return None;
    }
    buffer.advance(2);
    Some(buffer.split_to(len).freeze())
}

async fn write(mut writer: OwnedWriteHalf, mut packets: mpsc::Receiver<Bytes>) {
    let mut out = Vec::new();
    while let Some(first) = packets.recv().await {
        out.clear();
        let mut packet = Some(first);
        while let Some(one) = packet {
            let Ok(len) = u16::try_from(one.len()) else { return };
            out.extend_from_slice(&len.to_be_bytes());
            out.extend_from_slice(&one);
            packet = packets.try_recv().ok();
        }
        if !matches!(tokio::time::timeout(STUCK, writer.write_all(&out)).await, Ok(Ok(()))) {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
