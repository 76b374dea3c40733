//! One publish: reads its frames, has them cut, gives what comes of it to its [`Output`].

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use weir_conf::Vhost;
use weir_hub::{Client, Flags, Follower, Stream};

use super::Hls;
use crate::output::Output;
use crate::plan::{Plan, PlanError};
use crate::writer::Writer;

/// How often a stream is looked at that has nothing due: frames wait in the stream meanwhile, which costs nothing.
const LOOK: Duration = Duration::from_millis(500);
/// And how often at most.
const LEAST: Duration = Duration::from_millis(50);
const LEAST_WITH_PARTS: Duration = Duration::from_millis(5);
/// Frames that are read at once; then others have a turn.
const BATCH: usize = 2_000;
/// A batch spans this much at most, whatever its timestamps say.
const MAX_SPAN: i64 = 10_000_000_000;

/// Follows a publish to its end.
pub(super) async fn follow(hls: Arc<Hls>, follower: Follower, client: Arc<Client>) {
    let stream = follower.stream().clone();
    let conf = Arc::clone(&stream.conf.load());
    let plan = match plan_of(&hls, &conf, &stream) {
        Ok(plan) => plan,
        Err(error) => {
            stream.note_fault("HLS", &error.to_string());
            tracing::error!(cid = client.id, "there is no HLS of {}: {error}", stream.key);
            return;
        }
    };
    let output = hls.shared.output_or_new(&stream.key, &plan);
    // The publish before may not have been read to its end.
    let Ok(_turn) = output.turn.clone().acquire_owned().await else { return };
    if !adopt(&hls, &output, &plan, &stream, &client) {
        return;
    }
    let names = (&plan.playlist.path, &plan.playlist.url);
    tracing::info!(
        cid = client.id,
        "HLS of {}: {} segments of {:.3} s, playlist {}, http path {}",
        stream.key,
        plan.format(),
        plan.hls.hls_fragment.as_secs_f64(),
        if plan.hls.hls_disk { names.0 } else { "in memory" },
        names.1,
    );
    let writer = Writer::new(plan.settings());
    let mut run = Run { hls, stream, client, follower, output, conf, plan, writer };
    run.until_the_end().await;
    run.output.leave();
}

struct Run {
    hls: Arc<Hls>,
    stream: Arc<Stream>,
    client: Arc<Client>,
    follower: Follower,
    output: Arc<Output>,
    /// What the plan was made of.
    conf: Arc<Vhost>,
    plan: Arc<Plan>,
    writer: Writer,
}

/// What a look at the stream found.
struct Seen {
    frames: usize,
    ended: bool,
}

impl Run {
    async fn until_the_end(&mut self) {
        loop {
            tokio::select! {
                () = self.rest() => {}
                () = self.hls.ending.cancelled() => {
                    while self.look().frames == BATCH {}
                    return self.finish();
                }
            }
            if !self.is_on() {
                return self.finish();
            }
            let mut seen = self.look();
            while seen.frames == BATCH && !seen.ended {
                tokio::task::yield_now().await;
                seen = self.look();
            }
            if seen.ended || self.output.is_stopped() {
                return self.finish();
            }
        }
    }

    /// Waits until something is due, and then for the frame that it is due with: wake-ups are what most of the cost would
    /// be.
    async fn rest(&self) {
        let least = if self.plan.has_parts() { LEAST_WITH_PARTS } else { LEAST };
        let due = self.writer.due().unwrap_or(LEAST).clamp(least, LOOK);
        tokio::time::sleep(due).await;
        // A stream that is silent is looked at all the same.
        let _ = tokio::time::timeout(LOOK, self.follower.appended()).await;
    }

    /// Reads what came.
    fn look(&mut self) -> Seen {
        let now = Instant::now();
        if let Some(skipped) = self.follower.keep_up(now) {
            tracing::warn!(
                cid = self.client.id,
                "HLS of {}: the server is too busy: {} frames are left out",
                self.stream.key,
                skipped.frames
            );
            self.writer.lost();
        }
        let unix = unix_nanos();
        let newest = self.follower.pending().take(BATCH).last().map(|frame| frame.dts.nanos());
        let mut seen = Seen { frames: 0, ended: false };
        let mut made = Vec::new();
        for frame in self.follower.pending().take(BATCH) {
            seen.frames += 1;
            if frame.flags.has(Flags::END) {
                seen.ended = true;
                break;
            }
            let ago = newest.unwrap_or_default().saturating_sub(frame.dts.nanos()).clamp(0, MAX_SPAN);
            self.writer.push(frame, unix.saturating_sub(ago), &mut made);
        }
        self.follower.advance(seen.frames);
        if seen.frames > 0 {
            self.output.touch(now);
        } else {
            self.writer.tick(unix, &mut made);
        }
        if let Some(limit) = self.output.apply(made, self.writer.held()) {
            self.writer.limit_parts(limit);
        }
        seen
    }

    /// What is open is finished.
    fn finish(&mut self) {
        let mut made = Vec::new();
        self.writer.finish(&mut made);
        self.output.apply(made, 0);
        if self.output.is_stopped() {
            self.output.dispose();
        }
    }

    /// False once the vhost has HLS off. Other settings that changed begin a new segment.
    fn is_on(&mut self) -> bool {
        if Arc::ptr_eq(&self.conf, &self.stream.conf.load()) {
            return true;
        }
        self.conf = Arc::clone(&self.stream.conf.load());
        if !self.conf.hls.enabled {
            return false;
        }
        if self.conf.hls == self.plan.hls {
            return true;
        }
        let plan = match plan_of(&self.hls, &self.conf, &self.stream) {
            Ok(plan) => plan,
            Err(error) => {
                self.stream.note_fault("HLS", &error.to_string());
                tracing::error!(cid = self.client.id, "HLS of {} ends: {error}", self.stream.key);
                return false;
            }
        };
        let goes_on = self.plan.goes_on_with(&plan);
        if !goes_on {
            self.finish();
        }
        if !adopt(&self.hls, &self.output, &plan, &self.stream, &self.client) {
            return false;
        }
        if !goes_on {
            self.writer = Writer::new(plan.settings());
        }
        self.plan = plan;
        true
    }
}

fn plan_of(hls: &Hls, conf: &Vhost, stream: &Stream) -> Result<Arc<Plan>, PlanError> {
    Ok(Arc::new(Plan::new(&hls.hub.conf(), conf, &stream.key)?))
}

/// Makes a publish the one that an output is written by. An idle stream that had the same playlist gives it up.
fn adopt(hls: &Hls, output: &Arc<Output>, plan: &Arc<Plan>, stream: &Arc<Stream>, client: &Arc<Client>) -> bool {
    let mut holder = match output.adopt(plan.clone(), stream, client) {
        Ok(()) => return true,
        Err(holder) => holder,
    };
    if !holder.is_written() {
        holder.dispose();
        holder.retire();
        hls.shared.forget(&holder);
        match output.adopt(plan.clone(), stream, client) {
            Ok(()) => return true,
            Err(other) => holder = other,
        }
    }
    let why = format!("{} writes {} (hls_path, hls_m3u8_file)", holder.key, plan.playlist.path);
    stream.note_fault("HLS", &why);
    tracing::error!(cid = client.id, "there is no HLS of {}: {why}", stream.key);
    false
}

fn unix_nanos() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}
