use super::Entry;
use crate::boxes::BoxWriter;
use crate::{Error, Media, Track};
use bytes::Bytes;
use mp4_atom::{Codec as Atom, Decode, Encode, FlacMetadataBlock, Visual};
use weir_codec::Codec;

const AVCC: &[u8] = include_bytes!("../../testdata/ffmpeg-x264.avcc");
const HVCC: &[u8] = include_bytes!("../../testdata/ffmpeg-x265.hvcc");
const AV1C: &[u8] = include_bytes!("../../testdata/ffmpeg-libaom.av1c");
const VPCC: &[u8] = include_bytes!("../../testdata/ffmpeg-libvpx.vpcc");
const ASC: &[u8] = include_bytes!("../../testdata/ffmpeg-aac.asc");
const OPUS: &[u8] = include_bytes!("../../testdata/ffmpeg-libopus.opushead");
const FLAC: &[u8] = include_bytes!("../../testdata/ffmpeg-flac.flac-header");
const DAC3: &[u8] = include_bytes!("../../testdata/ffmpeg-ac3.dac3");
const DEC3: &[u8] = include_bytes!("../../testdata/ffmpeg-eac3.dec3");

fn track(codec: Codec, config: &[u8]) -> Track {
    let media = if codec.is_video() { Media::video(64, 48) } else { Media::audio(48_000, 2) };
    Track { id: 1, codec, config: Bytes::copy_from_slice(config), timescale: 1000, media }
}

/// The entry as an independent parser reads it. What that parser writes must be what it read.
#[track_caller]
fn read(track: &Track) -> Atom {
    let mut out = Vec::new();
    Entry::of(track).expect("an entry").write(&mut BoxWriter::new(&mut out));
    let atom = Atom::decode(&mut &out[..]).expect("a sample entry");
    let mut again = Vec::new();
    atom.encode(&mut again).expect("it writes");
    // It leaves out the padding of the sizes of descriptors.
    if track.codec != Codec::Aac && track.codec != Codec::Mp3 {
        assert_eq!(again, out);
    }
    atom
}

#[track_caller]
fn check_visual(visual: &Visual) {
    let expect = Visual { data_reference_index: 1, width: 64, height: 48, ..Visual::default() };
    assert_eq!(*visual, expect);
}

#[track_caller]
fn check_sound(audio: &mp4_atom::Audio, channels: u16, bits: u16, rate: u16) {
    assert_eq!((audio.data_reference_index, audio.channel_count, audio.sample_size), (1, channels, bits));
    assert_eq!(audio.sample_rate, rate.into());
}

#[test]
fn h264() {
    let Atom::Avc1(entry) = read(&track(Codec::H264, AVCC)) else { panic!("not avc1") };
    check_visual(&entry.visual);
    assert_eq!((entry.avcc.avc_profile_indication, entry.avcc.avc_level_indication), (100, 10));
    assert_eq!((entry.avcc.length_size, entry.avcc.sequence_parameter_sets.len()), (4, 1));
}

#[test]
fn lengths_of_nal_units_pass_as_they_are() {
    let mut config = AVCC.to_vec();
    config[4] = 0xfd;
    let Atom::Avc1(entry) = read(&track(Codec::H264, &config)) else { panic!("not avc1") };
    assert_eq!(entry.avcc.length_size, 2);
}

#[test]
fn h265_has_complete_arrays() {
    let mut config = HVCC.to_vec();
    config[0] = 0;
    assert_eq!(config[23], 0xa0, "the array of video parameter sets");
    config[23] = 0x20;
    for config in [&config[..], HVCC, &[&config, &[0x21, 0, 1][..]].concat()] {
        let mut out = Vec::new();
        Entry::of(&track(Codec::H265, config)).expect("an entry").write(&mut BoxWriter::new(&mut out));
        let record = crate::fuzz::find(&out, b"hvcC")[0];
        assert!(record.starts_with(HVCC));
        assert_eq!(&record[HVCC.len()..], &config[HVCC.len()..]);
    }
    let Atom::Hvc1(entry) = read(&track(Codec::H265, &config)) else { panic!("not hvc1") };
    check_visual(&entry.visual);
    let arrays: Vec<_> = entry.hvcc.arrays.iter().map(|array| (array.nal_unit_type, array.completeness)).collect();
    assert_eq!(arrays, [(32, true), (33, true), (34, true)]);
}

