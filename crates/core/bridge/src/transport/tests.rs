use bytes::Bytes;
use mpeg2ts::pes::{PesPacketReader, ReadPesPacket};
use mpeg2ts::ts::{ReadTsPacket, TsPacketReader, TsPayload};
use weir_flv::tag::TagKind;

use super::*;
use crate::fixture::{AVCC_WITHOUT_SETS, H264_AAC, HEVC_EAC3, HVCC_WITHOUT_SETS, VP9_FLAC, frames_at};
use crate::timeline::Oddity;

/// What a program makes of frames, and what it complains about, each thing once.
fn make(frames: &[Frame]) -> (Vec<Made>, Vec<Complaint>) {
    let (mut transport, mut out) = (Transport::new(), Vec::new());
    let mut complaints = Vec::new();
    for frame in frames {
        let told = transport.frame(frame, 0, &mut out).err();
        complaints.extend(told.filter(|told| !complaints.contains(told)));
    }
    (out, complaints)
}

fn bytes(pieces: &[Made]) -> Vec<u8> {
    pieces.iter().flat_map(|piece| piece.bytes.clone()).collect()
}

/// The stream types of each program map that differs from the one before it, as the crate `mpeg2ts` reads them.
fn programs(pieces: &[Made]) -> Vec<Vec<u8>> {
    let bytes = bytes(pieces);
    let (mut reader, mut programs) = (TsPacketReader::new(&bytes[..]), Vec::<Vec<u8>>::new());
    while let Some(packet) = reader.read_ts_packet().expect("a good packet") {
        if let Some(TsPayload::Pmt(map)) = packet.payload {
            programs.push(map.es_info.iter().map(|stream| stream.stream_type as u8).collect());
        }
    }
    programs.dedup();
    programs
}

struct Pes {
    video: bool,
    /// Milliseconds.
    dts: i64,
    pts: i64,
    data: Vec<u8>,
}

/// The frames, as the crate `mpeg2ts` reads them.
fn frames(pieces: &[Made]) -> Vec<Pes> {
    let bytes = bytes(pieces);
    let (mut reader, mut all) = (PesPacketReader::new(TsPacketReader::new(&bytes[..])), Vec::new());
    while let Some(packet) = reader.read_pes_packet().expect("a good PES packet") {
        let pts = packet.header.pts.expect("a time").as_u64() as i64;
        let dts = packet.header.dts.map_or(pts, |dts| dts.as_u64() as i64);
        let video = packet.header.stream_id.is_video();
        all.push(Pes { video, dts: dts / 90, pts: pts / 90, data: packet.data });
    }
    all
}

fn pictures(file: &[u8], millis: i64) -> Vec<Frame> {
    frames_at(file, millis).into_iter().filter(|frame| frame.kind == TagKind::Video).collect()
}

const H264: u8 = 0x1b;
const H265: u8 = 0x24;
const AAC: u8 = 0x0f;

#[test]
fn pictures_of_another_codec_are_not_taken_for_those_of_the_track() {
    let check = |second: Vec<Frame>, expect: &[&[u8]], complaints: &[Complaint]| {
        let sound = |from: i64| frames_at(H264_AAC, from).into_iter().filter(|frame| frame.kind == TagKind::Audio);
        let first = frames_at(H264_AAC, 0);
        let third = frames_at(H264_AAC, 2_400);
        let is_picture = |frame: &&Frame| {
            frame.codec == Codec::H264 && !frame.flags.has(Flags::CONFIG) && !frame.payload().is_empty()
        };
        let many = first.iter().chain(&third).filter(is_picture).count();
        let (out, told) = make(&[first.clone(), second, sound(1_200).collect(), third.clone()].concat());
        assert_eq!(programs(&out), expect);
        assert_eq!(told, complaints);
        let of_h264 = |pes: &&Pes| pes.video && pes.data.starts_with(&[0, 0, 0, 1, 9]);
        assert_eq!(frames(&out).iter().filter(of_h264).count(), many, "pictures with the delimiter of H.264");
    };
    // VP9 has no place in a program. While it lasts there is none for pictures.
    let (whole, sound): (&[u8], &[u8]) = (&[H264, AAC], &[AAC]);
    let vp9 = || pictures(VP9_FLAC, 1_200);
    check(vp9(), &[whole, sound, whole], &[Complaint::Codec(Codec::Vp9)]);
    let no_header = |mut frames: Vec<Frame>| {
        frames.retain(|frame| !frame.flags.has(Flags::CONFIG));
        frames
    };
    check(no_header(vp9()), &[whole, sound, whole], &[Complaint::Codec(Codec::Vp9)]);
    // H.265 has one, and cannot be read without its sequence header.
    check(pictures(HEVC_EAC3, 1_200), &[whole, &[H265, AAC], whole], &[]);
    check(no_header(pictures(HEVC_EAC3, 1_200)), &[whole, sound, whole], &[Complaint::NotYet]);
    // Bodies that nobody can read are not another codec.
    let unread = Frame::from_flv(TagKind::Video, MediaTime::from_millis(1_200), vec![0x9f].into());
    check(vec![unread], &[whole], &[Complaint::Codec(Codec::OtherVideo)]);
}

