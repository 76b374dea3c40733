//! [`Splice`]: one stream of packets for a player, made of the streams of several sources.

mod count;

use crate::video::{Numbers, Peek};
use count::Counts;
use std::collections::VecDeque;
use std::time::Duration;

/// Numbers left open before a key frame whose parameter sets may have got lost: they stand in packets of their own.
const MAX_ROOM: u64 = 8;
/// How far a packet can be overtaken; what is further behind comes from a source that counts anew.
const MAX_REORDERED: u64 = 1000;
/// Packets of the source to change to that are kept, because they may be of a key frame whose first packet they overtook.
const MAX_KEPT: usize = 64;
/// Pictures a second before two of them have told the distance.
const ASSUMED_RATE: u32 = 50;

/// A packet of a source, as it arrives.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<S> {
    /// Which stream it is of: a layer, a track of one publisher.
    pub source: S,
    /// The sequence number, extended by the times it wrapped.
    pub sequence: u64,
    /// In ticks of the clock.
    pub timestamp: u32,
    /// When it was captured, or else when it arrived; on one clock for all sources.
    pub at: Duration,
    /// What its payload says; [`Peek::WHOLE`] for sound.
    pub peek: Peek,
    /// The numbers in its payload ([`crate::video::numbers`]).
    pub numbers: Numbers,
}

/// What a packet is called in the stream of the player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The lowest 16 bits are those on the wire.
    pub sequence: u64,
    /// In ticks of the clock.
    pub timestamp: u32,
    /// To be written into the payload ([`Numbers::write_into`]), or nothing at all when the payload has none.
    pub numbers: Numbers,
}

/// Makes one continuous stream, as one encoder would send it, out of the layers of a simulcast, or of a publisher that
/// came again.
///
/// - It changes to another source only at the first packet of a key frame of it.
/// - The packet at a change has the number after the highest before it. Later gaps are those of the source, so that a
///   player asks for what got lost. Where the numbers before the key frame of the new source are missing, and the key
///   frame came without parameter sets, up to 8 numbers stay open for them.
/// - At a change the timestamp goes on by the time between the captures, by one picture at least.
/// - Reordered packets of the source of now find their place; those from before the change are dropped, as are those of
///   the source from before.
/// - Packets of a key frame that overtook its first one are kept, 64 of them: [`Splice::take_kept`] gives them back behind
///   the change. It does not change at a key frame whose packets it has forgotten.
/// - Numbers of pictures and layers in payloads go on in the same way.
#[derive(Clone, Debug)]
pub struct Splice<S, P> {
    clock_rate: u32,
    /// The source to change to.
    target: Option<S>,
    /// Of the target and what came of it ahead of its key frame, by number; then what of it is to be placed.
    kept: VecDeque<(u64, P)>,
    /// The highest number of the target among those that are not kept any more.
    forgotten: Option<u64>,
    run: Option<Run<S>>,
    /// The number after the highest.
    next: u64,
    /// Of the picture with the highest timestamp.
    newest: Newest,
    counts: Counts,
}

/// How the packets of the source of now are placed.
#[derive(Clone, Debug)]
struct Run<S> {
    source: S,
    /// Where the change was: number and timestamp of the source.
    key: u64,
    key_timestamp: u32,
    /// Packets of the key frame down to this number have a place.
    first: u64,
    /// What is added to numbers and timestamps of the source.
    sequence_offset: u64,
    timestamp_offset: u32,
}

#[derive(Clone, Debug)]
struct Newest {
    /// In the stream of the player.
    timestamp: u32,
    /// [`None`] before the first.
    at: Option<Duration>,
    /// Ticks from the picture before it.
    distance: u32,
    /// Ticks that `timestamp` is ahead of the captures: changes moved it on by a picture where less time had gone by.
    ahead: i64,
}

impl<S: Copy + PartialEq, P: Clone> Splice<S, P> {
    /// A stream whose first packet has these numbers. `clock_rate` is in ticks a second.
    pub fn new(clock_rate: u32, sequence: u64, timestamp: u32) -> Self {
        let newest = Newest { timestamp, at: None, distance: clock_rate / ASSUMED_RATE, ahead: 0 };
        let counts = Counts::default();
        let kept = VecDeque::new();
        Splice { clock_rate, target: None, kept, forgotten: None, run: None, next: sequence, newest, counts }
    }

    /// Changes to `source` as soon as it has a key frame. The source of now goes on until then; naming it takes an
    /// earlier wish back.
    pub fn switch_to(&mut self, source: S) {
        if self.target != Some(source) {
            // Most players wait for nothing: it gives its memory back.
            (self.kept, self.forgotten) = (VecDeque::new(), None);
        }
        self.target = (self.current() != Some(source)).then_some(source);
    }

    /// The source whose packets are placed.
    pub fn current(&self) -> Option<S> {
        self.run.as_ref().map(|run| run.source)
    }

    /// The source whose key frame is waited for.
    pub fn pending(&self) -> Option<S> {
        self.target
    }

