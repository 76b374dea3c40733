//! [`Grid`]: lines at which all renditions of the same pictures and sounds end their segments.

use std::sync::{Mutex, MutexGuard, PoisonError};

use weir_base::MediaTime;

/// How early, as a share of the distance between lines, a segment may begin and still count as begun at its line: an
/// eighth. Times of key frames are rounded, and cameras are not exact. If it were more, the first segment of a rendition
/// could be too long for the target duration of the others.
const SLACK: i64 = 8;
/// The same where key frames are far apart, so that the nearest one may be further from the line: half their distance, up to
/// a quarter. If it were more, segments would be left out where there is one key frame for each line.
const MAX_SLACK: i64 = 4;
/// Time by the wall that moves away from the media by this much is believed.
pub(crate) const WALL_SLACK: i64 = 1_000_000_000;

/// The lines of renditions that are published at the same time, and the time by the wall that they tell. Players take
/// renditions that begin their segments together, and map dates to media alike (rfc8216bis clause 6.2.4), for one another.
///
/// It stands on the clock of the first rendition. One with another clock has lines just as far apart.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    origin: Mutex<Origin>,
}

#[derive(Debug, Default)]
struct Origin {
    /// The time of one of the lines, as published.
    anchor: Option<MediaTime>,
    /// A picture that decoding can start with is there.
    has_picture: bool,
    /// Time by the wall less time of the media, in nanoseconds.
    wall: Option<i64>,
}

impl Grid {
    /// A first segment can begin with this frame, as published: that is a line, unless there are some. Those of sound alone
    /// give way to those of pictures, which cannot begin anywhere.
    pub(super) fn begin(&self, dts: MediaTime, is_picture: bool) {
        let mut origin = self.origin();
        if origin.anchor.is_none() || (is_picture && !origin.has_picture) {
            origin.anchor = Some(dts);
            origin.has_picture = is_picture;
        }
    }

    /// How long it is from `dts`, where a segment began, to the line at which it should end. Lines are `apart` from each other;
    /// the answer is at most a quarter more than that. `gap` is the distance of key frames, 0 where it is not known.
    pub(super) fn left(&self, dts: MediaTime, apart: MediaTime, gap: MediaTime) -> MediaTime {
        let apart = apart.nanos().max(1);
        let slack = (gap.nanos() / 2).clamp(apart / SLACK, apart / MAX_SLACK);
        let Some(anchor) = self.origin().anchor else { return MediaTime::from_nanos(apart) };
        let into = (dts - anchor + MediaTime::from_nanos(slack)).nanos().rem_euclid(apart);
        MediaTime::from_nanos(apart.saturating_add(slack).saturating_sub(into))
    }

    /// What a rendition that has `seen` time by the wall be so much more than that of the media should tell: what the others
    /// do, unless it is far from that. `before` is what it told so far.
    pub(crate) fn wall(&self, seen: i64, before: Option<i64>) -> i64 {
        let mut origin = self.origin();
        match origin.wall {
            Some(wall) if seen.saturating_sub(wall).saturating_abs() <= WALL_SLACK => wall,
            // It has a clock of its own.
            Some(wall) if before != Some(wall) => seen,
            _ => *origin.wall.insert(seen),
        }
    }

    fn origin(&self) -> MutexGuard<'_, Origin> {
        self.origin.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
