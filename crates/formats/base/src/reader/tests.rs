use super::{ByteReader, Short};

#[test]
fn reads_big_endian_fields_in_order() {
    let mut r = ByteReader::new(&[1, 0, 2, 0, 0, 3, 0xff, 0xff, 0xfe, 0, 0, 0, 4, 5, 0, 0, 0]);
    assert_eq!(r.u8(), Ok(1));
    assert_eq!(r.u16(), Ok(2));
    assert_eq!(r.u24(), Ok(3));
    assert_eq!(r.i24(), Ok(-2));
    assert_eq!(r.u32(), Ok(4));
    assert_eq!(r.u32_le(), Ok(5));
    assert!(r.is_empty());
}

#[test]
fn a_failed_read_consumes_nothing_and_tells_where() {
    let mut r = ByteReader::new(&[1, 2, 3]);
    r.skip(1).expect("one byte is there");
    assert_eq!(r.u32(), Err(Short { at: 1, wanted: 4, left: 2 }));
    assert_eq!(r.u16(), Ok(0x0203));
    assert_eq!(r.take(usize::MAX), Err(Short { at: 3, wanted: usize::MAX, left: 0 }));
    assert_eq!(r.peek(), None);
}
