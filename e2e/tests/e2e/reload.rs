//! Another configuration while the server runs: all of it or nothing, and nobody who is there notices.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use weir_e2e::clients::{crowd, ffmpeg};
use weir_e2e::{Packets, Running, Server, eventually, fixture, http, pause, ports, signal, weir};

const SOON: Duration = Duration::from_secs(15);
const PUSH_LIMIT: Duration = Duration::from_secs(fixture::SECONDS + 15);

/// What the server says of a reload, whichever way it went.
const SAID: [&str; 2] = ["the configuration was reloaded", "the configuration stays as it was"];

/// Has the server read another text of its configuration; what the log says of it.
#[track_caller]
fn reload(server: &Server, edit: impl FnOnce(&str) -> String) -> String {
    let said = || {
        let log = server.log();
        log.lines().filter(|line| SAID.iter().any(|words| line.contains(words))).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = said().len();
    server.configure(edit);
    server.signal("HUP");
    assert!(eventually(SOON, || said().len() > before), "{}", server.log());
    said().pop().unwrap_or_default()
}

/// The first line of the answer to a player.
fn answer(server: &Server) -> String {
    let request = b"GET /live/cam.flv HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let bytes = http::read_live(server.port("http"), request, "HTTP/1.1 200".len());
    String::from_utf8_lossy(&bytes).chars().take("HTTP/1.1 200".len()).collect()
}

// row: ops.md §4 SIGHUP
// row: config.md §13 Finished
#[test]
fn who_may_come_in_changes_and_who_is_there_stays() {
    let server = Server::start(Server::LIVE);
    let file = fixture::h264_aac();
    let mut player = ffmpeg::record(&server.rtmp("live/cam"));
    server.wait_stream("cam", SOON, |stream| stream["clients"] == 1);
    let push = ffmpeg::push(&file, &server.rtmp("live/cam"));
    server.wait_published("cam");
    assert_eq!(answer(&server), "HTTP/1.1 200");

    let rule = "security { enabled on; deny play 127.0.0.0/8; allow publish all; }";
    let said = reload(&server, |conf| conf.replace("http_remux {", &format!("{rule} http_remux {{")));
    for part in ["security.enabled", "security.deny", "security.allow"] {
        assert!(said.contains(part), "{said}");
    }
    let refused = http::get(server.port("http"), "/live/cam.flv");
    assert_eq!((refused.status, refused.text().contains("security.deny")), (403, true), "{}", refused.text());
    assert!(server.logs("127.0.0.0/8 is denied (security.deny)", SOON), "{}", server.log());

    let said = reload(&server, |conf| conf.replace(rule, ""));
    assert!(said.contains("security.enabled"), "{said}");
    assert_eq!(answer(&server), "HTTP/1.1 200");
    push.wait(PUSH_LIMIT).expect_success();
    player.wait_end(PUSH_LIMIT);
    Packets::of(&file).assert_same("RTMP", &player.finish());
}

// row: config.md §13 Parsing
// row: config.md §13 Transforming (also the validity check)
// row: http-api.md §3.3 rpc=reload-fetch
#[test]
fn a_configuration_that_cannot_be_changes_nothing() {
    let server = Server::start(&format!(
        "vhost cam.example {{ }} {}",
        Server::LIVE.replace("listen {api};", "listen {api}; raw_api { enabled on; allow_reload on; }")
    ));
    let _push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam?vhost=cam.example"));
    server.wait_published("cam");

    let said = reload(&server, |conf| format!("{conf} vhost other.example {{ play {{ gop_cash on; }} }}"));
    assert!(said.contains("gop_cash") && said.contains("(code 1023)"), "{said}");
    let last = server.api("/api/v1/raw?rpc=reload-fetch");
    assert_eq!((&last["data"]["err"], &last["data"]["state"]), (&1023.into(), &10.into()), "{last}");

    let whole = |conf: &str| conf.split(" vhost other.example").next().unwrap_or_default().to_owned();
    let said = reload(&server, |conf| whole(conf).replace("vhost cam.example { }", ""));
    assert!(said.contains("cam.example") && said.contains("/live/cam is published there"), "{said}");

    server.configure(|conf| format!("vhost cam.example {{ }} vhost new.example {{ }} {conf}"));
    assert_eq!(server.api("/api/v1/raw?rpc=reload")["code"], 0);
    assert!(server.logs("vhosts added new.example", SOON), "{}", server.log());
    assert!(eventually(SOON, || server.api("/api/v1/raw?rpc=reload-fetch")["data"]["state"] == 90));
    assert_eq!(server.wait_published("cam")["publish"]["active"], true);
}

/// The last reload, once it came to an end.
#[track_caller]
fn outcome(server: &Server) -> Value {
    let last = || server.api("/api/v1/raw?rpc=reload-fetch")["data"].clone();
    assert!(eventually(SOON, || last()["state"] == 90 || last()["err"] != 0), "{}", last());
    last()
}

fn with_raw_api() -> String {
    Server::LIVE.replace("listen {api};", "listen {api}; raw_api { enabled on; allow_reload on; }")
}

// row: config.md §3 listen
// row: errors.md §3 1002 / 1003
#[test]
fn another_port_is_opened_and_who_came_by_the_old_one_stays() {
    let server = Server::start(&with_raw_api());
    let (old, new, api) = (server.port("rtmp"), ports::free(), server.port("api"));
    let file = fixture::h264_aac();
    let mut player = ffmpeg::record(&server.rtmp("live/cam"));
    server.wait_stream("cam", SOON, |stream| stream["clients"] == 1);
    let push = ffmpeg::push(&file, &server.rtmp("live/cam"));
    server.wait_published("cam");

    let said = reload(&server, |conf| conf.replace(&format!("listen {old};"), &format!("listen {new};")));
    assert!(said.contains("changed listen"), "{said}");
    assert!(ports::is_listening(new));
    assert!(eventually(SOON, || !ports::is_listening(old)), "{}", server.log());
    let other = ffmpeg::record(&format!("rtmp://127.0.0.1:{new}/live/cam"));
    assert!(eventually(SOON, || other.len() > 10_000));
    drop(other);

    // A port that is taken: nothing of the new configuration counts.
    let taken = format!("pithy_print_ms 4321; listen {old} {api};");
    let said = reload(&server, |conf| conf.replace(&format!("listen {new};"), &taken));
    assert!(said.contains(&format!("tcp port {api}")) && said.contains("(code 1002)"), "{said}");
    let last = outcome(&server);
    assert_eq!((&last["err"], &last["state"]), (&1002.into(), &30.into()), "{last}");
    assert!(ports::is_listening(new) && !ports::is_listening(old));

    push.wait(PUSH_LIMIT).expect_success();
    player.wait_end(PUSH_LIMIT);
    Packets::of(&file).assert_same("RTMP", &player.finish());
}

// row: config.md §3 server_id
#[test]
fn what_waits_for_a_restart_is_told_and_not_in_force() {
    let server = Server::start(&format!("stats {{ enabled on; }} {}", with_raw_api()));
    let (api, id) = (server.port("api"), server.api("/api/v1/versions")["server"].clone());
    let said = reload(&server, |conf| {
        let conf = conf.replace("stats { enabled on; }", "stats { enabled off; } server_id another;");
        conf.replace(&format!("listen {api}; raw_api {{ enabled on;"), "listen 1; raw_api { enabled off;")
            .replace("mount [vhost]/[app]/[stream].flv;", "mount [vhost]/other/[stream].flv;")
    });
    let waits =
        "server_id, stats.enabled, http_api.listen, http_api.raw_api.enabled, vhost __defaultVhost__: http_remux.mount";
    assert!(said.ends_with(&format!("the configuration was reloaded: after a restart {waits}")), "{said}");
    let last = outcome(&server);
    assert_eq!(
        (&last["err"], &last["msg"]),
        (&0.into(), &format!("Success; after a restart {waits}").into()),
        "{last}"
    );
    assert_eq!(server.api("/api/v1/versions")["server"], id);
    let told = &server.api("/api/v1/raw?rpc=raw")["http_api"];
    assert_eq!((&told["listen"], &told["raw_api"]["enabled"]), (&api.to_string().into(), &true.into()), "{told}");
    let summary = || server.api("/api/v1/summaries")["data"]["now_ms"].clone();
    let before = summary();
    assert!(eventually(SOON, || summary() != before), "samples are taken");
    let _push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
    server.wait_published("cam");
    assert_eq!(answer(&server), "HTTP/1.1 200");
}

/// What is no configuration is told within moments, and serving goes on.
#[test]
fn nothing_that_stands_in_place_of_the_file_stops_the_server() {
    let server = Server::start(Server::LIVE);
    let file = server.dir().join("weir.conf");
    let original = server.configuration();
    let made = |program: &str, args: &[&str]| {
        let _ = std::fs::remove_file(&file);
        assert!(Command::new(program).args(args).arg(&file).status().is_ok_and(|status| status.success()));
    };
    let check = |what: &str| {
        let before = server.log().matches(SAID[1]).count();
        server.signal("HUP");
        assert!(eventually(SOON, || server.log().matches(SAID[1]).count() > before), "{what}: {}", server.log());
        assert!(server.log().contains(what), "{what}: {}", server.log());
        assert_eq!(server.api("/api/v1/versions")["code"], 0);
    };
    made("mkfifo", &[]);
    check("it is a pipe, a socket or a device, not a file");
    made("ln", &["-s", "/dev/zero"]);
    check("it is a pipe, a socket or a device, not a file");
    made("mkdir", &[]);
    check("it is a folder, not a file");
    std::fs::remove_dir(&file).expect("the folder");
    check("No such file or directory");
    let pipe = server.dir().join("more.conf");
    assert!(Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()));
    for (text, what) in [
        (Vec::new(), "the configuration is empty"),
        (vec![0; 100_000], "to finish"),
        (vec![b'#'; 100_000_000], "is larger than 4194304 bytes"),
        (format!("{original} include {};", pipe.display()).into_bytes(), "more.conf\": it is a pipe"),
    ] {
        std::fs::write(&file, text).expect("another file");
        check(what);
    }
    std::fs::write(&file, &original).expect("the first file");
    assert!(reload(&server, str::to_owned).ends_with("nothing is different"));
}

