//! [`Fetch`]: calls and their bounds.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Extensions;
use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

use crate::call::{Answer, Body, Call};
use crate::hosts::{Hosts, Route};
use crate::tls::Roots;

/// An idle connection is kept for so long: less than the 2 and 5 seconds of common servers, which would else close it just
/// when the next request is on its way.
const IDLE: Duration = Duration::from_secs(1);

/// How much a call may cost.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Time of a call: its turn, the connection and the answer together; without the turn where nobody waits for it.
    pub limit: Duration,
    /// Bytes of an answer's body.
    pub body: usize,
    /// Calls to one host at the same time; as many again of those that nobody waits for ([`Call::told`]).
    pub at_once: usize,
    /// Calls that wait until it is their turn; one more is refused at once. Those that nobody waits for all wait: whoever
    /// makes them bounds them.
    pub waiting: usize,
}

impl Default for Bounds {
    /// 30 seconds as SRS has it (hooks.md §1); answers of callbacks are some bytes, key sets and origins some kilobytes.
    fn default() -> Bounds {
        Bounds { limit: Duration::from_secs(30), body: 1 << 20, at_once: 64, waiting: 1024 }
    }
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// What is to be called is no `http` or `https` URL.
    #[error("this is no http or https URL: {0}")]
    Url(String),
    /// The line of the host is full.
    #[error("{0} calls to it are under way or wait already")]
    Busy(usize),
    /// The time is over.
    #[error("it did not answer within {:.1} s", .0.as_secs_f64())]
    Late(Duration),
    /// Nobody wanted it any more when it was its turn.
    #[error("it is not wanted any more")]
    Unwanted,
    /// No connection.
    #[error("there is no connection to it: {0}")]
    Connect(String),
    /// The certificate is not believed, or TLS fails otherwise.
    #[error("its TLS is not to be trusted: {0}")]
    Tls(String),
    /// The connection ended, or what came is no HTTP.
    #[error("it gave no whole answer: {0}")]
    Broken(String),
    /// The body is longer than the bound, in bytes.
    #[error("its answer is longer than {0} bytes")]
    TooLong(usize),
}

/// Calls HTTP servers. A clone shares connections and bounds.
#[derive(Clone, Debug)]
pub struct Fetch {
    client: Client,
    /// Uses no connection twice.
    fresh: Client,
    hosts: Arc<Hosts>,
    bounds: Bounds,
    control: Handle,
}

impl Fetch {
    /// A client that believes the root certificates of the system. Its connections live on `control`.
    pub fn new(control: Handle) -> Result<Fetch, Error> {
        Fetch::with(control, Bounds::default(), Roots::System)
    }

    /// A client with other bounds, or other roots.
    pub fn with(control: Handle, bounds: Bounds, roots: Roots) -> Result<Fetch, Error> {
        let tls = roots.client().map_err(|error| Error::Tls(error.to_string()))?;
        // What the configuration names is called, not a proxy that the environment names, and not where it refers to.
        let client = |idle| {
            let builder = Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .user_agent(weir_base::SIGNATURE)
                .redirect(Policy::none())
                .referer(false)
                .no_proxy()
                .http1_title_case_headers()
                .pool_idle_timeout(IDLE)
                .pool_max_idle_per_host(idle);
            builder.build().map_err(|error| Error::Tls(innermost(&error)))
        };
        Ok(Fetch { client: client(bounds.at_once)?, fresh: client(0)?, hosts: Arc::default(), bounds, control })
    }

    /// Makes a call. Any status is an answer, also that of a redirect, which is not followed.
    pub async fn call(&self, call: Call) -> Result<Answer, Error> {
        let Bounds { limit, at_once, waiting, .. } = self.bounds;
        let is_told = call.is_told;
        let waiting = if is_told { usize::MAX } else { waiting };
        let place =
            self.hosts.line_up(call.line(), at_once, waiting).ok_or(Error::Busy(at_once.saturating_add(waiting)))?;
        let limit = call.limit.map_or(limit, |own| own.min(limit));
        let this = self.clone();
        let work = async move {
            let early = if is_told { place.turn().await } else { None };
            let answer = async {
                let _turn = if is_told { early } else { place.turn().await };
                this.answer(call).await
            };
            tokio::time::timeout(limit, answer).await
        };
        match AbortOnDropHandle::new(self.control.spawn(work)).await {
            Ok(answer) => answer.unwrap_or(Err(Error::Late(limit))),
            Err(_) => Err(Error::Broken("the server ends".to_owned())),
        }
    }

