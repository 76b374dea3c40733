use super::*;
use weir_base::Short;

/// Twelve bytes with `flags` in the first, and `rest` behind them.
fn packet(flags: u8, rest: &[u8]) -> Vec<u8> {
    [&[flags, 0xe3, 0x12, 0x34, 0, 1, 0xe2, 0x40, 0xde, 0xad, 0xbe, 0xef], rest].concat()
}

fn elements(profile: u16, data: &[u8]) -> Vec<(u8, &[u8])> {
    Extension { profile, data }.elements().collect()
}

#[test]
fn fields_and_the_place_of_the_payload() {
    let rest = [&[0, 0, 0, 7, 0, 0, 0, 8][..], &[0xbe, 0xde, 0, 1, 0x30, 5, 0, 0], b"payload"].concat();
    let bytes = packet(0x92, &rest);
    let (header, payload) = Header::parse(&bytes).unwrap();
    let expect = Header {
        marker: true,
        payload_type: 99,
        sequence: 0x1234,
        timestamp: 123_456,
        ssrc: 0xdead_beef,
        csrcs: &[[0, 0, 0, 7], [0, 0, 0, 8]],
        extension: Some(Extension { profile: 0xbede, data: &[0x30, 5, 0, 0] }),
    };
    assert_eq!(header, expect);
    assert_eq!(&bytes[payload.clone()], b"payload");
    let mut out = Vec::new();
    header.write_to(&mut out);
    assert_eq!(out, &bytes[..payload.start]);
}

#[test]
fn every_truncation_is_told() {
    let bytes = packet(0x91, &[0, 0, 0, 7, 0xbe, 0xde, 0, 1, 0x30, 5, 0, 0]);
    for len in 0..bytes.len() {
        assert!(matches!(Header::parse(&bytes[..len]), Err(Error::Short(_))), "{len}");
    }
    assert_eq!(Header::parse(&bytes).map(|(_, payload)| payload), Ok(bytes.len()..bytes.len()));
    assert_eq!(Header::parse(&[]), Err(Error::Short(Short { at: 0, wanted: 2, left: 0 })));
}

#[test]
fn other_versions() {
    for version in [0, 1, 3] {
        assert_eq!(Header::parse(&packet(version << 6, b"")), Err(Error::Version(version)));
    }
}

#[test]
fn padding() {
    let check = |body: &[u8], expect: Result<usize, (u8, usize)>| {
        let bytes = packet(0xa0, body);
        let expect = expect.map_err(|(padding, left)| Error::Padding { padding, left });
        assert_eq!(Header::parse(&bytes).map(|(_, payload)| payload.len()), expect);
    };
    check(&[9, 9, 9, 1], Ok(3));
    check(&[9, 9, 0, 2], Ok(2));
    check(&[0, 0, 0, 4], Ok(0));
    check(&[&[9; 45][..], &[0; 254], &[255]].concat(), Ok(45));
    check(&[&[0; 254][..], &[255]].concat(), Ok(0));
    check(&[9, 9, 9, 0], Err((0, 4)));
    check(&[9, 9, 9, 5], Err((5, 4)));
    check(&[0, 0, 0, 255], Err((255, 4)));
    check(&[], Err((0, 0)));
}

#[test]
fn elements_with_headers_of_one_byte() {
    let check = |data: &[u8], expect: &[(u8, &[u8])]| assert_eq!(elements(0xbede, data), expect);
    check(&[0x10, 7, 0, 0, 0x21, 8, 9, 0], &[(1, &[7]), (2, &[8, 9])]);
    check(&[0, 0, 0xe0, 7], &[(14, &[7])]);
    check(&[0x10, 7, 0xf0, 1, 0x20, 8, 0, 0], &[(1, &[7])]);
    check(&[0x10, 7, 0x23, 1], &[(1, &[7])]);
    check(&[0x10], &[]);
    check(&[], &[]);
}

#[test]
fn elements_with_headers_of_two_bytes() {
    let check = |profile, data: &[u8], expect: &[(u8, &[u8])]| assert_eq!(elements(profile, data), expect);
    check(0x1000, &[1, 0, 0, 2, 3, 7, 8, 9], &[(1, &[]), (2, &[7, 8, 9])]);
    check(0x100f, &[15, 1, 7, 0], &[(15, &[7])]);
    check(0x1000, &[255, 1, 7, 200], &[(255, &[7])]);
    check(0x1000, &[1, 3, 7, 0], &[]);
}

#[test]
fn other_profiles_have_no_elements() {
    assert_eq!(elements(0x1010, &[1, 1, 7, 0]), []);
    assert_eq!(elements(0, &[0x10, 7, 0, 0]), []);
}

#[test]
fn writing_keeps_to_what_the_fields_can_say() {
    let csrcs = [[1, 2, 3, 4]; 20];
    let extension = Some(Extension { profile: 0xbede, data: &[0x10, 7] });
    let header = Header { payload_type: 255, csrcs: &csrcs, extension, ..Header::default() };
    let mut out = Vec::new();
    header.write_to(&mut out);
    let (again, payload) = Header::parse(&out).unwrap();
    assert_eq!((again.csrcs, again.payload_type, again.marker), (&csrcs[..15], 127, false));
    assert_eq!(again.extension.unwrap().data, [0x10, 7, 0, 0]);
    assert_eq!(payload, out.len()..out.len());
}
