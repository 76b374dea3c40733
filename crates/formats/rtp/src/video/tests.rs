use super::*;
use crate::Header;

mod pieces;

/// What every encoder of the fixtures was told: 20 pictures of this size, each tenth of them a key frame.
const KEYS: [usize; 2] = [0, 10];
const PICTURES: usize = 20;

/// Timestamps and payloads of a fixture: datagrams, each behind its length in two bytes.
pub(crate) fn packets(fixture: &[u8]) -> Vec<(u32, &[u8])> {
    let mut rest = fixture;
    let mut packets = Vec::new();
    while let Some((len, after)) = rest.split_first_chunk() {
        let (packet, after) = after.split_at(u16::from_be_bytes(*len).into());
        let (header, payload) = Header::parse(packet).unwrap();
        packets.push((header.timestamp, &packet[payload]));
        rest = after;
    }
    packets
}

/// Checks that each picture, by its timestamp, starts with a packet that says so, that the key frames are those that
/// the encoder was told to make, and that the size stands in them.
fn check(codec: Codec, fixture: &[u8], size_at_most: (u32, u32)) {
    let packets = packets(fixture);
    let pictures: Vec<_> = packets.chunk_by(|a, b| a.0 == b.0).collect();
    assert_eq!(pictures.len(), PICTURES);
    for (index, picture) in pictures.iter().enumerate() {
        let peeks: Vec<Peek> = picture.iter().map(|(_, payload)| peek(codec, payload)).collect();
        let expect_key = KEYS.contains(&index);
        assert!(peeks[0].starts_frame, "{index}: {peeks:?}");
        assert_eq!(peeks.iter().any(|peek| peek.key), expect_key, "{index}: {peeks:?}");
        assert_eq!(peeks.iter().any(|peek| peek.config), expect_key, "{index}: {peeks:?}");
        // Most pictures are larger than a packet, and the last piece starts nothing.
        assert!(picture.len() == 1 || !peeks[picture.len() - 1].starts_frame, "{index}: {peeks:?}");
        let sizes: Vec<_> = picture.iter().filter_map(|(_, payload)| size(codec, payload)).collect();
        assert_eq!(sizes.first().copied(), expect_key.then_some(size_at_most), "{index}");
    }
}

const SIZE: (u32, u32) = (192, 108);

#[test]
fn h264_of_ffmpeg() {
    check(Codec::H264, include_bytes!("../../testdata/ffmpeg-x264.rtp"), SIZE);
    check(Codec::H264, include_bytes!("../../testdata/ffmpeg-x264-slices.rtp"), SIZE);
}

#[test]
fn h264_of_gstreamer() {
    check(Codec::H264, include_bytes!("../../testdata/gstreamer-x264-stap-a.rtp"), SIZE);
    check(Codec::H264, include_bytes!("../../testdata/gstreamer-x264-bare.rtp"), SIZE);
}

#[test]
fn h265() {
    check(Codec::H265, include_bytes!("../../testdata/ffmpeg-x265.rtp"), SIZE);
    check(Codec::H265, include_bytes!("../../testdata/gstreamer-x265-ap.rtp"), SIZE);
}

#[test]
fn vp8() {
    check(Codec::Vp8, include_bytes!("../../testdata/ffmpeg-libvpx-vp8.rtp"), SIZE);
    check(Codec::Vp8, include_bytes!("../../testdata/gstreamer-vp8.rtp"), SIZE);
    check(Codec::Vp8, include_bytes!("../../testdata/gstreamer-vp8-7bit.rtp"), SIZE);
}

#[test]
fn vp9() {
    check(Codec::Vp9, include_bytes!("../../testdata/ffmpeg-libvpx-vp9.rtp"), SIZE);
    check(Codec::Vp9, include_bytes!("../../testdata/gstreamer-vp9.rtp"), SIZE);
}

#[test]
fn av1() {
    check(Codec::Av1, include_bytes!("../../testdata/ffmpeg-libaom-av1.rtp"), SIZE);
    check(Codec::Av1, include_bytes!("../../testdata/ffmpeg-svtav1.rtp"), SIZE);
}

#[test]
fn picture_ids_of_gstreamer_count_up() {
    let check = |codec, fixture, modulus: u16| {
        let mut last = None;
        for picture in packets(fixture).chunk_by(|a, b| a.0 == b.0) {
            let ids: Vec<_> = picture.iter().map(|(_, payload)| numbers(codec, payload).picture_id()).collect();
            assert!(ids[0].is_some() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
            assert!(last.is_none_or(|last: u16| ids[0] == Some((last + 1) % modulus)), "{last:?} {ids:?}");
            last = ids[0];
        }
    };
    check(Codec::Vp8, include_bytes!("../../testdata/gstreamer-vp8.rtp"), 0x8000);
    check(Codec::Vp8, include_bytes!("../../testdata/gstreamer-vp8-7bit.rtp"), 0x80);
    check(Codec::Vp9, include_bytes!("../../testdata/gstreamer-vp9.rtp"), 0x8000);
}

#[test]
fn sound_is_whole_and_the_unknown_says_nothing() {
    assert_eq!(peek(Codec::Opus, &[]), Peek::WHOLE);
    assert_eq!(peek(Codec::OtherVideo, &[1, 2, 3]), Peek::default());
    assert_eq!(size(Codec::Opus, &[1, 2, 3]), None);
}
