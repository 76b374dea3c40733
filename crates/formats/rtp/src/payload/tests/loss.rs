//! What is missing, and when pictures come again.

use super::*;

const X264: &[u8] = include_bytes!("../../../testdata/ffmpeg-x264.rtp");
const FIXTURES: [(Codec, &[u8]); 7] = [
    (Codec::H264, X264),
    (Codec::H264, include_bytes!("../../../testdata/ffmpeg-x264-slices.rtp")),
    (Codec::H265, include_bytes!("../../../testdata/gstreamer-x265-ap.rtp")),
    (Codec::Av1, include_bytes!("../../../testdata/ffmpeg-libaom-av1.rtp")),
    (Codec::Vp8, include_bytes!("../../../testdata/gstreamer-vp8.rtp")),
    (Codec::Vp9, include_bytes!("../../../testdata/ffmpeg-libvpx-vp9.rtp")),
    (Codec::Vp9, include_bytes!("../../../testdata/gstreamer-vp9.rtp")),
];

/// Every single packet in turn is lost: what comes is whole, and is what came up to the loss, and from the next key frame
/// on.
#[test]
fn each_packet_lost_once() {
    for (codec, fixture) in FIXTURES {
        let pieces = pieces(fixture);
        let all = put_together(codec, &pieces);
        let starts: Vec<u32> = all.iter().map(|unit| unit.timestamp).collect();
        for lost in 1..pieces.len() - 1 {
            let mut depacketizer = Depacketizer::new(codec).unwrap();
            let kept = pieces.iter().enumerate().filter(|(index, _)| *index != lost).map(|(_, piece)| piece);
            let units: Vec<AccessUnit> = kept.flat_map(|piece| depacketizer.push(piece)).collect();
            let hit = starts.iter().position(|timestamp| *timestamp == pieces[lost].timestamp).unwrap();
            let next_key = if hit == 0 || hit >= 10 { all.len() } else { 10 };
            let next_key = if hit == 0 { 10 } else { next_key };
            let expect = [&all[..hit], &all[next_key..]].concat();
            let bare =
                |units: &[AccessUnit]| units.iter().map(|it| (it.timestamp, it.data.clone())).collect::<Vec<_>>();
            // A loss that ended a picture with parameter sets or messages ahead of it shows only in what comes next.
            assert_eq!(bare(&units), bare(&expect), "{codec:?}, packet {lost}, picture {hit}");
            assert_eq!(depacketizer.lost().packets, 1);
            assert_eq!(depacketizer.needs_key(), next_key == all.len());
            assert!(units.is_empty() || units[0].config.is_some());
        }
    }
}

#[test]
fn without_markers_the_timestamp_ends_a_picture() {
    for (codec, fixture) in FIXTURES {
        let mut pieces = pieces(fixture);
        let all = put_together(codec, &pieces);
        pieces.iter_mut().for_each(|piece| piece.marker = false);
        assert_eq!(put_together(codec, &pieces), all[..all.len() - 1], "{codec:?}");
    }
}

#[test]
fn nothing_comes_before_a_key_frame() {
    for (codec, fixture) in FIXTURES {
        let pieces = pieces(fixture);
        let all = put_together(codec, &pieces);
        let second = pieces.iter().position(|piece| piece.timestamp == all[1].timestamp).unwrap();
        let mut depacketizer = Depacketizer::new(codec).unwrap();
        assert!(depacketizer.needs_key());
        let units: Vec<_> = pieces[second..].iter().flat_map(|piece| depacketizer.push(piece)).collect();
        assert_eq!(units[0].timestamp, all[10].timestamp, "{codec:?}");
        assert_eq!((units.len(), depacketizer.lost()), (10, Lost { packets: 0, pictures: 9 }), "{codec:?}");
        assert!(!depacketizer.needs_key());
    }
}

#[test]
fn packets_that_come_twice_and_probes_change_nothing() {
    let pieces = pieces(X264);
    let all = put_together(Codec::H264, &pieces);
    let mut sequence = 0;
    let mut odd = Vec::new();
    for piece in &pieces {
        for payload in [piece.payload, &[]] {
            odd.extend([Piece { sequence, payload, marker: piece.marker && !payload.is_empty(), ..*piece }; 2]);
            sequence += 1;
        }
    }
    assert_eq!(put_together(Codec::H264, &odd), all);
}

#[test]
fn the_source_counts_anew() {
    let pieces = pieces(X264);
    let mut depacketizer = Depacketizer::new(Codec::H264).unwrap();
    let again = pieces.iter().map(|piece| Piece { sequence: piece.sequence - (1 << 20), ..*piece });
    let units: Vec<_> = pieces.iter().copied().chain(again).flat_map(|piece| depacketizer.push(&piece)).collect();
    assert_eq!((units.len(), depacketizer.lost()), (40, Lost::default()));
    // The record is the same, and not told twice.
    assert_eq!(units.iter().filter(|unit| unit.config.is_some()).count(), 1);
}

#[test]
fn sound_goes_on() {
    let mut depacketizer = Depacketizer::new(Codec::Opus).unwrap();
    let fixture = include_bytes!("../../../testdata/ffmpeg-libopus.rtp");
    let pieces = pieces(fixture);
    let kept = pieces.iter().enumerate().filter(|(index, _)| index % 5 != 1).map(|(_, piece)| piece);
    let units: Vec<_> = kept.flat_map(|piece| depacketizer.push(piece)).collect();
    let lost = (0..pieces.len()).filter(|index| index % 5 == 1).count();
    assert_eq!(units.len(), pieces.len() - lost);
    assert!(units.iter().all(|unit| unit.key && unit.config.is_none()) && !depacketizer.needs_key());
}

