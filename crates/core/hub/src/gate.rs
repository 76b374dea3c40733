//! [`Gate`]: who is asked whether a client may come in, and is told when it left.

use std::future::{self, Future};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use weir_conf::{Role, Vhost};

use crate::hub::{Refusal, Request};
use crate::stat::Client;
use crate::stream::Stream;

pub use question::Question;

mod question;

/// An answer that may take a while: nothing, or why not.
pub type Verdict<'a> = Pin<Box<dyn Future<Output = Result<(), Refusal>> + Send + 'a>>;

/// A client with its place in the server.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it does.
    pub role: Role,
    /// What it asked for.
    pub request: Request,
    /// The settings of its vhost when it came.
    pub vhost: Arc<Vhost>,
    /// Its stream.
    pub stream: Arc<Stream>,
    /// Its counters.
    pub client: Arc<Client>,
    /// Whether others were asked about it.
    pub question: Arc<Question>,
}

/// A connection that ended, of a protocol whose connections are told of by themselves.
#[derive(Clone, Debug)]
pub struct Closed {
    /// Connection id.
    pub id: String,
    /// The client's address.
    pub ip: IpAddr,
    /// Its vhost, with the settings that it had when the client named it.
    pub vhost: Arc<Vhost>,
    /// Application.
    pub app: String,
    /// Bytes to the client, all that it did together.
    pub sent: u64,
    /// Bytes from the client.
    pub received: u64,
}

/// One of those who decide. Every client of every protocol passes all of them, in the order in which the hub has them;
/// the first that refuses ends it.
pub trait Gate: Send + Sync {
    /// Decides by what is known at once. Nothing has been counted yet. It must not wait. A connection that is told of apart
    /// is asked about twice: before [`Gate::connect`] and before it comes in.
    fn check(&self, _role: Role, _vhost: &Vhost, _request: &Request) -> Result<(), Refusal> {
        Ok(())
    }

    /// Decides about a connection of a protocol that tells of it apart (RTMP, SRT), after every [`Gate::check`].
    fn connect<'a>(&'a self, _vhost: &'a Vhost, _request: &'a Request) -> Verdict<'a> {
        Box::pin(future::ready(Ok(())))
    }

    /// Decides about a client that has passed every check; it is seen in the API meanwhile.
    fn admit<'a>(&'a self, _entry: &'a Entry) -> Verdict<'a> {
        Box::pin(future::ready(Ok(())))
    }

    /// A client that was let in is gone, or one that went away while [`Gate::admit`] was asked. Not one that was refused.
    /// It must not wait.
    fn left(&self, _entry: &Entry) {}

    /// A connection is gone. It must not wait.
    fn closed(&self, _closed: &Closed) {}
}

#[cfg(test)]
mod tests;
