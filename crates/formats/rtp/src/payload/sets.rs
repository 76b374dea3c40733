//! [`Sets`]: the parameter sets of H.264 and H.265 that came among the pictures.

use super::nal::Syntax;
use weir_codec::{BitReader, nal};

/// Sets that are kept: 32 of the sequence are all that H.264 can number, and of the picture some are used.
const MAX_SETS: usize = 64;
/// Bytes of a set that a record can hold.
const MAX_LEN: usize = u16::MAX as usize;
/// Bytes that hold the number of a set.
const ID_BYTES: usize = 8;

#[derive(Clone, Debug, Default)]
pub(super) struct Sets {
    units: Vec<Vec<u8>>,
    /// Those of the picture that is coming.
    brought: Vec<Vec<u8>>,
    record: Option<Vec<u8>>,
}

impl Sets {
    /// A set came with the picture of now.
    pub(super) fn bring(&mut self, set: &[u8]) {
        if self.brought.len() < MAX_SETS && set.len() <= MAX_LEN {
            self.brought.push(set.to_vec());
        }
    }

    /// Takes over what came with a picture. True when that began a configuration.
    pub(super) fn settle(&mut self, syntax: &Syntax) -> bool {
        if self.brought.is_empty() {
            return false;
        }
        let brought = std::mem::take(&mut self.brought);
        let kind = |unit: &[u8]| kind(unit, syntax);
        let begins = brought.iter().any(|unit| kind(unit) == syntax.first_set);
        let before = self.units.clone();
        if begins {
            // A set of the sequence makes those before it void, whatever their numbers; so of other kinds that came with it.
            self.units.retain(|unit| !brought.iter().any(|new| kind(new) == kind(unit)));
        }
        for new in brought {
            let is_same = |unit: &&mut Vec<u8>| kind(unit) == kind(&new) && id(unit, syntax) == id(&new, syntax);
            if let Some(unit) = self.units.iter_mut().find(is_same) {
                *unit = new;
            } else if self.units.len() < MAX_SETS {
                self.units.push(new);
            }
        }
        if self.units != before {
            let units: Vec<&[u8]> = self.units.iter().map(Vec::as_slice).collect();
            // A set that cannot be read says nothing; decoders may know more.
            self.record = (syntax.record)(&units).or(self.record.take());
        }
        begins
    }

    pub(super) fn is_complete(&self) -> bool {
        self.record.is_some()
    }

    /// The decoder configuration record.
    pub(super) fn record(&self) -> Option<&[u8]> {
        self.record.as_deref()
    }
}

/// The type of a unit.
fn kind(unit: &[u8], syntax: &Syntax) -> u8 {
    let byte = unit.first().copied().unwrap_or_default();
    if syntax.header_len == 1 { byte & 0x1f } else { byte >> 1 & 0x3f }
}

/// What tells sets of one type apart. Sets of the picture start with their number; those of the sequence have it further
/// behind, and are one to a configuration.
fn id(unit: &[u8], syntax: &Syntax) -> u32 {
    if kind(unit, syntax) == syntax.first_set {
        return 0;
    }
    let bytes = nal::unescape(unit, ID_BYTES);
    BitReader::new(bytes.get(syntax.header_len..).unwrap_or_default()).ue().unwrap_or_default()
}
