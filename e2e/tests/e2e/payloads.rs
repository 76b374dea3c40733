//! What weir cuts into RTP payloads, as ffmpeg and GStreamer put it together.

use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::time::Duration;

use weir_codec::Codec;
use weir_e2e::clients::{gstreamer, new_ffmpeg};
use weir_e2e::{Running, eventually, pause, ports};
use weir_rtp::payload::{AccessUnit, DEFAULT_MAX_PAYLOAD, Depacketizer, Options, Packetizer, Piece};
use weir_rtp::{Header, jitter};

const LIMIT: Duration = Duration::from_secs(30);
/// Between packets, so that no buffer of a client runs over.
const PACE: Duration = Duration::from_millis(1);
const PAYLOAD_TYPE: u8 = 96;

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/formats/rtp/testdata").join(name)
}

/// The coded units in a fixture: datagrams, each behind its length in two bytes.
fn units(codec: Codec, name: &str) -> Vec<AccessUnit> {
    let fixture = std::fs::read(testdata(&format!("{name}.rtp"))).unwrap();
    let mut depacketizer = Depacketizer::new(codec).unwrap();
    let (mut rest, mut near, mut units) = (&fixture[..], 1 << 32, Vec::new());
    while let Some((len, after)) = rest.split_first_chunk() {
        let (packet, after) = after.split_at(u16::from_be_bytes(*len).into());
        let (header, payload) = Header::parse(packet).unwrap();
        near = jitter::extend(header.sequence, near);
        let (timestamp, marker, captured) = (header.timestamp, header.marker, Duration::ZERO);
        units.extend(depacketizer.push(&Piece {
            sequence: near,
            timestamp,
            marker,
            captured,
            payload: &packet[payload],
        }));
        rest = after;
    }
    units
}

/// Packets of the units, cut by weir.
fn packets(codec: Codec, units: &[AccessUnit], merge_units: bool) -> Vec<Vec<u8>> {
    let options = Options { max_payload: DEFAULT_MAX_PAYLOAD / 2, merge_units, keep_sei: true };
    let mut packetizer = Packetizer::new(codec, options).unwrap();
    let mut packets = Vec::new();
    for unit in units {
        if let Some(record) = &unit.config {
            packetizer.configure(record).unwrap();
        }
        let out = &mut |payload: weir_rtp::payload::Payload| {
            let (sequence, ssrc) = (packets.len() as u16 ^ 0xff00, 7);
            let timestamp = unit.timestamp.wrapping_add(payload.ticks);
            let mut packet = Vec::new();
            let (marker, payload_type) = (payload.marker, PAYLOAD_TYPE);
            Header { marker, payload_type, sequence, timestamp, ssrc, ..Header::default() }.write_to(&mut packet);
            packet.extend_from_slice(&payload.bytes);
            packets.push(packet);
        };
        packetizer.packetize(&unit.data, unit.key, out).unwrap();
    }
    packets
}

/// Sends packets as soon as somebody has the port.
fn send(packets: &[Vec<u8>], port: u16) {
    assert!(eventually(LIMIT, || UdpSocket::bind(("127.0.0.1", port)).is_err()), "nobody takes port {port}");
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for packet in packets {
        socket.send_to(packet, ("127.0.0.1", port)).unwrap();
        pause(PACE);
    }
}

/// The sizes and hashes in the lines of a framehash.
fn hashes(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split(',').nth(5)).map(|hash| hash.trim().to_owned()).collect()
}

/// ffmpeg's demuxer makes the same of weir's packets as of those that the fixture has.
fn check_ffmpeg(codec: Codec, name: &str, encoding: &str) {
    let mut units = units(codec, name);
    // ffmpeg keeps the last until another one comes.
    units.push(AccessUnit { timestamp: units[units.len() - 1].timestamp.wrapping_add(9000), ..units[0].clone() });
    let expect = hashes(&std::fs::read_to_string(testdata(&format!("{name}.framehash"))).unwrap());
    for merge_units in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let (port, kind) = (ports::free(), if codec.is_video() { "video" } else { "audio" });
        let parameters = if codec == Codec::H264 { "a=fmtp:96 packetization-mode=1\r\n" } else { "" };
        let sdp = format!(
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm={kind} {port} RTP/AVP 96\r\n\
             a=rtpmap:96 {encoding}\r\n{parameters}"
        );
        let (description, out) = (dir.path().join("in.sdp"), dir.path().join("out.framehash"));
        std::fs::write(&description, sdp).unwrap();
        let mut running = Running::spawn(&mut new_ffmpeg::read_rtp(&description, &out));
        send(&packets(codec, &units, merge_units), port);
        let found = || hashes(&std::fs::read_to_string(&out).unwrap_or_default());
        eventually(LIMIT, || found().len() >= expect.len());
        let found: Vec<String> = found().into_iter().take(expect.len()).collect();
        assert_eq!(found, expect, "{name}, merged: {merge_units}: {}", running.output());
    }
}

#[test]
fn ffmpeg_reads_what_is_cut() {
    check_ffmpeg(Codec::H264, "ffmpeg-x264", "H264/90000");
    check_ffmpeg(Codec::H264, "ffmpeg-x264-slices", "H264/90000");
    check_ffmpeg(Codec::H264, "ffmpeg-x264-b", "H264/90000");
    check_ffmpeg(Codec::H265, "ffmpeg-x265", "H265/90000");
    check_ffmpeg(Codec::Av1, "ffmpeg-libaom-av1", "AV1/90000");
    check_ffmpeg(Codec::Av1, "ffmpeg-svtav1", "AV1/90000");
    check_ffmpeg(Codec::Vp8, "ffmpeg-libvpx-vp8", "VP8/90000");
    check_ffmpeg(Codec::Opus, "ffmpeg-libopus", "opus/48000/2");
}

/// GStreamer's depayloader gives the very bytes of the units, one after the other.
fn check_gstreamer(codec: Codec, name: &str, encoding: &str, depayloader: &str) {
    let units = units(codec, name);
    let expect: Vec<u8> = units.iter().flat_map(|unit| &unit.data).copied().collect();
    let (dir, port) = (tempfile::tempdir().unwrap(), ports::free());
    let out = dir.path().join("out");
    let mut running = Running::spawn(&mut gstreamer::read_rtp(port, encoding, depayloader, &out));
    send(&packets(codec, &units, false), port);
    let found = || std::fs::read(&out).unwrap_or_default();
    eventually(LIMIT, || found().len() >= expect.len());
    assert!(found() == expect, "{name}: {} bytes of {}: {}", found().len(), expect.len(), running.output());
}

#[test]
fn gstreamer_reads_what_is_cut() {
    check_gstreamer(Codec::Vp8, "ffmpeg-libvpx-vp8", "VP8", "rtpvp8depay");
    check_gstreamer(Codec::Vp9, "ffmpeg-libvpx-vp9", "VP9", "rtpvp9depay");
    check_gstreamer(Codec::H264, "ffmpeg-x264-b", "H264", "rtph264depay ! video/x-h264,stream-format=avc,alignment=au");
    check_gstreamer(Codec::H265, "ffmpeg-x265", "H265", "rtph265depay ! video/x-h265,stream-format=hvc1,alignment=au");
}
