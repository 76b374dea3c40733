use bytes::BytesMut;

use super::{is_rtc, next};

#[test]
fn the_first_bytes_tell_webrtc_from_http() {
    assert_eq!(is_rtc(&[]), None);
    assert_eq!(is_rtc(&[0]), None);
    assert_eq!(is_rtc(&[0, 100, 0]), None);
    assert_eq!(is_rtc(&[0, 100, 0, 1]), Some(true));
    assert_eq!(is_rtc(&[0, 100, 1, 1]), Some(false));
    assert_eq!(is_rtc(b"G"), Some(false));
    assert_eq!(is_rtc(b"PRI * HTTP/2.0"), Some(false));
    assert_eq!(is_rtc(&[0x16, 3, 1, 2]), Some(false));
}

#[test]
fn packets_are_cut_by_their_length() {
    let mut buffer = BytesMut::from(&[0, 2, 7, 8, 0, 0, 0, 3, 1][..]);
    assert_eq!(next(&mut buffer).as_deref(), Some(&[7, 8][..]));
    assert_eq!(next(&mut buffer).as_deref(), Some(&[][..]));
    assert_eq!(next(&mut buffer), None);
    buffer.extend_from_slice(&[2, 3]);
    assert_eq!(next(&mut buffer).as_deref(), Some(&[1, 2, 3][..]));
    assert_eq!(next(&mut buffer), None);
}
