use crate::{Config, Env, Facts, Loaded, Report, Source};

const FACTS: Facts = Facts { open_files: Some(2000), local_ips: Some(2), in_docker: false };

fn load(text: &str, env: &[(&str, &str)]) -> Result<Loaded, Report> {
    let source = Source::Text { name: "a.conf".into(), text: text.into() };
    Config::load(source, &env.iter().copied().collect(), &FACTS)
}

/// The errors of `text` with an environment, each with its place.
fn check_env(text: &str, env: &[(&str, &str)], expect: &[&str]) {
    let seen: Vec<String> = match load(text, env) {
        Ok(_) => vec![],
        Err(report) => report.errors().iter().map(|note| format!("{}: {}", note.place, note.message)).collect(),
    };
    assert_eq!(seen, expect, "{text}");
}

fn check(text: &str, expect: &[&str]) {
    check_env(text, &[], expect);
}

/// The errors of `text` after a good endpoint on the first line.
fn check_rest(text: &str, expect: &[&str]) {
    check(&format!("listen 1935;\n{text}"), expect);
}

/// The warnings of `text` after a good endpoint on the first line.
fn check_warnings(text: &str, expect: &[&str]) {
    let loaded = load(&format!("listen 1935;\n{text}"), &[]).unwrap_or_else(|report| panic!("{report}"));
    let seen: Vec<String> = loaded.warnings.iter().map(|note| format!("{}: {}", note.place, note.message)).collect();
    assert_eq!(seen, expect, "{text}");
}

/// config.md §14: an empty file is refused, an empty environment is not.
#[test]
fn nothing() {
    check("", &["the default: the configuration is empty"]);
    check_env(" # nothing\n", &[("SRS_LISTEN", "1935")], &["the default: the configuration is empty"]);
    let alone = Config::load(Source::EnvOnly, &Env::default(), &FACTS).unwrap();
    assert!(alone.config.listen.is_empty());
}

// row: config.md §1 13
#[test]
fn unknown_names() {
    check_rest("lisen 1;", &["a.conf:2:1: unknown directive \"lisen\" in the root"]);
    check_rest(
        "http_api { raw_api { allow_reloat on; } auth { user a; } }",
        &[
            "a.conf:2:22: unknown directive \"allow_reloat\" in http_api.raw_api",
            "a.conf:2:48: unknown directive \"user\" in http_api.auth",
        ],
    );
    check_rest(
        "vhost a { play { gop_cahce on; } live { } }",
        &[
            "a.conf:2:18: unknown directive \"gop_cahce\" in vhost.play",
            "a.conf:2:34: unknown directive \"live\" in vhost",
        ],
    );
    for block in "http_server heartbeat stats srt_server rtc_server exporter stream_caster rtmps".split(' ') {
        check_rest(
            &format!("{block} {{ nonesuch 1; }}"),
            &[&format!("a.conf:2:{}: unknown directive \"nonesuch\" in {block}", block.len() + 4)],
        );
    }
    let blocks = "dvr refer exec play cluster publish ingest http_static http_remux dash hls http_hooks forward security \
        transcode rtc srt";
    for block in blocks.split_whitespace() {
        check_rest(
            &format!("vhost v {{ {block} {{ nonesuch 1; }} }}"),
            &[&format!("a.conf:2:{}: unknown directive \"nonesuch\" in vhost.{block}", block.len() + 14)],
        );
    }
    check_rest(
        "stream_caster { sip { nonesuch 1; } }",
        &["a.conf:2:23: unknown directive \"nonesuch\" in stream_caster.sip"],
    );
    check_rest(
        "vhost v { transcode { engine { nonesuch 1; vparams { any 1; } } } }",
        &["a.conf:2:32: unknown directive \"nonesuch\" in vhost.transcode.engine"],
    );
}

/// config.md §16: blocks whose children nobody checks.
#[test]
fn tolerated_names() {
    for block in ["circuit_breaker", "threads", "tencentcloud_cls", "tencentcloud_apm"] {
        check_rest(&format!("{block} {{ nonesuch 1; }}"), &[]);
    }
    check_rest("http_api { https { nonesuch 1; } } http_server { https { nonesuch 1; } }", &[]);
    check_rest("rtc_server { tcp { nonesuch 1; } black_hole { nonesuch 1; } }", &[]);
    check_rest("vhost v { hds { nonesuch 1; } bandcheck { nonesuch 1; } ingest a { engine { nonesuch 1; } } }", &[]);
    check_warnings("threads { worker 2; }", &["a.conf:2:11: threads does not know \"worker\" and ignores it"]);
}

