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

/// What `security` says of who is in no network that it names.
#[test]
fn rules_that_let_everybody_in_shut_nothing() {
    for (rules, is_open) in [
        ("", false),
        ("allow publish all;", true),
        ("allow play all;", false),
        ("allow publish 0.0.0.0/0;", true),
        ("allow publish ::/0;", true),
        ("allow publish 10.0.0.0/8; allow publish fd00::/8;", false),
        ("deny publish all; allow publish all;", false),
        ("deny publish 10.0.0.0/8;", true),
        ("deny publish 10.0.0.0/8; allow publish all;", true),
        ("deny play all;", true),
        ("deny play all; allow publish 10.0.0.1;", false),
        ("deny publish 0.0.0.0/0;", true),
        ("deny publish 0.0.0.0/0; deny publish ::/0;", false),
        ("deny publish nobody;", true),
    ] {
        let expect: &[&str] = if is_open { &["publish on vhost a"] } else { &[] };
        check(&format!("vhost a {{ security {{ enabled on; {rules} }} }}"), expect);
    }
    check("vhost a { security { enabled off; allow publish 10.0.0.1; } }", &["publish on vhost a"]);
}

#[test]
fn every_port_is_looked_at() {
    let tls = "enabled on; key k; cert c; listen";
    let api = |http: &str, https: &str| format!("http_api {{ enabled on; listen {http}; https {{ {tls} {https}; }} }}");
    check(&api("127.0.0.1:1985", "1990"), &["the API on 1990 and end"]);
    check(&api("1985", "1990"), &["the API on 1985, 1990 and end"]);
    check(&api("[::1]:1985", "127.0.0.1:1990"), &[]);
    let shared = |http: &str, https: &str| {
        format!(
            "http_api {{ enabled on; listen {http}; }}
             http_server {{ enabled on; listen {http}; https {{ {tls} {https}; }} }}"
        )
    };
    check(&shared("127.0.0.1:8080", "8088"), &["the API on 8088 and end"]);
    check(&shared("8080", "127.0.0.1:8088"), &["the API on 8080 and end"]);
    check(&shared("127.0.0.1:8080", "127.0.0.1:8088"), &[]);
    check(&format!("http_server {{ enabled on; https {{ {tls} 8088; }} }}"), &[]);
    check("http_api { enabled on; auth { enabled on; username a; } }", &["the API on 1985"]);
}

/// Words of each sentence of a server that other machines cannot publish to.
#[test]
fn a_door_to_this_machine_is_not_open() {
    let near = "vhost a { } rtmps { enabled on; key k; cert c; listen";
    let found = |text: &str| {
        of(&Config::from_text(&format!("listen 127.0.0.1:1935 [::1]:1935; {text}")).expect("a configuration").config)
    };
    assert_eq!(found("vhost a { }"), Vec::<String>::new());
    assert_eq!(found(&format!("{near} 127.0.0.1:443; }}")), Vec::<String>::new());
    assert_eq!(found(&format!("{near} 443; }}")).len(), 1);
}

/// Where RTMP is for this machine, offers of WebRTC may still come from others.
#[test]
fn a_vhost_that_webrtc_publishes_to_is_a_door_too() {
    let found = |rtmp: &str, more: &str| {
        let text = format!("listen {rtmp}; vhost a {{ rtc {{ enabled on; }} }} vhost b {{ }} {more}");
        let config = Config::from_text(&text).expect("a configuration").config;
        of(&config).into_iter().filter(|door| door.contains("publish")).collect::<Vec<_>>()
    };
    let (near, rtc) = ("127.0.0.1:1935", "rtc_server { enabled on; }");
    for (rtmp, more, expect) in [
        (near, format!("{rtc} http_api {{ enabled on; auth {{ token t; }} }}"), "publish on vhost a ("),
        (near, format!("{rtc} http_server {{ enabled on; }}"), "publish on vhost a ("),
        ("1935", format!("{rtc} http_server {{ enabled on; }}"), "publish on vhost a, b ("),
        (near, format!("{rtc} http_api {{ enabled on; listen 127.0.0.1:1985; }}"), ""),
        (near, "http_api { enabled on; }".to_owned(), ""),
        (near, rtc.to_owned(), ""),
    ] {
        let doors = found(rtmp, &more);
        assert_eq!(doors.len(), usize::from(!expect.is_empty()), "{more}: {doors:?}");
        assert!(doors.iter().all(|door| door.contains(expect)), "{more}: {doors:?}");
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
