//! [`Cursor`]: where one player stands in a stream, and what it may skip.

use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_conf::Play;
use weir_flv::tag::TagKind;

use crate::frame::{Flags, Frame};
use crate::hub::Guest;
use crate::jitter::Jitter;
use crate::ring::Position;
use crate::stat::Client;
use crate::stream::{Stream, Watch};

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
}

/// A place in a stream's ring with the clock of one player.
#[derive(Debug)]
pub struct Cursor {
    /// Shown before the ring: configuration and metadata.
    sticky: Arc<[Frame]>,
    shown: usize,
    position: Position,
    jitter: Jitter,
    /// Pictures are left out until a key frame, at the latest until this moment.
    wait_key: Option<Instant>,
}

impl Cursor {
    /// At the place where new players start.
    pub fn new(stream: &Stream) -> Cursor {
        let start = stream.start();
        let jitter = Jitter::new(stream.conf.load().play.time_jitter, start.atc);
        Cursor {
            sticky: stamped(start.sticky, start.restamp),
            shown: 0,
            position: start.position,
            jitter,
            wait_key: None,
        }
    }

    /// What this player has still to get, oldest first, without a lock.
    pub fn pending(&self) -> impl Iterator<Item = &Frame> {
        self.sticky.iter().skip(self.shown).chain(self.position.entries().map(|entry| &entry.frame))
    }

    /// The frames of [`Cursor::pending`] beside the clock that stamps them.
    pub fn pending_and_clock(&mut self) -> (impl Iterator<Item = &Frame>, Clock<'_>) {
        let frames = self.sticky.iter().skip(self.shown).chain(self.position.entries().map(|entry| &entry.frame));
        (frames, Clock { jitter: &mut self.jitter, wait_key: &mut self.wait_key })
    }

    /// Moves past `frames` pending frames.
    pub fn advance(&mut self, frames: usize) {
        let sticky = frames.min(self.sticky.len() - self.shown);
        self.shown += sticky;
        self.position.advance(frames - sticky);
    }

    /// Moves a cursor that is further behind than `limits` to the newest key frame, or, when that is too old too, to
    /// the end of the stream. The newest configuration is shown again.
    pub fn overrun(&mut self, stream: &Stream, limits: Limits, now: Instant) -> Option<Skipped> {
        let late = |position: &Position, end: u64| {
            position.entries().next().is_some_and(|oldest| {
                now.saturating_duration_since(oldest.arrived) > limits.time
                    || end.saturating_sub(oldest.offset) > limits.bytes
            })
        };
        // The age of the oldest frame is looked at without a lock; only a cursor that may be late asks the stream.
        let oldest = self.position.entries().next()?;
        let end = stream.end();
        if now.saturating_duration_since(oldest.arrived) <= limits.time
            && end.bytes.saturating_sub(oldest.offset) <= limits.bytes
        {
            return None;
        }
        let (was, was_bytes) = (self.position.sequence(), oldest.offset);
        self.rejoin(stream, now + limits.time, |position| late(position, end.bytes));
        let frames = self.position.sequence().saturating_sub(was);
        let bytes = self.position.entries().next().map_or(end.bytes, |entry| entry.offset).saturating_sub(was_bytes);
        stream.count_skipped(frames);
        (frames > 0).then_some(Skipped { frames, bytes })
    }

    /// Goes on after a pause: with the newest key frame if one came meanwhile, else where it stood.
    pub fn resume(&mut self, stream: &Stream, now: Instant) {
        let start = stream.start();
        if start.on_key && start.position.sequence() > self.position.sequence() {
            self.rejoin(stream, now, |_| false);
        }
    }

    fn rejoin(&mut self, stream: &Stream, wait_until: Instant, too_old: impl Fn(&Position) -> bool) {
        let start = stream.start();
        let mut position = start.position;
        let usable = start.on_key && position.sequence() > self.position.sequence() && !too_old(&position);
        if !usable {
            position = stream.end_position();
        }
        let video = start.sticky.iter().any(|frame| frame.kind == TagKind::Video);
        self.wait_key = (!usable && video).then_some(wait_until);
        // Configuration takes the time of what follows it, so that the player's clock does not jump back.
        let at = position.entries().next().map_or_else(|| stream.last_time(), |entry| entry.frame.dts);
        self.sticky = stamped(start.sticky, Some(at));
        self.shown = 0;
        self.position = position;
    }
}

/// The clock of one player, apart from its place.
pub struct Clock<'a> {
    jitter: &'a mut Jitter,
    wait_key: &'a mut Option<Instant>,
}

impl Clock<'_> {
    /// The timestamp of `frame` for this player, or nothing when the player waits for a key frame and this is not it.
    pub fn stamp(&mut self, frame: &Frame, now: Instant) -> Option<u32> {
        if let Some(until) = *self.wait_key {
            let picture = frame.kind == TagKind::Video && !frame.flags.has(Flags::CONFIG);
            if picture && !frame.flags.has(Flags::KEY) && now < until {
                return None;
            }
            if picture {
                *self.wait_key = None;
            }
        }
        Some(self.jitter.stamp(frame))
    }
}

/// The frames at another time, when one is given.
fn stamped(frames: Arc<[Frame]>, at: Option<weir_base::MediaTime>) -> Arc<[Frame]> {
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
    guest: Guest,
    watch: Option<Arc<Watch>>,
}

impl Subscriber {
    pub(crate) fn new(guest: Guest) -> Subscriber {
        Subscriber { cursor: Cursor::new(guest.stream()), guest, watch: None }
    }

    /// The stream that is watched.
    pub fn stream(&self) -> &Arc<Stream> {
        self.guest.stream()
    }

    /// The client that watches.
    pub fn client(&self) -> &Arc<Client> {
        self.guest.client()
    }

    /// Waits until something is pending. For players that are served alone; a fan-out group waits for all its players
    /// with one [`Stream::watch`].
    pub async fn ready(&mut self) {
        let watch = self.watch.get_or_insert_with(|| self.guest.stream().watch()).clone();
        while self.cursor.pending().next().is_none() {
            watch.appended().await;
        }
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            self.guest.stream().unwatch(watch);
        }
    }
}

#[cfg(test)]
mod tests;
