//! Movie fragments: `moof` and `mdat` (ISO/IEC 14496-12 clause 8.8).

use crate::boxes::{BoxWriter, saturated};
use crate::track::Track;

/// Flags of a sample that needs no other and from which decoding can start (clause 8.8.3.1): depends_on is 2.
const SYNC: u32 = 0x0200_0000;
/// Flags of a sample that needs others: depends_on is 1, not a sync sample. Players look at both.
const INTER: u32 = 0x0101_0000;

const TFHD_DURATION: u32 = 0x8;
const TFHD_SIZE: u32 = 0x10;
const TFHD_FLAGS: u32 = 0x20;
const TFHD_BASE_IS_MOOF: u32 = 0x2_0000;

const TRUN_DATA_OFFSET: u32 = 0x1;
const TRUN_FIRST_FLAGS: u32 = 0x4;
const TRUN_DURATION: u32 = 0x100;
const TRUN_SIZE: u32 = 0x200;
const TRUN_FLAGS: u32 = 0x400;
const TRUN_CTS: u32 = 0x800;

/// Bytes of a box's head, and of that of a box with version and flags.
const HEAD: usize = 8;
const FULL_HEAD: usize = 12;
/// Bytes of `mfhd` and `tfdt`.
const MFHD: usize = FULL_HEAD + 4;
const TFDT: usize = FULL_HEAD + 8;

/// One sample: an access unit, an audio frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample<'a> {
    /// Ticks to the decoding time of the next sample.
    pub duration: u32,
    /// Presentation minus decoding time, in ticks.
    pub cts: i32,
    /// Decoding can start here. Sound is always written as if it could.
    pub key: bool,
    /// The payload as the track's configuration frames it. At most 4 GiB.
    pub data: &'a [u8],
}

/// Consecutive samples of a track.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The track, of which fragments need the id and whether it is seen or heard.
    pub track: &'a Track,
    /// Decoding time of the first sample, in ticks since the start of the movie.
    pub base_dts: u64,
    /// In decoding order. A run without samples is left out.
    pub samples: &'a [Sample<'a>],
}

impl Run<'_> {
    fn flags_of(&self, sample: &Sample<'_>) -> u32 {
        if sample.key || !self.track.media.is_video() { SYNC } else { INTER }
    }

    fn payload_len(&self) -> usize {
        self.samples.iter().fold(0, |len, sample| len.saturating_add(sample.data.len()))
    }
}

