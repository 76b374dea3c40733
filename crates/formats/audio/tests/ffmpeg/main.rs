//! Our decoders against those of ffmpeg on what its encoders made, and ffmpeg's decoders on what ours made.

use std::path::Path;
use std::process::Command;

use opus_pure::{OggOpusReader, OggOpusWriter, OpusHead};
use weir_audio::{Packet, Pcm, Target, Transcoder, decoder};
use weir_base::MediaTime;
use weir_codec::Codec;
use weir_codec::aac::{AdtsHeader, AudioSpecificConfig};
use weir_codec::mp3::FrameHeader;

/// Two seconds of chords in stereo, an octave higher to the right.
const MUSIC: &str = "aevalsrc=0.2*sin(2*PI*440*t)+0.1*sin(2*PI*1320*t)*exp(-3*mod(t\\,0.5))\
    |0.2*sin(2*PI*880*t)+0.1*sin(2*PI*2640*t)*exp(-3*mod(t\\,0.5)):d=2";

#[track_caller]
fn ffmpeg(args: &[&str], out: &Path) {
    let done = Command::new("ffmpeg").args(["-v", "error", "-y"]).args(args).arg(out).output().expect("ffmpeg");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// What ffmpeg hears of a file, left channel at this rate, from the first sample that it decodes.
fn heard_by_ffmpeg(file: &Path, rate: u32, args: &[&str]) -> Vec<f32> {
    let out = file.with_extension("f32");
    let file = file.to_str().expect("a name");
    let (rate, left) = (rate.to_string(), "pan=mono|c0=FL");
    ffmpeg(&[args, &["-i", file, "-af", left, "-f", "f32le", "-ar", &rate]].concat(), &out);
    let bytes = std::fs::read(out).expect("samples");
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

/// How much louder `want` is than the difference, in dB, where both fit best within `slack` samples.
fn snr(want: &[f32], got: &[f32], slack: usize) -> f64 {
    let len = want.len().min(got.len()).saturating_sub(2 * slack);
    let want = &want[slack..slack + len];
    let power = |samples: &mut dyn Iterator<Item = f32>| samples.map(|s| f64::from(s) * f64::from(s)).sum::<f64>();
    let signal = power(&mut want.iter().copied());
    (0..=2 * slack)
        .map(|shift| power(&mut want.iter().zip(&got[shift..]).map(|(want, got)| want - got)))
        .map(|noise| 10.0 * (signal / noise.max(1e-12)).log10())
        .fold(f64::MIN, f64::max)
}

/// A file of ffmpeg's encoder as a configuration and packets.
fn packets(file: &Path) -> (Codec, Vec<u8>, Vec<Vec<u8>>) {
    let bytes = std::fs::read(file).expect("a file");
    let (mut config, mut packets, mut rest) = (Vec::new(), Vec::new(), &bytes[..]);
    if let Ok(mut reader) = OggOpusReader::new(std::io::Cursor::new(&bytes)) {
        weir_codec::opus::OpusHead { channels: 2, pre_skip: 312, input_rate: 48_000, gain: 0, mapping_family: 0 }
            .write_to(&mut config);
        packets.extend(reader.packets().map(|packet| packet.expect("a packet").data.to_vec()));
        return (Codec::Opus, config, packets);
    }
    while let Ok(header) = AdtsHeader::parse(rest) {
        config.clear();
        header.config().write_to(&mut config);
        let (frame, behind) = rest.split_at(header.frame_len);
        packets.push(frame[header.header_len..].to_vec());
        rest = behind;
    }
    if !packets.is_empty() {
        return (Codec::Aac, config, packets);
    }
    while let Ok(header) = FrameHeader::parse(rest) {
        let (frame, behind) = rest.split_at(header.frame_len.min(rest.len()));
        packets.push(frame.to_vec());
        rest = behind;
    }
    (Codec::Mp3, config, packets)
}

/// What we hear of it, left channel.
fn heard_by_us(codec: Codec, config: &[u8], packets: &[Vec<u8>]) -> (u32, Vec<f32>) {
    let (mut decoder, mut pcm) = (decoder(codec, config).expect("a decoder"), Pcm::new());
    let mut left = Vec::new();
    for packet in packets {
        decoder.decode(packet, &mut pcm).expect("a good packet");
        left.extend_from_slice(&pcm.planes()[0]);
    }
    (pcm.rate(), left)
}

/// Our decoder and that of ffmpeg hear the same in what an encoder of ffmpeg made.
#[track_caller]
fn check_decoder(encoder: &[&str], name: &str, least: f64) {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join(name);
    ffmpeg(&[&["-f", "lavfi", "-i", MUSIC], encoder].concat(), &file);
    compare(&file, least);
}

#[track_caller]
fn compare(file: &Path, least: f64) {
    let (codec, config, packets) = packets(file);
    let (rate, ours) = heard_by_us(codec, &config, &packets);
    let theirs = heard_by_ffmpeg(file, rate, &["-flags2", "skip_manual"]);
    let like = snr(&theirs, &ours, 1600);
    assert!(like > least, "{}: {like} dB", file.display());
}

#[test]
fn aac() {
    check_decoder(&["-ar", "48000", "-c:a", "aac", "-b:a", "128k"], "a.aac", 70.0);
    check_decoder(&["-ar", "44100", "-c:a", "aac", "-b:a", "64k"], "a.aac", 70.0);
    check_decoder(&["-ar", "22050", "-c:a", "aac", "-b:a", "48k"], "a.aac", 70.0);
}

#[test]
fn aac_of_high_efficiency() {
    for name in ["fdk-he-48000-stereo.aac", "fdk-hev2-48000-stereo.aac"] {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join(name);
        std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name), &file).expect("a copy");
        compare(&file, 40.0);
    }
}

