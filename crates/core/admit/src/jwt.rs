//! [`Jwts`]: verifies signed tokens (RFC 7519) by a shared key, a public key or a published set of keys (RFC 7517).

mod keys;

use std::sync::Arc;

use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;
use weir_conf::Jwt;
use weir_fetch::Fetch;
use weir_hub::Denial;

use keys::Keys;

/// A longer token is not looked at: RTMP names are no longer either.
const MAX_TOKEN: usize = 8 << 10;

/// Clocks may differ by so much, in seconds.
const LEEWAY: u64 = 30;

/// What a token lets its bearer do. What a claim does not say is not restricted, but for `act`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct Claims {
    /// `publish`, `play` or `api`.
    #[serde(default)]
    pub act: Words,
    /// Applications.
    #[serde(default)]
    pub app: Option<Words>,
    /// Streams.
    #[serde(default)]
    pub stream: Option<Words>,
}

/// One word, or a list of them. A `*` at the end of a word stands for anything.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(from = "OneOrMany")]
pub struct Words(Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Words {
    fn from(words: OneOrMany) -> Words {
        match words {
            OneOrMany::One(word) => Words(vec![word]),
            OneOrMany::Many(words) => Words(words),
        }
    }
}

impl Words {
    /// Whether a name is among them.
    pub fn have(&self, name: &str) -> bool {
        self.0.iter().any(|word| match word.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => word == name,
        })
    }
}

/// Why a token does not count.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{why}")]
pub struct Fault {
    /// Whose fault it is.
    pub denial: Denial,
    /// For people.
    pub why: String,
}

impl Fault {
    fn of_token(why: impl Into<String>) -> Fault {
        Fault { denial: Denial::Unauthorized, why: why.into() }
    }

    fn of_keys(why: impl Into<String>) -> Fault {
        Fault { denial: Denial::Unanswered, why: why.into() }
    }
}

/// Verifies tokens; keeps keys that were read or fetched.
#[derive(Debug)]
pub struct Jwts {
    keys: Keys,
}

impl Jwts {
    /// Fetches sets of keys with `fetch`.
    pub fn new(fetch: Fetch) -> Arc<Jwts> {
        Arc::new(Jwts { keys: Keys::new(fetch) })
    }

    /// What a token says, when its signature, its times, its issuer and its audience are right. Waits where a set of keys
    /// has to be fetched.
    pub async fn verify(&self, conf: &Jwt, token: &str) -> Result<Claims, Fault> {
        if token.len() > MAX_TOKEN {
            return Err(Fault::of_token(format!("its token is longer than {MAX_TOKEN} bytes")));
        }
        let header = jsonwebtoken::decode_header(token).map_err(|error| Fault::of_token(words(&error)))?;
        if header.crit.is_some() {
            // RFC 7515 §4.1.11: what it names changes what the token means.
            return Err(Fault::of_token("its token needs what is not understood (crit)"));
        }
        let key = match header.alg {
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => shared(conf, &header)?,
            _ => self.keys.public(conf, &header).await?,
        };
        let decoded = jsonwebtoken::decode::<Claims>(token, &key, &validation(conf, header.alg));
        decoded.map(|decoded| decoded.claims).map_err(|error| Fault::of_token(words(&error)))
    }
}

fn shared(conf: &Jwt, header: &Header) -> Result<Arc<DecodingKey>, Fault> {
    if conf.key.is_empty() {
        return Err(Fault::of_token(format!(
            "its token is signed by {:?}, for which no key is configured",
            header.alg
        )));
    }
    Ok(Arc::new(DecodingKey::from_secret(conf.key.as_bytes())))
}

/// Only the algorithm of the header is taken, whose key has been found by then: a public key is never a shared one.
fn validation(conf: &Jwt, alg: Algorithm) -> Validation {
    let mut validation = Validation::new(alg);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    let mut required = vec!["exp"];
    if !conf.issuer.is_empty() {
        validation.set_issuer(&[&conf.issuer]);
        required.push("iss");
    }
    if conf.audience.is_empty() {
        validation.validate_aud = false;
    } else {
        validation.set_audience(&[&conf.audience]);
        required.push("aud");
    }
    validation.set_required_spec_claims(&required);
    validation
}

fn words(error: &Error) -> String {
    match error.kind() {
        ErrorKind::ExpiredSignature => "its token has expired (exp)".to_owned(),
        ErrorKind::ImmatureSignature => "its token is not valid yet (nbf)".to_owned(),
        ErrorKind::InvalidSignature => "its token is signed by another key".to_owned(),
        ErrorKind::InvalidIssuer => "its token is of another issuer (iss)".to_owned(),
        ErrorKind::InvalidAudience => "its token is for another audience (aud)".to_owned(),
        ErrorKind::MissingRequiredClaim(claim) => format!("its token has no claim {claim}"),
        _ => format!("its token cannot be read: {error}"),
    }
}

#[cfg(test)]
mod tests;
