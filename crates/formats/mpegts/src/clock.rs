//! When the program clock is due (clause 2.7.2: at least every 100 ms).

use crate::packet::{Adaptation, wrap};
use weir_base::MediaTime;

/// Ticks a second of timestamps and of the base of the program clock.
pub(crate) const HZ: u32 = 90_000;

/// A reference this long after the last one is written. A regular track that skips one is never later than twice this,
/// which is the 100 ms of the specification.
const SPACING: MediaTime = MediaTime::from_millis(50);

/// A frame this long before the last reference starts a new time base; less is how audio and video are interleaved.
const STEP_BACK: MediaTime = MediaTime::from_millis(1000);

/// Audio that leaps further than this tells nothing about the time that passed.
const LEAP: MediaTime = MediaTime::from_millis(1000);

/// The references of one program.
///
/// A reference is the decoding time of the frame that it comes with, as SRS writes it: what a player buffers is its
/// own choice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    /// The last reference.
    last: Option<MediaTime>,
    /// The audio timestamp that stands for the last reference, while only audio comes.
    audio: Option<MediaTime>,
    /// The next frame carries a reference in any case.
    due: bool,
}

impl Clock {
    /// A segment begins: its first frame is to carry a reference, so that it can be read alone.
    pub(crate) fn begin_segment(&mut self) {
        self.due = true;
    }

    /// The adaptation field of a frame that is decoded at `at`: with a reference when one is due, as it is for
    /// each `key`.
    pub(crate) fn at_frame(&mut self, at: MediaTime, key: bool) -> Adaptation {
        let mut adaptation = Adaptation { random_access: key, ..Adaptation::default() };
        let due = std::mem::take(&mut self.due) || key;
        let now = match self.last {
            Some(last) if at < last - STEP_BACK => {
                adaptation.discontinuity = true;
                at
            }
            // A reference never goes back: one made from audio may be a little early.
            Some(last) if due => at.max(last),
            Some(last) if at - last < SPACING => return adaptation,
            _ => at,
        };
        (self.last, self.audio) = (Some(now), None);
        adaptation.pcr = Some(wrap(now.to_ticks(HZ)));
        adaptation
    }

    /// The reference to write before audio at `pts`, when video, which carries the clock, is too slow to.
    ///
    /// Audio only measures how much time passed: its timestamps may have another origin than those of video. The
    /// reference stays one spacing behind, so that the next picture seldom comes before it.
    pub(crate) fn beside_audio(&mut self, pts: MediaTime) -> Option<Adaptation> {
        let last = self.last?;
        let since = *self.audio.get_or_insert(pts);
        let passed = pts - since;
        if passed < MediaTime::ZERO || passed > LEAP {
            self.audio = Some(pts);
            return None;
        }
        let ahead = passed - SPACING;
        if ahead < SPACING {
            return None;
        }
        let now = last + ahead;
        (self.last, self.audio) = (Some(now), Some(since + ahead));
        Some(Adaptation { pcr: Some(wrap(now.to_ticks(HZ))), ..Adaptation::default() })
    }
}

#[cfg(test)]
mod tests;
