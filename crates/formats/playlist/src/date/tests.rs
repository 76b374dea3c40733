use super::{parse_date_time, push_date_time};
use proptest::prelude::*;

fn written(nanos: i64) -> String {
    let mut out = String::new();
    push_date_time(&mut out, nanos);
    out
}

#[test]
fn times_are_written() {
    let check = |nanos: i64, expect: &str| assert_eq!(written(nanos), expect);
    check(0, "1970-01-01T00:00:00.000Z");
    check(1_550_110_416_106_000_000, "2019-02-14T02:13:36.106Z");
    check(951_782_400_999_999_999, "2000-02-29T00:00:00.999Z");
    check(-1, "1969-12-31T23:59:59.999Z");
    check(i64::MAX, "2262-04-11T23:47:16.854Z");
    check(i64::MIN, "1677-09-21T00:12:43.145Z");
}

#[test]
fn times_are_read() {
    let check = |text: &str, expect: Option<i64>| assert_eq!(parse_date_time(text), expect, "{text}");
    check("1970-01-01T00:00:00Z", Some(0));
    check("1970-01-01T01:00:00.5+01:00", Some(500_000_000));
    check("1969-12-31t22:30:00.000000001-0130", Some(1));
    check("2016-12-31T23:59:60Z", Some(1_483_228_800_000_000_000));
    for broken in [
        "",
        "1970-01-01",
        "1970-01-01T00:00:00",
        "1970-01-01T00:00Z",
        "1970-13-01T00:00:00Z",
        "1970-02-30T00:00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00.1234567890Z",
        "70-01-01T00:00:00Z",
        "1970-01-01T00:00:00+1",
        "1970-01-01T00:00:00+25:00",
        "1970-01-01T00:00:00Zz",
        "9999-01-01T00:00:00Z",
        "1970-01-01-01T00:00:00Z",
        "+970-01-01T00:00:00Z",
        "1970-01-01T00:00:00é",
    ] {
        check(broken, None);
    }
}

proptest! {
    #[test]
    fn as_jiff_says(nanos in any::<i64>()) {
        let text = written(nanos);
        let millis = nanos.div_euclid(1_000_000);
        let timestamp: jiff::Timestamp = text.parse().expect("jiff reads what was written");
        prop_assert_eq!(timestamp.as_millisecond(), millis);
        prop_assert_eq!(parse_date_time(&text), millis.checked_mul(1_000_000));
    }
}
