use super::*;

#[track_caller]
fn check(fields: &str, expect: bool) {
    let mut reader = HeadReader::default();
    reader.buffer().extend_from_slice(format!("GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n").as_bytes());
    let head = reader.poll().expect("a head").expect("all of it");
    assert_eq!(is(&head), expect, "{fields}");
}

#[test]
fn what_a_connection_is_asked_for_may_stand_in_several_fields() {
    check("", true);
    check("Connection: Keep-Alive\r\n", true);
    check("Connection: keep-alive\r\nConnection: keep-alive\r\n", true);
    check("Connection: close\r\n", false);
    check("Connection: keep-alive, close\r\n", false);
    check("Connection: keep-alive\r\nConnection: close\r\n", false);
}