    /// The place of a packet; [`None`] when the player does not get it, or gets it later. Is to be called for every packet
    /// of the current and of the pending source, and then for each of [`Splice::take_kept`]; those of others have no effect.
    pub fn place(&mut self, arrival: &Arrival<S>, packet: &P) -> Option<Placed> {
        if self.target == Some(arrival.source) {
            if !arrival.peek.key || self.is_late(arrival) {
                self.keep(arrival.sequence, packet);
                return None;
            }
            self.change(arrival);
        }
        let run = self.run.as_ref().filter(|run| run.source == arrival.source && run.takes(arrival))?;
        let sequence = arrival.sequence.wrapping_add(run.sequence_offset);
        let timestamp = arrival.timestamp.wrapping_add(run.timestamp_offset);
        // Behind a gap or a change, pictures may be missing between this and the newest.
        let follows = sequence == self.next && arrival.sequence != run.key;
        let longest = if follows { self.clock_rate } else { 0 };
        self.next = self.next.max(sequence.saturating_add(1));
        self.newest.note(timestamp, arrival.at, longest);
        Some(Placed { sequence, timestamp, numbers: self.counts.go_on(arrival.numbers) })
    }

    /// The next of the packets that overtook the key frame of the last change: it can be placed now.
    pub fn take_kept(&mut self) -> Option<P> {
        if self.target.is_some() {
            return None;
        }
        let (_, packet) = self.kept.pop_front()?;
        if self.kept.is_empty() {
            self.kept = VecDeque::new();
        }
        Some(packet)
    }

    fn keep(&mut self, sequence: u64, packet: &P) {
        if self.kept.len() >= MAX_KEPT
            && let Some((oldest, _)) = self.kept.pop_front()
        {
            self.forgotten = self.forgotten.max(Some(oldest));
        }
        self.kept.push_back((sequence, packet.clone()));
    }

    /// A key frame of the target whose packets are not kept any more: it would have holes.
    fn is_late(&self, arrival: &Arrival<S>) -> bool {
        let ahead = self.forgotten.map_or(0, |forgotten| forgotten.saturating_sub(arrival.sequence));
        (1..=MAX_REORDERED).contains(&ahead)
    }

    fn change(&mut self, arrival: &Arrival<S>) {
        let room = self.room_before(arrival);
        let timestamp = self.newest.go_on(arrival.at, self.clock_rate);
        self.run = Some(Run {
            source: arrival.source,
            key: arrival.sequence,
            key_timestamp: arrival.timestamp,
            first: arrival.sequence.saturating_sub(room),
            sequence_offset: self.next.wrapping_add(room).wrapping_sub(arrival.sequence),
            timestamp_offset: timestamp.wrapping_sub(arrival.timestamp),
        });
        self.counts.restart();
        let behind = arrival.sequence..=arrival.sequence.saturating_add(MAX_REORDERED);
        self.kept.retain(|(sequence, _)| behind.contains(sequence));
        self.kept.make_contiguous().sort_unstable_by_key(|(sequence, _)| *sequence);
        (self.target, self.forgotten) = (None, None);
    }

    /// Numbers missing right before a key frame that came without parameter sets.
    fn room_before(&self, arrival: &Arrival<S>) -> u64 {
        let came = self.kept.iter().map(|(sequence, _)| *sequence).chain(self.forgotten);
        let before = came.filter(|sequence| *sequence < arrival.sequence).max();
        let Some(seen) = before.filter(|_| !arrival.peek.config) else { return 0 };
        arrival.sequence.saturating_sub(seen).saturating_sub(1).min(MAX_ROOM)
    }
}

impl<S> Run<S> {
    fn takes(&self, arrival: &Arrival<S>) -> bool {
        let of_key_frame = arrival.sequence >= self.first && arrival.timestamp == self.key_timestamp;
        arrival.sequence >= self.key || of_key_frame
    }
}

impl Newest {
    /// The timestamp of a picture captured at `at` by another source.
    fn go_on(&mut self, at: Duration, clock_rate: u32) -> u32 {
        let Some(before) = self.at else { return self.timestamp };
        let second = i64::from(clock_rate);
        // A capture that seems to be long before is a clock that was set. Half of the range is what counts as forward.
        let due = (ticks(at, clock_rate) - ticks(before, clock_rate)).max(-second) - self.ahead;
        let step = due.clamp(self.distance.into(), i32::MAX.into());
        self.ahead = (step - due).clamp(0, second);
        self.timestamp.wrapping_add(step as u32)
    }

    /// Takes the distance from the picture before for that of pictures, if it is not above `longest`.
    fn note(&mut self, timestamp: u32, at: Duration, longest: u32) {
        let distance = timestamp.wrapping_sub(self.timestamp);
        let forward = (1..=i32::MAX as u32).contains(&distance);
        if forward && distance <= longest {
            self.distance = distance;
        }
        if forward || self.at.is_none() {
            (self.timestamp, self.at) = (timestamp, Some(at));
        }
    }
}

/// The nearest tick; saturates after more than a hundred years.
fn ticks(at: Duration, clock_rate: u32) -> i64 {
    let ticks = at.as_nanos().saturating_mul(clock_rate.into()).saturating_add(500_000_000) / 1_000_000_000;
    i64::try_from(ticks).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
