use super::*;

fn check(text: &str, expect: Wanted) {
    assert_eq!(parse(text, 100), expect, "{text}");
}

#[test]
fn ranges_are_read() {
    let part = |from, len| Wanted::Part { from, len };
    check("bytes=0-9", part(0, 10));
    check("bytes=90-", part(90, 10));
    check("bytes=-10", part(90, 10));
    check("bytes=-200", part(0, 100));
    check("bytes=90-200", part(90, 10));
    check("bytes=0-18446744073709551615", part(0, 100));
    check("bytes=99-99", part(99, 1));
}

#[test]
fn what_is_not_there_is_nothing() {
    check("bytes=100-", Wanted::Nothing);
    check("bytes=100-200", Wanted::Nothing);
    check("bytes=-0", Wanted::Nothing);
    assert_eq!(parse("bytes=0-", 0), Wanted::Nothing);
}

#[test]
fn what_is_not_understood_is_the_whole() {
    for text in [
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=a-b",
        "bytes=0-1,5-6",
        "items=0-1",
        "bytes=+1-2",
        "bytes=99999999999999999999-",
    ] {
        check(text, Wanted::Whole);
    }
}
