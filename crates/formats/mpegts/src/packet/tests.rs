use super::{Adaptation, Cutter, PACKET_LEN, PesHeader, Pid, wrap};

/// Cuts `len` bytes in pieces of `step`; the packets.
fn cut(len: usize, step: usize, adaptation: Adaptation) -> Vec<u8> {
    let data: Vec<u8> = (0..len).map(|at| at as u8).collect();
    let (mut out, mut pid) = (Vec::new(), Pid::new(0x100));
    let mut cutter = Cutter::new(&mut out, &mut pid, adaptation, len);
    data.chunks(step).for_each(|piece| cutter.push(piece));
    assert!(cutter.is_complete());
    out
}

#[test]
fn every_length_is_stuffed_to_whole_packets() {
    let clock = Adaptation { random_access: true, pcr: Some(0x1_2345_6789), ..Adaptation::default() };
    for adaptation in [Adaptation::default(), Adaptation { random_access: true, ..Adaptation::default() }, clock] {
        for len in 1..600 {
            let out = cut(len, 600, adaptation);
            assert_eq!(out.len() % PACKET_LEN, 0, "{len} bytes");
            let mut payload = Vec::new();
            for (index, packet) in out.chunks(PACKET_LEN).enumerate() {
                let start = if index == 0 { 0x41 } else { 0x01 };
                assert_eq!(packet[..3], [0x47, start, 0x00], "{len} bytes");
                assert_eq!(packet[3] & 0x1f, 0x10 | index as u8, "{len} bytes");
                let field = if packet[3] & 0x20 != 0 { 1 + usize::from(packet[4]) } else { 0 };
                payload.extend_from_slice(&packet[4 + field..]);
            }
            assert_eq!(payload, (0..len).map(|at| at as u8).collect::<Vec<_>>());
            for step in [1, 7, 184] {
                assert_eq!(cut(len, step, adaptation), out, "{len} bytes by {step}");
            }
        }
    }
}

#[test]
fn adaptation_fields() {
    let check = |adaptation: Adaptation, len: usize, expect: &[u8]| {
        let out = cut(len, len, adaptation);
        assert_eq!(out[4..4 + expect.len()], *expect, "{len} bytes");
    };
    let none = Adaptation::default();
    check(none, 184, &[0, 1, 2]);
    check(none, 183, &[0, 0, 1, 2]);
    check(none, 182, &[1, 0, 0, 1, 2]);
    check(none, 181, &[2, 0, 0xff, 0, 1, 2]);
    let key = Adaptation { random_access: true, ..none };
    check(key, 400, &[1, 0x40, 0, 1, 2]);
    let clock = Adaptation { discontinuity: true, pcr: Some(0x1_ffff_fffe), ..none };
    check(clock, 400, &[7, 0x90, 0xff, 0xff, 0xff, 0xff, 0x7e, 0x00, 0, 1, 2]);
    check(Adaptation { random_access: true, pcr: Some(1), ..none }, 175, &[8, 0x50, 0, 0, 0, 0, 0xfe, 0, 0xff, 0, 1]);
}

#[test]
fn counters_count_payloads_only() {
    let (mut out, mut pid) = (Vec::new(), Pid::new(0x1fff));
    for _ in 0..20 {
        let mut cutter = Cutter::new(&mut out, &mut pid, Adaptation::default(), 1);
        cutter.push(&[0]);
        pid.write_clock(Adaptation { pcr: Some(0), ..Adaptation::default() }, &mut out);
    }
    for (index, packet) in out.chunks(PACKET_LEN).enumerate() {
        let control = if index % 2 == 0 { 0x30 } else { 0x20 };
        assert_eq!(packet[3], control | (index / 2 % 16) as u8);
    }
    assert_eq!(out[PACKET_LEN..PACKET_LEN + 6], [0x47, 0x1f, 0xff, 0x20, 183, 0x10]);
}

#[test]
fn bytes_beyond_the_announced_length_are_dropped() {
    let (mut out, mut pid) = (Vec::new(), Pid::new(0x100));
    let mut cutter = Cutter::new(&mut out, &mut pid, Adaptation::default(), 200);
    cutter.push(&[1; 150]);
    cutter.push(&[2; 500]);
    assert!(cutter.is_complete());
    cutter.push(&[3; 5]);
    assert_eq!(out.len(), 2 * PACKET_LEN);
}

#[test]
fn pes_headers() {
    let check = |stream_id, pts, dts, payload, expect: &[u8]| {
        assert_eq!(PesHeader::new(stream_id, pts, dts, payload).bytes(), expect);
    };
    check(0xc0, 0, 0, 10, &[0, 0, 1, 0xc0, 0, 18, 0x84, 0x80, 5, 0x21, 0, 1, 0, 1]);
    let both = [0, 0, 1, 0xe0, 0, 23, 0x84, 0xc0, 10, 0x31, 0, 1, 0x1c, 0x21, 0x11, 0, 1, 0, 1];
    check(0xe0, 3600, 0, 10, &both);
    let (last, ones) = ((1 << 33) - 1, [0x2f, 0xff, 0xff, 0xff, 0xff]);
    check(0xe0, last, last, 65_527, &[&[0, 0, 1, 0xe0, 0xff, 0xff, 0x84, 0x80, 5], &ones[..]].concat());
    // One byte more and the length is left open.
    check(0xe0, last, last, 65_528, &[&[0, 0, 1, 0xe0, 0, 0, 0x84, 0x80, 5], &ones[..]].concat());
}

#[test]
fn ticks_wrap_at_33_bits() {
    let check = |ticks, expect| assert_eq!(wrap(ticks), expect, "{ticks}");
    check(0, 0);
    check(1 << 33, 0);
    check((1 << 33) + 5, 5);
    check(-1, (1 << 33) - 1);
    check(i64::MIN, 0);
    check(i64::MAX, (1 << 33) - 1);
}
