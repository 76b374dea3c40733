mod oracle;

use super::Muxer;
use crate::{AUDIO_PID, Error, MP3_PID, PACKET_LEN, TABLES_LEN, VIDEO_PID};
use oracle::{packets, pes, program, references};
use weir_base::MediaTime;
use weir_codec::Codec;

/// x264 and its units have length fields of four bytes.
const AVCC: &[u8] = &[1, 100, 0, 31, 0xff, 0xe1, 0, 4, 0x67, 100, 0, 31, 1, 0, 2, 0x68, 0xee];
const AV1C: &[u8] = &[0x81, 0x08, 0x0c, 0x00, 0x0a, 0x02, 0x55, 0x80];
const ASC: &[u8] = &[0x11, 0x90];
const OPUS_HEAD: &[u8] = b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\0";
/// What an access unit begins with when the muxer adds no parameter sets.
const AUD: &[u8] = &[0, 0, 0, 1, 9, 0xf0];

fn ms(millis: i64) -> MediaTime {
    MediaTime::from_millis(millis)
}

fn hvcc() -> &'static [u8] {
    include_bytes!("../../../codec/testdata/ffmpeg-x265.hvcc")
}

/// A slice of `len` bytes behind its length field.
fn slice(len: usize) -> Vec<u8> {
    let unit = (0..len).map(|at| if at == 0 { 0x41 } else { at as u8 | 1 });
    (len as u32).to_be_bytes().into_iter().chain(unit).collect()
}

fn muxer(video: Option<(Codec, &[u8])>, audio: Option<(Codec, &[u8])>) -> (Muxer, Vec<u8>) {
    let (mut muxer, mut out) = (Muxer::new(), Vec::new());
    if let Some((codec, config)) = video {
        assert_eq!(muxer.set_video(codec, config), Ok(true));
    }
    if let Some((codec, config)) = audio {
        assert_eq!(muxer.set_audio(codec, config), Ok(true));
    }
    muxer.write_tables(&mut out);
    (muxer, out)
}

// row: protocols.md §7 Codec
#[test]
fn the_program_map_of_each_codec() {
    let check = |video: Option<(Codec, &[u8])>, audio: Option<(Codec, &[u8])>, expect: &[(u8, u16, &[u8])]| {
        let (_, out) = muxer(video, audio);
        assert_eq!(out.len(), TABLES_LEN);
        let program = program(&out);
        assert_eq!(program.map_pid, 0x1001);
        assert_eq!(program.clock_pid, expect.first().map(|(_, pid, _)| *pid));
        let expect: Vec<_> = expect.iter().map(|(kind, pid, text)| (*kind, *pid, text.to_vec())).collect();
        assert_eq!(program.streams, expect);
    };
    check(Some((Codec::H264, AVCC)), Some((Codec::Aac, ASC)), &[(0x1b, 0x100, b""), (0x0f, 0x101, b"")]);
    let first_frame = &[0xff, 0xfb, 0x90, 0][..];
    check(Some((Codec::H265, hvcc())), Some((Codec::Mp3, first_frame)), &[(0x24, 0x100, b""), (0x03, 0x102, b"")]);
    check(None, Some((Codec::Mp3, &[])), &[(0x04, 0x102, b"")]);
    check(None, Some((Codec::Ac3, &[])), &[(0x81, 0x101, b"\x05\x04AC-3")]);
    check(None, Some((Codec::Eac3, &[])), &[(0x87, 0x101, b"\x05\x04EAC3")]);
    let (av1, opus) = (b"\x05\x04AV01\x80\x04\x81\x08\x0c\xc0", b"\x05\x04Opus\x7f\x02\x80\x02");
    check(Some((Codec::Av1, AV1C)), Some((Codec::Opus, OPUS_HEAD)), &[(0x06, 0x100, av1), (0x06, 0x101, opus)]);
    check(None, None, &[]);
}

#[test]
fn changes_of_tracks_change_the_tables() {
    let (mut muxer, mut out) = muxer(Some((Codec::H264, AVCC)), None);
    let mut version = 0;
    let mut check = |muxer: &mut Muxer, changed: bool| {
        version += u8::from(changed);
        out.clear();
        muxer.write_tables(&mut out);
        assert_eq!(oracle::version(&out), version);
    };
    check(&mut muxer, false);
    // Another configuration of the same codec is not a matter of the tables.
    assert_eq!(muxer.set_video(Codec::H264, AVCC), Ok(false));
    check(&mut muxer, false);
    assert_eq!(muxer.set_audio(Codec::Aac, ASC), Ok(true));
    check(&mut muxer, true);
    assert_eq!(muxer.set_audio(Codec::Aac, &[0x12, 0x08]), Ok(false));
    assert_eq!(muxer.set_audio(Codec::Mp3, &[]), Ok(true));
    assert_eq!(muxer.set_video(Codec::H265, hvcc()), Ok(true));
    check(&mut muxer, true);
    assert!(muxer.clear_audio() && !muxer.clear_audio());
    assert!(muxer.clear_video() && !muxer.clear_video());
    check(&mut muxer, true);
}

