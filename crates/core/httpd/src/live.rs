//! [`Live`]: a service that sends endless bodies.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use weir_net::fanout::Fanout;

use crate::site::{Asked, Reply};

/// Work that stays on its shard.
pub type LocalTask = Pin<Box<dyn Future<Output = ()>>>;

/// A connection whose first request is for a live mount, handed over with its socket.
pub struct Taken {
    /// Connection id, for the log and the API.
    pub id: String,
    /// The request.
    pub asked: Asked,
    /// The client speaks HTTP/1.0: no chunks, the body ends with the connection.
    pub http_10: bool,
    /// [`CORS`](crate::CORS) belongs into the response head.
    pub cors: bool,
    /// Bytes read so far.
    pub received: u64,
    /// The socket. Nothing was written yet.
    pub socket: TcpStream,
    /// The players of this shard.
    pub fanout: Rc<Fanout>,
}

/// A service that sends endless bodies.
pub trait Live: Send + Sync + 'static {
    /// True when the request is for one of its mounts, whether or not somebody publishes there.
    fn claims(&self, asked: &Asked) -> bool;

    /// Serves a request that [`Live::claims`] on its plain socket, response head included, until either side ends.
    fn play(self: Arc<Self>, taken: Taken) -> LocalTask;

    /// Answers a request that [`Live::claims`] where the socket cannot be handed over: over TLS, over HTTP/2, or when it
    /// is not the first of its connection. `id` is the connection id. Cancelling `hangup` closes the connection, with
    /// all that it carries: for a client that takes nothing more, whom no end of a body would reach. A WebSocket is a
    /// [`Body::Switch`](crate::Body::Switch).
    fn stream(
        self: Arc<Self>,
        id: String,
        asked: Asked,
        hangup: CancellationToken,
    ) -> Pin<Box<dyn Future<Output = Reply> + Send>>;
}
