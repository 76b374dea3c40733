use super::{Framing, annex_b, framing, is_annex_b, length_prefixed, unescape, units};
use crate::Error;

#[test]
fn units_with_lengths() {
    let check = |data: &[u8], size: u8, expect: &[Result<&[u8], Error>]| {
        assert_eq!(length_prefixed(data, size).collect::<Vec<_>>(), expect, "{data:02x?}");
    };
    check(&[], 4, &[]);
    check(&[0, 0, 0, 2, 9, 16, 0, 0, 0, 1, 7], 4, &[Ok(&[9, 16]), Ok(&[7])]);
    check(&[0, 1, 7, 0, 0, 0, 1, 8], 2, &[Ok(&[7]), Ok(&[]), Ok(&[8])]);
    check(&[1, 7], 1, &[Ok(&[7])]);
    check(&[0, 1, 7, 0, 9, 1], 2, &[Ok(&[7]), Err(Error::NalLength { at: 3, len: 9, left: 1 })]);
    check(&[0, 0, 0], 4, &[Err(Error::NalLength { at: 0, len: 0, left: 0 })]);
    check(&[255; 5], 4, &[Err(Error::NalLength { at: 0, len: 0xffff_ffff, left: 1 })]);
}

#[test]
fn units_with_start_codes() {
    let check = |data: &[u8], expect: &[&[u8]]| {
        assert_eq!(annex_b(data).collect::<Vec<_>>(), expect, "{data:02x?}");
    };
    check(&[], &[]);
    check(&[1, 2, 3], &[]);
    check(&[0, 0, 1], &[]);
    check(&[0, 0, 1, 9, 0, 0, 0, 1, 7, 5, 0, 0, 1, 8], &[&[9], &[7, 5], &[8]]);
    check(&[0xaa, 0, 0, 0, 1, 7, 0, 0, 0], &[&[7]]);
    check(&[0, 0, 1, 0, 0, 1, 7], &[&[7]]);
    assert!(is_annex_b(&[0, 0, 1, 9]) && is_annex_b(&[0, 0, 0, 1]) && !is_annex_b(&[0, 0, 0, 2]));
}

#[test]
fn byte_streams_are_told_from_units_with_lengths() {
    let check = |data: &[u8], size: u8, expect: Result<Framing, Error>| {
        assert_eq!(framing(data, size), expect, "{data:02x?}");
        let expect = expect.map(|framing| match framing {
            Framing::Lengths => length_prefixed(data, size).flatten().collect(),
            Framing::StartCodes => annex_b(data).collect::<Vec<_>>(),
        });
        assert_eq!(units(data, size), expect, "{data:02x?}");
    };
    check(&[0, 0, 0, 1, 9, 0, 0, 0, 2, 7, 5], 4, Ok(Framing::Lengths));
    check(&[0, 0, 0, 1, 9, 16, 0, 0, 1, 0x65, 5], 4, Ok(Framing::StartCodes));
    check(&[0, 0, 1, 9, 16, 0, 0, 1, 0x65, 5], 4, Ok(Framing::StartCodes));
    check(&[0, 0, 0, 9, 0x65], 4, Err(Error::NalLength { at: 0, len: 9, left: 1 }));
}

#[test]
fn emulation_prevention_is_removed() {
    let check = |nal: &[u8], expect: &[u8]| assert_eq!(&unescape(nal, 16)[..], expect, "{nal:02x?}");
    check(&[1, 0, 0, 3, 1], &[1, 0, 0, 1]);
    check(&[0, 0, 3, 0, 0, 3, 3], &[0, 0, 0, 0, 3]);
    check(&[0, 0, 0, 3, 1], &[0, 0, 0, 1]);
    check(&[0, 3, 0, 0], &[0, 3, 0, 0]);
    assert_eq!(unescape(&[7; 99], 16).len(), 16);
}
