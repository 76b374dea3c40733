//! [`Cursor`]: where one player stands in a stream, and what it may skip.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use weir_base::MediaTime;
use weir_conf::{Play, TimeJitter};
use weir_flv::tag::TagKind;

use crate::backlog::Backlog;
use crate::frame::Frame;
use crate::hub::Guest;
use crate::jitter::Jitter;
use crate::lane::{Lane, Start, Watch};
use crate::ring::Position;
use crate::stat::Client;
use crate::stream::Stream;

/// How far a player may fall behind before it is cut to the newest key frame.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// `queue_length`.
    pub time: Duration,
    /// `queue_bytes`.
    pub bytes: u64,
}

impl Limits {
    /// From the vhost's `play` block.
    pub fn of(play: &Play) -> Limits {
        Limits { time: play.queue_length, bytes: play.queue_bytes as u64 }
    }
}

/// A player fell behind and was moved on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Skipped {
    /// Frames it will not get.
    pub frames: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
    /// The directive with the limit that it reached.
    pub limit: &'static str,
}

/// A place in a stream's ring with the clock of one player.
#[derive(Debug)]
pub struct Cursor {
    /// Shown before the ring: configuration and metadata.
    sticky: Arc<[Frame]>,
    shown: usize,
    position: Position<Frame>,
    /// Frames that were there before count from here when the age of the backlog is measured.
    joined: Instant,
    jitter: Jitter,
    atc: Arc<AtomicBool>,
    /// Pictures are left out until a key frame, at the latest until this moment.
    wait_key: Option<Instant>,
}

impl Cursor {
    /// At the place of a lane where new readers start.
    pub fn new(lane: &Lane, jitter: TimeJitter, now: Instant) -> Cursor {
        let start = lane.start();
        let position = start.key.unwrap_or(start.end);
        // SRS: with atc, configuration carries the time of the first frame that follows.
        let restamp = lane.atc().load(Ordering::Relaxed).then(|| first_time(&position).unwrap_or(start.last));
        Cursor {
            sticky: stamped(start.sticky, restamp),
            shown: 0,
            position,
            joined: now,
            jitter: Jitter::new(jitter),
            atc: lane.atc().clone(),
            wait_key: None,
        }
    }

    /// What this player has still to get, oldest first, without a lock.
    pub fn pending(&self) -> impl Iterator<Item = &Frame> {
        self.sticky.iter().skip(self.shown).chain(self.position.entries().map(|entry| &entry.item))
    }

    /// The frames of [`Cursor::pending`] beside the clock that stamps them.
    pub fn pending_and_clock(&mut self) -> (impl Iterator<Item = &Frame>, Clock<'_>) {
        let frames = self.sticky.iter().skip(self.shown).chain(self.position.entries().map(|entry| &entry.item));
        let atc = self.atc.load(Ordering::Relaxed);
        (frames, Clock { jitter: &mut self.jitter, atc, wait_key: &mut self.wait_key })
    }

    /// The number of the frame that this player gets next, if it is one of the ring and no picture is left out: players at
    /// the same place have the same frames to get.
    pub fn place(&self) -> Option<u64> {
        (self.shown == self.sticky.len() && self.wait_key.is_none()).then(|| self.position.sequence())
    }

