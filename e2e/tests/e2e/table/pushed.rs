//! One stream that is pushed, everybody who waits for it, and what each got.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use weir_codec::Codec;
use weir_e2e::clients::{Recorder, new_ffmpeg};
use weir_e2e::http::{self, Download};
use weir_e2e::table::{Cell, Egress, row};
use weir_e2e::{Running, Server, eventually_some, fixture, tags};
use weir_flv::Tag;
use weir_flv::tag::{PacketType, TagKind, parse_body};
use weir_playlist::MediaPlaylist;

use super::LIMIT;
use crate::parsers::ts::{Transport, obus};
use new_ffmpeg::Content;

/// Ways out with a mount that players can wait at, and its extension.
const OVER_HTTP: [(Egress, &str); 7] = [
    (Egress::HttpFlv, "flv"),
    (Egress::WsFlv, "flv"),
    (Egress::HttpTs, "ts"),
    (Egress::WsTs, "ts"),
    (Egress::HttpMp4, "mp4"),
    (Egress::HttpAac, "aac"),
    (Egress::HttpMp3, "mp3"),
];

/// Seconds by which pictures and sound may be moved against each other: times that came in milliseconds may become those of
/// the samples.
const APART: f64 = 0.03;

/// A stream and its players.
pub(super) struct Pushed {
    name: String,
    file: PathBuf,
    codecs: Vec<Codec>,
    rtmp: Recorder,
    downloads: Vec<(Egress, Download)>,
    /// Those who wait for what the table says will not come.
    silent: Vec<(Egress, TcpStream)>,
}

