use super::*;

fn check(text: &str, expect: Result<(Option<&str>, u16), BadEndpoint>) {
    let expect = expect.map(|(ip, port)| Endpoint { ip: ip.map(|ip| ip.parse().unwrap()), port });
    assert_eq!(Endpoint::read(text), expect, "{text}");
}

// row: config.md §1 listen values
#[test]
fn forms() {
    check("1935", Ok((None, 1935)));
    check("127.0.0.1:1935", Ok((Some("127.0.0.1"), 1935)));
    check("[::1]:80", Ok((Some("::1"), 80)));
    check("0", Err(BadEndpoint::Port));
    check("-1", Err(BadEndpoint::Port));
    check("65536", Err(BadEndpoint::Port));
    check("abc", Err(BadEndpoint::Port));
    check("127.0.0.1:", Err(BadEndpoint::Port));
    check("localhost:1935", Err(BadEndpoint::Ip));
    check("300.0.0.1:1935", Err(BadEndpoint::Ip));
    check("::1:80", Err(BadEndpoint::Ip));
    check(":80", Err(BadEndpoint::Ip));
}
