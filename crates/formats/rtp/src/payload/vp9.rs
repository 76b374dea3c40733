//! VP9 (RFC 9628).

use super::depacketizer::{Draft, Fault};
use super::packetizer::{Options, Sink};
use crate::video::Vp9Descriptor;
use weir_codec::Error;
use weir_codec::vp9::FrameHeader;

/// Bytes of the descriptor, and of the structure ahead of a key frame.
const DESCRIPTOR: usize = 3;
const STRUCTURE: usize = 5;

/// Flags of the descriptor (RFC 9628 clause 4.2).
const HAS_PICTURE_ID: u8 = 0x80;
const PREDICTED: u8 = 0x40;
const START: u8 = 0x08;
const END: u8 = 0x04;
const HAS_STRUCTURE: u8 = 0x02;
/// No picture of an upper layer refers to this one: there is no such layer.
const TOPMOST: u8 = 0x01;
/// One layer, whose size follows.
const ONE_SIZE: u8 = 0x10;

/// Layers of one picture: what an index of frames can tell (VP9 Bitstream annex B).
const MAX_LAYERS: usize = 8;

/// Counts pictures: browsers put them in order by it.
#[derive(Clone, Debug, Default)]
pub(super) struct Cutter {
    picture_id: u16,
}

impl Cutter {
    /// Non-flexible mode, which says no more than that a picture refers to those before it.
    pub(super) fn cut(&mut self, frame: &[u8], options: &Options, sink: &mut Sink<'_>) -> Result<(), Error> {
        let header = FrameHeader::parse(frame).ok();
        let key = header.and_then(|header| header.key);
        let [high, low] = (0x8000 | self.picture_id).to_be_bytes();
        let predicted = if key.is_some() { 0 } else { PREDICTED };
        let (mut rest, mut start) = (frame, START);
        while !rest.is_empty() {
            let size = key.filter(|_| start == START).map(|key| [key.width as u16, key.height as u16]);
            let mut structure = [ONE_SIZE, 0, 0, 0, 0];
            if let (Some([width, height]), [_, places @ ..]) = (size, &mut structure) {
                *places = (u32::from(width) << 16 | u32::from(height)).to_be_bytes();
            }
            let structure = if size.is_some() { &structure[..] } else { &[] };
            let room = options.max_payload - DESCRIPTOR - STRUCTURE;
            let (piece, after) = rest.split_at(rest.len().min(room));
            let end = if after.is_empty() { END } else { 0 };
            let announced = if size.is_some() { HAS_STRUCTURE } else { 0 };
            let flags = HAS_PICTURE_ID | predicted | start | end | announced | TOPMOST;
            sink.put([&[flags, high, low][..], structure, piece]);
            (rest, start) = (after, 0);
        }
        if !frame.is_empty() {
            self.picture_id = self.picture_id.wrapping_add(1) & 0x7fff;
        }
        Ok(())
    }
}

/// Puts pictures together.
#[derive(Clone, Debug, Default)]
pub(super) struct Gatherer {
    /// Where the frames of the layers start.
    layers: Vec<usize>,
}

impl Gatherer {
    pub(super) fn add(&mut self, payload: &[u8], draft: &mut Draft) -> Result<(), Fault> {
        let descriptor = Vp9Descriptor::parse(payload)?;
        if draft.data.is_empty() {
            self.layers.clear();
        }
        if descriptor.starts_layer {
            self.layers.push(draft.data.len());
        }
        if self.layers.is_empty() {
            return Err(Fault::NoStart);
        }
        if self.layers.len() > MAX_LAYERS {
            return Err(Fault::TooMany { max: MAX_LAYERS });
        }
        draft.data.extend_from_slice(descriptor.frame);
        draft.has_picture = true;
        Ok(())
    }

    /// The record, for a key frame.
    pub(super) fn finish(&mut self, draft: &mut Draft) -> Result<Option<Vec<u8>>, Fault> {
        let header = FrameHeader::parse(&draft.data)?;
        draft.key = header.key.is_some();
        self.write_index(&mut draft.data);
        Ok(header.config().map(|config| {
            let mut record = Vec::new();
            config.write_to(&mut record);
            record
        }))
    }

    /// The frames of several layers are one superframe (VP9 Bitstream annex B), which ends with their sizes.
    fn write_index(&self, data: &mut Vec<u8>) {
        if self.layers.len() < 2 {
            return;
        }
        let ends = self.layers.iter().copied().skip(1).chain([data.len()]);
        let sizes: Vec<usize> = self.layers.iter().zip(ends).map(|(start, end)| end.saturating_sub(*start)).collect();
        let largest = sizes.iter().copied().max().unwrap_or_default() as u32;
        let width = (u32::BITS - largest.leading_zeros()).div_ceil(8).max(1) as usize;
        let marker = 0xc0 | (width as u8 - 1) << 3 | (sizes.len() as u8 - 1);
        data.push(marker);
        for size in sizes {
            data.extend((size as u32).to_le_bytes().iter().take(width));
        }
        data.push(marker);
    }
}
