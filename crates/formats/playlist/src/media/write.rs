//! A media playlist as text.

use super::{Form, HintKind, Key, Map, MediaPlaylist, OpenSegment, Part, Segment, SegmentStart};
use crate::date::push_date_time;
use crate::text::{AttributeList, EXACT, push_seconds, push_uri};
use std::fmt::Write;

/// Versions that tags need (clause 8): durations with decimals, EXT-X-MAP, EXT-X-SKIP.
const VERSION_DECIMALS: u8 = 3;
const VERSION_MAP: u8 = 6;
const VERSION_SKIP: u8 = 9;

/// Bytes that a segment and a part take, about.
const SEGMENT_LEN: usize = 60;
const PART_LEN: usize = 90;

impl MediaPlaylist {
    /// Appends the playlist.
    ///
    /// A value that would break the syntax is replaced: in URIs, quotation marks, spaces, `#` and control characters are
    /// percent-encoded.
    pub fn write_to(&self, out: &mut String, form: Form) {
        self.write(out, form, 0);
    }

    /// Appends the delta update of the playlist (clause 6.2.5.1), or all of it when there is nothing to leave out.
    ///
    /// A key or an initialization section that stays as it was in the last segment left out is not repeated: the client
    /// has it from there.
    pub fn write_delta_to(&self, out: &mut String, form: Form) {
        self.write(out, form, self.skippable());
    }

    fn write(&self, out: &mut String, form: Form, skipped: usize) {
        let first_with_parts = self.first_with_parts();
        let parts: usize = self.segments.iter().skip(first_with_parts).map(|segment| segment.parts.len()).sum();
        out.reserve(256 + (self.segments.len() - skipped) * SEGMENT_LEN + parts * PART_LEN);
        self.write_head(out, skipped);
        let mut applied = Applied::behind(skipped.checked_sub(1).and_then(|last| self.segments.get(last)));
        for (index, segment) in self.segments.iter().enumerate().skip(skipped) {
            applied.write_start(out, &segment.start);
            if index >= first_with_parts {
                write_parts(out, &segment.parts);
            }
            write_segment(out, segment, form);
        }
        if let Some(OpenSegment { start, parts }) = &self.open
            && !parts.is_empty()
        {
            applied.write_start(out, start);
            write_parts(out, parts);
        }
        self.write_tail(out);
    }

    /// The version that the content needs, or a higher one that is asked for.
    fn needed_version(&self, skipped: usize) -> u8 {
        let starts = self.segments.iter().map(|segment| &segment.start);
        let has_map = starts.chain(self.open.iter().map(|open| &open.start)).any(|start| start.map.is_some());
        let needed = match () {
            () if skipped > 0 => VERSION_SKIP,
            () if has_map => VERSION_MAP,
            () => VERSION_DECIMALS,
        };
        self.version.max(needed)
    }

    // SRS: version, sequence, target duration, in this order.
    fn write_head(&self, out: &mut String, skipped: usize) {
        let _ = write!(
            out,
            "#EXTM3U\n#EXT-X-VERSION:{}\n#EXT-X-MEDIA-SEQUENCE:{}\n#EXT-X-TARGETDURATION:{}\n",
            self.needed_version(skipped),
            self.media_sequence,
            self.target_duration,
        );
        if self.discontinuity_sequence > 0 {
            let _ = writeln!(out, "#EXT-X-DISCONTINUITY-SEQUENCE:{}", self.discontinuity_sequence);
        }
        if self.independent_segments {
            out.push_str("#EXT-X-INDEPENDENT-SEGMENTS\n");
        }
        self.write_control(out);
        if let Some(target) = self.part_target {
            AttributeList::new(out, "#EXT-X-PART-INF").seconds("PART-TARGET", target).end();
        }
        if skipped > 0 {
            AttributeList::new(out, "#EXT-X-SKIP").plain("SKIPPED-SEGMENTS", skipped).end();
        }
    }

