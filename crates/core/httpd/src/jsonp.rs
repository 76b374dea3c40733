//! JSONP: a JSON reply as a script that calls a function of the page.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, StatusCode};

use crate::site::{Asked, Body, Reply};

/// Paths whose replies are JSON. Not those of WebRTC: a script cannot send a description, and all that it could do without
/// one is to end a session.
const PREFIXES: [&str; 2] = ["/api/", "/gb/"];

/// The function that the request names, if it wants JSONP. A name that could hold a script is refused.
pub(crate) fn callback(asked: &Asked) -> Result<Option<String>, Reply> {
    if !PREFIXES.iter().any(|prefix| asked.path.starts_with(prefix)) {
        return Ok(None);
    }
    let pairs = asked.pairs();
    let Some(name) = pairs.get("callback").filter(|name| !name.is_empty()) else { return Ok(None) };
    match name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)) {
        true => Ok(Some(name.to_owned())),
        false => Err(Reply::text(StatusCode::BAD_REQUEST, "the callback's name may hold A-Z a-z 0-9 _ . - only")),
    }
}

/// The verb that a script cannot send: `method=DELETE`.
pub(crate) fn verb(asked: &Asked) -> Option<Method> {
    match asked.pairs().get("method")? {
        "GET" => Some(Method::GET),
        "PUT" => Some(Method::PUT),
        "POST" => Some(Method::POST),
        "DELETE" => Some(Method::DELETE),
        _ => None,
    }
}

/// The reply as a call of `callback`, when it is JSON.
pub(crate) fn wrap(mut reply: Reply, callback: &str) -> Reply {
    let is_json = |(name, value): &(HeaderName, HeaderValue)| {
        name == CONTENT_TYPE && value.as_bytes().starts_with(b"application/json")
    };
    if !reply.headers.iter().any(is_json) {
        return reply;
    }
    if let Body::Bytes(json) = &reply.body {
        let mut script = Vec::with_capacity(callback.len() + json.len() + 2);
        [callback.as_bytes(), b"(", json, b")"].iter().for_each(|part| script.extend_from_slice(part));
        reply.body = Body::Bytes(Bytes::from(script));
        reply.headers.retain(|(name, _)| name != CONTENT_TYPE);
        reply.headers.push((CONTENT_TYPE, HeaderValue::from_static("text/javascript")));
        reply.headers.push((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")));
    }
    reply
}

#[cfg(test)]
mod tests;
