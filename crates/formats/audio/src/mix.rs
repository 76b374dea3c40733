//! From the channels of a packet to one or two.

use crate::pcm::{Pcm, Speaker};

/// How loud centre and surround channels are in a side of stereo: 3 dB less (ITU-R BS.775 table 2).
const MINUS_3_DB: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// Replaces `out` by `channels` planes, 1 or 2.
///
/// More channels than two become stereo by ITU-R BS.775, without the low frequency effects, and as much quieter as it
/// takes not to clip. Stereo becomes mono by the mean of both; mono is heard on both sides.
pub fn mix(pcm: &Pcm, channels: usize, out: &mut Vec<Vec<f32>>) {
    out.resize_with(channels, Vec::new);
    let gains = gains(pcm.speakers());
    // Two speakers that one loudspeaker plays are halved; a single channel is not.
    let halved = if pcm.speakers().len() > 1 { 0.5 } else { 1.0 };
    for (side, plane) in out.iter_mut().enumerate() {
        plane.clear();
        for (source, gain) in pcm.planes().iter().zip(&gains) {
            let gain = match (channels, side) {
                (1, _) if gains.len() == 1 => 1.0,
                (1, _) => (gain.0 + gain.1) * halved,
                (_, 0) => gain.0,
                _ => gain.1,
            };
            add(source, gain, plane);
        }
        plane.resize(pcm.len(), 0.0);
    }
}

fn add(source: &[f32], gain: f32, plane: &mut Vec<f32>) {
    if gain == 0.0 {
        return;
    }
    if plane.is_empty() {
        plane.extend(source.iter().map(|sample| sample * gain));
    } else {
        plane.iter_mut().zip(source).for_each(|(sum, sample)| *sum += sample * gain);
    }
}

/// How loud each channel is left and right.
fn gains(speakers: &[Speaker]) -> Vec<(f32, f32)> {
    if speakers.len() == 1 {
        return vec![(1.0, 1.0)];
    }
    let mut gains: Vec<(f32, f32)> = speakers
        .iter()
        .map(|speaker| match speaker {
            Speaker::Left => (1.0, 0.0),
            Speaker::Right => (0.0, 1.0),
            Speaker::Center => (MINUS_3_DB, MINUS_3_DB),
            Speaker::SurroundLeft => (MINUS_3_DB, 0.0),
            Speaker::SurroundRight => (0.0, MINUS_3_DB),
            Speaker::SurroundCenter => (0.5, 0.5),
            Speaker::Lfe => (0.0, 0.0),
        })
        .collect();
    let loudest = gains.iter().map(|gain| gain.0).sum::<f32>().max(gains.iter().map(|gain| gain.1).sum());
    if loudest > 1.0 {
        gains.iter_mut().for_each(|gain| *gain = (gain.0 / loudest, gain.1 / loudest));
    }
    gains
}

#[cfg(test)]
mod tests;
