//! NAL units in one packet.

use weir_base::ByteReader;

/// The NAL units of an aggregation packet, each behind its size in two bytes. Ends at one that is cut short.
pub(super) struct Aggregate<'a> {
    r: ByteReader<'a>,
    between: usize,
}

impl<'a> Aggregate<'a> {
    /// `between` is the number of bytes between the size of a unit and the unit.
    pub(super) fn new(bytes: &'a [u8], between: usize) -> Self {
        Aggregate { r: ByteReader::new(bytes), between }
    }
}

impl<'a> Iterator for Aggregate<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let len = self.r.u16().ok()?;
        self.r.skip(self.between).ok()?;
        self.r.take(len.into()).ok()
    }
}
