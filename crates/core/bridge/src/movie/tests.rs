use bytes::Bytes;
use mp4_atom::{Codec as Entry, Decode, Ftyp, Mdat, Moof, Moov};
use weir_base::MediaTime;
use weir_codec::Codec;
use weir_flv::tag::TagKind;

use super::*;
use crate::fixture::{
    AC3, AV1_OPUS, AVCC_WITHOUT_SETS, H264_AAC, H264_MP3, HEVC_EAC3, HVCC_WITHOUT_SETS, VP8, VP9_FLAC, frames_at,
};
use crate::timeline::Oddity;

/// The pictures of an IVF file as enhanced RTMP has them.
fn vp8(file: &[u8]) -> Vec<Frame> {
    let (mut rest, mut frames) = (&file[32..], Vec::new());
    while !rest.is_empty() {
        let len = u32::from_le_bytes(rest[..4].try_into().expect("four bytes")) as usize;
        let payload = &rest[12..12 + len];
        let head = if payload[0] & 1 == 0 { 0x91 } else { 0xa1 };
        let body = [&[head], &b"vp08"[..], payload].concat();
        frames.push(Frame::from_flv(TagKind::Video, MediaTime::from_millis(frames.len() as i64 * 40), body.into()));
        rest = &rest[12 + len..];
    }
    frames
}

/// What an independent parser finds in a piece.
#[derive(Clone, PartialEq, Debug)]
enum Found {
    /// An initialisation segment: the kinds of the sample entries.
    Init(String),
    Frame(Fragment),
}

#[derive(Clone, PartialEq, Debug)]
struct Fragment {
    track: u32,
    /// Milliseconds.
    at: i64,
    duration: i64,
    cts: i64,
    sync: bool,
    data: Vec<u8>,
}

fn entry(codec: &Entry) -> &'static str {
    match codec {
        Entry::Avc1(_) => "avc1",
        Entry::Hvc1(_) => "hvc1",
        Entry::Av01(_) => "av01",
        Entry::Vp09(_) => "vp09",
        Entry::Vp08(_) => "vp08",
        Entry::Mp4a(_) => "mp4a",
        Entry::Opus(_) => "Opus",
        Entry::Flac(_) => "fLaC",
        Entry::Ac3(_) => "ac-3",
        Entry::Eac3(_) => "ec-3",
        other => panic!("{other:?}"),
    }
}

/// Reads pieces, each of which must be whole.
fn read(pieces: &[Made]) -> Vec<Found> {
    let mut scales = [1; 3];
    let found = pieces.iter().map(|piece| {
        let mut rest = &piece.bytes[..];
        if piece.flags == Flags::CONFIG {
            Ftyp::decode(&mut rest).expect("ftyp");
            let moov = Moov::decode(&mut rest).expect("moov");
            assert!(rest.is_empty());
            let entries = moov.trak.iter().map(|trak| {
                scales[trak.tkhd.track_id as usize] = i64::from(trak.mdia.mdhd.timescale);
                entry(&trak.mdia.minf.stbl.stsd.codecs[0])
            });
            return Found::Init(entries.collect::<Vec<_>>().join(" "));
        }
        let moof = Moof::decode(&mut rest).expect("moof");
        let data = Mdat::decode(&mut rest).expect("mdat").data;
        let [traf] = &moof.traf[..] else { panic!("one frame is of one track") };
        let (track, scale) = (traf.tfhd.track_id, scales[traf.tfhd.track_id as usize]);
        let millis = |ticks: i64| (ticks * 1000 + scale / 2) / scale;
        let at = millis(traf.tfdt.as_ref().expect("a time").base_media_decode_time as i64);
        let cts = traf.trun[0].samples.iter().next().and_then(|sample| sample.cts).unwrap_or(0);
        let duration = millis(i64::from(traf.tfhd.default_sample_duration.expect("a duration")));
        let sync = traf.tfhd.default_sample_flags.expect("flags") & 0x1_0000 == 0;
        assert!(rest.is_empty());
        assert_eq!(piece.flags == Flags::KEY, sync && track == 1, "a start is marked for players");
        Found::Frame(Fragment { track, at, duration, cts: millis(cts), sync, data })
    });
    found.collect()
}

