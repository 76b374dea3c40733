//! [`Hosts`]: how many calls to one host are under way, and how many wait.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many old connections may be remembered in vain.
const FEW: usize = 256;

/// Hosts that are called now.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    table: Mutex<HashMap<Line, Arc<Host>>>,
    answered: Mutex<Answered>,
}

/// A connection: its own address and that of the server.
pub(crate) type Route = (SocketAddr, SocketAddr);

/// Connections that answered lately, and when.
#[derive(Debug, Default)]
struct Answered {
    at: HashMap<Route, Instant>,
    /// Old ones are forgotten as soon as there are so many.
    full: usize,
}

/// Who waits behind whom: a host that is asked too slowly is not told less, nor the other way round.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Line {
    pub(crate) host: String,
    pub(crate) is_told: bool,
}

#[derive(Debug)]
struct Host {
    slots: Arc<Semaphore>,
    /// Calls that wait or are under way.
    calls: AtomicUsize,
}

/// A call's place in the line of its host.
#[derive(Debug)]
pub(crate) struct Place {
    hosts: Arc<Hosts>,
    line: Line,
    host: Arc<Host>,
}

impl Hosts {
    /// A place in the line of a host; none when so many are under way and so many wait already.
    pub(crate) fn line_up(self: &Arc<Self>, line: Line, at_once: usize, waiting: usize) -> Option<Place> {
        let mut table = self.table();
        let host = table
            .entry(line.clone())
            .or_insert_with(|| Arc::new(Host { slots: Arc::new(Semaphore::new(at_once)), calls: AtomicUsize::new(0) }));
        // Counted under the lock of the table alone.
        if host.calls.load(Ordering::Relaxed) >= at_once.saturating_add(waiting) {
            return None;
        }
        host.calls.fetch_add(1, Ordering::Relaxed);
        Some(Place { hosts: self.clone(), line, host: host.clone() })
    }

    /// Notes that a connection has answered. Those that did so before `limit` are forgotten now and then.
    pub(crate) fn note_answer(&self, route: Route, limit: Duration) {
        let mut answered = self.answered();
        if answered.at.len() >= answered.full {
            answered.at.retain(|_, at| at.elapsed() <= limit);
            answered.full = (answered.at.len() * 2).max(FEW);
        }
        answered.at.insert(route, Instant::now());
    }

    /// Whether a connection, which has failed now, had answered within `limit`.
    pub(crate) fn has_answered(&self, route: Route, limit: Duration) -> bool {
        self.answered().at.remove(&route).is_some_and(|at| at.elapsed() <= limit)
    }

    fn answered(&self) -> MutexGuard<'_, Answered> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn table(&self) -> MutexGuard<'_, HashMap<Line, Arc<Host>>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.table().len()
    }
}

impl Place {
    /// Waits for its turn.
    pub(crate) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        self.host.slots.clone().acquire_owned().await.ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.hosts.table();
        if self.host.calls.fetch_sub(1, Ordering::Relaxed) == 1 {
            table.remove(&self.line);
        }
    }
}
