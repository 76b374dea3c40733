//! [`Site`]: what a service hangs on the HTTP listener.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

/// A request as a site sees it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The verb, after the JSONP override.
    pub method: Method,
    /// The path as it was sent: not decoded, without the query.
    pub path: String,
    /// The query as it was sent: not decoded, without the `?`.
    pub query: String,
    /// The header fields.
    pub headers: HeaderMap,
    /// The client's socket address.
    pub peer: SocketAddr,
    /// It came by TLS.
    pub secure: bool,
    /// The body, bounded by the listener.
    pub body: Bytes,
}

/// What is sent back.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// Header fields beyond those that the listener adds (Server, CORS, Content-Length).
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Body,
}

/// The body of a reply.
#[derive(Debug)]
pub enum Body {
    /// A whole body in memory.
    Bytes(Bytes),
    /// A range of a file.
    File {
        /// The file.
        path: PathBuf,
        /// First byte.
        from: u64,
        /// Bytes.
        len: u64,
        /// Sent before the file's bytes; not counted in `len`.
        head: Bytes,
    },
}

/// The answer of a site: nothing when the path is not one of its own.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Option<Reply>> + Send + 'a>>;

/// Something that answers some paths of a listener. Sites are asked in their order; the first reply is sent.
pub trait Site: Send + Sync + 'static {
    /// Answers the request, if it is for this site.
    fn answer<'a>(&'a self, asked: &'a Asked) -> Answer<'a>;
}