/// What a movie makes of frames, and what it complains about.
fn make(frames: &[Frame]) -> (Vec<Found>, Vec<Complaint>) {
    let (mut movie, mut out) = (Movie::new(), Vec::new());
    let complaints = frames.iter().filter_map(|frame| movie.frame(frame, 0, &mut out).err());
    let mut complaints: Vec<Complaint> = complaints.collect();
    complaints.extend(movie.end(&mut out).err());
    (read(&out), complaints)
}

fn media(frames: &[Frame]) -> Vec<&Frame> {
    let is_media =
        |frame: &&Frame| frame.codec != Codec::Script && !frame.flags.is_kept() && !frame.payload().is_empty();
    frames.iter().filter(is_media).collect()
}

/// Every frame comes out, as it was and when it was, behind one initialisation segment.
#[track_caller]
fn check_carried(frames: &[Frame], entries: &str) {
    let (found, complaints) = make(frames);
    assert_eq!(complaints, [], "{entries}");
    let (first, found) = found.split_first().expect("something");
    assert_eq!(*first, Found::Init(entries.to_owned()));
    let sent = media(frames);
    assert!(sent.len() >= 15, "{entries}: {} frames", sent.len());
    assert_eq!(found.len(), sent.len(), "{entries}");
    for (found, sent) in found.iter().zip(sent) {
        let Found::Frame(found) = found else { panic!("{entries}: {found:?} in the middle") };
        assert_eq!(found.track, if sent.codec.is_video() { 1 } else { 2 });
        assert_eq!(found.data, sent.payload(), "{entries} at {} ms", sent.dts.millis());
        // Sound is counted in samples, which milliseconds are rounded from.
        assert!(found.at.abs_diff(sent.dts.millis()) <= 1, "{entries}: {} for {}", found.at, sent.dts.millis());
        assert_eq!((found.cts, found.sync), (sent.cts.millis(), sent.codec.is_audio() || sent.flags.has(Flags::KEY)));
        assert!(found.duration == 40 || sent.codec.is_audio(), "{entries}: a picture of {} ms", found.duration);
    }
}

#[test]
fn every_codec_of_fragmented_mp4_is_carried_frame_by_frame() {
    check_carried(&frames_at(H264_AAC, 0), "avc1 mp4a");
    check_carried(&frames_at(H264_MP3, 0), "avc1 mp4a");
    check_carried(&frames_at(HEVC_EAC3, 0), "hvc1 ec-3");
    check_carried(&frames_at(AV1_OPUS, 0), "av01 Opus");
    check_carried(&frames_at(VP9_FLAC, 0), "vp09 fLaC");
    check_carried(&frames_at(AC3, 0), "ac-3");
    check_carried(&vp8(VP8), "vp08");
}

/// How late the first piece comes: milliseconds of media.
#[track_caller]
fn check_wait(frames: &[Frame], expect: std::ops::RangeInclusive<i64>) {
    let (mut movie, mut out) = (Movie::new(), Vec::new());
    let first = media(frames)[0].dts;
    for frame in frames {
        movie.frame(frame, 0, &mut out).expect("a good frame");
        if !out.is_empty() {
            let waited = (frame.dts - first).millis();
            assert!(expect.contains(&waited), "{waited} ms");
            return;
        }
    }
    panic!("nothing came");
}

#[test]
fn the_first_segment_waits_for_both_kinds_but_not_for_long() {
    let all = frames_at(H264_AAC, 0);
    let only = |kind: TagKind| all.iter().filter(|frame| frame.kind == kind).cloned().collect::<Vec<_>>();
    check_wait(&all, 0..=100);
    check_wait(&only(TagKind::Video), 1000..=1040);
    check_wait(&only(TagKind::Audio), 1000..=1040);
    // Metadata tells that there is sound alone.
    check_wait(&frames_at(AC3, 0), 0..=0);
}

