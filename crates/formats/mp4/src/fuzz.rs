//! Bodies for the fuzzer; a plain test replays the corpora. The walk over boxes serves other tests too.

use crate::{Media, Run, Sample, Track, init_segment, write_fragment};
use bytes::Bytes;
use weir_codec::Codec;

/// The codecs that the first byte chooses from, and one that has no mapping.
const CODECS: [Codec; 12] = {
    use Codec::*;
    [H264, H265, Av1, Vp9, Vp8, Aac, Mp3, Opus, Flac, Ac3, Eac3, Speex]
};

/// The bytes that are not boxes at the start of a box that has boxes inside; [`None`] for all other boxes.
fn content_offset(kind: &[u8; 4]) -> Option<usize> {
    match kind {
        b"moov" | b"trak" | b"mdia" | b"minf" | b"dinf" | b"stbl" | b"mvex" | b"moof" | b"traf" => Some(0),
        b"stsd" | b"dref" => Some(8),
        b"avc1" | b"hvc1" | b"av01" | b"vp08" | b"vp09" => Some(78),
        b"mp4a" | b"Opus" | b"fLaC" | b"ac-3" | b"ec-3" => Some(28),
        _ => None,
    }
}

/// Walks all boxes, outer ones first, and shows kind and content of each. Panics when sizes do not add up.
pub fn walk<'a>(mut bytes: &'a [u8], visit: &mut dyn FnMut(&'a [u8; 4], &'a [u8])) {
    while !bytes.is_empty() {
        let (size, rest) = bytes.split_first_chunk::<4>().expect("a size");
        let (kind, rest) = rest.split_first_chunk::<4>().expect("a kind");
        let len = u32::from_be_bytes(*size) as usize;
        let content = len.checked_sub(8).and_then(|len| rest.get(..len)).expect("a size within what is around");
        visit(kind, content);
        if let Some(offset) = content_offset(kind) {
            walk(content.get(offset..).expect("the fields of a box"), visit);
        }
        bytes = bytes.get(len..).unwrap_or_default();
    }
}

/// The contents of all boxes of a kind.
pub fn find<'a>(bytes: &'a [u8], wanted: &[u8; 4]) -> Vec<&'a [u8]> {
    let mut found = Vec::new();
    walk(bytes, &mut |kind, content| {
        if kind == wanted {
            found.push(content);
        }
    });
    found
}

/// Any configuration and any payload: the first byte chooses the codec, the second says how long the configuration is,
/// the rest becomes samples.
pub fn mp4(data: &[u8]) {
    let Some(([codec, len], rest)) = data.split_first_chunk() else { return };
    let codec = CODECS.get(usize::from(*codec) % CODECS.len()).copied().unwrap_or(Codec::Script);
    let (config, rest) = rest.split_at(usize::from(*len).min(rest.len()));
    let number = u32::from_be_bytes(rest.first_chunk().copied().unwrap_or_default());
    let media = match codec.is_video() {
        true => Media::video(number, number >> 8),
        false => Media::audio(number, number as u16),
    };
    let config = Bytes::copy_from_slice(config);
    init(&Track { id: number.max(1), codec, config, timescale: number, media });
    fragment(rest, number);
}

fn init(track: &Track) {
    let mut out = Vec::new();
    match init_segment(std::slice::from_ref(track), &mut out) {
        Ok(()) => assert_eq!(find(&out, b"trak").len(), 1),
        Err(_) => assert!(out.is_empty()),
    }
}

/// Cuts `data` into samples of two tracks and looks where they are said to be.
fn fragment(data: &[u8], number: u32) {
    let video = Track { id: 1, codec: Codec::H264, config: Bytes::new(), timescale: 1000, media: Media::video(0, 0) };
    let audio = Track { id: 2, codec: Codec::Aac, media: Media::audio(0, 0), ..video.clone() };
    let (seen, heard) = data.split_at(data.len() / 2);
    let (seen, heard) = (samples(seen), samples(heard));
    let runs = [
        Run { track: &video, base_dts: u64::from(number) << 32 | 7, samples: &seen },
        Run { track: &audio, base_dts: 0, samples: &heard },
    ];
    let mut out = Vec::new();
    write_fragment(number, &runs, &mut out);
    let truns = find(&out, b"trun");
    let runs = runs.iter().filter(|run| !run.samples.is_empty());
    assert_eq!(truns.len(), runs.clone().count());
    for (trun, run) in truns.iter().zip(runs) {
        let offset = trun.get(8..).and_then(|tail| tail.first_chunk()).expect("a data offset");
        let payload: Vec<u8> = run.samples.iter().flat_map(|sample| sample.data).copied().collect();
        assert!(out.get(u32::from_be_bytes(*offset) as usize..).expect("an offset within").starts_with(&payload));
    }
}

/// Each sample has a byte that makes up its fields and a byte that says how long it is.
fn samples(mut data: &[u8]) -> Vec<Sample<'_>> {
    let mut samples = Vec::new();
    while let Some(([fields, len], rest)) = data.split_first_chunk() {
        let (payload, rest) = rest.split_at(usize::from(*len & 15).min(rest.len()));
        let cts = i32::from(*fields as i8 >> 2).wrapping_mul(0x0400_0000);
        samples.push(Sample { duration: u32::from(fields >> 4), cts, key: fields & 1 == 1, data: payload });
        data = rest;
    }
    samples
}

#[cfg(test)]
mod tests;
