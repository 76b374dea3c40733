//! Payloads that no honest sender makes.

use super::*;

/// Packets of one picture, in a stream that has begun well; none is given, and the fault is this.
fn check(codec: Codec, begin: &[&[u8]], payloads: &[&[u8]], expect: Option<Fault>) -> u64 {
    let mut depacketizer = Depacketizer::new(codec).unwrap();
    let mut sequence = 0;
    let mut push = |timestamp, payload, marker| {
        sequence += 1;
        let units = depacketizer.push(&Piece { sequence, timestamp, marker, captured: Duration::ZERO, payload });
        units.count()
    };
    let begun: usize = begin.iter().enumerate().map(|(at, payload)| push(0, payload, at + 1 == begin.len())).sum();
    assert_eq!(begun, usize::from(!begin.is_empty()), "{codec:?}");
    let found: usize =
        payloads.iter().enumerate().map(|(at, payload)| push(1, payload, at + 1 == payloads.len())).sum();
    let fault = depacketizer.take_fault();
    assert_eq!(fault, expect, "{codec:?}");
    assert_eq!((found == 0, depacketizer.needs_key()), (expect.is_some(), expect.is_some()), "{codec:?} {found}");
    depacketizer.lost().pictures
}

fn short(at: usize, wanted: usize, left: usize) -> Option<Fault> {
    Some(Fault::Short(weir_base::Short { at, wanted, left }))
}

const H264: &[&[u8]] = &[&[0x78, 0, 7, 0x67, 66, 0, 31, 0xda, 0x02, 0xd0, 0, 2, 0x68, 0xee], &[0x65, 0x88]];

#[test]
fn h264() {
    let check = |payloads: &[&[u8]], expect| {
        check(Codec::H264, H264, payloads, expect);
    };
    // Pieces without a start, without an end, and with neither.
    check(&[&[0x7c, 0x01, 7]], Some(Fault::NoStart));
    check(&[&[0x7c, 0x41, 7]], Some(Fault::NoStart));
    check(&[&[0x7c, 0x81, 0x9a], &[0x7c, 0x01, 7]], Some(Fault::NoEnd));
    check(&[&[0x7c, 0x81, 0x9a], &[0x7c, 0x81, 0x9a], &[0x7c, 0x41, 7]], Some(Fault::NoEnd));
    check(&[&[0x7c, 0x81, 0x9a], &[0x41, 0x9a]], Some(Fault::NoEnd));
    check(&[&[0x7c, 0x81, 0x9a], &[0x78, 0, 2, 0x41, 0x9a]], Some(Fault::NoEnd));
    check(&[&[0x7c, 0x81, 0x9a], &[0x7c, 0x41, 7], &[0x7c, 0x41, 7]], Some(Fault::NoStart));
    check(&[&[0x7c]], short(1, 1, 0));
    // Sizes that are wrong.
    check(&[&[0x78, 0, 2, 0x41, 0x9a, 0, 9, 0x41]], short(7, 9, 1));
    check(&[&[0x78, 0, 2, 0x41, 0x9a, 0]], short(5, 2, 1));
    check(&[&[0x78, 0xff, 0xff]], short(3, 65535, 0));
    // Modes that were not agreed on.
    for kind in [25, 26, 27, 29] {
        check(&[&[0x60 | kind, 0, 0, 0, 2, 0x41, 0x9a]], Some(Fault::Interleaved { kind }));
    }
    // What means nothing is passed over: empty units, undefined types, a unit that is one piece, an empty piece.
    check(&[&[0x78, 0, 0, 0, 2, 0x41, 0x9a, 0, 0]], None);
    check(&[&[0x7e, 1], &[0x60, 1], &[0x41, 0x9a]], None);
    check(&[&[0x7c, 0xc1, 0x9a]], None);
    check(&[&[0x7c, 0x81, 0x9a], &[0x7c, 0x01], &[0x7c, 0x41]], None);
}

#[test]
fn a_unit_in_pieces_may_not_be_what_has_a_meaning_in_payloads() {
    let begin: Vec<Piece<'_>> = [H264[0], H264[1], &[0x7c, 0x80 | 0x40 | 24, 1, 2], &[0x41, 0x9a]]
        .iter()
        .zip([(1, 0, false), (2, 0, true), (3, 1, false), (4, 1, true)])
        .map(|(payload, (sequence, timestamp, marker))| Piece {
            sequence,
            timestamp,
            marker,
            captured: Duration::ZERO,
            payload,
        })
        .collect();
    let units = put_together(Codec::H264, &begin);
    assert_eq!(units[1].data, [0, 0, 0, 2, 0x41, 0x9a]);
}

