use super::*;
use crate::video::{self, tests::packets};
use weir_codec::Codec;

mod random;

const RATE: u32 = 90_000;
/// Ticks of a picture at 30 a second, and its time.
const PICTURE: u32 = 3000;
const INTER: Peek = Peek { starts_frame: true, key: false, config: false };
/// A key frame whose parameter sets are elsewhere.
const BARE_KEY: Peek = Peek { config: false, ..Peek::WHOLE };

/// A packet at the time that its timestamp says, the sources' clocks being an hour apart.
fn arrival(source: u32, sequence: u64, timestamp: u32, peek: Peek) -> Arrival<u32> {
    let at = Duration::from_nanos(u64::from(timestamp - source * 1_000_000) * 1_000_000_000 / u64::from(RATE));
    Arrival { source, sequence, timestamp, at, peek, numbers: Numbers::default() }
}

/// Packets are their arrivals.
type Spliced = Splice<u32, Arrival<u32>>;

fn place(splice: &mut Spliced, arrival: Arrival<u32>) -> Option<(u64, u32)> {
    splice.place(&arrival, &arrival).map(|it| (it.sequence, it.timestamp))
}

/// The places of what was kept.
fn place_kept(splice: &mut Spliced) -> Vec<(u64, u32)> {
    std::iter::from_fn(|| splice.take_kept().map(|kept| place(splice, kept).expect("a place"))).collect()
}

/// A stream that starts with number 100 and timestamp 5000, and has had three packets of source 1.
fn started() -> Spliced {
    let mut splice = Splice::new(RATE, 100, 5000);
    splice.switch_to(1);
    assert_eq!(place(&mut splice, arrival(1, 7, 1_000_000, Peek::WHOLE)), Some((100, 5000)));
    assert_eq!(place(&mut splice, arrival(1, 8, 1_003_000, INTER)), Some((101, 8000)));
    assert_eq!(place(&mut splice, arrival(1, 9, 1_006_000, INTER)), Some((102, 11_000)));
    splice
}

#[test]
fn nothing_before_the_key_frame_of_a_chosen_source() {
    let mut splice = Splice::new(RATE, 100, 5000);
    assert_eq!(place(&mut splice, arrival(1, 7, 1_000_000, Peek::WHOLE)), None);
    splice.switch_to(1);
    assert_eq!(place(&mut splice, arrival(1, 8, 1_003_000, INTER)), None);
    assert_eq!((splice.current(), splice.pending()), (None, Some(1)));
    assert_eq!(place(&mut splice, arrival(1, 9, 1_006_000, Peek::WHOLE)), Some((100, 5000)));
    assert_eq!((splice.current(), splice.pending()), (Some(1), None));
    assert_eq!(place(&mut splice, arrival(2, 10, 2_006_000, Peek::WHOLE)), None);
}

#[test]
fn loss_keeps_its_gap_and_reordered_packets_fill_it() {
    let mut splice = started();
    assert_eq!(place(&mut splice, arrival(1, 14, 1_015_000, INTER)), Some((107, 20_000)));
    assert_eq!(place(&mut splice, arrival(1, 11, 1_009_000, INTER)), Some((104, 14_000)));
    assert_eq!(place(&mut splice, arrival(1, 11, 1_009_000, INTER)), Some((104, 14_000)));
    assert_eq!(place(&mut splice, arrival(1, 6, 997_000 + 3000, INTER)), None);
}

