//! A player that is served alone, by its own session: behind TLS or HTTP/2, where bytes pass through a cipher anyway.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_hub::{Subscriber, Watch};

use super::pace::{Pace, until, window};
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
    pace: Pace,
}

impl Lone {
    /// A player at the place where new players start.
    pub fn new(mut subscriber: Subscriber, framing: Box<dyn Framing + Send>) -> Lone {
        let watch = subscriber.watch().clone();
        Lone { subscriber, watch, framing, begun: false, paused: false, pace: Pace::new() }
    }

    /// The player.
    pub fn subscriber(&self) -> &Subscriber {
        &self.subscriber
    }

    /// Stops or resumes. A resumed player goes on with the newest key frame, if one came meanwhile.
    pub fn pause(&mut self, paused: bool) {
        if self.paused && !paused {
            self.subscriber.resume(Instant::now());
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

    /// Waits while paused, and until the next write is due.
    async fn paced(&mut self) {
        while self.paused {
            tokio::time::sleep(LOOK).await;
            self.subscriber.keep_up(Instant::now());
        }
        // It does not merge by load: the cipher's cost is in the bytes.
        self.pace.appended(window(&self.subscriber.stream().conf.load(), |_| Duration::ZERO));
        if self.pace.due().is_some() {
            until(self.pace.due()).await;
        }
    }

    fn fill(&mut self, out: &mut Vec<u8>) -> (usize, Flow) {
        let now = Instant::now();
        self.subscriber.cut_if_late(now);
        let Lone { subscriber, framing, begun, .. } = self;
        let (gather, frames, flow) =
            player::gather(Gather::default(), &mut subscriber.cursor, &mut **framing, begun, now);
        gather.copy_to(out);
        drop(gather);
        subscriber.cursor.advance(frames);
        subscriber.report(0, now);
        if !out.is_empty() {
            self.pace.written();
        }
        (frames, flow)
    }

    /// Runs a write to its end. A player that takes nothing meanwhile falls behind within its limits, not beyond.
    pub async fn while_writing<T>(&mut self, write: impl Future<Output = T>) -> T {
        let mut write = std::pin::pin!(write);
        loop {
            tokio::select! {
                done = &mut write => return done,
                () = tokio::time::sleep(LOOK) => {
                    let now = Instant::now();
                    self.subscriber.cut_if_late(now);
                    self.subscriber.report(0, now);
                }
            }
        }
    }
}

impl fmt::Debug for Lone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lone").field("client", &self.subscriber.client().id).finish_non_exhaustive()
    }
}