    /// Hands out the pending frames and the clock that stamps them. Moves past as many frames as `take` answers; with no
    /// answer the cursor and its clock stay as they were.
    pub fn attempt<R>(
        &mut self,
        take: impl FnOnce(&mut dyn Iterator<Item = &Frame>, &mut Clock<'_>) -> Option<(usize, R)>,
    ) -> Option<R> {
        let (jitter, wait_key) = (self.jitter.clone(), self.wait_key);
        let (mut frames, mut clock) = self.pending_and_clock();
        let taken = take(&mut frames, &mut clock);
        drop(frames);
        match taken {
            Some((frames, result)) => {
                self.advance(frames);
                Some(result)
            }
            None => {
                (self.jitter, self.wait_key) = (jitter, wait_key);
                None
            }
        }
    }

    /// Moves past `frames` pending frames.
    pub fn advance(&mut self, frames: usize) {
        let sticky = frames.min(self.sticky.len() - self.shown);
        self.shown += sticky;
        self.position.advance(frames - sticky);
    }

    /// Moves a cursor that is further behind than `limits` to the newest key frame, or, when that is too old too, to
    /// the end of the stream. The newest configuration is shown again. A cursor within its limits costs no lock.
    pub fn overrun(&mut self, lane: &Lane, limits: Limits, now: Instant) -> Option<Skipped> {
        let (end, joined) = (lane.bytes(), self.joined);
        // The offset of the oldest frame at a place, and the limit that it is beyond.
        let look = |position: &Position<Frame>| {
            let oldest = position.entries().next()?;
            let age = now.saturating_duration_since(oldest.arrived.max(joined));
            let too_old = (age > limits.time).then_some("play.queue_length");
            let too_much = (end.saturating_sub(oldest.offset) > limits.bytes).then_some("play.queue_bytes");
            Some((oldest.offset, too_old.or(too_much)))
        };
        let (offset, limit) = look(&self.position)?;
        let limit = limit?;
        let was = self.position.sequence();
        self.rejoin(lane.start(), now + limits.time, |key| look(key).is_some_and(|(_, limit)| limit.is_some()));
        let frames = self.position.sequence().saturating_sub(was);
        let now_at = self.position.entries().next().map_or(end, |entry| entry.offset);
        (frames > 0).then_some(Skipped { frames, bytes: now_at.saturating_sub(offset), limit })
    }

    /// What waits for this player. It costs no lock.
    pub fn backlog(&self, lane: &Lane, now: Instant) -> Backlog {
        let Some(oldest) = self.position.entries().next() else { return Backlog::default() };
        Backlog {
            frames: lane.sequence().saturating_sub(self.position.sequence()),
            bytes: lane.bytes().saturating_sub(oldest.offset),
            age: now.saturating_duration_since(oldest.arrived.max(self.joined)),
        }
    }

    /// Goes on after a pause: with the newest key frame if one came meanwhile, else where it stood.
    pub fn resume(&mut self, lane: &Lane, now: Instant) {
        let start = lane.start();
        if start.key.as_ref().is_some_and(|key| key.sequence() > self.position.sequence()) {
            self.rejoin(start, now, |_| false);
        }
    }

    fn rejoin(&mut self, start: Start, wait_until: Instant, too_old: impl Fn(&Position<Frame>) -> bool) {
        let newer = |key: &Position<Frame>| key.sequence() > self.position.sequence() && !too_old(key);
        let key = start.key.filter(newer);
        let video = start.sticky.iter().any(|frame| frame.kind == TagKind::Video);
        self.wait_key = (key.is_none() && video).then_some(wait_until);
        self.position = key.unwrap_or(start.end);
        // Configuration takes the time of what follows it, so that the player's clock does not jump back.
        self.sticky = stamped(start.sticky, Some(first_time(&self.position).unwrap_or(start.last)));
        self.shown = 0;
    }
}

/// The time of the first frame at a place, if it came already.
fn first_time(position: &Position<Frame>) -> Option<MediaTime> {
    position.entries().next().map(|entry| entry.item.dts)
}

/// The clock of one player, apart from its place.
pub struct Clock<'a> {
    jitter: &'a mut Jitter,
    atc: bool,
    wait_key: &'a mut Option<Instant>,
}

impl Clock<'_> {
    /// The timestamp of `frame` for this player, or nothing when the player waits for a key frame and this is not it.
    pub fn stamp(&mut self, frame: &Frame, now: Instant) -> Option<u32> {
        if let Some(until) = *self.wait_key {
            let picture = frame.kind == TagKind::Video && !frame.flags.is_kept();
            if picture && !frame.flags.is_start() && now < until {
                return None;
            }
            if picture {
                *self.wait_key = None;
            }
        }
        Some(self.jitter.stamp(frame, self.atc))
    }
}

