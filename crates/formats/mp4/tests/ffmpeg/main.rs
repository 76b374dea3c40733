//! Packets of files that ffmpeg encoded go through the writer, and ffmpeg must find the same in the result: the same
//! packets at the same times, the same description of the tracks, the same pictures and sound.

mod source;

use source::{Packet, Source, packets};
use std::path::Path;
use std::process::Command;
use weir_codec::Codec;
use weir_mp4::{Run, Sample, SegmentType, Track, init_segment, write_fragment, write_styp};

/// Seconds of media in a fragment: parts of low latency, short segments, all in one.
const CUTS: [f64; 3] = [0.1, 0.5, 1000.0];

/// Makes a file with these encoders and sends it through the writer, cut in several ways.
#[track_caller]
fn check(codecs: &[Codec], encoders: &[&str]) {
    let dir = tempfile::tempdir().expect("a folder");
    let source = Source::make(&dir, encoders);
    assert_eq!(source.tracks.iter().map(|track| track.codec).collect::<Vec<_>>(), codecs);
    for seconds in CUTS {
        let ours = dir.path().join("ours.mp4");
        std::fs::write(&ours, fragmented(&source, seconds)).expect("a file");
        let read = packets(&ours);
        let counts = |tracks: &[Vec<Packet>]| tracks.iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(counts(&read), counts(&source.packets), "cut at {seconds} s");
        for (index, (ours, theirs)) in read.iter().zip(&source.packets).enumerate() {
            for (ours, theirs) in ours.iter().zip(theirs) {
                assert_eq!(ours, theirs, "track {index}, cut at {seconds} s");
            }
        }
        for how in [&["-c", "copy"][..], &[]] {
            assert_eq!(frame_hash(&ours, how), frame_hash(&source.file, how), "{how:?}, cut at {seconds} s");
        }
    }
}

/// The initialisation segment and all fragments, as a player gets them one after another.
fn fragmented(source: &Source, seconds: f64) -> Vec<u8> {
    let mut out = Vec::new();
    init_segment(&source.tracks, &mut out).expect("an initialisation segment");
    let mut rests: Vec<&[Packet]> = source.packets.iter().map(|packets| &packets[..]).collect();
    let segment = if source.tracks.len() == 1 { SegmentType::Segment } else { SegmentType::Muxed };
    for sequence in 1.. {
        if rests.iter().all(|rest| rest.is_empty()) {
            break;
        }
        let until = seconds * f64::from(sequence);
        let parts: Vec<_> =
            source.tracks.iter().zip(&mut rests).map(|(track, rest)| part(track, rest, until)).collect();
        let runs: Vec<_> = source
            .tracks
            .iter()
            .zip(&parts)
            .map(|(track, (base_dts, samples))| Run { track, base_dts: *base_dts, samples })
            .collect();
        write_styp(segment, &mut out);
        write_fragment(sequence, &runs, &mut out);
    }
    out
}

/// Takes what is decoded before a time away from the packets that are left: the first decoding time and the samples.
fn part<'a>(track: &Track, rest: &mut &'a [Packet], until: f64) -> (u64, Vec<Sample<'a>>) {
    let ticks = until * f64::from(track.timescale);
    let count = rest.iter().take_while(|packet| (packet.dts as f64) < ticks).count();
    let (part, after) = rest.split_at(count);
    let base = part.first().map_or(0, |packet| u64::try_from(packet.dts).expect("a time from 0 on"));
    let ends = rest.iter().skip(1).map(|packet| packet.dts).chain(part.last().map(|last| last.dts + 1));
    let samples = part.iter().zip(ends).map(|(packet, end)| Sample {
        duration: u32::try_from(end - packet.dts).expect("times that grow"),
        cts: i32::try_from(packet.pts - packet.dts).expect("a near time"),
        key: packet.key,
        data: &packet.data,
    });
    let samples = samples.collect();
    *rest = after;
    (base, samples)
}

/// What ffmpeg says of each frame and of the tracks, without its own version and the durations that it makes up. Its
/// complaints fail the test.
fn frame_hash(file: &Path, how: &[&str]) -> Vec<Vec<String>> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "warning", "-nostdin", "-threads", "1", "-i"]).arg(file).args(["-map", "0"]).args(how);
    let text = source::output_of(ffmpeg.args(["-f", "framemd5", "-"]));
    let lines = text.lines().filter(|line| !line.starts_with("#software"));
    let mut lines: Vec<Vec<String>> = lines.map(|line| line.split(',').map(str::to_owned).collect()).collect();
    for line in &mut lines {
        if let [_track, _dts, _pts, duration, _size, _hash] = &mut line[..] {
            duration.clear();
        }
    }
    // By track: which packet of two tracks comes first is not told by the format.
    lines.sort_by(|one, other| one.first().cmp(&other.first()));
    lines
}

#[test]
fn h264_with_b_frames_and_aac() {
    check(&[Codec::H264, Codec::Aac], &["-c:v", "libx264", "-bf", "3", "-g", "12", "-c:a", "aac"]);
}

#[test]
fn h265_with_b_frames() {
    check(&[Codec::H265], &["-an", "-c:v", "libx265", "-x265-params", "log-level=none:keyint=12", "-tag:v", "hvc1"]);
}

#[test]
fn av1_and_opus() {
    check(&[Codec::Av1, Codec::Opus], &["-c:v", "libaom-av1", "-cpu-used", "8", "-g", "12", "-c:a", "libopus"]);
}

#[test]
fn vp9_and_flac() {
    let video = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "12"];
    check(&[Codec::Vp9, Codec::Flac], &[&video[..], &["-c:a", "flac", "-strict", "-2"]].concat());
}

#[test]
fn mp3() {
    check(&[Codec::Mp3], &["-vn", "-c:a", "libmp3lame"]);
    check(&[Codec::Mp3], &["-vn", "-c:a", "libmp3lame", "-ar", "22050", "-ac", "1"]);
}

#[test]
fn ac3_and_eac3() {
    check(&[Codec::Ac3], &["-vn", "-c:a", "ac3"]);
    check(&[Codec::Eac3], &["-vn", "-c:a", "eac3", "-ac", "6"]);
}

#[test]
fn sound_that_is_faster_than_a_sample_entry_can_say() {
    check(&[Codec::Flac], &["-vn", "-c:a", "flac", "-strict", "-2", "-ar", "96000"]);
    check(&[Codec::Aac], &["-vn", "-c:a", "aac", "-ar", "96000"]);
}

#[test]
fn opus_of_six_channels() {
    check(&[Codec::Opus], &["-vn", "-c:a", "libopus", "-mapping_family", "1", "-ac", "6"]);
}