/// Appends `moof` and `mdat` with one `traf` for each run; nothing when no run has samples.
///
/// What all samples of a run share stands once in `tfhd`, the rest in one `trun`, whose version 1 allows presentation
/// before decoding. Offsets count from the start of `moof`, so the fragment may be put anywhere. `sequence` should grow
/// from fragment to fragment. A fragment must stay under 2 GiB: longer ones cannot be addressed, and their sizes and
/// offsets are written as the largest there are.
pub fn write_fragment(sequence: u32, runs: &[Run<'_>], out: &mut Vec<u8>) {
    out.reserve(moof_len(runs).saturating_add(HEAD).saturating_add(payload_len(runs)));
    write_fragment_head(sequence, runs, out);
    for sample in runs.iter().flat_map(|run| run.samples) {
        out.extend_from_slice(sample.data);
    }
}

/// Appends a fragment without its payload: the data of all samples, run by run, must follow.
///
/// For those who write vectors of buffers and need no copy of the payload.
pub fn write_fragment_head(sequence: u32, runs: &[Run<'_>], out: &mut Vec<u8>) {
    let moof_len = moof_len(runs);
    if moof_len == 0 {
        return;
    }
    let mut w = BoxWriter::new(out);
    w.boxed(b"moof", |w| {
        w.full_box(b"mfhd", 0, 0, |w| w.u32(sequence));
        let mut at = moof_len.saturating_add(HEAD);
        for run in runs {
            write_traf(w, run, at);
            at = at.saturating_add(run.payload_len());
        }
    });
    w.u32(saturated(payload_len(runs).saturating_add(HEAD)));
    w.bytes(b"mdat");
}

/// Bytes of `moof`; 0 when no run has samples.
fn moof_len(runs: &[Run<'_>]) -> usize {
    let trafs = runs.iter().filter_map(Layout::of).fold(0_usize, |len, layout| len.saturating_add(layout.len()));
    if trafs == 0 { 0 } else { trafs.saturating_add(HEAD + MFHD) }
}

fn payload_len(runs: &[Run<'_>]) -> usize {
    runs.iter().fold(0, |len, run| len.saturating_add(run.payload_len()))
}

/// `traf` of a run whose payload starts `at` bytes after the start of `moof`.
fn write_traf(w: &mut BoxWriter<'_>, run: &Run<'_>, at: usize) {
    let Some(layout) = Layout::of(run) else { return };
    w.boxed(b"traf", |w| {
        w.full_box(b"tfhd", 0, layout.tfhd_flags(), |w| {
            w.u32(run.track.id);
            if let Some(duration) = layout.duration {
                w.u32(duration);
            }
            if let Some(size) = layout.size {
                w.u32(size);
            }
            w.u32(layout.flags);
        });
        w.full_box(b"tfdt", 1, 0, |w| w.u64(run.base_dts));
        w.full_box(b"trun", 1, layout.trun_flags(), |w| {
            w.u32(saturated(run.samples.len()));
            w.u32(i32::try_from(at).unwrap_or(i32::MAX) as u32);
            if let Some(flags) = layout.first_flags {
                w.u32(flags);
            }
            for sample in run.samples {
                layout.write_sample(w, run, sample);
            }
        });
    });
}

/// Which fields all samples of a run share.
#[derive(Clone, Copy, Debug)]
struct Layout {
    /// The duration of every sample.
    duration: Option<u32>,
    /// The size of every sample.
    size: Option<u32>,
    /// The flags of every sample for which nothing else is said.
    flags: u32,
    /// The flags of the first sample, where it alone has others.
    first_flags: Option<u32>,
    /// Flags differ beyond the first sample.
    flags_differ: bool,
    /// Some sample is presented at another time than it is decoded.
    has_cts: bool,
    samples: usize,
}

impl Layout {
    /// [`None`] for a run without samples.
    fn of(run: &Run<'_>) -> Option<Layout> {
        let (first, rest) = run.samples.split_first()?;
        let size = first.data.len();
        let first_flags = run.flags_of(first);
        let flags = rest.first().map_or(first_flags, |sample| run.flags_of(sample));
        let flags_differ = rest.iter().any(|sample| run.flags_of(sample) != flags);
        Some(Layout {
            duration: Some(first.duration).filter(|same| rest.iter().all(|sample| sample.duration == *same)),
            size: rest.iter().all(|sample| sample.data.len() == size).then(|| saturated(size)),
            flags,
            first_flags: Some(first_flags).filter(|first| *first != flags && !flags_differ),
            flags_differ,
            has_cts: run.samples.iter().any(|sample| sample.cts != 0),
            samples: run.samples.len(),
        })
    }

    fn tfhd_flags(&self) -> u32 {
        TFHD_BASE_IS_MOOF
            | TFHD_FLAGS
            | when(self.duration.is_some(), TFHD_DURATION)
            | when(self.size.is_some(), TFHD_SIZE)
    }

    fn trun_flags(&self) -> u32 {
        TRUN_DATA_OFFSET | when(self.first_flags.is_some(), TRUN_FIRST_FLAGS) | self.sample_fields()
    }

    /// The fields that `trun` has for each sample.
    fn sample_fields(&self) -> u32 {
        when(self.duration.is_none(), TRUN_DURATION)
            | when(self.size.is_none(), TRUN_SIZE)
            | when(self.flags_differ, TRUN_FLAGS)
            | when(self.has_cts, TRUN_CTS)
    }

    fn write_sample(&self, w: &mut BoxWriter<'_>, run: &Run<'_>, sample: &Sample<'_>) {
        if self.duration.is_none() {
            w.u32(sample.duration);
        }
        if self.size.is_none() {
            w.u32(saturated(sample.data.len()));
        }
        if self.flags_differ {
            w.u32(run.flags_of(sample));
        }
        if self.has_cts {
            w.u32(sample.cts as u32);
        }
    }

    /// Bytes of `traf`.
    fn len(&self) -> usize {
        let tfhd = FULL_HEAD + 8 + 4 * usize::from(self.duration.is_some()) + 4 * usize::from(self.size.is_some());
        let trun = FULL_HEAD + 8 + 4 * usize::from(self.first_flags.is_some());
        let sample = 4 * self.sample_fields().count_ones() as usize;
        (HEAD + tfhd + TFDT + trun).saturating_add(self.samples.saturating_mul(sample))
    }
}

/// `flag` under a condition.
fn when(condition: bool, flag: u32) -> u32 {
    if condition { flag } else { 0 }
}

#[cfg(test)]
mod tests;
