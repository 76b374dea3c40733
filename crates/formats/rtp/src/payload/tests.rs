use super::*;
use crate::{Header, jitter};
use aws_lc_rs::digest::{SHA256, digest};
use std::time::Duration;
use weir_codec::av1::DecoderConfig as Av1Config;
use weir_codec::{Codec, avc, hevc, nal};

mod bad;
mod cut;
mod loss;

/// Packets of a fixture: datagrams, each behind its length in two bytes.
pub(super) fn pieces(fixture: &[u8]) -> Vec<Piece<'_>> {
    let mut rest = fixture;
    let mut near = 1 << 32;
    let mut pieces = Vec::new();
    while let Some((len, after)) = rest.split_first_chunk() {
        let (packet, after) = after.split_at(u16::from_be_bytes(*len).into());
        let (header, payload) = Header::parse(packet).unwrap();
        near = jitter::extend(header.sequence, near);
        let (timestamp, marker) = (header.timestamp, header.marker);
        let captured = Duration::from_millis(pieces.len() as u64);
        pieces.push(Piece { sequence: near, timestamp, marker, captured, payload: &packet[payload] });
        rest = after;
    }
    pieces
}

pub(super) fn put_together(codec: Codec, pieces: &[Piece<'_>]) -> Vec<AccessUnit> {
    let mut depacketizer = Depacketizer::new(codec).unwrap();
    let units = pieces.iter().flat_map(|piece| depacketizer.push(piece)).collect();
    assert_eq!(depacketizer.take_fault(), None);
    assert_eq!(depacketizer.lost(), Lost::default());
    units
}

/// A unit as ffmpeg may have it: with start codes; with parameter sets in key frames, ahead of all or, by GStreamer, behind
/// a message; with delimiters, which some fixtures have and which are no part of a unit here.
fn as_ffmpeg_has_it(codec: Codec, record: &[u8], unit: &AccessUnit) -> Vec<Vec<u8>> {
    let sets = match codec {
        Codec::H264 => {
            let config = avc::DecoderConfig::parse(record).unwrap();
            config.sps.into_iter().chain(config.pps).collect()
        }
        Codec::H265 => hevc::DecoderConfig::parse(record).unwrap().units,
        Codec::Av1 => return vec![[&[0x12, 0][..], &unit.data].concat()],
        _ => return vec![unit.data.clone()],
    };
    let sets = if unit.key { sets } else { Vec::new() };
    let units: Vec<&[u8]> = nal::length_prefixed(&unit.data, 4).map(Result::unwrap).collect();
    let header: &[u8] = if codec == Codec::H264 { &[9] } else { &[0x46, 1] };
    // The kinds of slices that may follow.
    let delimiters = [&[0x10], &[0x30], &[0x50]].map(|kinds| [header, kinds].concat());
    let stream = |units: &[&[u8]]| units.iter().flat_map(|unit| [&[0, 0, 0, 1][..], unit].concat()).collect();
    let mut all = vec![stream(&[&sets[..], &units].concat())];
    for delimiter in &delimiters {
        all.push(stream(&[&[&delimiter[..]], &sets[..], &units].concat()));
        let delimiter = &[&delimiter[..]];
        all.push(stream(&[&units[..1], delimiter, &sets, &units[1..]].concat()));
        all.push(stream(&[delimiter, &sets[..], &units[..1], &sets, &units[1..]].concat()));
    }
    all
}

/// Checks that what is put together is what ffmpeg's own demuxer for RTP, or its encoder, has: the lines of its framehash.
fn check(codec: Codec, fixture: &[u8], hashes: &str, config: &str) {
    let units = put_together(codec, &pieces(fixture));
    let expect = hashes.lines().filter(|line| !line.starts_with('#'));
    let expect: Vec<&str> = expect.filter_map(|line| Some(line.split(',').nth(5)?.trim())).collect();
    assert_eq!(units.len(), expect.len());
    let mut record = Vec::new();
    for (index, (unit, expect)) in units.iter().zip(expect).enumerate() {
        record = unit.config.clone().unwrap_or(record);
        assert_eq!(unit.config.is_some(), index == 0 && codec.is_video(), "{index}");
        assert_eq!(unit.key, codec.is_audio() || index % 10 == 0, "{index}");
        let mut hashes = as_ffmpeg_has_it(codec, &record, unit).into_iter().map(|bytes| {
            let hash = digest(&SHA256, &bytes);
            hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        });
        assert!(hashes.any(|hash| hash == expect), "{index}");
    }
    assert_eq!(weir_codec::codec_string(codec, &record).unwrap_or_default(), config);
}

macro_rules! check {
    ($codec:ident, $name:literal, $config:literal) => {
        check(
            Codec::$codec,
            include_bytes!(concat!("../../testdata/", $name, ".rtp")),
            include_str!(concat!("../../testdata/", $name, ".framehash")),
            $config,
        )
    };
}

#[test]
fn h264() {
    check!(H264, "ffmpeg-x264", "avc1.64000b");
    check!(H264, "ffmpeg-x264-slices", "avc1.64000b");
    check!(H264, "ffmpeg-x264-b", "avc1.640009");
    check!(H264, "gstreamer-x264-stap-a", "avc1.64000b");
    check!(H264, "gstreamer-x264-bare", "avc1.64000b");
}

#[test]
fn h265() {
    check!(H265, "ffmpeg-x265", "hvc1.1.6.L30.90");
    check!(H265, "gstreamer-x265-ap", "hvc1.1.6.L30.90");
}

#[test]
fn av1() {
    check!(Av1, "ffmpeg-libaom-av1", "av01.0.00M.08");
    check!(Av1, "ffmpeg-svtav1", "av01.0.00M.08");
}

#[test]
fn vp8() {
    check!(Vp8, "ffmpeg-libvpx-vp8", "vp08.00.10.08");
    check!(Vp8, "gstreamer-vp8", "vp08.00.10.08");
    check!(Vp8, "gstreamer-vp8-7bit", "vp08.00.10.08");
}

#[test]
fn vp9() {
    check!(Vp9, "ffmpeg-libvpx-vp9-small", "vp09.00.10.08");
}

#[test]
fn opus() {
    check!(Opus, "ffmpeg-libopus", "opus");
}

#[test]
fn a_record_of_av1_has_what_its_sequence_header_says() {
    let units = put_together(Codec::Av1, &pieces(include_bytes!("../../testdata/ffmpeg-libaom-av1.rtp")));
    let record = units[0].config.clone().unwrap();
    let info = Av1Config::parse(&record).unwrap().info();
    assert_eq!((info.width, info.height), (192, 108));
}

#[test]
fn codecs_without_a_payload_format() {
    let options = Options { max_payload: 1200, merge_units: false, keep_sei: true };
    for codec in [Codec::Aac, Codec::Script, Codec::OtherVideo, Codec::Vp6] {
        assert!(Depacketizer::new(codec).is_none() && Packetizer::new(codec, options).is_none(), "{codec:?}");
    }
}
