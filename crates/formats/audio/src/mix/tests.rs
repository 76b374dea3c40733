use super::*;

/// One sample in each channel, and what is heard of it.
#[track_caller]
fn check(speakers: &[Speaker], samples: &[f32], expect: &[f32]) {
    let (mut pcm, mut out) = (Pcm::new(), Vec::new());
    pcm.start(48_000, speakers);
    pcm.push_interleaved(samples);
    mix(&pcm, expect.len(), &mut out);
    let heard: Vec<f32> = out.iter().map(|plane| plane[0]).collect();
    assert!(heard.iter().zip(expect).all(|(heard, expect)| (heard - expect).abs() < 1e-3), "{heard:?}");
}

#[test]
fn channels_to_one_and_two() {
    use Speaker::*;
    check(Speaker::MONO, &[0.5], &[0.5]);
    check(Speaker::MONO, &[0.5], &[0.5, 0.5]);
    check(Speaker::STEREO, &[0.5, -0.25], &[0.5, -0.25]);
    check(Speaker::STEREO, &[0.5, 0.25], &[0.375]);
    let surround = [Left, Right, Center, Lfe, SurroundLeft, SurroundRight];
    check(&surround, &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0], &[0.414, 0.0]);
    check(&surround, &[0.0, 0.0, 1.0, 0.0, 0.0, 0.0], &[0.293, 0.293]);
    check(&surround, &[0.0, 0.0, 0.0, 1.0, 0.0, 0.0], &[0.0, 0.0]);
    check(&surround, &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0], &[1.0, 1.0]);
    check(&surround, &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0], &[1.0]);
    check(&[Left, Center, Right], &[0.0, 1.0, 0.0], &[0.414, 0.414]);
    check(&[Lfe, Lfe], &[1.0, 1.0], &[0.0, 0.0]);
}
