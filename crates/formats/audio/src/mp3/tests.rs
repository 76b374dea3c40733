use super::*;
use crate::testing::{decode_all, frequency};

/// 1 s of a sine of 440 Hz.
const MONO: &[u8] = include_bytes!("../../testdata/lame-44100-mono.mp3");

fn frames(mut file: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    while let Ok(header) = FrameHeader::parse(file) {
        let (frame, rest) = file.split_at(header.frame_len);
        frames.push(frame);
        file = rest;
    }
    frames
}

#[test]
fn a_tone() {
    let planes = decode_all(&mut Decoder::new(), &frames(MONO));
    assert_eq!(planes.len(), 1);
    assert!((frequency(&planes[0][8000..32_000], 44_100) - 440.0).abs() < 0.1);
}

#[test]
fn several_frames_in_a_packet() {
    let mut pcm = Pcm::new();
    let mut decoder = Decoder::new();
    let parts = frames(MONO);
    decoder.decode(&[parts[0], parts[1], &[0; 7]].concat(), &mut pcm).expect("two frames");
    assert_eq!((pcm.len(), pcm.rate()), (2304, 44_100));
    decoder.decode(&MONO[parts[0].len() + parts[1].len()..], &mut pcm).expect("more frames than are taken");
    assert!(pcm.len() <= MAX_SAMPLES);
}

#[test]
fn packets_that_are_broken() {
    let (mut pcm, mut decoder) = (Pcm::new(), Decoder::new());
    for bad in [&b"no frame"[..], &[], &MONO[..100]] {
        assert!(matches!(decoder.decode(bad, &mut pcm), Err(Error::Broken { .. })));
    }
    let mut layer1 = MONO[..1000].to_vec();
    layer1[1] |= 6;
    assert!(decoder.decode(&layer1, &mut pcm).is_err());
    assert!(decoder.decode(frames(MONO)[0], &mut pcm).is_ok());
}