    async fn answer(&self, call: Call) -> Result<Answer, Error> {
        if !call.is_wanted() {
            return Err(Error::Unwanted);
        }
        let mut sent = send(&self.client, &call).await;
        // A server may close after each answer without saying so, just when the next request is on its way: nothing has
        // come of that one, and it is sent once more by a connection of its own. One that ends without an answer by its
        // first connection may have been acted upon.
        if let Err(error) = &sent
            && is_closed(error)
            && failed_on(error).is_some_and(|route| self.hosts.has_answered(route, 2 * IDLE))
        {
            sent = send(&self.fresh, &call).await;
        }
        let mut response = sent.map_err(|error| Error::of(&error))?;
        if let Some(route) = route(response.extensions()) {
            self.hosts.note_answer(route, 2 * IDLE);
        }
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let body = match call.body.unwrap_or(Body::Whole(self.bounds.body)) {
            Body::Whole(most) => whole(response, most).await?,
            Body::First(most) => first(response, most).await,
        };
        Ok(Answer { status, headers, body })
    }
}

async fn send(client: &Client, call: &Call) -> reqwest::Result<Response> {
    let request = client.request(call.method.clone(), call.url.clone());
    request.headers(call.headers.clone()).body(call.content.clone()).send().await
}

/// A body of at most so many bytes.
async fn whole(mut response: Response, most: usize) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(|error| Error::of(&error))? {
        if piece.len() > most.saturating_sub(body.len()) {
            return Err(Error::TooLong(most));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// The first bytes of a body, as many as came when it broke.
async fn first(mut response: Response, most: usize) -> Bytes {
    let mut body = BytesMut::new();
    while body.len() < most {
        let Ok(Some(piece)) = response.chunk().await else { break };
        let room = most.saturating_sub(body.len()).min(piece.len());
        body.extend_from_slice(&piece.slice(..room));
    }
    body.freeze()
}

impl Error {
    fn of(error: &reqwest::Error) -> Error {
        let why = innermost(error);
        match error {
            _ if causes(error).any(is_tls) => Error::Tls(why),
            error if error.is_connect() => Error::Connect(why),
            _ => Error::Broken(why),
        }
    }
}

/// An error and what caused it, outermost first.
fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |error| cause(*error))
}

fn cause<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a (dyn std::error::Error + 'static)> {
    match error.downcast_ref::<io::Error>() {
        // What an io::Error was made of is not its source, but the source of that is.
        Some(io) => Some(io.get_ref()?),
        None => error.source(),
    }
}

fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<rustls::Error>()
}

/// The connection ended before the head of an answer was there.
fn is_closed(error: &reqwest::Error) -> bool {
    let is_closed = |cause: &(dyn std::error::Error + 'static)| match cause.downcast_ref::<io::Error>() {
        Some(io) => matches!(io.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe),
        None => cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message),
    };
    !error.is_connect() && causes(error).any(is_closed)
}

/// The connection that an error happened on.
fn failed_on(error: &reqwest::Error) -> Option<Route> {
    let failed = causes(error).find_map(|cause| cause.downcast_ref::<hyper_util::client::legacy::Error>())?;
    let mut extensions = Extensions::new();
    failed.connect_info()?.get_extras(&mut extensions);
    route(&extensions)
}

fn route(extensions: &Extensions) -> Option<Route> {
    extensions.get::<HttpInfo>().map(|info| (info.local_addr(), info.remote_addr()))
}

/// The last cause, which says what happened; those before say what was tried.
fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests;