/// One packet of H.264 with this payload.
fn piece(sequence: u64, timestamp: u32, payload: &[u8]) -> Piece<'_> {
    Piece { sequence, timestamp, marker: true, captured: Duration::ZERO, payload }
}

const SPS: &[u8] = &[0x67, 66, 0, 31, 0xda, 0x02, 0xd0];
const PPS: &[u8] = &[0x68, 0xee];

fn stap(units: &[&[u8]]) -> Vec<u8> {
    let sized = units.iter().flat_map(|unit| [&(unit.len() as u16).to_be_bytes()[..], unit].concat());
    [0x78].into_iter().chain(sized).collect()
}

#[test]
fn sets_that_change_are_told_with_the_picture_behind_them() {
    let other = [&SPS[..SPS.len() - 1], &[0xd1]].concat();
    let second_pps: &[u8] = &[0x68, 0x5e];
    let payloads = [
        stap(&[SPS, PPS, &[0x65, 0x88]]),
        vec![0x41, 0x9a],
        stap(&[SPS, PPS, &[0x65, 0x88]]),
        stap(&[&other, PPS, &[0x65, 0x88]]),
        stap(&[second_pps, &[0x41, 0x9a]]),
    ];
    let mut depacketizer = Depacketizer::new(Codec::H264).unwrap();
    let records: Vec<_> = payloads
        .iter()
        .enumerate()
        .flat_map(|(index, payload)| depacketizer.push(&piece(index as u64, index as u32, payload)))
        .map(|unit| unit.config)
        .collect();
    assert_eq!(records.len(), payloads.len());
    let sets = |record: &Option<Vec<u8>>| {
        let config = avc::DecoderConfig::parse(record.as_deref()?).ok()?;
        Some((config.sps[0].to_vec(), config.pps.len()))
    };
    let expect = [Some((SPS.to_vec(), 1)), None, None, Some((other.clone(), 1)), Some((other, 2))];
    assert_eq!(records.iter().map(sets).collect::<Vec<_>>(), expect);
}

#[test]
fn sets_by_another_way() {
    let mut depacketizer = Depacketizer::new(Codec::H264).unwrap();
    assert_eq!(depacketizer.push(&piece(0, 0, &[0x65, 0x88])).count(), 0);
    for set in [SPS, PPS, &[0x65, 0x88], &[]] {
        depacketizer.know(set);
    }
    let unit = depacketizer.push(&piece(1, 1, &[0x65, 0x88])).next().unwrap();
    assert!(unit.key && unit.config.is_some());
}

#[test]
fn a_key_frame_whose_sets_are_lost_is_none() {
    let sets = stap(&[SPS, PPS]);
    let mut depacketizer = Depacketizer::new(Codec::H264).unwrap();
    let mut push = |sequence, timestamp, payload: &[u8], marker| {
        depacketizer.push(&Piece { marker, ..piece(sequence, timestamp, payload) }).count()
    };
    assert_eq!((push(0, 0, &sets, false), push(1, 0, &[0x65, 0x88], true)), (0, 1));
    // The sets had number 2.
    assert_eq!(push(3, 1, &[0x65, 0x88], true), 0);
    assert_eq!((push(4, 2, &sets, false), push(5, 2, &[0x65, 0x88], true)), (0, 1));
    // Without a loss a key frame may do without, and so may those behind it.
    assert_eq!((push(6, 3, &[0x65, 0x88], true), push(8, 4, &[0x65, 0x88], true)), (1, 1));
    assert_eq!(depacketizer.take_fault(), Some(Fault::NoSets));
}

#[test]
fn sets_with_a_marker_of_their_own() {
    let sets = stap(&[SPS, PPS]);
    let mut depacketizer = Depacketizer::new(Codec::H264).unwrap();
    assert_eq!(depacketizer.push(&piece(0, 0, &sets)).count(), 0);
    let unit = depacketizer.push(&piece(1, 0, &[0x65, 0x88])).next().unwrap();
    assert!(unit.key && unit.config.is_some());
    assert_eq!(unit.data, [0, 0, 0, 2, 0x65, 0x88]);
}

#[test]
fn layers_of_vp9_are_one_superframe() {
    let key = [0x82, 0x49, 0x83, 0x42, 0x00, 0x07, 0xf0, 0x04, 0x70, 0, 0];
    let base = [&[0xac, 0x42, 0x00, 0x01][..], &key].concat();
    let upper = [&[0xac, 0x42, 0x02, 0x01][..], &[0x86, 1, 2]].concat();
    let mut depacketizer = Depacketizer::new(Codec::Vp9).unwrap();
    assert_eq!(depacketizer.push(&Piece { marker: false, ..piece(0, 0, &base) }).count(), 0);
    let unit = depacketizer.push(&piece(1, 0, &upper)).next().unwrap();
    assert!(unit.key);
    assert_eq!(unit.data, [&key[..], &[0x86, 1, 2], &[0xc1, 11, 3, 0xc1]].concat());
}

#[test]
fn a_key_frame_of_av1_has_its_sequence_header_with_it() {
    let header = [&[0x18][..], &[0x08, 0x00, 0x00, 0x00, 0x02, 0xaf, 0xff, 0x89, 0x5f, 0x20, 0x08]].concat();
    let both = [&[0x28, 11][..], &header[1..], &[0x30, 0x10, 9]].concat();
    let mut depacketizer = Depacketizer::new(Codec::Av1).unwrap();
    assert_eq!(depacketizer.push(&piece(0, 0, &header)).count(), 0);
    assert_eq!(depacketizer.push(&piece(1, 1, &[0x10, 0x30, 0x10, 9])).count(), 0);
    let unit = depacketizer.push(&piece(2, 2, &both)).next().unwrap();
    assert!(unit.key && unit.config.is_some() && unit.data.starts_with(&[0x0a, 10]));
}