    fn write_control(&self, out: &mut String) {
        // A list must not be empty.
        let Some(control) = self.server_control.filter(|control| *control != Default::default()) else { return };
        let mut list = AttributeList::new(out, "#EXT-X-SERVER-CONTROL");
        list.yes("CAN-BLOCK-RELOAD", control.can_block_reload);
        let times = [
            ("CAN-SKIP-UNTIL", control.can_skip_until),
            ("HOLD-BACK", control.hold_back),
            ("PART-HOLD-BACK", control.part_hold_back),
        ];
        for (name, time) in times {
            if let Some(time) = time {
                list.seconds(name, time);
            }
        }
        list.end();
    }

    fn write_tail(&self, out: &mut String) {
        for hint in &self.hints {
            let kind = match hint.kind {
                HintKind::Part => "PART",
                HintKind::Map => "MAP",
            };
            AttributeList::new(out, "#EXT-X-PRELOAD-HINT").plain("TYPE", kind).uri(&hint.uri).end();
        }
        for report in &self.reports {
            let mut list = AttributeList::new(out, "#EXT-X-RENDITION-REPORT");
            list.uri(&report.uri).plain("LAST-MSN", report.last_msn);
            if let Some(part) = report.last_part {
                list.plain("LAST-PART", part);
            }
            list.end();
        }
        if self.ended {
            out.push_str("#EXT-X-ENDLIST\n");
        }
    }
}

/// What a reader knows to apply, from the tags so far.
#[derive(Default)]
struct Applied<'a> {
    map: Option<&'a Map>,
    key: Option<&'a Key>,
}

impl<'a> Applied<'a> {
    /// What applies behind a segment.
    fn behind(segment: Option<&'a Segment>) -> Self {
        let Some(Segment { start, .. }) = segment else { return Applied::default() };
        Applied { map: start.map.as_deref(), key: start.key.as_deref() }
    }

    fn write_start(&mut self, out: &mut String, start: &'a SegmentStart) {
        if start.discontinuity {
            out.push_str("#EXT-X-DISCONTINUITY\n");
        }
        let new_map = start.map.as_deref().filter(|map| self.map != Some(*map));
        // An initialization section is encrypted with the key that stands before it, so a plain one must have none there.
        if let Some(map) = new_map
            && !map.encrypted
        {
            self.write_key(out, None);
            self.write_map(out, map);
        }
        self.write_key(out, start.key.as_deref());
        if let Some(map) = new_map
            && map.encrypted
        {
            self.write_map(out, map);
        }
        if let Some(time) = start.program_date_time {
            out.push_str("#EXT-X-PROGRAM-DATE-TIME:");
            push_date_time(out, time);
            out.push('\n');
        }
    }

    fn write_map(&mut self, out: &mut String, map: &'a Map) {
        AttributeList::new(out, "#EXT-X-MAP").uri(&map.uri).end();
        self.map = Some(map);
    }

    fn write_key(&mut self, out: &mut String, key: Option<&'a Key>) {
        if std::mem::replace(&mut self.key, key) == key {
            return;
        }
        let mut list = AttributeList::new(out, "#EXT-X-KEY");
        match key {
            None => list.plain("METHOD", "NONE").end(),
            Some(key) => {
                list.plain("METHOD", "AES-128").uri(&key.uri);
                if let Some(iv) = key.iv {
                    list.plain("IV", format_args!("0x{:032X}", u128::from_be_bytes(iv)));
                }
                list.end();
            }
        }
    }
}

fn write_parts(out: &mut String, parts: &[Part]) {
    for part in parts {
        AttributeList::new(out, "#EXT-X-PART")
            .seconds("DURATION", part.duration)
            .uri(&part.uri)
            .yes("INDEPENDENT", part.independent)
            .yes("GAP", part.gap)
            .end();
    }
}

fn write_segment(out: &mut String, segment: &Segment, form: Form) {
    if segment.gap {
        out.push_str("#EXT-X-GAP\n");
    }
    out.push_str("#EXTINF:");
    match form {
        Form::Srs => {
            push_seconds(out, segment.duration, 3);
            out.push_str(", no desc\n");
        }
        Form::Exact => {
            push_seconds(out, segment.duration, EXACT);
            out.push_str(",\n");
        }
    }
    push_uri(out, &segment.uri);
    out.push('\n');
}
