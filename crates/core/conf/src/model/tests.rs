use super::*;
use crate::{Env, Facts, Report, Source};

fn load_in(text: &str, env: &[(&str, &str)], in_docker: bool) -> Config {
    let source = Source::Text { name: "a.conf".into(), text: format!("listen 1935; {text}") };
    let facts = Facts { in_docker, ..Facts::default() };
    let loaded = Config::load(source, &env.iter().copied().collect(), &facts);
    loaded.unwrap_or_else(|report: Report| panic!("{report}")).config
}

fn load(text: &str) -> Config {
    load_in(text, &[], false)
}

fn vhost(text: &str) -> Arc<Vhost> {
    Arc::clone(&load(&format!("vhost v {{ {text} }}")).vhosts[0])
}

// row: config.md §1 12
#[test]
fn vhost_lookup() {
    let config = load("vhost a { } vhost b { enabled off; } vhost __defaultVhost__ { } vhost a { enabled off; }");
    let name = |name: &str| config.vhost(name).map(|vhost| (vhost.name.clone(), vhost.enabled));
    assert_eq!(name("a"), Some(("a".into(), true)));
    assert_eq!(name("b"), Some(("b".into(), false)), "a disabled vhost does not fall back");
    assert_eq!(name("c"), Some((DEFAULT_VHOST.into(), true)));
    assert!(load("vhost a { }").vhost("c").is_none());
}

#[test]
fn hosts_have_no_case() {
    let config = load("vhost Live.example { } vhost live.EXAMPLE { enabled off; } vhost __defaultVhost__ { }");
    for (host, expect) in [
        ("live.example", "Live.example"),
        ("LIVE.EXAMPLE", "Live.example"),
        ("live.example.", "Live.example"),
        ("live.EXAMPLE", "live.EXAMPLE"),
        ("live.example..", DEFAULT_VHOST),
        (".", DEFAULT_VHOST),
        ("", DEFAULT_VHOST),
    ] {
        assert_eq!(config.vhost(host).expect("a vhost").name, expect, "{host}");
    }
}

#[test]
fn followed_defaults() {
    let config = load("chunk_size 4096; vhost a { } vhost b { chunk_size 128; }");
    assert_eq!((config.chunk_size, config.vhosts[0].chunk_size, config.vhosts[1].chunk_size), (4096, 4096, 128));
    let hls = vhost("hls { hls_path /a; hls_key_url /k; }").hls.clone();
    assert_eq!((hls.hls_key_file_path.as_str(), hls.hls_key_url.as_str()), ("/a", "/k"));
    let shared = load("http_api { listen 80; } http_server { listen 80; https { listen 443; } }");
    assert_eq!(shared.http_api.https.listen, "443");
}

/// `mw_latency` and `mw_msgs` of RTMP and of WebRTC players.
#[test]
fn merged_writes() {
    let rtmp = |text: &str| {
        let v = vhost(text);
        (v.min_latency, v.play.mw_latency.as_millis(), v.play.mw_msgs)
    };
    let rtc = |text: &str| {
        let play = vhost(text).rtc_play.clone();
        (play.min_latency, play.mw_latency.as_millis(), play.mw_msgs)
    };
    assert_eq!((rtmp(""), rtc("")), ((false, 350, 8), (true, 0, 0)));
    assert_eq!((rtmp("min_latency on;"), rtc("min_latency on;")), ((true, 350, 0), (true, 0, 0)));
    assert_eq!((rtmp("min_latency off;"), rtc("min_latency off;")), ((false, 350, 8), (false, 0, 1)));
    let set = "min_latency off; play { mw_latency 100; mw_msgs 500; }";
    assert_eq!((rtmp(set), rtc(set)), ((false, 100, 128), (false, 100, 128)));
    assert_eq!(rtc("play { mw_latency 100; mw_msgs 2; }"), (true, 0, 2));
}

#[test]
fn docker() {
    assert!(load("").runs_as_daemon() && !load("daemon off;").runs_as_daemon());
    let docker = load_in("", &[], true);
    assert!(docker.in_docker && !docker.runs_as_daemon() && docker.reloads_on_change());
    assert_eq!((docker.srs_log_tank, load("").srs_log_tank), (LogTank::Console, LogTank::File));
    assert_eq!(load("in_docker on;").srs_log_tank, LogTank::Console);
    assert_eq!(load("in_docker on; srs_log_tank file;").srs_log_tank, LogTank::File);
    assert!(load_in("disable_daemon_for_docker off; auto_reload_for_docker off;", &[], true).runs_as_daemon());
}

