//! Command lines and configurations: what is refused and how the message reads, and what is taken.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use weir_e2e::clients::ffmpeg;
use weir_e2e::rtmp::RawRtmp;
use weir_e2e::{Ended, Running, eventually, fixture, http, ports, weir};

/// How long a start may take that is to fail, on a busy machine.
const LIMIT: Duration = Duration::from_secs(15);

/// The recipes that users have, as they are.
const RECIPES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/core/conf/testdata/recipes");

/// SRS keeps the lowest 8 bits of its codes as the exit status.
fn status_of(code: i32) -> Option<i32> {
    Some(code & 0xff)
}

fn code(ended: &Ended) -> Option<i32> {
    ended.status.and_then(|status| status.code())
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::with_prefix("weir-e2e-").unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

/// Runs the binary to its end in this folder; `args` are words.
fn run(dir: &Path, args: &str, env: &[(&str, &str)]) -> Ended {
    Running::spawn(weir(dir).args(args.split_whitespace()).envs(env.iter().copied())).wait(LIMIT)
}

/// The server does not start on this file, says why and where, and so does `-t`.
#[track_caller]
fn check_refused(text: &str, place: &str, says: &[&str]) {
    let dir = folder(&[("weir.conf", text)]);
    for args in ["-c weir.conf", "-t -c weir.conf"] {
        let ended = run(dir.path(), args, &[]);
        assert_eq!(code(&ended), status_of(1023), "{args}: {}", ended.output);
        for say in [&[place], says].concat() {
            assert!(ended.output.contains(say), "{say:?} is not in:\n{}", ended.output);
        }
    }
}

// row: errors.md §3 1023
// row: ops.md §1 -t -c FILE
#[test]
fn a_mistake_is_shown_at_its_place_with_what_was_meant() {
    check_refused("lisen 1935;\n", "weir.conf:1:1", &["lisen", "did you mean \"listen\"", "1 | lisen 1935;"]);
    check_refused(
        "listen 1935;\nvhost a {\n    http_remuxx { }\n}\n",
        "weir.conf:3:5",
        &["http_remuxx", "\"http_remux\"", "^^^^^^^^^^^"],
    );
    check_refused("listen 1935\nmax_connections 10;\n", "weir.conf:1:12", &["expected \";\""]);
    check_refused("listen 1935;\nvhost a {\n", "weir.conf:2:9", &["never closed", "\"}\""]);
    check_refused("listen 1935;\n}\n", "weir.conf:2:1", &["unexpected \"}\""]);
    check_refused("listen \"1935;\n", "weir.conf:1:8", &["never closed"]);
    check_refused("listen 1935;\ninclude nothere.conf;\n", "weir.conf:2:9", &["nothere.conf", "No such file"]);
    check_refused("listen 300.1.1.1:1935;\n", "weir.conf:1:8", &["300.1.1.1:1935", "IP:PORT"]);
    check_refused("listen 127.0.0.1:http;\n", "weir.conf:1:8", &["127.0.0.1:http", "1 to 65535"]);
    check_refused("listen 1935;\nmax_connections 0;\n", "weir.conf:2:17", &["max_connections"]);
    check_refused("listen 1935;\nis_full on;\n", "weir.conf:2:9", &["is_full"]);
}

// row: ops.md §3 asprocess
#[test]
fn a_process_that_follows_its_parent_cannot_leave_it() {
    check_refused("listen 1935;\nasprocess on;\n", "weir.conf:2:11", &["asprocess", "daemon off;"]);
}

#[test]
fn a_mistake_in_an_included_file_is_shown_there() {
    let dir = folder(&[("weir.conf", "listen 1935;\ninclude more.conf;\n"), ("more.conf", "\n  srs_log_tonk file;\n")]);
    let ended = run(dir.path(), "-c weir.conf", &[]);
    assert_eq!(code(&ended), status_of(1023), "{}", ended.output);
    assert!(ended.output.contains("more.conf:2:3"), "{}", ended.output);
    assert!(ended.output.contains("srs_log_tank"), "{}", ended.output);
}

#[test]
fn every_mistake_is_told_at_once() {
    check_refused("lisen 1935;\nlisten 1935;\nmax_connectionz 3;\n", "weir.conf:1:1", &["weir.conf:3:1", "2 errors"]);
}

// row: ops.md §3 ulimit
#[test]
fn too_few_open_files_for_the_connections_are_refused() {
    let text = "listen 1935; daemon off;\nmax_connections 100;\n";
    let dir = folder(&[("weir.conf", text)]);
    let weir = weir(dir.path()).get_program().to_owned();
    let limited = |files: u32| {
        let mut shell = Command::new("sh");
        shell
            .current_dir(dir.path())
            .args(["-c", &format!("ulimit -n {files}; exec \"$0\" -t -c weir.conf")])
            .arg(&weir);
        Running::spawn(&mut shell).wait(LIMIT)
    };
    let refused = limited(228);
    assert_eq!(code(&refused), status_of(1023), "{}", refused.output);
    assert!(refused.output.contains("weir.conf:2:17") && refused.output.contains("228"), "{}", refused.output);
    limited(229).expect_success();
}

// row: errors.md §3 1002 / 1003
#[test]
fn a_taken_port_is_named_with_its_holder() {
    let taken = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let free = ports::free();
    let name = std::fs::read_to_string("/proc/self/comm").unwrap();
    let holder = format!("{} (pid {})", name.trim(), std::process::id());
    let listens = [
        (format!("listen {port};"), "listen"),
        (format!("listen {free} 127.0.0.1:{port};"), "listen"),
        (format!("listen {free}; http_server {{ enabled on; listen {port}; }}"), "http_server.listen"),
        (format!("listen {free}; http_api {{ enabled on; listen {port}; }}"), "http_api.listen"),
    ];
    for (conf, directive) in listens {
        let dir = folder(&[("weir.conf", &format!("{conf} daemon off; srs_log_tank console; pid ./weir.pid;"))]);
        let ended = run(dir.path(), "-c weir.conf", &[]);
        assert_eq!(code(&ended), status_of(1002), "{}", ended.output);
        for say in [&format!("port {port}"), directive, &holder] {
            assert!(ended.output.contains(say), "{say:?} is not in:\n{}", ended.output);
        }
    }
}

#[test]
fn a_failed_start_is_told_on_the_terminal_and_in_the_log() {
    let taken = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let conf = format!("listen {port}; daemon off; pid ./weir.pid; srs_log_tank file; srs_log_file ./logs/weir.log;");
    let dir = folder(&[("weir.conf", &conf)]);
    let ended = run(dir.path(), "-c weir.conf", &[]);
    assert_eq!(code(&ended), status_of(1002), "{}", ended.output);
    let log = std::fs::read_to_string(dir.path().join("logs/weir.log")).unwrap();
    for text in [&ended.output, &log] {
        assert!(text.contains(&format!("cannot listen on tcp port {port}")), "{text}");
    }
    assert!(log.contains("[ERROR]") && log.contains("code 1002"), "{log}");
}

// row: errors.md §3 1042
#[test]
fn a_work_dir_that_is_not_there_is_told_before_the_process_detaches() {
    for daemon in ["on", "off"] {
        let dir = folder(&[("weir.conf", &format!("listen 1935; daemon {daemon}; work_dir ./nothere;"))]);
        let ended = run(dir.path(), "-c weir.conf", &[]);
        assert_eq!(code(&ended), status_of(1042), "{}", ended.output);
        assert!(ended.output.contains("./nothere (work_dir)"), "{}", ended.output);
    }
}

// row: ops.md §1 no argument
// row: ops.md §1 -?, -h, --help, or a first non-dash word
// row: ops.md §1 -v, -V, --version
// row: ops.md §1 -g, -G
#[test]
fn the_command_line_explains_itself() {
    let dir = folder(&[]);
    for args in ["", "-h", "-?", "--help", "start"] {
        let help = run(dir.path(), args, &[]).expect_success();
        assert!(help.output.contains("Usage: weir") && help.output.contains("-c FILE"), "{args}: {}", help.output);
    }
    for args in ["-v", "-V", "--version"] {
        let version = run(dir.path(), args, &[]).expect_success();
        assert_eq!(version.output, concat!(env!("CARGO_PKG_VERSION"), "\n"));
    }
    for args in ["-g", "-G"] {
        let signature = run(dir.path(), args, &[]).expect_success();
        assert_eq!(signature.output, concat!("weir/", env!("CARGO_PKG_VERSION"), "\n"));
    }
}

// row: ops.md §1 unknown letter
// row: ops.md §1 no -c (and no env/-e) or missing file
// row: ops.md §6 stderr
#[test]
fn command_lines_that_cannot_be_used_say_so_on_stderr() {
    let dir = folder(&[]);
    for (args, says) in [
        ("-x", "unknown option -x"),
        ("-c", "-c needs a file"),
        ("-t", "no configuration"),
        ("-c nothere.conf", "nothere.conf: No such file"),
        ("-t -c nothere.conf", "nothere.conf: No such file"),
    ] {
        let output = weir(dir.path()).args(args.split_whitespace()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), status_of(1023), "{args}: {stderr}");
        assert!(stderr.contains(says), "{args}: {stderr}");
        assert!(output.stdout.is_empty(), "{args}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

// row: ops.md §1 -c FILE, -cFILE
// row: ops.md §1 combined letters
// row: config.md §2 Non-config env
#[test]
fn the_environment_says_first_where_the_configuration_is() {
    let dir = folder(&[("good.conf", "listen 1935;"), ("bad.conf", "lisen 1935;")]);
    let good = |args: &str, env: &[(&str, &str)]| drop(run(dir.path(), args, env).expect_success());
    let bad = |args: &str, env: &[(&str, &str)]| {
        let ended = run(dir.path(), args, env);
        assert_eq!(code(&ended), status_of(1023), "{args}: {}", ended.output);
        assert!(ended.output.contains("bad.conf:1:1"), "{args}: {}", ended.output);
    };
    for args in ["-t -c good.conf", "-t -cgood.conf", "-tc good.conf", "-c good.conf -t"] {
        good(args, &[]);
        bad(args, &[("SRS_CONFIG_FILE", "bad.conf")]);
    }
    bad("-t -c bad.conf", &[]);
    good("-t -c bad.conf", &[("SRS_CONFIG_FILE", "good.conf")]);
    good("-t", &[("SRS_CONFIG_FILE", "good.conf")]);
    let alone = [("SRS_CONFIG_FILE", "bad.conf"), ("SRS_ENV_ONLY", ""), ("SRS_LISTEN", "1935")];
    good("-t -c bad.conf", &alone);
}

// row: ops.md §1 -e
// row: config.md §2 -e: config file ignored
#[test]
fn the_environment_alone_is_enough_to_serve() {
    let dir = folder(&[("bad.conf", "lisen 1935;")]);
    for (args, alone) in [("-e", None), ("-c bad.conf", Some(("SRS_ENV_ONLY", "1")))] {
        let port = ports::free();
        let mut command = weir(dir.path());
        command.args(args.split_whitespace()).env("SRS_LISTEN", port.to_string()).env("SRS_PID", "./weir.pid");
        let mut server = Running::spawn(command.envs(alone));
        assert!(eventually(LIMIT, || ports::is_listening(port)), "{}", server.output());
        RawRtmp::shaken(port);
        assert!(server.is_running(), "{}", server.output());
        assert!(server.output().contains(&format!("RTMP listens on {port} (listen)")), "{}", server.output());
    }
}

#[test]
fn the_recipes_load_unchanged_and_say_what_is_not_served_yet() {
    let expected = [
        ("edge.conf", vec!["edges"]),
        ("edge2.conf", vec!["edges"]),
        ("forward.master.conf", vec!["forward"]),
        ("forward.slave.conf", vec![]),
        ("origin.cluster.edge.conf", vec!["edges"]),
        ("origin.cluster.serverA.conf", vec!["origin clusters"]),
        ("origin.cluster.serverB.conf", vec!["origin clusters"]),
        ("origin.conf", vec![]),
        ("rtc.conf", vec![]),
    ];
    let mut names: Vec<String> = std::fs::read_dir(RECIPES)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".conf"))
        .collect();
    names.sort();
    assert_eq!(names, expected.iter().map(|(name, _)| *name).collect::<Vec<_>>());

    let dir = folder(&[]);
    for (name, services) in expected {
        let ended = run(dir.path(), &format!("-t -c {RECIPES}/{name}"), &[]).expect_success();
        let warned = ended.output.matches("this version does not serve").count();
        assert_eq!(warned, services.len(), "{name}: {}", ended.output);
        for service in services {
            let says = format!("this version does not serve {service} yet\n");
            assert!(ended.output.contains(&says), "{name}: {}", ended.output);
            assert!(ended.output.contains(&format!("{name}:")), "the place: {}", ended.output);
        }
    }
}

/// The built-in configuration on ports of our own, then exactly what it prints.
#[test]
fn what_the_built_in_start_prints_works() {
    let dir = folder(&[]);
    let (rtmp, http, api) = (ports::free(), ports::free(), ports::free());
    let mut command = weir(dir.path());
    command.arg("-d").env("SRS_LISTEN", rtmp.to_string());
    command.env("SRS_HTTP_SERVER_LISTEN", http.to_string()).env("SRS_HTTP_API_LISTEN", api.to_string());
    let rtc = ports::free().to_string();
    command.env("SRS_RTC_SERVER_LISTEN", &rtc).env("SRS_RTC_SERVER_TCP_LISTEN", &rtc);
    let mut server = Running::spawn(&mut command);
    assert!(eventually(LIMIT, || server.output().contains("Ctrl-C")), "{}", server.output());
    let output = server.output();
    let after = |words: &str| {
        let line = output.lines().find_map(|line| line.split_once(words)).map(|(_, rest)| rest.trim().to_owned());
        line.unwrap_or_else(|| panic!("no {words:?} in:\n{output}"))
    };

    let push = after("Push a file:").replace("FILE", &fixture::h264_aac().display().to_string());
    let mut words = push.split_whitespace();
    let _push = Running::spawn(Command::new(words.next().unwrap()).args(words).arg("-nostdin"));
    let published = || http::get(api, "/api/v1/streams/").text().contains("\"active\":true");
    assert!(eventually(LIMIT, published), "{}", server.output());

    assert_eq!(after("See who is there:   curl "), format!("http://127.0.0.1:{api}/api/v1/streams/"));
    for watch in [after("Watch by RTMP:      ffplay "), after("Watch by HTTP-FLV:  ffplay ")] {
        let player = ffmpeg::record(&watch);
        assert!(eventually(LIMIT, || player.len() > 1000), "nothing comes from {watch}\n{}", server.output());
    }
}
