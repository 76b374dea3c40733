//! A player that is served alone, by its own session: behind TLS or HTTP/2, where bytes pass through a cipher anyway.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_hub::{Subscriber, Watch};

use super::{Flow, Framing, player};
use crate::gather::Gather;

/// How often a player that takes nothing, or is paused, is compared with its limits.
const LOOK: Duration = Duration::from_secs(1);

/// A player, its framing, and its pace.
pub struct Lone {
    subscriber: Subscriber,
    watch: Arc<Watch>,
    framing: Box<dyn Framing + Send>,
    begun: bool,
    paused: bool,
    last: Option<Instant>,
}

impl Lone {
    /// A player at the place where new players start.
    pub fn new(mut subscriber: Subscriber, framing: Box<dyn Framing + Send>) -> Lone {
        let watch = subscriber.watch().clone();
        Lone { subscriber, watch, framing, begun: false, paused: false, last: None }
    }

    /// The player.
    pub fn subscriber(&self) -> &Subscriber {
        &self.subscriber
    }

    /// Stops or resumes. A resumed player goes on with the newest key frame, if one came meanwhile.
    pub fn pause(&mut self, paused: bool) {
        if self.paused && !paused {
            player::resume(&mut self.subscriber);
        }
        self.paused = paused;
    }

    /// Waits for something to send, as the vhost's pace allows, and copies it into a buffer, which grows by one full write
    /// at most. Loses nothing when it is dropped before it ends.
    pub async fn next(&mut self, out: &mut Vec<u8>) -> Flow {
        loop {
            self.paced().await;
            let (frames, flow) = self.fill(out);
            if !out.is_empty() || flow == Flow::Close {
                return flow;
            }
            if frames == 0 {
                self.watch.appended().await;
            }
        }
    }

    /// Waits while paused, and until the next send is due.
    async fn paced(&mut self) {
        while self.paused {
            tokio::time::sleep(LOOK).await;
            player::keep_up(&mut self.subscriber, Instant::now());
        }
        let due = self.last.map(|last| {
            let vhost = self.subscriber.stream().conf.load();
            let window = if vhost.play.mw_fixed && !vhost.min_latency { vhost.play.mw_latency } else { Duration::ZERO };
            last + window.max(vhost.play.send_min_interval)
        });
        if let Some(due) = due.filter(|due| *due > Instant::now()) {
            tokio::time::sleep_until(due.into()).await;
        }
    }

    fn fill(&mut self, out: &mut Vec<u8>) -> (usize, Flow) {
        let now = Instant::now();
        player::cut_if_late(&mut self.subscriber, now);
        let Lone { subscriber, framing, begun, .. } = self;
        let (gather, frames, flow) =
            player::gather(Gather::default(), &mut subscriber.cursor, &mut **framing, begun, now);
        gather.copy_to(out);
        drop(gather);
        subscriber.cursor.advance(frames);
        if !out.is_empty() {
            self.last = Some(now);
        }
        (frames, flow)
    }

    /// Runs a write to its end. A player that takes nothing meanwhile falls behind within its limits, not beyond.
    pub async fn while_writing<T>(&mut self, write: impl Future<Output = T>) -> T {
        let mut write = std::pin::pin!(write);
        loop {
            tokio::select! {
                done = &mut write => return done,
                () = tokio::time::sleep(LOOK) => player::cut_if_late(&mut self.subscriber, Instant::now()),
            }
        }
    }
}

impl fmt::Debug for Lone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lone").field("client", &self.subscriber.client().id).finish_non_exhaustive()
    }
}