#[test]
fn a_clock_that_stands_still_does_not_wait_for_ever() {
    let still: Vec<Frame> = frames_at(H264_AAC, 0).into_iter().filter(|frame| frame.kind == TagKind::Video).collect();
    let (mut movie, mut out) = (Movie::new(), Vec::new());
    for (at, frame) in still.iter().enumerate() {
        let frame = Frame::from_flv(frame.kind, MediaTime::ZERO, frame.flv().clone());
        movie.frame(&frame, at as i64 * 100_000_000, &mut out).expect("a good frame");
    }
    assert!(!out.is_empty(), "more than a second passed");
}

#[test]
fn pictures_without_a_key_frame_are_told() {
    let is_inter = |frame: &&Frame| {
        frame.kind == TagKind::Video && (frame.flags.has(Flags::CONFIG) || !frame.flags.has(Flags::KEY))
    };
    let (mut movie, mut out, mut told) = (Movie::new(), Vec::new(), Vec::new());
    for (index, frame) in frames_at(H264_AAC, 0).iter().filter(is_inter).enumerate() {
        told.extend(movie.frame(frame, index as i64 * 1_000_000_000, &mut out).err());
    }
    assert!(told.len() > 5 && told.iter().all(|one| *one == Complaint::NoKey) && out.is_empty(), "{told:?}");
}

fn inits<'a>(found: &'a [Found]) -> Vec<&'a str> {
    let init = |found: &'a Found| match found {
        Found::Init(entries) => Some(entries.as_str()),
        Found::Frame(_) => None,
    };
    found.iter().filter_map(init).collect()
}

#[test]
fn another_codec_begins_with_another_initialisation_segment() {
    let frames = [frames_at(H264_AAC, 0), frames_at(HEVC_EAC3, 1200)].concat();
    let (found, complaints) = make(&frames);
    assert_eq!(complaints, []);
    let inits = inits(&found);
    assert_eq!((inits.first(), inits.len(), inits.last()), (Some(&"avc1 mp4a"), 3, Some(&"hvc1 ec-3")));
    assert_eq!(found.len(), media(&frames).len() + 3);
    // Between the header and the key frame nothing can be decoded.
    let late = |frame: &Frame| frame.kind != TagKind::Video || frame.flags.is_kept() || frame.dts.millis() > 1300;
    let mut second = frames_at(HEVC_EAC3, 1200);
    second.retain(late);
    let (cut, _) = make(&[frames_at(H264_AAC, 0), second].concat());
    let key = cut.iter().rposition(|found| matches!(found, Found::Init(entries) if entries.starts_with("hvc1")));
    let next = key.and_then(|key| cut.get(key + 1));
    assert!(matches!(next, Some(Found::Frame(frame)) if frame.track == 1 && frame.sync), "{next:?}");
}

#[test]
fn other_parameter_sets_begin_with_another_initialisation_segment() {
    let mut frames = frames_at(H264_AAC, 0);
    frames.extend(frames_at(H264_MP3, 1200).into_iter().filter(|frame| frame.kind == TagKind::Video));
    let (found, complaints) = make(&frames);
    assert_eq!((inits(&found), complaints.len()), (vec!["avc1 mp4a"; 2], 0));
    let second = found.iter().rposition(|found| matches!(found, Found::Init(_))).expect("two");
    assert!(matches!(&found[second + 1], Found::Frame(frame) if frame.track == 1 && frame.sync));
}

#[test]
fn the_same_configuration_again_changes_nothing() {
    let mut frames = frames_at(H264_AAC, 0);
    let configs: Vec<Frame> = frames.iter().filter(|frame| frame.flags.is_kept()).cloned().collect();
    frames.splice(40..40, configs);
    assert_eq!(inits(&make(&frames).0), ["avc1 mp4a"]);
}

fn tag(kind: TagKind, millis: i64, body: &'static [u8]) -> Frame {
    Frame::from_flv(kind, MediaTime::from_millis(millis), Bytes::from_static(body))
}

