use super::{Endpoint, bind};

fn check(text: &str, expect: Option<(&str, bool)>) {
    let got = Endpoint::parse(text).map(|endpoint| (endpoint.addr.to_string(), endpoint.any));
    assert_eq!(got, expect.map(|(addr, any)| (addr.to_owned(), any)), "{text}");
}

// row: config.md §1 listen values
#[test]
fn listen_values() {
    check("1935", Some(("0.0.0.0:1935", true)));
    check("127.0.0.1:1935", Some(("127.0.0.1:1935", false)));
    check("[::1]:1935", Some(("[::1]:1935", false)));
    check("*:8080", Some(("0.0.0.0:8080", true)));
    check("abc", None);
    check("1.2.3:80", None);
    check("127.0.0.1:65536", None);
}

// row: errors.md §3 1002
#[test]
fn a_taken_port_names_the_holder() {
    let first = bind(Endpoint::parse("127.0.0.1:0").expect("an endpoint"), "listen").expect("a free port");
    let port = first.local_addr().expect("bound").port();
    let taken = Endpoint::parse(&format!("127.0.0.1:{port}")).expect("an endpoint");
    let error = bind(taken, "http_api.listen").expect_err("the port is taken");
    let text = error.to_string();
    assert_eq!(error.code(), 1002);
    for part in [&format!("port {port}"), "http_api.listen", &format!("pid {}", std::process::id())] {
        assert!(text.contains(part), "{text} lacks {part}");
    }
}
