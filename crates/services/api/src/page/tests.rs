use super::*;

fn check(query: &str, expect: std::ops::Range<usize>) {
    let shown: Vec<usize> = Page::parse(&Query::parse(query)).of((0..30).collect()).collect();
    assert_eq!(shown, expect.collect::<Vec<_>>(), "{query}");
}

// row: http-api.md §3 /api/v1/streams/
#[test]
fn a_page_is_never_shorter_than_ten() {
    check("", 0..10);
    check("count=3", 0..10);
    check("count=12", 0..12);
    check("count=-1", 0..10);
    check("count=", 0..10);
    check("count=many", 0..10);
    check("count=20x", 0..20);
    check("count=99999999999999999999999", 0..30);
}

// row: http-api.md §3 /api/v1/clients/
#[test]
fn a_page_starts_where_it_is_told() {
    check("start=5", 5..15);
    check("start=25&count=10", 25..30);
    check("start=-5", 0..10);
    check("start=30", 30..30);
    check("start=99999999999999999999999&count=99999999999999999999999", 30..30);
}
