//! [`Resampler`]: sound at one rate to sound at another.

use rubato::audioadapter_buffers::direct::SequentialSliceOfVecs;
use rubato::{Fft, FixedSync, Indexing, Resampler as _, WindowFunction};

/// Rates that are resampled, in Hz: what an AudioSpecificConfig may claim goes beyond.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;
/// Samples, at the lower of both rates, that are worked on at once: as many as give a steep filter.
const BLOCK: u32 = 256;
/// Blocks are at most a fiftieth of a second: 20 ms.
const BLOCKS_PER_SECOND: u32 = 50;

/// Turns samples at one rate into samples at another, in blocks of at most 20 ms; samples wait for at most 50 ms in it,
/// 15 ms from 44.1 kHz to 48 kHz. The delay of its filter is left out at the start, so that time stays as it was.
pub struct Resampler {
    from: u32,
    to: u32,
    inner: Option<Fft<f32>>,
    waiting: Vec<Vec<f32>>,
    done: Vec<Vec<f32>>,
    skip: usize,
    taken: u64,
    made: u64,
}

impl Resampler {
    /// From `from` to `to` samples a second, with as many channels. Rates from 4 to 192 kHz are taken; one that has no
    /// short common measure with `to` is rounded to 50 Hz, see [`Resampler::from`]. Says why it cannot be.
    pub fn new(from: u32, to: u32, channels: usize) -> Result<Self, String> {
        if !RATES.contains(&from) || !RATES.contains(&to) {
            return Err(format!("cannot resample from {from} Hz to {to} Hz"));
        }
        let coarse = common_measure(from, to) < BLOCKS_PER_SECOND;
        let from = if coarse { (from + 25) / BLOCKS_PER_SECOND * BLOCKS_PER_SECOND } else { from };
        let planes = || vec![Vec::new(); channels];
        let (waiting, mut done) = (planes(), planes());
        let (mut inner, mut skip) = (None, 0);
        if from != to {
            let fft = Fft::new_custom(
                from as usize,
                to as usize,
                block(from, to) as usize,
                1,
                channels,
                WindowFunction::BlackmanHarris2,
                FixedSync::Both,
            )
            .map_err(|error| error.to_string())?;
            skip = fft.output_delay();
            done.iter_mut().for_each(|plane| plane.resize(fft.output_frames_max(), 0.0));
            inner = Some(fft);
        }
        Ok(Resampler { from, to, inner, waiting, done, skip, taken: 0, made: 0 })
    }

    /// Samples a second that it counts with at its input: what was asked, or that rounded.
    pub fn from(&self) -> u32 {
        self.from
    }

    /// Samples at its output after which what was put in has come out.
    pub fn latency(&self) -> usize {
        self.inner.as_ref().map_or(0, |fft| fft.output_delay() + fft.output_frames_max())
    }

    /// Takes samples of each channel and appends what is ready to `out`.
    pub fn push(&mut self, planes: &[Vec<f32>], out: &mut [Vec<f32>]) -> Result<(), String> {
        let before = out.first().map_or(0, Vec::len);
        self.taken += planes.first().map_or(0, Vec::len) as u64;
        self.run(planes, out)?;
        self.made += (out.first().map_or(0, Vec::len) - before) as u64;
        Ok(())
    }

    /// Appends what is still inside: as many samples as are due for those that were put in, and no more.
    pub fn finish(mut self, out: &mut [Vec<f32>]) -> Result<(), String> {
        let due = (self.taken * u64::from(self.to) / u64::from(self.from)).saturating_sub(self.made) as usize;
        let silence = self.latency() * self.from as usize / self.to as usize + 1;
        let silence = vec![vec![0.0; silence + self.from as usize / BLOCKS_PER_SECOND as usize]; self.waiting.len()];
        let mut rest = vec![Vec::new(); self.waiting.len()];
        self.run(&silence, &mut rest)?;
        out.iter_mut().zip(rest).for_each(|(out, rest)| out.extend(rest.into_iter().take(due)));
        Ok(())
    }

    fn run(&mut self, planes: &[Vec<f32>], out: &mut [Vec<f32>]) -> Result<(), String> {
        let Some(fft) = &mut self.inner else {
            out.iter_mut().zip(planes).for_each(|(out, plane)| out.extend_from_slice(plane));
            return Ok(());
        };
        self.waiting.iter_mut().zip(planes).for_each(|(waiting, plane)| waiting.extend_from_slice(plane));
        let (mut at, have) = (0, self.waiting.first().map_or(0, Vec::len));
        while have - at >= fft.input_frames_next() {
            let (channels, space) = (self.waiting.len(), self.done.first().map_or(0, Vec::len));
            let source =
                SequentialSliceOfVecs::new(&self.waiting, channels, have).map_err(|error| error.to_string())?;
            let mut sink =
                SequentialSliceOfVecs::new_mut(&mut self.done, channels, space).map_err(|error| error.to_string())?;
            let indexing = Indexing::new().input_offset(at);
            let (taken, made) =
                fft.process_into_buffer(&source, &mut sink, Some(&indexing)).map_err(|error| error.to_string())?;
            let skipped = self.skip.min(made);
            self.skip -= skipped;
            for (out, done) in out.iter_mut().zip(&self.done) {
                out.extend_from_slice(done.get(skipped..made).unwrap_or_default());
            }
            at += taken.max(1);
        }
        self.waiting.iter_mut().for_each(|waiting| drop(waiting.drain(..at.min(have))));
        Ok(())
    }

    /// Samples a second at its output.
    pub fn to(&self) -> u32 {
        self.to
    }
}

/// Samples at the input that are worked on at once. They are even in number: the filter has its middle at the half.
fn block(from: u32, to: u32) -> u32 {
    let unit = from / common_measure(from, to);
    let low = BLOCK.min(from.min(to) / BLOCKS_PER_SECOND);
    let units = (u64::from(low) * u64::from(from) / u64::from(from.min(to))).div_ceil(unit.into()) as u32;
    match (unit * units).is_multiple_of(2) {
        true => unit * units,
        false if units > 1 => unit * (units - 1),
        false => unit * 2,
    }
}

fn common_measure(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common_measure(b, a % b) }
}

#[cfg(test)]
mod tests;
