//! [`Httpd`]: what answers on one or several ports.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;
use weir_admit::Jwts;
use weir_conf::Config;

use crate::live::{Live, LocalTask};
use crate::site::{Asked, Reply, Site};

/// How long is waited for a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timeouts {
    /// For the next request of a connection.
    pub idle: Duration,
    /// For the rest of a request head, or of a TLS handshake, once it has begun.
    pub head: Duration,
    /// For the whole body of a request.
    pub body: Duration,
    /// For a client that takes nothing of a response.
    pub send: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts {
            idle: Duration::from_secs(15),
            head: Duration::from_secs(15),
            body: Duration::from_secs(60),
            send: Duration::from_secs(30),
        }
    }
}

/// Another protocol on the same port, told apart by its first bytes.
pub trait Beside: Send + Sync {
    /// Whether a connection that begins so speaks it; nothing while there are too few bytes to tell. HTTP begins with a
    /// letter.
    fn is_it(&self, first: &[u8]) -> Option<bool>;

    /// Serves the connection, on its shard. `first` is what was read already.
    fn serve(&self, socket: TcpStream, peer: SocketAddr, first: Bytes) -> LocalTask;
}

/// An HTTP server: sites, live mounts, and the settings that all requests obey. It may serve several listeners.
pub struct Httpd {
    pub(crate) conf: weir_conf::Live<Config>,
    pub(crate) live: Option<Arc<dyn Live>>,
    pub(crate) control: Handle,
    pub(crate) timeouts: Timeouts,
    pub(crate) jwts: Option<Arc<Jwts>>,
    pub(crate) beside: Option<Arc<dyn Beside>>,
    sites: Arc<[Arc<dyn Site>]>,
}

impl Httpd {
    /// Sites are asked in their order, after the live mounts. They answer on `control`, but for what they have
    /// [at once](Site::at_once).
    pub fn new(
        conf: weir_conf::Live<Config>,
        sites: Vec<Arc<dyn Site>>,
        live: Option<Arc<dyn Live>>,
        control: Handle,
    ) -> Httpd {
        Httpd { conf, live, control, timeouts: Timeouts::default(), jwts: None, beside: None, sites: sites.into() }
    }

    /// The same server, with signed tokens of operators verified by `jwts`.
    pub fn with_jwts(self, jwts: Arc<Jwts>) -> Httpd {
        Httpd { jwts: Some(jwts), ..self }
    }

    /// The same server, whose plain ports serve another protocol as well.
    pub fn with_beside(self, beside: Arc<dyn Beside>) -> Httpd {
        Httpd { beside: Some(beside), ..self }
    }

    /// The same server with other timeouts.
    pub fn with_timeouts(self, timeouts: Timeouts) -> Httpd {
        Httpd { timeouts, ..self }
    }

    /// The live service, if the request is for one of its mounts.
    pub(crate) fn live_for(&self, asked: &Asked) -> Option<Arc<dyn Live>> {
        self.live.clone().filter(|live| live.claims(asked))
    }

    /// What sites say of a path to who asks for its options.
    pub(crate) fn options(&self, path: &str) -> Vec<(HeaderName, HeaderValue)> {
        self.sites.iter().flat_map(|site| site.options(path)).collect()
    }

    /// The reply of the first site that has one. Dropping this ends the work for it: nobody waits for it any more.
    pub(crate) async fn answer(&self, asked: Asked) -> Reply {
        if let Some(reply) = self.sites.iter().find_map(|site| site.at_once(&asked)) {
            return reply;
        }
        let sites = self.sites.clone();
        let work = AbortOnDropHandle::new(self.control.spawn(async move {
            for site in sites.iter() {
                if let Some(reply) = site.answer(&asked).await {
                    return reply;
                }
            }
            Reply::plain(StatusCode::NOT_FOUND)
        }));
        work.await.unwrap_or_else(|failed| {
            tracing::error!("a request could not be answered: {failed}");
            Reply::plain(StatusCode::INTERNAL_SERVER_ERROR)
        })
    }
}

impl fmt::Debug for Httpd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Httpd").field("sites", &self.sites.len()).field("live", &self.live.is_some()).finish()
    }
}
