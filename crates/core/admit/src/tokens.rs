//! [`Tokens`]: who has the key, or a signed token (`tokens`).

use std::sync::Arc;

use weir_conf::Vhost;
use weir_hub::{Denial, Entry, Gate, Refusal, Request, Role, Verdict};

use crate::jwt::{Claims, Jwts};
use crate::token::{self, same};

/// SRS has no number for it; the one of a client that no rule allows is nearest.
const NO_TOKEN: u16 = 1054;
/// What refuses whoever has a signed token.
const JWT: &str = "tokens.jwt";

/// Asks clients for a token where their vhost says so.
#[derive(Debug)]
pub struct Tokens {
    jwts: Arc<Jwts>,
}

/// What is known of a client without waiting.
enum Standing<'a> {
    /// It needs no token, or has a key.
    Fine,
    /// It has a token that has to be verified.
    Signed(&'a str),
    /// It is refused.
    Refused(String),
}

impl Tokens {
    /// Verifies signed tokens by `jwts`.
    pub fn new(jwts: Arc<Jwts>) -> Tokens {
        Tokens { jwts }
    }
}

impl Gate for Tokens {
    fn check(&self, role: Role, vhost: &Vhost, request: &Request) -> Result<(), Refusal> {
        match standing(role, vhost, request) {
            Standing::Fine | Standing::Signed(_) => Ok(()),
            Standing::Refused(why) => Err(denied(Denial::Unauthorized, why, keys_for(role))),
        }
    }

    fn admit<'a>(&'a self, entry: &'a Entry) -> Verdict<'a> {
        Box::pin(async move {
            let Standing::Signed(token) = standing(entry.role, &entry.vhost, &entry.request) else { return Ok(()) };
            let claims = self.jwts.verify(&entry.vhost.tokens.jwt, token).await;
            let claims = claims.map_err(|fault| denied(fault.denial, fault.why, JWT))?;
            allows(&claims, entry.role, &entry.request).map_err(|why| denied(Denial::Forbidden, why, JWT))
        })
    }
}

fn standing<'a>(role: Role, vhost: &Vhost, request: &'a Request) -> Standing<'a> {
    let tokens = &vhost.tokens;
    if !tokens.asks(role, request.is_local) {
        return Standing::Fine;
    }
    let keys = if role == Role::Publish { &tokens.publish } else { &tokens.play };
    match token::of(request) {
        None => Standing::Refused(format!("it has no token: add ?key= or ?token= to the stream, to {}", role.verb())),
        Some(token) if keys.iter().any(|key| same(token, key)) => Standing::Fine,
        Some(token) if tokens.jwt.is_on() => Standing::Signed(token),
        Some(_) => Standing::Refused("its token is not the right one".to_owned()),
    }
}

/// Whether a token is meant for this.
fn allows(claims: &Claims, role: Role, request: &Request) -> Result<(), String> {
    if !claims.act.have(role.verb()) {
        return Err(format!("its token does not let it {} (act)", role.verb()));
    }
    if claims.app.as_ref().is_some_and(|apps| !apps.have(&request.app)) {
        return Err(format!("its token is not for the app {} (app)", request.app));
    }
    if claims.stream.as_ref().is_some_and(|streams| !streams.have(&request.stream)) {
        return Err(format!("its token is not for the stream {} (stream)", request.stream));
    }
    Ok(())
}

fn keys_for(role: Role) -> &'static str {
    match role {
        Role::Publish => "tokens.publish",
        Role::Play => "tokens.play",
    }
}

fn denied(denial: Denial, why: String, directive: &'static str) -> Refusal {
    Refusal::Denied { denial, code: NO_TOKEN, why, directive }
}

#[cfg(test)]
mod tests;