#[test]
fn sound_before_its_sequence_header_does_not_describe_a_track() {
    let mut all = frames_at(H264_AAC, 0);
    all.retain(|frame| !(frame.codec == Codec::Aac && frame.flags.has(Flags::CONFIG)));
    let (out, told) = make(&all);
    assert_eq!((programs(&out), told), (vec![vec![H264]], vec![Complaint::NotYet]));
}

#[test]
fn a_clock_that_jumps_goes_on_where_it_was() {
    for by in [-600_000, 600_000] {
        let (out, told) = make(&[frames_at(H264_AAC, 1_000_000), frames_at(H264_AAC, 1_001_200 + by)].concat());
        assert!(matches!(told[..], [Complaint::Odd(_, Oddity::Jump(_))]), "the other kind follows: {told:?}");
        for video in [true, false] {
            let times: Vec<i64> = frames(&out).iter().filter(|pes| pes.video == video).map(|pes| pes.dts).collect();
            assert!(times.is_sorted() && times.len() > 40, "{times:?}");
            assert!(times[0] >= 1_000_000 && times[times.len() - 1] - times[0] < 3_000, "{times:?}");
        }
    }
}

#[test]
fn a_composition_time_that_no_encoder_means_is_none() {
    let mut all = frames_at(H264_AAC, 0);
    let cts = |frame: &Frame| frame.cts.millis();
    let usual = all.iter().map(cts).max().expect("frames");
    for frame in all.iter_mut().filter(|frame| frame.kind == TagKind::Video && !frame.flags.has(Flags::CONFIG)) {
        let odd = [frame.flv().slice(..2), [0x7f, 0, 0].to_vec().into(), frame.flv().slice(5..)].concat();
        *frame = Frame::from_flv(frame.kind, frame.dts, odd.into());
        assert!(cts(frame) > 1_000_000 && usual < 1_000);
    }
    let (out, told) = make(&all);
    assert!(frames(&out).iter().all(|pes| pes.pts == pes.dts));
    assert_eq!(told, [Complaint::Odd(Kind::Video, Oddity::Composition)]);
}

#[test]
fn a_header_without_parameter_sets_describes_no_track() {
    for header in [AVCC_WITHOUT_SETS, HVCC_WITHOUT_SETS] {
        let mut all = frames_at(H264_AAC, 0);
        let is_header = |frame: &Frame| frame.codec == Codec::H264 && frame.flags.has(Flags::CONFIG);
        let at = all.iter().position(is_header).expect("a sequence header");
        all[at] = Frame::from_flv(TagKind::Video, MediaTime::ZERO, Bytes::from_static(header));
        let (out, told) = make(&all);
        assert_eq!(programs(&out), [[AAC]]);
        assert!(
            matches!(&told[..], [Complaint::Bad(_, why), Complaint::NotYet] if why.contains("C has no")),
            "{told:?}"
        );
        // Another one makes it good.
        let (out, _) = make(&[all, frames_at(H264_AAC, 1_200)].concat());
        assert_eq!(programs(&out), [&[AAC][..], &[H264, AAC]]);
    }
}

#[test]
fn sound_at_another_pace_than_its_header_tells_is_told() {
    let header = Frame::from_flv(TagKind::Audio, MediaTime::ZERO, vec![0xaf, 0, 0x12, 0x10].into());
    let sound = (0..600_i64).map(|index| {
        Frame::from_flv(TagKind::Audio, MediaTime::from_millis(index * 1_024 / 48), vec![0xaf, 1, 0x21, 0x10].into())
    });
    let (_, told) = make(&std::iter::once(header).chain(sound).collect::<Vec<_>>());
    assert_eq!(told, [Complaint::Odd(Kind::Audio, Oddity::Pace(8))]);
}

#[test]
fn pictures_without_a_key_frame_and_times_that_stand_still_are_told() {
    let told_of = |frames: &[Frame]| {
        let (mut transport, mut out, mut told) = (Transport::new(), Vec::new(), Vec::new());
        for (index, frame) in frames.iter().enumerate() {
            let complaint = transport.frame(frame, index as i64 * 400_000_000, &mut out).err();
            told.extend(complaint.filter(|one| !told.contains(one)));
        }
        told
    };
    let all = pictures(H264_AAC, 0);
    assert_eq!(told_of(&all), []);
    let inter = all.iter().filter(|frame| frame.flags.has(Flags::CONFIG) || !frame.flags.has(Flags::KEY));
    assert_eq!(told_of(&inter.cloned().collect::<Vec<_>>()), [Complaint::NoKey]);
    let still = all.iter().map(|frame| Frame::from_flv(frame.kind, MediaTime::ZERO, frame.flv().clone()));
    assert_eq!(told_of(&still.collect::<Vec<_>>()), [Complaint::Odd(Kind::Video, Oddity::Still)]);
}