#[test]
fn a_change_goes_on_without_a_gap() {
    let mut splice = started();
    splice.switch_to(2);
    // The source of now goes on until the key frame, and is nothing afterwards.
    assert_eq!(place(&mut splice, arrival(2, 50_000, 2_006_000, INTER)), None);
    assert_eq!(place(&mut splice, arrival(1, 10, 1_009_000, INTER)), Some((103, 14_000)));
    assert_eq!(place(&mut splice, arrival(2, 50_001, 2_012_000, Peek::WHOLE)), Some((104, 17_000)));
    assert_eq!(place(&mut splice, arrival(1, 11, 1_012_000, INTER)), None);
    // What the new source lost is missed; what it sent before the key frame is not.
    assert_eq!(place(&mut splice, arrival(2, 50_003, 2_018_000, INTER)), Some((106, 23_000)));
    assert_eq!(place(&mut splice, arrival(2, 50_002, 2_015_000, INTER)), Some((105, 20_000)));
    assert_eq!(place(&mut splice, arrival(2, 49_999, 2_006_000, INTER)), None);
    // And back again: its numbers of before mean nothing.
    splice.switch_to(1);
    assert_eq!(place(&mut splice, arrival(1, 12, 1_021_000, Peek::WHOLE)), Some((107, 26_000)));
    assert_eq!(place(&mut splice, arrival(1, 11, 1_012_000, INTER)), None);
}

#[test]
fn a_wish_can_be_taken_back() {
    let mut splice = started();
    splice.switch_to(2);
    splice.switch_to(1);
    assert_eq!(splice.pending(), None);
    assert_eq!(place(&mut splice, arrival(2, 50_000, 2_009_000, Peek::WHOLE)), None);
    assert_eq!(place(&mut splice, arrival(1, 10, 1_009_000, INTER)), Some((103, 14_000)));
}

#[test]
fn room_for_parameter_sets_that_are_late() {
    let mut splice = started();
    splice.switch_to(2);
    assert_eq!(place(&mut splice, arrival(2, 40, 2_006_000, INTER)), None);
    // Numbers 41 and 42 are missing; one was of the picture before.
    assert_eq!(place(&mut splice, arrival(2, 43, 2_009_000, BARE_KEY)), Some((105, 14_000)));
    assert_eq!(place(&mut splice, arrival(2, 41, 2_006_000, INTER)), None);
    assert_eq!(place(&mut splice, arrival(2, 42, 2_009_000, Peek::WHOLE)), Some((104, 14_000)));
    assert_eq!(place(&mut splice, arrival(2, 44, 2_012_000, INTER)), Some((106, 17_000)));
}

#[test]
fn no_room_where_nothing_can_be_missing() {
    let check = |seen: Option<u64>, peek, expect| {
        let mut splice = started();
        splice.switch_to(2);
        if let Some(seen) = seen {
            assert_eq!(place(&mut splice, arrival(2, seen, 2_006_000, INTER)), None);
        }
        assert_eq!(place(&mut splice, arrival(2, 43, 2_009_000, peek)), Some((expect, 14_000)));
    };
    check(None, BARE_KEY, 103);
    check(Some(42), BARE_KEY, 103);
    check(Some(41), Peek::WHOLE, 103);
    check(Some(41), BARE_KEY, 104);
    check(Some(3), BARE_KEY, 111);
}

#[test]
fn no_change_at_a_key_frame_that_has_holes() {
    let mut splice = started();
    splice.switch_to(2);
    for overtakes in 44..=44 + MAX_KEPT as u64 {
        assert_eq!(place(&mut splice, arrival(2, overtakes, 2_009_000, Peek::default())), None);
    }
    assert_eq!(place(&mut splice, arrival(2, 43, 2_009_000, Peek::WHOLE)), None);
    assert_eq!((splice.current(), splice.pending(), splice.take_kept().is_none()), (Some(1), Some(2), true));
    assert_eq!(place(&mut splice, arrival(2, 160, 2_012_000, Peek::WHOLE)), Some((103, 17_000)));
    assert_eq!(place_kept(&mut splice), []);
    // A source that counts anew is not late.
    splice.switch_to(3);
    assert_eq!(place(&mut splice, arrival(3, 9000, 3_012_000, INTER)), None);
    assert_eq!(place(&mut splice, arrival(3, 5, 3_015_000, Peek::WHOLE)), Some((104, 20_000)));
    assert_eq!(place_kept(&mut splice), []);
}

