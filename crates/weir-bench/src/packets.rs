//! What publishers of WebRTC send: RTP payloads, made once and shared by all.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::media::{MARK_LEN, mark};

/// A key frame is about so many times as long as another picture.
const KEY_FACTOR: u32 = 6;
/// A layer has so many times the bits of the next smaller one.
const SMALLER: u32 = 3;
/// Pictures that differ in length, by turns.
const VARIETY: usize = 16;
/// Opus frames a second: 20 ms each.
const SOUNDS: u32 = 50;
/// Ticks a second of pictures and of sound.
const VIDEO_CLOCK: u64 = 90_000;
const AUDIO_CLOCK: u64 = 48_000;
/// Bytes of a fixed RTP header.
pub(crate) const RTP_HEADER: usize = 12;
/// Where a mark stands in a payload: behind the head of a fragment (RFC 6184, clause 5.8), or that of an Opus frame.
const MARK_AT: usize = 2;
/// H.264 Constrained Baseline, level 1.0, 64×36: sequence and picture parameter sets in one packet (STAP-A).
const PARAMETER_SETS: &[u8] =
    b"\x78\x00\x16\x67\x42\xc0\x0a\xd9\x04\x27\x96\x5f\x01\x10\x00\x00\x03\x00\x10\x00\x00\x03\x03\
    \x20\xf1\x00\x04\x68\xcb\x83\xcb";

/// Of what is published by WebRTC.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Shape {
    /// WebRTC: kb/s of pictures, the largest layer, and sound
    #[arg(long, default_value_t = 600)]
    bitrate: u32,
    /// WebRTC: kb/s of it that are sound (Opus); 0 for none
    #[arg(long, default_value_t = 64)]
    sound: u32,
    /// WebRTC: pictures (H.264) a second
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=240))]
    fps: u32,
    /// WebRTC: pictures from one key frame to the next
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    gop: u32,
    /// WebRTC: layers of the pictures (simulcast); each has a third of the bits of the next larger one
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=3))]
    layers: u32,
    /// WebRTC: bytes of a full RTP packet
    #[arg(long, default_value_t = 1200, value_parser = clap::value_parser!(u32).range(100..=1400))]
    packet: u32,
}

impl Default for Shape {
    fn default() -> Self {
        Self { bitrate: 600, sound: 64, fps: 25, gop: 50, layers: 1, packet: 1200 }
    }
}

/// A stream that can be sent for as long as one likes.
#[derive(Clone, Debug)]
pub(crate) struct Packets {
    shape: Shape,
    /// The smallest first.
    layers: Vec<Layer>,
    /// One, or none.
    sound: Vec<Layer>,
}

/// The same pictures in one size; of sound, a frame.
#[derive(Clone, Debug)]
struct Layer {
    key: Vec<Arc<[u8]>>,
    others: Vec<Vec<Arc<[u8]>>>,
}

/// How far a publisher has come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    pictures: u64,
    sounds: u64,
    /// Pictures since the last key frame.
    since_key: u32,
}

/// One picture in each of its layers, or one frame of sound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Burst<'p> {
    pub(crate) is_video: bool,
    /// In ticks of 90 kHz or 48 kHz.
    pub(crate) timestamp: u32,
    layers: &'p [Layer],
    /// Which of the others it is; a key frame is none.
    turn: Option<usize>,
}

impl<'p> Burst<'p> {
    /// The payloads of each layer.
    pub(crate) fn layers(&self) -> impl Iterator<Item = &'p [Arc<[u8]>]> + use<'p> {
        let turn = self.turn;
        self.layers.iter().map(move |layer| match turn {
            Some(turn) => layer.others.get(turn).map_or(&[][..], Vec::as_slice),
            None => &layer.key,
        })
    }
}

impl Packets {
    /// Payloads in the shape of H.264 and Opus; but for the parameter sets they hold random bytes.
    pub(crate) fn new(shape: Shape) -> Self {
        let mut random = fastrand::Rng::with_seed(1);
        let full = shape.packet as usize - RTP_HEADER;
        let pictures = shape.bitrate.saturating_sub(shape.sound);
        let layers = (0..shape.layers).rev().map(|smaller| {
            let bitrate = pictures / SMALLER.pow(smaller);
            Layer::new(&shape, per_second(bitrate), full, &mut random)
        });
        let layers = layers.collect();
        let sound_len = (per_second(shape.sound) / SOUNDS as usize).min(full);
        let sound = (shape.sound > 0).then(|| {
            let frame = payload(&[0xfc], sound_len.max(MARK_LEN + MARK_AT), &mut random);
            Layer { key: vec![frame], others: Vec::new() }
        });
        Self { shape, layers, sound: sound.into_iter().collect() }
    }

