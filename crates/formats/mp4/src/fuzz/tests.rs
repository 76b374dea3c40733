use proptest::prelude::*;
use replay::replay;

#[path = "../../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpus_replays() {
    replay("mp4", super::mp4);
}

#[test]
fn configurations_of_encoders_with_every_bit_flipped() {
    for (codec, config) in [
        (0, &include_bytes!("../../testdata/ffmpeg-x264.avcc")[..]),
        (1, include_bytes!("../../testdata/ffmpeg-x265.hvcc")),
        (2, include_bytes!("../../testdata/ffmpeg-libaom.av1c")),
        (3, include_bytes!("../../testdata/ffmpeg-libvpx.vpcc")),
        (5, include_bytes!("../../testdata/ffmpeg-aac.asc")),
        (7, include_bytes!("../../testdata/ffmpeg-libopus.opushead")),
        (8, include_bytes!("../../testdata/ffmpeg-flac.flac-header")),
        (9, include_bytes!("../../testdata/ffmpeg-ac3.dac3")),
        (10, include_bytes!("../../testdata/ffmpeg-eac3.dec3")),
    ] {
        let len = u8::try_from(config.len()).expect("a short configuration");
        let whole = [&[codec, len], config, &[0x11; 40]].concat();
        for bit in 0..(config.len() + 2) * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            super::mp4(&bytes);
        }
    }
}

proptest! {
    #[test]
    fn any_bytes(data in proptest::collection::vec(any::<u8>(), 0..200)) {
        super::mp4(&data);
    }

    #[test]
    fn any_opus_and_flac_header(opus in any::<bool>(), data in proptest::collection::vec(any::<u8>(), 0..60)) {
        let (codec, head): (u8, &[u8]) = if opus { (7, b"OpusHead\x01") } else { (8, b"fLaC\x80\x00\x00\x22") };
        let len = u8::try_from(head.len() + data.len()).expect("a short configuration");
        super::mp4(&[&[codec, len], head, &data].concat());
    }
}