#[test]
fn what_overtook_a_key_frame_comes_behind_it() {
    let mut splice = started();
    splice.switch_to(2);
    let arrives = [(40, 2_006_000), (46, 2_012_000), (44, 2_009_000), (45, 2_009_000)];
    for (sequence, timestamp) in arrives {
        assert_eq!(place(&mut splice, arrival(2, sequence, timestamp, Peek::default())), None);
    }
    assert!(splice.take_kept().is_none(), "nothing before the change");
    // Its parameter sets are later still: what came tells how many packets are missing.
    assert_eq!(place(&mut splice, arrival(2, 43, 2_009_000, BARE_KEY)), Some((105, 14_000)));
    assert_eq!(place_kept(&mut splice), [(106, 14_000), (107, 14_000), (108, 17_000)]);
    assert_eq!(place(&mut splice, arrival(2, 41, 2_009_000, Peek::WHOLE)), Some((103, 14_000)));
    assert_eq!(place(&mut splice, arrival(2, 47, 2_015_000, INTER)), Some((109, 20_000)));
    // A wish that is taken back keeps nothing.
    splice.switch_to(3);
    assert_eq!(place(&mut splice, arrival(3, 8, 3_012_000, INTER)), None);
    splice.switch_to(2);
    assert!(splice.take_kept().is_none());
}

/// Timestamps at changes to captures at these milliseconds, the first picture being at 1000 ms and timestamp 0 and the
/// second a thirtieth of a second later.
#[track_caller]
fn check_changes(captures: &[u64], expect: &[u32]) {
    let mut splice = Splice::new(RATE, 0, 0);
    splice.switch_to(0);
    let mut sequence = 9;
    let mut change = |source: u32, at, timestamp| {
        splice.switch_to(source);
        sequence += 1;
        let numbers = Numbers::default();
        let arrival = Arrival { source, sequence, timestamp, at, peek: Peek::WHOLE, numbers };
        splice.place(&arrival, &()).unwrap().timestamp
    };
    let second = Duration::from_secs(1);
    change(0, second, 77);
    change(0, second + Duration::from_nanos(33_333_334), 77 + PICTURE);
    let found: Vec<u32> =
        captures.iter().enumerate().map(|(i, at)| change(i as u32 + 1, Duration::from_millis(*at), 5)).collect();
    assert_eq!(found, expect);
}

#[test]
fn timestamps_go_on_by_the_time_between_captures() {
    check_changes(&[1500], &[45_000]);
    // By a picture at least, even when captures go back; and what this was too much is taken off later.
    check_changes(&[1034], &[6000]);
    check_changes(&[900], &[6000]);
    check_changes(&[1034, 1035, 1036, 2000], &[6000, 9000, 12_000, 90_000]);
    // A clock that was set back by hours costs a second of it at most.
    check_changes(&[5_000_000, 0, 1000, 3000], &[449_910_000, 449_913_000, 449_916_000, 450_093_000]);
    // Never so far that it looks like going back.
    check_changes(&[90_000_000_000], &[3000 + i32::MAX as u32]);
}

