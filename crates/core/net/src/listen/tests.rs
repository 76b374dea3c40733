use std::net::{Ipv4Addr, TcpListener};

use weir_conf::Endpoint;

use super::bind;

// row: errors.md §3 1002
#[test]
fn a_taken_port_names_the_holder() {
    let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = first.local_addr().expect("bound").port();
    let taken = Endpoint::parse(&format!("127.0.0.1:{port}")).expect("an endpoint");
    let error = bind(taken, "http_api.listen").expect_err("the port is taken");
    let text = error.to_string();
    assert_eq!(error.code(), 1002);
    for part in [&format!("port {port}"), "http_api.listen", &format!("pid {}", std::process::id())] {
        assert!(text.contains(part), "{text} lacks {part}");
    }
}
