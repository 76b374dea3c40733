//! [`JitterBuffer`]: packets in the order of their sequence numbers.

use std::collections::BTreeMap;
use std::time::Duration;

/// How long a gap is waited for: a lost packet is asked for at once, and comes again after a round trip and the sender's
/// next moment. This is two of them between continents, and as late as a player's own buffer forgives.
pub const DEFAULT_WAIT: Duration = Duration::from_millis(250);

/// Packets that wait behind a gap at most: half of a second at 30 Mb/s.
const MAX_PACKETS: usize = 2048;
/// Bytes that wait behind a gap at most.
const MAX_BYTES: usize = 4 << 20;
/// A number that is further away than this is of a source that counts anew (RFC 3550 clause A.1 has 3000 and 100; this is
/// [`crate::splice`]'s).
const MAX_JUMP: u64 = 1000;

/// What comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordered<T> {
    /// The next packet.
    Packet(T),
    /// That many packets ahead of the next one are given up; 0 when the source counts anew.
    Gap(u64),
}

/// Puts packets in order. A packet in its order leaves at once: nothing is added to the latency where nothing is lost.
///
/// Behind a gap packets wait for what is missing, up to [`DEFAULT_WAIT`], 2048 packets and 4 MiB. One that comes twice, or
/// after it was given up, is dropped. A number that is more than 1000 away begins anew as soon as a second one near it says
/// the same.
#[derive(Clone, Debug)]
pub struct JitterBuffer<T> {
    wait: Duration,
    /// The number of the next packet; [`None`] before the first.
    next: Option<u64>,
    held: BTreeMap<u64, Held<T>>,
    bytes: usize,
    /// A packet far away from all others.
    stray: Option<(u64, Held<T>)>,
    /// The source counts anew, and that is not said yet.
    is_anew: bool,
    dropped: u64,
}

#[derive(Clone, Debug)]
struct Held<T> {
    item: T,
    bytes: usize,
    since: Duration,
}

impl<T> JitterBuffer<T> {
    /// Waits for a missing packet as long as that.
    pub fn new(wait: Duration) -> Self {
        JitterBuffer { wait, next: None, held: BTreeMap::new(), bytes: 0, stray: None, is_anew: false, dropped: 0 }
    }

    /// Takes a packet of `bytes` bytes with its extended sequence number ([`extend`]), which came at `now`. To be followed by
    /// [`JitterBuffer::poll`] until that gives nothing.
    pub fn push(&mut self, sequence: u64, bytes: usize, item: T, now: Duration) {
        let held = Held { item, bytes, since: now };
        let next = *self.next.get_or_insert(sequence);
        let newest = self.held.last_key_value().map_or(next, |(newest, _)| *newest);
        if sequence.saturating_sub(newest) > MAX_JUMP || next.saturating_sub(sequence) > MAX_JUMP {
            self.push_far(sequence, held);
        } else if sequence < next || self.held.contains_key(&sequence) {
            self.dropped = self.dropped.saturating_add(1);
        } else {
            self.hold(sequence, held);
        }
    }

    /// The next packet or gap that is due at `now`.
    pub fn poll(&mut self, now: Duration) -> Option<Ordered<T>> {
        if std::mem::take(&mut self.is_anew) {
            return Some(Ordered::Gap(0));
        }
        let next = self.next?;
        let first = *self.held.first_entry()?.key();
        if first > next {
            let is_full = self.held.len() > MAX_PACKETS || self.bytes > MAX_BYTES;
            let is_due = is_full || self.deadline().is_some_and(|due| due <= now);
            return is_due.then(|| {
                self.next = Some(first);
                Ordered::Gap(first - next)
            });
        }
        let (_, held) = self.held.pop_first()?;
        self.bytes = self.bytes.saturating_sub(held.bytes);
        self.next = Some(next.saturating_add(1));
        Some(Ordered::Packet(held.item))
    }

    /// When [`JitterBuffer::poll`] is due, if nothing comes before.
    pub fn deadline(&self) -> Option<Duration> {
        // The first to come behind the gap noticed it, whatever its number.
        self.held.values().map(|held| held.since).min().map(|since| since.saturating_add(self.wait))
    }

    /// Packets that came twice or too late.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// One alone may be a mistake; the second is not.
    fn push_far(&mut self, sequence: u64, held: Held<T>) {
        match self.stray.take() {
            Some((first, stray)) if first != sequence && first.abs_diff(sequence) <= MAX_JUMP => {
                self.dropped = self.dropped.saturating_add(self.held.len() as u64);
                self.held.clear();
                self.bytes = 0;
                self.is_anew = true;
                self.next = Some(first.min(sequence));
                self.hold(first, stray);
                self.hold(sequence, held);
            }
            before => {
                self.dropped = self.dropped.saturating_add(u64::from(before.is_some()));
                self.stray = Some((sequence, held));
            }
        }
    }

    fn hold(&mut self, sequence: u64, held: Held<T>) {
        self.bytes = self.bytes.saturating_add(held.bytes);
        self.held.insert(sequence, held);
    }
}

/// The sequence number of RTP, extended: the one that is nearest to `near`, which is of a packet that came shortly before.
pub fn extend(sequence: u16, near: u64) -> u64 {
    let distance = sequence.wrapping_sub(near as u16).cast_signed();
    near.checked_add_signed(distance.into()).unwrap_or(near.saturating_add(u64::from(distance.cast_unsigned())))
}

#[cfg(test)]
mod tests;
