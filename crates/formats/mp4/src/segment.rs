//! What may stand before a fragment: the type of a segment, the time when it was made.

use crate::boxes::BoxWriter;
use std::time::Duration;

/// Seconds from the epoch of NTP, 1900, to that of Unix, 1970.
const NTP_OF_UNIX_EPOCH: u64 = 2_208_988_800;

/// What a unit of delivery is (ISO/IEC 23000-19 clause 7.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentType {
    /// One or more whole fragments of a single track.
    Segment,
    /// One fragment of a single track, from a picture where decoding can start to before the next.
    Fragment,
    /// A part of a fragment of a single track.
    Chunk,
    /// Several tracks together, which is a media segment of ISO/IEC 23009-1, but none of CMAF.
    Muxed,
}

/// Appends `styp`, which may open a segment or a part (ISO/IEC 14496-12 clause 8.16.2).
pub fn write_styp(segment: SegmentType, out: &mut Vec<u8>) {
    let cmaf = match segment {
        SegmentType::Segment => Some(b"cmfs"),
        SegmentType::Fragment => Some(b"cmff"),
        SegmentType::Chunk => Some(b"cmfl"),
        SegmentType::Muxed => None,
    };
    BoxWriter::new(out).boxed(b"styp", |w| {
        w.bytes(b"msdh");
        w.u32(0);
        w.bytes(b"msdh");
        if let Some(brand) = cmaf {
            w.bytes(brand);
        }
    });
}

/// When a moment of a track was made, by the clock on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerTime {
    /// The track whose moment this is.
    pub track: u32,
    /// Time since the Unix epoch, UTC.
    pub utc: Duration,
    /// The moment, in ticks of the track.
    pub media_time: u64,
    /// What happened then.
    pub meaning: TimeMeaning,
}

/// What happened at the time of a [`ProducerTime`]: the flags of `prft`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TimeMeaning {
    /// The picture went into the encoder.
    EncoderInput = 0,
    /// The picture came out of the encoder.
    EncoderOutput = 1,
    /// The fragment that follows was finished.
    Finished = 2,
    /// The fragment that follows was written.
    Written = 4,
    /// Nothing in particular, but the same for all boxes of the track.
    Consistent = 8,
    /// What is seen happened, up to a small and constant difference.
    Capture = 24,
}

/// Appends `prft`, which stands before the fragment it speaks of (ISO/IEC 14496-12 clause 8.16.5).
///
/// NTP counts 32 bits of seconds, which start anew in 2036.
pub fn write_prft(time: &ProducerTime, out: &mut Vec<u8>) {
    let seconds = NTP_OF_UNIX_EPOCH.saturating_add(time.utc.as_secs()) & 0xffff_ffff;
    let fraction = (u64::from(time.utc.subsec_nanos()) << 32) / 1_000_000_000;
    BoxWriter::new(out).full_box(b"prft", 1, u32::from(time.meaning as u8), |w| {
        w.u32(time.track);
        w.u64(seconds << 32 | fraction);
        w.u64(time.media_time);
    });
}

#[cfg(test)]
mod tests;
