//! [`Routes`]: whose each address is that a worker hears.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::registry::Seat;
use crate::session::{MAX_PATHS, Route};

/// Addresses that a worker knows to belong to another one. Their clients tie them again by their next check.
const MAX_ELSEWHERE: usize = 16_384;

/// Addresses by whose they are.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    tied: HashMap<Route, Tied>,
    /// Those of other workers by when they were tied, the oldest first.
    elsewhere: BTreeMap<u64, Route>,
    /// The same for each session.
    seats: HashMap<Seat, VecDeque<u64>>,
    next: u64,
}

/// Whose address it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Home {
    /// A session of this worker.
    Here(u64),
    /// A session of another one.
    Elsewhere(Seat),
}

#[derive(Clone, Copy, Debug)]
enum Tied {
    Here(u64),
    Elsewhere(Seat, u64),
}

impl Routes {
    /// Whose it is.
    pub(crate) fn home(&self, route: &Route) -> Option<Home> {
        self.tied.get(route).map(|tied| match *tied {
            Tied::Here(key) => Home::Here(key),
            Tied::Elsewhere(seat, _) => Home::Elsewhere(seat),
        })
    }

    /// An authentic check came from there. Other workers' sessions keep the newest, each and all together.
    pub(crate) fn tie(&mut self, route: Route, home: Home) {
        self.remove(&route);
        let tied = match home {
            Home::Here(key) => Tied::Here(key),
            Home::Elsewhere(seat) => {
                let of_seat = self.seats.get(&seat).filter(|all| all.len() >= MAX_PATHS).and_then(|all| all.front());
                let is_full = self.elsewhere.len() >= MAX_ELSEWHERE;
                let oldest = match of_seat {
                    Some(at) => self.elsewhere.get(at).copied(),
                    None => self.elsewhere.values().next().copied().filter(|_| is_full),
                };
                if let Some(oldest) = oldest {
                    self.remove(&oldest);
                }
                let at = self.next;
                self.next += 1;
                self.elsewhere.insert(at, route);
                self.seats.entry(seat).or_default().push_back(at);
                Tied::Elsewhere(seat, at)
            }
        };
        self.tied.insert(route, tied);
    }

    /// A session of this worker is not there any longer. What has become another one's stays.
    pub(crate) fn leave(&mut self, route: &Route, key: u64) {
        if self.home(route) == Some(Home::Here(key)) {
            self.remove(route);
        }
    }

    /// It is nobody's.
    pub(crate) fn remove(&mut self, route: &Route) {
        let Some(Tied::Elsewhere(seat, at)) = self.tied.remove(route) else { return };
        self.elsewhere.remove(&at);
        if let Some(of_seat) = self.seats.get_mut(&seat) {
            of_seat.retain(|other| *other != at);
            if of_seat.is_empty() {
                self.seats.remove(&seat);
            }
        }
    }

    /// Forgets those of other workers' sessions that have ended.
    pub(crate) fn sweep(&mut self, is_seated: impl Fn(Seat) -> bool) {
        let gone: Vec<Seat> = self.seats.keys().copied().filter(|seat| !is_seated(*seat)).collect();
        for at in gone.iter().filter_map(|seat| self.seats.remove(seat)).flatten() {
            if let Some(route) = self.elsewhere.remove(&at) {
                self.tied.remove(&route);
            }
        }
    }
}

#[cfg(test)]
mod tests;
