//! [`Coded`] and [`Sample`]: a frame before and after it has a place on the clock of its publish; [`SampleClock`] places
//! sound by its samples, [`Pace`] compares the two.

use bytes::Bytes;
use weir_base::MediaTime;
use weir_codec::{Codec, Span};

use crate::timeline::{Kind, Oddity};

/// A frame as it was published.
#[derive(Clone, Debug)]
pub struct Coded {
    /// Sound or pictures.
    pub kind: Kind,
    /// How it is coded.
    pub codec: Codec,
    /// Decoding time on the publisher's clock.
    pub dts: MediaTime,
    /// Presentation less decoding time.
    pub cts: MediaTime,
    /// Decoding can start here.
    pub key: bool,
    /// The elementary payload.
    pub payload: Bytes,
    /// When it arrived, in nanoseconds of a clock that its reader chose.
    pub arrived_nanos: i64,
}

/// A frame with all that a container wants to know.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Sound or pictures.
    pub kind: Kind,
    /// When it is decoded.
    pub at: MediaTime,
    /// Presentation less decoding time.
    pub cts: MediaTime,
    /// Decoding can start here.
    pub key: bool,
    /// The elementary payload.
    pub data: Bytes,
    /// How long it lasts, for sound that tells.
    pub span: Option<Span>,
}

/// What ends a part: the frame that comes next, which is not in it.
#[derive(Clone, Copy, Debug)]
pub struct Until {
    /// The kind of that frame.
    pub kind: Kind,
    /// When it is decoded.
    pub at: MediaTime,
}

/// Times of sound by its samples, near to those that were published: RTMP's milliseconds are rounded, samples are not.
#[derive(Clone, Copy, Debug, Default)]
pub struct SampleClock {
    next: Option<Tick>,
}

#[derive(Clone, Copy, Debug)]
struct Tick {
    ticks: i64,
    rate: u32,
}

impl SampleClock {
    /// Published times further away than this are believed: sound was lost, or its clock runs at another speed.
    const SLACK: MediaTime = MediaTime::from_millis(60);

    /// When a frame of such a length that was published for `at` begins, in ticks of its rate.
    pub fn place(&mut self, at: MediaTime, span: Span) -> i64 {
        let kept = self.next.filter(|next| next.rate == span.rate).map(|next| next.ticks);
        let near = |ticks: &i64| {
            let off = MediaTime::from_ticks(*ticks, span.rate) - at;
            off <= Self::SLACK && off >= -Self::SLACK
        };
        let ticks = kept.filter(near).unwrap_or_else(|| at.to_ticks(span.rate));
        self.next = Some(Tick { ticks: ticks.saturating_add(i64::from(span.samples)), rate: span.rate });
        ticks
    }
}

/// Compares how long sound lasts by its samples with how long by its timestamps: a header may tell of another rate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    open: Option<Measured>,
    is_told: bool,
}

/// Frames that follow each other.
#[derive(Clone, Copy, Debug)]
struct Measured {
    first: MediaTime,
    last: MediaTime,
    /// By samples.
    length: MediaTime,
    /// Samples a second.
    rate: u32,
}

impl Pace {
    /// So long is measured: timestamps are off by a tenth of a second at times.
    const WINDOW: MediaTime = MediaTime::from_millis(10_000);
    /// A frame so much later than the one before it follows lost ones.
    const GAP: MediaTime = MediaTime::from_millis(200);
    /// In hundredths; rates that are taken for each other differ by 8 at least.
    const TOLERANCE: i64 = 4;

    /// Takes a frame that was published for `dts`. Tells once that the pace is another.
    pub fn measure(&mut self, dts: MediaTime, span: Span) -> Option<Oddity> {
        if self.is_told {
            return None;
        }
        let is_near = |open: &Measured| dts >= open.last && dts - open.last <= Self::GAP + span.duration();
        let follows = |open: &&mut Measured| open.rate == span.rate && is_near(open);
        let Some(open) = self.open.as_mut().filter(follows) else {
            self.open = Some(Measured { first: dts, last: dts, length: span.duration(), rate: span.rate });
            return None;
        };
        let (passed, length) = (dts - open.first, open.length);
        open.last = dts;
        open.length += span.duration();
        if passed < Self::WINDOW {
            return None;
        }
        self.open = None;
        let by = (length - passed).millis().saturating_mul(100) / passed.millis().max(1);
        self.is_told = by.abs() >= Self::TOLERANCE;
        self.is_told.then_some(Oddity::Pace(by))
    }
}

#[cfg(test)]
mod tests;
