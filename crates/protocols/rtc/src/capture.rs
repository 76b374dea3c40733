//! [`CaptureClock`]: when a packet was captured, on the server's clock.
//!
//! Packets of sound and of pictures that were captured together must be told as such, although they come by different
//! ways and the publisher's clock is another one. Sender reports (RFC 3550 §6.4.1) say which timestamp belongs to which
//! time of the publisher's clock; before the first one, a track's clock is tied to the packet that came with the least delay.

use std::time::{Duration, Instant, SystemTime};

/// A track whose timestamps jump by more than this has begun anew.
const MAX_JUMP: Duration = Duration::from_secs(10);

/// The clock of one publisher.
#[derive(Debug, Default)]
pub(crate) struct CaptureClock {
    /// A moment of the publisher's clock, and the same moment here as the report that arrived with the least delay told.
    wall: Option<(SystemTime, Instant)>,
}

/// The clock of one of its tracks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrackClock {
    rate: u32,
    /// A timestamp and when it was captured.
    anchor: Option<(u32, Instant)>,
    is_reported: bool,
}

impl CaptureClock {
    /// A sender report of `track` that came at `now`: `timestamp` was captured at `ntp` of the publisher's clock.
    pub(crate) fn report(&mut self, track: &mut TrackClock, timestamp: u32, ntp: SystemTime, now: Instant) {
        let here = self.here(ntp, now);
        // A report that took longer than the best so far says the same, later.
        let Some(at) = here.filter(|at| *at <= now) else {
            self.wall = Some((ntp, now));
            track.anchor = Some((timestamp, now));
            track.is_reported = true;
            return;
        };
        track.anchor = Some((timestamp, at));
        track.is_reported = true;
    }

    /// A moment of the publisher's clock, here; nothing without a report, or when its clock was set anew.
    fn here(&self, ntp: SystemTime, now: Instant) -> Option<Instant> {
        let (wall, at) = self.wall?;
        let here = match ntp.duration_since(wall) {
            Ok(later) => at.checked_add(later)?,
            Err(earlier) => at.checked_sub(earlier.duration())?,
        };
        (apart(here, now) < MAX_JUMP).then_some(here)
    }
}

impl TrackClock {
    /// Of a track with that many ticks in a second.
    pub(crate) fn new(rate: u32) -> TrackClock {
        TrackClock { rate: rate.max(1), anchor: None, is_reported: false }
    }

    /// When a packet with that timestamp, which came at `now`, was captured.
    pub(crate) fn captured(&mut self, timestamp: u32, now: Instant) -> Instant {
        let at =
            self.anchor.and_then(|(anchor, at)| moved(at, timestamp.wrapping_sub(anchor).cast_signed(), self.rate));
        match at {
            Some(at) if apart(at, now) < MAX_JUMP && (at <= now || self.is_reported) => {
                // The difference of timestamps is 32 bits wide: the anchor follows.
                self.anchor = Some((timestamp, at));
                at.min(now)
            }
            _ => {
                self.anchor = Some((timestamp, now));
                self.is_reported = false;
                now
            }
        }
    }
}

fn moved(at: Instant, ticks: i32, rate: u32) -> Option<Instant> {
    let by = Duration::from_nanos(u64::from(ticks.unsigned_abs()) * 1_000_000_000 / u64::from(rate));
    if ticks < 0 { at.checked_sub(by) } else { at.checked_add(by) }
}

fn apart(a: Instant, b: Instant) -> Duration {
    a.saturating_duration_since(b).max(b.saturating_duration_since(a))
}

#[cfg(test)]
mod tests;
