//! What may stand before a fragment: the type of a segment.

use crate::boxes::BoxWriter;

/// What a unit of delivery is (ISO/IEC 23000-19 clause 7.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentType {
    /// One or more whole fragments of a single track.
    Segment,
    /// Several tracks together, which is a media segment of ISO/IEC 23009-1, but none of CMAF.
    Muxed,
}

/// Appends `styp`, which may open a segment or a part (ISO/IEC 14496-12 clause 8.16.2).
pub fn write_styp(segment: SegmentType, out: &mut Vec<u8>) {
    let cmaf = match segment {
        SegmentType::Segment => Some(b"cmfs"),
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

#[cfg(test)]
mod tests;
