use super::Query;

fn check(text: &str, expect: &[(&str, &str)]) {
    let query = Query::parse(text);
    let pairs: Vec<(&str, &str)> = query.pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(pairs, expect, "{text}");
}

// row: http-api.md §2 Query parsing
#[test]
fn pieces_are_paired_in_their_order() {
    check("", &[]);
    check("a=1&b=2", &[("a", "1"), ("b", "2")]);
    check("a=1&&b=2;c=3,d=4", &[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]);
    check("flag&b=1", &[("flag", "b"), ("1", "")]);
    check("token=YQ==&b=1", &[("token", "YQ"), ("", ""), ("b", "1")]);
    check("a=%20x", &[("a", "%20x")]);
    check("a=", &[("a", "")]);
    check("a=&b=2", &[("a", ""), ("b", "2")]);
    check("名=值", &[("名", "值")]);
}

#[test]
fn the_last_of_two_keys_wins() {
    let query = Query::parse("a=1&a=2");
    assert_eq!(query.get("a"), Some("2"));
    assert_eq!(query.get("b"), None);
}
