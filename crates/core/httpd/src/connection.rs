//! One connection, on its shard. On a plain socket, requests without a body are answered here, or taken by a live mount;
//! hyper has all others, and what follows them.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use weir_net::fanout::Fanout;

use crate::exchange::Origin;
use crate::head::{Head, HeadError, HeadReader, MAX_FIELDS, MAX_HEAD};
use crate::httpd::{Beside, Httpd};
use crate::live::{LocalTask, Taken};
use crate::plain;
use crate::refuse::refuse;
use crate::site::Asked;
use crate::wire::Wire;
use crate::{filter, proxy};

/// Requests of one HTTP/2 connection at a time.
const MAX_H2_STREAMS: u32 = 100;

/// What a connection goes on with when hyper is done with it.
type After = Rc<Cell<Option<LocalTask>>>;

/// A connection and the server that it belongs to.
pub(crate) struct Connection {
    pub(crate) httpd: Arc<Httpd>,
    pub(crate) from: Origin,
    pub(crate) stop: CancellationToken,
}

/// Why there is no request head.
enum NoHead {
    /// The client left, or kept quiet.
    Gone,
    /// It is to be told why.
    Refused(StatusCode, String),
}

impl From<HeadError> for NoHead {
    fn from(error: HeadError) -> NoHead {
        NoHead::Refused(error.status(), error.to_string())
    }
}

impl Connection {
    /// Serves a plain socket. The first bytes decide: here is where another protocol on the same port is told apart.
    pub(crate) async fn serve(self, mut socket: TcpStream, fanout: Rc<Fanout>) {
        let mut reader = HeadReader::default();
        if let Some(beside) = self.httpd.beside.clone() {
            match self.speaks(&*beside, &mut socket, &mut reader).await {
                None => return,
                Some(true) => return beside.serve(socket, self.from.peer, reader.into_bytes()).await,
                Some(false) => {}
            }
        }
        loop {
            let head = match self.read_head(&mut socket, &mut reader).await {
                Ok(head) => head,
                Err(NoHead::Gone) => return,
                Err(NoHead::Refused(status, why)) => {
                    tracing::debug!(cid = self.from.id, "client {} is refused: {why}", self.from.peer.ip());
                    return refuse(&mut socket, status, &why, false).await;
                }
            };
            let is_plain = plain::is(&head);
            let http_10 = head.http_10;
            let conf = self.httpd.conf.load();
            let client = proxy::client(self.from.peer, &head.headers, &conf.http_server.trusted_proxies);
            let asked = Asked::new(head.method, &head.uri, head.headers, client, false);
            let refusal = filter::refuse(&asked, &conf);
            let cors = filter::cors(&asked.headers, &conf);
            drop(conf);
            let live = if refusal.is_none() { self.httpd.live_for(&asked) } else { None };
            if let Some(live) = live {
                let (id, received) = (self.from.id, reader.len() as u64);
                return live.play(Taken { id, asked, http_10, cors, received, socket, fanout }).await;
            }
            if !is_plain || refusal.is_some() {
                return self.serve_http1(reader.into_bytes(), socket).await;
            }
            reader.forget();
            if !self.answer_plain(&socket, &mut reader, asked, cors).await || self.stop.is_cancelled() {
                return;
            }
        }
    }

    /// Whether a connection speaks the other protocol of the port; nothing when it says nothing.
    async fn speaks(&self, beside: &dyn Beside, socket: &mut TcpStream, reader: &mut HeadReader) -> Option<bool> {
        loop {
            if let Some(is_it) = beside.is_it(reader.buffer()) {
                return Some(is_it);
            }
            let read = tokio::select! {
                read = tokio::time::timeout(self.httpd.timeouts.idle, socket.read_buf(reader.buffer())) => read,
                () = self.stop.cancelled() => return None,
            };
            if !matches!(read, Ok(Ok(1..))) {
                return None;
            }
        }
    }

    /// Serves a socket of a TLS port.
    pub(crate) async fn serve_tls(self, socket: TcpStream, acceptor: TlsAcceptor) {
        let peer = self.from.peer.ip();
        let socket = match tokio::time::timeout(self.httpd.timeouts.head, acceptor.accept(socket)).await {
            Ok(Ok(socket)) => socket,
            Ok(Err(error)) => {
                return tracing::info!(
                    cid = self.from.id,
                    "client {peer} failed the TLS handshake (code 4042): {error}"
                );
            }
            Err(_) => {
                return tracing::info!(cid = self.from.id, "client {peer} did not finish the TLS handshake in time");
            }
        };
        let is_h2 = socket.get_ref().1.alpn_protocol() == Some(b"h2");
        match is_h2 {
            true => self.serve_http2(socket).await,
            false => self.serve_http1(Bytes::new(), socket).await,
        }
    }

