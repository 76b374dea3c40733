//! [`Registry`]: every session by its name and by the name of its ICE agent, whichever shard it lives on.
//!
//! A session waits here until the first check of its client comes. The shard whose socket got it takes the session: the
//! kernel shares clients out among the sockets by their address.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use weir_proto_rtc::Credentials;

use crate::session::Expected;
use crate::sessions::{Agents, NoSession};

/// Sessions that wait for their client. Whoever asks for more ends the oldest: offers cost nothing.
pub(crate) const MAX_WAITING: usize = 10_000;

/// Every session.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    sessions: HashMap<Arc<str>, Entry>,
    /// The name of the session of an agent of ours.
    agents: HashMap<String, Arc<str>>,
    /// Names of those that wait, the oldest first; some have gone meanwhile.
    waiting: VecDeque<Arc<str>>,
    waits: usize,
    seats: HashSet<Seat>,
}

#[derive(Debug)]
struct Entry {
    token: String,
    agents: Agents,
    /// The agent before a restart: the client's checks go on with it until it has heard of the new one.
    before: Option<Credentials>,
    place: Where,
    is_strict: bool,
    since: Instant,
}

#[derive(Debug)]
enum Where {
    Waiting(Box<Expected>),
    At(Seat),
}

/// Where a session lives.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Seat {
    /// The shard.
    pub(crate) worker: usize,
    /// Its number there.
    pub(crate) key: u64,
}

/// What is known of an agent's session.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Its name.
    pub(crate) name: Arc<str>,
    /// The password that checks must show.
    pub(crate) password: String,
    /// Where it lives, if a shard has taken it.
    pub(crate) seat: Option<Seat>,
    /// It is the agent of before a restart, which is known by the ways that it came by until then, and by no other.
    pub(crate) is_before: bool,
    /// Checks of a client that says it is controlled are not answered.
    pub(crate) is_strict: bool,
}

/// A name is in use.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the ICE user name fragment is that of another session")]
pub(crate) struct Taken;

impl Registry {
    /// Takes a session in. What it pushes out is returned, to be dropped where that may take a moment.
    pub(crate) fn insert(
        &self,
        session: Expected,
        token: String,
        agents: Agents,
    ) -> Result<Option<Box<Expected>>, Taken> {
        let mut inner = self.inner();
        let name = session.name.clone();
        if inner.agents.contains_key(&agents.own.ufrag) || inner.sessions.contains_key(&name) {
            return Err(Taken);
        }
        let oldest = if inner.waits >= MAX_WAITING { inner.oldest() } else { None };
        inner.agents.insert(agents.own.ufrag.clone(), name.clone());
        inner.waiting.push_back(name.clone());
        inner.waits += 1;
        let is_strict = session.rules.is_strict;
        let place = Where::Waiting(Box::new(session));
        inner.sessions.insert(name, Entry { token, agents, before: None, place, is_strict, since: Instant::now() });
        Ok(oldest)
    }

    /// The session of an agent of ours.
    pub(crate) fn find(&self, ufrag: &str) -> Option<Found> {
        let inner = self.inner();
        let name = inner.agents.get(ufrag)?;
        let entry = inner.sessions.get(name)?;
        let own = [Some(&entry.agents.own), entry.before.as_ref()].into_iter().flatten();
        let password = own.into_iter().find(|own| own.ufrag == ufrag)?.pwd.clone();
        let seat = match entry.place {
            Where::At(seat) => Some(seat),
            Where::Waiting(_) => None,
        };
        let is_before = entry.agents.own.ufrag != ufrag;
        Some(Found { name: name.clone(), password, seat, is_before, is_strict: entry.is_strict })
    }

    /// Takes a session that waits: it lives at `seat` from here on.
    pub(crate) fn claim(&self, name: &str, seat: Seat) -> Option<Box<Expected>> {
        let mut inner = self.inner();
        let entry = inner.sessions.get_mut(name)?;
        match std::mem::replace(&mut entry.place, Where::At(seat)) {
            Where::Waiting(session) => {
                inner.waits -= 1;
                inner.seats.insert(seat);
                Some(session)
            }
            there @ Where::At(_) => {
                entry.place = there;
                None
            }
        }
    }

