use super::{AttributeList, push_seconds, push_uri};
use std::time::Duration;

#[test]
fn seconds_are_rounded_to_the_nearest() {
    let check = |nanos: u64, decimals: u32, expect: &str| {
        let mut out = String::new();
        push_seconds(&mut out, Duration::from_nanos(nanos), decimals);
        assert_eq!(out, expect);
    };
    check(2_023_000_000, 3, "2.023");
    check(2_000_000_000, 3, "2.000");
    check(2_000_499_999, 3, "2.000");
    check(2_000_500_000, 3, "2.001");
    check(1_999_999_999, 5, "2.00000");
    check(333_333_333, 5, "0.33333");
    check(1_500_000_000, 0, "2");
    check(7, 9, "0.000000007");
    let mut out = String::new();
    push_seconds(&mut out, Duration::MAX, 3);
    assert_eq!(out, "18446744073709551616.000");
}

#[test]
fn no_value_breaks_a_list() {
    let mut out = String::new();
    AttributeList::new(&mut out, "#TAG")
        .plain("A", 1)
        .yes("B", false)
        .yes("C", true)
        .seconds("D", Duration::from_millis(1_500))
        .seconds("E", Duration::from_secs(20))
        .quoted("F", "say \"hi\",\r\nX=1")
        .uri("a b\"\n#c.ts?d=%20&e=ü\u{2028}")
        .end();
    let expect = "#TAG:A=1,C=YES,D=1.5,E=20,F=\"say 'hi',  X=1\",URI=\"a%20b%22%0A%23c.ts?d=%20&e=ü%E2%80%A8\"\n";
    assert_eq!(out, expect);
}

#[test]
fn ordinary_uris_stay_as_they_are() {
    let check = |uri: &str| {
        let mut out = String::new();
        push_uri(&mut out, uri);
        assert_eq!(out, uri);
    };
    check("cam1-0.ts?hls_ctx=7320p15t");
    check("https://host:8080/a/b,c;d=e/f~g.m4s?x=[1]&y='2'");
    check("直播/流-1.ts");
}