    /// Collects a request head.
    async fn read_head(&self, socket: &mut TcpStream, reader: &mut HeadReader) -> Result<Head, NoHead> {
        let timeouts = self.httpd.timeouts;
        let first = tokio::select! {
            // It may be there already, behind the one before.
            () = std::future::ready(()), if !reader.is_empty() => Ok(Ok(1)),
            first = tokio::time::timeout(timeouts.idle, socket.read_buf(reader.buffer())) => first,
            () = self.stop.cancelled() => return Err(NoHead::Gone),
        };
        let rest = async {
            loop {
                if let Some(head) = reader.poll()? {
                    return Ok(head);
                }
                match socket.read_buf(reader.buffer()).await {
                    Ok(0) | Err(_) => return Err(NoHead::Gone),
                    Ok(_) => {}
                }
            }
        };
        match first {
            Err(_) | Ok(Err(_) | Ok(0)) => Err(NoHead::Gone),
            Ok(Ok(_)) => tokio::time::timeout(timeouts.head, rest).await.unwrap_or_else(|_| {
                let why = format!("the request head did not come within {:?}", timeouts.head);
                Err(NoHead::Refused(StatusCode::REQUEST_TIMEOUT, why))
            }),
        }
    }

    async fn serve_http1(self, early: Bytes, socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let after = After::default();
        self.run_http1(early, socket, after.clone()).await;
        if let Some(task) = after.take() {
            task.await;
        }
    }

    async fn run_http1(self, early: Bytes, socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, after: After) {
        let timeouts = self.httpd.timeouts;
        let socket = TokioIo::new(Wire::new(early, socket, timeouts.send));
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(timeouts.head)
            .max_headers(MAX_FIELDS)
            .max_buf_size(MAX_HEAD)
            .title_case_headers(true)
            .auto_date_header(false);
        let Connection { httpd, from, stop } = self;
        let (id, hangup) = (from.id.clone(), from.hangup.clone());
        let serve = service_fn(move |request| exchange(httpd.clone(), from.clone(), request, after.clone()));
        let mut connection = pin!(builder.serve_connection(socket, serve).with_upgrades());
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = hangup.cancelled() => return,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    ended = connection => ended,
                    () = hangup.cancelled() => return,
                }
            }
        };
        log_end(&id, ended);
    }

    async fn serve_http2(self, socket: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        let timeouts = self.httpd.timeouts;
        let socket = TokioIo::new(Wire::new(Bytes::new(), socket, timeouts.send));
        // Without SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441), which hyper does not send by itself, a browser opens another
        // connection for a WebSocket, and asks for HTTP/1.1 there.
        let mut builder = http2::Builder::new(OnThisShard);
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(MAX_H2_STREAMS)
            .max_header_list_size(MAX_HEAD as u32)
            .keep_alive_interval(timeouts.idle)
            .keep_alive_timeout(timeouts.idle)
            .auto_date_header(false);
        let Connection { httpd, from, stop } = self;
        let (id, hangup) = (from.id.clone(), from.hangup.clone());
        let serve = service_fn(move |request| exchange(httpd.clone(), from.next(), request, After::default()));
        let mut connection = pin!(builder.serve_connection(socket, serve));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = hangup.cancelled() => return,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    ended = connection => ended,
                    () = hangup.cancelled() => return,
                }
            }
        };
        log_end(&id, ended);
    }
}

async fn exchange(
    httpd: Arc<Httpd>,
    from: Origin,
    request: Request<Incoming>,
    after: After,
) -> Result<http::Response<crate::payload::Payload>, Infallible> {
    let (response, task) = httpd.exchange(request, &from).await;
    after.set(task);
    Ok(response)
}

/// A connection that breaks is no error of ours.
fn log_end(id: &str, ended: Result<(), hyper::Error>) {
    if let Err(error) = ended {
        tracing::debug!(cid = id, "the HTTP connection ended early: {error}");
    }
}

/// Runs what hyper spawns beside the connection, on the same thread.
#[derive(Clone, Copy, Debug)]
struct OnThisShard;

impl<F: Future + 'static> hyper::rt::Executor<F> for OnThisShard {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}

#[cfg(test)]
mod tests;
