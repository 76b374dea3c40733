use super::{in_query, same};

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
fn tokens_are_the_same_or_not() {
    assert!(same("abc", "abc") && same("", ""));
    assert!(!same("abc", "abd") && !same("abc", "abcd") && !same("", "a"));
}
