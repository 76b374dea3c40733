use super::*;

#[test]
fn greetings_bring_the_key() {
    let sent = Hello { publishes: true, key: [7; KEY_LEN], salt: [9; SALT_LEN] };
    let read = Hello::parse(&sent.bytes()).expect("a greeting");
    assert_eq!((read.publishes, read.key, read.salt), (true, sent.key, sent.salt));
    assert!(Hello::parse(&sent.bytes()[..HELLO_LEN - 1]).is_none());
    assert!(Hello::parse(b"weirSRTX").is_none());
}

#[test]
fn sequence_numbers_go_on_over_their_wraps() {
    let check = |sequence: u64, highest: u64, expect: u64| {
        let packet = header(true, sequence, 90_000, true);
        assert_eq!(read_header(&packet, &[0, highest]), Some((true, expect, 90_000)));
    };
    check(1, 0, 1);
    check(65_536, 65_535, 65_536);
    check(65_535, 65_536, 65_535);
    check(200_000, 199_999, 200_000);
    assert_eq!(read_header(&[0x80; 12], &[0, 0]), None);
    assert_eq!(read_header(&[0x80; 11], &[0, 0]), None);
}
