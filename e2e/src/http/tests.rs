use super::*;

#[track_caller]
fn check(wire: &str, status: u16, body: &str, whole: bool) {
    let response = Response::parse(wire.as_bytes()).unwrap();
    assert_eq!((response.status, response.text().as_str()), (status, body), "{wire:?}");
    assert_eq!(is_whole(wire.as_bytes()), whole, "{wire:?}");
}

#[test]
fn answers() {
    check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", true);
    check("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", 200, "{}", false);
    check("HTTP/1.1 404 Not Found\r\nServer: x\r\n\r\ngone", 404, "gone", false);
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 200, "abcde", true);
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n9\r\nde", 200, "abcde", false);
    assert!(Response::parse(b"HTTP/1.1 200 OK\r\n").is_none());
}

#[test]
fn headers_keep_their_order_and_match_in_any_case() {
    let response = Response::parse(b"HTTP/1.1 200 OK\r\nB: 1\r\nA: 2\r\n\r\n").unwrap();
    assert_eq!(response.headers, [("B".to_owned(), "1".to_owned()), ("A".to_owned(), "2".to_owned())]);
    assert_eq!(response.header("a"), Some("2"));
}
