//! Rules for a media playlist that follows another of the same rendition (clauses 6.2.1 and 6.2.2).

use super::{Finding, Findings};
use crate::{HintKind, MediaPlaylist, Part, Segment, SegmentStart};
use std::collections::VecDeque;
use std::time::Duration;

/// How far a time may move when it is written in milliseconds again.
const MILLISECOND: u64 = 1_000_000;

impl MediaPlaylist {
    /// The rules that the playlist breaks as the successor of `old`.
    pub fn check_after(&self, old: &MediaPlaylist) -> Vec<Finding> {
        let mut found = Findings::default();
        check_constants(&mut found, old, self);
        if check_sequences(&mut found, old, self) {
            check_discontinuities(&mut found, old, self);
            check_window(&mut found, old, self);
            for msn in old.media_sequence.max(self.media_sequence)..old.next_msn().min(self.next_msn()) {
                if let (Some(before), Some(after)) = (segment(old, msn), segment(self, msn)) {
                    check_segment(&mut found, msn, before, after);
                }
            }
            check_open(&mut found, old, self);
            check_hint(&mut found, old, self);
        }
        found.0
    }
}

/// What stays as it is for the life of a playlist.
fn check_constants(found: &mut Findings, old: &MediaPlaylist, new: &MediaPlaylist) {
    found.must(old.target_duration == new.target_duration, "constant-target", || {
        format!("EXT-X-TARGETDURATION was {}, is {}", old.target_duration, new.target_duration)
    });
    let parts = old.part_target.zip(new.part_target);
    found.must(parts.is_none_or(|(old, new)| old == new), "constant-target", || {
        format!("PART-TARGET was {:?}, is {:?}", old.part_target, new.part_target)
    });
    found.must(!old.ended || old == new, "changed-after-end", || "the playlist had EXT-X-ENDLIST".to_owned());
}

/// True when the two have a common past, so that the rest can be compared.
fn check_sequences(found: &mut Findings, old: &MediaPlaylist, new: &MediaPlaylist) -> bool {
    let (before, after) = (old.media_sequence, new.media_sequence);
    found.must(after >= before, "media-sequence", || format!("EXT-X-MEDIA-SEQUENCE was {before}, is {after}"));
    let (before, after) = (old.next_msn(), new.next_msn());
    found.must(after >= before, "lost-segments", || format!("the next segment was {before}, is {after}"));
    let (before, after) = (old.discontinuity_sequence, new.discontinuity_sequence);
    found.must(after >= before, "discontinuity-sequence", || {
        format!("EXT-X-DISCONTINUITY-SEQUENCE was {before}, is {after}")
    });
    new.media_sequence >= old.media_sequence && new.next_msn() >= old.next_msn()
}

/// Each discontinuity that leaves is counted, so those of the segments that are left have the number they had.
fn check_discontinuities(found: &mut Findings, old: &MediaPlaylist, new: &MediaPlaylist) {
    let removed = new.media_sequence.saturating_sub(old.media_sequence);
    let removed = usize::try_from(removed).unwrap_or(usize::MAX);
    let gone = old.segments.iter().take(removed).filter(|segment| segment.start.discontinuity).count() as u64;
    let expect = old.discontinuity_sequence.saturating_add(gone);
    // Segments may have come and gone between the two, and discontinuities with them.
    let exact = removed <= old.segments.len();
    let got = new.discontinuity_sequence;
    found.must(got == expect || !exact && got > expect, "discontinuity-sequence", || {
        format!(
            "{gone} discontinuities have left, EXT-X-DISCONTINUITY-SEQUENCE was {}, is {got}",
            old.discontinuity_sequence
        )
    });
}

/// Segments leave only while three target durations stay.
fn check_window(found: &mut Findings, old: &MediaPlaylist, new: &MediaPlaylist) {
    let least = Duration::from_secs(u64::from(new.target_duration) * 3);
    let removed = new.media_sequence > old.media_sequence;
    let left = new.duration();
    found.must(!removed || left >= least, "window", || format!("segments have left, {left:?} of {least:?} are left"));
}

fn segment(playlist: &MediaPlaylist, msn: u64) -> Option<&Segment> {
    let index = usize::try_from(msn.checked_sub(playlist.media_sequence)?).ok()?;
    playlist.segments.get(index)
}

