use super::*;

fn check_int(word: &str, value: i64, whole: bool) {
    assert_eq!(atoi(word), Number { value, whole }, "{word:?}");
}

fn check_float(word: &str, value: f64, whole: bool) {
    assert_eq!(atof(word), Number { value, whole }, "{word:?}");
}

// row: config.md §1 14
#[test]
fn integers() {
    check_int("1935", 1935, true);
    check_int("-1", -1, true);
    check_int("+8", 8, true);
    check_int("abc", 0, false);
    check_int("10s", 10, false);
    check_int("9.3", 9, false);
    check_int("", 0, false);
    check_int("-", 0, false);
    check_int(" 7", 7, true);
    check_int("99999999999999999999", i64::MAX, true);
    check_int("-99999999999999999999", -i64::MAX, true);
    check_int("é", 0, false);
}

#[test]
fn floats() {
    check_float("9.3", 9.3, true);
    check_float("-.5", -0.5, true);
    check_float("5.", 5.0, true);
    check_float("1e3", 1000.0, true);
    check_float("1e", 1.0, false);
    check_float("1.5s", 1.5, false);
    check_float(".", 0.0, false);
    check_float("inf", 0.0, false);
    check_float("1e999", 0.0, true);
    check_float("0x10", 0.0, false);
}

#[test]
fn spans() {
    assert_eq!(span(0.35, 1e6), Duration::from_millis(350));
    assert_eq!(span(2.1, 1e3), Duration::from_micros(2100));
    assert_eq!(span(-1.0, 1e6), Duration::ZERO);
    assert_eq!(span(f64::NAN, 1e6), Duration::ZERO);
    assert_eq!(span(1e300, 1e6), MAX_SPAN);
}
