//! [`Keys`]: public keys, from a file or from a URL.

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use tokio::sync::Mutex;
use weir_conf::Jwt;
use weir_fetch::{Call, Fetch, without_secrets};

use super::Fault;

/// A file is read anew, and a set fetched anew, after so long.
const FILE_AGE: Duration = Duration::from_secs(10);
const SET_AGE: Duration = Duration::from_secs(600);
/// A set that lacks a key, or could not be had, is asked for again after so long: unknown keys must not make us a flood.
const RETRY: Duration = Duration::from_secs(10);

/// What was read or fetched.
#[derive(Debug)]
pub(super) struct Keys {
    fetch: Fetch,
    files: RwLock<HashMap<String, Kept<File>>>,
    sets: Mutex<HashMap<String, Arc<Mutex<Set>>>>,
}

/// The bytes of a file, or why there are none.
type File = Result<Vec<u8>, String>;

#[derive(Clone, Debug)]
struct Kept<T> {
    at: Instant,
    what: T,
}

/// A set of keys behind a URL.
#[derive(Debug, Default)]
struct Set {
    keys: Option<Kept<JwkSet>>,
    /// When it was asked for last, and why that failed.
    tried: Option<Kept<Option<String>>>,
}

impl Keys {
    pub(super) fn new(fetch: Fetch) -> Keys {
        Keys { fetch, files: RwLock::default(), sets: Mutex::default() }
    }

    /// The public key that a token names or, where it names none, the one that fits its algorithm.
    pub(super) async fn public(&self, conf: &Jwt, header: &Header, now: Instant) -> Result<DecodingKey, Fault> {
        if !conf.jwks.is_empty() && (header.kid.is_some() || conf.public_key.is_empty()) {
            return self.of_set(&conf.jwks, header, now).await;
        }
        if conf.public_key.is_empty() {
            let why = format!("its token is signed by {:?}, for which no key is configured", header.alg);
            return Err(Fault::of_token(why));
        }
        let pem = self.file(&conf.public_key, now);
        let pem = pem.map_err(|why| Fault::of_keys(format!("{} cannot be read: {why}", conf.public_key)))?;
        of_pem(&pem, header.alg)
            .map_err(|why| Fault::of_token(format!("{} is no key for {:?}: {why}", conf.public_key, header.alg)))
    }

    fn file(&self, path: &str, now: Instant) -> File {
        let kept = self.files.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some(kept) = kept.filter(|kept| now.saturating_duration_since(kept.at) < FILE_AGE) {
            return kept.what;
        }
        let what = fs::read(path).map_err(|error| error.to_string());
        let kept = Kept { at: now, what: what.clone() };
        self.files.write().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), kept);
        what
    }

    async fn of_set(&self, url: &str, header: &Header, now: Instant) -> Result<DecodingKey, Fault> {
        let set = self.sets.lock().await.entry(url.to_owned()).or_default().clone();
        // Who comes while it is fetched waits for that, and then finds it.
        let mut set = set.lock().await;
        let is_young = |at: Instant, age| now.saturating_duration_since(at) < age;
        let fresh = set.keys.as_ref().filter(|keys| is_young(keys.at, SET_AGE)).is_some();
        let asked_lately = set.tried.as_ref().is_some_and(|tried| is_young(tried.at, RETRY));
        if (!fresh || set.find(header).is_none()) && !asked_lately {
            set.renew(&self.fetch, url, now).await;
        }
        if let Some(key) = set.find(header) {
            return Ok(key);
        }
        let from = without_secrets(url);
        Err(match set.tried.as_ref().and_then(|tried| tried.what.as_ref()).filter(|_| set.keys.is_none()) {
            Some(why) => Fault::of_keys(format!("no keys from {from}: {why}")),
            None => Fault::of_token(format!("its token is signed by a key that is not among those of {from}")),
        })
    }
}

impl Set {
    /// Fetches it. What was there stays where that fails.
    async fn renew(&mut self, fetch: &Fetch, url: &str, now: Instant) {
        let fetched = async {
            let answer = fetch.call(Call::get(url)?).await?;
            Ok::<_, weir_fetch::Error>(answer)
        };
        let parsed = match fetched.await {
            Ok(answer) if answer.status.is_success() => {
                serde_json::from_slice::<JwkSet>(&answer.body).map_err(|error| format!("it is no set of keys: {error}"))
            }
            Ok(answer) => Err(format!("it answers {}", answer.status)),
            Err(error) => Err(error.to_string()),
        };
        let why = match parsed {
            Ok(keys) => {
                self.keys = Some(Kept { at: now, what: keys });
                None
            }
            Err(why) => {
                tracing::warn!("the keys of {} cannot be had: {why} (jwt.jwks)", without_secrets(url));
                Some(why)
            }
        };
        self.tried = Some(Kept { at: now, what: why });
    }

    fn find(&self, header: &Header) -> Option<DecodingKey> {
        let keys = &self.keys.as_ref()?.what.keys;
        let is_meant = |key: &&jsonwebtoken::jwk::Jwk| match &header.kid {
            Some(kid) => key.common.key_id.as_ref() == Some(kid),
            None => keys.len() == 1,
        };
        // A shared key has no place in a set that everybody can read.
        let is_public = |key: &&jsonwebtoken::jwk::Jwk| !matches!(key.algorithm, AlgorithmParameters::OctetKey(_));
        keys.iter().filter(is_public).find(is_meant).and_then(|key| DecodingKey::from_jwk(key).ok())
    }
}

fn of_pem(pem: &[u8], alg: Algorithm) -> Result<DecodingKey, jsonwebtoken::errors::Error> {
    match alg {
        Algorithm::ES256 | Algorithm::ES384 => DecodingKey::from_ec_pem(pem),
        Algorithm::EdDSA => DecodingKey::from_ed_pem(pem),
        _ => DecodingKey::from_rsa_pem(pem),
    }
}
