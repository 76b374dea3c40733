use super::*;

#[test]
fn ports_and_folder_are_filled_in() {
    let mut ports = BTreeMap::new();
    let conf = "listen {rtmp} {rtmp};\nhttp_api { listen {api}; }\ndir {dir}/html; vhost a {}";
    let text = fill(conf, Path::new("/d"), &mut ports);
    let (rtmp, api) = (ports["rtmp"], ports["api"]);
    assert_eq!(text, format!("listen {rtmp} {rtmp};\nhttp_api {{ listen {api}; }}\ndir /d/html; vhost a {{}}"));
    assert_ne!(rtmp, api);
}

#[test]
fn listeners_show_in_the_table_of_the_kernel() {
    let port = ports::free();
    assert!(!ports::is_listening(port));
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    assert!(ports::is_listening(port));
    drop(listener);
}
