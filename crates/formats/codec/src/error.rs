use weir_base::Short;

/// Why bytes are not the header or parameter set that they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// When the bytes end inside of a field.
    #[error("codec header {0}")]
    Short(#[from] Short),
    /// When the bits of a parameter set end inside of a field.
    #[error("parameter set ends at bit {at}, {wanted} more bits expected")]
    ShortBits {
        /// Offset of the field in bits, emulation prevention bytes not counted.
        at: usize,
        /// Bits that the field has.
        wanted: u32,
    },
    /// When a field has a value that its specification excludes.
    #[error("{field} is {value}, at most {max} is allowed")]
    Range {
        /// The field, as the specification calls it.
        field: &'static str,
        /// What it says.
        value: u64,
        /// The largest legal value.
        max: u64,
    },
    /// When a marker, version or type is not that of the format.
    #[error("{field} is {value:#x}")]
    Unexpected {
        /// The field, as the specification calls it.
        field: &'static str,
        /// What it says.
        value: u64,
    },
    /// When a record has none of the parameter sets that every picture needs.
    #[error("{record} has no {sets}")]
    NoSets {
        /// The record.
        record: &'static str,
        /// What it should have.
        sets: &'static str,
    },
    /// When a NAL unit claims more bytes than its access unit has left.
    #[error("NAL unit of {len} bytes at offset {at}, {left} are left")]
    NalLength {
        /// Offset of the length field.
        at: usize,
        /// What it says.
        len: usize,
        /// Bytes behind it.
        left: usize,
    },
}

/// `value` when it is at most `max`.
pub(crate) fn at_most<T: Into<u64> + Copy>(field: &'static str, value: T, max: u64) -> Result<T, Error> {
    if value.into() <= max { Ok(value) } else { Err(Error::Range { field, value: value.into(), max }) }
}
