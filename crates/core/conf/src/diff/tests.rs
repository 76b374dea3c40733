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

/// What is read where `new` took the place of `old`.
fn in_force(old: &str, new: &str) -> Config {
    let load = |text: &str| Config::from_text(&format!("listen 1935; {text}")).expect("a configuration").config;
    let (old, mut new) = (load(old), load(new));
    let diff = Diff::between(&old, &new);
    new.hold_back(&old, &diff);
    let rest = Diff::between(&old, &new);
    assert!(rest.changes.iter().all(|change| !change.waits()), "{rest:?}");
    new
}

#[test]
fn values_that_wait_for_a_restart_are_not_read_before_it() {
    let conf = in_force(
        "stats { enabled on; } http_api { enabled on; listen 1985; }
         vhost a { http_remux { enabled on; mount [vhost]/a.flv; } dvr { dvr_apply live/a; } }",
        "stats { enabled off; network 0; disk sda; } http_api { enabled on; listen 1986; raw_api { enabled on; } }
         max_connections 77; exporter { enabled on; }
         vhost a { min_latency on; http_remux { enabled off; mount [vhost]/b.flv; } dvr { dvr_apply live/b; } }
         vhost b { http_remux { enabled on; mount [vhost]/c.flv; } }",
    );
    assert_eq!((conf.stats.enabled, &conf.http_api.listen[..], conf.http_api.raw_api.enabled), (true, "1985", false));
    assert_eq!((conf.max_connections, conf.exporter.enabled, conf.stats.disk.len()), (77, false, 1));
    let [a, b] = ["a", "b"].map(|name| conf.vhost(name).expect("a vhost"));
    assert_eq!((a.http_remux.enabled, &*a.http_remux.mount, a.min_latency), (true, "[vhost]/a.flv", true));
    assert_eq!(a.dvr.dvr_apply, ["live/a"]);
    assert_eq!((b.http_remux.enabled, &*b.http_remux.mount), (true, "[vhost]/c.flv"));
}
