//! Program specific information (clause 2.4.4): the two tables that say what is where.

use crate::packet::{PACKET_LEN, Pid};

/// PID of the program map table.
pub const PMT_PID: u16 = 0x1001;
/// PID of video.
pub const VIDEO_PID: u16 = 0x100;
/// PID of audio other than MP3.
pub const AUDIO_PID: u16 = 0x101;
/// PID of MP3.
pub const MP3_PID: u16 = 0x102;
/// Bytes of the tables: each is one packet.
pub const TABLES_LEN: usize = 2 * PACKET_LEN;

/// The one program, and the stream that it is in.
const PROGRAM: u16 = 1;
const TRANSPORT_STREAM: u16 = 1;
/// What a program without a clock names as its PCR PID.
const NO_PID: u16 = 0x1fff;

/// Version numbers are five bits.
const VERSIONS: u8 = 32;

/// An elementary stream in the program map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) stream_type: u8,
    pub(crate) pid: u16,
    /// Whole descriptors; 20 bytes at most.
    pub(crate) descriptors: Vec<u8>,
}

impl Entry {
    /// Bytes in the table.
    fn len(&self) -> usize {
        5 + self.descriptors.len()
    }

    fn write_to(&self, out: &mut Vec<u8>) {
        out.push(self.stream_type);
        out.extend_from_slice(&(0xe000 | self.pid).to_be_bytes());
        out.extend_from_slice(&(0xf000 | self.descriptors.len() as u16).to_be_bytes());
        out.extend_from_slice(&self.descriptors);
    }
}

/// A registration descriptor (clause 2.6.8).
pub(crate) fn registration(format: &[u8; 4]) -> Vec<u8> {
    [&[0x05, 4], &format[..]].concat()
}

/// The tables' own packets and version.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    pat: Pid,
    pmt: Pid,
    version: u8,
    /// The tables of this version have been written, so that the next change needs another.
    written: bool,
}

impl Tables {
    pub(crate) const fn new() -> Self {
        Tables { pat: Pid::new(0), pmt: Pid::new(PMT_PID), version: 0, written: false }
    }

    /// The tracks are not those of the tables that were written last.
    pub(crate) fn change(&mut self) {
        if self.written {
            self.version = (self.version + 1) % VERSIONS;
            self.written = false;
        }
    }

    /// Appends both tables. The first entry carries the clock.
    pub(crate) fn write_to(&mut self, entries: [Option<&Entry>; 2], out: &mut Vec<u8>) {
        self.written = true;
        let entries = entries.into_iter().flatten();
        let version = self.version;
        write_section(&mut self.pat, 0x00, TRANSPORT_STREAM, 0, 4, out, |out| {
            out.extend_from_slice(&PROGRAM.to_be_bytes());
            out.extend_from_slice(&(0xe000 | PMT_PID).to_be_bytes());
        });
        let len = entries.clone().map(Entry::len).sum::<usize>() + 4;
        write_section(&mut self.pmt, 0x02, PROGRAM, version, len, out, |out| {
            let clock = entries.clone().next().map_or(NO_PID, |entry| entry.pid);
            out.extend_from_slice(&(0xe000 | clock).to_be_bytes());
            out.extend_from_slice(&0xf000_u16.to_be_bytes());
            entries.for_each(|entry| entry.write_to(out));
        });
    }
}

/// Appends one packet with one section: a table of `len` bytes, which `write_table` appends, in its frame.
fn write_section(
    pid: &mut Pid,
    table_id: u8,
    extension: u16,
    version: u8,
    len: usize,
    out: &mut Vec<u8>,
    write_table: impl FnOnce(&mut Vec<u8>),
) {
    let end = out.len() + PACKET_LEN;
    out.extend_from_slice(&pid.header(true, false));
    // pointer_field: the section begins at once.
    out.push(0);
    let start = out.len();
    out.push(table_id);
    // Five bytes of header and four of checksum are counted too.
    out.extend_from_slice(&(0xb000 | (len + 9) as u16).to_be_bytes());
    out.extend_from_slice(&extension.to_be_bytes());
    out.extend_from_slice(&[0xc1 | version << 1, 0, 0]);
    write_table(out);
    let checksum = crc32(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&checksum.to_be_bytes());
    out.resize(end, 0xff);
}

/// The checksum of a section (annex A).
fn crc32(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0x04c1_1db7;
    bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| (crc << 1) ^ ((crc >> 31) * POLYNOMIAL))
    })
}

#[cfg(test)]
mod tests;
