//! Transport packets (clause 2.4.3.2), and the cutting of a PES packet into them.

/// Bytes of a transport packet.
pub const PACKET_LEN: usize = 188;

const HEADER_LEN: usize = 4;

/// Bytes of a packet behind its header.
const BODY_LEN: usize = PACKET_LEN - HEADER_LEN;

/// Bytes of an adaptation field with flags, and of one with a clock reference.
const FLAGS_LEN: usize = 2;
const PCR_LEN: usize = 6;

/// Timestamps and clock references count 90 kHz in 33 bits.
const TICKS_MASK: u64 = (1 << 33) - 1;

/// Ticks of 90 kHz, wrapped to the 33 bits of a timestamp. Negative times wrap as well.
pub(crate) fn wrap(ticks: i64) -> u64 {
    ticks as u64 & TICKS_MASK
}

/// A packet identifier and its continuity counter.
#[derive(Clone, Debug)]
pub(crate) struct Pid {
    number: u16,
    /// The counter of the next packet with a payload, 0 to 15.
    next: u8,
}

impl Pid {
    pub(crate) const fn new(number: u16) -> Self {
        Pid { number, next: 0 }
    }

    /// The header of the next packet with a payload. `start`: a PES packet or section begins in it.
    pub(crate) fn header(&mut self, start: bool, adaptation: bool) -> [u8; HEADER_LEN] {
        let counter = self.next;
        self.next = (counter + 1) & 15;
        let [high, low] = self.number.to_be_bytes();
        [0x47, u8::from(start) << 6 | high, low, u8::from(adaptation) << 5 | 0x10 | counter]
    }

    /// A packet without a payload, which only tells the time. It does not count (clause 2.4.3.3).
    pub(crate) fn write_clock(&self, adaptation: Adaptation, out: &mut Vec<u8>) {
        let [high, low] = self.number.to_be_bytes();
        out.extend_from_slice(&[0x47, high, low, 0x20 | self.next.wrapping_sub(1) & 15]);
        adaptation.write_to(BODY_LEN, out);
    }
}

/// What an adaptation field tells (clause 2.4.3.4).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Adaptation {
    /// The clock does not go on from the last reference.
    pub(crate) discontinuity: bool,
    /// Decoding can start here.
    pub(crate) random_access: bool,
    /// The program clock, in ticks of 90 kHz, 33 bits.
    pub(crate) pcr: Option<u64>,
}

impl Adaptation {
    /// Bytes that it needs; 0 when it has nothing to tell.
    fn len(self) -> usize {
        match self.pcr {
            Some(_) => FLAGS_LEN + PCR_LEN,
            None if self.discontinuity || self.random_access => FLAGS_LEN,
            None => 0,
        }
    }

    /// Appends `len` bytes, filled up with stuffing: 0, 1, or at least what [`Adaptation::len`] says. 184 at most.
    fn write_to(self, len: usize, out: &mut Vec<u8>) {
        let Some(behind) = len.checked_sub(1) else { return };
        let end = out.len() + len;
        out.push(behind as u8);
        if behind == 0 {
            return;
        }
        let [discontinuity, random_access] = [self.discontinuity, self.random_access].map(u8::from);
        out.push(discontinuity << 7 | random_access << 6 | u8::from(self.pcr.is_some()) << 4);
        if let Some(base) = self.pcr {
            // Six reserved bits, and an extension of zero: the reference falls on a tick of 90 kHz.
            let word = base << 15 | 0x3f << 9;
            out.extend(word.to_be_bytes().into_iter().skip(2));
        }
        out.resize(end, 0xff);
    }
}

/// Cuts one PES packet into transport packets, straight into the output.
///
/// The length is known before the first byte, so the last packet is stuffed before it is filled and no packet is
/// written twice.
pub(crate) struct Cutter<'a> {
    out: &'a mut Vec<u8>,
    pid: &'a mut Pid,
    /// Bytes of the PES packet still to come.
    left: usize,
    /// Bytes that the open transport packet still takes.
    room: usize,
}

impl<'a> Cutter<'a> {
    /// Opens the first packet of a PES packet of `len` bytes, header included.
    pub(crate) fn new(out: &'a mut Vec<u8>, pid: &'a mut Pid, adaptation: Adaptation, len: usize) -> Self {
        let packets = (len + adaptation.len()).div_ceil(BODY_LEN);
        out.reserve(packets * PACKET_LEN);
        let mut cutter = Cutter { out, pid, left: len, room: 0 };
        cutter.open(true, adaptation);
        cutter
    }

    /// The next bytes of the PES packet. Those beyond its announced length are dropped.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) {
        loop {
            let (now, rest) = bytes.split_at_checked(self.room).unwrap_or((bytes, &[]));
            self.out.extend_from_slice(now);
            self.room -= now.len();
            self.left -= now.len();
            if rest.is_empty() || self.left == 0 {
                return;
            }
            self.open(false, Adaptation::default());
            bytes = rest;
        }
    }

    /// True when the announced length has been pushed: the output is whole packets.
    pub(crate) fn is_complete(&self) -> bool {
        self.left == 0
    }

    fn open(&mut self, start: bool, adaptation: Adaptation) {
        let wanted = adaptation.len();
        let stuffing = (BODY_LEN - wanted).saturating_sub(self.left);
        let field = wanted + stuffing;
        self.out.extend_from_slice(&self.pid.header(start, field > 0));
        adaptation.write_to(field, self.out);
        self.room = BODY_LEN - field;
    }
}

/// The header of a PES packet with timestamps (clause 2.4.3.6).
pub(crate) struct PesHeader {
    bytes: [u8; 19],
    len: usize,
}

impl PesHeader {
    /// The longest payload whose length the header can tell, behind a header with `pts` alone.
    pub(crate) const MAX_AUDIO: usize = 0xffff - 3 - 5;

    /// `pts` and `dts` are ticks of 33 bits; `dts` is written where it differs. A payload too long for the length
    /// field leaves it 0, which is for video only.
    pub(crate) fn new(stream_id: u8, pts: u64, dts: u64, payload: usize) -> Self {
        let (flags, stamps) = if pts == dts { (0x80, 5) } else { (0xc0, 10) };
        let [l1, l0] = u16::try_from(payload + 3 + stamps).unwrap_or(0).to_be_bytes();
        // The first of two stamps is marked 3, a lone one 2.
        let [p0, p1, p2, p3, p4] = stamp(flags >> 6, pts);
        let [d0, d1, d2, d3, d4] = stamp(1, dts);
        // 0x84: the payload begins with an access unit (data_alignment_indicator).
        let bytes = [0, 0, 1, stream_id, l1, l0, 0x84, flags, stamps as u8, p0, p1, p2, p3, p4, d0, d1, d2, d3, d4];
        PesHeader { bytes, len: 9 + stamps }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// 33 bits in five bytes: a mark, and a marker bit behind each of three parts.
fn stamp(mark: u8, ticks: u64) -> [u8; 5] {
    let part = |shift: u32| (ticks >> shift) as u8;
    [mark << 4 | (part(30) & 7) << 1 | 1, part(22), part(14) | 1, part(7), part(0) << 1 | 1]
}

#[cfg(test)]
mod tests;
