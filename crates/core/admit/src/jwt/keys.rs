//! [`Keys`]: public keys, from a file or from a URL.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde::Deserialize;
use tokio::sync::Mutex;
use weir_conf::Jwt;
use weir_fetch::{Call, Fetch, without_secrets};

use super::Fault;

/// A file is read anew, and a set fetched anew, after so long.
const FILE_AGE: Duration = Duration::from_secs(10);
const SET_AGE: Duration = Duration::from_secs(600);
/// Keys that lack one, or could not be had, are asked for again after so long: unknown keys must not make us a flood.
const RETRY: Duration = Duration::from_secs(10);
/// What takes longer does not come: clients wait for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// A longer file is no key in PEM.
const MAX_FILE: u64 = 64 << 10;

/// What was read or fetched.
#[derive(Debug)]
pub(super) struct Keys {
    fetch: Fetch,
    sets: RwLock<HashMap<Origin, Arc<Set>>>,
}

/// Where keys are.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Origin {
    /// One key, in PEM.
    File(String),
    /// A set of them (RFC 7517).
    Url(String),
}

#[derive(Clone, Debug)]
struct Kept<T> {
    at: Instant,
    what: T,
}

/// The keys of one place.
#[derive(Debug)]
struct Set {
    origin: Origin,
    known: RwLock<Known>,
    /// Held while it is fetched.
    turn: Arc<Mutex<()>>,
}

/// What is known of a set.
#[derive(Debug, Default)]
struct Known {
    keys: Option<Kept<Vec<Key>>>,
    /// When it was had, or not, for the last time, and why not.
    tried: Option<Kept<Option<String>>>,
}

/// A public key that signatures are verified by.
#[derive(Debug)]
struct Key {
    id: Option<String>,
    /// The only algorithm that it is for.
    algorithm: Option<KeyAlgorithm>,
    key: Arc<DecodingKey>,
}

impl Keys {
    pub(super) fn new(fetch: Fetch) -> Keys {
        Keys { fetch, sets: RwLock::default() }
    }

    /// The public key that a token names or, where it names none, the one that fits its algorithm. Who has a key that is
    /// known waits for nobody, unless the set is so old that its keys may have been withdrawn.
    pub(super) async fn public(&self, conf: &Jwt, header: &Header) -> Result<Arc<DecodingKey>, Fault> {
        let set = match (conf.jwks.as_str(), conf.public_key.as_str()) {
            ("", "") => {
                let why = format!("its token is signed by {:?}, for which no key is configured", header.alg);
                return Err(Fault::of_token(why));
            }
            (url, file) if !url.is_empty() && (header.kid.is_some() || file.is_empty()) => {
                self.set(Origin::Url(url.to_owned()))
            }
            (_, file) => self.set(Origin::File(file.to_owned())),
        };
        let (key, age) = set.find(header);
        if age != Age::Fresh || key.is_none() {
            set.renew(&self.fetch);
        }
        if let Some(key) = key.filter(|_| age != Age::Stale) {
            return Ok(key);
        }
        set.settled().await;
        if let (Some(key), _) = set.find(header) {
            return Ok(key);
        }
        let (alg, origin) = (header.alg, &set.origin);
        Err(match set.why_empty() {
            Some(why) => Fault::of_keys(format!("no keys from {origin}: {why}")),
            None => {
                Fault::of_token(format!("its token is signed by a key that is not among those of {origin} ({alg:?})"))
            }
        })
    }

    /// As if no set had been asked for lately.
    #[cfg(test)]
    pub(super) fn forget_tries(&self) {
        for set in self.sets.read().unwrap_or_else(PoisonError::into_inner).values() {
            set.known.write().unwrap_or_else(PoisonError::into_inner).tried = None;
        }
    }

    /// As if what is known had been read long ago.
    #[cfg(test)]
    pub(super) fn grow_old(&self) {
        let long_ago = Instant::now() - 2 * SET_AGE;
        for set in self.sets.read().unwrap_or_else(PoisonError::into_inner).values() {
            let mut known = set.known.write().unwrap_or_else(PoisonError::into_inner);
            known.tried = None;
            known.keys.iter_mut().for_each(|keys| keys.at = long_ago);
        }
    }

    fn set(&self, origin: Origin) -> Arc<Set> {
        if let Some(set) = self.sets.read().unwrap_or_else(PoisonError::into_inner).get(&origin) {
            return set.clone();
        }
        let new = || Arc::new(Set { origin: origin.clone(), known: RwLock::default(), turn: Arc::default() });
        let mut sets = self.sets.write().unwrap_or_else(PoisonError::into_inner);
        sets.entry(origin.clone()).or_insert_with(new).clone()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(path) => f.write_str(path),
            Origin::Url(url) => write!(f, "{}", without_secrets(url)),
        }
    }
}

impl Origin {
    fn directive(&self) -> &'static str {
        match self {
            Origin::File(_) => "jwt.public_key",
            Origin::Url(_) => "jwt.jwks",
        }
    }

    /// What is there. It is read and parsed where nothing waits for it that sends media.
    async fn keys(&self, fetch: &Fetch) -> Result<Vec<Key>, String> {
        match self {
            Origin::File(path) => {
                let path = path.clone();
                off_thread(move || of_pem(&read(Path::new(&path)).map_err(|error| error.to_string())?)).await
            }
            Origin::Url(url) => {
                let call = Call::get(url).map_err(|error| error.to_string())?;
                let answer = fetch.call(call.within(PATIENCE)).await.map_err(|error| error.to_string())?;
                if !answer.status.is_success() {
                    return Err(format!("it answers {}", answer.status));
                }
                off_thread(move || of_jwks(&answer.body)).await
            }
        }
    }
}

