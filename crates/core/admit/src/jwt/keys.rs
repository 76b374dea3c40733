//! [`Keys`]: public keys, from a file or from a URL.

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
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
/// A set that takes longer does not come: clients wait for it.
const FETCH_TIME: Duration = Duration::from_secs(5);

/// What was read or fetched.
#[derive(Debug)]
pub(super) struct Keys {
    fetch: Fetch,
    files: RwLock<HashMap<String, Kept<File>>>,
    sets: RwLock<HashMap<String, Arc<Set>>>,
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
    known: RwLock<Known>,
    /// Held while it is fetched.
    turn: Arc<Mutex<()>>,
}

/// What is known of a set.
#[derive(Debug, Default)]
struct Known {
    keys: Option<Kept<JwkSet>>,
    /// When it was had, or not, for the last time, and why not.
    tried: Option<Kept<Option<String>>>,
}

impl Keys {
    pub(super) fn new(fetch: Fetch) -> Keys {
        Keys { fetch, files: RwLock::default(), sets: RwLock::default() }
    }

    /// The public key that a token names or, where it names none, the one that fits its algorithm.
    pub(super) async fn public(&self, conf: &Jwt, header: &Header, now: Instant) -> Result<DecodingKey, Fault> {
        if !conf.jwks.is_empty() && (header.kid.is_some() || conf.public_key.is_empty()) {
            return self.of_set(&conf.jwks, header).await;
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

    /// Who has a key that is known waits for nobody, unless the set is so old that its keys may have been withdrawn.
    async fn of_set(&self, url: &str, header: &Header) -> Result<DecodingKey, Fault> {
        let set = self.set(url);
        let (key, age) = set.find(header);
        if age != Age::Fresh || key.is_none() {
            set.renew(&self.fetch, url);
        }
        if let Some(key) = key.filter(|_| age != Age::Stale) {
            return Ok(key);
        }
        set.settled().await;
        if let (Some(key), _) = set.find(header) {
            return Ok(key);
        }
        let from = without_secrets(url);
        Err(match set.why_empty() {
            Some(why) => Fault::of_keys(format!("no keys from {from}: {why}")),
            None => Fault::of_token(format!("its token is signed by a key that is not among those of {from}")),
        })
    }

    /// As if no set had been asked for lately.
    #[cfg(test)]
    pub(super) fn forget_tries(&self) {
        for set in self.sets.read().unwrap_or_else(PoisonError::into_inner).values() {
            set.known.write().unwrap_or_else(PoisonError::into_inner).tried = None;
        }
    }

    fn set(&self, url: &str) -> Arc<Set> {
        if let Some(set) = self.sets.read().unwrap_or_else(PoisonError::into_inner).get(url) {
            return set.clone();
        }
        self.sets.write().unwrap_or_else(PoisonError::into_inner).entry(url.to_owned()).or_default().clone()
    }
}

/// How much the keys of a set are to be believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Age {
    Fresh,
    /// They count, and newer ones are owed.
    Old,
    /// Newer ones are waited for.
    Stale,
}

impl Set {
    /// Begins to fetch it, unless that is under way or was done lately. What was there stays where it fails.
    fn renew(self: &Arc<Self>, fetch: &Fetch, url: &str) {
        let Ok(turn) = self.turn.clone().try_lock_owned() else { return };
        if self.read().tried.as_ref().is_some_and(|tried| tried.at.elapsed() < RETRY) {
            return;
        }
        let (set, fetch, url) = (self.clone(), fetch.clone(), url.to_owned());
        // It goes on when the client that made it begin has gone: others wait too.
        tokio::spawn(async move {
            let got = download(&fetch, &url).await;
            set.note(got, &url);
            drop(turn);
        });
    }

    /// Waits until it is not being fetched.
    async fn settled(&self) {
        drop(self.turn.lock().await);
    }

    fn note(&self, got: Result<JwkSet, String>, url: &str) {
        let at = Instant::now();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let why = match got {
            Ok(keys) => {
                known.keys = Some(Kept { at, what: keys });
                None
            }
            Err(why) => {
                tracing::warn!("the keys of {} cannot be had: {why} (jwt.jwks)", without_secrets(url));
                Some(why)
            }
        };
        known.tried = Some(Kept { at, what: why });
    }

    fn find(&self, header: &Header) -> (Option<DecodingKey>, Age) {
        let known = self.read();
        (known.find(header), known.age())
    }

    /// Why there are no keys at all.
    fn why_empty(&self) -> Option<String> {
        let known = self.read();
        known.tried.as_ref().filter(|_| known.keys.is_none()).and_then(|tried| tried.what.clone())
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn age(&self) -> Age {
        let has_failed = self.tried.as_ref().is_some_and(|tried| tried.what.is_some());
        match self.keys.as_ref().map(|keys| keys.at.elapsed()) {
            Some(age) if age < SET_AGE => Age::Fresh,
            Some(age) if age < 2 * SET_AGE || has_failed => Age::Old,
            _ => Age::Stale,
        }
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

async fn download(fetch: &Fetch, url: &str) -> Result<JwkSet, String> {
    let call = Call::get(url).map_err(|error| error.to_string())?;
    let answer = fetch.call(call.within(FETCH_TIME)).await.map_err(|error| error.to_string())?;
    if !answer.status.is_success() {
        return Err(format!("it answers {}", answer.status));
    }
    serde_json::from_slice(&answer.body).map_err(|error| format!("it is no set of keys: {error}"))
}

fn of_pem(pem: &[u8], alg: Algorithm) -> Result<DecodingKey, jsonwebtoken::errors::Error> {
    match alg {
        Algorithm::ES256 | Algorithm::ES384 => DecodingKey::from_ec_pem(pem),
        Algorithm::EdDSA => DecodingKey::from_ed_pem(pem),
        _ => DecodingKey::from_rsa_pem(pem),
    }
}
