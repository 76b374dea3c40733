use proptest::prelude::*;
use std::path::Path;

#[test]
fn the_corpus_replays() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fuzz/corpus/sps");
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        super::sps(&std::fs::read(&path).expect("a readable corpus file"));
    }
}

#[test]
fn fixtures_with_every_bit_flipped() {
    for file in [
        &include_bytes!("../../testdata/ffmpeg-x265.hvcc")[..300],
        include_bytes!("../../testdata/ffmpeg-libaom.av1c"),
        &include_bytes!("../../testdata/x264-scaling-lists.h264")[4..],
        &include_bytes!("../../testdata/x265-main-cropped.h265")[4..],
    ] {
        for bit in 0..file.len() * 8 {
            let mut bytes = file.to_vec();
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            super::sps(&bytes);
        }
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
}
