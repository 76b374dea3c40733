//! Files that ffmpeg made, taken apart by ffprobe: what the tracks are, and every packet.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use weir_codec::Codec;
use weir_mp4::{Media, Track};

/// An MP4 file that is not fragmented.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) file: PathBuf,
    pub(crate) tracks: Vec<Track>,
    /// In decoding order, for each track.
    pub(crate) packets: Vec<Vec<Packet>>,
}

/// A packet as ffprobe tells of it; times are in ticks of its track. It has durations of its own invention, which are
/// passed over: in a fragment the next packet's time shows what was written.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) pts: i64,
    pub(crate) dts: i64,
    pub(crate) key: bool,
    pub(crate) data: Vec<u8>,
}

/// Without the data.
impl std::fmt::Debug for Packet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Packet { pts, dts, key, data } = self;
        write!(f, "pts {pts} dts {dts} key {key}, {} bytes", data.len())
    }
}

impl Source {
    /// A second of a moving picture and of a tone, with these encoders. Without an edit list, so that times start at 0.
    pub(crate) fn make(dir: &TempDir, encoders: &[&str]) -> Source {
        let file = dir.path().join("source.mp4");
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25,setsar=0"]);
        ffmpeg.args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", "1.2"]);
        ffmpeg.args(["-pix_fmt", "yuv420p", "-ac", "2", "-threads", "1"]).args(encoders);
        output_of(ffmpeg.args(["-use_editlist", "0"]).arg(&file));
        let bytes = std::fs::read(&file).expect("a file");
        let streams = probe(&file, "stream=index,codec_name,time_base,width,height,sample_rate,channels");
        let tracks = list(&streams["streams"]).map(|stream| track(stream, &bytes)).collect();
        Source { tracks, packets: packets(&file), file }
    }
}

/// The packets of each track of a file.
pub(crate) fn packets(file: &Path) -> Vec<Vec<Packet>> {
    let bytes = std::fs::read(file).expect("a file");
    let probed = probe(file, "packet=stream_index,pts,dts,flags,size,pos");
    let mut packets: Vec<Vec<Packet>> = Vec::new();
    for packet in list(&probed["packets"]) {
        let index = number(&packet["stream_index"]) as usize;
        let (pos, size) = (number(&packet["pos"]) as usize, number(&packet["size"]) as usize);
        packets.resize(packets.len().max(index + 1), Vec::new());
        packets[index].push(Packet {
            pts: number(&packet["pts"]),
            dts: number(&packet["dts"]),
            key: packet["flags"].as_str().expect("flags").starts_with('K'),
            data: bytes[pos..pos + size].to_vec(),
        });
    }
    packets
}

fn track(stream: &Value, file: &[u8]) -> Track {
    let (codec, config) = match stream["codec_name"].as_str().expect("a codec") {
        "h264" => (Codec::H264, content(file, b"avcC")),
        "hevc" => (Codec::H265, content(file, b"hvcC")),
        "av1" => (Codec::Av1, content(file, b"av1C")),
        "vp9" => (Codec::Vp9, content(file, b"vpcC")),
        "aac" => (Codec::Aac, specific_config(content(file, b"esds"))),
        "mp3" => (Codec::Mp3, Vec::new()),
        "opus" => (Codec::Opus, opus_head(&content(file, b"dOps"))),
        "flac" => (Codec::Flac, [b"fLaC", &content(file, b"dfLa")[4..]].concat()),
        "ac3" => (Codec::Ac3, content(file, b"dac3")),
        "eac3" => (Codec::Eac3, content(file, b"dec3")),
        other => panic!("{other} is not made here"),
    };
    let media = match codec.is_video() {
        true => Media::video(number(&stream["width"]) as u32, number(&stream["height"]) as u32),
        false => Media::audio(number(&stream["sample_rate"]) as u32, number(&stream["channels"]) as u16),
    };
    let timescale = stream["time_base"].as_str().and_then(|base| base.strip_prefix("1/")).expect("a time base");
    Track {
        id: number(&stream["index"]) as u32 + 1,
        codec,
        config: config.into(),
        timescale: timescale.parse().expect("a number"),
        media,
    }
}

/// The content of the first box of a kind within `moov`.
fn content(file: &[u8], kind: &[u8; 4]) -> Vec<u8> {
    let find = |from: usize, kind: &[u8]| from + file[from..].windows(4).position(|four| four == kind).expect("a box");
    let at = find(find(0, b"moov"), kind);
    let size = u32::from_be_bytes(file[at - 4..at].try_into().expect("four bytes")) as usize;
    file[at + 4..at - 4 + size].to_vec()
}

/// The AudioSpecificConfig behind tag and size of a descriptor as ffmpeg writes them.
fn specific_config(esds: Vec<u8>) -> Vec<u8> {
    let at = esds.windows(4).position(|four| four == [5, 0x80, 0x80, 0x80]).expect("a descriptor") + 4;
    esds[at + 1..][..usize::from(esds[at])].to_vec()
}

/// `dOps` with the magic and the byte order of OpusHead.
fn opus_head(dops: &[u8]) -> Vec<u8> {
    let mut head = [b"OpusHead", dops].concat();
    head[8] = 1;
    head[10..12].reverse();
    head[12..16].reverse();
    head[16..18].reverse();
    head
}

fn probe(file: &Path, entries: &str) -> Value {
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "warning", "-of", "json", "-show_entries", entries]).arg(file);
    serde_json::from_str(&output_of(&mut ffprobe)).expect("JSON")
}

/// What a command printed. It must succeed and have no complaints.
#[track_caller]
pub(crate) fn output_of(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{command:?}: {}\n{complaints}", output.status);
    String::from_utf8(output.stdout).expect("text")
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}

/// A number, which ffprobe gives as one or as text.
#[track_caller]
fn number(value: &Value) -> i64 {
    let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    number.unwrap_or_else(|| panic!("{value} is no number"))
}
