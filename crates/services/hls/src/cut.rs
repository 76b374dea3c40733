//! [`Cutter`]: where segments and parts end. Media time only: no clock, no container, no files.

mod grid;

use std::sync::Arc;
use std::time::Duration;

use weir_base::MediaTime;
use weir_conf::Hls;

pub(crate) use grid::{Grid, WALL_SLACK};

/// A segment shorter than this is not ended for its length, nor for what comes behind it.
pub(crate) const MIN_REAP: MediaTime = MediaTime::from_millis(200);
/// A segment shorter than this when its stream ends is not worth a file; its number is used again.
pub(crate) const MIN_SEGMENT: MediaTime = MediaTime::from_millis(100);
/// A segment that has grown to this many bytes ends wherever it is: a stream without key frames must not fill the memory.
const MAX_BYTES: usize = 64 << 20;
/// For each segment that the count of `hls_ts_floor` is ahead of the clock, the next one is longer by this share of
/// `hls_fragment`; for each that it is behind, shorter.
const FLOOR_SHARE: f64 = 0.3;
/// When no picture has come for so long beyond the length of a part, a frame of sound ends the part instead.
const STALL: MediaTime = MediaTime::from_millis(1_000);

/// When segments and parts end.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Rules {
    /// `hls_fragment`.
    pub(crate) fragment: Duration,
    /// `hls_td_ratio`.
    pub(crate) td_ratio: f64,
    /// `hls_aof_ratio`.
    pub(crate) aof_ratio: f64,
    /// `hls_wait_keyframe`.
    pub(crate) wait_keyframe: bool,
    /// Length of a part aimed at. Segments have parts also where no playlist lists them: a fragment of MP4 is one.
    pub(crate) part: MediaTime,
}

impl Rules {
    /// Those of a vhost.
    pub(crate) fn of(hls: &Hls, part: MediaTime) -> Rules {
        Rules {
            fragment: hls.hls_fragment,
            td_ratio: hls.hls_td_ratio,
            aof_ratio: hls.hls_aof_ratio,
            wait_keyframe: hls.hls_wait_keyframe,
            part,
        }
    }

    /// `ratio` times the fragment, longer by what the count of `hls_ts_floor` is ahead.
    fn span(&self, ratio: f64, ahead: i64) -> MediaTime {
        let seconds = self.fragment.as_secs_f64() * (ratio + FLOOR_SHARE * ahead as f64);
        // A float cast saturates, and not-a-number gives 0.
        MediaTime::from_nanos((seconds * 1e9) as i64)
    }
}

/// A frame that comes next, before it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Next {
    /// When it is decoded.
    pub(crate) at: MediaTime,
    /// The same as published: on the clock that renditions share.
    pub(crate) dts: MediaTime,
    /// It is a picture.
    pub(crate) video: bool,
    /// Decoding can start with it.
    pub(crate) key: bool,
    /// How long it may last.
    pub(crate) step: MediaTime,
}

/// What ends before a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cut {
    /// Nothing.
    No,
    /// The part.
    Part,
    /// The segment, and with it its last part.
    Segment,
}

/// Whether a segment ends before its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Forced {
    No,
    /// Once it is a segment.
    Soon,
    /// Whatever it is.
    Now,
}

/// Where the open segment and its open part began, and when they end.
#[derive(Clone, Debug)]
pub(crate) struct Cutter {
    rules: Rules,
    has_video: bool,
    /// Segments that the count of `hls_ts_floor` is ahead of the clock.
    ahead: i64,
    /// No part may be longer: what the playlist promised.
    part_limit: Option<MediaTime>,
    /// The segment is to end where the next can start.
    forced: Forced,
    segment: Option<MediaTime>,
    part: MediaTime,
    /// The first segment has frames of one kind only.
    first_of_one_kind: Option<bool>,
    /// Shared with other renditions.
    grid: Option<Arc<Grid>>,
    /// Frames of the open segment that a segment could begin with; only with a grid.
    starts: Option<Starts>,
    /// Between the last of these and the frame that began the next segment.
    gap: MediaTime,
}

