//! [`Clock`]: timestamps of a track on the clock that all tracks of a publisher share.

use std::time::Duration;
use weir_base::MediaTime;

/// Where timestamp and capture differ by more than this, one of them has jumped.
const MAX_APART: MediaTime = MediaTime::from_millis(10_000);
/// What a difference is divided by at each unit: it fades away within some tenths.
const FADING: i64 = 16;
/// The most by which time may run faster or slower meanwhile, as a part of it: 5 % is not heard as a pitch, for nothing is
/// resampled, and 100 ms are made up for in 2 s.
const MAX_SLEW: i64 = 20;
/// Between pictures before two of them have told.
const ASSUMED_STEP: MediaTime = MediaTime::from_millis(20);
/// What lies further apart is no step of pictures.
const MAX_STEP: MediaTime = MediaTime::from_millis(1000);

/// Tells when a unit is shown.
///
/// Timestamps tell the distances of units, to the tick; captures tell where they are among those of other tracks, as sender
/// reports have it. Captures may move when a report comes: that is made up for over many units, so that neither sound nor
/// pictures jump. Where the timestamps themselves jump, time goes on by what has gone by between the captures.
#[derive(Clone, Debug)]
pub struct Clock {
    rate: u32,
    last: Option<Last>,
    /// Between units, when last seen.
    step: MediaTime,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    timestamp: u32,
    captured: MediaTime,
    time: MediaTime,
}

impl Clock {
    /// Of a track with that many ticks a second.
    pub fn new(rate: u32) -> Self {
        Clock { rate: rate.max(1), last: None, step: ASSUMED_STEP }
    }

    /// The time of a unit that was captured at `captured`, counted from the same moment for all tracks. The first has the
    /// time of its capture.
    pub fn time(&mut self, timestamp: u32, captured: Duration) -> MediaTime {
        let captured = MediaTime::from_nanos(i64::try_from(captured.as_nanos()).unwrap_or(i64::MAX));
        let time = self.last.map_or(captured, |last| self.after(last, timestamp, captured));
        self.last = Some(Last { timestamp, captured, time });
        time
    }

    fn after(&mut self, last: Last, timestamp: u32, captured: MediaTime) -> MediaTime {
        let ticks = timestamp.wrapping_sub(last.timestamp).cast_signed();
        let step = MediaTime::from_ticks(ticks.into(), self.rate);
        let apart = captured - (last.time + step);
        if apart > MAX_APART || apart < -MAX_APART {
            return last.time + (captured - last.captured).max(self.step);
        }
        if step > MediaTime::ZERO && step <= MAX_STEP {
            self.step = step;
        }
        let most = step.nanos().saturating_abs() / MAX_SLEW;
        last.time + step + MediaTime::from_nanos((apart.nanos() / FADING).clamp(-most, most))
    }
}

#[cfg(test)]
mod tests;
