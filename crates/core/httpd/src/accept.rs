//! The accept loop of one listener.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use weir_hub::connection_id;
use weir_net::tls::Certificate;
use weir_net::{Connections, shard::Shards};

use crate::connection::Connection;
use crate::exchange::Origin;
use crate::httpd::Httpd;

/// A fault of the process, such as too few file descriptors, is waited out for so long before the next accept.
const PAUSE: Duration = Duration::from_millis(100);
/// A repeated warning is logged this often.
const WARN_EVERY: Duration = Duration::from_secs(10);

impl Httpd {
    /// Accepts connections until `stop`, and hands each to a shard. Connections that stand then finish their request; a
    /// live body ends with its shard.
    ///
    /// Fails when the listener cannot be used at all. `listener` must not block.
    pub async fn serve(
        self: Arc<Self>,
        listener: std::net::TcpListener,
        tls: Option<Arc<Certificate>>,
        shards: Arc<Shards>,
        connections: Arc<Connections>,
        stop: CancellationToken,
    ) -> io::Result<()> {
        let listener = TcpListener::from_std(listener)?;
        let tls = tls.map(|certificate| certificate.acceptor(&["h2", "http/1.1"])).transpose()?;
        let mut door = Door { httpd: self, tls, shards, connections, stop: stop.clone(), quiet: Quiet::default() };
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                accepted = listener.accept() => match accepted {
                    Ok((socket, peer)) => door.admit(socket, peer).await,
                    Err(error) => {
                        door.quiet.warn(|missed| tracing::warn!("cannot accept HTTP connections: {error}{missed}"));
                        tokio::time::sleep(PAUSE).await;
                    }
                },
            }
        }
    }
}

/// What every connection of a listener gets.
struct Door {
    httpd: Arc<Httpd>,
    tls: Option<TlsAcceptor>,
    shards: Arc<Shards>,
    connections: Arc<Connections>,
    stop: CancellationToken,
    quiet: Quiet,
}

impl Door {
    async fn admit(&mut self, socket: TcpStream, peer: SocketAddr) {
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        let Some(place) = self.connections.enter() else {
            let limit = self.connections.limit();
            return self.quiet.warn(|missed| {
                tracing::warn!(
                    "client {} is refused: {limit} connections are open (max_connections, code 1074){missed}",
                    peer.ip()
                );
            });
        };
        // Replies leave at once; a live mount decides for itself. A socket that refuses the option is a little slower.
        let _ = socket.set_nodelay(true);
        let from = Origin { id: connection_id(), peer, secure: self.tls.is_some() };
        let connection = Connection { httpd: self.httpd.clone(), from, stop: self.stop.clone() };
        let tls = self.tls.clone();
        let handed = match socket.into_std() {
            Ok(socket) => {
                let serve = move |socket, fanout| async move {
                    let _place = place;
                    match tls {
                        Some(tls) => connection.serve_tls(socket, tls).await,
                        None => connection.serve(socket, fanout).await,
                    }
                };
                self.shards.adopt(socket, serve).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = handed {
            self.quiet.warn(|missed| tracing::warn!("client {} cannot be served: {error}{missed}", peer.ip()));
        }
    }
}

/// Keeps a warning that comes with every connection from filling the log.
#[derive(Default)]
struct Quiet {
    last: Option<Instant>,
    missed: u64,
}

impl Quiet {
    fn warn(&mut self, log: impl FnOnce(&str)) {
        let now = Instant::now();
        if self.last.is_some_and(|last| now.saturating_duration_since(last) < WARN_EVERY) {
            self.missed += 1;
            return;
        }
        let missed = match std::mem::take(&mut self.missed) {
            0 => String::new(),
            count => format!("; {count} like it since the last warning"),
        };
        self.last = Some(now);
        log(&missed);
    }
}