#[test]
fn id_file() {
    assert_eq!(load("").id_file(), PathBuf::from("./objs/srs.id"));
    assert_eq!(load("pid /run/weir.pid;").id_file(), PathBuf::from("/run/weir.id"));
    assert_eq!(load("pid run;").id_file(), PathBuf::from("run.id"), "never the pid file itself");
}

#[test]
fn candidates() {
    let env = [("CANDIDATE", "192.0.2.1 192.0.2.2"), ("SRS_X", "x")];
    assert_eq!(load("").rtc_server.candidate, ["*"]);
    let text = "rtc_server { candidate $CANDIDATE a.example.com $NONE; }";
    assert_eq!(load_in(text, &env, false).rtc_server.candidate, ["192.0.2.1", "192.0.2.2", "a.example.com", "*"]);
    let env = [env[0], ("SRS_RTC_SERVER_CANDIDATE", "$CANDIDATE")];
    assert_eq!(load_in("", &env, false).rtc_server.candidate, ["192.0.2.1", "192.0.2.2"]);
    let caster = load_in("stream_caster { sip { candidate $CANDIDATE; } }", &env, false);
    assert_eq!(caster.stream_caster[0].sip.candidate, "192.0.2.1 192.0.2.2");
}

// row: protocols.md §6.1 protocol setting
#[test]
fn transports_of_candidates() {
    let protocol = |text: &str| load(text).rtc_server.protocol;
    assert_eq!(protocol(""), RtcProtocol::Udp);
    assert_eq!(protocol("rtc_server { protocol tcp; }"), RtcProtocol::Tcp);
    assert_eq!(protocol("rtc_server { protocol all; }"), RtcProtocol::All);
    assert_eq!(protocol("rtc_server { protocol both; }"), RtcProtocol::All);
}

#[test]
fn ice_servers() {
    let servers =
        load("rtc_server { ice_server stun:a.example.com; ice_server turns:[fd00::1]:5349?transport=tcp u p; }")
            .rtc_server
            .ice_server;
    let login = IceLogin { user: "u".into(), password: "p".into() };
    assert_eq!(
        servers,
        [
            IceServer { url: "stun:a.example.com".into(), login: None },
            IceServer { url: "turns:[fd00::1]:5349?transport=tcp".into(), login: Some(login) },
        ]
    );
}

#[test]
fn rules_and_commands() {
    let v = vhost(
        "security { deny play 10.0.0.0/8; deny publish all; allow play all; allow x; } exec { publish a b; publish c; }",
    );
    let rule = |role, peers: &str| Rule { role, peers: Peers::parse(peers) };
    assert_eq!(v.security.deny, [rule(Some(Role::Play), "10.0.0.0/8"), rule(Some(Role::Publish), "all")]);
    assert_eq!(v.security.allow, [rule(Some(Role::Play), "all"), rule(None, "")]);
    assert_eq!(v.exec.publish, [vec!["a", "b"], vec!["c"]]);
}

#[test]
fn children_of_ffmpeg() {
    let v = vhost(
        "transcode live/a { engine sd { vparams { t 100; coder 1 2; } vfps 25.5; } engine { } } ingest i { input { type stream; url rtmp://a; } engine { vcodec copy; } }",
    );
    let transcode = &v.transcode[0];
    assert_eq!((transcode.scope.as_str(), transcode.engine.len()), ("live/a", 2));
    let engine = &transcode.engine[0];
    assert_eq!((engine.name.as_str(), engine.vfps, engine.iformat.as_str()), ("sd", 25.5, "flv"));
    let line =
        |name: &str, args: &[&str]| OptionLine { name: name.into(), args: args.iter().map(|a| (*a).into()).collect() };
    assert_eq!(engine.vparams, [line("t", &["100"]), line("coder", &["1", "2"])]);
    assert_eq!((v.ingest[0].id.as_str(), v.ingest[0].input.kind), ("i", InputKind::Stream));
    assert_eq!(v.ingest[0].engine[0].vcodec, "copy");
}

#[test]
fn ranges() {
    assert_eq!(vhost("rtc { opus_bitrate 1; aac_bitrate 64000; pli_for_rtmp 31; }").rtc.opus_bitrate, 48_000);
    assert_eq!(vhost("rtc { aac_bitrate 64000; }").rtc.aac_bitrate, 64_000);
    assert_eq!(vhost("rtc { pli_for_rtmp 31; }").rtc.pli_for_rtmp, Duration::from_secs(6));
    assert!((load("tcmalloc_release_rate 99;").tcmalloc_release_rate - 10.0).abs() < f64::EPSILON);
}