#[test]
fn refused_tracks_leave_the_old_ones() {
    let (mut muxer, mut out) = muxer(Some((Codec::H264, AVCC)), Some((Codec::Aac, ASC)));
    for codec in [Codec::Vp8, Codec::Vp9, Codec::Vp6, Codec::SorensonH263, Codec::OtherVideo, Codec::Aac] {
        assert_eq!(muxer.set_video(codec, &[]), Err(Error::NoMapping { codec }));
    }
    for codec in [Codec::Flac, Codec::Speex, Codec::G711u, Codec::OtherAudio, Codec::H264, Codec::Script] {
        assert_eq!(muxer.set_audio(codec, &[]), Err(Error::NoMapping { codec }));
    }
    assert!(muxer.set_video(Codec::H264, &AVCC[..9]).is_err());
    assert!(muxer.set_audio(Codec::Aac, &[]).is_err());
    assert_eq!(muxer.write_video(ms(0), ms(0), false, &slice(9), &mut out), Ok(()));
    assert_eq!(muxer.write_audio(ms(0), &[1], &mut out), Ok(()));
    assert_eq!(pes(&out).len(), 2);
    assert_eq!(
        Error::NoMapping { codec: Codec::Vp9 }.to_string(),
        "MPEG-TS cannot carry VP9",
        "players are told in these words"
    );
}

#[test]
fn access_units_of_every_length_come_back() {
    let (mut muxer, mut out) = muxer(Some((Codec::H264, AVCC)), Some((Codec::Ac3, &[])));
    let lengths: Vec<usize> = (1..800).chain([4_000, 65_400, 65_507, 65_508, 65_509, 200_000]).collect();
    for (index, len) in lengths.iter().enumerate() {
        let at = ms(index as i64 * 40);
        muxer.write_video(at, ms(80), false, &slice(*len), &mut out).expect("a good slice");
        muxer.write_audio(at, &vec![*len as u8; (*len).min(65_000)], &mut out).expect("a good frame");
    }
    let all = pes(&out);
    let (video, audio): (Vec<_>, Vec<_>) = all.into_iter().partition(|pes| pes.stream_id == 0xe0);
    assert_eq!((video.len(), audio.len()), (lengths.len(), lengths.len()));
    for (index, (len, (video, audio))) in lengths.iter().zip(video.iter().zip(&audio)).enumerate() {
        assert_eq!(video.data, [AUD, &[0, 0, 1], &slice(*len)[4..]].concat(), "{len} bytes of video");
        assert_eq!(audio.data, vec![*len as u8; (*len).min(65_000)], "{len} bytes of audio");
        let dts = index as u64 * 3600;
        assert_eq!((video.pts, video.dts), (dts + 7200, Some(dts)));
        assert_eq!((audio.stream_id, audio.pts, audio.dts), (0xbd, dts, None));
    }
}

#[test]
fn counters_live_on_across_segments() {
    let (mut muxer, mut segment) = muxer(Some((Codec::H264, AVCC)), Some((Codec::Aac, ASC)));
    let mut stream = Vec::new();
    for index in 0..40_i64 {
        muxer.write_video(ms(index * 40), ms(0), index % 5 == 0, &slice(700), &mut segment).expect("a good slice");
        muxer.write_audio(ms(index * 40), &[7; 200], &mut segment).expect("a good frame");
        if index % 5 == 4 {
            // Each segment can be read alone.
            assert_eq!(pes(&segment).len(), 10);
            stream.append(&mut segment);
            muxer.write_tables(&mut segment);
        }
    }
    // `packets` compares the counters of each PID.
    assert!(packets(&stream).len() > 16 * 4);
}

#[test]
fn the_counter_of_each_audio_pid_goes_on() {
    let (mut muxer, mut out) = muxer(None, Some((Codec::Aac, ASC)));
    for _ in 0..5 {
        for (codec, config) in [(Codec::Aac, ASC), (Codec::Mp3, &[][..]), (Codec::Opus, OPUS_HEAD)] {
            muxer.set_audio(codec, config).expect("a codec with a mapping");
            muxer.write_tables(&mut out);
            muxer.write_audio(ms(0), &[1; 300], &mut out).expect("a good frame");
        }
    }
    let pids: Vec<_> = packets(&out).iter().map(|packet| packet.header.pid.as_u16()).collect();
    assert_eq!(pids.iter().filter(|pid| **pid == MP3_PID).count(), 10);
    assert_eq!(pids.iter().filter(|pid| **pid == AUDIO_PID).count(), 20);
}

