use super::{Entry, PACKET_LEN, TABLES_LEN, Tables, crc32, registration};

#[test]
fn checksums() {
    // The check value of CRC-32/MPEG-2.
    assert_eq!(crc32(b"123456789"), 0x0376_e6e7);
    assert_eq!(crc32(&[]), u32::MAX);
}

/// What a section says before the stuffing.
fn section(packet: &[u8]) -> &[u8] {
    let len = usize::from(u16::from_be_bytes([packet[6], packet[7]]) & 0xfff);
    assert!(packet[8 + len..].iter().all(|byte| *byte == 0xff));
    assert_eq!(crc32(&packet[5..8 + len]), 0, "a section with its checksum has the checksum 0");
    &packet[5..4 + len]
}

#[test]
fn tables_byte_for_byte() {
    let video = Entry { stream_type: 0x1b, pid: 0x100, descriptors: Vec::new() };
    let audio = Entry { stream_type: 0x81, pid: 0x101, descriptors: registration(b"AC-3") };
    let mut out = Vec::new();
    Tables::new().write_to([Some(&video), Some(&audio)], &mut out);
    assert_eq!(out.len(), TABLES_LEN);
    let (pat, pmt) = out.split_at(PACKET_LEN);
    assert_eq!(pat[..5], [0x47, 0x40, 0x00, 0x10, 0]);
    assert_eq!(section(pat), [0x00, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xf0, 0x01]);
    assert_eq!(pmt[..5], [0x47, 0x50, 0x01, 0x10, 0]);
    let expect = [
        &[0x02, 0xb0, 29, 0, 1, 0xc1, 0, 0, 0xe1, 0x00, 0xf0, 0][..],
        &[0x1b, 0xe1, 0x00, 0xf0, 0],
        &[0x81, 0xe1, 0x01, 0xf0, 6, 0x05, 4, b'A', b'C', b'-', b'3'],
    ];
    assert_eq!(section(pmt), expect.concat());
}

#[test]
fn the_version_grows_with_each_written_change() {
    let (mut tables, mut out) = (Tables::new(), Vec::new());
    let mut write = |tables: &mut Tables, expect: u8| {
        out.clear();
        tables.write_to([None, None], &mut out);
        assert_eq!(section(&out[PACKET_LEN..])[5], 0xc1 | expect << 1);
        // The association itself never changes.
        assert_eq!(section(&out[..PACKET_LEN])[5], 0xc1);
    };
    tables.change();
    write(&mut tables, 0);
    write(&mut tables, 0);
    tables.change();
    tables.change();
    for version in 1..32 {
        write(&mut tables, version);
        tables.change();
    }
    write(&mut tables, 0);
}

#[test]
fn no_tracks_no_clock() {
    let mut out = Vec::new();
    Tables::new().write_to([None, None], &mut out);
    assert_eq!(section(&out[PACKET_LEN..])[8..], [0xff, 0xff, 0xf0, 0]);
}
