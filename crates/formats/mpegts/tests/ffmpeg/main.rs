//! What ffmpeg finds in our transport streams: the media of the files that they were made from, packet by packet and
//! picture by picture. Needs `ffmpeg` and `ffprobe`.

mod probe;

use mpeg2ts::pes::{PesPacketReader, ReadPesPacket};
use mpeg2ts::ts::TsPacketReader;
use probe::{Media, Packet, complaints, pictures, probe, source, write};
use weir_base::MediaTime;
use weir_codec::{Codec, nal};
use weir_mpegts::Muxer;

/// Before the first frame, so that no time is negative: readers put the wrap where they like.
const LEAD: MediaTime = MediaTime::from_millis(10_000);

/// Bytes before each AAC frame.
const ADTS: usize = 7;

fn codec(name: &str) -> Codec {
    match name {
        "h264" => Codec::H264,
        "hevc" => Codec::H265,
        "av1" => Codec::Av1,
        "aac" => Codec::Aac,
        "mp3" => Codec::Mp3,
        "ac3" => Codec::Ac3,
        "eac3" => Codec::Eac3,
        "opus" => Codec::Opus,
        other => panic!("{other} is not in the fixtures"),
    }
}

/// The whole of `media` as a transport stream: tables before each key frame, `group` audio frames in a PES packet.
fn mux(media: &Media, group: usize) -> Vec<u8> {
    let (mut muxer, mut out) = (Muxer::new(), Vec::new());
    for stream in &media.streams {
        let codec = codec(&stream.codec);
        let set = if codec.is_video() { Muxer::set_video } else { Muxer::set_audio };
        let first = media.packets.iter().find(|packet| packet.stream == stream.index).expect("a packet");
        let config = if codec == Codec::Mp3 { &first.data } else { &stream.config };
        set(&mut muxer, codec, config).expect("a codec with a mapping");
    }
    let mut waiting: Vec<&Packet> = Vec::new();
    muxer.write_tables(&mut out);
    for packet in &media.packets {
        let stream = &media.streams[packet.stream];
        let (dts, pts) = (LEAD + stream.time(packet.dts), LEAD + stream.time(packet.pts));
        if codec(&stream.codec).is_video() {
            if packet.key {
                muxer.write_tables(&mut out);
            }
            muxer.write_video(dts, pts - dts, packet.key, &packet.data, &mut out).expect("a good access unit");
            continue;
        }
        waiting.push(packet);
        if waiting.len() >= group {
            let first = LEAD + stream.time(waiting[0].pts);
            muxer.write_audio_frames(first, waiting.iter().map(|packet| &packet.data[..]), &mut out).expect("fits");
            waiting.clear();
        }
    }
    if let Some(first) = waiting.first() {
        let at = LEAD + media.streams[first.stream].time(first.pts);
        muxer.write_audio_frames(at, waiting.iter().map(|packet| &packet.data[..]), &mut out).expect("fits");
    }
    out
}

/// Every audio packet that ffprobe finds, against its source; times may be off by `tolerance` ticks of 90 kHz.
fn check_audio(media: &Media, found: &Media, tolerance: i64) {
    let Some(stream) = media.streams.iter().find(|stream| codec(&stream.codec).is_audio()) else { return };
    let other = found.streams.iter().find(|other| other.codec == stream.codec).expect("the audio stream");
    assert_eq!((&other.channels, &other.sample_rate), (&stream.channels, &stream.sample_rate));
    let header = if stream.codec == "aac" { ADTS } else { 0 };
    let expect: Vec<_> = media.packets.iter().filter(|packet| packet.stream == stream.index).collect();
    let got: Vec<_> = found.packets.iter().filter(|packet| packet.stream == other.index).collect();
    assert!(expect.len() > 10);
    assert_eq!(got.len(), expect.len());
    for (got, expect) in got.iter().zip(&expect) {
        assert_eq!(got.data[header..], expect.data, "audio at {}", expect.pts);
        let off = got.pts - (LEAD + stream.time(expect.pts)).to_ticks(90_000);
        assert!(off.abs() <= tolerance, "audio at {} is off by {off}", expect.pts);
    }
}