#[test]
fn mp3() {
    check_decoder(
        &["-ar", "44100", "-c:a", "libmp3lame", "-b:a", "128k", "-write_xing", "0", "-id3v2_version", "0"],
        "a.mp3",
        40.0,
    );
    check_decoder(
        &["-ar", "24000", "-c:a", "libmp3lame", "-b:a", "64k", "-write_xing", "0", "-id3v2_version", "0"],
        "a.mp3",
        40.0,
    );
    check_decoder(&["-ar", "48000", "-c:a", "mp2", "-b:a", "192k", "-f", "mp2"], "a.mp3", 40.0);
}

#[test]
fn opus() {
    for duration in ["2.5", "20", "60"] {
        let encoder = ["-c:a", "libopus", "-b:a", "96k", "-frame_duration", duration];
        check_decoder(&encoder, "a.opus", 50.0);
    }
}

/// A packet each, at its time, through a transcoder.
fn transcoded(from: &Path, to: Target) -> (Transcoder, Vec<Packet>) {
    let (codec, config, packets) = packets(from);
    let mut transcoder = Transcoder::new(codec, &config, to).expect("codecs that are there");
    let (mut at, mut out) = (MediaTime::ZERO, Vec::new());
    for packet in &packets {
        transcoder.push(at, packet, &mut out).expect("a good packet");
        at += weir_codec::frame_duration(codec, &config, packet).expect("a length");
    }
    (transcoder, out)
}

/// What ffmpeg hears of our packets is what it hears of the publisher's, so well that no more than the bits are missing.
#[track_caller]
fn check_transcoder(encoder: &[&str], name: &str, to: Target, least: f64) {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join(name);
    ffmpeg(&[&["-f", "lavfi", "-i", MUSIC], encoder].concat(), &file);
    let (transcoder, packets) = transcoded(&file, to);
    let ours = dir.path().join(if to.codec == Codec::Opus { "ours.opus" } else { "ours.aac" });
    let bytes = if to.codec == Codec::Opus { ogg(&packets) } else { adts(transcoder.config(), &packets) };
    std::fs::write(&ours, bytes).expect("a file");
    let want = heard_by_ffmpeg(&file, 48_000, &["-flags2", "skip_manual"]);
    let got = heard_by_ffmpeg(&ours, 48_000, &["-flags2", "skip_manual"]);
    let like = snr(&want, &got, 1600);
    assert!(like > least, "{name} to {:?}: {like} dB", to.codec);
}

fn ogg(packets: &[Packet]) -> Vec<u8> {
    let head = OpusHead::new(2, 48_000).expect("a head");
    let mut writer = OggOpusWriter::new(Vec::new(), head).expect("a writer");
    for packet in packets {
        writer.write_packet(&packet.payload).expect("a packet");
    }
    writer.finish().expect("an end")
}

fn adts(config: &[u8], packets: &[Packet]) -> Vec<u8> {
    let config = AudioSpecificConfig::parse(config).expect("a configuration");
    let mut out = Vec::new();
    for packet in packets {
        AdtsHeader::for_frame(&config, packet.payload.len()).expect("a header").write_to(&mut out);
        out.extend_from_slice(&packet.payload);
    }
    out
}

#[test]
fn what_ffmpeg_hears_of_our_packets() {
    let opus = Target { codec: Codec::Opus, bitrate: 128_000, channels: 2 };
    let aac = Target { codec: Codec::Aac, bitrate: 160_000, channels: 2 };
    check_transcoder(&["-ar", "48000", "-c:a", "aac", "-b:a", "192k"], "a.aac", opus, 18.0);
    check_transcoder(&["-ar", "44100", "-c:a", "aac", "-b:a", "192k"], "a.aac", opus, 18.0);
    check_transcoder(
        &["-ar", "44100", "-c:a", "libmp3lame", "-b:a", "192k", "-write_xing", "0", "-id3v2_version", "0"],
        "a.mp3",
        opus,
        18.0,
    );
    check_transcoder(&["-c:a", "libopus", "-b:a", "160k"], "a.opus", aac, 18.0);
}
