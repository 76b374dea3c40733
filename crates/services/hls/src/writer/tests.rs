use weir_flv::tag::TagKind;

use super::*;
use crate::testing::{AV, MP3, VIDEO, decoded, frames, frames_at, looped, packets, tag};

fn settings(format: Format) -> Settings {
    Settings {
        video: Some(0),
        audio: Some(0),
        tells_others: true,
        format,
        low_latency: false,
        rules: Rules {
            fragment: Duration::from_secs(2),
            td_ratio: 1.0,
            aof_ratio: 2.1,
            wait_keyframe: true,
            part: MediaTime::from_millis(if format == Format::Ts { 1 << 40 } else { 1000 }),
        },
        retime: false,
        wants_audio: true,
        wants_video: true,
        floor: false,
    }
}

fn low_latency(format: Format) -> Settings {
    let rules = Rules { part: MediaTime::from_millis(250), ..settings(format).rules };
    Settings { low_latency: true, rules, ..settings(format) }
}

/// What a writer makes of frames, to the end.
fn write(settings: Settings, frames: &[Frame]) -> Vec<Made> {
    let (mut writer, mut made) = (Writer::new(settings), Vec::new());
    for frame in frames {
        writer.push(frame, 1_000_000_000_000_000_000 + frame.dts.nanos(), &mut made);
    }
    writer.finish(&mut made);
    assert_eq!(writer.held(), 0, "nothing is kept");
    made
}

