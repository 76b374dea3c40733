//! Noticing that a peer has gone from a connection that nobody reads for now.

use std::time::Duration;

use tokio::io::Interest;
use tokio::net::TcpStream;

/// A socket whose bytes nobody takes yet is ready all the time: it is looked at so often.
const LOOK: Duration = Duration::from_millis(100);

/// Ends when the peer has closed its half of the connection, or when that broke. Takes no bytes: what came before stays in
/// the socket. An end behind more than the kernel's buffer holds is seen when that was read.
pub async fn closed(socket: &TcpStream) {
    loop {
        match socket.ready(Interest::READABLE).await {
            Ok(ready) if !ready.is_read_closed() => tokio::time::sleep(LOOK).await,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests;
