//! VP8 (RFC 7741 clause 4.2).

use super::{Numbers, Peek, PictureId};
use weir_base::{ByteReader, Short};
use weir_codec::vp8::FrameHeader;

pub(super) fn peek(payload: &[u8]) -> Peek {
    let Ok(descriptor) = Descriptor::parse(payload) else { return Peek::default() };
    // The inverse key frame flag is the lowest bit of the first byte (RFC 7741 clause 4.3).
    let key = descriptor.starts_frame && descriptor.frame.first().is_some_and(|byte| byte & 1 == 0);
    Peek { starts_frame: descriptor.starts_frame, key, config: key }
}

pub(super) fn size(payload: &[u8]) -> Option<(u32, u32)> {
    let descriptor = Descriptor::parse(payload).ok().filter(|it| it.starts_frame)?;
    FrameHeader::parse(descriptor.frame).ok()?.size
}

pub(super) fn numbers(payload: &[u8]) -> Numbers {
    Descriptor::parse(payload).map_or(Numbers::default(), |it| it.numbers)
}

/// What stands before the coded bytes.
pub(crate) struct Descriptor<'a> {
    /// The start of the first partition.
    pub(crate) starts_frame: bool,
    numbers: Numbers,
    /// Coded bytes.
    pub(crate) frame: &'a [u8],
}

impl<'a> Descriptor<'a> {
    pub(crate) fn parse(payload: &'a [u8]) -> Result<Self, Short> {
        let mut r = ByteReader::new(payload);
        let required = r.u8()?;
        let extended = if required & 0x80 != 0 { r.u8()? } else { 0 };
        let mut numbers = Numbers::default();
        if extended & 0x80 != 0 {
            numbers.picture_id = Some(PictureId::read(&mut r)?);
        }
        if extended & 0x40 != 0 {
            numbers.tl0_pic_idx = Some((r.position(), r.u8()?));
        }
        if extended & 0x30 != 0 {
            let at = r.position();
            let byte = r.u8()?;
            numbers.key_idx = (extended & 0x10 != 0).then_some((at, byte));
        }
        // S, and the index of the partition.
        Ok(Descriptor { starts_frame: required & 0x17 == 0x10, numbers, frame: r.rest() })
    }
}