/// In words: `begin`, `begin!` where times do not go on, `+init`, `part 0.240`, `part* 0.240` where decoding can start,
/// `2.000` a segment, `nothing`, and the news.
fn words(made: &[Made]) -> String {
    let word = |made: &Made| match made {
        Made::Begin(begin) => {
            let init = if begin.init.is_some() { "+init" } else { "" };
            format!("begin{}{init}", if begin.discontinuity { "!" } else { "" })
        }
        Made::Part(part) => {
            format!("part{} {:.3}", if part.independent { "*" } else { "" }, part.duration.as_secs_f64())
        }
        Made::Segment(segment) => format!("{:.3}", segment.duration.as_secs_f64()),
        Made::Dropped => "nothing".to_owned(),
        Made::News(news) => format!("[{news}]"),
    };
    made.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// The media of all segments, with the initialisation segment before it.
fn media(made: &[Made]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for made in made {
        match made {
            Made::Begin(Begin { init: Some(init), .. }) => bytes.extend_from_slice(init),
            Made::Part(part) => bytes.extend_from_slice(&part.bytes),
            Made::Segment(segment) => bytes.extend_from_slice(&segment.bytes),
            _ => {}
        }
    }
    bytes
}

fn check(settings: Settings, frames: &[Frame], expect: &str) {
    assert_eq!(words(&write(settings, frames)), expect);
}

/// Sound goes on for a moment behind the last picture.
const TWO_SECONDS: &str = "begin! 2.000 begin 2.000 begin 2.000 begin 2.092";

#[test]
fn a_stream_is_cut_at_its_key_frames() {
    check(settings(Format::Ts), &frames(AV), TWO_SECONDS);
    check(settings(Format::Mp4), &frames(AV), &TWO_SECONDS.replacen('!', "!+init", 1));
    // Six seconds of sound: only one segment is ended by its length.
    check(settings(Format::Ts), &frames(MP3), "begin! 4.206 begin 1.828");
    check(settings(Format::Mp4), &frames(VIDEO), "begin!+init 2.000 begin 2.000");
}

#[test]
fn parts_tell_where_decoding_can_start_and_add_up() {
    let made = write(low_latency(Format::Mp4), &frames(VIDEO));
    let gop = "part* 0.200 part 0.200 part 0.200 part 0.200 part 0.200";
    assert_eq!(words(&made), format!("begin!+init {gop} {gop} 2.000 begin {gop} {gop} 2.000"));
    let made = write(low_latency(Format::Ts), &frames(AV));
    let of = |made: &[Made]| -> (Duration, Duration) {
        made.iter().fold((Duration::ZERO, Duration::ZERO), |(parts, segments), made| match made {
            Made::Part(part) => (parts + part.duration, segments),
            Made::Segment(segment) => (parts, segments + segment.duration),
            _ => (parts, segments),
        })
    };
    let (parts, segments) = of(&made);
    assert_eq!(parts, segments);
    assert_eq!(segments, Duration::from_millis(8092));
    assert!(made.iter().all(|made| !matches!(made, Made::Segment(segment) if !segment.bytes.is_empty())));
}

/// What comes out has the media that went in: every packet and its times, every picture and sample.
#[test]
fn what_ffmpeg_finds_in_segments_is_what_was_published() {
    let times = |media: &[u8], kind: &str| -> Vec<String> {
        let mut found: Vec<String> = packets(media).into_iter().filter(|packet| packet.starts_with(kind)).collect();
        found.sort();
        found
    };
    for settings in [settings(Format::Ts), low_latency(Format::Ts), settings(Format::Mp4), low_latency(Format::Mp4)] {
        // Off from 0, where readers of transport streams wrap.
        let made = media(&write(settings, &frames_at(AV, 10_000)));
        assert_eq!(decoded(&made, "v"), decoded(AV, "v"), "{settings:?}");
        assert_eq!(decoded(&made, "a").len(), decoded(AV, "a").len(), "{settings:?}");
        let video = times(&made, "video");
        assert_eq!(video.len(), 200);
        assert!(video[0].starts_with("video,10.000000,10.080000,K"), "{}", video[0]);
        assert!(video[199].starts_with("video,17.960000,18.0"), "{}", video[199]);
    }
}

#[test]
fn sound_in_mp4_has_the_times_of_its_samples() {
    let made = media(&write(settings(Format::Mp4), &frames(MP3)));
    let found = packets(&made);
    let times: Vec<f64> =
        found.iter().map(|line| line.split(',').nth(1).expect("dts").parse().expect("a time")).collect();
    assert!(times.len() > 200);
    let step = 1152.0 / 44_100.0;
    assert!(times.windows(2).all(|pair| (pair[1] - pair[0] - step).abs() < 1e-5), "{times:?}");
}

// row: protocols.md §7 hls_dts_directly off
// row: config.md §11 hls hls_dts_directly
#[test]
fn sound_in_transport_streams_can_be_timed_by_its_samples_too() {
    let check = |retime: bool, expect: bool| {
        let made = media(&write(Settings { retime, ..settings(Format::Ts) }, &frames_at(MP3, 1000)));
        let step = 1152.0 / 44_100.0;
        let found = packets(&made);
        // ffprobe makes times up within a PES packet, so only whole packets tell: every third or fourth.
        let times: Vec<f64> =
            found.iter().map(|line| line.split(',').nth(1).expect("dts").parse().expect("a time")).collect();
        let exact = times.iter().enumerate().all(|(index, time)| (time - times[0] - index as f64 * step).abs() < 3e-4);
        assert_eq!(exact, expect, "{times:?}");
    };
    check(true, true);
    check(false, false);
}

// row: protocols.md §7 hls_acodec/hls_vcodec
// row: config.md §11 hls hls_acodec
// row: config.md §11 hls hls_vcodec
#[test]
fn a_kind_that_is_not_expected_is_not_waited_for() {
    // A picture at 0 and more after 400 ms: with sound expected, all is held for a second.
    let until = |settings: Settings, frames: &[Frame]| {
        let (mut writer, mut made) = (Writer::new(settings), Vec::new());
        let begun = frames.iter().position(|frame| {
            writer.push(frame, frame.dts.nanos(), &mut made);
            made.iter().any(|made| matches!(made, Made::Begin(_)))
        });
        begun.map(|index| frames[index].dts.millis())
    };
    let both = settings(Format::Ts);
    assert_eq!(until(both, &frames(VIDEO)), Some(1000));
    assert_eq!(until(Settings { wants_audio: false, ..both }, &frames(VIDEO)), Some(0));
    assert_eq!(until(Settings { wants_video: false, ..both }, &frames(MP3)), Some(0));
    assert_eq!(until(both, &frames(MP3)), Some(1019));
    // Sound that comes all the same is there.
    check(Settings { wants_audio: false, ..both }, &frames(AV), TWO_SECONDS);
    assert!(until(Settings { wants_audio: false, ..both }, &frames(AV)).expect("it begins") < 100);
}

#[test]
fn a_stream_that_stays_silent_begins_by_the_clock() {
    let (mut writer, mut made) = (Writer::new(settings(Format::Ts)), Vec::new());
    for frame in frames(VIDEO).iter().take(5) {
        writer.push(frame, 0, &mut made);
    }
    writer.tick(900_000_000, &mut made);
    assert!(made.is_empty() && writer.held() > 0);
    writer.tick(1_100_000_000, &mut made);
    assert_eq!(words(&made), "begin!");
}

/// The sequence header of another size, and its first picture, from the other file.
#[test]
fn new_parameter_sets_begin_a_segment() {
    let mut both = frames(VIDEO);
    both.extend(frames_at(AV, 4000).into_iter().filter(|frame| frame.kind == TagKind::Video));
    let made = write(settings(Format::Mp4), &both);
    assert_eq!(words(&made), "begin!+init 2.000 begin 2.000 begin!+init 2.000 begin 2.000 begin 2.000 begin 2.000");
    // The same again is not new.
    let made = write(settings(Format::Mp4), &looped(AV, 2, 8000));
    assert_eq!(words(&made).matches("init").count(), 1);
}

#[test]
fn a_track_that_comes_late_begins_a_segment() {
    let mut late: Vec<Frame> = frames(VIDEO);
    late.extend(frames_at(MP3, 1500).into_iter().filter(|frame| frame.dts.millis() < 3500));
    late.sort_by_key(|frame| frame.dts);
    let made = write(settings(Format::Ts), &late);
    assert_eq!(words(&made), "begin! 2.000 begin! 2.000", "at the key frame that comes next");
    let mut late: Vec<Frame> = frames(MP3);
    late.extend(frames_at(VIDEO, 2500));
    late.sort_by_key(|frame| frame.dts);
    let made = write(settings(Format::Mp4), &late);
    assert_eq!(words(&made), "begin!+init 2.500 begin!+init 2.000 begin 2.000");
}

#[test]
fn what_a_container_cannot_carry_is_told_once() {
    let mut speex: Vec<Frame> = frames(VIDEO);
    speex.extend((0..50).map(|index| tag(TagKind::Audio, index * 20, "b2 0102030405")));
    speex.sort_by_key(|frame| frame.dts);
    check(settings(Format::Ts), &speex, "[Speex is left out: MPEG-TS cannot carry it] begin! 2.000 begin 2.000");
    let only: Vec<Frame> = (0..500).map(|index| tag(TagKind::Audio, index * 20, "b2 0102030405")).collect();
    check(settings(Format::Mp4), &only, "[Speex is left out: fragmented MP4 cannot carry it]");
    let vp9: Vec<Frame> = (0..5).map(|index| tag(TagKind::Video, index * 40, "91 76703039 010203")).collect();
    check(settings(Format::Ts), &vp9, "[VP9 is left out: MPEG-TS cannot carry it (hls_use_fmp4 can)]");
}

/// ffmpeg sends a sequence header without content before AC-3 and E-AC-3.
#[test]
fn sound_whose_frames_tell_everything_needs_no_sequence_header() {
    let mut ac3 = vec![tag(TagKind::Audio, 0, "90 61632d33")];
    ac3.extend((0..100).map(|index| tag(TagKind::Audio, index * 32, "91 61632d33 0b770000144040000000")));
    for format in [Format::Ts, Format::Mp4] {
        let made = words(&write(Settings { wants_video: false, ..settings(format) }, &ac3));
        assert!(made.starts_with("begin") && !made.contains('['), "{format}: {made}");
    }
}

#[test]
fn malformed_headers_and_frames_are_told_and_left_out() {
    let mut bad = vec![tag(TagKind::Video, 0, "17 00 000000 01 64")];
    bad.extend((0..5).map(|index| tag(TagKind::Video, index * 40, "17 01 000000 00000001 65")));
    let made = write(settings(Format::Ts), &bad);
    let told = words(&made);
    assert!(told.starts_with("[the sequence header of H.264 cannot be used: "), "{told}");
    assert!(told.ends_with("[H.264 comes without its sequence header and is left out]"), "{told}");
    // A length that leads out of the frame.
    let mut frames = frames(VIDEO);
    frames.insert(8, tag(TagKind::Video, 650, "27 01 000000 7fffffff 41"));
    frames.insert(9, tag(TagKind::Video, 660, "27 01 000000 7fffffff 41"));
    for format in [Format::Ts, Format::Mp4] {
        let told = words(&write(settings(format), &frames));
        let expect = [" [a frame of H.264 is left out: ", "] [another frame is left out] 2.000 begin 2.000"];
        assert!(expect.iter().all(|part| told.contains(part)), "{told}");
    }
}

/// Frames that arrive 40 ms apart, whatever their timestamps are.
fn write_by_arrival(settings: Settings, frames: &[Frame]) -> (Vec<Made>, usize) {
    let (mut writer, mut made, mut held) = (Writer::new(settings), Vec::new(), 0);
    for (index, frame) in frames.iter().enumerate() {
        writer.push(frame, index as i64 * 40_000_000, &mut made);
        held = held.max(writer.held());
    }
    writer.finish(&mut made);
    (made, held)
}

/// The pictures of a file with their headers changed: composition times, or those of key frames.
fn pictures(file: &[u8], change: impl Fn(&mut Vec<u8>)) -> Vec<Frame> {
    let pictures = frames(file).into_iter().filter(|frame| frame.kind == TagKind::Video && !frame.payload().is_empty());
    let changed = |frame: Frame| {
        let mut body = frame.flv().to_vec();
        if !frame.flags.has(Flags::CONFIG) {
            change(&mut body);
        }
        Frame::from_flv(frame.kind, frame.dts, body.into())
    };
    pictures.map(changed).collect()
}

#[test]
fn headers_without_parameter_sets_are_told_and_pictures_wait_for_another() {
    let check = |header: &str, expect: &str| {
        for format in [Format::Ts, Format::Mp4] {
            let settings = Settings { wants_audio: false, ..settings(format) };
            // One picture, and then all with the header that they need.
            let mut all = vec![tag(TagKind::Video, 0, header), frames(VIDEO)[3].clone()];
            all.extend(frames(VIDEO));
            let told = words(&write(settings, &all));
            assert!(told.starts_with(&format!("[{expect}]")) && told.ends_with(" 2.000 begin 2.000"), "{told}");
        }
    };
    let lack = "cannot be used: avcC has no sequence parameter set";
    check("17 00 000000 01 64000d ff e0 00", &format!("the sequence header of H.264 {lack}"));
    let lack = "cannot be used: hvcC has no sequence parameter set";
    let header = "90 68766331 01 01 60000000 900000000000 3c f000 fc fd f8 f8 0000 0f 00";
    check(header, &format!("the sequence header of H.265 {lack}"));
}

#[test]
fn composition_times_that_no_encoder_means_are_told_and_set_to_0() {
    for odd in [[0xff, 0xec, 0x78], [0x7f, 0xff, 0xff]] {
        for format in [Format::Ts, Format::Mp4] {
            let frames = pictures(VIDEO, |body| body[2..5].copy_from_slice(&odd));
            let made = write(Settings { wants_audio: false, ..settings(format) }, &frames);
            let told = words(&made);
            let expect = "[composition times of pictures are implausible and were set to 0]";
            assert_eq!(told.matches(expect).count(), 1, "{told}");
            for packet in packets(&media(&made)) {
                let times: Vec<&str> = packet.split(',').collect();
                assert_eq!(times[1], times[2], "{packet}");
            }
        }
    }
}

#[test]
fn timestamps_that_stand_still_are_told_and_segments_end_by_arrival() {
    for format in [Format::Ts, Format::Mp4] {
        let mut frames: Vec<Frame> = (0..20).flat_map(|_| pictures(VIDEO, |_| {})).collect();
        let bytes: usize = frames.iter().map(|frame| frame.flv().len()).sum();
        frames.iter_mut().for_each(|frame| frame.dts = MediaTime::ZERO);
        let (made, held) = write_by_arrival(settings(format), &frames);
        let told = words(&made);
        let expect = "[timestamps of pictures do not move on: frames get the times at which they arrive]";
        assert_eq!(told.matches(expect).count(), 1, "{told}");
        // 32 s, the first five of which have no times.
        let segments: Vec<f64> = made
            .iter()
            .filter_map(|made| if let Made::Segment(one) = made { Some(one.duration.as_secs_f64()) } else { None })
            .collect();
        assert!(segments.len() > 8 && segments.iter().all(|length| (0.1..=3.0).contains(length)), "{segments:?}");
        assert!(held < bytes / 2, "{held} of {bytes}");
    }
}

#[test]
fn pictures_without_a_key_frame_are_told() {
    let inter = |body: &mut Vec<u8>| body[0] = 0x27;
    let frames: Vec<Frame> = (0..10).flat_map(|_| pictures(VIDEO, inter)).collect();
    let told = words(&write_by_arrival(settings(Format::Ts), &frames).0);
    assert_eq!(told, "[no key frame has come for 10 s: pictures are left out until one comes]");
    let frames = frames.get(..200).expect("so many");
    assert_eq!(words(&write_by_arrival(settings(Format::Ts), frames).0), "", "8 s are not too long");
    // With sound beside them too.
    let mut both: Vec<Frame> = frames_at(AV, 0);
    for frame in both.iter_mut().filter(|frame| frame.kind == TagKind::Video && frame.flags.has(Flags::KEY)) {
        let mut body = frame.flv().to_vec();
        body[0] = if frame.flags.has(Flags::CONFIG) { body[0] } else { 0x27 };
        *frame = Frame::from_flv(frame.kind, frame.dts, body.into());
    }
    let told = words(&write_by_arrival(settings(Format::Mp4), &both).0);
    assert_eq!(told.matches("[no key frame has come for 10 s").count(), 1, "{told}");
}

#[test]
fn sound_at_another_pace_than_its_header_tells_is_told() {
    let told_of = |rate: i64| {
        let mut sound = vec![tag(TagKind::Audio, 0, "af 00 1210")];
        sound.extend((0..600).map(|index| tag(TagKind::Audio, index * 1_024_000 / rate, "af 01 2110")));
        words(&write(Settings { wants_video: false, ..settings(Format::Ts) }, &sound))
    };
    let told = told_of(48_000);
    assert_eq!(told.matches("[sound runs 8 % faster by its timestamps than its header tells]").count(), 1, "{told}");
    assert!(!told_of(44_100).contains('['));
}

#[test]
fn pictures_of_an_unknown_codec_among_others_are_told() {
    let mut frames = frames(VIDEO);
    frames.insert(8, tag(TagKind::Video, 650, "1e 01 000000 00000001 65"));
    frames.insert(9, tag(TagKind::Video, 660, "2e 01 000000 00000001 65"));
    let expect = "begin! [unknown video is left out: MPEG-TS cannot carry it] 2.000 begin 2.000";
    let settings = Settings { wants_audio: false, ..settings(Format::Ts) };
    check(settings, &frames, expect);
}

#[test]
fn a_second_track_is_left_out() {
    let mut frames = frames(MP3);
    // Enhanced: AAC, one track of several, its number 1.
    frames.insert(3, tag(TagKind::Audio, 30, "95 01 6d703461 01 2100"));
    let told = words(&write(settings(Format::Ts), &frames));
    assert!(told.contains("[only the first track of sound is in the segments (hls_tracks)]"), "{told}");
}

#[test]
fn timestamps_that_jump_begin_a_segment() {
    let mut frames = frames(VIDEO);
    frames.extend(frames_at(VIDEO, 1_000_000));
    let told = words(&write(settings(Format::Ts), &frames));
    // The jump is told before the segment that it ends.
    let expect = "begin! 2.000 begin [timestamps of pictures jump forward by 996.0 s: a new segment goes on from there] \
                  2.000 begin! 2.000 begin 2.000";
    assert_eq!(told, expect);
    let mut frames = self::frames(AV);
    for frame in frames.iter_mut().filter(|frame| frame.kind == TagKind::Audio) {
        frame.dts += MediaTime::from_millis(3_600_000);
    }
    let made = write(settings(Format::Ts), &frames);
    assert!(words(&made).contains("[sound start 3600.0 s later than the rest"), "{}", words(&made));
    let made = media(&made);
    let late = packets(&made).iter().filter(|packet| packet.starts_with("audio,3600")).count();
    assert_eq!(late, 0);
}

/// A publisher whose clock leaps with each frame has neither a segment nor a line in the log for each.
#[test]
fn timestamps_that_jump_each_time_are_told_at_times_and_begin_no_segments_of_their_own() {
    let mut frames = frames(MP3);
    for (index, frame) in frames.iter_mut().enumerate() {
        frame.dts += MediaTime::from_millis(if index % 2 == 0 { 0 } else { 20_000 });
    }
    let (mut writer, mut made) = (Writer::new(settings(Format::Ts)), Vec::new());
    for (index, frame) in frames.iter().enumerate() {
        writer.push(frame, index as i64 * 26_000_000, &mut made);
    }
    writer.finish(&mut made);
    let told = words(&made);
    assert_eq!(told.matches("jump").count(), 1, "{told}");
    let short =
        made.iter().filter(|one| matches!(one, Made::Segment(one) if one.duration < Duration::from_millis(200)));
    assert!(short.count() <= 1 && told.matches("begin").count() < 50, "{told}");
}

#[test]
fn sequence_headers_that_change_each_time_are_told_once_and_begin_no_segments_of_their_own() {
    let bad = (0..2000).map(|index| tag(TagKind::Video, index, &format!("17 00 000000 01 64 00 {:02x}", index % 256)));
    let told = words(&write(settings(Format::Ts), &bad.collect::<Vec<_>>()));
    assert_eq!(told.matches("[the sequence header of H.264 cannot be used").count(), 1, "{told}");
    // Two cameras in turn, each with its header and a picture, 20 ms apart.
    let header =
        |file| frames(file).into_iter().find(|frame| frame.flags.has(Flags::CONFIG) && frame.kind == TagKind::Video);
    let picture =
        |file| frames(file).into_iter().find(|frame| frame.flags.has(Flags::KEY) && frame.kind == TagKind::Video);
    let mut both = Vec::new();
    for index in 0..500 {
        let file = if index % 2 == 0 { VIDEO } else { AV };
        for mut frame in [header(file), picture(file)].into_iter().flatten() {
            frame.dts = MediaTime::from_millis(index * 20);
            both.push(frame);
        }
    }
    let told = words(&write(settings(Format::Mp4), &both));
    assert!((5..=50).contains(&told.matches("begin").count()), "{told}");
}

#[test]
fn lost_frames_begin_a_segment_with_a_key_frame() {
    let (mut writer, mut made) = (Writer::new(settings(Format::Ts)), Vec::new());
    for (index, frame) in frames(AV).iter().enumerate() {
        match index {
            150 => writer.lost(),
            100..150 => continue,
            _ => {}
        }
        writer.push(frame, frame.dts.nanos(), &mut made);
    }
    writer.finish(&mut made);
    let cut = words(&made);
    assert_eq!(cut, "begin! 4.000 begin! 2.000 begin 2.092", "what was lost held a key frame");
}

// row: protocols.md §7 Reap
#[test]
fn a_segment_too_short_to_be_one_never_was() {
    let short: Vec<Frame> = frames(VIDEO).into_iter().filter(|frame| frame.dts.millis() < 2000).collect();
    check(settings(Format::Ts), &short, "begin! 2.000");
    // Two frames of sound.
    let short: Vec<Frame> = frames(MP3).into_iter().take(3).collect();
    check(settings(Format::Ts), &short, "begin! nothing");
    check(settings(Format::Ts), &[], "");
}

// row: protocols.md §7 [timestamp]
#[test]
fn the_floor_numbers_segments_one_by_one() {
    let made = write(Settings { floor: true, ..settings(Format::Ts) }, &frames(AV));
    let numbers: Vec<i64> =
        made.iter().filter_map(|made| if let Made::Begin(begin) = made { begin.floor } else { None }).collect();
    assert_eq!(numbers, [500_000_000, 500_000_001, 500_000_002, 500_000_003]);
}

#[test]
fn a_begin_tells_the_time_and_the_tracks() {
    let made = write(settings(Format::Ts), &frames(AV));
    let begins: Vec<&Begin> =
        made.iter().filter_map(|made| if let Made::Begin(begin) = made { Some(begin) } else { None }).collect();
    let seconds: Vec<i64> = begins.iter().map(|begin| begin.unix_nanos / 1_000_000_000 - 1_000_000_000).collect();
    assert_eq!(seconds, [0, 2, 4, 6]);
    let names: Vec<_> = begins[0].tracks.iter().map(|track| track.codec_string().expect("a name")).collect();
    assert_eq!(names, ["avc1.64000a", "mp4a.40.2"]);
    assert!(begins.iter().all(|begin| begin.independent));
}
