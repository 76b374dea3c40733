//! [`Outbox`]: events that are told and not waited for.

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use weir_fetch::{Call, Fetch};

use crate::answer::{Fault, judge};

/// Events of a vhost that wait; more are left out, the newest first, so that what is told stays in order.
/// A stream that ends says so of each of its players at once.
const MAX_OF_VHOST: usize = 65_536;
/// Events of all vhosts that wait: some 200 MB.
const MAX_OF_ALL: usize = 4 * MAX_OF_VHOST;
/// Events of a vhost that are told at the same time.
const WORKERS: usize = 16;
/// Warnings of a vhost are this far apart.
const NAG: Duration = Duration::from_secs(10);
/// The first repetition comes after this, each other after twice the time.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);

/// Who is told, with the URL for the log: made when it is an event's turn, because whom an event happens to has no time.
pub(crate) type Calls = Box<dyn Fn() -> Vec<(String, Call)> + Send + Sync>;

/// An event on its way.
pub(crate) struct Note {
    /// Events of the same one are told in their order.
    pub(crate) order: String,
    /// The stream whose end it is: who publishes it next is asked about afterwards.
    pub(crate) ends: Option<String>,
    /// Connection id of the client.
    pub(crate) cid: String,
    /// `on_stop`, …
    pub(crate) event: &'static str,
    /// Who is told.
    pub(crate) calls: Calls,
    /// How often a failed call is made again.
    pub(crate) retries: u32,
    /// The answer says whether it was taken.
    pub(crate) judged: bool,
}

/// The events of each vhost, apart: the server of one that is dead holds up no other.
pub(crate) struct Outbox {
    fetch: Fetch,
    control: Handle,
    lanes: Mutex<HashMap<String, Lane>>,
    waiting: AtomicUsize,
    left_out: AtomicU64,
    failed: AtomicU64,
    /// An event was told.
    told: Notify,
    tasks: TaskTracker,
    /// No repetitions any more.
    ending: CancellationToken,
    /// Nothing any more.
    ended: CancellationToken,
}

