//! What does a fragment cost beside the copy of its payload?

use std::hint::black_box;

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use weir_codec::Codec;
use weir_mp4::{Media, Run, Sample, Track, write_fragment};

/// Pictures of a part of low latency, of a segment of two seconds, of one of ten; 25 a second at 2.5 Mb/s.
const PICTURES: [usize; 3] = [5, 50, 250];
const PICTURE: usize = 12_500;

fn what_does_a_fragment_cost_beside_its_payload(c: &mut Criterion) {
    let media = Media::video(1280, 720);
    let track = Track { id: 1, codec: Codec::H264, config: Bytes::new(), timescale: 90_000, media };
    let mut group = c.benchmark_group("fragment");
    for count in PICTURES {
        let payload = vec![7; count * PICTURE + count];
        let data = |index| &payload[index * PICTURE..][..PICTURE + index % 2];
        let samples: Vec<Sample<'_>> = (0..count)
            .map(|index| Sample { duration: 3600, cts: index as i32, key: index == 0, data: data(index) })
            .collect();
        let mut out = Vec::new();
        group.throughput(Throughput::Bytes(payload.len() as u64));
        group.bench_with_input(BenchmarkId::new("write", count), &samples, |b, samples| {
            b.iter(|| {
                out.clear();
                let runs = [Run { track: &track, base_dts: 0, samples }];
                write_fragment(1, black_box(&runs), &mut out);
            });
        });
        group.bench_with_input(BenchmarkId::new("copy", count), &samples, |b, samples| {
            b.iter(|| {
                out.clear();
                for sample in black_box(samples) {
                    out.extend_from_slice(sample.data);
                }
            });
        });
    }
    group.finish();
}

criterion_group!(questions, what_does_a_fragment_cost_beside_its_payload);
criterion_main!(questions);