#[test]
fn key_frames_are_marked_and_carry_the_clock() {
    let (mut muxer, mut out) = muxer(Some((Codec::H264, AVCC)), Some((Codec::Aac, ASC)));
    for index in 0..100_i64 {
        let key = index % 25 == 0;
        muxer.write_video(ms(index * 33), ms(66), key, &slice(300), &mut out).expect("a good slice");
        muxer.write_audio(ms(index * 33), &[1; 200], &mut out).expect("a good frame");
    }
    let references = references(&out);
    assert!(references.iter().all(|reference| reference.pid == VIDEO_PID && !reference.discontinuity));
    let keys: Vec<u64> = references.iter().filter(|reference| reference.random_access).map(|r| r.ticks).collect();
    assert_eq!(keys, [0, 25 * 33 * 90, 50 * 33 * 90, 75 * 33 * 90]);
    let gaps: Vec<u64> = references.windows(2).map(|pair| pair[1].ticks - pair[0].ticks).collect();
    assert!(gaps.iter().all(|gap| *gap <= 100 * 90), "{gaps:?}");
}

#[test]
fn slow_video_is_clocked_beside_audio() {
    let (mut muxer, mut out) = muxer(Some((Codec::H264, AVCC)), Some((Codec::Aac, ASC)));
    for step in 0..500_i64 {
        if step % 100 == 0 {
            muxer.write_video(ms(step * 20), ms(0), true, &slice(300), &mut out).expect("a good slice");
        }
        muxer.write_audio(ms(step * 20), &[1; 200], &mut out).expect("a good frame");
    }
    let references = references(&out);
    assert!(references.iter().all(|reference| reference.pid == VIDEO_PID && !reference.discontinuity));
    for pair in references.windows(2) {
        let gap = pair[1].ticks - pair[0].ticks;
        assert!(gap <= 100 * 90, "{gap} ticks after {}", pair[0].ticks);
    }
    assert!(references.last().is_some_and(|last| last.ticks > 9_800 * 90));
    assert_eq!(pes(&out).len(), 505);
}

#[test]
fn audio_alone_carries_the_clock() {
    let (mut muxer, mut out) = muxer(None, Some((Codec::Mp3, &[])));
    for index in 0..200_i64 {
        muxer.write_audio(ms(index * 26), &[1; 200], &mut out).expect("a good frame");
    }
    let references = references(&out);
    assert!(references.iter().all(|reference| reference.pid == MP3_PID && reference.random_access));
    assert!(references.windows(2).all(|pair| pair[1].ticks - pair[0].ticks <= 100 * 90));
    // Video takes the clock over, and gives it back.
    out.clear();
    muxer.set_video(Codec::H264, AVCC).expect("a codec with a mapping");
    muxer.write_tables(&mut out);
    muxer.write_audio(ms(5_200), &[1; 200], &mut out).expect("a good frame");
    muxer.write_video(ms(5_200), ms(0), false, &slice(9), &mut out).expect("a good slice");
    assert!(muxer.clear_video());
    muxer.write_tables(&mut out);
    muxer.write_audio(ms(5_226), &[1; 200], &mut out).expect("a good frame");
    let pids: Vec<_> = oracle::references(&out).iter().map(|reference| reference.pid).collect();
    assert_eq!(pids, [VIDEO_PID, MP3_PID]);
}

#[test]
fn several_frames_in_one_pes_packet() {
    let frames: Vec<Vec<u8>> = (1..=5).map(|index| vec![index; 200]).collect();
    let (mut muxer, mut one) = muxer(None, Some((Codec::Aac, ASC)));
    let mut each = one.clone();
    muxer.write_audio_frames(ms(40), frames.iter().map(|frame| &frame[..]), &mut one).expect("good frames");
    frames.iter().for_each(|frame| muxer.write_audio(ms(40), frame, &mut each).expect("a good frame"));
    let payload: Vec<u8> = pes(&each).into_iter().flat_map(|pes| pes.data).collect();
    let [whole] = &pes(&one)[..] else { panic!("one PES packet") };
    assert_eq!((whole.pts, &whole.data), (3600, &payload));
    // With the tables, eight packets instead of twelve.
    assert_eq!((one.len(), each.len()), (8 * PACKET_LEN, 12 * PACKET_LEN));
}

