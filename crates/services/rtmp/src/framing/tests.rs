use bytes::Bytes;
use weir_base::MediaTime;
use weir_flv::tag::TagKind;
use weir_net::testing::stamps_alike;

use super::*;

/// Up to here a timestamp has 24 bits; from here on it needs the extended field.
const LONG: u32 = 0x00ff_ffff;

#[test]
fn a_message_can_be_stamped_anew_whatever_its_chunks() {
    for len in [1, 127, 128, 129, 256, 257, 1000] {
        for chunk_size in [1, 128, 60_000] {
            let frame = Frame::from_flv(TagKind::Video, MediaTime::ZERO, Bytes::from(vec![0x27; len]));
            let mut framing = Messages::new(chunk_size);
            let mut check = |old, new| stamps_alike(&mut framing, &frame, old, new);
            assert_eq!(check(0, LONG - 1), Some(true), "{len} bytes in chunks of {chunk_size}");
            assert_eq!(check(LONG, u32::MAX), Some(true), "{len} bytes in chunks of {chunk_size}, extended");
            assert_eq!(check(0, LONG), None, "the header would grow");
            assert_eq!(check(LONG, 0), None, "the header would shrink");
        }
    }
}