#[test]
fn what_is_bad_is_left_out_and_the_rest_goes_on() {
    let whole = frames_at(H264_AAC, 0);
    let without = |codec: Codec| {
        let is_header = move |frame: &&Frame| !(frame.codec == codec && frame.flags.has(Flags::CONFIG));
        whole.iter().filter(is_header).cloned().collect::<Vec<_>>()
    };
    let check = |mut frames: Vec<Frame>, bad: Option<Frame>, entries: &[&str], expect: &str| {
        frames.splice(0..0, bad);
        let (found, complaints) = make(&frames);
        assert_eq!(inits(&found), entries, "{expect}");
        let told = complaints.iter().any(|complaint| format!("{complaint:?}").contains(expect));
        assert!(told, "{expect}: {:?}", complaints.first());
    };
    check(without(Codec::H264), None, &["mp4a"], "no sequence header");
    check(without(Codec::Aac), None, &["avc1"], "no sequence header");
    let config = tag(TagKind::Video, 0, b"\x17\0\0\0\0\x01\x64");
    check(without(Codec::H264), Some(config), &["mp4a"], "Bad(H264");
    let config = tag(TagKind::Video, 0, AVCC_WITHOUT_SETS);
    check(without(Codec::H264), Some(config), &["mp4a"], "avcC has no sequence parameter set");
    let config = tag(TagKind::Video, 0, HVCC_WITHOUT_SETS);
    check(without(Codec::H264), Some(config), &["mp4a"], "hvcC has no sequence parameter set");
    let mut cut = whole.clone();
    cut.insert(40, tag(TagKind::Video, 500, b"\x27\x01\0\0\0\x7f\xff\xff\xff\x41"));
    check(cut, None, &["avc1 mp4a"], "NAL unit of 2147483647 bytes");
    let mut odd = whole.clone();
    odd.insert(40, tag(TagKind::Video, 500, b"\x27\x01\xff\xec\x78\0\0\0\x01\x41"));
    check(odd, None, &["avc1 mp4a"], "Odd(Video, Composition)");
    let config = tag(TagKind::Audio, 0, b"\xaf\0\xff");
    check(without(Codec::Aac), Some(config), &["avc1"], "Bad(Aac");
    let speex = tag(TagKind::Audio, 0, b"\xb2\x01\x02");
    check(without(Codec::Aac), Some(speex), &["avc1"], "Codec(Speex)");
    let unread = tag(TagKind::Video, 0, b"\x9f");
    check(whole.clone(), Some(unread), &["avc1 mp4a"], "Codec(OtherVideo)");
}

#[test]
fn any_bytes_are_survived() {
    let mut frames = frames_at(H264_AAC, 0);
    for (seed, frame) in frames.iter_mut().enumerate() {
        let mut body = frame.flv().to_vec();
        let at = (seed * 7919) % body.len();
        body[at] ^= 1 << (seed % 8);
        body.truncate(body.len() - seed % 3 * (body.len() / 4));
        let dts = MediaTime::from_nanos(i64::MAX / 3 * (seed as i64 % 7 - 3));
        *frame = Frame::from_flv(frame.kind, if seed % 5 == 0 { dts } else { frame.dts }, body.into());
    }
    for _ in 0..3 {
        let _ = make(&frames);
        frames.rotate_left(17);
    }
}

#[test]
fn a_clock_that_jumps_goes_on_where_it_was() {
    for by in [-600_000, 600_000] {
        let frames = [frames_at(H264_AAC, 1_000_000), frames_at(H264_AAC, 1_001_200 + by)].concat();
        let (found, complaints) = make(&frames);
        let jumps = complaints.iter().filter(|one| matches!(one, Complaint::Odd(_, Oddity::Jump(_)))).count();
        assert_eq!((jumps, complaints.len()), (1, 1), "the other kind follows: {complaints:?}");
        for track in [1, 2] {
            let of_track = found.iter().filter_map(|found| match found {
                Found::Frame(frame) if frame.track == track => Some(frame.at),
                _ => None,
            });
            let times: Vec<i64> = of_track.collect();
            assert!(times.is_sorted() && times.len() > 40, "{times:?}");
            assert!(times[times.len() - 1] - times[0] < 3_000, "{times:?}");
        }
    }
}

