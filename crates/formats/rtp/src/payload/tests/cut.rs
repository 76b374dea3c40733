//! What is cut can be put together again, by others too: `e2e` gives it to ffmpeg and GStreamer.

use super::*;

const PLAIN: Options = Options { max_payload: DEFAULT_MAX_PAYLOAD, merge_units: false, keep_sei: true };

/// The payloads of units, checked for what holds of all.
fn cut(codec: Codec, options: Options, units: &[AccessUnit]) -> Vec<(u32, Payload)> {
    let mut packetizer = Packetizer::new(codec, options).unwrap();
    let mut payloads = Vec::new();
    for unit in units {
        if let Some(record) = &unit.config {
            packetizer.configure(record).unwrap();
        }
        let before = payloads.len();
        packetizer.packetize(&unit.data, unit.key, &mut |payload| payloads.push((unit.timestamp, payload))).unwrap();
        let of_unit = &payloads[before..];
        let most = if codec == Codec::Opus { usize::MAX } else { options.max_payload };
        assert!(of_unit.iter().all(|(_, payload)| (1..=most).contains(&payload.bytes.len())));
        let markers: Vec<bool> = of_unit.iter().map(|(_, payload)| payload.marker).collect();
        let last = markers.len() - 1;
        assert!(codec.is_audio() || markers.iter().enumerate().all(|(index, marker)| *marker == (index == last)));
    }
    payloads
}

fn as_pieces(payloads: &[(u32, Payload)]) -> Vec<Piece<'_>> {
    let piece = |(sequence, (timestamp, payload)): (usize, &'_ (u32, Payload))| Piece {
        sequence: sequence as u64,
        timestamp: timestamp.wrapping_add(payload.ticks),
        marker: payload.marker,
        captured: Duration::ZERO,
        // The payloads live as long as their list.
        payload: &payloads[sequence].1.bytes,
    };
    payloads.iter().enumerate().map(piece).collect()
}

fn check(codec: Codec, fixture: &[u8]) {
    let mut units = put_together(codec, &pieces(fixture));
    for unit in &mut units {
        unit.captured = Duration::ZERO;
    }
    for max_payload in [64, 100, 333, 1200, 65_000] {
        for merge_units in [false, true] {
            let payloads = cut(codec, Options { max_payload, merge_units, ..PLAIN }, &units);
            let again = put_together(codec, &as_pieces(&payloads));
            assert_eq!(again, units, "{codec:?} {max_payload} {merge_units}");
        }
    }
}

#[test]
fn real_streams_come_back() {
    check(Codec::H264, include_bytes!("../../../testdata/ffmpeg-x264-b.rtp"));
    check(Codec::H264, include_bytes!("../../../testdata/ffmpeg-x264-slices.rtp"));
    check(Codec::H265, include_bytes!("../../../testdata/ffmpeg-x265.rtp"));
    check(Codec::Av1, include_bytes!("../../../testdata/ffmpeg-libaom-av1.rtp"));
    check(Codec::Av1, include_bytes!("../../../testdata/ffmpeg-svtav1.rtp"));
    check(Codec::Vp8, include_bytes!("../../../testdata/ffmpeg-libvpx-vp8.rtp"));
    check(Codec::Vp9, include_bytes!("../../../testdata/ffmpeg-libvpx-vp9.rtp"));
    check(Codec::Opus, include_bytes!("../../../testdata/ffmpeg-libopus.rtp"));
}

/// The payloads of one unit.
fn payloads(packetizer: &mut Packetizer, data: &[u8], key: bool) -> Vec<Vec<u8>> {
    let mut payloads = Vec::new();
    packetizer.packetize(data, key, &mut |payload| payloads.push(payload.bytes.to_vec())).unwrap();
    payloads
}

fn lengths(units: &[&[u8]]) -> Vec<u8> {
    units.iter().flat_map(|unit| [&(unit.len() as u32).to_be_bytes()[..], unit].concat()).collect()
}

const AVCC: &[u8] = &[1, 66, 0, 31, 0xff, 0xe1, 0, 4, 0x67, 66, 0, 31, 1, 0, 2, 0x68, 0xee];