/// Every time of video, and every decoded picture.
fn check_video(media: &Media, found: &Media, fixture: &str, ts: &str) {
    let Some(stream) = media.streams.iter().find(|stream| codec(&stream.codec).is_video()) else { return };
    let other = found.streams.iter().find(|other| other.codec == stream.codec).expect("the video stream");
    let times = |media: &Media, index, to_ticks: &dyn Fn(i64) -> i64| -> Vec<(i64, i64, bool)> {
        let packets = media.packets.iter().filter(|packet| packet.stream == index);
        packets.map(|packet| (to_ticks(packet.pts), to_ticks(packet.dts), packet.key)).collect()
    };
    let expect = times(media, stream.index, &|time| (LEAD + stream.time(time)).to_ticks(90_000));
    assert_eq!(times(found, other.index, &|time| time), expect);
    let (expect, got) = (pictures(fixture), pictures(ts));
    assert!(!expect.is_empty());
    assert_eq!(got, expect);
}

fn check(name: &str) {
    let fixture = source(name);
    let media = probe(&fixture);
    let ts = write(&format!("{name}.ts"), &mux(&media, 1));
    assert_eq!(complaints(&ts), "", "{name}");
    let found = probe(&ts);
    check_audio(&media, &found, 0);
    check_video(&media, &found, &fixture, &ts);
    // Times inside of a PES packet are what the parser makes of the sample rate.
    let grouped = write(&format!("{name}-grouped.ts"), &mux(&media, 4));
    assert_eq!(complaints(&grouped), "", "{name}, grouped");
    check_audio(&media, &probe(&grouped), 90);
}

#[test]
fn h264_with_b_frames_and_aac() {
    check("ffmpeg-h264-aac.flv");
}

#[test]
fn h264_with_its_own_delimiters_and_mp3() {
    check("ffmpeg-h264-aud-mp3.flv");
}

#[test]
fn hevc_and_aac() {
    check("ffmpeg-hevc-aac.mp4");
}

#[test]
fn ac3() {
    check("ffmpeg-ac3.mp4");
}

#[test]
fn eac3() {
    check("ffmpeg-eac3.mp4");
}

#[test]
fn opus_in_surround() {
    check("ffmpeg-opus-surround.mp4");
}

/// ffmpeg 5.1 reads no AV1 in transport streams: another reader takes the stream apart here, and the OBUs are compared.
#[test]
fn av1_and_opus() {
    let media = probe(&source("ffmpeg-av1-opus.mp4"));
    let ts = mux(&media, 1);
    check_audio(&media, &probe(&write("av1-opus.ts", &ts)), 0);
    let mut units = Vec::new();
    let mut reader = PesPacketReader::new(TsPacketReader::new(&ts[..]));
    while let Some(packet) = reader.read_pes_packet().expect("a good PES packet") {
        if packet.data.starts_with(&[0, 0, 1]) {
            units.push(packet);
        }
    }
    let expect: Vec<_> = media.packets.iter().filter(|packet| packet.stream == 0).collect();
    assert_eq!(units.len(), expect.len());
    for (unit, expect) in units.iter().zip(expect) {
        let obus: Vec<u8> = start_codes_removed(&unit.data);
        assert_eq!(obus, expect.data, "unit at {}", expect.pts);
        let pts = (LEAD + media.streams[0].time(expect.pts)).to_ticks(90_000) as u64;
        assert_eq!(unit.header.pts.map(|pts| pts.as_u64()), Some(pts));
    }
}

/// As the AOM's document says: start codes out, then emulation prevention. Zeros at the end of an OBU are its own.
fn start_codes_removed(data: &[u8]) -> Vec<u8> {
    let starts = (0..data.len().saturating_sub(2)).filter(|at| data[*at..*at + 3] == [0, 0, 1]);
    let mut bounds: Vec<usize> = starts.collect();
    bounds.push(data.len());
    bounds.windows(2).flat_map(|pair| nal::unescape(&data[pair[0] + 3..pair[1]], data.len()).into_owned()).collect()
}
