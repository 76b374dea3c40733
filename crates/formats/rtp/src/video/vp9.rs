//! VP9 (RFC 9628 clause 4.2).

use super::{Numbers, Peek, PictureId};
use weir_base::{ByteReader, Short};
use weir_codec::vp9::FrameHeader;

/// Reference indices of one picture in flexible mode.
const MAX_REFERENCES: usize = 3;

pub(super) fn peek(payload: &[u8]) -> Peek {
    let Ok(descriptor) = Descriptor::parse(payload) else { return Peek::default() };
    let starts_frame = descriptor.starts_picture();
    // Some senders, ffmpeg among them, never set the flag: then the frame itself tells, if it can be read.
    let inter = || FrameHeader::parse(descriptor.frame).is_ok_and(|it| it.key.is_none());
    let key = starts_frame && !descriptor.predicted && !inter();
    Peek { starts_frame, key, config: key }
}

pub(super) fn size(payload: &[u8]) -> Option<(u32, u32)> {
    let descriptor = Descriptor::parse(payload).ok()?;
    let of_frame = || {
        let key = FrameHeader::parse(descriptor.frame).ok().filter(|_| descriptor.starts_picture())?.key?;
        Some((key.width, key.height))
    };
    descriptor.size.or_else(of_frame)
}

pub(super) fn numbers(payload: &[u8]) -> Numbers {
    Descriptor::parse(payload).map_or(Numbers::default(), |it| it.numbers)
}

/// What stands before the coded bytes.
pub(crate) struct Descriptor<'a> {
    /// Refers to pictures before it.
    predicted: bool,
    /// The start of the frame of a layer.
    pub(crate) starts_layer: bool,
    spatial_layer: u8,
    numbers: Numbers,
    /// The largest layer of the scalability structure.
    size: Option<(u32, u32)>,
    /// Coded bytes.
    pub(crate) frame: &'a [u8],
}

impl<'a> Descriptor<'a> {
    pub(crate) fn parse(payload: &'a [u8]) -> Result<Self, Short> {
        let mut r = ByteReader::new(payload);
        let flags = r.u8()?;
        let has = |bit: u8| flags & bit != 0;
        let (predicted, flexible) = (has(0x40), has(0x10));
        let mut numbers = Numbers::default();
        if has(0x80) {
            numbers.picture_id = Some(PictureId::read(&mut r)?);
        }
        let layers = if has(0x20) { r.u8()? } else { 0 };
        if has(0x20) && !flexible {
            numbers.tl0_pic_idx = Some((r.position(), r.u8()?));
        }
        if flexible && predicted {
            skip_references(&mut r)?;
        }
        let size = if has(0x02) { read_structure(&mut r)? } else { None };
        let (starts_layer, spatial_layer) = (has(0x08), layers >> 1 & 7);
        Ok(Descriptor { predicted, starts_layer, spatial_layer, numbers, size, frame: r.rest() })
    }

    fn starts_picture(&self) -> bool {
        self.starts_layer && self.spatial_layer == 0
    }
}

/// Differences of picture ids; the lowest bit says that another follows.
fn skip_references(r: &mut ByteReader<'_>) -> Result<(), Short> {
    for _ in 0..MAX_REFERENCES {
        if r.u8()? & 1 == 0 {
            break;
        }
    }
    Ok(())
}

/// The scalability structure (RFC 9628 clause 4.2.1): passes over it, and tells the size of the largest layer.
fn read_structure(r: &mut ByteReader<'_>) -> Result<Option<(u32, u32)>, Short> {
    let head = r.u8()?;
    let mut size = None;
    if head & 0x10 != 0 {
        for _ in 0..=head >> 5 {
            size = size.max(Some((u32::from(r.u16()?), u32::from(r.u16()?))));
        }
    }
    if head & 0x08 != 0 {
        for _ in 0..r.u8()? {
            let references = r.u8()? >> 2 & 3;
            r.skip(references.into())?;
        }
    }
    Ok(size)
}
