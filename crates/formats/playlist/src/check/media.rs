//! Rules for one media playlist.

use super::{Finding, Findings};
use crate::media::sum;
use crate::{HintKind, MediaPlaylist, Part, Segment, SegmentStart};
use std::time::Duration;

/// How far the parts of a segment may be from EXTINF together: half of what its three decimals leave open, and 5 µs for
/// each part.
const SUM_TOLERANCE: Duration = Duration::from_micros(600);
const PART_TOLERANCE: Duration = Duration::from_micros(5);

impl MediaPlaylist {
    /// The rules that the playlist breaks by itself.
    pub fn check(&self) -> Vec<Finding> {
        let mut found = Findings::default();
        self.check_version(&mut found);
        self.check_control(&mut found);
        for (index, segment) in self.segments.iter().enumerate() {
            self.check_segment(&mut found, self.msn(index), segment);
            self.check_parts(&mut found, self.msn(index), &segment.parts);
        }
        if let Some(open) = &self.open {
            self.check_parts(&mut found, self.next_msn(), &open.parts);
        }
        self.check_dates(&mut found);
        self.check_hints(&mut found);
        if self.parts().next().is_some() {
            self.check_low_latency(&mut found);
        }
        found.0
    }

    /// All parts that are listed, oldest first.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        let finished = self.segments.iter().flat_map(|segment| &segment.parts);
        finished.chain(self.open.iter().flat_map(|open| &open.parts))
    }

    fn msn(&self, index: usize) -> u64 {
        self.media_sequence.saturating_add(index as u64)
    }

    /// What starts each segment, the open one last.
    fn starts(&self) -> impl Iterator<Item = &SegmentStart> {
        let segments = self.segments.iter().map(|segment| &segment.start);
        segments.chain(self.open.iter().map(|open| &open.start))
    }

    /// Clause 8.
    fn check_version(&self, found: &mut Findings) {
        let has_map = self.starts().any(|start| start.map.is_some());
        let has_iv = self.starts().any(|start| start.key.as_ref().is_some_and(|key| key.iv.is_some()));
        let decimals = self.segments.iter().any(|segment| segment.duration.subsec_nanos() != 0);
        for (there, needed, what) in [(decimals, 3, "decimals in EXTINF"), (has_iv, 2, "IV"), (has_map, 6, "EXT-X-MAP")]
        {
            found.must(!there || self.version >= needed, "version", || {
                format!("EXT-X-VERSION is {}, {what} needs {needed}", self.version)
            });
        }
    }

    /// Clauses 4.4.3.7 and 4.4.3.8.
    fn check_control(&self, found: &mut Findings) {
        let control = self.server_control.unwrap_or_default();
        let target = Duration::from_secs(self.target_duration.into());
        let at_least = |found: &mut Findings, rule, value: Option<Duration>, factor: u32, unit: Duration| {
            let least = unit.saturating_mul(factor);
            let value = value.unwrap_or(least);
            found.must(value >= least, rule, || format!("{value:?}, at least {factor} times {unit:?} is demanded"));
        };
        at_least(found, "hold-back", control.hold_back, 3, target);
        at_least(found, "can-skip-until", control.can_skip_until, 6, target);
        if let Some(part) = self.part_target {
            let hold_back = control.part_hold_back;
            found.must(hold_back.is_some(), "part-hold-back", || "EXT-X-PART-INF without PART-HOLD-BACK".to_owned());
            at_least(found, "part-hold-back", hold_back, 2, part);
            let short = hold_back.is_some_and(|hold_back| hold_back < part.saturating_mul(3));
            found.should(!short, "part-hold-back", || format!("{hold_back:?} is less than 3 times {part:?}"));
        }
    }

    fn check_segment(&self, found: &mut Findings, msn: u64, segment: &Segment) {
        // Clause 4.4.3.1: rounded to the nearest second.
        let rounded = segment.duration.saturating_add(Duration::from_millis(500)).as_secs();
        found.must(rounded <= self.target_duration.into(), "target-duration", || {
            format!("segment {msn} lasts {:?}, EXT-X-TARGETDURATION is {}", segment.duration, self.target_duration)
        });
        let start = &segment.start;
        // Clause 4.4.4.5.
        let unknown_iv = start.map.as_ref().is_some_and(|map| map.encrypted)
            && start.key.as_ref().is_some_and(|key| key.iv.is_none());
        found.must(!unknown_iv, "map-iv", || format!("the EXT-X-MAP of segment {msn} is encrypted without an IV"));
        let gaps = segment.gap && !segment.parts.is_empty() && segment.parts.iter().all(|part| !part.gap);
        found.must(!gaps, "gap", || format!("segment {msn} is a gap, and none of its parts is"));
        // Clause 3.2: a segment and its parts have the same samples.
        if !segment.parts.is_empty() {
            let parts = sum(segment.parts.iter().map(|part| part.duration));
            let tolerance = SUM_TOLERANCE.saturating_add(PART_TOLERANCE.saturating_mul(segment.parts.len() as u32));
            found.must(parts.abs_diff(segment.duration) <= tolerance, "part-sum", || {
                format!("the parts of segment {msn} last {parts:?}, EXTINF is {:?}", segment.duration)
            });
        }
    }

    /// Clause 4.4.4.9.
    fn check_parts(&self, found: &mut Findings, msn: u64, parts: &[Part]) {
        let Some(target) = self.part_target else {
            found.must(parts.is_empty(), "part-inf", || format!("segment {msn} has parts without EXT-X-PART-INF"));
            return;
        };
        // 85 %, without rounding.
        let least = target.saturating_mul(17) / 20;
        for (index, part) in parts.iter().enumerate() {
            found.must(part.duration <= target, "part-target", || {
                format!("part {index} of segment {msn} lasts {:?}, PART-TARGET is {target:?}", part.duration)
            });
            let next = parts.get(index + 1);
            // The newest part of an open segment may turn out to be its last: it is judged when another follows.
            let may_be_short = part.independent || part.gap || next.is_none_or(|next| next.gap);
            found.must(may_be_short || part.duration >= least, "part-short", || {
                format!("part {index} of segment {msn} lasts {:?}, 85 % of PART-TARGET are {least:?}", part.duration)
            });
        }
    }

    /// Times go on where no discontinuity allows them to jump (clause 4.4.4.6).
    fn check_dates(&self, found: &mut Findings) {
        let mut last: Option<(u64, i64)> = None;
        for (index, start) in self.starts().enumerate() {
            let msn = self.msn(index);
            let Some(time) = start.program_date_time else { continue };
            if let Some((before, earlier)) = last.filter(|_| !start.discontinuity) {
                found.must(time >= earlier, "program-date-time", || {
                    format!("segment {msn} starts {} ms before segment {before}", earlier.abs_diff(time) / 1_000_000)
                });
            }
            last = Some((msn, time));
        }
    }

    /// Clauses 4.4.5.3 and 6.2.6.
    fn check_hints(&self, found: &mut Findings) {
        found.must(!self.ended || self.hints.is_empty(), "hint-at-end", || {
            "EXT-X-PRELOAD-HINT and EXT-X-ENDLIST".to_owned()
        });
        for kind in [HintKind::Part, HintKind::Map] {
            let count = self.hints.iter().filter(|hint| hint.kind == kind).count();
            found.should(count <= 1, "one-hint", || format!("{count} hints of the kind {kind:?}"));
        }
    }

    /// What a playlist with parts has to offer (clause 6.2.2, appendix B.1).
    fn check_low_latency(&self, found: &mut Findings) {
        let first = self.first_with_parts();
        for (index, segment) in self.segments.iter().take(first).enumerate() {
            found.should(segment.parts.is_empty(), "old-parts", || {
                format!("segment {} has parts further than three target durations from the end", self.msn(index))
            });
        }
        if self.ended {
            return;
        }
        let blocks = self.server_control.is_some_and(|control| control.can_block_reload);
        found.should(blocks, "can-block-reload", || "parts, and no CAN-BLOCK-RELOAD".to_owned());
        let hint = self.hints.iter().any(|hint| hint.kind == HintKind::Part);
        found.should(hint, "part-hint", || "parts, and no hint for the next".to_owned());
        let dated = self.starts().any(|start| start.program_date_time.is_some());
        found.should(dated, "dated", || "parts, and no EXT-X-PROGRAM-DATE-TIME".to_owned());
    }
}
