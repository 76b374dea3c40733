use super::OpusHead;
use crate::Error;

const LIBOPUS: &[u8] = b"OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00";

#[test]
fn a_header_of_libopus_round_trips() {
    let head = OpusHead::parse(LIBOPUS).expect("a header");
    assert_eq!(head, OpusHead { channels: 2, pre_skip: 312, input_rate: 48000, gain: 0, mapping_family: 0 });
    let mut out = Vec::new();
    head.write_to(&mut out);
    assert_eq!(out, LIBOPUS);
}

#[test]
fn broken_headers_are_refused() {
    let check = |bytes: &[u8], field: &'static str, value: u64| {
        assert_eq!(OpusHead::parse(bytes), Err(Error::Unexpected { field, value }));
    };
    check(b"OpusTags\x01", "magic of OpusHead", u64::from_be_bytes(*b"OpusTags"));
    check(b"OpusHead\x10\x02", "version of OpusHead", 16);
    check(b"OpusHead\x01\x00", "channel count of OpusHead", 0);
    assert!((0..19).all(|end| OpusHead::parse(&LIBOPUS[..end]).is_err()));
}
