//! Which layer of a simulcast a player gets.

use std::time::{Duration, Instant};

use weir_hub::{MAX_LAYERS, MAX_TRACKS, PacketLane};

/// Rates are measured over this long.
const SPAN: Duration = Duration::from_millis(500);
/// A layer is left when the estimate is below this part of its rate, in percent.
const LEAVE: u64 = 95;
/// And taken when the estimate is above this part.
const TAKE: u64 = 115;

/// With room for less than this part of the current layer, in percent, nothing is waited for.
const CHOKED: u64 = 75;
/// A smaller layer is taken when it was the better choice for this long.
const DOWN_AFTER: Duration = Duration::from_millis(600);
/// A larger one for this long, and for longer when the last try did not last.
const UP_AFTER: Duration = Duration::from_millis(1500);
const MAX_UP_AFTER: Duration = Duration::from_secs(24);
/// A larger layer that was left sooner than this was a mistake.
const LASTS: Duration = Duration::from_secs(10);

/// When a player goes to another layer: not at each turn of the estimate, since each change costs a key frame.
#[derive(Debug)]
pub(crate) struct Patience {
    /// What would be better, and since when.
    wish: Option<(bool, Instant)>,
    up_after: Duration,
    went_up: Option<Instant>,
    is_first: bool,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { wish: None, up_after: UP_AFTER, went_up: None, is_first: true }
    }
}

impl Patience {
    /// Whether to go now from a layer of `rate` to the choice. With too little room for what is sent, `is_choked`.
    pub(crate) fn allows(&mut self, rate: u64, choice: Choice, is_same: bool, is_choked: bool, now: Instant) -> bool {
        if is_same {
            self.wish = None;
            return false;
        }
        let is_up = choice.rate > rate;
        let since = match self.wish {
            Some((was_up, since)) if was_up == is_up => since,
            _ => {
                self.wish = Some((is_up, now));
                now
            }
        };
        let waited = now.saturating_duration_since(since);
        // The layer at the start is a guess.
        let needed = if std::mem::take(&mut self.is_first) || (is_up && rate == 0) {
            Duration::ZERO
        } else if is_up {
            self.up_after
        } else if is_choked {
            Duration::ZERO
        } else {
            DOWN_AFTER
        };
        if waited < needed {
            return false;
        }
        if is_up {
            self.went_up = Some(now);
        } else if let Some(went_up) = self.went_up.take() {
            let lasted = now.saturating_duration_since(went_up) >= LASTS;
            self.up_after = if lasted { UP_AFTER } else { (self.up_after * 2).min(MAX_UP_AFTER) };
        }
        self.wish = None;
        true
    }
}

/// Whether there is so little room that what is sent of a layer only stands in its own way.
pub(crate) fn is_choked(rate: u64, room: u64) -> bool {
    room < rate * CHOKED / 100
}

/// What each layer of each track of a stream sends.
#[derive(Debug)]
pub(crate) struct Rates {
    bits: [[u64; MAX_LAYERS]; MAX_TRACKS],
    bytes: [[u64; MAX_LAYERS]; MAX_TRACKS],
    since: Instant,
}

/// A layer for a player.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Choice {
    pub(crate) layer: u8,
    /// Bits a second of it.
    pub(crate) rate: u64,
    /// Those of the best one.
    pub(crate) best: u64,
}

impl Rates {
    pub(crate) fn new(lane: &PacketLane, now: Instant) -> Rates {
        Rates { bits: Default::default(), bytes: counted(lane), since: now }
    }

    /// Measures, when it is time to.
    pub(crate) fn measure(&mut self, lane: &PacketLane, now: Instant) {
        let span = now.saturating_duration_since(self.since);
        if span < SPAN {
            return;
        }
        let bytes = counted(lane);
        for (track, (now, before)) in bytes.iter().zip(&self.bytes).enumerate() {
            for (layer, (now, before)) in now.iter().zip(before).enumerate() {
                let rate = now.saturating_sub(*before) * 8 * 1000 / (span.as_millis() as u64).max(1);
                if let Some(bits) = self.bits.get_mut(track).and_then(|bits| bits.get_mut(layer)) {
                    // Slowly: key frames are large. But who stops is out of the game.
                    *bits = if *bits == 0 || rate == 0 { rate } else { (*bits * 3 + rate) / 4 };
                }
            }
        }
        (self.bytes, self.since) = (bytes, now);
    }

    /// Bits a second of a layer.
    pub(crate) fn of(&self, track: u8, layer: u8) -> u64 {
        self.bits.get(usize::from(track)).and_then(|bits| bits.get(usize::from(layer))).copied().unwrap_or(0)
    }

    /// The largest layer that fits into `room` bits a second, the smallest if none does. The current one is kept when the
    /// difference is small. Layers that send nothing are left out; without any that sends, the current one.
    pub(crate) fn choose(&self, track: u8, layers: usize, current: Option<u8>, room: u64) -> Choice {
        let mut live: Vec<(u64, u8)> = (0..layers.min(MAX_LAYERS) as u8)
            .map(|layer| (self.of(track, layer), layer))
            .filter(|(rate, _)| *rate > 0)
            .collect();
        live.sort_unstable();
        let (Some(&smallest), Some(&largest)) = (live.first(), live.last()) else {
            return Choice { layer: current.unwrap_or(0), rate: 0, best: 0 };
        };
        let fits = |(rate, layer): &&(u64, u8)| {
            let percent = if Some(*layer) == current { LEAVE } else { TAKE };
            rate * percent / 100 <= room
        };
        let (rate, layer) = *live.iter().rev().find(fits).unwrap_or(&smallest);
        Choice { layer, rate, best: largest.0 }
    }
}

fn counted(lane: &PacketLane) -> [[u64; MAX_LAYERS]; MAX_TRACKS] {
    std::array::from_fn(|track| std::array::from_fn(|layer| lane.bytes(track as u8, layer as u8)))
}

#[cfg(test)]
mod tests;