async fn off_thread(work: impl FnOnce() -> Result<Vec<Key>, String> + Send + 'static) -> Result<Vec<Key>, String> {
    match tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(work)).await {
        Ok(done) => done.unwrap_or_else(|error| Err(error.to_string())),
        Err(_) => Err(format!("it cannot be read within {PATIENCE:?}")),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    // To open a pipe would wait for who writes to it.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn of_pem(pem: &[u8]) -> Result<Vec<Key>, String> {
    let kinds = [DecodingKey::from_rsa_pem(pem), DecodingKey::from_ec_pem(pem), DecodingKey::from_ed_pem(pem)];
    let keys = kinds.into_iter().filter_map(Result::ok);
    let keys: Vec<Key> = keys.map(|key| Key { id: None, algorithm: None, key: Arc::new(key) }).collect();
    if keys.is_empty() { Err("it is no public key in PEM".to_owned()) } else { Ok(keys) }
}

/// Keys that cannot be used are passed over, whatever is wrong with them (RFC 7517 §5).
fn of_jwks(body: &[u8]) -> Result<Vec<Key>, String> {
    #[derive(Deserialize)]
    struct Body {
        keys: Vec<serde_json::Value>,
    }
    let body: Body = serde_json::from_slice(body).map_err(|error| format!("it is no set of keys: {error}"))?;
    let keys = body.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
    let key = |jwk: Jwk| {
        let key = Arc::new(DecodingKey::from_jwk(&jwk).ok()?);
        Some(Key { id: jwk.common.key_id, algorithm: jwk.common.key_algorithm, key })
    };
    Ok(keys.filter(verifies).filter_map(key).collect())
}

/// Whether a key is there to verify signatures by (RFC 7517 §4.2, §4.3).
fn verifies(key: &Jwk) -> bool {
    let common = &key.common;
    let is_for_signatures = common.public_key_use.as_ref().is_none_or(|of| *of == PublicKeyUse::Signature);
    let operations = common.key_operations.as_ref();
    let may_verify = operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    // A shared key has no place in a set that everybody can read.
    let is_public = !matches!(key.algorithm, AlgorithmParameters::OctetKey(_));
    is_for_signatures && may_verify && is_public
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
    /// Begins to read it, unless that is under way or was done lately.
    fn renew(self: &Arc<Self>, fetch: &Fetch) {
        let Ok(turn) = self.turn.clone().try_lock_owned() else { return };
        if self.read().tried.as_ref().is_some_and(|tried| tried.at.elapsed() < RETRY) {
            return;
        }
        let (set, fetch) = (self.clone(), fetch.clone());
        // It goes on when the client that made it begin has gone: others wait too.
        tokio::spawn(async move {
            let got = set.origin.keys(&fetch).await;
            set.note(got);
            drop(turn);
        });
    }

    /// Waits until it is not being read.
    async fn settled(&self) {
        drop(self.turn.lock().await);
    }

    fn note(&self, got: Result<Vec<Key>, String>) {
        let at = Instant::now();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let why = match got {
            Ok(keys) => {
                known.keys = Some(Kept { at, what: keys });
                None
            }
            Err(why) => {
                let origin = &self.origin;
                tracing::warn!("the keys of {origin} cannot be had: {why} ({})", origin.directive());
                // A server may be away for a while. Who takes a file away wants its key to count no more.
                known.keys = known.keys.take().filter(|_| matches!(origin, Origin::Url(_)));
                Some(why)
            }
        };
        known.tried = Some(Kept { at, what: why });
    }

    fn find(&self, header: &Header) -> (Option<Arc<DecodingKey>>, Age) {
        let known = self.read();
        match self.origin {
            // The key of a file has no name.
            Origin::File(_) => (known.find(header.alg, None), known.age(FILE_AGE, Duration::ZERO)),
            Origin::Url(_) => (known.find(header.alg, header.kid.as_deref()), known.age(SET_AGE, SET_AGE)),
        }
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
    /// By how long keys are new, and how much longer they count while newer ones are fetched.
    fn age(&self, new: Duration, grace: Duration) -> Age {
        let has_failed = self.tried.as_ref().is_some_and(|tried| tried.what.is_some());
        match self.keys.as_ref().map(|keys| keys.at.elapsed()) {
            Some(age) if age < new => Age::Fresh,
            Some(age) if age < new + grace || has_failed => Age::Old,
            _ => Age::Stale,
        }
    }

    /// The key of an id that is for an algorithm; without an id, the only one.
    fn find(&self, alg: Algorithm, id: Option<&str>) -> Option<Arc<DecodingKey>> {
        let is_meant = |key: &&Key| {
            let is_for = key.algorithm.is_none_or(|of| of == KeyAlgorithm::from(alg));
            is_for && key.key.family() == alg.family() && (id.is_none() || key.id.as_deref() == id)
        };
        let mut keys = self.keys.as_ref()?.what.iter().filter(is_meant);
        let key = keys.next()?;
        (id.is_some() || keys.next().is_none()).then(|| key.key.clone())
    }
}
