//! ffprobe and ffmpeg, and what they print.

use std::path::Path;
use std::process::{Command, Output};
use weir_base::MediaTime;

/// A file as ffprobe sees it.
#[derive(Default)]
pub(crate) struct Media {
    pub(crate) streams: Vec<Stream>,
    /// In the order of their decoding times.
    pub(crate) packets: Vec<Packet>,
}

#[derive(Default)]
pub(crate) struct Stream {
    pub(crate) index: usize,
    pub(crate) codec: String,
    pub(crate) channels: String,
    pub(crate) sample_rate: String,
    /// Numerator and denominator, in seconds.
    time_base: (i64, u32),
    /// The decoder configuration record.
    pub(crate) config: Vec<u8>,
}

impl Stream {
    /// The time of a packet's `pts` or `dts`.
    pub(crate) fn time(&self, ticks: i64) -> MediaTime {
        MediaTime::from_ticks(ticks * self.time_base.0, self.time_base.1)
    }
}

#[derive(Default)]
pub(crate) struct Packet {
    pub(crate) stream: usize,
    pub(crate) pts: i64,
    pub(crate) dts: i64,
    pub(crate) key: bool,
    pub(crate) data: Vec<u8>,
}

/// The path of a fixture.
pub(crate) fn source(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name).display().to_string()
}

/// Writes a file for ffmpeg to read; its path.
pub(crate) fn write(name: &str, data: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, data).expect("a writable folder for tests");
    path.display().to_string()
}

fn run(program: &str, args: &[&str]) -> Output {
    let output = Command::new(program).args(args).output().expect("ffmpeg and ffprobe on the path: make test-deps");
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Reads streams, packets and their bytes.
pub(crate) fn probe(path: &str) -> Media {
    let output = run("ffprobe", &["-v", "error", "-show_streams", "-show_packets", "-show_data", path]);
    let text = String::from_utf8_lossy(&output.stdout);
    let (mut media, mut lines) = (Media::default(), text.lines());
    while let Some(line) = lines.next() {
        match line {
            "[STREAM]" => media.streams.push(Stream::default()),
            "[PACKET]" => media.packets.push(Packet::default()),
            "[/STREAM]" | "[/PACKET]" => {}
            "data=" => {
                if let Some(packet) = media.packets.last_mut() {
                    packet.data = hex_dump(&mut lines);
                }
            }
            "extradata=" => {
                if let Some(stream) = media.streams.last_mut() {
                    stream.config = hex_dump(&mut lines);
                }
            }
            _ => match (line.split_once('='), media.streams.last_mut(), media.packets.last_mut()) {
                (Some((key, value)), Some(stream), _) => stream_field(stream, key, value),
                (Some((key, value)), None, Some(packet)) => packet_field(packet, key, value),
                _ => {}
            },
        }
    }
    let Media { streams, packets } = &mut media;
    packets.sort_by_key(|packet| streams[packet.stream].time(packet.dts));
    media
}

fn stream_field(stream: &mut Stream, key: &str, value: &str) {
    match key {
        "index" => stream.index = value.parse().expect("a number"),
        "codec_name" => stream.codec = value.to_owned(),
        "channels" => stream.channels = value.to_owned(),
        "sample_rate" => stream.sample_rate = value.to_owned(),
        "time_base" => {
            let (num, den) = value.split_once('/').expect("a fraction");
            stream.time_base = (num.parse().expect("a number"), den.parse().expect("a number"));
        }
        _ => {}
    }
}

fn packet_field(packet: &mut Packet, key: &str, value: &str) {
    match key {
        "stream_index" => packet.stream = value.parse().expect("a number"),
        "pts" => packet.pts = value.parse().expect("a number"),
        "dts" => packet.dts = value.parse().expect("a number"),
        "flags" => packet.key = value.starts_with('K'),
        _ => {}
    }
}

/// Lines such as `00000010: 579f 6bae b104 06f1 8445 7233 1e51 8f87  W.k......Er3.Q..`, up to an empty one.
fn hex_dump<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in lines.take_while(|line| !line.is_empty()) {
        let digits: Vec<u8> = line.bytes().skip(10).take(40).filter(u8::is_ascii_hexdigit).collect();
        let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).expect("digits"));
        bytes.extend(pairs.map(|pair| u8::from_str_radix(pair, 16).expect("two digits")));
    }
    bytes
}

/// What ffmpeg has to say about a file that it reads to the end: nothing, when all is well.
pub(crate) fn complaints(path: &str) -> String {
    let output = run("ffmpeg", &["-v", "warning", "-i", path, "-f", "null", "-"]);
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The hash of each decoded picture, in their order.
pub(crate) fn pictures(path: &str) -> Vec<String> {
    let args = ["-v", "error", "-i", path, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-"];
    let output = run("ffmpeg", &args);
    let text = String::from_utf8_lossy(&output.stdout);
    let pictures = text.lines().filter(|line| !line.starts_with('#'));
    pictures.filter_map(|line| line.rsplit(',').next()).map(|hash| hash.trim().to_owned()).collect()
}