impl Pushed {
    /// Players begin to wait for the stream.
    #[track_caller]
    pub(super) fn await_on(server: &Server, video: Option<Codec>, audio: Option<Codec>) -> Pushed {
        let codecs: Vec<Codec> = video.into_iter().chain(audio).collect();
        let name = codecs.iter().map(|codec| codec.label().replace(['.', '-'], "").to_lowercase());
        let name = name.collect::<Vec<_>>().join("-");
        let file = match codecs[..] {
            [codec] => fixture::coded(codec),
            _ => fixture::pair(codecs[0], codecs[1]),
        };
        let (mut downloads, mut silent) = (Vec::new(), Vec::new());
        let port = server.port("http");
        for (egress, kind) in OVER_HTTP {
            let path = format!("/live/{name}.{kind}?vhost={kind}.test");
            let comes = codecs.iter().any(|codec| matches!(row(*codec).cell(egress), Cell::Packets | Cell::Decoded));
            match egress {
                _ if !comes => {
                    let mut socket = http::connect(port);
                    write!(socket, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").expect("a request");
                    silent.push((egress, socket));
                }
                Egress::WsFlv | Egress::WsTs => downloads.push((egress, Download::over_websocket(port, &path))),
                _ => downloads.push((egress, Download::start(port, &path))),
            }
        }
        let rtmp = new_ffmpeg::record_to_close(&server.rtmp(&format!("live/{name}?vhost=flv.test")));
        Pushed { name, file, codecs, rtmp, downloads, silent }
    }

    /// How many players wait.
    pub(super) fn players(&self) -> usize {
        1 + self.downloads.len() + self.silent.len()
    }

    /// One encoder pushes it to every vhost.
    #[track_caller]
    pub(super) fn push(&self, server: &Server) -> Running {
        let urls = ["flv", "ts", "mp4", "aac", "mp3"]
            .map(|kind| server.rtmp(&format!("live/{}?vhost={kind}.test", self.name)));
        new_ffmpeg::push_fast(&self.file, &urls.each_ref().map(String::as_str))
    }

    /// What came out where the table says something else.
    #[track_caller]
    pub(super) fn compare(self, server: &Server) -> Vec<String> {
        let mut faults = Vec::new();
        compare_hls(server, &self.name, &self.file, &self.codecs, &mut faults);
        let dir = tempfile::tempdir().expect("a folder");
        let file_of = |egress: Egress| dir.path().join(egress.name());
        let sent = Sent::of(&self.file);
        for (egress, download) in self.downloads {
            download.finish(|file| std::fs::copy(file, file_of(egress))).expect("a copy");
            let over_http = match egress {
                Egress::WsFlv => Egress::HttpFlv,
                Egress::WsTs => Egress::HttpTs,
                Egress::HttpFlv => {
                    sent.compare_flv(egress, &self.name, &file_of(egress), &mut faults);
                    continue;
                }
                _ => {
                    sent.compare(egress, &self.name, &self.codecs, &file_of(egress), &mut faults);
                    continue;
                }
            };
            // The same in other frames.
            let [one, other] = [egress, over_http].map(|egress| std::fs::read(file_of(egress)).expect("a recording"));
            if one != other {
                faults.push(format!("{} of {} is not {}", egress.name(), self.name, over_http.name()));
            }
        }
        for (egress, mut socket) in self.silent {
            socket.set_nonblocking(true).expect("a socket");
            if let Ok(len) = socket.read(&mut [0; 16]) {
                faults.push(format!("{} of {} was answered: {len}", egress.name(), self.name));
            }
        }
        let mut rtmp = self.rtmp;
        end_rtmp(server, &self.name);
        rtmp.wait_end(LIMIT);
        rtmp.finish_with(|file| sent.compare_flv(Egress::Rtmp, &self.name, file, &mut faults));
        check_log(&server.log(), &self.name, &self.codecs, &mut faults);
        faults
    }
}

/// Sends the RTMP player of a stream away: it would wait for more.
#[track_caller]
fn end_rtmp(server: &Server, name: &str) {
    let clients = server.api("/api/v1/clients/?count=1000");
    let is_it = |client: &&serde_json::Value| client["name"] == name && client["type"] == "rtmp-play";
    let client = clients["clients"].as_array().into_iter().flatten().find(is_it);
    let Some(id) = client.and_then(|client| client["id"].as_str()) else { return };
    let answer = http::request(server.port("api"), "DELETE", &format!("/api/v1/clients/{id}"), &[]);
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Compares what HLS of both kinds has.
#[track_caller]
pub(super) fn compare_hls(server: &Server, name: &str, file: &Path, codecs: &[Codec], faults: &mut Vec<String>) {
    let sent = Sent::of(file);
    for (vhost, egress) in [("flv.test", Egress::HlsTs), ("aac.test", Egress::HlsMp4)] {
        if codecs.iter().all(|codec| row(*codec).cell(egress) == Cell::LeftOut) {
            let status = http::get(server.port("http"), &format!("/live/{name}.m3u8?vhost={vhost}")).status;
            if status != 404 {
                faults.push(format!("{} of {name} has nothing to play and answers {status}", egress.name()));
            }
            continue;
        }
        // What a playlist names carries the vhost that the playlist was asked for.
        let fetch = |uri: &str| http::get(server.port("http"), &format!("/live/{uri}"));
        let whole = || {
            let list = MediaPlaylist::parse(&fetch(&format!("{name}.m3u8?vhost={vhost}")).text()).ok()?;
            let seconds: f64 = list.segments.iter().map(|segment| segment.duration.as_secs_f64()).sum();
            (seconds > fixture::SHORT as f64 - 0.3).then_some(list)
        };
        let Some(list) = eventually_some(LIMIT, whole) else {
            faults.push(format!("{} of {name} has no whole playlist", egress.name()));
            continue;
        };
        let map = list.segments.front().and_then(|segment| segment.start.map.clone());
        let mut bytes = map.map(|map| fetch(&map.uri).body).unwrap_or_default();
        for segment in &list.segments {
            let body = fetch(&segment.uri).body;
            let parts: Vec<u8> = segment.parts.iter().flat_map(|part| fetch(&part.uri).body).collect();
            if !parts.is_empty() && parts != body {
                faults.push(format!("LL-HLS of {name}: the parts of {} are not the segment", segment.uri));
            }
            bytes.extend(body);
        }
        let dir = tempfile::tempdir().expect("a folder");
        let assembled = dir.path().join("assembled");
        std::fs::write(&assembled, bytes).expect("a file");
        if egress == Egress::HlsMp4 && list.segments.iter().all(|segment| segment.parts.is_empty()) {
            faults.push(format!("LL-HLS of {name} has no parts"));
        }
        sent.compare(egress, name, codecs, &assembled, faults);
    }
}

/// What was sent, as it may be compared.
struct Sent {
    packets: Content,
    shown: Content,
}

impl Sent {
    #[track_caller]
    fn of(file: &Path) -> Sent {
        Sent { packets: Content::of(file), shown: Content::of_pictures(file) }
    }

    /// Compares what came as tags: times and configuration are the same too.
    #[track_caller]
    fn compare_flv(&self, egress: Egress, name: &str, file: &Path, faults: &mut Vec<String>) {
        let (sent, received) = (self.packets.clone().from_zero(), Content::of(file).from_zero());
        if received.streams != sent.streams || received.packets != sent.packets {
            let same = sent.packets.iter().zip(&received.packets).take_while(|(sent, got)| sent == got).count();
            let of = (sent.packets.len(), received.packets.len());
            faults.push(format!("{} of {name}: {same} of {of:?} packets are the same", egress.name()));
        }
    }

    /// Compares what came in a container that is made by the server.
    #[track_caller]
    fn compare(&self, egress: Egress, name: &str, codecs: &[Codec], file: &Path, faults: &mut Vec<String>) {
        let mut moved = Vec::new();
        let is_empty = std::fs::metadata(file).map_or(0, |metadata| metadata.len()) == 0;
        for codec in codecs {
            let cell = row(*codec).cell(egress);
            if *codec == Codec::Av1 && cell == Cell::Decoded {
                compare_obus(egress, name, file, faults);
                continue;
            }
            let kind = if codec.is_audio() { "audio" } else { "video" };
            let received = match cell {
                _ if is_empty => Content::default(),
                Cell::Decoded => Content::of_pictures(file),
                _ if codec.is_audio() => Content::of_bare_sound(file, *codec == Codec::Aac),
                _ => Content::of(file),
            };
            let sent = if cell == Cell::Decoded { &self.shown } else { &self.packets };
            moved.extend(sent.times(kind).iter().zip(received.times(kind)).map(|(sent, got)| got - sent));
            let expect = match cell {
                Cell::Packets => self.packets.hashes(kind),
                Cell::Decoded => self.shown.hashes(kind),
                Cell::LeftOut | Cell::Sound => Vec::new(),
            };
            let received = received.hashes(kind);
            if received != expect {
                let same = expect.iter().zip(&received).take_while(|(sent, got)| sent == got).count();
                let (egress, label, of) = (egress.name(), codec.label(), (expect.len(), received.len()));
                faults
                    .push(format!("{egress} of {name}: {label}: {same} of {of:?} are the same, {cell:?} is expected"));
            }
        }
        let [least, most] = [f64::min, f64::max].map(|of: fn(f64, f64) -> f64| moved.iter().copied().reduce(of));
        let apart = most.zip(least).map_or(0.0, |(most, least)| most - least);
        if !matches!(egress, Egress::HttpAac | Egress::HttpMp3) && apart > APART {
            faults.push(format!("{} of {name}: times are moved by {least:?} to {most:?} s", egress.name()));
        }
    }
}

/// Compares AV1 in a transport stream, where neither ffmpeg nor VLC know it: the same OBUs.
fn compare_obus(egress: Egress, name: &str, file: &Path, faults: &mut Vec<String>) {
    let sent = tags(&fixture::coded(Codec::Av1), 0).into_iter().filter(|tag| tag.kind == TagKind::Video);
    let coded = sent.filter_map(|tag| {
        let info = parse_body(tag.kind, &tag.body).expect("a body");
        // A temporal delimiter, which is empty, has no place there.
        let unit = info.payload(&tag.body);
        (info.packet == PacketType::Coded).then(|| unit.strip_prefix(&[0x12, 0]).unwrap_or(unit).to_vec())
    });
    let mut stream = Transport::default();
    stream.read(name, &std::fs::read(file).expect("a recording"));
    let received: Vec<Vec<u8>> = stream.units(true).iter().map(|unit| obus(&unit.bytes)).collect();
    let sent: Vec<Vec<u8>> = coded.collect();
    if sent != received {
        let same = sent.iter().zip(&received).take_while(|(sent, got)| sent == got).count();
        let of = (sent.len(), received.len());
        faults.push(format!("{} of {name}: AV1: the OBUs of {same} of {of:?} pictures are the same", egress.name()));
    }
}

/// What is left out is said.
fn check_log(log: &str, name: &str, codecs: &[Codec], faults: &mut Vec<String>) {
    for codec in codecs {
        for (egress, container) in [
            (Egress::HttpTs, "MPEG-TS of"),
            (Egress::HttpAac, "AAC of"),
            (Egress::HttpMp3, "MP3 of"),
            (Egress::HlsTs, "HLS of"),
        ] {
            let label = codec.label();
            let words = [format!("leaves {label} out"), format!("{label} is left out")];
            let mut lines = log.lines().filter(|line| line.contains(container) && line.contains(&format!("/{name}")));
            let is_said = lines.any(|line| words.iter().any(|words| line.contains(words)));
            if is_said != (row(*codec).cell(egress) == Cell::LeftOut) {
                faults.push(format!("{} of {name}: the log says of {label} as left out: {is_said}", egress.name()));
            }
        }
    }
}

/// VP8 of the fixture in enhanced tags, and sound beside it.
#[track_caller]
pub(super) fn vp8_and(audio: Codec) -> Vec<Tag> {
    let ivf = std::fs::read(fixture::coded(Codec::Vp8)).expect("a fixture");
    let mut sent: Vec<Tag> =
        tags(&fixture::coded(audio), 0).into_iter().filter(|tag| tag.kind != TagKind::Script).collect();
    let video = |timestamp_ms, first: u8, payload: &[u8]| {
        let body = [&[first][..], b"vp08", payload].concat();
        Tag { kind: TagKind::Video, timestamp_ms, body: Bytes::from(body) }
    };
    // A vpcC of profile 0, 8 bits, 4:2:0 (VP Codec ISO Media File Format Binding, clause 4).
    sent.push(video(0, 0x90, &[1, 0, 0, 0, 0, 10, 0x82, 1, 1, 1, 0, 0]));
    // IVF: 32 bytes, then frames with their length in 4 bytes and their number in 8.
    let mut rest = ivf.get(32..).unwrap_or_default();
    for at in 0.. {
        let Some((head, body)) = rest.split_first_chunk::<12>() else { break };
        let len = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let (frame, after) = body.split_at(len);
        // The lowest bit of the first byte is 0 in key frames (RFC 6386, clause 9.1).
        let is_key = frame[0] & 1 == 0;
        sent.push(video(at * 1000 / fixture::FPS as u32, if is_key { 0x91 } else { 0xa1 }, frame));
        rest = after;
    }
    sent.sort_by_key(|tag| tag.timestamp_ms);
    sent
}