#[test]
fn unknown_names_come_with_advice() {
    let help = |text: &str| load(text, &[]).unwrap_err().errors()[0].help.clone().unwrap_or_default();
    assert_eq!(help("listen 1; vhost v { hls { hls_fragmnet 2; } }"), "did you mean \"hls_fragment\"?");
    assert_eq!(help("listen 1; queue_bytes 2;"), "\"queue_bytes\" is known in vhost.play");
    assert_eq!(help("listen 1; vhost v { max_connections 2; }"), "\"max_connections\" stands outside of blocks");
    assert_eq!(help("listen 1; zzzzzzzzzz 2;"), "");
}

#[test]
fn what_webrtc_cannot_be() {
    check_warnings(
        "rtc_server { enabled on; ecdsa off; } vhost a { rtc { enabled on; dtls_version dtls1.0; } }",
        &[
            "a.conf:2:32: rtc_server.ecdsa is off, but the DTLS of this version has ciphers for ECDSA certificates alone: \
             the certificate is ECDSA P-256",
            "a.conf:2:80: vhost a: rtc.dtls_version is dtls1.0, which nobody should speak: 1.2 is spoken",
        ],
    );
    check_warnings("rtc_server { ecdsa off; } vhost a { rtc { enabled on; dtls_version dtls1.2; } }", &[]);
}

#[test]
fn ice_servers() {
    let check_server = |words: &str, why: &str| {
        let expect = format!("a.conf:2:25: rtc_server.ice_server {} {why}", words.split(' ').next().unwrap());
        let expect: &[&str] = if why.is_empty() { &[] } else { &[&expect] };
        check_rest(&format!("rtc_server {{ ice_server {words}; }}"), expect);
    };
    check_server("stun:192.0.2.1:3478", "");
    check_server("turn:turn.example.com user pass", "");
    check_server("turn:turn.example.com", "of TURN needs a user and a password: browsers use none without");
    check_server("turn:turn.example.com user", "is a URL, or a URL with a user and a password");
    check_server("stun:a.example.com user pass", "of STUN has no user and no password");
    check_server("http://a.example.com", "has to begin with stun:, stuns:, turn: or turns:");
    check_server("stun:a.example.com:0", "names no host, or a port that is none");
    check_server("stun://a.example.com", "names no host, or a port that is none");
    check_server("stun:[fd00::1", "names no host, or a port that is none");
    check_server("stun:", "names no host, or a port that is none");
    check_server("stun:a?transport=udp", "may end with ?transport=udp or ?transport=tcp, of TURN alone");
    check_server("turn:a \u{e9} p", "has letters that a field of HTTP cannot have");
}

#[test]
fn listen() {
    check("pid a.pid;", &["the default: listen is missing: no RTMP endpoint is given"]);
    check_env("pid a.pid;", &[("SRS_LISTEN", "1935 1936")], &[]);
    check(
        "listen 1935 localhost:1936 0;",
        &[
            "a.conf:1:13: \"localhost:1936\" does not start with an IP address",
            "a.conf:1:28: \"0\" has no port from 1 to 65535",
        ],
    );
    check_env(
        "listen 1935;",
        &[("SRS_LISTEN", "x:1")],
        &["environment variable SRS_LISTEN: \"x:1\" does not start with an IP address"],
    );
    check_rest("rtmps { enabled on; listen 1443 a:1; }", &["a.conf:2:33: \"a:1\" does not start with an IP address"]);
}

#[test]
fn heartbeat_and_stats() {
    check_rest("heartbeat { interval 0.9; }", &["a.conf:2:22: heartbeat.interval must be above 0 seconds"]);
    check_rest("stats { network 1; }", &[]);
    check_rest(
        "stats { network 2; }",
        &["a.conf:2:17: stats.network is 2, but this machine has 2 addresses, counted from 0"],
    );
    check_rest(
        "stats { network -1; }",
        &["a.conf:2:17: stats.network is -1, but this machine has 2 addresses, counted from 0"],
    );
}

/// config.md §7: the rules for sharing a port.
#[test]
fn shared_ports() {
    check_rest("http_api { listen 8080; } http_server { listen 8080; }", &[]);
    check_rest(
        "http_api { listen 8080; https { listen 1; } }",
        &["a.conf:2:19: http_api and http_server share the endpoint 8080, but not the HTTPS endpoint: 1 and 8088"],
    );
    check_rest(
        "http_api { https { listen 8088; } }",
        &[
            "a.conf:2:27: http_api and http_server share the HTTPS endpoint 8088, but not the HTTP endpoint: 1985 and 8080",
        ],
    );
    check_rest(
        "http_api { https { enabled on; } }\nhttp_server { https { enabled on; } }",
        &[
            "a.conf:2:28: http_api.https is on, but http_api is off",
            "a.conf:3:31: http_server.https is on, but http_server is off",
        ],
    );
}