#[test]
fn av1() {
    let Atom::Av01(entry) = read(&track(Codec::Av1, AV1C)) else { panic!("not av01") };
    check_visual(&entry.visual);
    assert_eq!(entry.av1c.config_obus, &AV1C[4..]);
}

#[test]
fn vp8_and_vp9_with_and_without_version() {
    for config in [VPCC, &VPCC[4..]] {
        let Atom::Vp09(entry) = read(&track(Codec::Vp9, config)) else { panic!("not vp09") };
        check_visual(&entry.visual);
        let record = entry.vpcc;
        assert_eq!((record.profile, record.level, record.bit_depth, record.chroma_subsampling), (0, 10, 8, 1));
        let Atom::Vp08(entry) = read(&track(Codec::Vp8, config)) else { panic!("not vp08") };
        assert_eq!(entry.vpcc, record);
    }
}

#[test]
fn a_picture_without_end() {
    let media = Media::video(1 << 20, 1 << 16);
    let Atom::Avc1(entry) = read(&Track { media, ..track(Codec::H264, AVCC) }) else { panic!("not avc1") };
    assert_eq!((entry.visual.width, entry.visual.height), (u16::MAX, u16::MAX));
    assert_eq!((entry.pasp, entry.colr), (None, None));
}

#[test]
fn aac() {
    let Atom::Mp4a(entry) = read(&track(Codec::Aac, ASC)) else { panic!("not mp4a") };
    check_sound(&entry.audio, 2, 16, 48_000);
    let decoder = entry.esds.es_desc.dec_config;
    assert_eq!((decoder.object_type_indication, decoder.stream_type, decoder.up_stream), (0x40, 5, 0));
    assert_eq!(decoder.dec_specific.expect("a configuration").raw, ASC);
    let fast = Track { media: Media::audio(96_000, 300), ..track(Codec::Aac, ASC) };
    let Atom::Mp4a(entry) = read(&fast) else { panic!("not mp4a") };
    check_sound(&entry.audio, 300, 16, 0);
}

#[test]
fn long_descriptors_have_long_sizes() {
    let config = [ASC, &[0; 1000]].concat();
    let Atom::Mp4a(entry) = read(&track(Codec::Aac, &config)) else { panic!("not mp4a") };
    assert_eq!(entry.esds.es_desc.dec_config.dec_specific.expect("a configuration").raw, config);
}

#[test]
fn mp3_of_both_generations() {
    for (rate, object_type) in [(48_000, 0x6b), (44_100, 0x6b), (24_000, 0x69), (11_025, 0x69)] {
        let track = Track { media: Media::audio(rate, 1), ..track(Codec::Mp3, b"") };
        let Atom::Mp4a(entry) = read(&track) else { panic!("not mp4a") };
        check_sound(&entry.audio, 1, 16, rate as u16);
        assert_eq!(entry.esds.es_desc.dec_config.object_type_indication, object_type);
        assert_eq!(entry.esds.es_desc.dec_config.dec_specific, None);
    }
}

#[test]
fn opus() {
    let wrong = Media::audio(44_100, 1);
    let Atom::Opus(entry) = read(&Track { media: wrong, ..track(Codec::Opus, OPUS) }) else { panic!("not Opus") };
    check_sound(&entry.audio, 2, 16, 48_000);
    let dops = entry.dops;
    assert_eq!((dops.output_channel_count, dops.pre_skip, dops.output_gain), (2, 312, 0));
    assert_eq!((dops.input_sample_rate, dops.channel_mapping), (48_000, None));
}

#[test]
fn opus_of_six_channels_with_a_gain() {
    let head = [b"OpusHead\x01\x06\x38\x01\x44\xac\x00\x00\x00\xff\x01".as_slice(), &[4, 2, 0, 4, 1, 2, 3, 5]].concat();
    let Atom::Opus(entry) = read(&track(Codec::Opus, &head)) else { panic!("not Opus") };
    check_sound(&entry.audio, 6, 16, 48_000);
    let mapping = entry.dops.channel_mapping.expect("a mapping");
    assert_eq!((entry.dops.input_sample_rate, entry.dops.output_gain), (48_000, -256));
    assert_eq!((mapping.family, mapping.stream_count, mapping.coupled_count), (1, 4, 2));
    assert_eq!(mapping.channel_mapping, [0, 4, 1, 2, 3, 5]);
}