#[test]
fn empty_frames_append_nothing() {
    let (mut muxer, out) = muxer(Some((Codec::H264, AVCC)), Some((Codec::Aac, ASC)));
    let mut after = out.clone();
    muxer.write_video(ms(0), ms(0), true, &[], &mut after).expect("nothing to do");
    muxer.write_audio(ms(0), &[], &mut after).expect("nothing to do");
    muxer.write_audio_frames(ms(0), [], &mut after).expect("nothing to do");
    muxer.set_video(Codec::Av1, AV1C).expect("a codec with a mapping");
    muxer.write_video(ms(0), ms(0), true, &[0x12, 0], &mut after).expect("nothing to do");
    assert_eq!(after, out);
}

#[test]
fn errors_leave_the_output_as_it_was() {
    let (mut muxer, mut out) = muxer(Some((Codec::H264, AVCC)), Some((Codec::Aac, ASC)));
    let before = out.clone();
    let lengths = weir_codec::Error::NalLength { at: 13, len: 0x0000_00ff, left: 1 };
    let payload = [&slice(9)[..], &[0, 0, 0, 0xff, 1]].concat();
    assert_eq!(muxer.write_video(ms(0), ms(0), true, &payload, &mut out), Err(lengths.into()));
    assert!(muxer.write_audio_frames(ms(0), [&[1; 10][..], &[1; 9_000]], &mut out).is_err());
    let long = Error::TooLong { len: 10 * 7_007, max: 65_527 };
    assert_eq!(muxer.write_audio_frames(ms(0), [&[1; 7_000][..]; 10], &mut out), Err(long));
    muxer.set_video(Codec::Av1, AV1C).expect("a codec with a mapping");
    assert!(muxer.write_video(ms(0), ms(0), true, &[0x32, 1, 7, 0x32, 9, 9], &mut out).is_err());
    muxer.clear_video();
    muxer.clear_audio();
    assert_eq!(muxer.write_video(ms(0), ms(0), true, &slice(9), &mut out), Err(Error::NoTrack { kind: "video" }));
    assert_eq!(muxer.write_audio(ms(0), &[1], &mut out), Err(Error::NoTrack { kind: "audio" }));
    assert_eq!(out, before);
}

#[test]
fn times_wrap_after_26_hours_and_a_half() {
    let wrap = 1_i64 << 33;
    let (mut muxer, mut out) = muxer(Some((Codec::H264, AVCC)), Some((Codec::Aac, ASC)));
    for ticks in [-3_600, 0, 3_600, wrap - 3_600, wrap, 3 * wrap + 9_000] {
        let at = MediaTime::from_ticks(ticks, 90_000);
        muxer.write_video(at, ms(40), true, &slice(9), &mut out).expect("a good slice");
    }
    let got: Vec<_> = pes(&out).iter().map(|pes| (pes.pts, pes.dts.expect("both"))).collect();
    let last = (1 << 33) - 3_600;
    assert_eq!(got, [(0, last), (3_600, 0), (7_200, 3_600), (0, last), (3_600, 0), (12_600, 9_000)]);
    let clock: Vec<_> = references(&out).iter().map(|reference| reference.ticks).collect();
    assert_eq!(clock, [last, 0, 3_600, last, 0, 9_000]);
}

#[test]
fn times_of_any_size_are_written() {
    for codec in [Codec::H264, Codec::Av1] {
        let (mut muxer, mut out) = muxer(None, Some((Codec::Aac, ASC)));
        let extremes = [i64::MIN, i64::MAX, 0, -1, i64::MAX, i64::MIN].map(MediaTime::from_nanos);
        for at in extremes {
            muxer.write_audio(at, &[1], &mut out).expect("a good frame");
        }
        let payload = if codec == Codec::Av1 { vec![0x32, 1, 7] } else { slice(9) };
        muxer.set_video(codec, if codec == Codec::Av1 { AV1C } else { AVCC }).expect("a codec with a mapping");
        muxer.write_tables(&mut out);
        for dts in extremes {
            for cts in extremes {
                muxer.write_video(dts, cts, true, &payload, &mut out).expect("a good unit");
                muxer.write_audio(cts, &[1], &mut out).expect("a good frame");
            }
        }
        assert_eq!(pes(&out).len(), 6 + 2 * 36);
    }
}

#[test]
fn a_temporal_unit_is_one_private_pes_packet() {
    let (mut muxer, mut out) = muxer(Some((Codec::Av1, AV1C)), None);
    muxer.write_video(ms(40), ms(0), true, &[0x12, 0, 0x32, 4, 7, 0, 0, 1], &mut out).expect("a good unit");
    let [unit] = &pes(&out)[..] else { panic!("one PES packet") };
    assert_eq!((unit.stream_id, unit.pts, unit.dts), (0xbd, 3600, None));
    let expect = [&[0, 0, 1][..], &AV1C[4..], &[0, 0, 1, 0x32, 4, 7, 0, 0, 3, 1]].concat();
    assert_eq!(unit.data, expect);
    assert!(references(&out)[0].random_access);
}
