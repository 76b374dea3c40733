use super::{SenderReport, Wish, wishes, write_description, write_empty_report, write_goodbye};

#[track_caller]
fn check_wishes(compound: &[u8], expect: &[(u32, Option<&[u16]>)]) {
    let found: Vec<(u32, Option<Vec<u16>>)> = wishes(compound)
        .map(|wish| match wish {
            Wish::Again { ssrc, .. } => (ssrc, Some(wish.lost().collect())),
            Wish::Key { ssrc } => (ssrc, None),
            Wish::Rate(rate) => panic!("{rate}"),
        })
        .collect();
    let expect: Vec<_> = expect.iter().map(|(ssrc, lost)| (*ssrc, lost.map(<[u16]>::to_vec))).collect();
    assert_eq!(found, expect);
}

/// A packet of that many words behind its header.
fn packet(count: u8, kind: u8, words: &[u32]) -> Vec<u8> {
    let mut out = vec![0x80 | count, kind, 0, words.len() as u8];
    words.iter().for_each(|word| out.extend_from_slice(&word.to_be_bytes()));
    out
}

#[test]
fn receivers_say_what_they_miss() {
    let nack = packet(1, 205, &[9, 7, 0x0001_0000, 0xffff_8001]);
    check_wishes(&nack, &[(7, Some(&[1, 0xffff, 0, 15]))]);
    let pli = packet(1, 206, &[9, 7]);
    check_wishes(&pli, &[(7, None)]);
    let fir = packet(4, 206, &[9, 0, 7, 0x0100_0000, 8, 0x0200_0000]);
    check_wishes(&fir, &[(7, None), (8, None)]);
    let report = packet(0, 201, &[9]);
    check_wishes(&[&report[..], &nack, &pli].concat(), &[(7, Some(&[1, 0xffff, 0, 15])), (7, None)]);
}

#[test]
fn what_is_no_wish_is_passed_over_and_what_cannot_be_read_ends_it() {
    let pli = packet(1, 206, &[9, 7]);
    // Transport-wide reports, what applications agree on, reports on the way, packets without a source.
    for other in
        [packet(15, 205, &[9, 7, 1, 2]), packet(15, 206, &[9, 0, 1]), packet(0, 207, &[9]), packet(1, 206, &[9])]
    {
        check_wishes(&[&other[..], &pli].concat(), &[(7, None)]);
    }
    check_wishes(&pli[..11], &[]);
    check_wishes(&[&[0x40, 206, 0, 0][..], &pli].concat(), &[]);
    check_wishes(&[], &[]);
}

#[test]
fn receivers_say_what_they_can_take() {
    for (word, expect) in [
        (0x0100_0001, 1),
        (0x0103_ffff, 0x3_ffff),
        (0x0100_0000 | 2 << 18 | 175_000, 700_000),
        (0x01fc_0000, 0),
        (0x01ff_ffff, u64::MAX),
    ] {
        let remb = packet(15, 206, &[9, 0, u32::from_be_bytes(*b"REMB"), word, 7]);
        assert_eq!(wishes(&remb).collect::<Vec<_>>(), [Wish::Rate(expect)]);
    }
}

#[test]
fn reports_are_written_as_the_specification_has_them() {
    let mut out = Vec::new();
    SenderReport { ssrc: 1, ntp: 0x0203_0405_0607_0809, timestamp: 10, packets: 11, octets: 12 }.write_to(&mut out);
    assert_eq!(out[..8], [0x80, 200, 0, 6, 0, 0, 0, 1]);
    assert_eq!(out[8..], [2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 10, 0, 0, 0, 11, 0, 0, 0, 12]);
    out.clear();
    write_description(&[1, 2], b"weir", &mut out);
    let chunk = |ssrc| [0, 0, 0, ssrc, 1, 4, b'w', b'e', b'i', b'r', 0, 0];
    assert_eq!(out, [&[0x82, 202, 0, 6][..], &chunk(1), &chunk(2)].concat());
    out.clear();
    // A name that fills its words has four zeros behind it.
    write_description(&[1], b"ab", &mut out);
    assert_eq!(out, [0x81, 202, 0, 3, 0, 0, 0, 1, 1, 2, b'a', b'b', 0, 0, 0, 0]);
    out.clear();
    write_empty_report(5, &mut out);
    write_goodbye(&[1, 2], &mut out);
    assert_eq!(out, [0x80, 201, 0, 1, 0, 0, 0, 5, 0x82, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]);
}