/// The frames at another time, when one is given.
fn stamped(frames: Arc<[Frame]>, at: Option<MediaTime>) -> Arc<[Frame]> {
    match at {
        Some(at) if !frames.is_empty() => frames.iter().map(|frame| frame.at(at)).collect(),
        _ => frames,
    }
}

/// A player of a stream: its cursor, its place among the clients, and its wake-up. Dropping it leaves the stream.
#[derive(Debug)]
pub struct Subscriber {
    /// Where it stands.
    pub cursor: Cursor,
    lane: Arc<Lane>,
    guest: Guest,
    watch: Option<Arc<Watch>>,
}

impl Subscriber {
    pub(crate) fn new(guest: Guest) -> Subscriber {
        let lane = guest.stream().lane().clone();
        Subscriber { cursor: cursor(guest.stream(), &lane), lane, guest, watch: None }
    }

    /// Goes on with what stands in another lane of the same stream, where new readers start.
    pub fn switch(&mut self, lane: Arc<Lane>) {
        if let Some(watch) = self.watch.take() {
            self.lane.unwatch(&watch);
        }
        self.cursor = cursor(self.guest.stream(), &lane);
        self.lane = lane;
    }

    /// What it is served from.
    pub fn lane(&self) -> &Arc<Lane> {
        &self.lane
    }

    /// The stream that is watched.
    pub fn stream(&self) -> &Arc<Stream> {
        self.guest.stream()
    }

    /// The client that watches.
    pub fn client(&self) -> &Arc<Client> {
        self.guest.client()
    }

    /// Moves a player that is too far behind to the newest key frame, counts what it misses and says so.
    pub fn cut_if_late(&mut self, now: Instant) {
        let Some(skipped) = self.keep_up(now) else { return };
        let (client, stream) = (self.client(), self.stream());
        stream.count_skipped(skipped.frames);
        client.queue.lose(skipped.limit, skipped.frames, skipped.bytes, SystemTime::now());
        let limits = Limits::of(&stream.conf.load().play);
        tracing::warn!(
            cid = client.id,
            "player {} of {} is too slow: skipped {} frames ({} bytes) to the newest key frame \
             (play.queue_length {} s, play.queue_bytes {})",
            client.ip,
            stream.key,
            skipped.frames,
            skipped.bytes,
            limits.time.as_secs(),
            limits.bytes,
        );
    }

    /// The same for a player that is not served at the moment by its own wish: nothing is counted or said.
    pub fn keep_up(&mut self, now: Instant) -> Option<Skipped> {
        let limits = Limits::of(&self.guest.stream().conf.load().play);
        self.cursor.overrun(&self.lane, limits, now)
    }

    /// Tells the API what waits for this player, with `unsent` bytes that its socket did not take. Called a few times a
    /// second.
    pub fn report(&self, unsent: u64, now: Instant) {
        let mut backlog = self.cursor.backlog(&self.lane, now);
        backlog.bytes += unsent;
        self.client().queue.report(backlog);
    }

    /// Goes on after a pause: with the newest key frame if one came meanwhile.
    pub fn resume(&mut self, now: Instant) {
        self.cursor.resume(&self.lane, now);
    }

    /// The wake-up of this player alone, registered when it is first asked for. The players of a fan-out group share one
    /// instead, see [`Lane::watch`].
    pub fn watch(&mut self) -> &Arc<Watch> {
        self.watch.get_or_insert_with(|| self.lane.watch())
    }
}

fn cursor(stream: &Stream, lane: &Lane) -> Cursor {
    Cursor::new(lane, stream.conf.load().play.time_jitter, Instant::now())
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            self.lane.unwatch(watch);
        }
    }
}

#[cfg(test)]
mod tests;