#[test]
fn h264_units() {
    let check = |options: Options, key: bool, units: &[&[u8]], expect: &[&[u8]]| {
        let mut packetizer = Packetizer::new(Codec::H264, options).unwrap();
        packetizer.configure(AVCC).unwrap();
        assert_eq!(payloads(&mut packetizer, &lengths(units), key), expect);
        // As a byte stream, as some encoders send it.
        let stream: Vec<u8> = units.iter().flat_map(|unit| [&[0, 0, 0, 1][..], unit].concat()).collect();
        if units.iter().all(|unit| !unit.ends_with(&[0]) && !unit.is_empty()) {
            assert_eq!(payloads(&mut packetizer, &stream, key), expect);
        }
    };
    const SETS: &[u8] = &[0x78, 0, 4, 0x67, 66, 0, 31, 0, 2, 0x68, 0xee];
    // Sets stand ahead of key frames, delimiters and filling are left out, and so is what has a meaning in payloads.
    check(PLAIN, false, &[&[9, 0x10], &[0x41, 0x9a], &[12, 0xff, 0x80]], &[&[0x41, 0x9a]]);
    check(PLAIN, true, &[&[0x65, 0x88]], &[SETS, &[0x65, 0x88]]);
    check(PLAIN, false, &[&[0x65, 0x88]], &[SETS, &[0x65, 0x88]]);
    check(PLAIN, false, &[&[0x78, 0, 1, 9], &[0x7c, 0x85, 1], &[0x60, 7], &[0x41, 0x9a]], &[&[0x41, 0x9a]]);
    // Sets of its own.
    let own: &[&[u8]] = &[&[0x67, 66, 0, 32], &[0x68, 0xef], &[0x65, 0x88]];
    check(PLAIN, true, own, &[&[0x78, 0, 4, 0x67, 66, 0, 32, 0, 2, 0x68, 0xef], &[0x65, 0x88]]);
    // Messages; small units together, as important as the most important.
    check(PLAIN, false, &[&[6, 5], &[0x41, 0x9a]], &[&[6, 5], &[0x41, 0x9a]]);
    check(Options { keep_sei: false, ..PLAIN }, false, &[&[6, 5], &[0x41, 0x9a]], &[&[0x41, 0x9a]]);
    let merged = Options { merge_units: true, ..PLAIN };
    check(merged, false, &[&[6, 5], &[0x41, 0x9a]], &[&[0x58, 0, 2, 6, 5, 0, 2, 0x41, 0x9a]]);
    // Nothing to send.
    check(PLAIN, false, &[], &[]);
    check(PLAIN, false, &[&[9, 0x10]], &[]);
    check(PLAIN, false, &[&[], &[0x41]], &[]);
}

#[test]
fn h264_pieces() {
    let mut packetizer = Packetizer::new(Codec::H264, Options { max_payload: 64, ..PLAIN }).unwrap();
    let slice = [&[0x41][..], &[7; 125]].concat();
    let pieces = payloads(&mut packetizer, &lengths(&[&slice]), false);
    let heads: Vec<(usize, &[u8])> = pieces.iter().map(|piece| (piece.len(), &piece[..2])).collect();
    assert_eq!(heads, [(64, &[0x5c, 0x81][..]), (64, &[0x5c, 0x01]), (3, &[0x5c, 0x41])]);
    let exact = [&[0x41][..], &[7; 63]].concat();
    assert_eq!(payloads(&mut packetizer, &lengths(&[&exact]), false), [exact]);
}

#[test]
fn lengths_of_two_bytes() {
    let mut packetizer = Packetizer::new(Codec::H264, PLAIN).unwrap();
    packetizer.configure(&[&[1, 66, 0, 31, 0xfd], &AVCC[5..]].concat()).unwrap();
    assert_eq!(payloads(&mut packetizer, &[0, 2, 0x41, 0x9a], false), [[0x41, 0x9a]]);
}

#[test]
fn what_cannot_be_read_is_told_behind_what_can() {
    let mut packetizer = Packetizer::new(Codec::H264, PLAIN).unwrap();
    let mut payloads = Vec::new();
    let data = [&lengths(&[&[0x41, 0x9a]])[..], &[0, 0, 0, 9, 0x41]].concat();
    let told = packetizer.packetize(&data, false, &mut |payload| payloads.push(payload.bytes));
    assert_eq!(told, Err(weir_codec::Error::NalLength { at: 6, len: 9, left: 1 }));
    assert_eq!(payloads, [[0x41, 0x9a].into()]);
    let mut packetizer = Packetizer::new(Codec::Av1, PLAIN).unwrap();
    assert!(packetizer.packetize(&[0x32, 9, 1], false, &mut |_| panic!("nothing whole")).is_err());
    assert!(packetizer.configure(&[1, 2]).is_err());
}

