//! The numbers of pictures and layers, made to go on over a change of the source.

use crate::video::Numbers;

const TL0_PIC_IDX_MASK: u16 = 0xff;
const KEY_IDX_MASK: u16 = 0x1f;

#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    picture_id: Count,
    tl0_pic_idx: Count,
    key_idx: Count,
}

impl Counts {
    /// What comes next is a key frame of another source.
    pub(super) fn restart(&mut self) {
        for count in [&mut self.picture_id, &mut self.tl0_pic_idx, &mut self.key_idx] {
            count.of_source = None;
        }
    }

    /// The same numbers with the values for the player.
    pub(super) fn go_on(&mut self, mut numbers: Numbers) -> Numbers {
        if let Some(id) = &mut numbers.picture_id {
            id.value = self.picture_id.go_on(id.value, id.mask());
        }
        if let Some((_, value)) = &mut numbers.tl0_pic_idx {
            *value = self.tl0_pic_idx.go_on((*value).into(), TL0_PIC_IDX_MASK) as u8;
        }
        if let Some(value) = numbers.key_idx() {
            numbers.set_key_idx(self.key_idx.go_on(value.into(), KEY_IDX_MASK) as u8);
        }
        numbers
    }
}

/// A number that counts up and wraps.
#[derive(Clone, Debug, Default)]
struct Count {
    /// The highest value of the source of now; [`None`] before its first.
    of_source: Option<u16>,
    /// What that became; [`None`] before the first of all.
    placed: Option<u16>,
}

impl Count {
    /// `mask` is the modulus less one.
    fn go_on(&mut self, value: u16, mask: u16) -> u16 {
        let distance = value.wrapping_sub(self.of_source.unwrap_or(value)) & mask;
        let placed = match (self.placed, self.of_source) {
            (None, _) => value,
            (Some(placed), None) => placed.wrapping_add(1),
            (Some(placed), Some(_)) => placed.wrapping_add(distance),
        };
        // Half of the range is forward; what is behind does not become the highest.
        if distance <= mask / 2 {
            (self.of_source, self.placed) = (Some(value), Some(placed));
        }
        placed & mask
    }
}
