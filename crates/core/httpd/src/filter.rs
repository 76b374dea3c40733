//! What is asked of every request before a site sees it: CORS, a clean path, basic auth.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCESS_CONTROL_ALLOW_HEADERS, AUTHORIZATION, HOST, ORIGIN, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use weir_admit::token::same;
use weir_conf::{Auth, Config};

use crate::path;
use crate::site::{Asked, Reply};

/// True when the response carries the CORS fields. SRS: `http_server.crossdomain` governs the API as well.
pub(crate) fn cors(headers: &HeaderMap, conf: &Config) -> bool {
    conf.http_server.crossdomain && headers.contains_key(ORIGIN)
}

/// The reply to a request that no site shall see.
pub(crate) fn refuse(asked: &Asked, conf: &Config) -> Option<Reply> {
    if asked.method == Method::OPTIONS {
        return Some(match conf.http_server.crossdomain {
            true => preflight(conf),
            false => Reply::plain(StatusCode::METHOD_NOT_ALLOWED),
        });
    }
    if asked.headers.get_all(HOST).iter().count() > 1 {
        // RFC 9112 §3.2: who is before us may have looked at the other one.
        return Some(Reply::text(StatusCode::BAD_REQUEST, "the request names two hosts"));
    }
    if let Err(unclean) = path::decode(&asked.path) {
        return Some(Reply::text(StatusCode::BAD_REQUEST, unclean.to_string()));
    }
    unauthorized(asked, &conf.http_api.auth)
}

/// The star of [`crate::CORS`] does not mean `Authorization` (Fetch standard, "CORS protocol and credentials").
fn preflight(conf: &Config) -> Reply {
    let mut reply = Reply::empty(StatusCode::OK);
    if conf.http_api.auth.asks_for_token() {
        reply.headers.push((ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Authorization")));
    }
    reply
}

/// The reply to a request for the API without the right user and password (`http_api.auth`).
fn unauthorized(asked: &Asked, auth: &Auth) -> Option<Reply> {
    // With a token, `operator` asks for either.
    if !auth.enabled || auth.asks_for_token() || !asked.path.contains("/api/") {
        return None;
    }
    let Some(field) = asked.headers.get(AUTHORIZATION) else { return Some(challenge()) };
    match credentials(field) {
        // SRS: a client that cannot speak basic auth is not asked to.
        None => Some(Reply::empty(StatusCode::UNAUTHORIZED)),
        Some((username, password)) => (!is_user(auth, &username, &password)).then(challenge),
    }
}

/// Whether a user and a password are the right ones.
pub(crate) fn is_user(auth: &Auth, username: &str, password: &str) -> bool {
    same(username, &auth.username) & same(password, &auth.password)
}

fn challenge() -> Reply {
    let mut reply = Reply::empty(StatusCode::UNAUTHORIZED);
    reply.headers.push((WWW_AUTHENTICATE, HeaderValue::from_static("Basic")));
    reply
}

/// User and password of an `Authorization` field. SRS: exactly one colon.
pub(crate) fn credentials(field: &HeaderValue) -> Option<(String, String)> {
    let (scheme, token) = field.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(token.trim()).ok()?).ok()?;
    let (username, password) = pair.split_once(':')?;
    (!password.contains(':')).then(|| (username.to_owned(), password.to_owned()))
}

#[cfg(test)]
pub(crate) mod tests;
