use super::Clock;

fn check(timestamps: &[u32], millis: &[i64]) {
    let mut clock = Clock::default();
    let got: Vec<i64> = timestamps.iter().map(|timestamp| clock.unwrap(*timestamp).millis()).collect();
    assert_eq!(got, millis, "{timestamps:?}");
}

#[test]
fn time_goes_on_when_32_bits_are_full() {
    check(&[0, 40, 20, 80], &[0, 40, 20, 80]);
    check(&[u32::MAX - 9, 30], &[u32::MAX as i64 - 9, u32::MAX as i64 + 31]);
    check(&[5, u32::MAX], &[5, -1]);
}
