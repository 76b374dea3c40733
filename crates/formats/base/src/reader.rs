//! [`ByteReader`]: reads big-endian fields from a slice without ever panicking.

/// The input ended before the field did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("needs {wanted} bytes at offset {at}, {left} are left")]
pub struct Short {
    /// Offset of the field in the input.
    pub at: usize,
    /// Bytes that the field has.
    pub wanted: usize,
    /// Bytes that were left.
    pub left: usize,
}

/// A cursor over a byte slice. Every read is bounded; a failed read consumes nothing.
#[derive(Clone, Debug)]
pub struct ByteReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> ByteReader<'a> {
    /// Starts at the first byte of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        ByteReader { bytes, at: 0 }
    }

    /// Offset of the next byte.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Bytes not yet read.
    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// True when nothing is left.
    pub fn is_empty(&self) -> bool {
        self.left() == 0
    }

    /// What is left, without consuming it.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], Short> {
        match self.rest().get(..n) {
            Some(taken) => {
                self.at += n;
                Ok(taken)
            }
            None => Err(Short { at: self.at, wanted: n, left: self.left() }),
        }
    }

    /// Passes over `n` bytes.
    pub fn skip(&mut self, n: usize) -> Result<(), Short> {
        self.take(n).map(|_| ())
    }

    /// The next byte, without consuming it.
    pub fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    /// A fixed-size field.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, Short> {
        self.array::<1>().map(|[b]| b)
    }

    /// 16 bits, big-endian.
    pub fn u16(&mut self) -> Result<u16, Short> {
        self.array().map(u16::from_be_bytes)
    }

    /// 24 bits, big-endian.
    pub fn u24(&mut self) -> Result<u32, Short> {
        self.array::<3>().map(|[a, b, c]| u32::from_be_bytes([0, a, b, c]))
    }

    /// 24 bits, big-endian, two's complement (the composition time of an FLV video tag).
    pub fn i24(&mut self) -> Result<i32, Short> {
        self.u24().map(|v| ((v << 8) as i32) >> 8)
    }

    /// 32 bits, big-endian.
    pub fn u32(&mut self) -> Result<u32, Short> {
        self.array().map(u32::from_be_bytes)
    }

    /// 32 bits, little-endian (the message stream id of RTMP, specification 1.0 clause 5.3.1.2.1).
    pub fn u32_le(&mut self) -> Result<u32, Short> {
        self.array().map(u32::from_le_bytes)
    }

    /// 64-bit float, big-endian (an AMF0 number).
    pub fn f64(&mut self) -> Result<f64, Short> {
        self.array().map(f64::from_be_bytes)
    }
}

#[cfg(test)]
mod tests;