#[test]
fn h265() {
    let fixture = include_bytes!("../../../testdata/gstreamer-x265-ap.rtp");
    let pieces = pieces(fixture);
    let first = pieces.iter().take_while(|piece| piece.timestamp == pieces[0].timestamp);
    let begin: Vec<&[u8]> = first.map(|piece| piece.payload).collect();
    let check = |payloads: &[&[u8]], expect| {
        check(Codec::H265, &begin, payloads, expect);
    };
    check(&[&[49 << 1, 1, 0x01, 7]], Some(Fault::NoStart));
    check(&[&[49 << 1, 1, 0x41, 7]], Some(Fault::NoStart));
    check(&[&[49 << 1, 1, 0x81, 0x80]], Some(Fault::NoEnd));
    check(&[&[49 << 1, 1]], short(2, 1, 0));
    check(&[&[2]], short(0, 2, 1));
    check(&[&[48 << 1, 1, 0, 3, 2, 1, 0x80, 0, 9, 2]], short(9, 9, 1));
    check(&[&[50 << 1, 1, 0, 0]], Some(Fault::Interleaved { kind: 50 }));
    check(&[&[48 << 1, 1, 0, 0, 0, 3, 2, 1, 0x80]], None);
    check(&[&[63 << 1, 1, 9], &[2, 1, 0x80]], None);
}

#[test]
fn av1() {
    let pieces = pieces(include_bytes!("../../../testdata/ffmpeg-svtav1.rtp"));
    let first = pieces.iter().take_while(|piece| piece.timestamp == pieces[0].timestamp);
    let begin: Vec<&[u8]> = first.map(|piece| piece.payload).collect();
    let check = |payloads: &[&[u8]], expect| {
        check(Codec::Av1, &begin, payloads, expect);
    };
    let range = |field, value, max| Some(Fault::Codec(weir_codec::Error::Range { field, value, max }));
    // Lengths in LEB128: of nine bytes, past the payload, past all memory, cut short.
    check(&[&[&[0x00][..], &[0x80; 8], &[1, 0x30]].concat()], range("bytes of leb128()", 9, 8));
    check(&[&[0x00, 9, 0x30, 1]], short(2, 9, 2));
    check(&[&[0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x30]], short(9, (1 << 56) - 1, 1));
    check(&[&[0x00, 0x80]], short(2, 1, 0));
    // Counts that do not fit: none, fewer, and the last with nothing.
    check(&[&[0x00]], short(1, 1, 0));
    check(&[&[0x10]], short(1, 1, 0));
    check(&[&[0x20, 2, 0x30, 1]], short(4, 1, 0));
    check(&[&[0x30, 2, 0x30, 1]], short(4, 1, 0));
    // Pieces without a start and without an end.
    check(&[&[0x90, 7]], Some(Fault::NoStart));
    check(&[&[0x50, 0x30, 7]], Some(Fault::NoEnd));
    check(&[&[0x50, 0x30, 7], &[0x10, 0x30, 7]], Some(Fault::NoEnd));
    // An OBU with a size past its end; one whose header is none; one without the byte that it announces.
    check(&[&[0x10, 0x32, 9, 7]], range("obu_size", 9, 1));
    let header = weir_codec::Error::Unexpected { field: "header of an OBU", value: 0xb0 };
    check(&[&[0x10, 0xb0, 7]], Some(Fault::Codec(header)));
    check(&[&[0x10, 0x34]], short(1, 1, 0));
    // Sizes, delimiters, tile lists and empty elements that should not be there.
    check(&[&[0x10, 0x32, 2, 0x60, 9]], None);
    check(&[&[0x00, 1, 0x10, 2, 0x40, 1, 0, 2, 0x30, 0x60]], None);
}

