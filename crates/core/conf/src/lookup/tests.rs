use std::time::Duration;

use crate::{Config, Loaded, Vhost};

fn load(text: &str) -> Loaded {
    Config::from_text(&format!("listen 1935; {text}")).unwrap_or_else(|report| panic!("{report}"))
}

fn vhost(text: &str) -> Vhost {
    Vhost::clone(&load(&format!("vhost v {{ {text} }}")).config.vhosts[0])
}

/// The one warning of `text`.
fn check_warning(text: &str, expect: &str) {
    let warnings = load(text).warnings;
    let seen: Vec<&str> = warnings.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(seen, [expect], "{text}");
}

/// The legend of config.md: b0 is on only for `on`, b1 is off only for `off`.
#[test]
fn booleans() {
    let play = |word: &str| {
        let play = vhost(&format!("play {{ atc {word}; gop_cache {word}; }}")).play;
        (play.atc, play.gop_cache)
    };
    assert_eq!(play("on"), (true, true));
    assert_eq!(play("off"), (false, false));
    assert_eq!(play("ON"), (false, true));
    assert_eq!(play("''"), (false, true), "no word is no value");
    assert!(vhost("srt { }").srt.srt_to_rtmp && !vhost("srt { srt_to_rtmp yes; }").srt.srt_to_rtmp);
    assert!(!vhost("hls { }").hls.hls_keys && vhost("hls { hls_keys yes; }").hls.hls_keys);
    check_warning("utc_time yes;", "\"yes\" is read as off for utc_time");
    check_warning("empty_ip_ok no;", "\"no\" is read as on for empty_ip_ok");
}

#[test]
fn times_in_their_units() {
    let v = vhost("play { queue_length 10; send_min_interval 2.5; mw_latency 100; } publish { kickoff_for_idle 1.5; }");
    assert_eq!(v.play.queue_length, Duration::from_secs(10));
    assert_eq!(v.play.send_min_interval, Duration::from_micros(2500));
    assert_eq!(v.play.mw_latency, Duration::from_millis(100));
    assert_eq!(v.publish.kickoff_for_idle, Some(Duration::from_millis(1500)));
    assert_eq!(vhost("publish { kickoff_for_idle 0; }").publish.kickoff_for_idle, None);
    assert_eq!(load("heartbeat { interval 9.3; }").config.heartbeat.interval, Duration::from_secs(9));
}

/// SRS reads what it can of a number; so does weir, and says so.
#[test]
fn numbers_that_are_none() {
    check_warning("grace_start_wait abc;", "\"abc\" is read as 0 for grace_start_wait");
    check_warning("heartbeat { interval 9.3; }", "\"9.3\" is read as 9 for heartbeat.interval");
    check_warning("grace_start_wait 10s;", "\"10s\" is read as 10 for grace_start_wait");
    check_warning("vhost v { play { queue_length -1; } }", "vhost.play.queue_length is below 0 and read as 0");
    check_warning("vhost v { in_ack_size -1; }", "vhost.in_ack_size cannot be -1: 0 is used");
}

#[test]
fn words_of_closed_sets() {
    use crate::{HlsOnError, LogLevel, TimeJitter};
    assert_eq!(vhost("play { time_jitter zero; }").play.time_jitter, TimeJitter::Zero);
    assert_eq!(vhost("play { time_jitter fulll; }").play.time_jitter, TimeJitter::Off, "SRS: any other word is off");
    assert_eq!(vhost("hls { hls_on_error x; }").hls.hls_on_error, HlsOnError::Disconnect);
    assert_eq!(load("srs_log_level loud;").config.log_level(), LogLevel::Off);
    assert_eq!(load("srs_log_level trace;").config.log_level(), LogLevel::Info);
    assert_eq!(load("srs_log_level trace; srs_log_level_v2 trace;").config.log_level(), LogLevel::Trace);
    check_warning("vhost v { play { time_jitter fulll; } }", "\"fulll\" is no word that vhost.play.time_jitter knows");
}
