//! [`MediaPlaylist`]: the segments of one rendition, and for low latency the parts of its newest.

mod parse;
mod write;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// How durations of segments are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As SRS does: milliseconds, and `no desc` for a title. A playlist that has only what SRS has comes out byte for byte
    /// like SRS's.
    Srs,
    /// To 10 µs, without a title: sums do not drift, and parts add up to their segment.
    Exact,
}

/// A media playlist (clause 4.4.3), of a live stream unless it has ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MediaPlaylist {
    /// EXT-X-VERSION that is asked for. What is written is higher where the content needs it.
    pub version: u8,
    /// EXT-X-TARGETDURATION in seconds: no segment, rounded to the nearest second, is longer. Must not change.
    pub target_duration: u32,
    /// EXT-X-MEDIA-SEQUENCE: the number of the first segment.
    pub media_sequence: u64,
    /// EXT-X-DISCONTINUITY-SEQUENCE: discontinuities that have left the playlist. Not written when 0.
    pub discontinuity_sequence: u64,
    /// EXT-X-INDEPENDENT-SEGMENTS: every segment can be decoded without the others.
    pub independent_segments: bool,
    /// EXT-X-SERVER-CONTROL.
    pub server_control: Option<ServerControl>,
    /// PART-TARGET of EXT-X-PART-INF: no part is longer. Must be there when there are parts.
    pub part_target: Option<Duration>,
    /// The segments, oldest first.
    pub segments: VecDeque<Segment>,
    /// The parts of the segment that is still being made, behind all segments.
    pub open: Option<OpenSegment>,
    /// EXT-X-PRELOAD-HINT: what comes next. One of each kind at most.
    pub hints: Vec<PreloadHint>,
    /// EXT-X-RENDITION-REPORT: how far the other renditions are.
    pub reports: Vec<RenditionReport>,
    /// EXT-X-ENDLIST: nothing will be added.
    // SRS: never there, not even when the publisher has left.
    pub ended: bool,
}

/// What a server can do for a client that asks (clause 4.4.3.8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerControl {
    /// CAN-BLOCK-RELOAD: a request for a future playlist waits for it.
    pub can_block_reload: bool,
    /// CAN-SKIP-UNTIL: segments further from the end may be left out of a delta update. At least six target durations.
    pub can_skip_until: Option<Duration>,
    /// HOLD-BACK: where to start playing, from the end. At least three target durations.
    pub hold_back: Option<Duration>,
    /// PART-HOLD-BACK: the same for low latency. At least two part targets, better three.
    pub part_hold_back: Option<Duration>,
}

/// A finished segment (clause 4.4.4).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segment {
    /// What applies from its first sample on.
    pub start: SegmentStart,
    /// Its parts. They are written only while they are near the end of the playlist.
    pub parts: Vec<Part>,
    /// EXTINF.
    pub duration: Duration,
    /// Where it is.
    pub uri: String,
    /// EXT-X-GAP: it is missing and must not be asked for.
    pub gap: bool,
}

/// A segment that has parts already and is not finished.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpenSegment {
    /// What applies from its first sample on. Written with its first part.
    pub start: SegmentStart,
    /// The parts so far.
    pub parts: Vec<Part>,
}

/// What applies from the first sample of a segment on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SegmentStart {
    /// EXT-X-DISCONTINUITY: timestamps or coding change here.
    pub discontinuity: bool,
    /// EXT-X-MAP: the initialization section it needs. Written where it changes.
    pub map: Option<Arc<Map>>,
    /// EXT-X-KEY: what it is encrypted with. Written where it changes, and at the start of the playlist.
    pub key: Option<Arc<Key>>,
    /// EXT-X-PROGRAM-DATE-TIME: the time of its first sample, in nanoseconds since 1970, UTC. Written in milliseconds.
    pub program_date_time: Option<i64>,
}

/// EXT-X-MAP (clause 4.4.4.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    /// Where the initialization section is.
    pub uri: String,
    /// It is encrypted with the key of the first segment that needs it.
    pub encrypted: bool,
}

