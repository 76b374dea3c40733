use super::{INTER, Run, SYNC, Sample, write_fragment, write_fragment_head};
use crate::{Media, Track, init_segment};
use bytes::Bytes;
use mp4_atom::{Decode, Encode, Mdat, Moof, Tfhd, Trun, TrunSamples};
use re_mp4::Mp4;
use weir_codec::Codec;

fn video() -> Track {
    Track {
        id: 1,
        codec: Codec::H264,
        config: Bytes::from_static(include_bytes!("../../testdata/ffmpeg-x264.avcc")),
        timescale: 90_000,
        media: Media::video(64, 48),
    }
}

fn audio() -> Track {
    Track {
        id: 2,
        codec: Codec::Aac,
        config: Bytes::from_static(include_bytes!("../../testdata/ffmpeg-aac.asc")),
        timescale: 48_000,
        media: Media::audio(48_000, 2),
    }
}

fn sample(duration: u32, cts: i32, key: bool, data: &[u8]) -> Sample<'_> {
    Sample { duration, cts, key, data }
}

/// The fragment of one run as an independent parser reads it; it must write the same.
fn read(track: &Track, samples: &[Sample<'_>]) -> (Tfhd, Trun) {
    let mut out = vec![0; 3];
    write_fragment(9, &[Run { track, base_dts: u64::MAX - 1, samples }], &mut out);
    let mut rest = &out[3..];
    let moof = Moof::decode(&mut rest).expect("a fragment");
    let payload: Vec<u8> = samples.iter().flat_map(|sample| sample.data).copied().collect();
    assert_eq!(Mdat::decode(&mut rest).expect("a payload").data, payload);
    assert!(rest.is_empty());
    assert_eq!((moof.mfhd.sequence_number, moof.traf.len()), (9, 1));
    let traf = &moof.traf[0];
    assert_eq!(traf.tfdt.as_ref().expect("a time").base_media_decode_time, u64::MAX - 1);
    assert_eq!((traf.tfhd.track_id, traf.tfhd.default_base_is_moof), (track.id, true));
    assert_eq!((traf.tfhd.base_data_offset, traf.tfhd.sample_description_index), (None, None));
    let [trun] = &traf.trun[..] else { panic!("not one run") };
    let offset = trun.data_offset.expect("an offset") as usize;
    assert_eq!(out[3 + offset..], payload);
    assert_eq!(&out[3 + offset - 4..][..4], b"mdat");
    (traf.tfhd.clone(), trun.clone())
}

/// What is written for each sample: duration, size, flags, composition time.
type Fields = (Option<u32>, Option<u32>, Option<u32>, Option<i64>);

fn fields(trun: &Trun) -> Vec<Fields> {
    trun.samples.iter().map(|entry| (entry.duration, entry.size, entry.flags, entry.cts)).collect()
}

#[test]
fn what_samples_share_stands_once() {
    let (tfhd, trun) = read(&audio(), &[sample(1024, 0, true, b"aaa"), sample(1024, 0, false, b"bbb")]);
    assert_eq!((tfhd.default_sample_duration, tfhd.default_sample_size), (Some(1024), Some(3)));
    assert_eq!(tfhd.default_sample_flags, Some(SYNC));
    assert_eq!(trun.samples, TrunSamples::Inherited { count: 2, first_flags: None });
}

#[test]
fn what_differs_stands_with_each() {
    let (tfhd, trun) = read(&video(), &[sample(1, 0, false, b"a"), sample(2, -5, false, b"bb")]);
    assert_eq!((tfhd.default_sample_duration, tfhd.default_sample_size), (None, None));
    assert_eq!(tfhd.default_sample_flags, Some(INTER));
    let expect = [(Some(1), Some(1), None, Some(0)), (Some(2), Some(2), None, Some(-5))];
    assert_eq!(fields(&trun), expect);
}

#[test]
fn flags_of_pictures() {
    let check = |keys: &[bool], default, expect: &[Option<u32>]| {
        let samples: Vec<_> = keys.iter().map(|key| sample(1, 0, *key, b"x")).collect();
        let (tfhd, trun) = read(&video(), &samples);
        assert_eq!(tfhd.default_sample_flags, Some(default), "{keys:?}");
        let flags: Vec<_> = trun.samples.iter().map(|entry| entry.flags).collect();
        assert_eq!(flags, expect, "{keys:?}");
    };
    check(&[true], SYNC, &[None]);
    check(&[false], INTER, &[None]);
    check(&[true, false, false], INTER, &[Some(SYNC), None, None]);
    check(&[false, true], SYNC, &[Some(INTER), None]);
    check(&[true, true], SYNC, &[None, None]);
    let all = [Some(SYNC), Some(INTER), Some(SYNC)];
    check(&[true, false, true], INTER, &all);
    // A sync sample needs no other, any other picture does: what Chromium, Safari, ffmpeg and hls.js look at.
    assert_eq!((SYNC >> 24 & 3, SYNC >> 16 & 1), (2, 0));
    assert_eq!((INTER >> 24 & 3, INTER >> 16 & 1), (1, 1));
}

#[test]
fn the_extremes_of_every_field() {
    let samples = [sample(u32::MAX, i32::MIN, true, b""), sample(0, i32::MAX, true, b"")];
    let (tfhd, trun) = read(&video(), &samples);
    assert_eq!(tfhd.default_sample_size, Some(0));
    let expect =
        [(Some(u32::MAX), None, None, Some(i64::from(i32::MIN))), (Some(0), None, None, Some(i64::from(i32::MAX)))];
    assert_eq!(fields(&trun), expect);
}

#[test]
fn mp4_atom_writes_the_same() {
    let samples = [sample(3000, 6000, true, b"key"), sample(3001, -3000, false, b"B"), sample(3000, 0, true, b"key")];
    let runs = [Run { track: &video(), base_dts: 1 << 33, samples: &samples }];
    let mut out = Vec::new();
    write_fragment_head(1, &runs, &mut out);
    let mut rest = &out[..];
    let moof = Moof::decode(&mut rest).expect("a fragment");
    let mut again = Vec::new();
    moof.encode(&mut again).expect("it writes");
    assert_eq!(again, out[..out.len() - rest.len()]);
    assert_eq!(rest, b"\x00\x00\x00\x0fmdat");
}

#[test]
fn re_mp4_finds_every_sample_of_two_tracks() {
    let (video, audio) = (video(), audio());
    let pictures =
        [sample(3000, 3000, true, b"key frame"), sample(3000, 6000, false, b"P"), sample(3000, 0, false, b"b")];
    let frames = [sample(1024, 0, true, b"one"), sample(1024, 0, true, b"two")];
    let mut out = Vec::new();
    init_segment(&[video.clone(), audio.clone()], &mut out).expect("an initialisation segment");
    for turn in 0..3 {
        crate::write_styp(crate::SegmentType::Muxed, &mut out);
        let seen = Run { track: &video, base_dts: turn * 9000, samples: &pictures };
        let heard = Run { track: &audio, base_dts: turn * 2048, samples: &frames };
        write_fragment(turn as u32, &[seen, heard], &mut out);
    }
    let mp4 = Mp4::read_bytes(&out).expect("a movie");
    let found: Vec<_> = mp4.tracks()[&1]
        .samples
        .iter()
        .map(|sample| {
            let data = &out[sample.byte_range()];
            (sample.decode_timestamp, sample.composition_timestamp, sample.duration, sample.is_sync, data)
        })
        .collect();
    let expect: Vec<_> = (0..3)
        .flat_map(|turn| {
            let at = turn * 9000;
            [
                (at, at + 3000, 3000, true, &b"key frame"[..]),
                (at + 3000, at + 9000, 3000, false, b"P"),
                (at + 6000, at + 6000, 3000, false, b"b"),
            ]
        })
        .collect();
    assert_eq!(found, expect);
    let found: Vec<_> =
        mp4.tracks()[&2].samples.iter().map(|sample| (sample.decode_timestamp, &out[sample.byte_range()])).collect();
    let expect = [(0, &b"one"[..]), (1024, b"two"), (2048, b"one"), (3072, b"two"), (4096, b"one"), (5120, b"two")];
    assert_eq!(found, expect);
}

#[test]
fn runs_without_samples_are_left_out() {
    let (video, audio) = (video(), audio());
    let samples = [sample(1, 0, true, b"x")];
    let empty = Run { track: &video, base_dts: 0, samples: &[] };
    let full = Run { track: &audio, base_dts: 0, samples: &samples };
    let (mut with, mut without, mut nothing) = (Vec::new(), Vec::new(), Vec::new());
    write_fragment(1, &[empty, full, empty], &mut with);
    write_fragment(1, &[full], &mut without);
    assert_eq!(with, without);
    write_fragment(1, &[empty], &mut nothing);
    write_fragment(1, &[], &mut nothing);
    assert!(nothing.is_empty());
}
