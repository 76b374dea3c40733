use super::*;
use crate::testing::{frequency, snr, tone};

/// A tone is the same one at the other rate, in time to the sample, and little of it waits inside.
#[track_caller]
fn check(from: u32, to: u32) {
    let hz = 997.0;
    let source = tone(hz, from, from as usize);
    let mut resampler = Resampler::new(from, to, 1).expect("rates that are resampled");
    let (mut out, mut most) = (vec![Vec::new()], 0);
    for (index, part) in source.chunks(331).enumerate() {
        resampler.push(&[part.to_vec()], &mut out).expect("samples");
        let due = ((index * 331 + part.len()) as u64 * u64::from(to) / u64::from(from)) as usize;
        most = most.max(due.saturating_sub(out[0].len()));
    }
    assert!(most <= to as usize / 20, "{most} of {to} samples wait");
    assert!(most <= resampler.latency(), "{most} wait, {} are said", resampler.latency());
    resampler.finish(&mut out).expect("an end");
    assert_eq!(out[0].len(), to as usize, "{from} to {to}");
    let inner = to as usize / 10..to as usize * 9 / 10;
    assert!((frequency(&out[0][inner.clone()], to) - hz).abs() < 0.1, "{from} to {to}");
    let like = snr(&tone(hz, to, to as usize)[inner.clone()], &out[0][inner]);
    assert!(like > 60.0, "{from} to {to}: {like} dB");
}

#[test]
fn every_rate_of_aac_and_back() {
    for rate in [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350] {
        check(rate, 48_000);
    }
    check(48_000, 8_000);
    check(44_100, 8_000);
}

#[test]
fn rates_that_no_table_has() {
    assert_eq!(Resampler::new(44_056, 48_000, 2).map(|resampler| resampler.from()), Ok(44_050));
    assert_eq!(
        Resampler::new(47_999, 48_000, 2).map(|resampler| (resampler.from(), resampler.latency())),
        Ok((48_000, 0))
    );
    for rate in [0, 3_999, 192_001, u32::MAX] {
        assert!(Resampler::new(rate, 48_000, 2).is_err());
    }
}

#[test]
fn what_is_above_the_lower_rate_is_not_heard() {
    let mut resampler = Resampler::new(48_000, 8_000, 1).expect("rates that are resampled");
    let mut out = vec![Vec::new()];
    resampler.push(&[tone(6_000.0, 48_000, 48_000)], &mut out).expect("samples");
    let loudest = out[0][800..].iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
    assert!(loudest < 0.001, "{loudest}");
}