#[test]
fn flac_in_both_shapes() {
    let with_comment = [b"fLaC\x00", &FLAC[5..], b"\x84\x00\x00\x04\x00\x00\x00\x00"].concat();
    for config in [FLAC, &FLAC[8..], &with_comment] {
        let Atom::Flac(entry) = read(&track(Codec::Flac, config)) else { panic!("not fLaC") };
        check_sound(&entry.audio, 2, 16, 48_000);
        let [FlacMetadataBlock::StreamInfo { sample_rate: 48_000, md5_checksum, .. }] = &entry.dfla.blocks[..] else {
            panic!("not one STREAMINFO: {:?}", entry.dfla)
        };
        assert_eq!(md5_checksum, &FLAC[26..]);
    }
}

#[test]
fn flac_that_is_fast_and_deep() {
    let check = |rate: u32, shown: u16| {
        let mut info = FLAC[8..].to_vec();
        // 20 bits of rate, six channels, 24 bits a sample.
        info[10..14].copy_from_slice(&(rate << 12 | 5 << 9 | 23 << 4).to_be_bytes());
        let Atom::Flac(entry) = read(&track(Codec::Flac, &info)) else { panic!("not fLaC") };
        check_sound(&entry.audio, 6, 24, shown);
    };
    check(44_100, 44_100);
    check(96_000, 48_000);
    check(192_000, 48_000);
    check(655_350, 40_959);
}

#[test]
fn ac3_and_eac3() {
    let Atom::Ac3(entry) = read(&track(Codec::Ac3, DAC3)) else { panic!("not ac-3") };
    check_sound(&entry.audio, 2, 16, 48_000);
    assert_eq!((entry.dac3.fscod, entry.dac3.bsid, entry.dac3.acmod), (0, 8, 2));
    let Atom::Eac3(entry) = read(&track(Codec::Eac3, DEC3)) else { panic!("not ec-3") };
    assert_eq!(
        (entry.dec3.substreams.len(), entry.dec3.substreams[0].acmod, entry.dec3.substreams[0].lfeon),
        (1, 7, true)
    );
}

#[test]
fn what_cannot_be_carried_is_refused() {
    let check = |track: Track, expect: &str| {
        assert_eq!(Entry::of(&track).map(|_| ()).expect_err("refused").to_string(), expect);
    };
    check(track(Codec::Vp6, AVCC), "MP4 cannot carry VP6");
    check(track(Codec::Speex, b""), "MP4 cannot carry Speex");
    check(track(Codec::Script, b""), "MP4 cannot carry script");
    let heard = Track { media: Media::audio(1, 1), ..track(Codec::H264, AVCC) };
    check(heard, "track 1 is H.264 and is described as something else");
    check(
        track(Codec::H264, b""),
        "decoder configuration of H.264: codec header needs 1 bytes at offset 0, 0 are left",
    );
    check(
        track(Codec::Vp9, &VPCC[..6]),
        "decoder configuration of VP9: codec header needs 3 bytes at offset 4, 2 are left",
    );
    check(
        track(Codec::Opus, b"OpusHead\x01\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x01\x00"),
        "decoder configuration of Opus: codec header needs 4 bytes at offset 0, 3 are left",
    );
    check(track(Codec::Flac, b"OggS"), "decoder configuration of FLAC: type of the first FLAC metadata block is 0x4f");
    check(
        track(Codec::Flac, b"fLaC\x04\x00\x00\x04...."),
        "decoder configuration of FLAC: type of the first FLAC metadata block is 0x4",
    );
    check(track(Codec::Flac, b"fLaC\x00\x00\x00\x21"), "decoder configuration of FLAC: bytes of STREAMINFO is 0x21");
    check(track(Codec::Ac3, &DAC3[..2]), "decoder configuration of AC-3: length of the AC-3 specific box is 0x2");
    check(track(Codec::Eac3, &DEC3[..4]), "decoder configuration of E-AC-3: length of the AC-3 specific box is 0x4");
    let endless = [AVCC, &vec![0; 1 << 16]].concat();
    let expect = Error::ConfigLength { codec: Codec::H264, len: endless.len(), max: 1 << 16 };
    assert_eq!(Entry::of(&track(Codec::H264, &endless)).map(|_| ()), Err(expect));
}
