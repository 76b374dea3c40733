//! VP8 (RFC 7741).

use super::depacketizer::{Draft, Fault};
use super::packetizer::{Options, Sink};
use crate::video::Vp8Descriptor;
use weir_codec::Error;
use weir_codec::vp8::FrameHeader;

/// Bytes of the descriptor that is written.
const DESCRIPTOR: usize = 4;
/// Extended control bits are there; the first partition starts.
const EXTENDED: u8 = 0x80;
const START: u8 = 0x10;
/// A picture id is there, and has 15 bits.
const HAS_PICTURE_ID: u8 = 0x80;

/// Counts pictures: browsers put them in order by it.
#[derive(Clone, Debug, Default)]
pub(super) struct Cutter {
    picture_id: u16,
}

impl Cutter {
    pub(super) fn cut(&mut self, frame: &[u8], options: &Options, sink: &mut Sink<'_>) -> Result<(), Error> {
        let [high, low] = (0x8000 | self.picture_id).to_be_bytes();
        let mut start = START;
        for piece in frame.chunks(options.max_payload - DESCRIPTOR) {
            sink.put([&[EXTENDED | start, HAS_PICTURE_ID, high, low][..], piece]);
            start = 0;
        }
        if !frame.is_empty() {
            self.picture_id = self.picture_id.wrapping_add(1) & 0x7fff;
        }
        Ok(())
    }
}

/// Puts frames together.
#[derive(Clone, Debug, Default)]
pub(super) struct Gatherer;

impl Gatherer {
    pub(super) fn add(&mut self, payload: &[u8], draft: &mut Draft) -> Result<(), Fault> {
        let descriptor = Vp8Descriptor::parse(payload)?;
        if !descriptor.starts_frame && draft.data.is_empty() {
            return Err(Fault::NoStart);
        }
        draft.data.extend_from_slice(descriptor.frame);
        draft.has_picture = true;
        Ok(())
    }

    /// The record, for a key frame.
    pub(super) fn finish(&mut self, draft: &mut Draft) -> Result<Option<Vec<u8>>, Fault> {
        let header = FrameHeader::parse(&draft.data)?;
        draft.key = header.key;
        let mut record = Vec::new();
        header.config().write_to(&mut record);
        Ok(header.key.then_some(record))
    }
}
