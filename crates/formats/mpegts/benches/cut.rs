//! How much does cutting one picture into packets cost? How much does one audio frame?

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use weir_base::MediaTime;
use weir_codec::Codec;
use weir_mpegts::{Muxer, PACKET_LEN};

const AVCC: &[u8] = &[1, 100, 0, 31, 0xff, 0xe1, 0, 4, 0x67, 100, 0, 31, 1, 0, 2, 0x68, 0xee];
const AV1C: &[u8] = &[0x81, 0x08, 0x0c, 0x00, 0x0a, 0x02, 0x55, 0x80];

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

fn how_much_does_cutting_one_picture_cost(c: &mut Criterion) {
    let mut group = c.benchmark_group("cut_one_picture");
    for len in PICTURES {
        group.throughput(Throughput::Bytes(len as u64));
        let slice = [&(len as u32).to_be_bytes(), &[0x41][..], &coded(len - 1)].concat();
        let obu = [&[0x30][..], &coded(len - 1)].concat();
        for (codec, config, payload) in [(Codec::H264, AVCC, slice), (Codec::Av1, AV1C, obu)] {
            let (mut muxer, mut out) = (Muxer::new(), Vec::with_capacity(2 * len + 8 * PACKET_LEN));
            muxer.set_video(codec, config).expect("a codec with a mapping");
            let mut at = 0;
            group.bench_function(BenchmarkId::new(codec.label(), len), |b| {
                b.iter(|| {
                    out.clear();
                    let dts = MediaTime::from_millis(at);
                    muxer.write_video(dts, MediaTime::ZERO, false, &payload, &mut out).expect("a good picture");
                    at += 40;
                    black_box(&out);
                });
            });
        }
        // The least that any muxer does: bytes in, bytes out.
        let (payload, mut out) = (coded(len), Vec::with_capacity(len));
        group.bench_function(BenchmarkId::new("copy", len), |b| {
            b.iter(|| {
                out.clear();
                out.extend_from_slice(black_box(&payload));
                black_box(&out);
            });
        });
    }
    group.finish();
}

fn how_much_does_one_audio_frame_cost(c: &mut Criterion) {
    let mut group = c.benchmark_group("write_one_audio_frame");
    let frame = coded(340);
    for together in [1, 5] {
        let (mut muxer, mut out) = (Muxer::new(), Vec::new());
        muxer.set_audio(Codec::Aac, &[0x11, 0x90]).expect("a codec with a mapping");
        let mut at = 0;
        group.throughput(Throughput::Elements(together as u64));
        group.bench_function(BenchmarkId::new("frames_in_a_pes_packet", together), |b| {
            b.iter(|| {
                out.clear();
                let frames = std::iter::repeat_n(&frame[..], together);
                muxer.write_audio_frames(MediaTime::from_millis(at), frames, &mut out).expect("good frames");
                at += 21;
                black_box(&out);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, how_much_does_cutting_one_picture_cost, how_much_does_one_audio_frame_cost);
criterion_main!(benches);
