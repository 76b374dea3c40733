//! Payloads put together, cut, and put together again.

use crate::jitter::{DEFAULT_WAIT, JitterBuffer, Ordered};
use crate::payload::{AccessUnit, DEFAULT_MAX_PAYLOAD, Depacketizer, Options, Packetizer, Piece};
use std::time::Duration;
use weir_base::ByteReader;
use weir_codec::{Codec, av1, avc, hevc, nal};

/// A payload of each codec is at most this long here: the first bytes decide.
const LENGTHS: [usize; 4] = [4, 16, 64, 300];

/// Packets of one track: a byte with what its header says, a byte for its length, the payload.
fn packets(data: &[u8]) -> Vec<Piece<'_>> {
    let mut r = ByteReader::new(data);
    let (mut sequence, mut timestamp) = (0_u64, 0_u32);
    let mut pieces = Vec::new();
    while let (Ok(flags), Ok(len)) = (r.u8(), r.u8()) {
        let most = LENGTHS.get(usize::from(flags & 3)).copied().unwrap_or_default();
        let payload = r.take(most.min(len.into()).min(r.left())).unwrap_or_default();
        // A loss, a new picture, a jump back.
        sequence += if flags & 0x0c == 0x0c { 3 } else { 1 };
        timestamp = timestamp.wrapping_add(if flags & 0x10 != 0 { 3600 } else { 0 });
        if flags & 0xe0 == 0xe0 {
            sequence = sequence.saturating_sub(5000);
        }
        let (marker, captured) = (flags & 0x20 != 0, Duration::from_millis(pieces.len() as u64));
        pieces.push(Piece { sequence, timestamp, marker, captured, payload });
    }
    pieces
}

fn check(codec: Codec, data: &[u8]) {
    let mut depacketizer = Depacketizer::new(codec).expect("a codec with a payload format");
    let mut record = None;
    for piece in packets(data) {
        for unit in depacketizer.push(&piece) {
            assert!(!unit.data.is_empty(), "{unit:?}");
            record = unit.config.clone().or(record);
            let record = record.as_deref().expect("a track starts with a record");
            is_well_formed(codec, record, &unit.data);
            if unit.key {
                comes_back(codec, record, &unit, data.len());
            }
        }
    }
    let _ = (depacketizer.lost(), depacketizer.take_fault());
}

fn is_well_formed(codec: Codec, record: &[u8], data: &[u8]) {
    match codec {
        Codec::H264 | Codec::H265 => {
            let units: Result<Vec<&[u8]>, _> = nal::length_prefixed(data, 4).collect();
            assert!(units.is_ok_and(|units| units.iter().all(|unit| !unit.is_empty())));
            let is_complete = match codec {
                Codec::H264 => avc::DecoderConfig::parse(record).and_then(|it| it.complete()).is_ok(),
                _ => hevc::DecoderConfig::parse(record).and_then(|it| it.complete()).is_ok(),
            };
            assert!(is_complete, "{record:02x?}");
        }
        Codec::Av1 => {
            assert!(av1::obus(data).all(|obu| obu.is_ok_and(|obu| obu.kind != av1::OBU_TEMPORAL_DELIMITER)));
            av1::DecoderConfig::parse(record).expect("a record").info();
        }
        _ => {}
    }
}

/// A key frame, cut and put together again, is the same.
fn comes_back(codec: Codec, record: &[u8], unit: &AccessUnit, seed: usize) {
    let max_payload = [64, 100, 333, DEFAULT_MAX_PAYLOAD].get(seed & 3).copied().unwrap_or_default();
    let options = Options { max_payload, merge_units: seed & 4 == 0, keep_sei: true };
    let mut packetizer = Packetizer::new(codec, options).expect("a codec with a payload format");
    packetizer.configure(record).expect("a good record");
    let mut payloads = Vec::new();
    packetizer.packetize(&unit.data, true, &mut |payload| payloads.push(payload)).expect("a good unit");
    let mut depacketizer = Depacketizer::new(codec).expect("the same codec");
    let mut again = Vec::new();
    for (sequence, payload) in payloads.iter().enumerate() {
        assert!(payload.bytes.len() <= max_payload && payload.marker == (sequence + 1 == payloads.len()));
        let (sequence, timestamp, captured) = (sequence as u64, unit.timestamp, unit.captured);
        let piece = Piece { sequence, timestamp, marker: payload.marker, captured, payload: &payload.bytes };
        again.extend(depacketizer.push(&piece));
    }
    assert_eq!(depacketizer.take_fault(), None);
    // A sequence header of AV1 that cannot be read stands in the picture, and the record has one from before.
    if codec == Codec::Av1 && again.is_empty() {
        return;
    }
    assert_eq!(again.len(), 1);
    assert!(again.iter().all(|it| it.data == unit.data && it.key), "{unit:02x?} {again:02x?}");
}

/// Packets of H.264.
pub fn h264(data: &[u8]) {
    check(Codec::H264, data);
}

/// Packets of H.265.
pub fn h265(data: &[u8]) {
    check(Codec::H265, data);
}

/// Packets of AV1.
pub fn av1(data: &[u8]) {
    check(Codec::Av1, data);
}

/// Packets of VP8.
pub fn vp8(data: &[u8]) {
    check(Codec::Vp8, data);
}

/// Packets of VP9.
pub fn vp9(data: &[u8]) {
    check(Codec::Vp9, data);
}

/// Packets in any order: three bytes each, number and milliseconds since the one before.
pub fn jitter(data: &[u8]) {
    let mut buffer = JitterBuffer::new(DEFAULT_WAIT);
    let (mut now, mut held, mut last) = (Duration::ZERO, 0_u64, None);
    for [a, b, ms] in data.as_chunks::<3>().0 {
        now += Duration::from_millis((*ms).into());
        let sequence = u64::from(u16::from_be_bytes([*a, *b]));
        buffer.push(sequence, 1000, sequence, now);
        held += 1;
        while let Some(out) = buffer.poll(now) {
            match out {
                Ordered::Gap(0) => last = None,
                Ordered::Gap(lost) => last = last.map(|last| last + lost),
                Ordered::Packet(sequence) => {
                    assert!(last.is_none_or(|last| sequence == last + 1), "{last:?} {sequence}");
                    last = Some(sequence);
                    held -= 1;
                }
            }
        }
        assert!(buffer.dropped() <= held);
        assert!(buffer.deadline().is_none_or(|due| due > now));
    }
}
