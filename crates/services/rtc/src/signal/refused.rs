//! [`Refused`]: why a client is not served, and how it is told (RFC 9457).

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use weir_httpd::{Body, Reply, refusal_status};
use weir_json::object;

/// `errors.md` §2.
pub(crate) const SDP_SYNTAX: u32 = 5012;
pub(crate) const BODY: u32 = 5019;
pub(crate) const BUSY: u32 = 5020;
pub(crate) const DISABLED: u32 = 5021;
pub(crate) const NO_SESSION: u32 = 5022;
pub(crate) const PARAMETERS: u32 = 5023;
pub(crate) const WRONG_TOKEN: u32 = 5036;
pub(crate) const ICE: u32 = 5037;

pub(crate) const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");
pub(crate) const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
/// The type of an offer and of its answer.
pub(crate) const SDP: HeaderValue = HeaderValue::from_static("application/sdp");
/// The type of what changes a session (RFC 8840 clause 9).
pub(crate) const FRAGMENT: HeaderValue = HeaderValue::from_static("application/trickle-ice-sdpfrag");
/// What may be done at the paths of WHIP and WHEP.
pub(crate) const METHODS: HeaderValue = HeaderValue::from_static("POST, PATCH, DELETE, OPTIONS");

const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");
const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"weir\"");
/// Seconds after which it may be tried again: a place may be free by then.
const LATER: HeaderValue = HeaderValue::from_static("5");

/// Why a client is not served.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    /// SRS's number for it; none for what SRS does not look at.
    pub(crate) code: Option<u32>,
    /// For people.
    pub(crate) why: String,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, code: u32, why: impl Into<String>) -> Refused {
        Refused { status, code: Some(code), why: why.into() }
    }

    /// What only HTTP knows.
    pub(crate) fn http(status: StatusCode, why: impl Into<String>) -> Refused {
        Refused { status, code: None, why: why.into() }
    }

    /// Words for the log.
    pub(crate) fn logged(&self) -> String {
        match self.code {
            Some(code) => format!("{} (code {code})", self.why),
            None => self.why.clone(),
        }
    }

    /// The reply that tells it.
    pub(crate) fn reply(&self) -> Reply {
        let mut problem = object! {
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "detail": &self.why,
        };
        if let Some(code) = self.code {
            problem.put("code", code);
        }
        let mut headers = vec![(CONTENT_TYPE, PROBLEM)];
        match self.status {
            StatusCode::UNAUTHORIZED => headers.push((WWW_AUTHENTICATE, CHALLENGE)),
            StatusCode::METHOD_NOT_ALLOWED => headers.push((ALLOW, METHODS)),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => headers.extend([(ACCEPT_POST, SDP), (ACCEPT_PATCH, FRAGMENT)]),
            StatusCode::SERVICE_UNAVAILABLE => headers.push((RETRY_AFTER, LATER)),
            _ => {}
        }
        Reply { status: self.status, headers, body: Body::Bytes(Bytes::from(problem.render())) }
    }
}

impl From<weir_proto_rtc::Refusal> for Refused {
    fn from(why: weir_proto_rtc::Refusal) -> Refused {
        let status = match why {
            weir_proto_rtc::Refusal::Syntax(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Refused::new(status, why.code(), why.to_string())
    }
}

impl From<weir_hub::Refusal> for Refused {
    fn from(why: weir_hub::Refusal) -> Refused {
        match why {
            weir_hub::Refusal::Busy { .. } => Refused::new(StatusCode::CONFLICT, BUSY, why.to_string()),
            _ => Refused::new(refusal_status(&why), why.code().into(), why.to_string()),
        }
    }
}
