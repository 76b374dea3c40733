use weir_conf::Config;

use super::ports;

/// What the heartbeat says of WebRTC.
#[track_caller]
fn check(text: &str, expect: &[&str]) {
    let config = Config::from_text(&format!("listen 1935; {text}")).expect("a configuration").config;
    assert_eq!(ports(&config).rtc, expect, "{text}");
}

#[test]
fn webrtc_is_announced_where_it_is_on() {
    check("rtc_server { enabled on; }", &["udp://0.0.0.0:8000"]);
    check(
        "rtc_server { enabled on; listen 9000; tcp { enabled on; listen 9001; } }",
        &["udp://0.0.0.0:9000", "tcp://0.0.0.0:9001"],
    );
    check("rtc_server { enabled off; tcp { enabled on; } }", &[]);
    check("", &[]);
}