/// A signal that comes too early is heeded when the server is ready; at its end it keeps nothing.
#[test]
fn a_reload_that_is_asked_for_at_the_wrong_time_ends_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("weir.conf");
    let port = ports::free();
    let text = format!(
        "listen {port}; daemon off; srs_log_tank console; pid {}/pid; max_connections 100;",
        dir.path().display()
    );
    std::fs::write(&file, format!("{text} grace_start_wait 300; grace_final_wait 300;")).expect("a configuration");
    let mut server = Running::spawn(weir(dir.path()).arg("-c").arg(&file));
    // Its image is the server's from here on: before, the signal is the system's affair.
    let image = format!("/proc/{}/cmdline", server.pid());
    assert!(eventually(SOON, || std::fs::read_to_string(&image).is_ok_and(|line| line.contains("weir.conf"))));
    let keeps_it = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap_or_default();
        let of = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).map(str::to_owned);
        let has =
            |name| of(name).and_then(|mask| u64::from_str_radix(&mask, 16).ok()).is_some_and(|mask| mask & 1 == 1);
        has("SigBlk:") || has("SigCgt:")
    };
    assert!(eventually(SOON, keeps_it));
    signal(server.pid(), "HUP");
    assert!(eventually(SOON, || server.output().contains(SAID[0])), "{}", server.output());
    signal(server.pid(), "QUIT");
    while server.is_running() {
        let _ = Command::new("kill").args(["-HUP", &server.pid().to_string()]).output();
        pause(Duration::from_millis(10));
    }
    let ended = server.wait(SOON).expect_success();
    assert!(ended.output.contains("the server ends with 0 connections open"), "{}", ended.output);
}

