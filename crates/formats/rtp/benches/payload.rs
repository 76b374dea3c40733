//! How much does cutting one picture into payloads cost, and putting it together again? At 25 pictures a second, 0.3 % of a
//! core are 120 µs for one.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use weir_codec::Codec;
use weir_rtp::jitter::{DEFAULT_WAIT, JitterBuffer, Ordered};
use weir_rtp::payload::{DEFAULT_MAX_PAYLOAD, Depacketizer, Options, Packetizer, Payload, Piece};

const AVCC: &[u8] = &[1, 66, 0, 31, 0xff, 0xe1, 0, 7, 0x67, 66, 0, 31, 0xda, 0x02, 0xd0, 1, 0, 2, 0x68, 0xee];
const AV1C: &[u8] = &[0x81, 0x00, 0x0c, 0x00, 0x0a, 0x0a, 0x00, 0x00, 0x00, 0x02, 0xaf, 0xff, 0x89, 0x5f, 0x20, 0x08];
const CODECS: [Codec; 4] = [Codec::H264, Codec::Av1, Codec::Vp8, Codec::Vp9];

/// Pictures of 600 kb/s and of 6 Mb/s at 25 a second, and a key frame of the latter.
const PICTURES: [usize; 3] = [3_000, 30_000, 200_000];

/// Bytes that look coded: a zero now and then.
fn coded(len: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// A key frame of about that many bytes.
fn picture(codec: Codec, len: usize) -> Vec<u8> {
    let coded = coded(len);
    match codec {
        Codec::H264 => [&(len as u32 + 2).to_be_bytes(), &[0x65, 0x88][..], &coded].concat(),
        Codec::Av1 => {
            let mut unit = vec![0x32];
            weir_codec::av1::write_leb128(len as u64 + 1, &mut unit);
            [&unit, &[0x10][..], &coded].concat()
        }
        Codec::Vp8 => [&[0x10, 0, 0, 0x9d, 1, 0x2a, 64, 0, 64, 0][..], &coded].concat(),
        _ => [&[0x82, 0x49, 0x83, 0x42, 0x00, 0x07, 0xf0, 0x04, 0x70, 0, 0][..], &coded].concat(),
    }
}

fn packetizer(codec: Codec) -> Packetizer {
    let options = Options { max_payload: DEFAULT_MAX_PAYLOAD, merge_units: false, keep_sei: true };
    let mut packetizer = Packetizer::new(codec, options).expect("a codec with a payload format");
    match codec {
        Codec::H264 => packetizer.configure(AVCC),
        Codec::Av1 => packetizer.configure(AV1C),
        _ => Ok(()),
    }
    .expect("a good record");
    packetizer
}

fn how_much_does_cutting_one_picture_cost(c: &mut Criterion) {
    let mut group = c.benchmark_group("packetize_one_picture");
    for len in PICTURES {
        group.throughput(Throughput::Bytes(len as u64));
        for codec in CODECS {
            let (mut packetizer, picture) = (packetizer(codec), picture(codec, len));
            group.bench_function(BenchmarkId::new(codec.label(), len), |b| {
                b.iter(|| {
                    packetizer
                        .packetize(black_box(&picture), true, &mut |payload| drop(black_box(payload)))
                        .expect("good");
                });
            });
        }
        // The least that any packetizer does: an allocation and a copy for each payload.
        let bytes = coded(len);
        group.bench_function(BenchmarkId::new("copy", len), |b| {
            b.iter(|| {
                black_box(&bytes)
                    .chunks(DEFAULT_MAX_PAYLOAD)
                    .for_each(|piece| drop(black_box(Arc::<[u8]>::from(piece))));
            });
        });
    }
    group.finish();
}

fn how_much_does_putting_one_picture_together_cost(c: &mut Criterion) {
    let mut group = c.benchmark_group("depacketize_one_picture");
    for len in PICTURES {
        group.throughput(Throughput::Bytes(len as u64));
        for codec in CODECS {
            let mut payloads: Vec<Payload> = Vec::new();
            let picture = picture(codec, len);
            packetizer(codec).packetize(&picture, true, &mut |payload| payloads.push(payload)).expect("good");
            let mut depacketizer = Depacketizer::new(codec).expect("a codec with a payload format");
            let mut buffer = JitterBuffer::new(DEFAULT_WAIT);
            let (mut sequence, mut timestamp) = (0_u64, 0_u32);
            group.bench_function(BenchmarkId::new(codec.label(), len), |b| {
                b.iter_batched(
                    || payloads.clone(),
                    |payloads| {
                        timestamp = timestamp.wrapping_add(3600);
                        let mut units = 0;
                        for payload in payloads {
                            buffer.push(sequence, payload.bytes.len(), (sequence, payload), Duration::ZERO);
                            sequence += 1;
                            while let Some(Ordered::Packet((sequence, payload))) = buffer.poll(Duration::ZERO) {
                                let (marker, captured) = (payload.marker, Duration::ZERO);
                                let piece = Piece { sequence, timestamp, marker, captured, payload: &payload.bytes };
                                units += depacketizer.push(&piece).map(black_box).count();
                            }
                        }
                        assert_eq!(units, 1);
                    },
                    BatchSize::SmallInput,
                );
            });
        }
    }
    group.finish();
}

criterion_group!(benches, how_much_does_cutting_one_picture_cost, how_much_does_putting_one_picture_together_cost);
criterion_main!(benches);