#[test]
fn a_publish_that_ends_early_is_not_lost_and_the_next_begins_anew() {
    let (mut movie, mut out) = (Movie::new(), Vec::new());
    for _ in 0..2 {
        // Sound alone, while pictures are waited for.
        for frame in frames_at(H264_AAC, 0).iter().filter(|frame| frame.kind == TagKind::Audio).take(5) {
            movie.frame(frame, 0, &mut out).expect("a good frame");
        }
        assert!(out.is_empty());
        movie.end(&mut out).expect("a good end");
        let found = read(&out);
        assert_eq!((inits(&found), found.len()), (vec!["mp4a"], 5));
        out.clear();
    }
}

#[test]
fn pictures_that_come_as_byte_streams_are_samples_like_others() {
    let as_stream = |frame: &Frame| {
        if frame.kind != TagKind::Video || frame.flags.is_kept() || frame.payload().is_empty() {
            return frame.clone();
        }
        let head = frame.flv().len() - frame.payload().len();
        let units = weir_codec::nal::length_prefixed(frame.payload(), 4).map(|unit| unit.expect("a unit"));
        let stream = units.flat_map(|unit| [&[0, 0, 0, 1][..], unit].concat());
        let body: Vec<u8> = frame.flv()[..head].iter().copied().chain(stream).collect();
        Frame::from_flv(frame.kind, frame.dts, body.into())
    };
    for file in [H264_AAC, HEVC_EAC3] {
        let frames = frames_at(file, 0);
        let streams: Vec<Frame> = frames.iter().map(as_stream).collect();
        assert_ne!(media(&streams)[0].payload(), media(&frames)[0].payload());
        assert_eq!(make(&streams), make(&frames));
    }
}

/// The key frames of H.265 with the parameter sets of a record before them.
fn with_sets(frames: &[Frame], config: &[u8]) -> Vec<Frame> {
    let record = weir_codec::hevc::DecoderConfig::parse(config).expect("a record");
    let is_set = |unit: &&&[u8]| weir_codec::hevc::nal_type(unit).is_some_and(|kind| kind < 35);
    let sets = record.units.iter().filter(is_set);
    let sets: Vec<u8> = sets.flat_map(|set| [&(set.len() as u32).to_be_bytes()[..], set].concat()).collect();
    let with = |frame: &Frame| {
        if frame.codec != Codec::H265 || !frame.flags.has(Flags::KEY) {
            return frame.clone();
        }
        let head = frame.flv().len() - frame.payload().len();
        let body = [&frame.flv()[..head], &sets, frame.payload()].concat();
        Frame::from_flv(frame.kind, frame.dts, body.into())
    };
    frames.iter().map(with).collect()
}

#[test]
fn parameter_sets_between_pictures_of_h265_are_in_the_initialisation_segment_alone() {
    let frames = frames_at(HEVC_EAC3, 0);
    let header = |frame: &&Frame| frame.codec == Codec::H265 && frame.flags.has(Flags::CONFIG);
    let config = frames.iter().find(header).expect("a sequence header").payload_bytes();
    assert_ne!(media(&with_sets(&frames, &config))[0].payload(), media(&frames)[0].payload());
    assert_eq!(make(&with_sets(&frames, &config)), make(&frames));
    // Others begin with another initialisation segment, though no sequence header tells of them.
    let other = include_bytes!("../../../../formats/codec/testdata/ffmpeg-x265.hvcc");
    let mut second = frames_at(HEVC_EAC3, 1_200);
    second.retain(|frame| !frame.flags.has(Flags::CONFIG));
    let (plain, _) = make(&[frames.clone(), second.clone()].concat());
    let (mut found, complaints) = make(&[frames, with_sets(&second, other)].concat());
    assert_eq!((inits(&found), complaints.len()), (vec!["hvc1 ec-3"; 2], 0));
    let at = found.iter().rposition(|found| matches!(found, Found::Init(_))).expect("two");
    assert!(matches!(&found[at + 1], Found::Frame(frame) if frame.track == 1 && frame.sync));
    found.remove(at);
    assert_eq!(found, plain);
}