/// A vhost of defaults is what an empty block gives.
#[test]
fn default_vhost() {
    let empty = Vhost { name: DEFAULT_VHOST.into(), ..Vhost::clone(&vhost("")) };
    assert_eq!(Vhost::default(), empty);
}

/// config.md §2: what the environment says in place of the file.
#[test]
fn environment() {
    let config = |text: &str, env: &[(&str, &str)]| load_in(text, env, false);
    assert_eq!(config("", &[("SRS_LISTEN", "1936  1937")]).listen, ["1936", "1937"]);
    assert_eq!(config("pid a;", &[("SRS_PID", "")]).pid, "a", "empty is not set");
    assert_eq!(config("pid a;", &[("SRS_PID", "b")]).pid, "b");

    let vhosts =
        config("vhost a { hls { hls_fragment 1; } } vhost b { }", &[("SRS_VHOST_HLS_HLS_FRAGMENT", "2.5")]).vhosts;
    assert!(vhosts.iter().all(|vhost| vhost.hls.hls_fragment == Duration::from_millis(2500)));

    for (name, other) in [("SRS_SRS_LOG_TANK", "SRS_LOG_TANK"), ("SRS_LOG_TANK", "SRS_X")] {
        assert_eq!(config("", &[(name, "console"), (other, "file")]).srs_log_tank, LogTank::Console, "{name}");
    }
    assert_eq!(config("", &[("SRS_LOG_LEVEL", "warn")]).log_level(), LogLevel::Warn);
    assert_eq!(config("", &[("SRS_LOG_LEVEL_V2", "debug")]).log_level(), LogLevel::Debug);
    assert_eq!(config("", &[("SRS_LOG_FILE", "x.log")]).srs_log_file, "x.log");
    assert!(!config("vhost a { }", &[("SRS_VHOST_SRT_TO_RTMP", "off")]).vhosts[0].srt.srt_to_rtmp);
    assert!(!config("vhost a { }", &[("SRS_VHOST_SRT_SRT_TO_RTMP", "off")]).vhosts[0].srt.srt_to_rtmp);

    // SRS: one name sets the chunk size of the server and of every vhost; the regular one sets nothing.
    let both = config("vhost a { chunk_size 200; }", &[("SRS_CHUNK_SIZE", "300"), ("SRS_VHOST_CHUNK_SIZE", "400")]);
    assert_eq!((both.chunk_size, both.vhosts[0].chunk_size), (400, 400));

    // row: hooks.md §1 Env-configured lists
    let hooks = config("vhost a { }", &[("SRS_VHOST_HTTP_HOOKS_ON_PLAY", "http://a http://b")]);
    assert_eq!(hooks.vhosts[0].http_hooks.on_play, ["http://a", "http://b"]);

    assert!(config("query_latest_version yes;", &[]).query_latest_version, "b1 in the file");
    assert!(!config("", &[("SRS_QUERY_LATEST_VERSION", "yes")]).query_latest_version, "b0 in the environment");
    assert_eq!(config("vhost a { }", &[("SRS_VHOST_DASH_DASH_WINDOW_SIZE", "7")]).vhosts[0].dash.dash_window_size, 7);
    assert!(
        !config("vhost a { cluster { } }", &[("SRS_VHOST_CLUSTER_ORIGIN", "x")]).vhosts[0]
            .cluster
            .origin
            .contains(&"x".into())
    );
    assert_eq!(config("", &[("SRS_THREADS_WORKERS", "3")]).threads.workers, 3, "weir's own have regular names");
}

/// config.md §2, `-e`.
#[test]
fn environment_alone() {
    let env: Env = [("SRS_LISTEN", "1936"), ("SRS_VHOST_PLAY_GOP_CACHE", "off")].into_iter().collect();
    let config = Config::load(Source::EnvOnly, &env, &Facts::default()).unwrap().config;
    assert_eq!(
        (config.listen.as_slice(), config.daemon, config.srs_log_tank),
        (&["1936".to_owned()][..], false, LogTank::Console)
    );
    let vhost = config.vhost("any").unwrap();
    assert_eq!((vhost.name.as_str(), vhost.play.gop_cache), (DEFAULT_VHOST, false));
}
