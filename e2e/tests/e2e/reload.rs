//! Another configuration while the server runs: all of it or nothing, and nobody who is there notices.

use std::time::Duration;

use weir_e2e::clients::{crowd, ffmpeg};
use weir_e2e::{Packets, Server, eventually, fixture, http, pause};

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
    let push = ffmpeg::push(&file, &rtmp);
    server.wait_published("cam");
    let crowd = [
        crowd::restless("play", &rtmp, 100),
        crowd::restless("play", &http, 100),
        crowd::restless("push", &server.rtmp("live/other%d"), 20),
    ];
    server.wait_stream("cam", PUSH_LIMIT, |stream| stream["clients"].as_u64() > Some(100));
    let original = server.configuration();
    let (threads, memory) = (count(&server, "task"), resident(&server));
    for at in 0..100_u32 {
        let edit = match at % 5 {
            0 => format!("vhost v{at}.example {{ }} "),
            1 => "vhost __defaultVhost__ { ".to_owned(),
            2 => format!("pithy_print_ms {}; ", 5000 + at),
            3 => format!("vhost limited.example {{ limits {{ players {at}; }} }} "),
            _ => "vhost refused.example { security { enabled on; deny play all; } } ".to_owned(),
        };
        server.configure(|_| format!("{edit}{}", original));
        server.signal("HUP");
        pause(Duration::from_millis(100));
    }
    push.wait(PUSH_LIMIT).expect_success();
    for player in &mut players {
        player.wait_end(PUSH_LIMIT);
    }
    let sent = Packets::of(&file);
    let [rtmp, flv] = players.map(weir_e2e::clients::Recorder::finish);
    sent.assert_same("RTMP", &rtmp);
    sent.assert_same("HTTP-FLV", &flv);
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