#[test]
fn numbers_of_pictures_go_on() {
    let mut splice = Splice::new(RATE, 0, 0);
    let mut next = 0;
    let mut check = |source: u32, payload: &[u8], expect: &[u8]| {
        splice.switch_to(source);
        next += 1;
        let (numbers, peek) = (video::numbers(Codec::Vp8, payload), video::peek(Codec::Vp8, payload));
        let arrival = Arrival { numbers, ..arrival(source, next, 1_000_000 * source, peek) };
        let placed = splice.place(&arrival, &()).unwrap();
        let mut out = payload.to_vec();
        placed.numbers.write_into(&mut out);
        assert_eq!(out, expect, "{source} {payload:02x?}");
    };
    // Descriptor: PictureID of 15 bits, TL0PICIDX, TID with KEYIDX in its lowest five bits.
    check(1, &[0x90, 0xf0, 0xff, 0xfe, 0xff, 0x1f, 0x30], &[0x90, 0xf0, 0xff, 0xfe, 0xff, 0x1f, 0x30]);
    check(1, &[0x90, 0xf0, 0xff, 0xff, 0xff, 0x5f, 0x31], &[0x90, 0xf0, 0xff, 0xff, 0xff, 0x5f, 0x31]);
    // A key frame of another source; every count wraps, and the temporal layer stays.
    check(2, &[0x90, 0xf0, 0x81, 0x00, 0x10, 0x27, 0x30], &[0x90, 0xf0, 0x80, 0x00, 0x00, 0x20, 0x30]);
    check(2, &[0x80, 0xf0, 0x81, 0x00, 0x10, 0x27, 0x30], &[0x80, 0xf0, 0x80, 0x00, 0x00, 0x20, 0x30]);
    // A picture that was lost, then a packet of the one before it.
    check(2, &[0x90, 0xf0, 0x81, 0x03, 0x12, 0x27, 0x31], &[0x90, 0xf0, 0x80, 0x03, 0x02, 0x20, 0x31]);
    check(2, &[0x90, 0xf0, 0x81, 0x01, 0x11, 0x27, 0x31], &[0x90, 0xf0, 0x80, 0x01, 0x01, 0x20, 0x31]);
    check(2, &[0x90, 0xf0, 0x81, 0x04, 0x12, 0x27, 0x31], &[0x90, 0xf0, 0x80, 0x04, 0x02, 0x20, 0x31]);
    // A source with 7 bits and nothing else, over its wrap.
    check(3, &[0x90, 0x80, 0x7f, 0x30], &[0x90, 0x80, 0x05, 0x30]);
    check(3, &[0x90, 0x80, 0x00, 0x31], &[0x90, 0x80, 0x06, 0x31]);
    // One without any, and one with all again.
    check(4, &[0x10, 0x30], &[0x10, 0x30]);
    check(5, &[0x90, 0xf0, 0x81, 0x00, 0x10, 0x07, 0x30], &[0x90, 0xf0, 0x80, 0x07, 0x03, 0x01, 0x30]);
}

#[test]
fn two_recordings_become_one() {
    let recordings: [&[u8]; 2] =
        [include_bytes!("../../testdata/gstreamer-vp8.rtp"), include_bytes!("../../testdata/ffmpeg-libvpx-vp8.rtp")];
    let mut splice = Splice::new(RATE, 65_000, u32::MAX);
    let mut ids = Vec::new();
    let mut sequence = 65_000;
    for turn in 0..6 {
        let source = turn % recordings.len();
        splice.switch_to(source);
        for (number, (timestamp, payload)) in packets(recordings[source]).into_iter().enumerate() {
            let (peek, numbers) = (video::peek(Codec::Vp8, payload), video::numbers(Codec::Vp8, payload));
            let at = Duration::from_secs(turn as u64 * 2);
            let number = (turn * 1000 + number) as u64;
            let arrival = Arrival { source, sequence: number, timestamp, at, peek, numbers };
            let placed = splice.place(&arrival, &()).unwrap();
            assert_eq!(placed.sequence, sequence);
            sequence += 1;
            let mut out = payload.to_vec();
            placed.numbers.write_into(&mut out);
            assert_eq!(video::numbers(Codec::Vp8, &out), placed.numbers);
            assert_eq!(video::peek(Codec::Vp8, &out), peek);
            ids.push((placed.timestamp, placed.numbers.picture_id()));
        }
        // The next turn is another publisher.
        let idle = recordings.len() + turn;
        splice.switch_to(idle);
        let numbers = Numbers::default();
        let at = Duration::from_secs(turn as u64 * 2 + 2);
        let arrival = Arrival { source: idle, sequence: 0, timestamp: 0, at, peek: Peek::WHOLE, numbers };
        splice.place(&arrival, &()).unwrap();
        sequence += 1;
    }
    ids.dedup();
    assert_eq!(ids.len(), 6 * 20);
    for pair in ids.windows(2) {
        let (before, after) = (pair[0].1.unwrap(), pair[1].1.unwrap());
        assert_eq!(after, (before + 1) & 0x7fff);
        assert!((pair[1].0.wrapping_sub(pair[0].0) as i32) > 0, "{pair:?}");
    }
}
