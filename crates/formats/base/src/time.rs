//! [`MediaTime`]: the one unit of media timestamps.

use std::fmt;
use std::ops::{Add, AddAssign, Neg, Sub};

/// A point or a span on a stream's own clock, in nanoseconds.
///
/// Nanoseconds carry RTMP milliseconds and the nanosecond offsets of enhanced RTMP exactly; a 90 kHz or 48 kHz tick
/// survives the round trip, because [`MediaTime::to_ticks`] rounds to the nearest tick and a tick is longer than 1 ns.
/// Arithmetic saturates: a hostile timestamp cannot overflow it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MediaTime(i64);

impl MediaTime {
    /// The start of the stream's clock.
    pub const ZERO: MediaTime = MediaTime(0);

    /// From nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        MediaTime(nanos)
    }

    /// From milliseconds, the unit of RTMP and FLV.
    pub const fn from_millis(millis: i64) -> Self {
        MediaTime(millis.saturating_mul(1_000_000))
    }

    /// From ticks of a clock of `hz` ticks a second (90 000 for MPEG-TS, 48 000 for Opus), rounded to the nearest ns.
    pub const fn from_ticks(ticks: i64, hz: u32) -> Self {
        MediaTime(scale(ticks, 1_000_000_000, hz as i128))
    }

    /// Nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Milliseconds, rounded towards minus infinity, as an FLV tag wants them.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Ticks of a clock of `hz`, rounded to the nearest.
    pub const fn to_ticks(self, hz: u32) -> i64 {
        scale(self.0, hz as i128, 1_000_000_000)
    }
}

/// `value * num / den`, rounded to the nearest, saturating. `den` of 0 counts as 1.
const fn scale(value: i64, num: i128, den: i128) -> i64 {
    let den = if den == 0 { 1 } else { den };
    let scaled = (value as i128 * num + den / 2).div_euclid(den);
    if scaled > i64::MAX as i128 {
        i64::MAX
    } else if scaled < i64::MIN as i128 {
        i64::MIN
    } else {
        scaled as i64
    }
}

impl Add for MediaTime {
    type Output = MediaTime;
    fn add(self, other: MediaTime) -> MediaTime {
        MediaTime(self.0.saturating_add(other.0))
    }
}

impl AddAssign for MediaTime {
    fn add_assign(&mut self, other: MediaTime) {
        *self = *self + other;
    }
}

impl Sub for MediaTime {
    type Output = MediaTime;
    fn sub(self, other: MediaTime) -> MediaTime {
        MediaTime(self.0.saturating_sub(other.0))
    }
}

impl Neg for MediaTime {
    type Output = MediaTime;
    fn neg(self) -> MediaTime {
        MediaTime(self.0.saturating_neg())
    }
}

/// As seconds with millisecond digits: `12.345s`.
impl fmt::Debug for MediaTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let millis = self.0.unsigned_abs() / 1_000_000;
        write!(f, "{sign}{}.{:03}s", millis / 1000, millis % 1000)
    }
}

#[cfg(test)]
mod tests;
