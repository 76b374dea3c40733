//! [`Names`]: the addresses of names, remembered for a while.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, watch};

/// So long an address counts, and so long it counts that there is none.
const FRESH: Duration = Duration::from_secs(60);
const MISSING: Duration = Duration::from_secs(10);
/// Lookups under way: each holds a thread until the resolver gives up, which may take half a minute.
const MAX_LOOKUPS: usize = 8;
/// Names that are remembered: clients make them up.
const MAX_NAMES: usize = 256;
/// Addresses of one name.
const MAX_ADDRESSES: usize = 4;

/// Asks the resolver of the system.
pub(crate) type Lookup = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = Vec<IpAddr>> + Send>> + Send + Sync>;

/// The resolver of the system.
pub(crate) fn system() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            found.into_iter().flatten().map(|address| address.ip().to_canonical()).collect()
        })
    })
}

/// Names and what is known of each.
pub(crate) struct Names {
    lookup: Lookup,
    known: Arc<Mutex<HashMap<String, Known>>>,
    permits: Arc<Semaphore>,
}

#[derive(Debug)]
struct Known {
    /// What was found last; nothing before the first lookup has ended.
    ips: Option<Vec<IpAddr>>,
    until: Instant,
    /// Closed when the lookup under way has ended.
    looking: Option<watch::Receiver<()>>,
}

impl Names {
    pub(super) fn new(lookup: Lookup) -> Names {
        Names { lookup, known: Arc::default(), permits: Arc::new(Semaphore::new(MAX_LOOKUPS)) }
    }

    /// The addresses of each name that are known by `deadline`. What was known is told at once, also when it is old: it is
    /// looked up again for those who ask next.
    pub(super) async fn resolve_all(
        &self,
        names: &BTreeSet<String>,
        deadline: Instant,
    ) -> BTreeMap<String, Vec<IpAddr>> {
        let waits: Vec<_> = names.iter().filter_map(|name| self.begin(name)).collect();
        for mut wait in waits {
            // It ends by being closed.
            let _ = tokio::time::timeout_at(deadline.into(), wait.changed()).await;
        }
        let known = lock(&self.known);
        let ips = |name: &String| known.get(name).and_then(|known| known.ips.clone()).unwrap_or_default();
        names.iter().map(|name| (name.clone(), ips(name))).collect()
    }

    /// Has a name looked up unless that is known. Returns what ends with the lookup, if it is worth waiting for.
    fn begin(&self, name: &str) -> Option<watch::Receiver<()>> {
        let mut known = lock(&self.known);
        let now = Instant::now();
        if let Some(one) = known.get(name) {
            if one.until > now {
                return None;
            }
            if let Some(looking) = &one.looking {
                return one.ips.is_none().then(|| looking.clone());
            }
        }
        let permit = self.permits.clone().try_acquire_owned().ok()?;
        if !known.contains_key(name) && known.len() >= MAX_NAMES && !forget_one(&mut known) {
            return None;
        }
        let (done, looking) = watch::channel(());
        let one = known.entry(name.to_owned()).or_insert(Known { ips: None, until: now, looking: None });
        one.looking = Some(looking.clone());
        let wait = one.ips.is_none().then_some(looking);
        let (table, name, work) = (self.known.clone(), name.to_owned(), (self.lookup)(name.to_owned()));
        drop(known);
        tokio::spawn(async move {
            let mut ips = work.await;
            ips.sort_unstable();
            ips.dedup();
            ips.truncate(MAX_ADDRESSES);
            let until = Instant::now() + if ips.is_empty() { MISSING } else { FRESH };
            lock(&table).insert(name, Known { ips: Some(ips), until, looking: None });
            drop((permit, done));
        });
        wait
    }
}

/// Forgets the name that was looked up longest ago.
fn forget_one(known: &mut HashMap<String, Known>) -> bool {
    let idle = known.iter().filter(|(_, one)| one.looking.is_none());
    let oldest = idle.min_by_key(|(_, one)| one.until).map(|(name, _)| name.clone());
    oldest.is_some_and(|name| known.remove(&name).is_some())
}

fn lock(known: &Mutex<HashMap<String, Known>>) -> MutexGuard<'_, HashMap<String, Known>> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").field("known", &lock(&self.known).len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