#[test]
fn vp8_and_vp9() {
    const VP8: &[&[u8]] = &[&[0x10, 0x10, 0, 0, 0x9d, 1, 0x2a, 64, 0, 64, 0]];
    const VP9: &[&[u8]] = &[&[0x0c, 0x82, 0x49, 0x83, 0x42, 0x00, 0x07, 0xf0, 0x04, 0x70, 0, 0]];
    check(Codec::Vp8, VP8, &[&[0x00, 7]], Some(Fault::NoStart));
    check(Codec::Vp8, VP8, &[&[0x90, 0x80, 0x92]], short(3, 1, 0));
    check(Codec::Vp8, VP8, &[&[0x10, 0x31]], Some(Fault::Codec(weir_codec::Error::ShortBits { at: 0, wanted: 24 })));
    check(Codec::Vp8, VP8, &[&[0x10, 0x11, 0, 0]], None);
    check(Codec::Vp9, VP9, &[&[0x44, 7]], Some(Fault::NoStart));
    check(Codec::Vp9, VP9, &[&[0x88, 0x92]], short(2, 1, 0));
    let marker = weir_codec::Error::Unexpected { field: "frame_marker of VP9", value: 0 };
    check(Codec::Vp9, VP9, &[&[0x4c, 0x06]], Some(Fault::Codec(marker)));
    check(Codec::Vp9, VP9, &[&[0x4c, 0x86]], None);
    // A structure of 255 pictures with three references each: whole, and cut short.
    let structure = [&[0x4e, 0x08, 255][..], &[0x0c, 1, 2, 3].repeat(255)].concat();
    check(Codec::Vp9, VP9, &[&[&structure[..], &[0x86]].concat()], None);
    check(Codec::Vp9, VP9, &[&structure[..structure.len() - 1]], short(3 + 254 * 4 + 1, 3, 2));
    // Nine layers.
    check(Codec::Vp9, VP9, &[&[0x4c, 0x86][..]; 9], Some(Fault::TooMany { max: 8 }));
}

#[test]
fn pictures_without_an_end_are_bounded() {
    let big = vec![7; 1200];
    let check_big = |codec, begin: &[&[u8]], first: &[u8], rest: &[u8]| {
        let rest = [rest, &big].concat();
        let payloads: Vec<&[u8]> = std::iter::once(first).chain(std::iter::repeat_n(&rest[..], 15_000)).collect();
        check(codec, begin, &payloads, Some(Fault::TooLarge { max: 16 << 20 }));
    };
    check_big(Codec::H264, H264, &[0x7c, 0x81, 0x9a], &[0x7c, 0x01]);
    check_big(Codec::H265, &[], &[49 << 1, 1, 0x80 | 19, 0x80], &[49 << 1, 1, 19]);
    check_big(Codec::Av1, &[], &[0x58, 0x30, 0x10], &[0xd0]);
    check_big(Codec::Vp8, &[], &[0x10, 0x10, 0, 0], &[0x00]);
    check_big(Codec::Vp9, &[], &[0x08, 0x82], &[0x00]);
}

#[test]
fn units_of_a_picture_are_bounded() {
    let stap = [&[0x78][..], &[0, 2, 0x41, 0x46].repeat(300)].concat();
    let lost = check(Codec::H264, H264, &[&stap[..]; 20], Some(Fault::TooMany { max: 4096 }));
    assert_eq!(lost, 1);
    let obus = [&[0x00][..], &[2, 0x28, 1].repeat(300)].concat();
    check(Codec::Av1, &[], &[&obus[..]; 20], Some(Fault::TooMany { max: 4096 }));
    // Parameter sets without end do not pile up either.
    let sets = [&[0x78][..], &[0, 3, 0x68, 1, 2].repeat(200)].concat();
    check(Codec::H264, H264, &[&sets[..]; 40], Some(Fault::TooMany { max: 4096 }));
}

#[test]
fn every_truncation_of_every_packet() {
    for (codec, fixture) in [
        (Codec::H264, &include_bytes!("../../../testdata/gstreamer-x264-stap-a.rtp")[..]),
        (Codec::H265, include_bytes!("../../../testdata/gstreamer-x265-ap.rtp")),
        (Codec::Av1, include_bytes!("../../../testdata/ffmpeg-svtav1.rtp")),
        (Codec::Vp8, include_bytes!("../../../testdata/gstreamer-vp8.rtp")),
        (Codec::Vp9, include_bytes!("../../../testdata/gstreamer-vp9.rtp")),
    ] {
        let pieces = pieces(fixture);
        let mut depacketizer = Depacketizer::new(codec).unwrap();
        for (index, piece) in pieces.iter().enumerate() {
            let mut others = depacketizer.clone();
            for len in 0..piece.payload.len() {
                // Each in the place of the whole one, and what comes behind it.
                let mut cut = if len < 40 { depacketizer.clone() } else { others.clone() };
                cut.push(&Piece { payload: &piece.payload[..len], ..*piece }).for_each(drop);
                if let Some(next) = pieces.get(index + 1).filter(|_| len < 40) {
                    cut.push(next).for_each(drop);
                    others = cut;
                }
            }
            depacketizer.push(piece).for_each(drop);
        }
    }
}
