use proptest::prelude::*;
use replay::replay;

#[path = "../../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpus_replays() {
    replay("sps", super::sps);
    replay("codec_frames", super::frames);
}

#[test]
fn fixtures_with_every_bit_flipped() {
    for file in [
        &include_bytes!("../../testdata/ffmpeg-x265.hvcc")[..300],
        include_bytes!("../../testdata/ffmpeg-libaom.av1c"),
        &include_bytes!("../../testdata/x264-scaling-lists.h264")[4..],
        &include_bytes!("../../testdata/x265-main-cropped.h265")[4..],
        &include_bytes!("../../testdata/x265-fields.h265")[31..],
    ] {
        flip_each_bit(file, super::sps);
    }
    for file in [
        include_bytes!("../../testdata/ffmpeg-44100-stereo.flac"),
        &include_bytes!("../../testdata/ffmpeg-44100-mono.ac3")[..12],
        &include_bytes!("../../testdata/ffmpeg-48000-51.eac3")[..12],
    ] {
        flip_each_bit(file, super::frames);
    }
}

fn flip_each_bit(file: &[u8], body: fn(&[u8])) {
    for bit in 0..file.len() * 8 {
        let mut bytes = file.to_vec();
        bytes[bit / 8] ^= 0x80 >> (bit % 8);
        body(&bytes);
    }
}

proptest! {
    #[test]
    fn any_bytes(head in 0usize..8, data in proptest::collection::vec(any::<u8>(), 0..120)) {
        let heads: [&[u8]; 8] = [
            &[], &[0x67, 100, 0, 31], &[0x67, 66], &[0x42, 1, 1], &[1, 100, 0, 31, 0xff, 0xe1], &[0xff, 0xf1],
            &[0xff, 0xfb], b"OpusHead\x01",
        ];
        super::sps(&[heads[head], &data].concat());
    }

    #[test]
    fn any_frame(head in 0usize..9, data in proptest::collection::vec(any::<u8>(), 0..120)) {
        let heads: [&[u8]; 9] = [
            &[], &[0x0b, 0x77, 0, 31, 0x3f, 0x87], &[0x0b, 0x77, 0, 0, 0x1c, 0x40], &[0x82, 0x49, 0x83, 0x42],
            &[0xb1, 0x24, 0xc1, 0xa1], &[0x10, 0, 0, 0x9d, 0x01, 0x2a], b"fLaC\0\0\0\x22", &[0xff, 0xf8], &[0xff, 0xfb],
        ];
        super::frames(&[heads[head], &data].concat());
    }
}
