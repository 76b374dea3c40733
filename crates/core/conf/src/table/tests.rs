use std::collections::BTreeSet;

use super::*;

/// The kind behind a class of the contract.
fn kind(class: &str) -> Kind {
    match class {
        "b0" => Kind::B0,
        "b1" => Kind::B1,
        "i" => Kind::Int,
        "f" => Kind::Float,
        "sec" => Kind::Sec,
        "fsec" => Kind::FSec,
        "ms" | "i ms" => Kind::Ms,
        "fms" => Kind::FMs,
        "s" => Kind::Str,
        "L" => Kind::List,
        "rules" => Kind::Rules,
        "—" => Kind::Inert,
        other => panic!("no kind for {other}"),
    }
}

fn reload(letter: &str) -> Reload {
    match letter {
        "L" => Reload::Live,
        "H" => Reload::Applied,
        "N" => Reload::New,
        "X" => Reload::Restart,
        "—" => Reload::Never,
        other => panic!("no reload class for {other}"),
    }
}

fn lines(fixture: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    fixture.lines().map(|line| line.split('\t').collect())
}

fn row_of(path: &str) -> &'static Row {
    find(path).unwrap_or_else(|| panic!("no row for {path}"))
}

/// `testdata/sections.tsv`: section, path, class, default, environment, reload.
// row: config.md §3 *
// row: config.md §4 *
// row: config.md §5 *
// row: config.md §6 *
// row: config.md §7 *
// row: config.md §8 *
// row: config.md §9 *
// row: config.md §10 *
// row: config.md §11 *
#[test]
fn rows_are_those_of_the_sections() {
    for line in lines(include_str!("../../testdata/sections.tsv")) {
        let [_, path, class, default, env, letter] = line[..] else { panic!("{line:?}") };
        let row = row_of(path);
        assert_eq!(row.kind, kind(class), "{path}");
        match path {
            // Metrics, callbacks and the API of one run name one server.
            "server_id" => assert_eq!(row.reload, Reload::Restart),
            _ => assert_eq!(row.reload, reload(letter), "{path}"),
        }
        match default.strip_prefix('=') {
            Some(followed) => assert_eq!(row.like, Some(followed), "{path}"),
            None => assert_eq!(row.default.trim_end_matches(".0"), default.trim_end_matches(".0"), "{path}"),
        }
        let regular = format!("SRS_{}", path.to_uppercase().replace('.', "_"));
        let names: Vec<String> = match env {
            "—" => vec![],
            "=" => vec![regular],
            _ => env.split(" / ").map(|name| if name == "=" { regular.clone() } else { name.to_owned() }).collect(),
        };
        assert_eq!(row.env_names(), names, "{path}");
    }
}

/// `testdata/annex.tsv`: path, environment, class, default, as the contract writes them.
// row: config.md §19 *
#[test]
fn rows_are_those_of_the_annex() {
    let mut count = 0;
    for line in lines(include_str!("../../testdata/annex.tsv")) {
        let [path, env, class, default] = line[..] else { panic!("{line:?}") };
        let row = row_of(path);
        assert_eq!(row.env_names()[0], env, "{path}");
        let read = row.env_kind.unwrap_or(row.kind);
        match path {
            // The sections call these milliseconds, a list, a count; the annex is of the environment's letters.
            "srt_server.latency" | "srt_server.recvlatency" | "srt_server.peerlatency" => assert_eq!(read, Kind::Ms),
            "rtc_server.candidate" => assert_eq!((read, class), (Kind::List, "s")),
            // SRS: the environment is scaled by a million there. It is a defect, and not copied.
            "vhost.dash.dash_window_size" => assert_eq!(read, Kind::Int),
            _ => assert_eq!(read, kind(class), "{path}"),
        }
        assert_eq!(annex_default(row), default_words(default), "{path}");
        count += 1;
    }
    assert_eq!(count, 222);
}

/// A default of the annex in the unit of the row.
fn default_words(default: &str) -> String {
    let (base, _) = default.split_once(" (").unwrap_or((default, ""));
    match base.trim_start_matches("= ") {
        "\"\"" | "none" | "required" | "generated" => String::new(),
        words => words.to_owned(),
    }
}

/// The default of a row as the annex writes it.
fn annex_default(row: &Row) -> String {
    let milliseconds = |ms: i64| if ms % 1000 == 0 { format!("{} s", ms / 1000) } else { format!("{ms} ms") };
    match row.path {
        "vhost.chunk_size" => return "60000".to_owned(),
        "vhost.play.mw_latency" => return format!("{} ms", row.default),
        "grace_start_wait" | "grace_final_wait" => return format!("{} ms", row.default),
        "vhost.http_remux.fast_cache" => return row.default.to_owned(),
        "srt_server.latency" | "srt_server.recvlatency" | "srt_server.peerlatency" => return row.default.to_owned(),
        _ => {}
    }
    match (row.kind, row.like) {
        (_, Some(like)) => like.rsplit('.').next().unwrap().to_owned(),
        (Kind::Ms, _) => milliseconds(row.default.parse().unwrap()),
        (Kind::Sec | Kind::FSec, _) => format!("{} s", row.default),
        _ => row.default.to_owned(),
    }
}

/// `testdata/file_only.tsv`: path, class, default of the keys that no environment name sets.
#[test]
fn rows_without_environment() {
    for line in lines(include_str!("../../testdata/file_only.tsv")) {
        let [path, class, default] = line[..] else { panic!("{line:?}") };
        let row = row_of(path);
        match class {
            "blk" => assert!(row.kind.is_block(), "{path}"),
            _ => assert_eq!(row.kind, kind(class), "{path}"),
        }
        assert_eq!(row.default, default, "{path}");
        let expected: &[&str] = if path == "chunk_size" { &["SRS_VHOST_CHUNK_SIZE"] } else { &[] };
        assert_eq!(row.env_names(), expected, "{path}");
    }
}

