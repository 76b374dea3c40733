//! [`Pcm`]: decoded sound of one packet.

/// Samples of each channel in one packet, at most: an Opus packet of 120 ms at 48 kHz has 5760, an HE-AAC frame 2048.
/// A longer packet is broken.
pub const MAX_SAMPLES: usize = 8192;

/// Channels of one packet, at most: 7.1.
pub const MAX_CHANNELS: usize = 8;

/// Where a channel is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// Front left.
    Left,
    /// Front right.
    Right,
    /// Front centre; alone, it is mono.
    Center,
    /// Low frequency effects.
    Lfe,
    /// Side or back left.
    SurroundLeft,
    /// Side or back right.
    SurroundRight,
    /// Back centre.
    SurroundCenter,
}

impl Speaker {
    /// Mono.
    pub const MONO: &[Speaker] = &[Speaker::Center];
    /// Stereo.
    pub const STEREO: &[Speaker] = &[Speaker::Left, Speaker::Right];
}

/// Sound as samples: one plane for each channel, all of the same length, nominally from -1 to 1.
#[derive(Clone, Debug, Default)]
pub struct Pcm {
    rate: u32,
    speakers: Vec<Speaker>,
    planes: Vec<Vec<f32>>,
}

impl Pcm {
    /// No samples yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Empties it for sound of `rate` samples a second and these channels.
    pub fn start(&mut self, rate: u32, speakers: &[Speaker]) {
        self.rate = rate;
        if self.speakers != speakers {
            self.speakers = speakers.to_vec();
            self.planes.resize_with(speakers.len(), Vec::new);
        }
        self.clear();
    }

    /// Empties it.
    pub(crate) fn clear(&mut self) {
        self.planes.iter_mut().for_each(Vec::clear);
    }

    /// Samples a second, in Hz.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// The channels, in the order of the planes.
    pub fn speakers(&self) -> &[Speaker] {
        &self.speakers
    }

    /// Samples of each channel.
    pub fn len(&self) -> usize {
        self.planes.first().map_or(0, Vec::len)
    }

    /// True without samples.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The channels.
    pub fn planes(&self) -> &[Vec<f32>] {
        &self.planes
    }

    /// Appends samples of all channels, channel after channel for each moment. What is left over is dropped.
    pub fn push_interleaved(&mut self, samples: &[f32]) {
        let channels = self.planes.len().max(1);
        for (i, plane) in self.planes.iter_mut().enumerate() {
            plane.extend(samples.chunks_exact(channels).filter_map(|moment| moment.get(i)));
        }
    }

    /// Appends samples to one channel; the caller does so for each of them.
    pub(crate) fn push_plane(&mut self, channel: usize, samples: impl IntoIterator<Item = f32>) {
        if let Some(plane) = self.planes.get_mut(channel) {
            plane.extend(samples);
        }
    }

    /// Leaves out samples that are no number and brings the rest between -1 and 1: encoders refuse others, and one of
    /// them would stay in every filter behind.
    pub(crate) fn tame(&mut self) {
        for sample in self.planes.iter_mut().flatten() {
            *sample = if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
        }
    }
}