#[test]
fn h265_units() {
    let mut packetizer = Packetizer::new(Codec::H265, Options { merge_units: true, ..PLAIN }).unwrap();
    let (sei, slice) = ([39 << 1, 2, 5], [1 << 1, 0x03, 0x80]);
    let (aud, upper_layer) = ([35 << 1, 1, 0x50], [1 << 1, 0x0b, 0x80]);
    let expect = [&[48 << 1, 2, 0, 3][..], &sei, &[0, 3], &slice].concat();
    assert_eq!(payloads(&mut packetizer, &lengths(&[&aud, &sei, &slice, &upper_layer]), false), [expect]);
    let mut packetizer = Packetizer::new(Codec::H265, Options { max_payload: 64, ..PLAIN }).unwrap();
    let slice = [&[20 << 1, 1][..], &[7; 70]].concat();
    let pieces = payloads(&mut packetizer, &lengths(&[&slice]), false);
    assert_eq!([&pieces[0][..3], &pieces[1][..3]], [[49 << 1, 1, 0x80 | 20], [49 << 1, 1, 0x40 | 20]]);
}

#[test]
fn av1_elements() {
    let check = |key: bool, unit: &[u8], expect: &[&[u8]]| {
        let mut packetizer = Packetizer::new(Codec::Av1, Options { max_payload: 64, ..PLAIN }).unwrap();
        packetizer.configure(&[0x81, 0, 0, 0, 0x0a, 1, 0x55]).unwrap();
        assert_eq!(payloads(&mut packetizer, unit, key), expect);
    };
    // Delimiters, padding and sizes are left out; the sequence header of the record stands ahead of a key frame.
    check(false, &[0x12, 0, 0x32, 2, 8, 9, 0x7a, 1, 0x80], &[&[0x10, 0x30, 8, 9]]);
    check(true, &[0x12, 0, 0x32, 2, 0x10, 9], &[&[0x28, 2, 0x08, 0x55, 0x30, 0x10, 9]]);
    check(true, &[0x0a, 1, 0x56, 0x32, 1, 0x10], &[&[0x28, 2, 0x08, 0x56, 0x30, 0x10]]);
    check(true, &[0x12, 0], &[]);
    // Four have lengths, all of them.
    let four = [0x2a, 1, 1, 0x2a, 1, 2, 0x2a, 1, 3, 0x32, 1, 8];
    check(false, &four, &[&[0x00, 2, 0x28, 1, 2, 0x28, 2, 2, 0x28, 3, 2, 0x30, 8]]);
    // Layers keep apart.
    let layers = [0x36, 0x00, 1, 8, 0x36, 0x08, 1, 9];
    check(false, &layers, &[&[0x10, 0x34, 0x00, 8], &[0x10, 0x34, 0x08, 9]]);
    // In pieces.
    let frame = [&[0x32, 70][..], &[7; 70]].concat();
    let (first, rest) = ([&[0x50, 0x30][..], &[7; 62]].concat(), [&[0x90][..], &[7; 8]].concat());
    check(false, &frame, &[&first, &rest]);
}

#[test]
fn picture_ids_of_vpx_count_and_wrap() {
    let key = [0x82, 0x49, 0x83, 0x42, 0x00, 0x07, 0xf0, 0x04, 0x70, 0, 0];
    let mut packetizer = Packetizer::new(Codec::Vp9, PLAIN).unwrap();
    // The size is that of the frame: 128x72.
    let expect = [&[0x8f, 0x80, 0, 0x10, 0, 128, 0, 72][..], &key].concat();
    assert_eq!(payloads(&mut packetizer, &key, true), [expect]);
    assert_eq!(payloads(&mut packetizer, &[0x86, 1], false), [[0xcd, 0x80, 1, 0x86, 1]]);
    let mut packetizer = Packetizer::new(Codec::Vp8, PLAIN).unwrap();
    for id in 0..0x8001_u32 {
        let [high, low] = (id as u16 | 0x8000).to_be_bytes();
        assert_eq!(payloads(&mut packetizer, &[0x31], false), [[0x90, 0x80, high, low, 0x31]]);
    }
    assert!(payloads(&mut packetizer, &[], false).is_empty());
}

#[test]
fn sound_that_is_long() {
    let options = Options { max_payload: 80, ..PLAIN };
    let check = |codec, len: usize, expect: &[(usize, u32)]| {
        let mut packetizer = Packetizer::new(codec, options).unwrap();
        let mut found = Vec::new();
        packetizer.packetize(&vec![7; len], true, &mut |it| found.push((it.bytes.len(), it.ticks))).unwrap();
        assert_eq!(found, expect);
    };
    check(Codec::G711a, 200, &[(80, 0), (80, 80), (40, 160)]);
    check(Codec::G711u, 80, &[(80, 0)]);
    // A packet of Opus cannot be cut.
    check(Codec::Opus, 200, &[(200, 0)]);
    check(Codec::Opus, 0, &[]);
}
