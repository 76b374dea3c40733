//! The log: its lines, its levels, its clock, where it goes, and whether a newcomer understands it.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use weir_e2e::clients::ffmpeg;
use weir_e2e::{Running, Server, eventually, fixture, pause, ports, weir};

use super::line::Line;
use super::{FAST, SOON, folder, read};

/// What the server logs at these settings when it starts, which gives one warning, and ends.
#[track_caller]
fn log_at(settings: &str) -> Vec<Line> {
    let mut server = Server::start(&format!("listen {{rtmp}}; srt_server {{ enabled on; }}{settings}"));
    server.signal("TERM");
    assert!(server.wait_end(FAST).is_some());
    server.log().lines().map(Line::parse).collect()
}

// row: ops.md §6 Filter
// row: config.md §3 srs_log_level
// row: config.md §3 srs_log_level_v2
#[test]
fn the_level_of_the_log_is_configured() {
    let check = |settings: &str, expect: [bool; 2]| {
        let lines = log_at(settings);
        let has = |level: &str| lines.iter().any(|line| line.level == level);
        assert_eq!(["INFO", "WARN"].map(has), expect, "{settings}: {lines:?}");
    };
    check("", [true, true]);
    check("srs_log_level trace;", [true, true]);
    check("srs_log_level warn;", [false, true]);
    check("srs_log_level error;", [false, false]);
    check("srs_log_level_v2 warn;", [false, true]);
    check("srs_log_level error; srs_log_level_v2 info;", [true, true]);
    check("srs_log_level trace; srs_log_level_v2 error;", [false, false]);
    check("srs_log_level loud;", [false, false]);
    check("srs_log_level_v2 loud;", [false, false]);
}

// row: config.md §3 utc_time
// row: ops.md §6 Year
#[test]
fn times_are_local_or_utc() {
    let hour_of_log = |settings: &str| {
        let port = ports::free();
        let conf = format!("listen {port}; daemon off; srs_log_tank console; pid ./weir.pid; {settings}");
        let dir = folder(&conf);
        let mut server = Running::spawn(weir(dir.path()).args(["-c", "weir.conf"]).env("TZ", "FAR-8"));
        assert!(eventually(SOON, || ports::is_listening(port)), "{}", server.output());
        let output = server.output();
        let line = Line::parse(output.lines().next().unwrap());
        line.time[11..13].parse::<u64>().unwrap()
    };
    let hour_now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 3600 % 24;
    for (settings, ahead) in [("utc_time on;", 0), ("utc_time off;", 8), ("", 8)] {
        let (before, logged, after) = (hour_now(), hour_of_log(settings), hour_now());
        let expected = [before, after].map(|hour| (hour + ahead) % 24);
        assert!(expected.contains(&logged), "{settings}: {logged} is none of {expected:?}");
    }
}

// row: ops.md §6 Console
// row: config.md §3 srs_log_tank
#[test]
fn the_console_is_standard_output_and_warnings_are_yellow() {
    let port = ports::free();
    let dir = folder(&format!(
        "listen {port}; daemon off; srs_log_tank console; pid ./weir.pid; srt_server {{ enabled on; }}"
    ));
    let path = |name: &str| -> PathBuf { dir.path().join(name) };
    let file = |name: &str| fs::File::create(path(name)).unwrap();
    let mut command = weir(dir.path());
    let mut child = command.args(["-c", "weir.conf"]).stdout(file("out")).stderr(file("err")).spawn().unwrap();
    let listens = eventually(SOON, || ports::is_listening(port));
    let _ = child.kill();
    let _ = child.wait();
    let (out, err) = (read(path("out")), read(path("err")));
    assert!(listens, "{out}{err}");
    assert_eq!(err, "");
    for raw in out.lines() {
        let line = Line::parse(raw);
        let plain = !raw.contains('\x1b');
        match line.level.as_str() {
            "WARN" => assert!(raw.starts_with("\x1b[33m[") && raw.ends_with("\x1b[0m"), "{raw:?}"),
            _ => assert!(plain, "{raw:?}"),
        }
    }
    assert!(out.contains("[WARN]") && out.contains("[INFO]"), "{out}");
}

