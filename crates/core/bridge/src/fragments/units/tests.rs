use super::*;

/// High; units have lengths of four bytes.
const AVCC: &[u8] = &[1, 100, 0, 31, 0xff, 0xe1, 0, 4, 0x67, 100, 0, 31, 1, 0, 2, 0x68, 0xee];

fn units(length_size: u8) -> Units {
    let mut config = AVCC.to_vec();
    config[4] = 0xfc | (length_size - 1);
    Units::of(Codec::H264, &config).expect("a track with units")
}

#[test]
fn byte_streams_become_units_with_lengths() {
    let check = |length_size: u8, data: &[u8], expect: Result<&[u8], Error>| {
        let sample = units(length_size).sample(Bytes::copy_from_slice(data));
        assert_eq!(sample.as_deref(), expect.as_ref().copied(), "{data:02x?}");
    };
    let stream = [0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x65, 0x88, 0x80];
    check(4, &stream, Ok(&[0, 0, 0, 2, 9, 0xf0, 0, 0, 0, 3, 0x65, 0x88, 0x80]));
    check(2, &[&[0][..], &stream].concat()[1..], Ok(&[0, 2, 9, 0xf0, 0, 3, 0x65, 0x88, 0x80]));
    check(4, &[0, 0, 0, 2, 0x65, 0x88], Ok(&[0, 0, 0, 2, 0x65, 0x88]));
    check(4, &[0, 0, 0, 3, 0x65, 0x88], Err(Error::NalLength { at: 0, len: 3, left: 2 }));
    let long = [&[0, 0, 0, 1][..], &[0x65; 256]].concat();
    check(1, &long, Err(Error::Range { field: "length of a NAL unit", value: 256, max: 255 }));
}

#[test]
fn a_sample_that_is_one_is_not_copied() {
    let data = Bytes::from_static(&[0, 0, 0, 2, 0x65, 0x88]);
    assert_eq!(units(4).sample(data.clone()).map(|sample| sample.as_ptr()), Ok(data.as_ptr()));
    assert!(Units::of(Codec::Av1, &[]).is_none());
}

#[test]
fn sets_of_the_record_are_not_in_samples_of_h265() {
    let config = include_bytes!("../../../../../formats/codec/testdata/ffmpeg-x265.hvcc");
    let record = hevc::DecoderConfig::parse(config).expect("ffmpeg's record");
    let joined = |units: &[&[u8]]| {
        let with_len = |unit: &&[u8]| [&(unit.len() as u32).to_be_bytes()[..], unit].concat();
        Bytes::from(units.iter().flat_map(with_len).collect::<Vec<u8>>())
    };
    let (sei, picture, other) = (&[0x4e, 1, 5][..], &[0x26, 1, 0xaf][..], &[0x44, 1, 0xc1, 0x72][..]);
    let [vps, sps, pps] = hevc::PARAMETER_SETS.map(|kind| record.units_of(kind).next().expect("a set"));
    let mut track = Units::of(Codec::H265, config).expect("a track with units");
    let mut check = |units: &[&[u8]], expect: &[&[u8]]| {
        assert_eq!(track.sample(joined(units)), Ok(joined(expect)), "{units:02x?}");
    };
    check(&[vps, sps, pps, sei, picture], &[sei, picture]);
    check(&[pps, picture], &[picture]);
    check(&[sei, picture], &[sei, picture]);
    // What the record does not have is needed, and then so is what takes its place again.
    check(&[other, picture], &[other, picture]);
    check(&[vps, sps, pps, picture], &[vps, sps, pps, picture]);
}
