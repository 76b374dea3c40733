//! [`Hls`]: the service. One task for each publish, one that looks after all.

mod cast;
mod run;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use weir_conf::Config;
use weir_hub::{Client, Hub, Stream, StreamKey};

use crate::budget::Budget;
use crate::finished::Finished;
use crate::output::Shared;
use crate::sessions::Sessions;

/// How often idle streams are looked for.
const TEND: Duration = Duration::from_secs(1);
/// How often sessions are looked at (http-api.md §5).
const SWEEP: Duration = Duration::from_secs(5);
/// Streams that HLS was switched on for are looked for so often after a reload: it changes one thing after the other.
const LATE: u32 = 3;
/// How long the end of the server waits for files.
const LAST_FILES: Duration = Duration::from_secs(5);

/// HLS of all streams.
pub struct Hls {
    hub: Arc<Hub>,
    control: Handle,
    shared: Arc<Shared>,
    sessions: Sessions,
    ending: CancellationToken,
    tasks: TaskTracker,
    /// Streams that a task follows, or will.
    followed: Mutex<HashMap<StreamKey, usize>>,
}

impl Hls {
    /// Follows every publish from now on, for vhosts that have HLS on. Its tasks run on `control`.
    pub fn start(hub: Arc<Hub>, control: Handle) -> Arc<Hls> {
        Hls::with_budget(hub, control, Budget::new())
    }

    pub(crate) fn with_budget(hub: Arc<Hub>, control: Handle, budget: Arc<Budget>) -> Arc<Hls> {
        let hls = Arc::new(Hls {
            hub: hub.clone(),
            control,
            shared: Shared::new(budget),
            sessions: Sessions::default(),
            ending: CancellationToken::new(),
            tasks: TaskTracker::new(),
            followed: Mutex::default(),
        });
        let this = Arc::downgrade(&hls);
        hub.on_publish(Box::new(move |stream, client| {
            if let Some(hls) = this.upgrade() {
                hls.follow(stream, client);
            }
        }));
        let this = Arc::downgrade(&hls);
        hls.tasks.spawn_on(tend(this, hls.ending.clone()), &hls.control);
        hls
    }

    /// Finished segments from now on, each when its file is there. A reader that is more than 1024 behind misses the oldest.
    pub fn segments(&self) -> broadcast::Receiver<Arc<Finished>> {
        self.shared.finished.subscribe()
    }

    /// Bytes of media that are kept in memory.
    pub fn memory(&self) -> usize {
        self.shared.budget.used()
    }

    /// Ends every stream's HLS: what is open is finished, then everything is removed unless `hls_dispose` is 0.
    pub async fn shutdown(&self) {
        self.ending.cancel();
        self.tasks.close();
        if tokio::time::timeout(LAST_FILES, self.tasks.wait()).await.is_err() {
            tracing::warn!("some streams of HLS do not end");
        }
        self.sessions.clear();
        // Callbacks are told of what is written.
        let is_written = self.shared.disk.drain(LAST_FILES).await;
        for output in self.shared.outputs() {
            if output.plan().hls.hls_dispose.is_some() {
                output.dispose();
            }
        }
        if !is_written || !self.shared.disk.drain(LAST_FILES).await {
            tracing::warn!("the disk is too slow: files of HLS are left as they are (hls_path)");
        }
    }

    pub(crate) fn control(&self) -> &Handle {
        &self.control
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// A publish begins: it is read from its first frame on, or, when HLS was switched on since, from a key frame on.
    fn follow(self: &Arc<Self>, stream: &Arc<Stream>, client: &Arc<Client>) {
        if stream.conf.load().hls.enabled && !self.ending.is_cancelled() {
            // Made here, so that it misses no frame.
            let follower = stream.follow();
            *self.followed().entry(stream.key.clone()).or_default() += 1;
            let (hls, client, unfinished) = (self.clone(), client.clone(), client.unfinished());
            let run = async move {
                let key = follower.stream().key.clone();
                run::follow(hls.clone(), follower, client).await;
                hls.unfollow(&key);
                drop(unfinished);
            };
            self.tasks.spawn_on(run, &self.control);
        }
    }

    fn unfollow(&self, key: &StreamKey) {
        let mut followed = self.followed();
        if let Some(count) = followed.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                followed.remove(key);
            }
        }
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<StreamKey, usize>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows streams whose vhost has had HLS switched on while they were published.
    fn follow_late(self: &Arc<Self>) {
        for stream in self.hub.streams() {
            let is_on = stream.is_live() && stream.conf.load().hls.enabled;
            let is_followed = self.followed().contains_key(&stream.key);
            if let Some(client) = stream.publisher().filter(|_| is_on && !is_followed) {
                self.follow(&stream, &client);
            }
        }
    }

    /// Takes away what is idle.
    fn tend(&self, now: Instant) {
        for output in self.shared.outputs() {
            let (plan, idle) = (output.plan(), output.idle(now));
            if plan.hls.hls_dispose.is_some_and(|dispose| idle >= dispose) {
                output.dispose();
            }
            if idle >= plan.memory() {
                // Without `hls_dispose` its files stay, for the site that serves files.
                self.shared.remove_idle(&output);
            }
        }
    }
}

impl fmt::Debug for Hls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hls").field("streams", &self.shared.outputs().len()).finish_non_exhaustive()
    }
}

async fn tend(hls: Weak<Hls>, ending: CancellationToken) {
    let mut ticks = tokio::time::interval(TEND);
    let mut swept = Instant::now();
    let mut conf: Option<Arc<Config>> = None;
    let mut late = 0;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = ending.cancelled() => return,
        }
        let Some(hls) = hls.upgrade() else { return };
        let now = Instant::now();
        hls.tend(now);
        hls.shared.disk.tend();
        if now.saturating_duration_since(swept) >= SWEEP {
            swept = now;
            hls.sessions.sweep(now);
        }
        let in_force = hls.hub.conf();
        if conf.replace(in_force.clone()).is_some_and(|before| !Arc::ptr_eq(&before, &in_force)) {
            late = LATE;
        }
        if late > 0 {
            late -= 1;
            hls.follow_late();
        }
    }
}

#[cfg(test)]
mod tests;
