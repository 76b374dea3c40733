use std::path::PathBuf;

use super::*;
use crate::{Config, Env, Facts, Source};

/// Compares a file of the repository with what the table makes of it; writes it when UPDATE_EXPECT is 1.
fn check(path: &str, text: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..").join(path);
    if std::env::var("UPDATE_EXPECT").is_ok_and(|value| value == "1") {
        std::fs::write(&file, text).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == text, "{path} is not what the table says: run the tests with UPDATE_EXPECT=1");
}

#[test]
fn full_conf_is_made_from_the_table() {
    check("conf/full.conf", &full_conf());
}

#[test]
fn reference_is_made_from_the_table() {
    check("docs/configuration.md", &reference());
}

/// Everything in it is right, and yet it refuses to start.
// row: config.md §3 is_full
#[test]
fn full_conf_is_refused_only_for_being_full() {
    let source = Source::Text { name: "full.conf".into(), text: full_conf() };
    let report = Config::load(source, &Env::default(), &Facts::default()).unwrap_err();
    let messages: Vec<&str> = report.errors().iter().map(|note| note.message.as_str()).collect();
    assert_eq!(messages, ["this file is a reference (is_full on), not a configuration"]);
    assert_eq!(report.code(), 1023);
}

/// Without its guard it means the same as a file that says nothing but the endpoint.
#[test]
fn full_conf_holds_the_defaults() {
    let full = Config::from_text(&full_conf().replace("is_full on;", "")).unwrap();
    let bare = Config::from_text(
        "listen 1935; stream_caster { }
        vhost __defaultVhost__ { hls { hls_group show { } } ingest livestream { engine copy { } } transcode live/livestream { engine ff { } } }",
    );
    assert_eq!(full.config, bare.unwrap().config);
    let warnings: Vec<&str> = full.warnings.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn a_directive_without_default_has_a_sample() {
    for row in table::rows().filter(|row| !row.kind.is_block() && row.kind != Kind::Inert) {
        assert!(!row.default.is_empty() || !row.sample.is_empty(), "{}", row.path);
    }
}
