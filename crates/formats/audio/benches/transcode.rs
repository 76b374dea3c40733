//! How much does one second of sound cost, from one codec to another? A hundred streams cost a tenth of a core for each
//! millisecond.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use weir_audio::{Target, Transcoder, encoder};
use weir_base::MediaTime;
use weir_codec::Codec;

const SECONDS: usize = 10;
const OPUS: Target = Target { codec: Codec::Opus, bitrate: 64_000, channels: 2 };
const AAC: Target = Target { codec: Codec::Aac, bitrate: 128_000, channels: 2 };
const ULAW: Target = Target { codec: Codec::G711u, bitrate: 64_000, channels: 1 };

/// Chords that are struck twice a second, and some noise.
fn music(rate: u32, samples: usize, detune: f32) -> Vec<f32> {
    let mut state = 1_u32;
    let sound = |at: usize| {
        let time = at as f32 / rate as f32;
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (state >> 8) as f32 / 8_388_608.0 - 1.0;
        let struck = (-6.0 * (time * 2.0).fract()).exp();
        let sine = |hz: f32| (time * hz * detune * std::f32::consts::TAU).sin();
        0.2 * sine(440.0) + struck * (0.15 * sine(1320.0) + 0.1 * sine(3520.0)) + 0.02 * noise
    };
    (0..samples).map(sound).collect()
}

/// A configuration and packets with their timestamps.
fn coded(target: &Target) -> (Vec<u8>, Vec<(MediaTime, Vec<u8>)>) {
    let mut encoder = encoder(target).expect("an encoder");
    let (rate, frame) = (encoder.rate(), encoder.frame());
    let planes: Vec<_> = [1.0, 1.26].map(|detune| music(rate, SECONDS * rate as usize, detune)).into();
    let mut packets = Vec::new();
    for at in (0..planes[0].len() - frame).step_by(frame) {
        let parts: Vec<&[f32]> = planes.iter().take(encoder.channels()).map(|plane| &plane[at..at + frame]).collect();
        let mut packet = Vec::new();
        encoder.encode(&parts, &mut packet).expect("good samples");
        packets.push((MediaTime::from_ticks(at as i64, rate), packet));
    }
    (encoder.config().to_vec(), packets)
}

fn how_much_does_one_second_cost(c: &mut Criterion) {
    let mut group = c.benchmark_group("one_second");
    group.sample_size(20);
    let pairs = [
        ("aac_to_opus", AAC, OPUS),
        ("opus_to_aac", OPUS, AAC),
        ("g711_to_opus", ULAW, OPUS),
        ("opus_to_g711", OPUS, ULAW),
    ];
    for (name, from, to) in pairs {
        let (config, packets) = coded(&from);
        let mut transcoder = Transcoder::new(from.codec, &config, to).expect("codecs that are there");
        let (mut round, mut at, mut out) = (0, 0, Vec::new());
        let length = MediaTime::from_millis(SECONDS as i64 * 1000);
        let a_second = packets.len() / SECONDS;
        group.bench_function(name, |b| {
            b.iter(|| {
                for _ in 0..a_second {
                    let (pts, packet) = &packets[at];
                    let start = MediaTime::from_nanos(length.nanos() * round);
                    transcoder.push(start + *pts, packet, &mut out).expect("a good packet");
                    at += 1;
                    if at == packets.len() {
                        (round, at) = (round + 1, 0);
                    }
                }
                black_box(out.drain(..).count())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, how_much_does_one_second_cost);
criterion_main!(benches);
