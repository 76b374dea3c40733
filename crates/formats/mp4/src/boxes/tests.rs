use super::BoxWriter;

#[test]
fn sizes_count_what_is_inside() {
    let mut out = vec![9];
    BoxWriter::new(&mut out).boxed(b"moov", |w| {
        w.full_box(b"mehd", 1, 0x0102_0304, |w| w.u64(5));
        w.boxed(b"free", |_| {});
    });
    let expect = [
        &[9, 0, 0, 0, 36][..],
        b"moov\x00\x00\x00\x14mehd\x01\x02\x03\x04\x00\x00\x00\x00\x00\x00\x00\x05",
        b"\x00\x00\x00\x08free",
    ];
    assert_eq!(out, expect.concat());
}
