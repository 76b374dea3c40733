//! Replies that need no site, and what stands in the head of every response.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};

use weir_hub::{Denial, Refusal};

use crate::site::{Asked, Body, Reply};

/// The `Server` field.
pub const SERVER: &str = concat!("weir/", env!("CARGO_PKG_VERSION"));

/// The fields that let pages of other origins read the response, in the order in which they are sent.
pub const CORS: [(&str, &str); 6] = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Headers", "*"),
    ("Access-Control-Allow-Methods", "*"),
    ("Access-Control-Expose-Headers", "*"),
    ("Access-Control-Allow-Credentials", "false"),
    ("Access-Control-Request-Private-Network", "true"),
];

const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// The status that tells a client why it is not let in; SRS closes its socket instead.
pub fn refusal_status(refusal: &Refusal) -> StatusCode {
    denial_status(refusal.denial())
}

/// The same of a sort of refusals.
pub(crate) fn denial_status(denial: Denial) -> StatusCode {
    match denial {
        Denial::NotFound => StatusCode::NOT_FOUND,
        Denial::Unauthorized => StatusCode::UNAUTHORIZED,
        Denial::Forbidden => StatusCode::FORBIDDEN,
        Denial::Full | Denial::Unanswered => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl Reply {
    /// A status with a text that says why.
    pub fn text(status: StatusCode, body: impl Into<String>) -> Reply {
        Reply { status, headers: vec![(CONTENT_TYPE, PLAIN)], body: Body::Bytes(Bytes::from(body.into())) }
    }

    /// A status with its own name as the text: `Not Found`.
    pub fn plain(status: StatusCode) -> Reply {
        Reply::text(status, status.canonical_reason().unwrap_or_default())
    }

    /// A status without a body.
    pub fn empty(status: StatusCode) -> Reply {
        Reply { status, headers: Vec::new(), body: Body::Bytes(Bytes::new()) }
    }

    /// Sends a client that asked for `/api` to the prefix `/api/`, query kept.
    pub fn to_prefix(prefix: &str, asked: &Asked) -> Reply {
        let location = match asked.query.as_str() {
            "" => prefix.to_owned(),
            query => format!("{prefix}?{query}"),
        };
        let mut reply = Reply::text(StatusCode::FOUND, format!("Redirect to {location}"));
        // Both halves stood in a request target, which holds nothing that a field may not.
        reply.headers.extend(HeaderValue::try_from(location).ok().map(|location| (LOCATION, location)));
        reply
    }
}
