//! [`Coded`] and [`Sample`]: a frame before and after it has a place on the clock of its publish; [`SampleClock`] places
//! sound by its samples.

use bytes::Bytes;
use weir_base::MediaTime;
use weir_codec::{Codec, Span};

use crate::timeline::Kind;

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

#[cfg(test)]
mod tests;