#[test]
fn vhosts() {
    let one = "http_remux { enabled on; mount [vhost]/[app]/[stream].flv; }";
    check_rest(&format!("vhost v {{\n{one}\n{one} }}"), &["a.conf:4:1: vhost v: only one http_remux is allowed"]);
    let ts = ["a.conf:2:60: vhost v: http_remux cannot serve .ts where hls is on"];
    check_rest("vhost v { hls { enabled on; } http_remux{enabled on; mount /[app]/[stream].ts; } }", &ts);
    check_rest("vhost v { hls { enabled on; } http_remux{mount /[app]/[stream].ts; enabled on; } }", &[]);
    check_rest("vhost v { hls { enabled off; } http_remux{enabled on; mount /[app]/[stream].ts; } }", &[]);
    let mp4 = "http_remux { enabled on; mount /[app]/[stream].mp4; }";
    let taken = ["a.conf:2:79: vhost v: http_remux cannot serve .mp4 with hls_use_fmp4"];
    check_rest(&format!("vhost v {{ hls {{ enabled on; hls_use_fmp4 on; }} {mp4} }}"), &taken);
    check_rest(&format!("vhost v {{ hls {{ enabled on; }} {mp4} }}"), &[]);
    check_rest(
        "vhost v { forward { enabled on; } publish { kickoff_for_idle 1; } }",
        &["a.conf:2:62: vhost v: kickoff_for_idle cannot be used with forward"],
    );
    check_rest(
        "vhost v { ingest a { } ingest b { } ingest a { } }",
        &["a.conf:2:44: vhost v: ingest \"a\" is given twice"],
    );
    check_rest("vhost v { ingest a { } } vhost w { ingest a { } }", &[]);
}

#[test]
fn process() {
    check_rest("asprocess on;", &["a.conf:2:11: asprocess is on, but so is daemon"]);
    check_rest("asprocess on; daemon off;", &[]);
    check_rest("max_connections 0;", &["a.conf:2:17: max_connections must be above 0, not 0"]);
    check_rest("max_connections 1871;", &[]);
    check_rest(
        "max_connections 1872;",
        &["a.conf:2:17: max_connections is 1872, but the process may open only 2000 files, and 128 are spare"],
    );
    check_rest("is_full on;", &["a.conf:2:9: this file is a reference (is_full on), not a configuration"]);
}

/// Everything at once comes in the order of config.md §14.
#[test]
fn order() {
    let text = "is_full on; max_connections 0; asprocess on; vhost v { ingest a { } ingest a { } nonesuch 1;\n\
        forward { enabled on; } publish { kickoff_for_idle 1; } http_remux { } http_remux { } }\n\
        stream_caster { nonesuch 1; } http_api { https { enabled on; } } stats { network 9; }\n\
        heartbeat { interval 0; } listen x:1; nonesuch 1;";
    let report = load(text, &[]).unwrap_err();
    let expect = [
        "unknown directive \"nonesuch\" in the root",
        "does not start with an IP address",
        "heartbeat.interval",
        "stats.network",
        "http_api.https is on",
        "unknown directive \"nonesuch\" in stream_caster",
        "unknown directive \"nonesuch\" in vhost",
        "only one http_remux",
        "kickoff_for_idle",
        "ingest \"a\" is given twice",
        "asprocess",
        "max_connections",
        "is_full on",
    ];
    let seen: Vec<&str> = report.errors().iter().map(|note| note.message.as_str()).collect();
    assert_eq!(seen.len(), expect.len(), "{seen:#?}");
    for (seen, expect) in seen.iter().zip(expect) {
        assert!(seen.contains(expect), "{seen} is not about {expect}");
    }
}

#[test]
fn warnings_about_form() {
    check_warnings("pid a; pid b;", &["a.conf:2:8: \"pid\" is given twice: the first one counts (a.conf:2:1)"]);
    check_warnings("http_api;", &["a.conf:2:1: http_api is a block and does nothing without braces"]);
    check_warnings("pid a { }", &["a.conf:2:1: pid takes no block: what is in the braces is ignored"]);
    check_warnings(
        "vhost { } vhost a { } vhost a { }",
        &[
            "a.conf:2:1: a vhost without a name serves nobody",
            "a.conf:2:29: vhost a is given twice: the first one counts (a.conf:2:11)",
        ],
    );
    check_warnings(
        "vhost v { hls { hls_mount /x; } bandcheck { key a; } }",
        &["a.conf:2:17: vhost.hls.hls_mount has no effect", "a.conf:2:33: vhost.bandcheck has no effect"],
    );
    check_warnings(
        "chunk_size 65537; vhost a { chunk_size 127; } vhost b { } ",
        &[
            "a.conf:2:12: chunk_size 65537 is outside of 128 to 65536: some clients will not play",
            "a.conf:2:40: chunk_size 127 is outside of 128 to 65536: some clients will not play",
        ],
    );
}

