use super::{Call, without_secrets};

#[track_caller]
fn check(url: &str, expect: &str) {
    assert_eq!(without_secrets(url), expect);
}

#[test]
fn a_url_in_a_log_keeps_no_secret() {
    check("http://10.0.0.5:8085/api/v1/streams", "http://10.0.0.5:8085/api/v1/streams");
    check("https://user:pa@ss@hooks.example/a/b?token=x#y", "https://hooks.example/a/b");
    check("http://hooks.example?token=x", "http://hooks.example");
    check("http://hooks.example/a@b", "http://hooks.example/a@b");
    check("what is this?token=x", "what is this");
}

#[test]
fn only_http_is_called() {
    for url in ["ftp://a/b", "file:///etc/passwd", "a/b", "http://", ""] {
        assert!(Call::get(url).is_err(), "{url}");
    }
    assert_eq!(Call::get("https://a/").expect("a URL").line().host, "a:443");
    assert_eq!(Call::get("http://[::1]:81/").expect("a URL").line().host, "[::1]:81");
}
