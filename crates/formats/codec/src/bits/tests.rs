use super::BitReader;
use crate::Error;

#[test]
fn fields_cross_bytes() {
    let mut r = BitReader::new(&[0b1010_1100, 0xff, 0x00, 0x12, 0x34, 0x56]);
    assert_eq!(r.bits(3), Ok(0b101));
    assert_eq!(r.flag(), Ok(false));
    assert_eq!(r.bits(8), Ok(0xcf));
    assert_eq!(r.bits(0), Ok(0));
    assert_eq!(r.bits(32), Ok(0xf001_2345));
    assert_eq!(r.bits(5), Err(Error::ShortBits { at: 44, wanted: 5 }));
    assert_eq!((r.position(), r.left()), (44, 4));
    assert_eq!(r.bits(4), Ok(6));
}

#[test]
fn exp_golomb() {
    let check = |bytes: &[u8], ue: Result<u32, Error>, se: Result<i32, Error>| {
        assert_eq!((BitReader::new(bytes).ue(), BitReader::new(bytes).se()), (ue, se), "{bytes:02x?}");
    };
    check(&[0b1000_0000], Ok(0), Ok(0));
    check(&[0b0100_0000], Ok(1), Ok(1));
    check(&[0b0110_0000], Ok(2), Ok(-1));
    check(&[0b0010_0000], Ok(3), Ok(2));
    check(&[0b0011_1000], Ok(6), Ok(-3));
    // The largest code: 31 zeros, 32 ones.
    check(&[0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe], Ok(u32::MAX - 1), Ok(-i32::MAX));
    let zeros = Error::Range { field: "leading zero bits of ue(v)", value: 32, max: 31 };
    check(&[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff], Err(zeros), Err(zeros));
    check(&[0b0001_0000][..1], Ok(7), Ok(4));
    check(&[0b0000_1000][..1], Err(Error::ShortBits { at: 5, wanted: 4 }), Err(Error::ShortBits { at: 5, wanted: 4 }));
}