    /// Forgets a session that has ended.
    pub(crate) fn forget(&self, name: &str) -> Option<Box<Expected>> {
        self.inner().remove(name)
    }

    /// Whether a session lives there.
    pub(crate) fn is_seated(&self, seat: Seat) -> bool {
        self.inner().seats.contains(&seat)
    }

    /// Ends those that have waited for their client too long, or that the operator ended meanwhile.
    pub(crate) fn sweep(&self, now: Instant) -> Vec<Expected> {
        let mut inner = self.inner();
        let over = inner.sessions.iter().filter(|(_, entry)| match &entry.place {
            Where::Waiting(session) => {
                session.role.client().is_kicked() || now.saturating_duration_since(entry.since) > session.rules.patience
            }
            Where::At(_) => false,
        });
        let over: Vec<Arc<str>> = over.map(|(name, _)| name.clone()).collect();
        let ended = over.iter().filter_map(|name| Some(*inner.remove(name)?)).collect();
        let Inner { waiting, sessions, .. } = &mut *inner;
        waiting.retain(|name| sessions.get(name).is_some_and(|entry| matches!(entry.place, Where::Waiting(_))));
        ended
    }

    /// Ends a session: the seat of one that lives on a shard, which has to be told, or the one that waited.
    pub(crate) fn end(&self, name: &str, token: &str) -> Result<Ended, NoSession> {
        let mut inner = self.inner();
        match inner.of(name, token)?.place {
            Where::At(seat) => Ok(Ended::At(seat)),
            Where::Waiting(_) => Ok(Ended::Waited(inner.remove(name))),
        }
    }

    /// The agents of a session.
    pub(crate) fn agents(&self, name: &str, token: &str) -> Result<Agents, NoSession> {
        Ok(self.inner().of(name, token)?.agents.clone())
    }

    /// Gives a session new agents. The seat of one that lives on a shard has to be told.
    pub(crate) fn restart(&self, name: &str, token: &str, agents: Agents) -> Result<Option<Seat>, NoSession> {
        let mut inner = self.inner();
        let entry = inner.of(name, token)?;
        let was = std::mem::replace(&mut entry.agents, agents.clone());
        let before = entry.before.replace(was.own);
        let seat = match &mut entry.place {
            Where::At(seat) => Some(*seat),
            Where::Waiting(session) => {
                session.restart(agents.own.clone(), agents.remote);
                None
            }
        };
        if let Some(before) = before {
            inner.agents.remove(&before.ufrag);
        }
        let name: Arc<str> = Arc::from(name);
        inner.agents.insert(agents.own.ufrag, name);
        Ok(seat)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is left to do for a session that was ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Its shard has to be told.
    At(Seat),
    /// It waited: it is to be dropped.
    Waited(Option<Box<Expected>>),
}

impl Inner {
    fn of(&mut self, name: &str, token: &str) -> Result<&mut Entry, NoSession> {
        let entry = self.sessions.get_mut(name).ok_or(NoSession::Unknown)?;
        // Tokens are compared whole, so that the time tells nothing of the first byte that differs.
        let is_it = aws_lc_rs::constant_time::verify_slices_are_equal(entry.token.as_bytes(), token.as_bytes()).is_ok();
        if is_it { Ok(entry) } else { Err(NoSession::WrongToken) }
    }

    fn oldest(&mut self) -> Option<Box<Expected>> {
        while let Some(name) = self.waiting.pop_front() {
            if self.sessions.get(&name).is_some_and(|entry| matches!(entry.place, Where::Waiting(_))) {
                return self.remove(&name);
            }
        }
        None
    }

    fn remove(&mut self, name: &str) -> Option<Box<Expected>> {
        let entry = self.sessions.remove(name)?;
        self.agents.remove(&entry.agents.own.ufrag);
        if let Some(before) = entry.before {
            self.agents.remove(&before.ufrag);
        }
        match entry.place {
            Where::Waiting(session) => {
                self.waits -= 1;
                Some(session)
            }
            Where::At(seat) => {
                self.seats.remove(&seat);
                None
            }
        }
    }
}
