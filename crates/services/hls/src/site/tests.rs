use super::*;

#[test]
fn a_query_goes_on_without_the_session() {
    let check = |query: &str, expect: &str| assert_eq!(without(query, CTX), expect, "{query}");
    check("", "");
    check("hls_ctx=1", "");
    check("hls_ctx=1&x=1", "x=1");
    check("x=1&hls_ctx=1&y", "x=1&y");
    check("x=hls_ctx=1&&hls_ctx", "x=hls_ctx=1");
    check("hls_ctxx=1", "hls_ctxx=1");
}
