//! The numbers of pictures and layers in payloads of VP8 and VP9.

use weir_base::{ByteReader, Short};

/// What KEYIDX has of its byte; the rest is the temporal layer.
const KEY_IDX_MASK: u8 = 0x1f;

/// PictureID: 7 bits in one byte, or 15 bits in two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PictureId {
    /// Offset in the payload.
    pub(crate) at: usize,
    /// Of two bytes.
    pub(crate) wide: bool,
    pub(crate) value: u16,
}

impl PictureId {
    pub(super) fn read(r: &mut ByteReader<'_>) -> Result<Self, Short> {
        let at = r.position();
        let first = r.u8()?;
        let wide = first & 0x80 != 0;
        let value = u16::from(first & 0x7f);
        let value = if wide { value << 8 | u16::from(r.u8()?) } else { value };
        Ok(PictureId { at, wide, value })
    }

    /// What the value is counted modulo, less one.
    pub(crate) fn mask(&self) -> u16 {
        if self.wide { 0x7fff } else { 0x7f }
    }
}

/// The numbers in one payload, and where they stand (RFC 7741 clause 4.2, RFC 9628 clause 4.2). What is not there is
/// [`None`]. [`crate::splice::Splice`] gives them other values; they keep their places and widths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    pub(crate) picture_id: Option<PictureId>,
    /// Offset in the payload, and value.
    pub(crate) tl0_pic_idx: Option<(usize, u8)>,
    /// Offset in the payload, and the whole byte.
    pub(crate) key_idx: Option<(usize, u8)>,
}

impl Numbers {
    /// PictureID, of 7 or 15 bits.
    pub fn picture_id(&self) -> Option<u16> {
        self.picture_id.map(|it| it.value)
    }

    /// TL0PICIDX: counts pictures of the lowest temporal layer.
    pub fn tl0_pic_idx(&self) -> Option<u8> {
        self.tl0_pic_idx.map(|(_, value)| value)
    }

    /// KEYIDX of VP8, 0 to 31.
    pub fn key_idx(&self) -> Option<u8> {
        self.key_idx.map(|(_, byte)| byte & KEY_IDX_MASK)
    }

    /// The bytes that have the numbers, each with its offset in the payload.
    pub fn bytes(&self) -> impl Iterator<Item = (usize, u8)> {
        let [high, low] = self.picture_id().unwrap_or_default().to_be_bytes();
        let picture_id = self.picture_id.map(|it| if it.wide { (it.at, 0x80 | high) } else { (it.at, low & 0x7f) });
        let second = self.picture_id.filter(|it| it.wide).map(|it| (it.at + 1, low));
        [picture_id, second, self.tl0_pic_idx, self.key_idx].into_iter().flatten()
    }

    /// Writes the numbers to a copy of the payload that they were read from; past its end nothing is written.
    pub fn write_into(&self, payload: &mut [u8]) {
        for (at, byte) in self.bytes() {
            if let Some(place) = payload.get_mut(at) {
                *place = byte;
            }
        }
    }

    pub(crate) fn set_key_idx(&mut self, value: u8) {
        self.key_idx = self.key_idx.map(|(at, byte)| (at, byte & !KEY_IDX_MASK | value & KEY_IDX_MASK));
    }
}
