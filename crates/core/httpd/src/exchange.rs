//! One request and its response.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, UPGRADE};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use tokio_util::sync::CancellationToken;

use crate::head::{HeadError, MAX_LINE, has_two_lengths};
use crate::httpd::Httpd;
use crate::jsonp;
use crate::live::LocalTask;
use crate::payload::{Payload, response};
use crate::site::{Asked, Reply};
use crate::{filter, operator, proxy};

/// Bytes of a request body: an SDP of many tracks or a long JSON, not an upload.
const MAX_BODY: usize = 1024 * 1024;

/// Where a request came from.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// Connection id.
    pub(crate) id: String,
    /// The client's socket address.
    pub(crate) peer: SocketAddr,
    /// It came by TLS.
    pub(crate) secure: bool,
    /// Cancelled to close the connection at once.
    pub(crate) hangup: CancellationToken,
}

impl Origin {
    /// The same client under an id of its own: requests of HTTP/2 run side by side.
    pub(crate) fn next(&self) -> Origin {
        Origin { id: weir_hub::connection_id(), ..self.clone() }
    }
}

impl Httpd {
    /// Answers a request that hyper has read. The task, if there is one, is what the connection goes on with.
    pub(crate) async fn exchange(
        &self,
        mut request: Request<Incoming>,
        from: &Origin,
    ) -> (Response<Payload>, Option<LocalTask>) {
        let pending = hyper::upgrade::on(&mut request);
        let (mut parts, body) = request.into_parts();
        if parts.version != Version::HTTP_11 {
            // No other version leaves HTTP by this field (RFC 9110, clause 7.8).
            parts.headers.remove(UPGRADE);
        }
        let conf = Arc::clone(&self.conf.load());
        let cors = filter::cors(&parts.headers, &conf);
        let is_head = parts.method == Method::HEAD;
        let client = proxy::client(from.peer, &parts.headers, &conf.http_server.trusted_proxies);
        let asked = Asked::new(parts.method, &parts.uri, parts.headers, client, from.secure);
        tracing::debug!(cid = from.id, "client {} asks {} {}", client.ip(), asked.method, asked.path);
        let reply = self.reply(asked, body, from).await.unwrap_or_else(|refusal| refusal);
        let (response, switch) = response(reply, cors, is_head, &self.control).await;
        (response, switch.map(|switch| -> LocalTask { Box::pin(switch.run(pending)) }))
    }

    /// The reply, or as an error the one that refuses the request.
    async fn reply(&self, mut asked: Asked, body: Incoming, from: &Origin) -> Result<Reply, Reply> {
        if has_two_lengths(&asked.headers) {
            return Err(last(HeadError::TwoLengths.status(), &HeadError::TwoLengths.to_string()));
        }
        if asked.path.len() + asked.query.len() > MAX_LINE {
            return Err(last(HeadError::LineTooLong.status(), &HeadError::LineTooLong.to_string()));
        }
        if let Some(mut refusal) = filter::refuse(&asked, &self.conf.load()) {
            if asked.method == Method::OPTIONS && refusal.status == StatusCode::OK {
                refusal.headers.extend(self.options(&asked.path));
            }
            return Err(refusal);
        }
        if let Some(live) = self.live_for(&asked) {
            return Ok(live.stream(from.id.clone(), asked, from.hangup.clone()).await);
        }
        asked.body = read_body(&asked, body, self.timeouts.body).await?;
        Ok(self.called(asked).await)
    }

    /// The reply of the sites, as a script if that is asked for.
    pub(crate) async fn called(&self, mut asked: Asked) -> Reply {
        let conf = Arc::clone(&self.conf.load());
        if let Some(refusal) = operator::refuse(&asked, &conf.http_api.auth, self.jwts.as_deref()).await {
            return refusal;
        }
        drop(conf);
        let callback = match jsonp::callback(&asked) {
            Ok(callback) => callback,
            Err(refusal) => return refusal,
        };
        if callback.is_some() {
            asked.method = jsonp::verb(&asked).unwrap_or(asked.method);
        }
        let reply = self.answer(asked).await;
        match callback {
            Some(callback) => jsonp::wrap(reply, &callback),
            None => reply,
        }
    }
}

async fn read_body(asked: &Asked, body: Incoming, limit: Duration) -> Result<Bytes, Reply> {
    let too_large = || last(StatusCode::PAYLOAD_TOO_LARGE, &format!("the body is longer than {MAX_BODY} bytes"));
    let announced = asked.header(CONTENT_LENGTH).and_then(|len| len.parse::<u64>().ok());
    if announced.is_some_and(|len| len > MAX_BODY as u64) {
        return Err(too_large());
    }
    match tokio::time::timeout(limit, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) => Err(last(StatusCode::BAD_REQUEST, &format!("the body cannot be read: {error}"))),
        Err(_) => Err(last(StatusCode::REQUEST_TIMEOUT, &format!("the body did not come within {limit:?}"))),
    }
}

/// The last reply of a connection: what follows on it cannot be told from the rest of the request.
fn last(status: StatusCode, why: &str) -> Reply {
    let mut reply = Reply::text(status, why);
    reply.headers.push((CONNECTION, HeaderValue::from_static("close")));
    reply
}
