//! One publish: reads its frames and gives them to its [`Cast`], which has them cut.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use weir_hub::{Client, Flags, Follower, Limits};

use super::Hls;
use super::cast::Cast;

/// How often a stream is looked at that has nothing due: frames wait in the stream meanwhile, which costs nothing.
const LOOK: Duration = Duration::from_millis(500);
/// And how often at most.
const LEAST: Duration = Duration::from_millis(50);
const LEAST_WITH_PARTS: Duration = Duration::from_millis(5);
/// Frames that are read at once; then others have a turn.
const BATCH: usize = 2_000;
/// A batch spans this much at most, whatever its timestamps say.
const MAX_SPAN: i64 = 10_000_000_000;

/// How far behind it may be at least, whatever players may: they want to be near to the stream, segments want it whole.
const TIME: Duration = Duration::from_secs(30);
const BYTES: u64 = 64 << 20;

/// Follows a publish to its end.
pub(super) async fn follow(hls: Arc<Hls>, follower: Follower, client: Arc<Client>) {
    let stream = follower.stream().clone();
    if let Some(cast) = Cast::begin(hls.clone(), stream, client).await {
        Run { hls, follower, cast }.until_the_end().await;
    }
}

struct Run {
    hls: Arc<Hls>,
    follower: Follower,
    cast: Cast,
}

/// What a look at the stream found.
struct Seen {
    frames: usize,
    ended: bool,
}

impl Run {
    async fn until_the_end(mut self) {
        loop {
            tokio::select! {
                () = self.rest() => {}
                () = self.hls.ending.cancelled() => {
                    while self.look().frames == BATCH {}
                    return self.cast.end();
                }
            }
            if !self.cast.is_on() {
                return self.cast.end();
            }
            let mut seen = self.look();
            while seen.frames == BATCH && !seen.ended {
                tokio::task::yield_now().await;
                seen = self.look();
            }
            if seen.ended || self.cast.is_stopped() {
                return self.cast.end();
            }
        }
    }

    /// Waits until something is due, and then for the frame that it is due with: wake-ups are what most of the cost would
    /// be.
    async fn rest(&self) {
        let least = if self.cast.has_parts() { LEAST_WITH_PARTS } else { LEAST };
        let due = self.cast.due().unwrap_or(LEAST).clamp(least, LOOK);
        tokio::time::sleep(due).await;
        // A stream that is silent is looked at all the same.
        let _ = tokio::time::timeout(LOOK, self.follower.appended()).await;
    }

    /// Reads what came.
    fn look(&mut self) -> Seen {
        let now = Instant::now();
        let play = &self.follower.stream().conf.load().play;
        let limits = Limits { time: play.queue_length.max(TIME), bytes: (play.queue_bytes as u64).max(BYTES) };
        if let Some(skipped) = self.follower.keep_up_within(limits, now) {
            let least = format!("{}, or {} s or {} MiB where that is more", skipped.limit, TIME.as_secs(), BYTES >> 20);
            self.cast.lost(skipped.frames, &least);
        }
        let unix = unix_nanos();
        let newest = self.follower.pending().take(BATCH).last().map(|frame| frame.dts.nanos());
        let mut seen = Seen { frames: 0, ended: false };
        for frame in self.follower.pending().take(BATCH) {
            seen.frames += 1;
            if frame.flags.has(Flags::END) {
                seen.ended = true;
                break;
            }
            let ago = newest.unwrap_or_default().saturating_sub(frame.dts.nanos()).clamp(0, MAX_SPAN);
            self.cast.take(frame, unix.saturating_sub(ago));
        }
        self.follower.advance(seen.frames);
        if seen.frames == 0 {
            self.cast.tick(unix);
        }
        self.cast.apply((seen.frames > 0).then_some(now));
        seen
    }
}

fn unix_nanos() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}
