use super::*;

#[test]
fn percentiles_are_values_that_occurred() {
    let check =
        |values: &[f64], percent, expect| assert_eq!(percentile(values, percent), expect, "{values:?} {percent}");
    check(&[], 50.0, None);
    check(&[7.0], 0.0, Some(7.0));
    check(&[7.0], 99.0, Some(7.0));
    check(&[1.0, 2.0, 3.0, 4.0], 50.0, Some(2.0));
    check(&[1.0, 2.0, 3.0, 4.0, 5.0], 50.0, Some(3.0));
    check(&[1.0, 2.0, 3.0, 4.0], 75.1, Some(4.0));
    let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
    check(&hundred, 90.0, Some(90.0));
    check(&hundred, 99.0, Some(99.0));
    check(&hundred, 100.0, Some(100.0));
}

#[test]
fn a_spread_sorts() {
    let spread = Spread::of([3.0, 1.0, 2.0]).unwrap();
    assert_eq!((spread.min, spread.median, spread.max), (1.0, 2.0, 3.0));
    assert_eq!(Spread::of([]), None);
}

#[test]
fn ratios_to_nothing_are_none() {
    assert_eq!(ratio(1.0, 4.0), Some(0.25));
    assert_eq!(ratio(1.0, 0.0), None);
    assert_eq!(ratio(f64::NAN, 1.0), None);
}

#[test]
fn units_are_decimal() {
    assert_eq!(bytes(999.0), "999 B");
    assert_eq!(bytes(1500.0), "1.50 KB");
    assert_eq!(bytes(750e6), "750 MB");
    assert_eq!(bit_rate(600e3), "600 kb/s");
    assert_eq!(millis(0.00125), "1.25 ms");
    assert_eq!(millis(0.160), "160 ms");
    assert_eq!(three_digits(0.0), "0");
    assert_eq!(three_digits(0.0123), "0.0123");
    assert_eq!(three_digits(1234.4), "1234");
}
