//! What the tests of this crate share: tones, how like two sounds are, packets of files.

use weir_base::MediaTime;
use weir_codec::Codec;
use weir_codec::aac::AdtsHeader;

use crate::{AudioDecoder, Packet, Pcm, Target, Transcoder, decoder, encoder};

/// Stereo at 48 kHz.
pub(crate) const OPUS: Target = Target { codec: Codec::Opus, bitrate: 96_000, channels: 2 };
pub(crate) const AAC: Target = Target { codec: Codec::Aac, bitrate: 128_000, channels: 2 };
pub(crate) const ULAW: Target = Target { codec: Codec::G711u, bitrate: 64_000, channels: 1 };

/// A sine of half of full scale.
pub(crate) fn tone(hz: f64, rate: u32, samples: usize) -> Vec<f32> {
    let turn = std::f64::consts::TAU * hz / f64::from(rate);
    (0..samples).map(|at| (0.5 * (turn * at as f64).sin()) as f32).collect()
}

/// The frequency of a sine, by the crossings of zero on the way up.
pub(crate) fn frequency(samples: &[f32], rate: u32) -> f64 {
    let up: Vec<f64> = samples
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0] < 0.0 && pair[1] >= 0.0)
        .map(|(at, pair)| at as f64 + f64::from(pair[0] / (pair[0] - pair[1])))
        .collect();
    let (first, last) = (up.first().expect("a crossing"), up.last().expect("a crossing"));
    (up.len() - 1) as f64 * f64::from(rate) / (last - first)
}

/// How much of the power of a sound is that of one tone, 0 to 1.
pub(crate) fn share(samples: &[f32], rate: u32, hz: f64) -> f64 {
    let turn = std::f64::consts::TAU * hz / f64::from(rate);
    let (mut sine, mut cosine, mut all) = (0.0, 0.0, 0.0);
    for (at, sample) in samples.iter().enumerate() {
        let sample = f64::from(*sample);
        sine += sample * (turn * at as f64).sin();
        cosine += sample * (turn * at as f64).cos();
        all += sample * sample;
    }
    2.0 * (sine * sine + cosine * cosine) / samples.len() as f64 / all
}

/// How much louder `want` is than the difference between `got` and it, in dB.
pub(crate) fn snr(want: &[f32], got: &[f32]) -> f64 {
    let square = |value: f32| f64::from(value) * f64::from(value);
    let signal: f64 = want.iter().map(|value| square(*value)).sum();
    let noise: f64 = want.iter().zip(got).map(|(want, got)| square(want - got)).sum();
    10.0 * (signal / noise.max(1e-12)).log10()
}

/// The greatest step from one sample to the next.
pub(crate) fn steepest(samples: &[f32]) -> f32 {
    samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
}

/// AudioSpecificConfig and raw frames of an ADTS file.
pub(crate) fn adts(mut file: &[u8]) -> (Vec<u8>, Vec<&[u8]>) {
    let (mut config, mut frames) = (Vec::new(), Vec::new());
    while !file.is_empty() {
        let header = AdtsHeader::parse(file).expect("an ADTS header");
        if config.is_empty() {
            header.config().write_to(&mut config);
        }
        let (frame, rest) = file.split_at(header.frame_len);
        frames.push(&frame[header.header_len..]);
        file = rest;
    }
    (config, frames)
}

/// What a decoder makes of packets, channel by channel; all of them can be decoded.
pub(crate) fn decode_all<P: AsRef<[u8]>>(decoder: &mut dyn AudioDecoder, packets: &[P]) -> Vec<Vec<f32>> {
    let (mut pcm, mut all) = (Pcm::new(), Vec::new());
    for packet in packets {
        decoder.decode(packet.as_ref(), &mut pcm).expect("a good packet");
        all.resize(pcm.planes().len(), Vec::new());
        all.iter_mut().zip(pcm.planes()).for_each(|(all, plane)| all.extend_from_slice(plane));
    }
    all
}

/// A configuration and packets of these channels, by the encoder of this crate.
pub(crate) fn encode_all(target: &Target, planes: &[&[f32]]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let mut encoder = encoder(target).expect("an encoder");
    let (frame, mut packets) = (encoder.frame(), Vec::new());
    for at in (0..planes[0].len() / frame).map(|index| index * frame) {
        let parts: Vec<&[f32]> = planes.iter().map(|plane| &plane[at..at + frame]).collect();
        let mut packet = Vec::new();
        encoder.encode(&parts, &mut packet).expect("good samples");
        packets.extend((!packet.is_empty()).then_some(packet));
    }
    (encoder.config().to_vec(), packets)
}

/// Pushes packets at these times, finishes, and gives what came out.
pub(crate) fn push_all<P: AsRef<[u8]>>(
    transcoder: &mut Transcoder,
    packets: impl IntoIterator<Item = (MediaTime, P)>,
) -> Vec<Packet> {
    let mut out = Vec::new();
    for (pts, packet) in packets {
        transcoder.push(pts, packet.as_ref(), &mut out).expect("packets that can be decoded");
    }
    transcoder.finish(&mut out).expect("an end");
    out
}

/// What a player hears of packets, first channel: the time of the first sample, and the samples.
pub(crate) fn hear(transcoder: &Transcoder, packets: &[Packet]) -> (MediaTime, Vec<f32>) {
    let mut decoder = decoder(transcoder.target().codec, transcoder.config()).expect("a decoder");
    let payloads: Vec<_> = packets.iter().map(|packet| &packet.payload).collect();
    (packets[0].pts, decode_all(&mut *decoder, &payloads).swap_remove(0))
}
