use std::time::Instant;

use weir_hub::{MAX_LAYERS, MAX_TRACKS};

use super::Rates;

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
