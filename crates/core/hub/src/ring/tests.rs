use std::time::Instant;

use super::{SEGMENT_FRAMES, Writer};
use crate::fixture::frame;
use crate::frame::Frame;

fn times(position: &super::Position<Frame>) -> Vec<u32> {
    position.entries().map(|entry| entry.item.timestamp()).collect()
}

#[test]
fn a_position_follows_the_writer_over_segments() {
    let mut writer = Writer::new();
    let mut reader = writer.end().clone();
    let total = SEGMENT_FRAMES * 3 + 5;
    for at in 0..total {
        writer.append(frame(&format!("a{at}")), Instant::now());
    }
    assert_eq!(times(&reader), (0..total as u32).collect::<Vec<_>>());
    for step in [0, 1, SEGMENT_FRAMES - 1, SEGMENT_FRAMES, 7] {
        let before = reader.sequence();
        reader.advance(step);
        assert_eq!(reader.sequence(), before + step as u64);
        assert_eq!(times(&reader).first().copied(), Some(reader.sequence() as u32));
    }
    reader.advance(times(&reader).len());
    assert_eq!(times(&reader), Vec::<u32>::new());
    writer.append(frame("a9999"), Instant::now());
    assert_eq!(times(&reader), [9999], "a position at the end sees what comes next");
}

#[test]
fn offsets_count_the_bytes_before() {
    let mut writer = Writer::new();
    let reader = writer.end().clone();
    for _ in 0..40 {
        writer.append(frame("a0"), Instant::now());
    }
    let offsets: Vec<u64> = reader.entries().map(|entry| entry.offset).collect();
    assert_eq!(offsets, (0..40).map(|n| n * 3).collect::<Vec<u64>>());
    assert_eq!(writer.bytes(), 120);
}

#[test]
fn frames_are_freed_behind_the_slowest_position_and_a_long_chain_needs_no_stack() {
    let mut writer = Writer::new();
    let slow = writer.end().clone();
    let body = frame("a0");
    for _ in 0..SEGMENT_FRAMES * 50_000 {
        writer.append(body.clone(), Instant::now());
    }
    drop(slow);
    assert_eq!(times(writer.end()).len(), 0);
}
