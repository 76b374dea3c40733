use std::time::{Duration, Instant};

use weir_hub::{MAX_LAYERS, MAX_TRACKS};

use super::{Choice, Patience, Rates};

/// With layers of 150, 500 and 1500 kbit/s, of which the first named is the largest.
fn check(current: Option<u8>, room_kbit: u64, layer: u8) {
    let mut bits = [[0; MAX_LAYERS]; MAX_TRACKS];
    bits[2] = [1_500_000, 150_000, 500_000, 0];
    let rates = Rates { bits, bytes: Default::default(), since: Instant::now() };
    assert_eq!(rates.choose(2, 3, current, room_kbit * 1000).layer, layer, "{current:?} {room_kbit}");
}

#[test]
fn the_largest_layer_that_fits_is_chosen() {
    check(None, 5000, 0);
    check(None, 1600, 2);
    check(None, 500, 1);
    check(None, 10, 1);
}

#[test]
fn the_current_layer_is_kept_while_it_nearly_fits() {
    check(Some(0), 1450, 0);
    check(Some(0), 1400, 2);
    check(Some(2), 1600, 2);
    check(Some(2), 1800, 0);
}

#[test]
fn without_rates_nothing_changes() {
    let rates = Rates { bits: Default::default(), bytes: Default::default(), since: Instant::now() };
    assert_eq!(rates.choose(0, 3, Some(2), 1_000_000).layer, 2);
    assert_eq!(rates.choose(0, 3, None, 1_000_000).layer, 0);
}

/// When a player of 500 kbit/s that is told so at each tenth of a second goes to 1500 or to 150: the tenths.
fn goes(rates: &[u64]) -> Vec<usize> {
    let (mut patience, mut rate, start) = (Patience::default(), 500, Instant::now());
    // The first choice is free.
    assert!(patience.allows(0, Choice { layer: 1, rate: 500, best: 1500 }, false, false, start));
    let mut went = Vec::new();
    for (tenth, &wish) in rates.iter().enumerate() {
        let choice = Choice { layer: 0, rate: wish, best: 1500 };
        if patience.allows(rate, choice, wish == rate, false, start + Duration::from_millis(100 * tenth as u64)) {
            rate = wish;
            went.push(tenth);
        }
    }
    went
}

#[test]
fn a_layer_is_changed_for_a_wish_that_lasts() {
    assert_eq!(goes(&[150; 20]), [6]);
    assert_eq!(goes(&[1500; 20]), [15]);
    assert_eq!(goes(&[150, 150, 150, 500, 150, 150, 150, 500]), [] as [usize; 0]);
    // Down for the room, then up, which did not last: it waits twice as long the next time.
    let wishes = [[1500; 20], [500; 20], [1500; 20], [1500; 20]].concat();
    assert_eq!(goes(&wishes), [15, 26, 70]);
}
