use proptest::prelude::*;
use std::path::Path;

use crate::testing::adts;

#[test]
fn the_corpus_replays() {
    let replay = |name: &str, body: fn(&[u8])| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fuzz/corpus").join(name);
        let Ok(entries) = std::fs::read_dir(dir) else { return };
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            body(&std::fs::read(&path).expect("a readable corpus file"));
        }
    };
    replay("audio_decoders", super::decoders);
    replay("audio_transcoder", super::transcoder);
}

/// An input of the transcoder: a codec, a configuration, packets 21 ms apart.
fn input(codec: u8, config: &[u8], packets: &[&[u8]]) -> Vec<u8> {
    let mut input = vec![codec, config.len() as u8];
    input.extend(config);
    for packet in packets {
        let packet = &packet[..packet.len().min(250)];
        input.extend([packet.len() as u8 + 2, 0, 21]);
        input.extend(packet);
    }
    input
}

#[test]
fn fixtures_with_bits_flipped() {
    for file in [
        &include_bytes!("../../testdata/fdk-he-48000-stereo.aac")[..],
        include_bytes!("../../testdata/fdk-hev2-48000-stereo.aac"),
    ] {
        let (config, frames) = adts(file);
        let good = input(0, &config, &frames[4..8]);
        for bit in (0..good.len() * 8).step_by(37) {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            super::transcoder(&bytes);
            super::decoders(&bytes);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes(codec in 0u8..5, head in 0usize..3, data in proptest::collection::vec(any::<u8>(), 0..400)) {
        let heads: [&[u8]; 3] = [&[0], &[2, 0x11, 0x90], &[0, 60, 0xff, 0xfb, 0x50, 0xc4]];
        super::decoders(&[&[codec], heads[head], &data].concat());
        super::transcoder(&[&[codec], heads[head], &data].concat());
    }
}
