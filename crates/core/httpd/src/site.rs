//! [`Site`]: what a service hangs on the HTTP listener.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use tokio::sync::mpsc;
use weir_net::pages::Pages;

use crate::query::Query;
use crate::switch::Switch;

/// A request as a site sees it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The verb, after the JSONP override.
    pub method: Method,
    /// The path as it was sent: not decoded, without the query.
    pub path: String,
    /// The query as it was sent: not decoded, without the `?`.
    pub query: String,
    /// The header fields. `Host` is there also when the request named its host in the target (HTTP/2).
    pub headers: HeaderMap,
    /// The client's socket address.
    pub peer: SocketAddr,
    /// It came by TLS.
    pub secure: bool,
    /// The body, bounded by the listener.
    pub body: Bytes,
}

impl Asked {
    /// A request without a body.
    pub(crate) fn new(method: Method, uri: &Uri, mut headers: HeaderMap, peer: SocketAddr, secure: bool) -> Asked {
        if let Some(authority) = uri.authority()
            && let Ok(host) = HeaderValue::from_str(authority.as_str())
        {
            headers.insert(HOST, host);
        }
        Asked {
            method,
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            headers,
            peer,
            secure,
            body: Bytes::new(),
        }
    }

    /// The pairs of the query.
    pub fn pairs(&self) -> Query {
        Query::parse(&self.query)
    }

    /// A header field as text; nothing when it is not there or not ASCII.
    pub fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The token of `Authorization: Bearer` (RFC 6750, clause 2.1).
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header(AUTHORIZATION)?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim()).filter(|token| !token.is_empty())
    }

    /// The host that was asked for, without a port. Empty when the request names none.
    pub fn host(&self) -> &str {
        let host = self.header(HOST).unwrap_or_default();
        match host.rsplit_once(':') {
            // The colons of a bare IPv6 address are not a port's.
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        }
    }

    /// The vhost that was asked for: the query's `vhost` or `domain`, else the host.
    pub fn vhost(&self) -> String {
        let pairs = self.pairs();
        let named = pairs.get("vhost").or_else(|| pairs.get("domain")).filter(|name| !name.is_empty());
        named.unwrap_or_else(|| self.host()).to_owned()
    }
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
    /// The same, and where the kernel can send them from; the listener takes what its connection allows.
    Pages(Bytes, Arc<Pages>),
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
    /// Pieces as they come, of an unknown number. An error cuts the connection, so that the client does not take what it
    /// has for the whole.
    Stream(mpsc::Receiver<io::Result<Bytes>>),
    /// None: with the status 101, the connection leaves HTTP. Only a request of HTTP/1.1 has an `Upgrade` field to ask for
    /// it.
    Switch(Switch),
}

/// The answer of a site: nothing when the path is not one of its own.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Option<Reply>> + Send + 'a>>;

/// Something that answers some paths of a listener. Sites are asked in their order; the first reply is sent.
pub trait Site: Send + Sync + 'static {
    /// Answers the request, if it is for this site.
    fn answer<'a>(&'a self, asked: &'a Asked) -> Answer<'a>;

    /// The reply that needs neither waiting nor work to speak of, such as what is in memory and is sent from there: bytes
    /// that had to be copied for it belong into [`Site::answer`]. Every site is asked for this first, on the thread of the
    /// connection, which has players to serve.
    fn at_once(&self, _asked: &Asked) -> Option<Reply> {
        None
    }

    /// What the reply to OPTIONS says of a path of this site, beside the fields of CORS. The listener itself gives that
    /// reply, also to whom the site would refuse.
    fn options(&self, _path: &str) -> Vec<(HeaderName, HeaderValue)> {
        Vec::new()
    }
}
