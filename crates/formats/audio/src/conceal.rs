//! What is heard in place of what was lost, for codecs that have no answer of their own, and how seams are made even.

/// Within this time, what is played in place of lost sound dies away; in ms.
const DIES_WITHIN_MS: u32 = 40;
/// Over this time a step in the signal is spread; in ms.
const SEAM_MS: u32 = 5;

/// Plays the last packet backwards, ever quieter: it begins where the packet ended, so there is no step.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    last: Vec<Vec<f32>>,
    played: usize,
}

impl Echo {
    /// Keeps a packet that was received.
    pub(crate) fn remember(&mut self, planes: &[Vec<f32>]) {
        self.last.resize_with(planes.len(), Vec::new);
        for (kept, plane) in self.last.iter_mut().zip(planes) {
            kept.clear();
            kept.extend_from_slice(plane);
        }
        self.played = 0;
    }

    /// Replaces each of `planes` by `samples` samples at `rate`.
    pub(crate) fn play(&mut self, samples: usize, rate: u32, planes: &mut [Vec<f32>]) {
        let dies = (rate as usize * DIES_WITHIN_MS as usize / 1000).max(1);
        for (i, plane) in planes.iter_mut().enumerate() {
            plane.clear();
            let last = self.last.get(i).map_or(&[][..], Vec::as_slice);
            plane.extend((self.played..self.played + samples).map(|at| {
                let gain = 1.0 - at as f32 / dies as f32;
                if gain <= 0.0 { 0.0 } else { mirrored(last, at) * gain }
            }));
        }
        self.played = self.played.saturating_add(samples);
    }
}

/// The sample that is `at` behind the end, to and fro.
fn mirrored(last: &[f32], at: usize) -> f32 {
    let Some(round) = at.checked_rem(2 * last.len()) else { return 0.0 };
    let index = if round < last.len() { last.len() - 1 - round } else { round - last.len() };
    last.get(index).copied().unwrap_or_default()
}

/// Spreads the step between two pieces of sound that do not belong together, so that it is not heard as a click.
#[derive(Debug)]
pub(crate) struct Seam {
    last: Vec<f32>,
    open: bool,
}

impl Seam {
    /// Before the first sound: it begins at silence.
    pub(crate) fn new() -> Self {
        Seam { last: Vec::new(), open: true }
    }

    /// What comes next does not belong to what was last.
    pub(crate) fn open(&mut self) {
        self.open = true;
    }

    /// Joins the next piece, of `rate` samples a second, to the last one.
    pub(crate) fn join(&mut self, planes: &mut [Vec<f32>], rate: u32) {
        self.join_from(0, planes, rate);
    }

    /// The same for a piece that begins at `from`.
    pub(crate) fn join_from(&mut self, from: usize, planes: &mut [Vec<f32>], rate: u32) {
        self.last.resize(planes.len(), 0.0);
        let spread = (rate as usize * SEAM_MS as usize / 1000).max(1);
        let mut joined = false;
        for (plane, last) in planes.iter_mut().zip(&mut self.last) {
            let piece = plane.get_mut(from..).unwrap_or_default();
            let Some(first) = piece.first().copied() else { continue };
            if self.open {
                let step = *last - first;
                for (at, sample) in piece.iter_mut().take(spread).enumerate() {
                    let turn = std::f32::consts::PI * at as f32 / spread as f32;
                    *sample += step * (0.5 + 0.5 * turn.cos());
                }
            }
            *last = piece.last().copied().unwrap_or_default();
            joined = true;
        }
        self.open &= !joined;
    }
}

#[cfg(test)]
mod tests;
