use super::{file_header, previous_tag_size, write_tag_header};
use crate::tag::TagKind;

#[test]
fn the_file_header_tells_what_follows() {
    let check = |audio, video, flags| {
        let expect = [b'F', b'L', b'V', 1, flags, 0, 0, 0, 9, 0, 0, 0, 0];
        assert_eq!(file_header(audio, video), expect);
    };
    check(true, true, 5);
    check(true, false, 4);
    check(false, true, 1);
    check(false, false, 0);
}

#[test]
fn a_tag_header_splits_the_timestamp() {
    let mut out = Vec::new();
    write_tag_header(&mut out, TagKind::Video, 0x1234_5678, 0x01_0203);
    assert_eq!(out, [9, 1, 2, 3, 0x34, 0x56, 0x78, 0x12, 0, 0, 0]);
    assert_eq!(previous_tag_size(0x01_0203), [0, 1, 2, 0x0e]);
}