#[derive(Clone, Copy, Debug)]
struct Starts {
    first: Next,
    last: MediaTime,
    /// Between the first one and the one before; 0 where it is not known.
    gap: MediaTime,
}

impl Cutter {
    /// For a stream with or without pictures.
    pub(crate) fn new(rules: Rules, has_video: bool) -> Cutter {
        Cutter {
            rules,
            has_video,
            ahead: 0,
            part_limit: None,
            forced: Forced::No,
            segment: None,
            part: MediaTime::ZERO,
            first_of_one_kind: None,
            grid: None,
            starts: None,
            gap: MediaTime::ZERO,
        }
    }

    /// Ends segments together with those of other renditions.
    pub(crate) fn set_grid(&mut self, grid: Arc<Grid>) {
        self.grid = Some(grid);
    }

    /// What ends before this frame. The first frame of all begins a segment: nothing ends.
    pub(crate) fn before(&self, next: Next, bytes: usize) -> Cut {
        let Some(start) = self.segment else { return Cut::No };
        let open = next.at - start;
        if bytes >= MAX_BYTES || self.ends_segment(next, open) {
            Cut::Segment
        } else if self.ends_part(next) {
            Cut::Part
        } else {
            Cut::No
        }
    }

    fn ends_segment(&self, next: Next, open: MediaTime) -> bool {
        let can_start = if self.has_video { next.video && next.key } else { true };
        let is_forced = match self.forced {
            Forced::No => false,
            Forced::Soon => open >= MIN_REAP,
            Forced::Now => true,
        };
        if is_forced && can_start {
            return true;
        }
        if let Some((starts, left)) = self.line()
            && next.video == self.has_video
        {
            // The key frame that is nearest to the line: this one, or the next.
            let gap = next.at - starts.last;
            let open_from_key = next.at - starts.first.at;
            let is_nearest = open_from_key + open_from_key + gap >= left + left;
            return self.may_end_with(next) && open >= MIN_REAP && is_nearest;
        }
        let reached = |ratio| open >= MIN_REAP && open >= self.rules.span(ratio, self.ahead);
        if next.video {
            return self.may_end_with(next) && reached(self.rules.td_ratio);
        }
        // SRS: sound ends a segment far over its length also where there are pictures.
        reached(self.rules.aof_ratio)
    }

    /// True when a segment may end for its length before this frame.
    fn may_end_with(&self, next: Next) -> bool {
        !next.video || next.key || !self.rules.wait_keyframe
    }

    /// With a grid: what could have been the start of the open segment, and how long it is from the first of these to its
    /// line.
    fn line(&self) -> Option<(Starts, MediaTime)> {
        let (grid, starts) = (self.grid.as_ref()?, self.starts?);
        let apart = self.rules.span(self.rules.td_ratio, 0).max(MIN_REAP);
        Some((starts, grid.left(starts.first.dts, apart, starts.gap)))
    }

    fn ends_part(&self, next: Next) -> bool {
        let open = next.at - self.part;
        if next.video != self.has_video {
            return open >= self.rules.part + STALL;
        }
        if self.part_limit.is_some_and(|limit| open + next.step > limit) {
            return open > MediaTime::ZERO;
        }
        // Whichever is nearer to what is aimed at: with this frame, or without. Parts much shorter than promised are no parts.
        let aim = self.part_limit.map_or(self.rules.part, |limit| limit.max(self.rules.part));
        open > MediaTime::ZERO && open + open + next.step >= aim + aim
    }

    /// A segment begins with this frame. Its predecessor, if any, lasted so long.
    pub(crate) fn begin_segment(&mut self, next: Next) -> Option<MediaTime> {
        let ended = self.segment.map(|start| next.at - start);
        self.first_of_one_kind = (ended.is_none() && self.has_video).then_some(next.video);
        self.segment = Some(next.at);
        self.part = next.at;
        self.forced = Forced::No;
        self.gap = self.starts.take().map_or(MediaTime::ZERO, |starts| next.at - starts.last);
        ended
    }

    /// A part begins with this frame. Its predecessor lasted so long.
    pub(crate) fn begin_part(&mut self, next: Next) -> MediaTime {
        std::mem::replace(&mut self.part, next.at).distance_to(next.at)
    }