/// EXT-X-KEY with METHOD=AES-128 (clause 4.4.4.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// Where the 16 bytes of the key are.
    pub uri: String,
    /// The initialization vector; without it, each segment's is its media sequence number.
    pub iv: Option<[u8; 16]>,
}

/// EXT-X-PART (clause 4.4.4.9).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// How long it is: at most the part target, at least 85 % of it but for a few cases.
    pub duration: Duration,
    /// Where it is.
    pub uri: String,
    /// Decoding can start in it.
    pub independent: bool,
    /// It is missing and must not be asked for.
    pub gap: bool,
}

/// EXT-X-PRELOAD-HINT (clause 4.4.5.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreloadHint {
    /// What will be there.
    pub kind: HintKind,
    /// Where it will be; a request waits for it.
    pub uri: String,
}

/// What a hint is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HintKind {
    /// The next part.
    Part,
    /// The next initialization section.
    Map,
}

/// EXT-X-RENDITION-REPORT (clause 4.4.5.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenditionReport {
    /// The playlist of the other rendition, relative to this one.
    pub uri: String,
    /// Its last media sequence number, that of an open segment when it has parts.
    pub last_msn: u64,
    /// The index of its last part in that segment.
    pub last_part: Option<u64>,
}

impl MediaPlaylist {
    /// The media sequence number of the segment behind the last finished one: of the open one, when there is one.
    pub fn next_msn(&self) -> u64 {
        self.media_sequence.saturating_add(self.segments.len() as u64)
    }

    /// Takes the oldest segment out, and counts it and its discontinuity in the two sequences.
    pub fn remove_oldest(&mut self) -> Option<Segment> {
        let oldest = self.segments.pop_front()?;
        self.media_sequence = self.media_sequence.saturating_add(1);
        let discontinuities = u64::from(oldest.start.discontinuity);
        self.discontinuity_sequence = self.discontinuity_sequence.saturating_add(discontinuities);
        Some(oldest)
    }

    /// How long all finished segments are together.
    pub fn duration(&self) -> Duration {
        sum(self.segments.iter().map(|segment| segment.duration))
    }

    /// The target duration that SRS writes: the longest segment or `least`, which is what a segment should last, in seconds
    /// rounded up.
    // SRS: it follows the segments, so it may change from one playlist to the next.
    pub fn srs_target_duration(&self, least: Duration) -> u32 {
        let longest = self.segments.iter().map(|segment| segment.duration).fold(least, Duration::max);
        let seconds = longest.as_secs().saturating_add(u64::from(longest.subsec_nanos() > 0));
        u32::try_from(seconds).unwrap_or(u32::MAX)
    }

    /// Segments that a delta update leaves out (clause 6.2.5.1): those that end further from the end of the last finished
    /// segment than CAN-SKIP-UNTIL. 0 for a playlist without CAN-SKIP-UNTIL, and for one that has ended.
    pub fn skippable(&self) -> usize {
        let until = self.server_control.and_then(|control| control.can_skip_until).filter(|_| !self.ended);
        let Some(until) = until else { return 0 };
        let mut behind = Duration::ZERO;
        for (index, segment) in self.segments.iter().enumerate().rev() {
            if behind >= until {
                return index + 1;
            }
            behind = behind.saturating_add(segment.duration);
        }
        0
    }

    /// The first segment whose parts are written (clause 6.2.2): it starts at most three target durations before the end
    /// of the playlist, open parts counted.
    pub(crate) fn first_with_parts(&self) -> usize {
        let near = Duration::from_secs(u64::from(self.target_duration) * 3);
        let open = self.open.iter().flat_map(|open| &open.parts).map(|part| part.duration);
        let mut behind = sum(open);
        for (index, segment) in self.segments.iter().enumerate().rev() {
            behind = behind.saturating_add(segment.duration);
            if behind > near {
                return index + 1;
            }
        }
        0
    }
}

pub(crate) fn sum(durations: impl Iterator<Item = Duration>) -> Duration {
    durations.fold(Duration::ZERO, Duration::saturating_add)
}

#[cfg(test)]
pub(crate) mod tests;
