use super::*;

/// Feeds the bytes in pieces of every length and returns what all agree on.
fn read(bytes: &[u8]) -> Result<Option<Head>, HeadError> {
    let read_by = |step: usize| {
        let mut reader = HeadReader::default();
        for piece in bytes.chunks(step) {
            reader.buffer().extend_from_slice(piece);
            match reader.poll() {
                Ok(None) => {}
                done => return done,
            }
        }
        Ok(None)
    };
    let whole = read_by(bytes.len().max(1));
    for step in [1, 2, 3, 7, 1460] {
        assert_eq!(read_by(step), whole, "in pieces of {step}");
    }
    whole
}

fn check(bytes: impl AsRef<[u8]>, expect: Result<&str, HeadError>) {
    let bytes = bytes.as_ref();
    let found = read(bytes).map(|head| head.map_or("incomplete".to_owned(), |head| head.uri.to_string()));
    let shown = String::from_utf8_lossy(bytes.get(..60.min(bytes.len())).unwrap_or_default()).into_owned();
    assert_eq!(found, expect.map(str::to_owned), "{shown}");
}

fn check_malformed(bytes: impl AsRef<[u8]>) {
    let found = read(bytes.as_ref());
    assert!(matches!(found, Err(HeadError::Malformed(_))), "{found:?}");
}

#[test]
fn heads_are_read() {
    check("GET /a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n", Ok("/a?b=1"));
    check("GET /a HTTP/1.0\n\n", Ok("/a"));
    check("\r\n\r\nGET /a HTTP/1.1\r\n\r\nrest", Ok("/a"));
    check("OPTIONS * HTTP/1.1\r\n\r\n", Ok("*"));
    check("GET http://h:8080/a HTTP/1.1\r\n\r\n", Ok("http://h:8080/a"));
    check("GET /a HTTP/1.1\r\nHost: x\r\n", Ok("incomplete"));
    check("", Ok("incomplete"));
}

#[test]
fn bad_heads_are_refused() {
    check_malformed(b"\x16\x03\x01\x02\x00");
    check_malformed(b"\x03\x00\x00\x00");
    check_malformed("GET /a\r\n\r\n");
    check_malformed("GET /a HTTP/3.7\r\n\r\n");
    check_malformed("GET /a b HTTP/1.1\r\n\r\n");
    check_malformed("GET /a HTTP/1.1\r\nno colon\r\n\r\n");
    check_malformed("GET /a HTTP/1.1\r\nX: a\0b\r\n\r\n");
    check_malformed("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}

#[test]
fn limits_hold() {
    let line = |len: usize| format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(len));
    assert!(read(line(8000).as_bytes()).is_ok_and(|head| head.is_some()));
    check(line(9000), Err(HeadError::LineTooLong));
    check("a".repeat(9000), Err(HeadError::LineTooLong));
    let fields = |count: usize| format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(count));
    check(fields(MAX_FIELDS), Ok("/"));
    check(fields(MAX_FIELDS + 1), Err(HeadError::TooManyFields));
    check(format!("GET / HTTP/1.1\r\nX: {}", "y".repeat(MAX_HEAD)), Err(HeadError::TooLarge));
}

#[test]
fn two_lengths_are_refused() {
    let post = |fields: &str| format!("POST / HTTP/1.1\r\n{fields}\r\n");
    check(post("Content-Length: 3\r\n"), Ok("/"));
    check(post("Content-Length: 3\r\nContent-Length: 3\r\n"), Err(HeadError::TwoLengths));
    check(post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), Err(HeadError::TwoLengths));
    check(post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), Err(HeadError::TwoLengths));
}
