use crate::{Config, Diff};

/// What changes between two configurations: each directive with when it counts, `+` and `-` before vhosts.
#[track_caller]
fn check(old: &str, new: &str, expect: &[&str]) {
    let load = |text: &str| Config::from_text(&format!("listen 1935; {text}")).expect("a configuration").config;
    let diff = Diff::between(&load(old), &load(new));
    let changes = diff.changes.iter().map(|change| format!("{change} ({})", change.reload.name()));
    let added = diff.added.iter().map(|name| format!("+{name}"));
    let found: Vec<String> = changes.chain(added).chain(diff.removed.iter().map(|name| format!("-{name}"))).collect();
    assert_eq!(found, expect);
    assert_eq!(diff.is_empty(), expect.is_empty());
}

#[test]
fn each_directive_is_named_with_when_it_counts() {
    check("vhost a { }", "vhost a { }", &[]);
    check("vhost a { }", "vhost a { enabled on; play { gop_cache on; } }", &[]);
    check(
        "",
        "max_connections 100; heartbeat { interval 9; }",
        &["max_connections (at once)", "heartbeat.interval (restart)"],
    );
    check(
        "vhost a { security { enabled on; deny play all; } }",
        "vhost a { security { enabled on; deny play 10.0.0.0/8; } http_hooks { on_play http://h/; } }",
        &["vhost a: http_hooks.on_play (next use)", "vhost a: security.deny (next use)"],
    );
    check(
        "vhost a { ingest x { enabled on; } hls { hls_group g { streams a b; } } }",
        "vhost a { ingest x { enabled off; } hls { hls_group g { streams a c; } } }",
        &["vhost a: hls.hls_group (at once)", "vhost a: ingest (at once)"],
    );
}

#[test]
fn vhosts_come_and_go() {
    check("vhost a { } vhost b { }", "vhost b { } vhost c { }", &["+c", "-a"]);
    check("vhost a { } vhost b { }", "vhost b { } vhost a { }", &[]);
}
