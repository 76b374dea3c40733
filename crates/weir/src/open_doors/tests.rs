use super::of;
use weir_conf::Config;

/// Words of each sentence, in their order.
#[track_caller]
fn check(text: &str, expect: &[&str]) {
    let config = Config::from_text(&format!("listen 1935; {text}")).expect("a configuration").config;
    let found = of(&config);
    assert_eq!(found.len(), expect.len(), "{found:?}");
    for (found, words) in found.iter().zip(expect) {
        assert!(found.contains(words), "{found}");
    }
}

#[test]
fn each_open_door_is_named_once() {
    check("vhost a { } vhost b { } vhost c { } vhost d { } vhost e { }", &["publish on vhost a, b, c and 2 more"]);
    check("vhost a { security { enabled on; allow publish 10.0.0.0/8; } } vhost b { enabled off; }", &[]);
    check(
        "vhost a { tokens { enabled on; publish k; } } vhost b { tokens { enabled on; need play; play k; } }",
        &["vhost b"],
    );
    check("vhost a { http_hooks { enabled on; on_publish http://h/; } }", &[]);
    check("http_api { enabled on; }", &["the API on 1985"]);
    check("http_api { enabled on; listen 127.0.0.1:1985; } exporter { enabled on; }", &["where metrics are"]);
    check("http_api { enabled on; auth { token t; } raw_api { enabled on; allow_reload on; } }", &[]);
    check("http_api { enabled on; raw_api { enabled on; allow_reload on; } }", &["the API on 1985", "reloaded"]);
}
