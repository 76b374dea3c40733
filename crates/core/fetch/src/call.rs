//! [`Call`]: what is asked, and [`Answer`]: what came back.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use reqwest::Url;

use crate::fetch::Error;
use crate::hosts::Line;

/// How much of an answer's body is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Body {
    /// Up to so many bytes; a longer one is an error.
    Whole(usize),
    /// The first bytes; whatever follows is not read.
    First(usize),
}

/// One request.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Bytes,
    pub(crate) limit: Option<Duration>,
    pub(crate) body: Option<Body>,
    pub(crate) is_told: bool,
    pub(crate) consent: Option<Consent>,
}

/// Who is asked whether a call is still wanted.
#[derive(Clone)]
pub(crate) struct Consent(Arc<dyn Fn() -> bool + Send + Sync>);

impl fmt::Debug for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Consent")
    }
}

impl Call {
    /// A GET of an `http` or `https` URL.
    pub fn get(url: &str) -> Result<Call, Error> {
        Call::new(Method::GET, url, Bytes::new())
    }

    /// A POST of content of a media type.
    pub fn post(url: &str, media_type: HeaderValue, content: impl Into<Bytes>) -> Result<Call, Error> {
        Ok(Call::new(Method::POST, url, content.into())?.header(CONTENT_TYPE, media_type))
    }

    fn new(method: Method, url: &str, content: Bytes) -> Result<Call, Error> {
        let url = Url::parse(url).map_err(|why| Error::Url(why.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::Url(format!("it begins with {}", url.scheme())));
        }
        Ok(Call {
            method,
            url,
            headers: HeaderMap::new(),
            content,
            limit: None,
            body: None,
            is_told: false,
            consent: None,
        })
    }

    /// With a header field.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Call {
        self.headers.insert(name, value);
        self
    }

    /// With less time than [`Bounds`](crate::Bounds) gives.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Call {
        self.limit = Some(limit);
        self
    }

    /// With another bound of the body than [`Bounds`](crate::Bounds) gives.
    #[must_use]
    pub fn body(mut self, body: Body) -> Call {
        self.body = Some(body);
        self
    }

    /// Nobody waits for it: it takes no place from calls that somebody waits for, and is itself as patient as need be.
    #[must_use]
    pub fn told(mut self) -> Call {
        self.is_told = true;
        self
    }

    /// Asks whether it is still wanted when it is its turn, just before anything is sent. Without consent it is
    /// [`Error::Unwanted`], and nobody has heard of it.
    #[must_use]
    pub fn with_consent(mut self, consent: impl Fn() -> bool + Send + Sync + 'static) -> Call {
        self.consent = Some(Consent(Arc::new(consent)));
        self
    }

    pub(crate) fn is_wanted(&self) -> bool {
        self.consent.as_ref().is_none_or(|Consent(ask)| ask())
    }

    /// Calls with the same one wait in the same line.
    pub(crate) fn line(&self) -> Line {
        let host = self.url.host_str().unwrap_or_default();
        Line { host: format!("{host}:{}", self.url.port_or_known_default().unwrap_or_default()), is_told: self.is_told }
    }
}

/// What a server answered, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body, or its first bytes.
    pub body: Bytes,
}

/// A URL as it may stand in a log: without user, password, query and fragment.
pub fn without_secrets(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_once('/').map_or((rest, None), |(authority, path)| (authority, Some(path)));
    let host = authority.rsplit('@').next().unwrap_or_default();
    path.map_or_else(|| format!("{scheme}://{host}"), |path| format!("{scheme}://{host}/{path}"))
}

#[cfg(test)]
mod tests;
