use super::*;

/// A response cut into pieces of each length gives the same.
fn check(response: &str, expect: Result<Option<Response>, &str>) {
    let expect = expect.map_err(str::to_owned);
    for size in [1, 2, 7, 100, usize::MAX] {
        let mut exchange = Exchange::default();
        let mut found = Ok(None);
        for piece in response.as_bytes().chunks(size) {
            found = exchange.handle_input(piece);
            if !matches!(found, Ok(None)) {
                break;
            }
        }
        assert_eq!(found, expect, "pieces of {size}");
    }
}

fn response(status: u16, location: Option<&str>, body: &str) -> Response {
    Response { status, location: location.map(str::to_owned), body: body.to_owned() }
}

#[test]
fn responses_are_read_whole() {
    check(
        "HTTP/1.1 201 Created\r\nlocation: /rtc/v1/whip/?a=b\r\nContent-Length: 5\r\n\r\nv=0\r\n",
        Ok(Some(response(201, Some("/rtc/v1/whip/?a=b"), "v=0\r\n"))),
    );
    check("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Ok(Some(response(404, None, ""))));
    check("HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nv=0", Ok(None));
    check("HTTP/1.1 201 Created\r\n\r\n", Err("a response without a length"));
}

#[test]
fn requests_say_what_they_carry() {
    let text = request("POST", "a:1985", "/rtc/v1/whip/?app=live", "v=0\r\n");
    assert!(text.starts_with("POST /rtc/v1/whip/?app=live HTTP/1.1\r\nHost: a:1985\r\n"));
    assert!(text.contains("Content-Type: application/sdp\r\nContent-Length: 5\r\n"));
    assert!(text.ends_with("\r\n\r\nv=0\r\n"));
    assert!(!request("DELETE", "a", "/b", "").contains("Content-Type"));
}