/// No row but those of the contract, unless it is marked as weir's own.
#[test]
fn other_rows_are_marked() {
    let fixtures = [
        (include_str!("../../testdata/sections.tsv"), 1),
        (include_str!("../../testdata/annex.tsv"), 0),
        (include_str!("../../testdata/file_only.tsv"), 0),
    ];
    let known: BTreeSet<&str> = fixtures.iter().flat_map(|(text, at)| lines(text).map(|line| line[*at])).collect();
    let own: Vec<&str> = rows().filter(|row| row.weir).map(|row| row.path).collect();
    let rtmps = ["rtmps", "rtmps.enabled", "rtmps.listen", "rtmps.key", "rtmps.cert"];
    let hls = [
        "vhost.hls.hls_use_fmp4",
        "vhost.hls.hls_fmp4_file",
        "vhost.hls.hls_init_file",
        "vhost.hls.hls_low_latency",
        "vhost.hls.hls_part",
        "vhost.hls.hls_disk",
        "vhost.hls.hls_tracks",
        "vhost.hls.hls_group",
        "vhost.hls.hls_group.streams",
    ];
    let hooks = ["vhost.http_hooks.secret", "vhost.http_hooks.retries"];
    let auth = [
        "http_api.auth.token",
        "http_api.auth.trust_loopback",
        "http_api.auth.jwt",
        "http_api.auth.jwt.key",
        "http_api.auth.jwt.public_key",
        "http_api.auth.jwt.jwks",
        "http_api.auth.jwt.issuer",
        "http_api.auth.jwt.audience",
    ];
    let tokens = [
        "vhost.tokens",
        "vhost.tokens.enabled",
        "vhost.tokens.need",
        "vhost.tokens.publish",
        "vhost.tokens.play",
        "vhost.tokens.trust_loopback",
        "vhost.tokens.jwt",
        "vhost.tokens.jwt.key",
        "vhost.tokens.jwt.public_key",
        "vhost.tokens.jwt.jwks",
        "vhost.tokens.jwt.issuer",
        "vhost.tokens.jwt.audience",
    ];
    let limits = ["vhost.limits", "vhost.limits.publishers", "vhost.limits.players", "vhost.limits.per_address"];
    assert_eq!(
        own,
        [
            &["secrets", "threads.workers", "threads.send_cpu_target"],
            &auth[..],
            &["http_server.pages", "http_server.trusted_proxies"],
            &rtmps[..],
            &["rtc_server.ice_server"],
            &["vhost.play.queue_bytes", "vhost.play.mw_fixed"],
            &hooks[..],
            &tokens[..],
            &limits[..],
            &hls[..],
        ]
        .concat()
    );
    for row in rows().filter(|row| !row.weir && !row.kind.is_block() && row.path != "vhost.bandcheck") {
        assert!(known.contains(row.path), "{} is not in the contract", row.path);
    }
}

/// Accepted names of the checker (config.md §16), blocks included.
#[test]
fn names_of_root_and_vhost() {
    let names = |path: &str| children(path).filter(|row| !row.weir).map(Row::name).collect::<BTreeSet<_>>();
    let root = "listen pid chunk_size ff_log_dir ff_log_level srs_log_tank srs_log_level srs_log_level_v2 srs_log_file \
        max_connections daemon heartbeat http_api http_server stats vhost pithy_print_ms stream_caster rtc_server \
        srt_server utc_time work_dir asprocess server_id grace_start_wait grace_final_wait force_grace_quit empty_ip_ok \
        disable_daemon_for_docker inotify_auto_reload auto_reload_for_docker tcmalloc_release_rate \
        query_latest_version first_wait_for_qlv threads circuit_breaker is_full in_docker tencentcloud_cls \
        tencentcloud_apm exporter";
    assert_eq!(names(""), root.split_whitespace().collect());
    let vhost = "enabled chunk_size min_latency tcp_nodelay in_ack_size out_ack_size dvr ingest hls http_hooks refer \
        forward transcode bandcheck play publish cluster security http_remux dash http_static hds exec rtc srt";
    assert_eq!(names("vhost"), vhost.split_whitespace().collect());
}

#[test]
fn paths_are_unique_and_follow_their_block() {
    let mut seen = BTreeSet::from([""]);
    for row in rows() {
        assert!(seen.contains(row.parent()), "{} stands before its block", row.path);
        assert!(seen.insert(row.path), "{} is there twice", row.path);
        assert!(row.like.is_none_or(|like| find(like).is_some()), "{}", row.path);
        assert!(!row.help.is_empty() && !row.help.ends_with('.'), "{}", row.path);
    }
}

/// A default is what its kind can read, whole.
#[test]
fn defaults_fit_their_kind() {
    for row in rows().filter(|row| !row.default.is_empty()) {
        let fits = match row.kind {
            Kind::B0 | Kind::B1 => matches!(row.default, "on" | "off"),
            Kind::Int | Kind::Sec | Kind::Ms => crate::number::atoi(row.default).whole,
            Kind::Float | Kind::FSec | Kind::FMs => crate::number::atof(row.default).whole,
            Kind::Str => !row.default.contains(' '),
            Kind::List => row.default == row.default.split_whitespace().collect::<Vec<_>>().join(" "),
            Kind::Rules | Kind::Block | Kind::Open | Kind::Inert => false,
        };
        assert!(fits, "{} {}", row.path, row.default);
    }
}
