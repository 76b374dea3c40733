use super::NalTrack;
use crate::Error;
use weir_codec::{avc, hevc};

const SPS: &[u8] = &[0x67, 100, 0, 31];
const PPS: &[u8] = &[0x68, 0xee];
const IDR: &[u8] = &[0x65, 0x88];

fn avc_track(length_size: u8) -> NalTrack {
    let config =
        avc::DecoderConfig { profile: 100, compatibility: 0, level: 31, length_size, sps: vec![SPS], pps: vec![PPS] };
    let mut record = Vec::new();
    config.write_to(&mut record);
    NalTrack::avc(&record).expect("a good record")
}

fn hevc_record(units: &[&[u8]]) -> Vec<u8> {
    let mut record = vec![1, 1];
    record.resize(21, 0);
    record.extend_from_slice(&[3, units.len() as u8]);
    for unit in units {
        record.extend_from_slice(&[unit[0] >> 1, 0, 1, 0, unit.len() as u8]);
        record.extend_from_slice(unit);
    }
    record
}

fn with_lengths(units: &[&[u8]]) -> Vec<u8> {
    units.iter().flat_map(|unit| [&(unit.len() as u32).to_be_bytes(), *unit].concat()).collect()
}

fn write(track: &NalTrack, key: bool, payload: &[u8]) -> Result<Vec<u8>, Error> {
    let (scan, mut out) = (track.scan(payload)?, Vec::new());
    if !scan.is_empty() {
        track.parts(scan, key, payload, |part| out.extend_from_slice(part))?;
    }
    Ok(out)
}

/// `expect` as hex, units apart by spaces.
fn check(track: &NalTrack, key: bool, units: &[&[u8]], expect: &str) {
    check_bytes(track, key, &with_lengths(units), expect);
}

fn check_bytes(track: &NalTrack, key: bool, payload: &[u8], expect: &str) {
    let got = write(track, key, payload).expect("a good access unit");
    let hex: String = got.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, expect.replace(' ', ""), "{payload:02x?}");
}

#[test]
fn key_frames_of_h264_bring_their_parameter_sets() {
    let track = avc_track(4);
    check(&track, true, &[IDR], "0000000109f0 00000001 6764001f 00000001 68ee 000001 6588");
    check(&track, false, &[&[0x41, 9]], "0000000109f0 000001 4109");
    // Not a second time when the access unit has them.
    check(&track, true, &[SPS, PPS, IDR], "0000000109f0 00000001 6764001f 00000001 68ee 000001 6588");
    // One of the two is not enough.
    check(&track, true, &[PPS, IDR], "0000000109f0 00000001 6764001f 00000001 68ee 00000001 68ee 000001 6588");
}

#[test]
fn one_delimiter_first() {
    let track = avc_track(4);
    check(&track, false, &[&[9, 0x10], &[0x41, 9]], "00000001 0910 000001 4109");
    check(&track, true, &[&[9, 0x10], IDR], "00000001 0910 00000001 6764001f 00000001 68ee 000001 6588");
    check(&track, false, &[&[6, 5], &[9, 0x10], &[0x41, 9]], "0000000109f0 000001 0605 000001 4109");
    check(&track, false, &[&[9, 0x10], &[9, 0x30], &[0x41, 9]], "00000001 0910 000001 4109");
}

#[test]
fn access_units_with_nothing_in_them() {
    let track = avc_track(4);
    check(&track, true, &[], "");
    check(&track, true, &[&[], &[]], "");
    check(&track, true, &[&[9, 0x10]], "");
    check(&track, false, &[&[], &[0x41, 9]], "0000000109f0 000001 4109");
}

#[test]
fn length_fields_of_other_sizes() {
    check_bytes(&avc_track(2), false, &[0, 2, 0x41, 9, 0, 1, 0x41], "0000000109f0 000001 4109 000001 41");
    check_bytes(&avc_track(1), false, &[2, 0x41, 9], "0000000109f0 000001 4109");
}

#[test]
fn byte_streams_are_taken_where_lengths_fail() {
    let track = avc_track(4);
    let stream = [&[0, 0, 0, 1][..], SPS, &[0, 0, 0, 1], PPS, &[0, 0, 1], IDR].concat();
    check_bytes(&track, true, &stream, "0000000109f0 00000001 6764001f 00000001 68ee 000001 6588");
    // A unit of one byte looks like a start code, and is not.
    check_bytes(&track, false, &[0, 0, 0, 1, 0x41], "0000000109f0 000001 41");
}

#[test]
fn broken_lengths_are_refused() {
    let track = avc_track(4);
    let check = |payload: &[u8], at, len, left| {
        let error = weir_codec::Error::NalLength { at, len, left };
        assert_eq!(write(&track, true, payload), Err(Error::Codec(error)), "{payload:02x?}");
    };
    check(&[0, 0, 0, 9, 0x65], 0, 9, 1);
    check(&[0, 0, 0, 2, 0x65, 7, 0, 0], 6, 0, 0);
    check(&[0xff; 8], 0, 0xffff_ffff, 4);
}

#[test]
fn key_frames_of_h265_bring_their_parameter_sets() {
    let (vps, sps, pps): (&[u8], &[u8], &[u8]) = (&[0x40, 1, 0xc], &[0x42, 1, 1], &[0x44, 1, 0xc0]);
    let (colours, banner): (&[u8], &[u8]) = (&[0x4e, 1, 137, 0x80], &[0x4e, 1, 5, 0x80]);
    // Whatever the order in the record, and without the encoder's banner.
    let record = hevc_record(&[banner, colours, pps, sps, vps]);
    let track = NalTrack::hevc(&record).expect("a good record");
    let sets = "00000001 40010c 00000001 420101 00000001 4401c0 00000001 4e018980";
    let idr: &[u8] = &[0x26, 1, 0xaf];
    check(&track, true, &[idr], &format!("00000001460150 {sets} 000001 2601af"));
    check(&track, false, &[&[0x02, 1, 0xd0]], "00000001460150 000001 0201d0");
    check(&track, true, &[&[0x46, 1, 0x10], idr], &format!("00000001 460110 {sets} 000001 2601af"));
    let own = "00000001460150 00000001 40010c 00000001 420101 00000001 4401c0 000001 2601af";
    check(&track, true, &[vps, sps, pps, idr], own);
}

#[test]
fn a_record_of_x265() {
    let record = include_bytes!("../../../codec/testdata/ffmpeg-x265.hvcc");
    let track = NalTrack::hevc(record).expect("a good record");
    let units: Vec<_> = weir_codec::nal::annex_b(&track.sets).map(hevc::nal_type).collect();
    assert_eq!(units, [Some(hevc::NAL_VPS), Some(hevc::NAL_SPS), Some(hevc::NAL_PPS)]);
    assert!(track.sets.len() < 200 && record.len() > 2000, "the banner is left out");
}