    /// How many layers the pictures have.
    pub(crate) fn layer_count(&self) -> usize {
        self.layers.len()
    }

    /// When the next burst of a publisher at `place` is due, from its start.
    pub(crate) fn due(&self, place: &Place) -> Duration {
        let (picture, sound) = self.next(place);
        sound.map_or(picture, |sound| sound.min(picture))
    }

    /// The next burst, which is a key frame if it has to be, or is a picture and `key` is asked for.
    pub(crate) fn step(&self, place: &mut Place, key: &mut bool) -> Burst<'_> {
        let (picture, sound) = self.next(place);
        if sound.is_some_and(|sound| sound < picture) {
            let timestamp = (place.sounds * AUDIO_CLOCK / u64::from(SOUNDS)) as u32;
            place.sounds += 1;
            return Burst { is_video: false, timestamp, layers: &self.sound, turn: None };
        }
        let timestamp = (place.pictures * VIDEO_CLOCK / u64::from(self.shape.fps)) as u32;
        let is_key = std::mem::take(key) || place.pictures == 0 || place.since_key >= self.shape.gop;
        let turn = (!is_key).then_some(place.pictures as usize % VARIETY);
        place.pictures += 1;
        place.since_key = if is_key { 1 } else { place.since_key + 1 };
        Burst { is_video: true, timestamp, layers: &self.layers, turn }
    }

    fn next(&self, place: &Place) -> (Duration, Option<Duration>) {
        let at = |count: u64, rate: u32| Duration::from_nanos(count * 1_000_000_000 / u64::from(rate));
        (at(place.pictures, self.shape.fps), (!self.sound.is_empty()).then(|| at(place.sounds, SOUNDS)))
    }
}

impl Layer {
    /// Of so many bytes a second.
    fn new(shape: &Shape, bytes: usize, full: usize, random: &mut fastrand::Rng) -> Self {
        let gop_bytes = bytes * shape.gop as usize / shape.fps as usize;
        let share = (gop_bytes / (shape.gop - 1 + KEY_FACTOR) as usize).max(MARK_LEN + MARK_AT);
        let mut key = vec![Arc::from(PARAMETER_SETS)];
        key.extend(picture(true, share * KEY_FACTOR as usize, full, random));
        let others = (0..VARIETY).map(|i| {
            // From 0.8 to 1.2 of the share, in no order.
            let len = share * (80 + (i * 7 % VARIETY) * 40 / (VARIETY - 1)) / 100;
            picture(false, len.max(MARK_LEN + MARK_AT), full, random)
        });
        Self { key, others: others.collect() }
    }
}

fn per_second(kilobits: u32) -> usize {
    kilobits as usize * 125
}

/// The payload with the time in it, if there is room.
pub(crate) fn marked(payload: &Arc<[u8]>, nanos: u64) -> Arc<[u8]> {
    if payload.len() < MARK_AT + MARK_LEN || is_parameter_sets(payload) {
        return Arc::clone(payload);
    }
    let mut out: Arc<[u8]> = Arc::from(&**payload);
    if let Some(place) = Arc::get_mut(&mut out).and_then(|bytes| bytes.get_mut(MARK_AT..MARK_AT + MARK_LEN)) {
        place.copy_from_slice(&mark(nanos));
    }
    out
}

/// When the packet was sent, if it is marked.
pub(crate) fn read_mark(payload: &[u8]) -> Option<u64> {
    crate::media::parse_mark(payload.get(MARK_AT..MARK_AT + MARK_LEN)?)
}

fn is_parameter_sets(payload: &[u8]) -> bool {
    payload.first() == PARAMETER_SETS.first()
}

/// A coded slice of `len` bytes: one packet, or fragments (FU-A).
fn picture(is_key: bool, len: usize, full: usize, random: &mut fastrand::Rng) -> Vec<Arc<[u8]>> {
    let nal = if is_key { 0x65 } else { 0x41 };
    if len <= full {
        return vec![payload(&[nal, 0x88], len, random)];
    }
    let count = len.div_ceil(full);
    let fragment = |i: usize| {
        let start = if i == 0 { 0x80 } else { 0 };
        let end = if i + 1 == count { 0x40 } else { 0 };
        let rest = (len - i * full).min(full).max(MARK_AT + MARK_LEN);
        payload(&[nal & 0x60 | 28, start | end | nal & 0x1f], rest, random)
    };
    (0..count).map(fragment).collect()
}

fn payload(head: &[u8], len: usize, random: &mut fastrand::Rng) -> Arc<[u8]> {
    let mut bytes = vec![0; len];
    random.fill(&mut bytes);
    bytes.iter_mut().zip(head).for_each(|(byte, head)| *byte = *head);
    bytes.into()
}

#[cfg(test)]
mod tests;
