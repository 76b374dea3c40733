//! [`BoxWriter`]: appends boxes and sets their sizes behind itself.

/// Appends boxes (ISO/IEC 14496-12 clause 4.2) and the big-endian fields in them.
#[derive(Debug)]
pub(crate) struct BoxWriter<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> BoxWriter<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        BoxWriter { out }
    }

    /// A box around what `content` writes. A box of 4 GiB or more claims the largest size there is.
    pub(crate) fn boxed(&mut self, kind: &[u8; 4], content: impl FnOnce(&mut Self)) {
        let at = self.out.len();
        self.zeros(4);
        self.bytes(kind);
        content(self);
        let len = saturated(self.out.len().saturating_sub(at));
        if let Some(size) = self.out.get_mut(at..).and_then(|tail| tail.first_chunk_mut()) {
            *size = len.to_be_bytes();
        }
    }

    /// A box that begins with a version and 24 bits of flags.
    pub(crate) fn full_box(&mut self, kind: &[u8; 4], version: u8, flags: u32, content: impl FnOnce(&mut Self)) {
        self.boxed(kind, |w| {
            w.u32(u32::from(version) << 24 | flags & 0x00ff_ffff);
            content(w);
        });
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(crate) fn zeros(&mut self, count: usize) {
        self.out.resize(self.out.len().saturating_add(count), 0);
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.out.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.bytes(&value.to_be_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.bytes(&value.to_be_bytes());
    }

    /// The matrix that leaves pictures as they are (clause 6.2.2).
    pub(crate) fn unity_matrix(&mut self) {
        for value in [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000] {
            self.u32(value);
        }
    }
}

/// A length as a 32-bit field has it.
pub(crate) fn saturated(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