/// How many threads or open files (`task`, `fd`) the server has.
fn count(server: &Server, kind: &str) -> usize {
    std::fs::read_dir(format!("/proc/{}/{kind}", server.pid())).map_or(0, Iterator::count)
}

/// Memory of the server in MiB that is not on disk.
#[track_caller]
fn resident(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
}

/// Players and publishers come and go meanwhile; a player who was there before gets every packet.
#[test]
fn a_hundred_reloads_lose_nothing() {
    let server = Server::start(Server::LIVE);
    let files = count(&server, "fd");
    let (rtmp, http) = (server.rtmp("live/cam"), server.http("live/cam.flv"));
    let mut players = [ffmpeg::record(&rtmp), ffmpeg::record(&http)];
    server.wait_stream("cam", SOON, |stream| stream["clients"] == 2);
    let file = fixture::h264_aac();
    let push = ffmpeg::push_forever(&file, &rtmp);
    server.wait_published("cam");
    let crowd = [
        crowd::restless("play", &rtmp, 100),
        crowd::restless("play", &http, 100),
        crowd::restless("push", &server.rtmp("live/other%d"), 20),
    ];
    server.wait_stream("cam", PUSH_LIMIT, |stream| stream["clients"].as_u64() > Some(150));
    let original = server.configuration();
    let (threads, memory) = (count(&server, "task"), resident(&server));
    println!("edits of seed {}", fastrand::get_seed());
    let second = ports::free();
    for at in 0..100_u32 {
        let edit = match fastrand::u32(..6) {
            0 => format!("vhost v{at}.example {{ }} "),
            1 => "vhost __defaultVhost__ { ".to_owned(),
            2 => format!("pithy_print_ms {}; ", 5000 + at),
            3 => format!("listen {} {second}; ", server.port("rtmp")),
            4 => format!("vhost limited.example {{ limits {{ players {at}; }} }} "),
            _ => "vhost refused.example { security { enabled on; deny play all; } } ".to_owned(),
        };
        server.configure(|_| format!("{edit}{}", original));
        server.signal("HUP");
        pause(Duration::from_millis(100));
    }
    push.stop();
    for player in &mut players {
        player.wait_end(PUSH_LIMIT);
    }
    let sent = Packets::of(&file);
    let [rtmp, flv] = players.map(weir_e2e::clients::Recorder::finish);
    for received in [rtmp, flv] {
        sent.assert_part(&received);
        let pictures = received.video.len() as u64;
        assert!(pictures > 10 * fixture::FPS, "{pictures} pictures in all the time of the reloads");
    }
    assert!(server.log().matches(SAID[0]).count() > 10, "{}", server.log());
    assert!(server.log().matches(SAID[1]).count() > 3, "a file that breaks off is refused");
    let now = count(&server, "task");
    assert!(now <= threads + 4, "{now} threads, {threads} before");
    drop(crowd);
    let nobody = || server.api("/api/v1/clients/")["clients"].as_array().is_some_and(Vec::is_empty);
    assert!(eventually(SOON, nobody), "{}", server.api("/api/v1/clients/"));
    // The connection that asks is one itself, and others are on their way out.
    let are_closed = || count(&server, "fd") <= files + 4;
    assert!(eventually(SOON, are_closed), "{} open files, {files} before anybody came", count(&server, "fd"));
    let now = resident(&server);
    println!("{now} MiB after the crowd, {memory} MiB with it before the reloads");
    assert!(now <= memory + 32, "{now} MiB after the crowd, {memory} MiB with it before the reloads");
}
