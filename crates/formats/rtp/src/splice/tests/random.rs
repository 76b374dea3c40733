//! Streams with random loss, order and changes, against what must hold for any.

use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

const SOURCES: u32 = 3;

/// What happens to one packet of every source, and which source is wished for.
#[derive(Clone, Debug)]
struct Step {
    lost: [bool; SOURCES as usize],
    /// Places by which a packet comes later.
    late: [u64; SOURCES as usize],
    wish: Option<u32>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let lost = proptest::array::uniform3(proptest::bool::weighted(0.1));
    let late = proptest::array::uniform3(prop_oneof![9 => Just(0_u64), 1 => 0_u64..12]);
    let wish = proptest::option::weighted(0.1, 0..SOURCES);
    let step = (lost, late, wish).prop_map(|(lost, late, wish)| Step { lost, late, wish });
    proptest::collection::vec(step, 1..300)
}

fn wishes() -> impl Strategy<Value = Vec<Option<u32>>> {
    proptest::collection::vec(proptest::option::weighted(0.1, 0..SOURCES), 1..300)
}

/// Pictures of four packets, each tenth a key frame that comes with its parameter sets or has them in a packet apart.
fn packet(source: u32, index: u64) -> Arrival<u32> {
    let (picture, part) = (index / 4, index % 4);
    let apart = source == 2;
    let peek = match (picture % 10, part) {
        (0, 0) => Peek::WHOLE,
        (0, 1) if apart => BARE_KEY,
        (_, 0) => INTER,
        _ => Peek::default(),
    };
    let timestamp = (source * 1_000_000_000).wrapping_add(picture as u32 * PICTURE);
    let at = Duration::from_micros(picture * 33_333 + u64::from(source) * 7000);
    Arrival { source, sequence: u64::from(source) * 70_000 + index, timestamp, at, peek, numbers: Numbers::default() }
}

/// The packets in the order in which they arrive, with the wishes between them.
fn arrivals(steps: &[Step]) -> Vec<(Option<u32>, Arrival<u32>)> {
    let mut arrivals: Vec<(u64, Option<u32>, Arrival<u32>)> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let index = index as u64;
        for source in 0..SOURCES {
            if !step.lost[source as usize] {
                let wish = step.wish.filter(|_| source == 0);
                arrivals.push((index + step.late[source as usize], wish, packet(source, index)));
            }
        }
    }
    arrivals.sort_by_key(|(when, ..)| *when);
    arrivals.into_iter().map(|(_, wish, arrival)| (wish, arrival)).collect()
}

/// What the player gets, in this order.
fn placed(splice: &mut Spliced, arrivals: &[(Option<u32>, Arrival<u32>)]) -> Vec<(Arrival<u32>, Placed)> {
    let mut placed = Vec::new();
    for (wish, arrival) in arrivals {
        if let Some(wish) = wish {
            splice.switch_to(*wish);
        }
        let mut next = Some(*arrival);
        while let Some(arrival) = next {
            placed.extend(splice.place(&arrival, &arrival).map(|place| (arrival, place)));
            next = splice.take_kept();
        }
    }
    placed
}

fn check(arrivals: &[(Option<u32>, Arrival<u32>)]) {
    let mut splice = Splice::new(RATE, 65_530, u32::MAX - 10_000);
    splice.switch_to(0);
    let mut taken: HashMap<u64, (u32, u64)> = HashMap::new();
    let (mut source, mut offset, mut highest, mut newest) = (None, 0, 65_529, None);
    let mut key = 0;
    for (arrival, placed) in placed(&mut splice, arrivals) {
        let before = taken.insert(placed.sequence, (arrival.source, arrival.sequence));
        assert!(before.is_none(), "number {} twice: {before:?} {arrival:?}", placed.sequence);
        if source != Some(arrival.source) {
            assert!(arrival.peek.key, "{arrival:?}");
            let open = placed.sequence - highest - 1;
            assert!(open == 0 || open <= MAX_ROOM && !arrival.peek.config, "{open} open at {arrival:?}");
            let step = newest.map(|newest| placed.timestamp.wrapping_sub(newest));
            assert!(step.is_none_or(|step| (RATE / ASSUMED_RATE..RATE).contains(&step)), "{step:?} at {arrival:?}");
            (source, offset, key) =
                (Some(arrival.source), placed.sequence.wrapping_sub(arrival.sequence), arrival.sequence);
        }
        assert_eq!(source, Some(arrival.source));
        assert_eq!(placed.sequence, arrival.sequence.wrapping_add(offset), "gaps are those of the source: {arrival:?}");
        assert!(arrival.sequence + MAX_ROOM >= key);
        highest = highest.max(placed.sequence);
        if newest.is_none_or(|newest| (placed.timestamp.wrapping_sub(newest) as i32) > 0) {
            newest = Some(placed.timestamp);
        }
    }
}

proptest! {
    // Each case is hundreds of packets.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn numbers_are_unique_and_gaps_true(steps in steps()) {
        check(&arrivals(&steps));
    }

    #[test]
    fn nothing_is_missing_where_nothing_gets_lost(wishes in wishes()) {
        let step = |wish| Step { lost: [false; 3], late: [0; 3], wish };
        let arrivals = arrivals(&wishes.into_iter().map(step).collect::<Vec<_>>());
        check(&arrivals);
        let mut splice = Splice::new(RATE, 0, 0);
        splice.switch_to(0);
        let sequences = placed(&mut splice, &arrivals).into_iter().map(|(_, placed)| placed.sequence);
        for (expect, sequence) in sequences.enumerate() {
            prop_assert_eq!(sequence, expect as u64);
        }
    }
}
