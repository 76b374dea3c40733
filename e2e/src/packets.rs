//! Media as packets, to compare what came out with what went in.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::process::Running;

/// How long ffprobe may read one file.
const LIMIT: Duration = Duration::from_secs(30);

/// What a file holds, each track in its order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Packets {
    /// Of the picture track.
    pub video: Vec<Packet>,
    /// Of the sound track.
    pub audio: Vec<Packet>,
    /// Codec and hash of the decoder configuration of each track, sorted.
    pub tracks: Vec<String>,
}

/// One packet as it lies in the file, not decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Packet {
    /// Milliseconds.
    pub pts: i64,
    /// Milliseconds.
    pub dts: i64,
    /// A picture that needs no other.
    pub key: bool,
    /// Bytes.
    pub size: u64,
    /// MD5 of the bytes.
    pub hash: String,
}

impl Packets {
    /// Reads a file with ffprobe. A file cut short is read as far as it goes.
    #[track_caller]
    pub fn of(file: &Path) -> Self {
        let mut ffprobe = Command::new("ffprobe");
        ffprobe.args(["-v", "quiet", "-of", "compact", "-show_data_hash", "MD5", "-show_packets", "-show_streams"]);
        let entries = "packet=codec_type,pts,dts,size,flags,data_hash:stream=codec_name,extradata_hash";
        ffprobe.args(["-show_entries", entries]).arg(file);
        let ended = Running::spawn(&mut ffprobe).wait(LIMIT);
        Self::parse(&ended.output)
    }

    fn parse(text: &str) -> Self {
        let mut packets = Self::default();
        for line in text.lines() {
            let field = |name: &str| line.split('|').find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
            if line.starts_with("stream|") {
                let hash = field("extradata_hash").unwrap_or("no configuration");
                packets.tracks.push(format!("{} {hash}", field("codec_name").unwrap_or("no codec")));
            } else if let Some(packet) = Packet::of(&field) {
                match field("codec_type") {
                    Some("video") => packets.video.push(packet),
                    Some("audio") => packets.audio.push(packet),
                    _ => {}
                }
            }
        }
        packets.tracks.sort();
        packets
    }

    /// Panics unless both hold the same packets with the same times, but for one offset common to all. `path` is how
    /// they came.
    #[track_caller]
    pub fn assert_same(&self, path: &str, received: &Self) {
        assert_eq!(self.tracks, received.tracks, "{path}: codecs and their configuration");
        let offset = match (self.video.first(), received.video.first()) {
            (Some(sent), Some(received)) => received.dts - sent.dts,
            _ => panic!("{path}: no video: {} packets sent, {} received", self.video.len(), received.video.len()),
        };
        for (what, sent, received) in [("video", &self.video, &received.video), ("audio", &self.audio, &received.audio)]
        {
            for (index, (sent, received)) in sent.iter().zip(received).enumerate() {
                let moved = Packet { pts: received.pts - offset, dts: received.dts - offset, ..received.clone() };
                assert_eq!(*sent, moved, "{path}: {what} packet {index}, times moved by {offset} ms");
            }
            assert_eq!(sent.len(), received.len(), "{path}: number of {what} packets");
        }
    }

    /// Panics unless what was received is an unbroken part of what was sent, over and over: it starts on a key frame,
    /// loses nothing, and its times never go back.
    #[track_caller]
    pub fn assert_part(&self, received: &Self) {
        assert_eq!(self.tracks, received.tracks, "codecs and their configuration");
        assert!(received.video.first().is_some_and(|packet| packet.key), "starts on {:?}", received.video.first());
        for (what, sent, received) in [("video", &self.video, &received.video), ("audio", &self.audio, &received.audio)]
        {
            assert!(!received.is_empty(), "no {what}");
            assert_unbroken(what, sent, received);
            assert_monotonic(what, received);
        }
    }
}

/// The hashes of `received` follow each other as in `sent`, which may start again at its end.
#[track_caller]
fn assert_unbroken(what: &str, sent: &[Packet], received: &[Packet]) {
    let matching = |start: usize| {
        let sent = sent.iter().cycle().skip(start);
        sent.zip(received).take_while(|(sent, received)| sent.hash == received.hash).count()
    };
    let longest = (0..sent.len()).map(matching).max().unwrap_or(0);
    assert_eq!(longest, received.len(), "{what}: packet {longest} of {} is not the next one sent", received.len());
}

/// Decoding times never go back, and nothing is shown before it is decoded.
#[track_caller]
pub fn assert_monotonic(what: &str, packets: &[Packet]) {
    for (index, pair) in packets.windows(2).enumerate() {
        assert!(pair[0].dts <= pair[1].dts, "{what} packet {}: {:?} after {:?}", index + 1, pair[1], pair[0]);
    }
    for (index, packet) in packets.iter().enumerate() {
        assert!(packet.dts <= packet.pts, "{what} packet {index}: {packet:?}");
    }
}

impl Packet {
    fn of<'a>(field: &impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        Some(Self {
            pts: field("pts")?.parse().ok()?,
            dts: field("dts")?.parse().ok()?,
            key: field("flags")?.starts_with('K'),
            size: field("size")?.parse().ok()?,
            hash: field("data_hash")?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests;
