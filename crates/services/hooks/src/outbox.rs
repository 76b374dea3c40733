//! [`Outbox`]: events that are told and not waited for.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use weir_fetch::{Call, Fetch};

use crate::answer::{Fault, judge};

/// Events of a vhost that wait; more are left out, the newest first, so that what is told stays in order.
const MAX_OF_VHOST: usize = 4096;
/// Events of all vhosts that wait: some 50 MB.
const MAX_OF_ALL: usize = 65_536;
/// Events of a vhost that are told at the same time.
const WORKERS: usize = 16;
/// Warnings of a vhost are this far apart.
const NAG: Duration = Duration::from_secs(10);
/// The first repetition comes after this, each other after twice the time.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);

/// An event on its way.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    /// Events of the same one are told in their order.
    pub(crate) order: String,
    /// Connection id of the client.
    pub(crate) cid: String,
    /// `on_stop`, …
    pub(crate) event: &'static str,
    /// Who is told, with the URL for the log.
    pub(crate) calls: Vec<(String, Call)>,
    /// How often a failed call is made again.
    pub(crate) retries: u32,
    /// The answer says whether it was taken.
    pub(crate) judged: bool,
}

/// The events of each vhost, apart: the server of one that is dead holds up no other.
#[derive(Debug)]
pub(crate) struct Outbox {
    fetch: Fetch,
    control: Handle,
    lanes: Mutex<HashMap<String, Lane>>,
    waiting: AtomicUsize,
    tasks: TaskTracker,
    /// No repetitions any more.
    ending: CancellationToken,
    /// Nothing any more.
    ended: CancellationToken,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: VecDeque<Note>,
    /// Whose events are being told.
    busy: HashSet<String>,
    workers: usize,
    nag: Nag,
}

/// When somebody was last told, and how much was not told since.
#[derive(Debug, Default)]
struct Nag {
    last: Option<Instant>,
    silent: u64,
}

impl Outbox {
    pub(crate) fn new(fetch: Fetch, control: Handle) -> Arc<Outbox> {
        Arc::new(Outbox {
            fetch,
            control,
            lanes: Mutex::default(),
            waiting: AtomicUsize::new(0),
            tasks: TaskTracker::new(),
            ending: CancellationToken::new(),
            ended: CancellationToken::new(),
        })
    }

    /// Tells an event as soon as may be. Does not wait.
    pub(crate) fn push(self: &Arc<Self>, vhost: &str, note: Note) {
        let mut lanes = self.lanes();
        let lane = lanes.entry(vhost.to_owned()).or_default();
        if lane.waiting.len() >= MAX_OF_VHOST || self.waiting.load(Ordering::Relaxed) >= MAX_OF_ALL {
            if let Some(silent) = lane.nag.may_speak() {
                let (cid, event) = (&note.cid, note.event);
                tracing::warn!(cid, "too many events of vhost {vhost} wait: {event} is left out (http_hooks){silent}");
            }
            return;
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        lane.waiting.push_back(note);
        if lane.workers < WORKERS {
            lane.workers += 1;
            let (outbox, vhost) = (self.clone(), vhost.to_owned());
            self.tasks.spawn_on(async move { outbox.work(&vhost).await }, &self.control);
        }
    }

    /// Tells what waits, for at most so long.
    pub(crate) async fn drain(&self, limit: Duration) {
        self.ending.cancel();
        self.tasks.close();
        if tokio::time::timeout(limit, self.tasks.wait()).await.is_err() {
            self.ended.cancel();
            let waiting = self.waiting.load(Ordering::Relaxed);
            tracing::warn!("the server ends with {waiting} events untold that wait (http_hooks)");
        }
    }

    async fn work(self: Arc<Self>, vhost: &str) {
        while let Some(note) = self.next(vhost) {
            tokio::select! {
                () = self.tell(vhost, &note) => {}
                () = self.ended.cancelled() => return,
            }
            if let Some(lane) = self.lanes().get_mut(vhost) {
                lane.busy.remove(&note.order);
            }
        }
    }

    /// The first event whose order nobody is at. Without one the worker goes; who is at it looks again afterwards.
    fn next(&self, vhost: &str) -> Option<Note> {
        let mut lanes = self.lanes();
        let lane = lanes.get_mut(vhost)?;
        let free = lane.waiting.iter().position(|note| !lane.busy.contains(&note.order));
        let Some(note) = free.and_then(|at| lane.waiting.remove(at)) else {
            lane.workers -= 1;
            // What was said lately is kept in mind.
            if lane.workers == 0 && lane.nag.last.is_none_or(|last| last.elapsed() >= NAG) {
                lanes.remove(vhost);
            }
            return None;
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        lane.busy.insert(note.order.clone());
        Some(note)
    }

    /// Makes the calls of an event, all of them, whatever becomes of the others.
    async fn tell(&self, vhost: &str, note: &Note) {
        for (url, call) in &note.calls {
            let mut pause = FIRST_RETRY;
            for left in (0..=note.retries).rev() {
                let Err(fault) = self.call(call, note.judged).await else { break };
                self.warn(vhost, note, url, &fault, left);
                if left == 0 || self.ending.is_cancelled() {
                    break;
                }
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = self.ending.cancelled() => {}
                }
                pause = (pause * 2).min(LAST_RETRY);
            }
        }
    }

    async fn call(&self, call: &Call, judged: bool) -> Result<(), Fault> {
        let answer = self.fetch.call(call.clone()).await?;
        if judged { judge(&answer).map(drop) } else { Ok(()) }
    }

    fn warn(&self, vhost: &str, note: &Note, url: &str, fault: &Fault, left: u32) {
        let mut lanes = self.lanes();
        let Some(silent) = lanes.get_mut(vhost).and_then(|lane| lane.nag.may_speak()) else { return };
        drop(lanes);
        let again = if left > 0 { ", it is told again (http_hooks.retries)" } else { "" };
        let (cid, event) = (&note.cid, note.event);
        tracing::warn!(cid, "{url} was not told of {event}: {fault} (code {}){again}{silent}", fault.code());
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<String, Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Nag {
    /// What to add about warnings that were not given; none when it is too early for another.
    fn may_speak(&mut self) -> Option<String> {
        if self.last.is_some_and(|last| last.elapsed() < NAG) {
            self.silent += 1;
            return None;
        }
        self.last = Some(Instant::now());
        match std::mem::take(&mut self.silent) {
            0 => Some(String::new()),
            silent => Some(format!("; {silent} warnings like this were left out")),
        }
    }
}

#[cfg(test)]
mod tests;
