use super::*;

#[test]
fn first_bytes_tell_the_protocol() {
    let check = |datagram: &[u8], expect| assert_eq!(Kind::of(datagram), expect, "{datagram:?}");
    check(&[0, 1], Kind::Stun);
    check(&[3, 1], Kind::Stun);
    check(&[4, 1], Kind::Unknown);
    check(&[16, 1], Kind::Unknown);
    check(&[20, 254], Kind::Dtls);
    check(&[63, 254], Kind::Dtls);
    check(&[64, 0], Kind::Unknown);
    check(&[0x80, 96], Kind::Rtp);
    check(&[0x80, 0x80 | 96], Kind::Rtp);
    check(&[0x80, 191], Kind::Rtp);
    check(&[0x81, 200], Kind::Rtcp);
    check(&[0x80, 192], Kind::Rtcp);
    check(&[0xbf, 223], Kind::Rtcp);
    check(&[0x80, 224], Kind::Rtp);
    check(&[0x80], Kind::Unknown);
    check(&[192, 0], Kind::Unknown);
    check(&[], Kind::Unknown);
}

#[test]
fn peeks_look_at_whole_headers_of_rtp_only() {
    let packet = [0x80, 0xe0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4];
    assert_eq!(peek_ssrc(&packet), Some(0x0102_0304));
    assert_eq!(peek_payload_type(&packet), Some(96));
    assert_eq!(peek_ssrc(&packet[..11]), None);
    assert_eq!(peek_payload_type(&packet[..11]), None);
    let report = [0x80, 200, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4];
    assert_eq!(peek_ssrc(&report), None);
    assert_eq!(peek_payload_type(&report), None);
    assert!(is_rtcp(&report) && !is_rtcp(&packet));
}
