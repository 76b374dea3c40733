//! WebRTC over TCP: packets with their length before them (RFC 4571), on a port of its own or on one of HTTP.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::mpsc;

use weir_httpd::{Beside, LocalTask};

use crate::service::worker;
use crate::session::{Path, Route, Via};

/// The first check has to come whole within this.
const FIRST: Duration = Duration::from_secs(10);
/// Packets that wait for a slow connection: about half a second of 2 Mbit/s. More are dropped: late media is no use.
const WAITING: usize = 128;
/// Read at once.
const READ: usize = 16 * 1024;
/// Whether it is some session's still is looked at this often.
const LOOK: Duration = Duration::from_secs(1);
/// The last packets may take so long to leave.
const GOODBYE: Duration = Duration::from_secs(1);
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
    let mut writing = tokio::task::spawn_local(write(writer, packets));
    let mut buffer = BytesMut::from(&begun[..]);
    let mut look = tokio::time::interval(LOOK);
    let (since, mut was_known) = (Instant::now(), false);
    'connection: loop {
        while let Some(packet) = next(&mut buffer) {
            if !worker.packet(&path, &packet) {
                tracing::debug!("a TCP connection from {peer} is no session's: it ends");
                break 'connection;
            }
            was_known = true;
        }
        buffer.reserve(READ);
        tokio::select! {
            read = reader.read_buf(&mut buffer) => if !matches!(read, Ok(1..)) { break },
            _ = look.tick() => {
                let may_wait = if was_known { worker.knows(&path.route) } else { since.elapsed() < FIRST };
                if !may_wait {
                    break;
                }
            }
        }
    }
    worker.hung_up(path.route);
    // A goodbye may be on its way.
    drop(path);
    if tokio::time::timeout(GOODBYE, &mut writing).await.is_err() {
        writing.abort();
    }
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
