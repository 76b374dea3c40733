use super::Carrier;

fn wrapped(carrier: Carrier, len: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    carrier.open(&mut bytes, len);
    bytes.resize(bytes.len() + len, b'x');
    carrier.close(&mut bytes);
    bytes
}

#[test]
fn pieces_are_told_apart() {
    assert_eq!(wrapped(Carrier::Bare, 2), b"xx");
    assert_eq!(wrapped(Carrier::Chunked, 17), b"11\r\nxxxxxxxxxxxxxxxxx\r\n");
    assert_eq!(wrapped(Carrier::WebSocket, 2), b"\x82\x02xx");
    assert_eq!(wrapped(Carrier::WebSocket, 126)[..5], *b"\x82\x7e\x00\x7ex");
    assert_eq!(wrapped(Carrier::WebSocket, 65_536)[..11], *b"\x82\x7f\0\0\0\0\0\x01\0\0x");
}

#[test]
fn a_piece_is_found_again() {
    for carrier in [Carrier::Bare, Carrier::Chunked, Carrier::WebSocket] {
        assert_eq!(Carrier::of(carrier.number()), carrier);
        for len in [1, 125, 126, 65_535, 65_536] {
            let mut whole = wrapped(carrier, len);
            assert_eq!(
                carrier.piece(&mut whole).and_then(|piece| piece.first().copied()),
                Some(b'x'),
                "{carrier:?} {len}"
            );
        }
    }
}