    /// A frame belongs to the open segment. The first of sound or pictures may have begun before the other.
    pub(crate) fn joined(&mut self, next: Next) {
        if self.first_of_one_kind.is_some_and(|video| video != next.video) {
            self.first_of_one_kind = None;
            if let Some(start) = self.segment.filter(|start| next.at < *start) {
                // Parts may have ended since.
                if self.part == start {
                    self.part = next.at;
                }
                self.segment = Some(next.at);
            }
        }
        if let Some(grid) = self.grid.as_ref().filter(|_| next.video == self.has_video && self.may_end_with(next)) {
            match &mut self.starts {
                Some(starts) => starts.last = next.at,
                None => {
                    grid.begin(next.dts, next.video);
                    let gap = std::mem::take(&mut self.gap);
                    self.starts = Some(Starts { first: next, last: next.at, gap });
                }
            }
        }
    }

    /// The stream ends at `end`. The open part and the open segment lasted so long.
    pub(crate) fn end(&mut self, end: MediaTime) -> Option<(MediaTime, MediaTime)> {
        let segment = self.segment.take()?.distance_to(end);
        Some((self.part.distance_to(end), segment))
    }

    /// Ends the open segment as soon as it is one and the next can start.
    pub(crate) fn force(&mut self) {
        if self.forced == Forced::No {
            self.forced = Forced::Soon;
        }
    }

    /// Ends the open segment as soon as the next can start: what comes cannot be in it.
    pub(crate) fn force_now(&mut self) {
        self.forced = Forced::Now;
    }

    /// The segment that begins has pictures, or none.
    pub(crate) fn set_video(&mut self, has_video: bool) {
        self.has_video = has_video;
    }

    /// True when the open segment has pictures.
    pub(crate) fn has_video(&self) -> bool {
        self.has_video
    }

    /// True while a segment is open.
    pub(crate) fn is_open(&self) -> bool {
        self.segment.is_some()
    }

    /// How many segments the count of `hls_ts_floor` is ahead of the clock.
    pub(crate) fn set_ahead(&mut self, ahead: i64) {
        self.ahead = ahead;
    }

    /// No part may be longer from here on.
    pub(crate) fn limit_parts(&mut self, limit: MediaTime) {
        self.part_limit = Some(limit);
    }

    /// How long it is, at `now`, until a part or segment may end.
    pub(crate) fn due_in(&self, now: MediaTime, parts: bool) -> Option<Duration> {
        let start = self.segment?;
        let segment = match self.line() {
            Some((starts, left)) => starts.first.at + left,
            None => start + self.rules.span(self.rules.td_ratio, self.ahead).max(MIN_REAP),
        };
        let due = if parts { segment.min(self.part + self.rules.part) } else { segment };
        Some(Duration::from_nanos(u64::try_from((due - now).nanos()).unwrap_or(0)))
    }
}

/// The distance of two times that should be in order.
trait Distance {
    fn distance_to(self, later: Self) -> Self;
}

impl Distance for MediaTime {
    fn distance_to(self, later: MediaTime) -> MediaTime {
        (later - self).max(MediaTime::ZERO)
    }
}

/// `[timestamp]` with `hls_ts_floor`: segments since the epoch, counted one by one, near to what the clock says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Floor {
    last: Option<i64>,
}

impl Floor {
    /// The count jumps to the clock when it is further away.
    const MAX_AHEAD: i64 = 20;

    /// The number of a segment that begins at `unix_ms`, and how far it is ahead of the clock.
    pub(crate) fn next(&mut self, unix_ms: i64, fragment: Duration) -> (i64, i64) {
        let length = i64::try_from(fragment.as_millis()).unwrap_or(i64::MAX).max(1);
        let now = unix_ms.div_euclid(length);
        let counted = self.last.map_or(now, |last| last.saturating_add(1));
        let number = if (counted - now).abs() > Self::MAX_AHEAD { now } else { counted };
        self.last = Some(number);
        (number, number - now)
    }
}

#[cfg(test)]
mod tests;
