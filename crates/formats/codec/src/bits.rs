//! [`BitReader`]: fields of single bits and Exp-Golomb codes, most significant bit first.

use crate::Error;

/// A cursor over the bits of a slice. Every read is bounded; a failed read consumes nothing.
#[derive(Clone, Debug)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    /// Starts at the most significant bit of the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        BitReader { bytes, at: 0 }
    }

    /// Bits not yet read.
    pub fn left(&self) -> usize {
        self.bytes.len().saturating_mul(8).saturating_sub(self.at)
    }

    /// Offset of the next bit.
    pub fn position(&self) -> usize {
        self.at
    }

    /// One bit.
    pub fn flag(&mut self) -> Result<bool, Error> {
        self.bits(1).map(|bit| bit == 1)
    }

    /// The next `n` bits as a number; `n` is at most 32.
    pub fn bits(&mut self, n: u32) -> Result<u32, Error> {
        debug_assert!(n <= 32);
        if self.left() < n as usize {
            return Err(Error::ShortBits { at: self.at, wanted: n });
        }
        let mut value: u64 = 0;
        let mut want = n;
        while want > 0 {
            let byte = self.bytes.get(self.at / 8).copied().unwrap_or(0);
            let have = 8 - (self.at % 8) as u32;
            let take = have.min(want);
            let bits = (byte >> (have - take)) & (0xff_u8 >> (8 - take));
            value = value << take | u64::from(bits);
            self.at += take as usize;
            want -= take;
        }
        Ok(value as u32)
    }

    /// Passes over `n` bits.
    pub fn skip(&mut self, n: u32) -> Result<(), Error> {
        if self.left() < n as usize {
            return Err(Error::ShortBits { at: self.at, wanted: n });
        }
        self.at += n as usize;
        Ok(())
    }

    /// An unsigned Exp-Golomb code, ue(v) of H.264 clause 9.1: 0 to 2^32 - 2.
    pub fn ue(&mut self) -> Result<u32, Error> {
        let start = self.at;
        let read = self.read_ue();
        if read.is_err() {
            self.at = start;
        }
        read
    }

    fn read_ue(&mut self) -> Result<u32, Error> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            // 32 leading zeros code 2^32 - 1 and up, which no field may have.
            if zeros > 31 {
                return Err(Error::Range { field: "leading zero bits of ue(v)", value: u64::from(zeros), max: 31 });
            }
        }
        let suffix = u64::from(self.bits(zeros)?);
        Ok(((1_u64 << zeros) - 1 + suffix) as u32)
    }

    /// A signed Exp-Golomb code, se(v) of H.264 clause 9.1.1.
    pub fn se(&mut self) -> Result<i32, Error> {
        let code = i64::from(self.ue()?);
        let magnitude = (code + 1) / 2;
        let value = if code % 2 == 0 { -magnitude } else { magnitude };
        // The range of ue(v) makes this -(2^31 - 1) to 2^31 - 1.
        Ok(value as i32)
    }
}

#[cfg(test)]
mod tests;
