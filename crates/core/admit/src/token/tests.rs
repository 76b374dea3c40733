use super::{hidden, in_query, same};

#[test]
fn a_token_stands_in_the_parameters() {
    for (query, expect) in [
        ("token=abc", Some("abc")),
        ("vhost=a&key=abc&b=c", Some("abc")),
        ("key=first&token=second", Some("second")),
        ("token=&key=x", None),
        ("tokens=abc", None),
        ("", None),
    ] {
        assert_eq!(in_query(query), expect, "{query}");
    }
}

#[test]
fn a_url_is_shown_without_its_token() {
    for (url, expect) in [
        ("rtmp://h/live", "rtmp://h/live"),
        ("rtmp://h/live?key=K&vhost=v", "rtmp://h/live?key=...&vhost=v"),
        ("rtmp://h/live?a&token=T", "rtmp://h/live?a&token=..."),
    ] {
        assert_eq!(hidden(url), expect);
    }
}

#[test]
fn tokens_are_the_same_or_not() {
    assert!(same("abc", "abc") && same("", ""));
    assert!(!same("abc", "abd") && !same("abc", "abcd") && !same("", "a"));
}