#[derive(Default)]
struct Lane {
    waiting: VecDeque<Note>,
    /// Whose events are being told.
    busy: HashSet<String>,
    /// Orders that are held back, each as often as somebody does.
    held: HashMap<String, usize>,
    /// How many events of an order, or of the end of a stream, are not told yet.
    untold: HashMap<String, usize>,
    workers: usize,
    /// Of events that were not taken.
    faults: Nag,
    /// Of events that were left out.
    crowd: Nag,
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
            left_out: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            told: Notify::new(),
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
            self.left_out.fetch_add(1, Ordering::Relaxed);
            if let Some(silent) = lane.crowd.may_speak() {
                let (cid, event) = (&note.cid, note.event);
                tracing::warn!(cid, "too many events of vhost {vhost} wait: {event} is left out (http_hooks){silent}");
            }
            return;
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        for key in note.keys() {
            *lane.untold.entry(key.clone()).or_default() += 1;
        }
        lane.waiting.push_back(note);
        self.staff(vhost, lane);
    }

    /// Has one worker more look for events.
    fn staff(self: &Arc<Self>, vhost: &str, lane: &mut Lane) {
        if lane.workers < WORKERS {
            lane.workers += 1;
            let (outbox, vhost) = (self.clone(), vhost.to_owned());
            self.tasks.spawn_on(async move { outbox.work(&vhost).await }, &self.control);
        }
    }

    /// Holds back the events of an order from now on until `until`, for at most so long. Others are told meanwhile.
    pub(crate) fn hold(
        self: &Arc<Self>,
        vhost: &str,
        order: String,
        limit: Duration,
        until: impl Future<Output = ()> + Send + 'static,
    ) {
        *self.lanes().entry(vhost.to_owned()).or_default().held.entry(order.clone()).or_default() += 1;
        let (outbox, vhost) = (self.clone(), vhost.to_owned());
        let release = async move {
            let _ = tokio::time::timeout(limit, until).await;
            let mut lanes = outbox.lanes();
            if let Some(lane) = lanes.get_mut(&vhost) {
                lane.release(&order);
                outbox.staff(&vhost, lane);
            }
        };
        self.tasks.spawn_on(release, &self.control);
    }

    /// Whether something of these orders and ends of streams is still to be told.
    pub(crate) fn is_untold(&self, vhost: &str, keys: &[String]) -> bool {
        self.lanes().get(vhost).is_some_and(|lane| keys.iter().any(|key| lane.untold.contains_key(key)))
    }

    /// Waits until nothing is untold of these orders and ends of streams, for at most so long. Returns whether that is so.
    pub(crate) async fn settle(&self, vhost: &str, keys: &[String], limit: Duration) -> bool {
        let settled = async {
            loop {
                let mut told = pin!(self.told.notified());
                told.as_mut().enable();
                if !self.is_untold(vhost, keys) {
                    return;
                }
                told.await;
            }
        };
        tokio::time::timeout(limit, settled).await.is_ok()
    }

    /// Tells what waits, for at most so long.
    pub(crate) async fn drain(&self, limit: Duration) {
        self.ending.cancel();
        self.tasks.close();
        if tokio::time::timeout(limit, self.tasks.wait()).await.is_err() {
            self.ended.cancel();
            let under_way: usize = self.lanes().values().map(|lane| lane.busy.len()).sum();
            tracing::warn!("the server ends with {} events untold (http_hooks)", self.waiting() + under_way);
        }
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Events that were not told, because too many waited.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }

    /// Events that somebody did not take, whatever the others did.
    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    async fn work(self: Arc<Self>, vhost: &str) {
        while let Some(note) = self.next(vhost) {
            tokio::select! {
                () = self.tell(vhost, &note) => {}
                () = self.ended.cancelled() => return,
            }
            if let Some(lane) = self.lanes().get_mut(vhost) {
                lane.note_told(&note);
            }
            self.told.notify_waiters();
        }
    }

    /// The first event whose order nobody is at. Without one the worker goes; who is at it looks again afterwards.
    fn next(&self, vhost: &str) -> Option<Note> {
        let mut lanes = self.lanes();
        let lane = lanes.get_mut(vhost)?;
        let free = lane.waiting.iter().position(|note| lane.is_free(&note.order));
        let Some(note) = free.and_then(|at| lane.waiting.remove(at)) else {
            lane.workers -= 1;
            if lane.waiting.is_empty()
                && let Some(count) = lane.crowd.last_word()
            {
                tracing::warn!("{count} more events of vhost {vhost} were left out: too many waited (http_hooks)");
            }
            // What was said lately is kept in mind.
            let is_calm = !lane.faults.is_fresh() && !lane.crowd.is_fresh();
            if lane.workers == 0 && lane.held.is_empty() && is_calm {
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
        let mut is_taken = true;
        for (url, call) in &(note.calls)() {
            let mut pause = FIRST_RETRY;
            for left in (0..=note.retries).rev() {
                let Err(fault) = self.call(call, note.judged).await else { break };
                self.warn(vhost, note, url, &fault, left);
                if left == 0 || self.ending.is_cancelled() {
                    is_taken = false;
                    break;
                }
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = self.ending.cancelled() => {}
                }
                pause = (pause * 2).min(LAST_RETRY);
            }
        }
        self.failed.fetch_add(u64::from(!is_taken), Ordering::Relaxed);
    }

    async fn call(&self, call: &Call, judged: bool) -> Result<(), Fault> {
        let answer = self.fetch.call(call.clone().told()).await?;
        if judged { judge(&answer).map(drop) } else { Ok(()) }
    }

    fn warn(&self, vhost: &str, note: &Note, url: &str, fault: &Fault, left: u32) {
        let mut lanes = self.lanes();
        let Some(silent) = lanes.get_mut(vhost).and_then(|lane| lane.faults.may_speak()) else { return };
        drop(lanes);
        let again = if left > 0 { ", it is told again (http_hooks.retries)" } else { "" };
        let (cid, event) = (&note.cid, note.event);
        tracing::warn!(cid, "{url} was not told of {event}: {fault} (code {}){again}{silent}", fault.code());
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<String, Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Note {
    fn keys(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.order).chain(&self.ends)
    }
}

impl Lane {
    fn is_free(&self, order: &str) -> bool {
        !self.busy.contains(order) && !self.held.contains_key(order)
    }

    fn release(&mut self, order: &str) {
        if let Some(count) = self.held.get_mut(order) {
            *count -= 1;
            if *count == 0 {
                self.held.remove(order);
            }
        }
    }

    fn note_told(&mut self, note: &Note) {
        self.busy.remove(&note.order);
        for key in note.keys() {
            if let Some(count) = self.untold.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    self.untold.remove(key);
                }
            }
        }
    }
}

impl Nag {
    /// What to add about warnings that were not given; none when it is too early for another.
    fn may_speak(&mut self) -> Option<String> {
        if self.is_fresh() {
            self.silent += 1;
            return None;
        }
        self.last = Some(Instant::now());
        match std::mem::take(&mut self.silent) {
            0 => Some(String::new()),
            silent => Some(format!("; {silent} warnings like this were left out")),
        }
    }

    /// How often nothing was said since the last time.
    fn last_word(&mut self) -> Option<u64> {
        Some(std::mem::take(&mut self.silent)).filter(|silent| *silent > 0)
    }

    fn is_fresh(&self) -> bool {
        self.last.is_some_and(|last| last.elapsed() < NAG)
    }
}

#[cfg(test)]
mod tests;
