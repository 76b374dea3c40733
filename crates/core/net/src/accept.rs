//! Accepting connections: the limit, the shard, and what to do when the system has no descriptor left.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::connections::Connections;
use crate::fanout::Fanout;
use crate::shard::Shards;

/// A peer that is silent for this long is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(60);
/// After an accept that failed, others would fail as well for a while.
const RECOVER: Duration = Duration::from_millis(100);

/// The same kind of trouble is logged this often.
const SAY_EVERY: Duration = Duration::from_secs(10);

/// A connection on the shard that it will live on.
#[derive(Debug)]
pub struct Accepted {
    /// The socket; small writes are sent without delay.
    pub socket: TcpStream,
    /// The peer's address; an IPv4 peer of an IPv6 listener has its IPv4 address.
    pub peer: SocketAddr,
    /// The shard's fan-out.
    pub fanout: Rc<Fanout>,
}

/// What a listener needs.
#[derive(Clone, Debug)]
pub struct Door {
    /// For the log: `RTMP`, `HTTP API`.
    pub name: &'static str,
    /// Where connections live.
    pub shards: Arc<Shards>,
    /// How many there may be.
    pub connections: Arc<Connections>,
    /// Cancelled when no more are to be accepted; those that are there go on.
    pub stop: CancellationToken,
    quiet: Quiet,
}

impl Door {
    /// A door of the server.
    pub fn new(
        name: &'static str,
        shards: Arc<Shards>,
        connections: Arc<Connections>,
        stop: CancellationToken,
    ) -> Door {
        Door { name, shards, connections, stop, quiet: Quiet::default() }
    }

    /// Accepts connections until told to stop, and runs `serve` for each on a shard.
    pub async fn accept<F, T>(mut self, listener: TcpListener, serve: F) -> io::Result<()>
    where
        F: Fn(Accepted) -> T + Clone + Send + 'static,
        T: Future<Output = ()> + 'static,
    {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.stop.cancelled() => return Ok(()),
            };
            match accepted {
                Ok((socket, peer)) => self.hand_over(socket, unmapped(peer), serve.clone()).await,
                Err(error) if is_of_one_peer(&error) => {}
                Err(error) => {
                    self.quiet.say(|missed| {
                        tracing::error!("{} cannot accept connections for now: {error}{missed}", self.name);
                    });
                    tokio::time::sleep(RECOVER).await;
                }
            }
        }
    }

    async fn hand_over<F, T>(&mut self, socket: TcpStream, peer: SocketAddr, serve: F)
    where
        F: FnOnce(Accepted) -> T + Send + 'static,
        T: Future<Output = ()> + 'static,
    {
        let Some(place) = self.connections.enter() else {
            self.quiet.say(|missed| {
                let (name, limit) = (self.name, self.connections.limit());
                tracing::warn!(
                    "{name} connection from {peer} closed: all {limit} connections are taken \
                     (max_connections, code 1074){missed}",
                );
            });
            return;
        };
        let alive = SockRef::from(&socket).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE));
        let Ok(socket) = alive.and_then(|()| socket.set_nodelay(true)).and_then(|()| socket.into_std()) else { return };
        let served = self.shards.adopt(socket, move |socket, fanout| async move {
            let _place = place;
            serve(Accepted { socket, peer, fanout }).await;
        });
        if let Err(error) = served.await {
            tracing::warn!("{} connection from {peer} closed: {error}", self.name);
        }
    }
}

/// The peer gave up before we came to accept it.
fn is_of_one_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

fn unmapped(peer: SocketAddr) -> SocketAddr {
    SocketAddr::new(peer.ip().to_canonical(), peer.port())
}

/// Keeps a line that may come with every connection from filling the log.
#[derive(Clone, Debug, Default)]
struct Quiet {
    last: Option<Instant>,
    missed: u64,
}

impl Quiet {
    /// Calls `log` with what to say of the lines that were left out, unless it was called a moment ago.
    fn say(&mut self, log: impl FnOnce(&str)) {
        let now = Instant::now();
        if self.last.is_some_and(|last| now.saturating_duration_since(last) < SAY_EVERY) {
            self.missed += 1;
            return;
        }
        self.last = Some(now);
        let missed = match std::mem::take(&mut self.missed) {
            0 => String::new(),
            count => format!("; {count} like it since the last line"),
        };
        log(&missed);
    }
}

#[cfg(test)]
mod tests;