/// A typing error must not open a door.
#[test]
fn tokens() {
    check_rest(
        "vhost v { tokens { enabled on; need play pubish; } }",
        &["a.conf:2:42: vhost v: tokens.need has no place for pubish: nobody would be asked for it"],
    );
    let auto = "auth { jwt { key auto; } }";
    check_rest(
        &format!("http_api {{ {auto} }} vhost v {{ tokens {{ jwt {{ key auto; }} }} }}"),
        &[
            "a.conf:2:29: http_api.auth.jwt.key cannot be auto: nobody could sign by it",
            "a.conf:2:70: vhost v: tokens.jwt.key cannot be auto: nobody could sign by it",
        ],
    );
    let (short, long) = ("k".repeat(31), "k".repeat(32));
    check_warnings(
        &format!("vhost v {{ tokens {{ jwt {{ key {short}; }} }} }} vhost w {{ tokens {{ jwt {{ key {long}; }} }} }}"),
        &["a.conf:2:30: vhost v: tokens.jwt.key has 31 bytes: it may be guessed from one token"],
    );
}

#[test]
fn tokens_and_sessions_of_hls() {
    let vhost = |need: &str, hls: &str| {
        format!("vhost v {{ hls {{ enabled on; {hls} off; }} tokens {{ enabled on; need {need}; }} }}")
    };
    check_rest(
        &vhost("play", "hls_ctx"),
        &["a.conf:2:37: vhost v: players need a token, but none is asked for by HLS with hls_ctx off"],
    );
    check_rest(&vhost("publish", "hls_ctx"), &[]);
    check_warnings(
        &vhost("play", "hls_ts_ctx"),
        &["a.conf:2:40: vhost v: players need a token, but anybody gets segments of HLS with hls_ts_ctx off"],
    );
}

#[test]
fn callbacks_that_cannot_be_called() {
    check_warnings(
        "vhost a { http_hooks { enabled on; on_play http://a b:80/c https://d; on_stop e; } }",
        &[
            "a.conf:2:53: vhost a: http_hooks.on_play cannot call b:80/c",
            "a.conf:2:79: vhost a: http_hooks.on_stop cannot call e",
        ],
    );
    check_warnings("vhost a { http_hooks { enabled off; on_play b; } }", &[]);
}

/// One warning for each service that is on and not there yet.
#[test]
fn services_that_come_later() {
    check_warnings(
        "vhost a { dvr { enabled on; } } vhost b { dvr { enabled on; } dash { enabled on; } }",
        &[
            "a.conf:2:25: vhost a: dvr is on (and 1 more), but this version does not serve DVR yet",
            "a.conf:2:78: vhost b: dash is on, but this version does not serve DASH yet",
        ],
    );
    check_warnings(
        "vhost a { cluster { mode remote; origin b; } dash { enabled off; } }",
        &["a.conf:2:26: vhost a: cluster.mode is remote, but this version does not serve edges yet"],
    );
    check_warnings("vhost a { enabled off; dash { enabled on; } }", &[]);
    check_warnings("vhost a { hls { enabled on; } http_remux { enabled on; mount [vhost]/[app]/[stream].mp3; } }", &[]);
    check_warnings("rtmps { enabled on; } http_server { enabled on; } http_api { enabled on; }", &[]);
}

/// The environment switches services on too, in the one vhost that `-e` makes.
#[test]
fn services_that_come_later_by_environment() {
    let env: Env = [("SRS_VHOST_DASH_ENABLED", "on"), ("SRS_SRT_SERVER_ENABLED", "on")].into_iter().collect();
    let loaded = Config::load(Source::EnvOnly, &env, &FACTS).unwrap();
    let seen: Vec<String> = loaded.warnings.iter().map(|note| format!("{}: {}", note.place, note.message)).collect();
    assert_eq!(
        seen,
        [
            "environment variable SRS_SRT_SERVER_ENABLED: srt_server is on, but this version does not serve SRT yet",
            "environment variable SRS_VHOST_DASH_ENABLED: vhost __defaultVhost__: dash is on, but this version does not serve \
         DASH yet",
        ]
    );
}
