//! Who may use the API and the console: who has the token, or is on this machine (`http_api.auth.token`).

use http::header::{AUTHORIZATION, ORIGIN, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use weir_admit::token::{in_query, same};
use weir_admit::{Fault, Jwts};
use weir_conf::Auth;
use weir_hub::Denial;

use crate::filter::{credentials, is_user};
use crate::local::FETCH_SITE;
use crate::path;
use crate::reply::denial_status;
use crate::site::{Asked, Reply};

/// What an operator needs. Whatever else is served is not asked for a token.
const PATHS: [&str; 3] = ["/api/", "/metrics", "/console/"];
/// What a signed token has to allow.
const ACT: &str = "api";
/// What refuses.
const TOKEN: &str = "http_api.auth.token";
const JWT: &str = "http_api.auth.jwt";

const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// The reply to a request for what operators use that comes from nobody who may use it.
pub(crate) async fn refuse(asked: &Asked, auth: &Auth, jwts: Option<&Jwts>) -> Option<Reply> {
    if !auth.asks_for_token() || !is_guarded(asked) {
        return None;
    }
    if (auth.trust_loopback && asked.is_local()) || has_token(asked, auth) {
        return None;
    }
    let (why, directive) = match (given(asked), jwts.filter(|_| auth.jwt.is_on())) {
        (Some(token), Some(jwts)) => match verified(jwts, auth, token).await {
            Ok(()) => return None,
            Err(fault) => (fault, JWT),
        },
        (Some(_), None) => (fault("the token is not the right one"), TOKEN),
        (None, _) => (fault("the API asks for its token: Authorization: Bearer TOKEN (http_api.auth.token)"), TOKEN),
    };
    tracing::warn!("{} may not use the API: {why} ({directive})", asked.peer);
    Some(refusal(asked, &why))
}

/// By the path as sites see it: one path for one thing.
fn is_guarded(asked: &Asked) -> bool {
    let decoded = path::decode(&asked.path);
    let path = decoded.as_deref().unwrap_or(&asked.path);
    PATHS.iter().any(|guarded| path.starts_with(guarded))
}

async fn verified(jwts: &Jwts, auth: &Auth, token: &str) -> Result<(), Fault> {
    let claims = jwts.verify(&auth.jwt, token).await?;
    match claims.act.have(ACT) {
        true => Ok(()),
        false => {
            Err(Fault { denial: Denial::Forbidden, why: "the token does not let it use the API (act)".to_owned() })
        }
    }
}

fn fault(why: &str) -> Fault {
    Fault { denial: Denial::Unauthorized, why: why.to_owned() }
}

fn given(asked: &Asked) -> Option<&str> {
    asked.bearer().or_else(|| in_query(&asked.query))
}

/// The token itself: as Bearer, in the query, or as the password of any user.
fn has_token(asked: &Asked, auth: &Auth) -> bool {
    let is_token = |given: &str| !auth.token.is_empty() & same(given, &auth.token);
    if given(asked).is_some_and(is_token) {
        return true;
    }
    let Some((username, password)) = asked.headers.get(AUTHORIZATION).and_then(credentials) else { return false };
    let is_user = auth.has_user() & is_user(auth, &username, &password);
    // A browser adds a password that it knows to what any page has it ask.
    (is_user | is_token(&password)) && is_own_page(asked)
}

/// Asked by a program, by a person, or by a page of this very server.
fn is_own_page(asked: &Asked) -> bool {
    let site = asked.header(FETCH_SITE).unwrap_or("none");
    let host = asked.headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_own = |origin: &str| origin.split_once("://").is_some_and(|(_, authority)| authority == host);
    matches!(site, "none" | "same-origin") && asked.header(ORIGIN).is_none_or(is_own) && !asked.is_script()
}

fn refusal(asked: &Asked, why: &Fault) -> Reply {
    let status = denial_status(why.denial);
    let mut reply = Reply::text(status, why.to_string());
    if status == StatusCode::UNAUTHORIZED {
        // A browser that goes there asks its user for a password; a script gets the answer to deal with.
        let is_page = asked.header(FETCH_MODE) == Some("navigate");
        let challenge = if is_page { "Basic realm=\"weir\"" } else { "Bearer realm=\"weir\"" };
        reply.headers.push((WWW_AUTHENTICATE, HeaderValue::from_static(challenge)));
    }
    reply
}

#[cfg(test)]
mod tests;