/// One push and one play: the server, its log, and the ids of the clients in the API.
fn push_and_play() -> (Server, String, Vec<String>) {
    let server = Server::start(&format!("pithy_print_ms 1000;{}", Server::LIVE));
    let push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
    server.wait_published("cam");
    let player = ffmpeg::record(&server.rtmp("live/cam"));
    server.wait_stream("cam", SOON, |stream| stream["clients"] == 2);
    let clients = server.api("/api/v1/clients/")["clients"].as_array().cloned().unwrap_or_default();
    let ids = clients.iter().filter_map(|client| client["id"].as_str().map(str::to_owned)).collect();
    pause(Duration::from_secs(3));
    player.finish();
    server.wait_stream("cam", SOON, |stream| stream["clients"] == 1);
    push.stop();
    assert!(server.logs("bytes received from it", SOON));
    // A client that is ended on a busy machine may close its connection before it has said that it ends.
    let why = |line: &str| match line.split_once(" it: it ") {
        Some((begin, _)) => format!("{begin} it: WHY\n"),
        None => format!("{line}\n"),
    };
    let log = server.log().lines().map(why).collect();
    (server, log, ids)
}

// row: ops.md §6 cid
// row: ops.md §6 Parent/child
// row: ops.md §6 Tags
// row: ops.md §6 Pithy
// row: ops.md §6 Server line
// row: ops.md §6 Line
#[test]
fn a_newcomer_understands_the_log_of_a_push_and_a_play() {
    let (server, log, mut ids) = push_and_play();
    let lines: Vec<Line> = log.lines().map(Line::parse).collect();
    assert!(lines.iter().all(|line| line.pid == server.pid()), "{log}");

    let of =
        |words: &str| lines.iter().find(|line| line.text.contains(words)).unwrap_or_else(|| panic!("{words}:\n{log}"));
    let names = [
        (of("publishes").cid.as_str(), "PUBLISHER"),
        (of("plays").cid.as_str(), "PLAYER"),
        (lines[0].cid.as_str(), "SERVER"),
    ];
    let mut cids = vec![names[0].0, names[1].0];
    cids.sort_unstable();
    ids.sort_unstable();
    assert_eq!(ids, cids, "the API knows them by the same ids");

    let mut told = Vec::new();
    let mut periodic = Vec::new();
    for line in &lines {
        let line = line.normalised(&server, &names);
        let is_periodic = ["[CPB]", "[PLA]", "the server uses"].iter().any(|words| line.contains(words));
        if is_periodic { periodic.push(line) } else { told.push(line) }
    }
    assert_eq!(told, NEWCOMER.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>(), "{log}");

    for expect in PERIODIC {
        let count = periodic.iter().filter(|line| *line == expect).count();
        assert!((2..=12).contains(&count), "about once a second: {expect}\n{log}");
        periodic.retain(|line| line != expect);
    }
    assert!(periodic.is_empty(), "{periodic:?}");
}

/// What comes every `pithy_print_ms`.
const PERIODIC: [&str; 3] = [
    "INFO SERVER the server uses N% of a processor, at most N MB so far",
    "INFO SERVER [CPB] publishers: N, sending N kb/s (mean of N s)",
    "INFO SERVER [PLA] players: N, getting N kb/s (mean of N s), frames wait N ms at most, N skipped",
];

/// Numbers are N, names of clients, folders and machines are in capitals.
const NEWCOMER: &str = "
    INFO SERVER weir/0.1.0, MIT or Apache-2.0 licence, process N
    INFO SERVER in folder FOLDER, on MACHINE
    WARN SERVER anybody may publish on vhost __defaultVhost__ (close it with tokens, security or http_hooks.on_publish)
    WARN SERVER anybody may use the API on API and end clients (close it with http_api.auth)
    INFO SERVER RTMP listens on RTMP (listen)
    INFO SERVER HTTP listens on HTTP (http_server.listen)
    INFO SERVER HTTP listens on API (http_api.listen)
    INFO SERVER ready with N worker threads, at most N connections (max_connections)
    INFO PUBLISHER client 127.0.0.1:N connected to rtmp://127.0.0.1:RTMP/live with FMLE/3.0 (compatible; LAVF)
    INFO PUBLISHER client 127.0.0.1:N publishes /live/cam (RTMP, FMLE)
    INFO PUBLISHER stream /live/cam has video H.264 High N, 320x180
    INFO PUBLISHER stream /live/cam has audio AAC LC, N Hz, N channels
    INFO PLAYER client 127.0.0.1:N connected to rtmp://127.0.0.1:RTMP/live with LNX 9,0,124,2
    INFO PLAYER client 127.0.0.1:N plays /live/cam (RTMP); published by client PUBLISHER from 127.0.0.1
    INFO PLAYER player 127.0.0.1:N left /live/cam after N s, N bytes sent to it: WHY
    INFO PUBLISHER publisher 127.0.0.1:N left /live/cam after N s, N bytes received from it: WHY
";