fn check_segment(found: &mut Findings, msn: u64, before: &Segment, after: &Segment) {
    let mut same = |holds: bool, what: &str, before: &dyn std::fmt::Debug, after: &dyn std::fmt::Debug| {
        found.must(holds, "changed-segment", || format!("{what} of segment {msn} was {before:?}, is {after:?}"));
    };
    same(before.uri == after.uri, "URI", &before.uri, &after.uri);
    same(before.duration == after.duration, "EXTINF", &before.duration, &after.duration);
    same(before.gap == after.gap, "EXT-X-GAP", &before.gap, &after.gap);
    check_start(found, msn, &before.start, &after.start);
    // Parts may leave, all at once or from the first on, and are never replaced.
    if !after.parts.is_empty() && !before.parts.is_empty() {
        let gone = before.parts.len().saturating_sub(after.parts.len());
        check_same_parts(found, msn, before.parts.get(gone..).unwrap_or_default(), &after.parts);
    }
}

fn check_start(found: &mut Findings, msn: u64, before: &SegmentStart, after: &SegmentStart) {
    let mut same = |holds: bool, what: &str, before: &dyn std::fmt::Debug, after: &dyn std::fmt::Debug| {
        found.must(holds, "changed-segment", || format!("{what} of segment {msn} was {before:?}, is {after:?}"));
    };
    same(
        before.discontinuity == after.discontinuity,
        "EXT-X-DISCONTINUITY",
        &before.discontinuity,
        &after.discontinuity,
    );
    same(before.map == after.map, "EXT-X-MAP", &before.map, &after.map);
    same(before.key == after.key, "EXT-X-KEY", &before.key, &after.key);
    let moved = before.program_date_time.zip(after.program_date_time).map_or(0, |(a, b)| a.abs_diff(b));
    let (before, after) = (before.program_date_time, after.program_date_time);
    same(moved < MILLISECOND, "EXT-X-PROGRAM-DATE-TIME", &before, &after);
}

fn check_same_parts(found: &mut Findings, msn: u64, before: &[Part], after: &[Part]) {
    found.must(after.len() >= before.len(), "lost-parts", || {
        format!("segment {msn} had {} parts, has {}", before.len(), after.len())
    });
    for (before, after) in before.iter().zip(after) {
        found.must(before == after, "changed-part", || format!("a part of segment {msn} was {before:?}, is {after:?}"));
    }
}

/// The parts of a segment that was being made are its first when there are more, and when it is finished.
fn check_open(found: &mut Findings, old: &MediaPlaylist, new: &MediaPlaylist) {
    let (Some(open), msn) = (&old.open, old.next_msn()) else { return };
    let none = VecDeque::new();
    let segments = if msn >= new.media_sequence { &new.segments } else { &none };
    let index = usize::try_from(msn.saturating_sub(new.media_sequence)).unwrap_or(usize::MAX);
    match (segments.get(index), &new.open) {
        (Some(finished), _) => {
            check_start(found, msn, &open.start, &finished.start);
            if !finished.parts.is_empty() {
                check_same_parts(found, msn, &open.parts, &finished.parts);
            }
        }
        (None, Some(still)) if new.next_msn() == msn => {
            check_start(found, msn, &open.start, &still.start);
            check_same_parts(found, msn, &open.parts, &still.parts);
        }
        (None, None) if new.next_msn() == msn => {
            found.must(false, "lost-parts", || format!("segment {msn} had {} parts, has none", open.parts.len()));
        }
        // It has been finished and has left since.
        _ => {}
    }
}

/// What was hinted comes next, unless the stream has ended. That is known while the part before it is listed.
fn check_hint(found: &mut Findings, old: &MediaPlaylist, new: &MediaPlaylist) {
    let Some(hint) = old.hints.iter().find(|hint| hint.kind == HintKind::Part) else { return };
    let Some(before) = old.parts().last() else { return };
    let listed = |uri: &str| new.parts().any(|part| part.uri == uri);
    let kept = new.ended || new.hints.contains(hint) || listed(&hint.uri);
    found.should(kept || !listed(&before.uri), "hint-kept", || {
        format!("{} was hinted behind {}, and did not come", hint.uri, before.uri)
    });
}
