//! [`Sessions`]: players of HLS as clients of the server (`hls_ctx`).

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use weir_hub::{StreamKey, Visit};

/// Sessions at the same time: some 100 MB. A player has one; more are somebody who counts on the server to forget.
const MAX_SESSIONS: usize = 100_000;
/// The longest id that is taken over from a player.
const MAX_ID: usize = 64;

/// Where there is no room, this share of the sessions is ended at once: to find them takes a look at all.
const SHARE: usize = 64;

/// Players of HLS.
#[derive(Debug)]
pub(crate) struct Sessions {
    table: Mutex<HashMap<String, Session>>,
    /// Sessions at the same time.
    room: usize,
}

#[derive(Debug)]
struct Session {
    /// What was admitted: a stream or a group.
    key: StreamKey,
    /// Of the player.
    ip: IpAddr,
    /// Nothing once the player was kicked.
    visit: Option<Visit>,
    seen: Instant,
    /// How long it lives without requests.
    limit: Duration,
}

/// What is known of an id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Known {
    /// It may go on.
    Yes,
    /// It was kicked.
    Kicked,
    /// Nothing.
    No,
    /// It belongs to another stream.
    Elsewhere,
}

impl Sessions {
    /// With room for so many.
    pub(crate) fn of(room: usize) -> Sessions {
        Sessions { table: Mutex::default(), room }
    }

    /// Looks for the session of an id, that may watch one of `keys`. It lives on.
    pub(crate) fn find(&self, id: &str, keys: &[&StreamKey], now: Instant) -> Known {
        let mut table = self.table();
        let Some(session) = table.get_mut(id) else { return Known::No };
        if !keys.contains(&&session.key) {
            return Known::Elsewhere;
        }
        session.seen = now;
        session.leave_if_kicked();
        if session.visit.is_some() { Known::Yes } else { Known::Kicked }
    }

    /// Notes bytes that a session got, and that it lives. An id that is not known is no matter.
    pub(crate) fn count(&self, id: &str, bytes: u64, now: Instant) {
        if let Some(session) = self.table().get_mut(id) {
            session.seen = now;
            if let Some(visit) = &session.visit {
                visit.count(bytes, 0);
            }
        }
    }

    /// Begins a session. One that began under the same id meanwhile stays. Where there is no room, others end.
    pub(crate) fn begin(&self, id: &str, visit: Visit, key: StreamKey, limit: Duration, now: Instant) {
        let mut table = self.table();
        if table.len() >= self.room {
            make_room(&mut table);
        }
        let ip = visit.client().ip;
        table.entry(id.to_owned()).or_insert(Session { key, ip, visit: Some(visit), seen: now, limit });
    }

    /// Ends those that made no request for too long.
    pub(crate) fn sweep(&self, now: Instant) {
        self.table().retain(|id, session| {
            session.leave_if_kicked();
            let stays = now.saturating_duration_since(session.seen) <= session.limit;
            if !stays && session.visit.is_some() {
                let limit = session.limit.as_secs_f64();
                tracing::info!(cid = id, "player of {} (HLS) has gone: no request for {limit:.1} s", session.key);
            }
            stays
        });
    }

    /// Ends all.
    pub(crate) fn clear(&self) {
        self.table().clear();
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Sessions {
    fn default() -> Sessions {
        Sessions::of(MAX_SESSIONS)
    }
}

/// Ends some sessions of the address that has most, those first that made no request for longest: one that takes all the
/// room takes its own.
fn make_room(table: &mut HashMap<String, Session>) {
    let mut counts: HashMap<IpAddr, usize> = HashMap::new();
    table.values().for_each(|session| *counts.entry(session.ip).or_default() += 1);
    let rank = |session: &Session| (Reverse(counts.get(&session.ip).copied().unwrap_or_default()), session.seen);
    let mut ranks: Vec<_> = table.values().map(rank).collect();
    let mut left = (ranks.len() / SHARE).max(1);
    if ranks.is_empty() {
        return;
    }
    let (_, last, _) = ranks.select_nth_unstable(left - 1);
    let last = *last;
    tracing::warn!("there is room for {} players of HLS (hls_ctx): {left} that were idle for longest end", ranks.len());
    table.retain(|_, session| {
        let ends = left > 0 && rank(session) <= last;
        left -= usize::from(ends);
        !ends
    });
}

impl Session {
    fn leave_if_kicked(&mut self) {
        if self.visit.as_ref().is_some_and(|visit| visit.client().is_kicked()) {
            self.visit = None;
        }
    }
}

/// True for an id that may be taken over from a player.
pub(crate) fn is_plausible(id: &str) -> bool {
    (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
