//! Callbacks: what a server of the operator is told and asked, and what becomes of clients that it does not want.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use weir_e2e::clients::{Recorder, ffmpeg};
use weir_e2e::{HookServer, Packets, Running, Server, Told, eventually, fixture, http};

const SOON: Duration = Duration::from_secs(15);

/// A server whose default vhost has HLS, HTTP-FLV and these callbacks; `URL` is that of the callbacks' server.
fn configuration(url: &str, hooks: &str) -> String {
    let hooks = hooks.replace("URL", url);
    let more = format!(
        "hls {{ enabled on; hls_fragment 2; hls_window 60; hls_path {{dir}}/html; }}
         http_hooks {{ enabled on; {hooks} }} http_remux {{"
    );
    Server::LIVE.replace("http_remux {", &more)
}

fn start(hooks: &HookServer, directives: &str) -> Server {
    Server::start(&configuration(&format!("http://127.0.0.1:{}", hooks.port), directives))
}

fn yes(_: &Told) -> String {
    r#"{"code":0,"data":null}"#.to_owned()
}

const ALL: &str = "on_connect URL/api/v1/clients; on_close URL/api/v1/clients; on_publish URL/api/v1/streams;
    on_unpublish URL/api/v1/streams; on_play URL/api/v1/sessions; on_stop URL/api/v1/sessions;
    on_hls URL/api/v1/hls; on_hls_notify URL/api/v1/hls/[server_id]/[app]/[stream]/[ts_url][param];";

/// What bodies of a server and its stream hold.
struct Words {
    server: String,
    service: String,
    stream: String,
    rtmp: u16,
}

impl Words {
    fn of(server: &Server) -> Words {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let stream = server.wait_published("cam");
        let all = server.api("/api/v1/streams/");
        let rtmp = server.port("rtmp");
        Words { server: text(&all["server"]), service: text(&all["service"]), stream: text(&stream["id"]), rtmp }
    }

    /// `told` is exactly this: `STREAM` stands for what a body about a stream ends with, `RTMP` for the server's URL.
    #[track_caller]
    fn check(&self, told: &Told, path: &str, action: &str, members: &str) {
        let Words { server, service, stream, rtmp } = self;
        let client = told.member("client_id").as_str().unwrap_or_default().to_owned();
        assert_eq!(client.len(), 8, "{told:?}");
        let members = members
            .replace("STREAM", &format!(r#""stream_url":"/live/cam","stream_id":"{stream}""#))
            .replace("RTMP", &format!("rtmp://127.0.0.1:{rtmp}"));
        let expect = format!(
            r#"{{"server_id":"{server}","service_id":"{service}","action":"{action}","client_id":"{client}","ip":"127.0.0.1","vhost":"__defaultVhost__","app":"live",{members}}}"#
        );
        assert_eq!(told.body, expect);
        assert_eq!(told.line, format!("POST {path} HTTP/1.1"));
        assert_eq!(told.header("Content-Type"), Some("application/json"));
        assert_eq!(told.header("Content-Length"), Some(&*told.body.len().to_string()));
        assert!(told.header("User-Agent").is_some_and(|agent| agent.starts_with("weir/")), "{told:?}");
    }
}

/// The actions of a connection, in their order.
fn of_client(hooks: &HookServer, id: &serde_json::Value) -> Vec<String> {
    let of_client = hooks.told().into_iter().filter(|told| told.member("client_id") == *id);
    of_client.map(|told| told.action()).filter(|action| action != "on_hls").collect()
}

// row: hooks.md §1 Enable
// row: hooks.md §3 on_connect
// row: hooks.md §3 on_close
// row: hooks.md §3 on_publish
// row: hooks.md §3 on_unpublish
// row: hooks.md §3 on_play
// row: hooks.md §3 on_stop
// row: hooks.md §3 on_hls
// row: hooks.md §3 on_hls_notify
// row: config.md §11 http_hooks *
#[test]
fn every_event_has_the_members_of_srs_in_its_order() {
    let hooks = HookServer::start(None, yes);
    let mut server = start(&hooks, ALL);
    let push = ffmpeg::push_forever(&fixture::h264_aac(), &format!("{}?token=abc", server.rtmp("live/cam")));
    let words = Words::of(&server);

    let publish = r#""tcUrl":"RTMP/live","stream":"cam","param":"?token=abc",STREAM"#;
    let connected = &hooks.wait("on_connect", 1)[0];
    let connect = r#""stream":"cam","param":"?token=abc","tcUrl":"RTMP/live","pageUrl":"""#;
    words.check(connected, "/api/v1/clients", "on_connect", connect);
    words.check(&hooks.wait("on_publish", 1)[0], "/api/v1/streams", "on_publish", publish);
    check_segment(&words, &hooks, server.dir());
    let publisher = connected.member("client_id");

    // One player after the other, each by its own protocol.
    let player = ffmpeg::record(&format!("{}?x=1", server.rtmp("live/cam")));
    let played = hooks.wait("on_play", 1).remove(0);
    words.check(
        &played,
        "/api/v1/sessions",
        "on_play",
        r#""stream":"cam","tcUrl":"RTMP/live","param":"?x=1","pageUrl":"",STREAM"#,
    );
    drop(player);
    let stopped = hooks.wait("on_stop", 1).remove(0);
    words.check(&stopped, "/api/v1/sessions", "on_stop", r#""tcUrl":"RTMP/live","stream":"cam","param":"?x=1",STREAM"#);
    hooks.wait("on_close", 1);
    assert_eq!(of_client(&hooks, &played.member("client_id")), ["on_connect", "on_play", "on_stop", "on_close"]);

    for (count, name) in [(2, "cam.flv"), (3, "cam.ts")] {
        let request = format!("GET /live/{name}?k=v HTTP/1.1\r\nHost: 127.0.0.1\r\nReferer: http://page/\r\n\r\n");
        http::read_live(server.port("http"), request.as_bytes(), 10_000);
        let (played, stopped) = (&hooks.wait("on_play", count)[count - 1], &hooks.wait("on_stop", count)[count - 1]);
        let tc_url = r#""tcUrl":"rtmp://__defaultVhost__/live""#;
        let play = format!(r#""stream":"cam",{tc_url},"param":"?k=v","pageUrl":"http://page/",STREAM"#);
        words.check(played, "/api/v1/sessions", "on_play", &play);
        let stop = format!(r#"{tc_url},"stream":"cam","param":"?k=v",STREAM"#);
        words.check(stopped, "/api/v1/sessions", "on_stop", &stop);
        assert_eq!(of_client(&hooks, &played.member("client_id")), ["on_play", "on_stop"]);
    }

    let port = server.port("http");
    assert_eq!(http::get(port, "/live/cam.m3u8?x=1").status, 200);
    let played = hooks.wait("on_play", 4).remove(3);
    let tc_url = r#""tcUrl":"http://127.0.0.1/live""#;
    let play = format!(r#""stream":"cam.m3u8",{tc_url},"param":"?x=1","pageUrl":"",STREAM"#);
    words.check(&played, "/api/v1/sessions", "on_play", &play);

    push.stop();
    let ended = hooks.wait("on_unpublish", 1).remove(0);
    words.check(&ended, "/api/v1/streams", "on_unpublish", publish);
    let closed = hooks.wait("on_close", 2).remove(1);
    let [sent, received] = ["send_bytes", "recv_bytes"].map(|name| closed.member(name).as_u64().unwrap_or(0));
    assert!(sent > 3000 && received > 50_000, "{closed:?}");
    let bytes = format!(r#""send_bytes":{sent},"recv_bytes":{received}"#);
    words.check(&closed, "/api/v1/clients", "on_close", &bytes);
    assert_eq!(of_client(&hooks, &publisher), ["on_connect", "on_publish", "on_unpublish", "on_close"]);

    // Who is still here when the server ends is told of too.
    server.signal("TERM");
    server.wait_end(SOON).expect("it ends");
    let stopped = hooks.wait("on_stop", 4).remove(3);
    let stop = format!(r#"{tc_url},"stream":"cam.m3u8","param":"?x=1",STREAM"#);
    words.check(&stopped, "/api/v1/sessions", "on_stop", &stop);
    assert_eq!(stopped.member("client_id"), played.member("client_id"));
}

#[track_caller]
fn check_segment(words: &Words, hooks: &HookServer, dir: &Path) {
    let told = &hooks.wait("on_hls", 1)[0];
    let seconds = told.member("duration").as_f64().expect("a duration");
    assert!((1.0..5.0).contains(&seconds), "{told:?}");
    let dir = dir.display();
    let members = format!(
        r#""tcUrl":"RTMP/live","stream":"cam","param":"?token=abc","duration":{seconds:.2},"cwd":"{dir}","file":"{dir}/html/live/cam-0.ts","url":"live/cam-0.ts","m3u8":"{dir}/html/live/cam.m3u8","m3u8_url":"live/cam.m3u8","seq_no":0,STREAM"#
    );
    words.check(told, "/api/v1/hls", "on_hls", &members);
    let line = format!("GET /api/v1/hls/{}/live/cam/cam-0.ts?token=abc HTTP/1.1", words.server);
    assert!(eventually(SOON, || hooks.told().iter().any(|told| told.line == line)), "{:?}", hooks.told());
}

// row: hooks.md §1 Effect of failure
#[test]
fn a_no_reaches_the_client_in_the_words_of_its_protocol() {
    let wants = Arc::new(AtomicBool::new(false));
    let publishes = wants.clone();
    let answer = move |told: &Told| match &*told.action() {
        "on_publish" if publishes.load(Ordering::Relaxed) => "0".to_owned(),
        _ => r#"{"code":7}"#.to_owned(),
    };
    let hooks = HookServer::start(None, answer);
    let server = start(&hooks, "on_publish URL/p; on_unpublish URL/p; on_play URL/s; on_stop URL/s; on_close URL/c;");
    let url = server.rtmp("live/cam");
    let ended = ffmpeg::push(&fixture::h264_aac(), &url).wait(SOON);
    assert!(!ended.status.is_some_and(|status| status.success()), "{}", ended.output);
    assert!(ended.output.contains("on_publish was not granted (http_hooks.on_publish)"), "{}", ended.output);
    let log = "on_publish is answered with no by http://127.0.0.1:";
    assert!(server.logs(log, SOON) && server.logs("/p: it answered with code 7 (code 3064)", SOON), "{}", server.log());

    wants.store(true, Ordering::Relaxed);
    let _push = ffmpeg::push_forever(&fixture::h264_aac(), &url);
    server.wait_published("cam");
    let mut player = ffmpeg::record(&url);
    player.wait_end(SOON);
    let output = player.output();
    assert!(output.contains("on_play was not granted (http_hooks.on_play)"), "{output}");
    let playlist = server.dir().join("html/live/cam.m3u8");
    assert!(eventually(SOON, || playlist.exists()));
    for path in ["/live/cam.flv", "/live/cam.ts", "/live/cam.m3u8"] {
        let answer = http::get(server.port("http"), path);
        let text = answer.text();
        assert_eq!((answer.status, text.contains("http_hooks.on_play")), (403, true), "{path}: {text}");
    }
    hooks.wait("on_close", 2);
    for never in ["on_stop", "on_unpublish"] {
        assert!(hooks.told().iter().all(|told| told.action() != never), "who was not let in does not leave");
    }
}

/// The order of SRS at the end of a publish, which servers rely on that copy segments.
// row: hooks.md §1 Threading
#[test]
fn the_last_segment_is_told_before_the_end_of_its_publish() {
    let hooks = HookServer::start(None, yes);
    let server = start(&hooks, ALL);
    for publish in 1..=3 {
        let push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
        hooks.wait("on_publish", publish);
        hooks.wait("on_hls", hooks.told().iter().filter(|told| told.action() == "on_hls").count() + 1);
        let before = hooks.told().len();
        push.stop();
        hooks.wait("on_close", publish);
        let told: Vec<String> = hooks.told()[before..].iter().map(Told::action).filter(|one| !one.is_empty()).collect();
        let ends = &told[told.len().saturating_sub(3)..];
        assert_eq!(ends, ["on_hls", "on_unpublish", "on_close"], "{told:?}");
    }
}

/// Everybody who was told to be there is told to be gone, also when the server goes first.
#[test]
fn the_end_of_the_server_is_told_of_all_who_are_there() {
    for (signal, again) in [("TERM", None), ("QUIT", Some("TERM"))] {
        let hooks = HookServer::start(None, yes);
        let mut server = start(&hooks, ALL);
        let _push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
        hooks.wait("on_hls", 1);
        let _player = ffmpeg::record(&server.rtmp("live/cam"));
        let _flv = http::Download::start(server.port("http"), "/live/cam.flv");
        hooks.wait("on_play", 2);
        server.signal(signal);
        if let Some(again) = again {
            // Who stays keeps a graceful end waiting.
            assert!(server.logs("a graceful end was asked for", SOON));
            server.signal(again);
        }
        assert!(server.wait_end(SOON).is_some_and(|status| status.success()), "{}", server.log());
        let told: Vec<String> = hooks.told().iter().map(Told::action).collect();
        let count = |action: &str| told.iter().filter(|one| *one == action).count();
        let ends = ["on_unpublish", "on_stop", "on_close"].map(count);
        assert_eq!(ends, [1, 2, 2], "{signal}: {told:?}\n{}", server.log());
        let last: Vec<Told> = hooks.told().into_iter().filter(|told| told.action() == "on_unpublish").collect();
        let publisher = last[0].member("client_id");
        let of_publisher: Vec<String> =
            hooks.told().iter().filter(|told| told.member("client_id") == publisher).map(Told::action).collect();
        assert_eq!(of_publisher[of_publisher.len() - 3..], ["on_hls", "on_unpublish", "on_close"]);
    }
}

/// A server that takes nothing holds the end up by its bound alone.
#[test]
fn a_dead_server_does_not_hold_up_the_end() {
    let is_dead = Arc::new(AtomicBool::new(false));
    let dead = is_dead.clone();
    let hooks = HookServer::start(None, move |told| {
        while dead.load(Ordering::Relaxed) {
            std::thread::park_timeout(Duration::from_millis(50));
        }
        yes(told)
    });
    let mut server = start(&hooks, ALL);
    let _push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
    hooks.wait("on_hls", 1);
    is_dead.store(true, Ordering::Relaxed);
    let began = Instant::now();
    server.signal("TERM");
    assert!(server.wait_end(SOON).is_some_and(|status| status.success()), "{}", server.log());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(server.log().contains("events untold (http_hooks)"), "{}", server.log());
    is_dead.store(false, Ordering::Relaxed);
}

/// A callback that does not answer: who hangs up is gone at once, and who is ended by the API too.
#[test]
fn who_is_asked_about_may_go_or_be_ended() {
    let hooks = HookServer::start(None, |told| match &*told.action() {
        "on_publish" | "on_play" => loop {
            std::thread::park();
        },
        _ => "0".to_owned(),
    });
    let url = format!("http://127.0.0.1:{}", hooks.port);
    let limits = "limits { publishers 1; players 1; } http_hooks {";
    let conf = configuration(&url, "on_publish URL/p; on_unpublish URL/p; on_play URL/s; on_stop URL/s;");
    let server = Server::start(&conf.replace("http_hooks {", limits));
    let clients = || server.api("/api/v1/clients/")["clients"].as_array().map_or(0, Vec::len);
    for turn in 1..=2 {
        let push = ffmpeg::push(&fixture::h264_aac(), &server.rtmp("live/cam"));
        hooks.wait("on_publish", turn);
        drop(push);
        assert!(eventually(SOON, || clients() == 0), "its place is free");
    }
    let flv = http::connect(server.port("http"));
    (&flv).write_all(b"GET /live/cam.flv HTTP/1.1\r\nHost: h\r\n\r\n").expect("a request");
    hooks.wait("on_play", 1);
    drop(flv);
    assert!(eventually(SOON, || clients() == 0));
    let player = ffmpeg::record(&server.rtmp("live/cam"));
    hooks.wait("on_play", 2);
    drop(player);
    assert!(eventually(SOON, || clients() == 0));

    for (turn, list) in [(3, "streams"), (4, "clients")] {
        let push = ffmpeg::push(&fixture::h264_aac(), &server.rtmp("live/cam"));
        hooks.wait("on_publish", turn);
        let listed = server.api(&format!("/api/v1/{list}/"));
        let id = listed[list][0]["id"].as_str().expect("it is there").to_owned();
        let answer = http::request(server.port("api"), "DELETE", &format!("/api/v1/{list}/{id}"), &[]);
        assert_eq!(answer.json()["code"], 0, "{}", answer.text());
        let ended = push.wait(SOON);
        assert!(ended.output.contains("it was ended through the API"), "{}", ended.output);
        assert!(eventually(SOON, || clients() == 0));
    }
    // The callback may have said yes to each of them.
    hooks.wait("on_unpublish", 4);
    hooks.wait("on_stop", 2);
}

/// Longer than a hook server may take, shorter than a client would be left alone.
const BOUND: Duration = Duration::from_secs(45);

/// A way in which a hook server fails, and what comes of it: the status that HTTP clients get, and why, for the log.
type Failing = (&'static str, u16, &'static str);

const FAILINGS: [Failing; 7] = [
    ("hang", 503, "it did not answer within 30.0 s (code 1011)"),
    ("html", 403, "(code 3008)"),
    ("redirect", 403, "it answered with status 302 (code 4005)"),
    ("endless", 503, "its answer is longer than 1048576 bytes (code 3008)"),
    ("text", 403, "(code 3064)"),
    ("reset", 503, "(code 1007)"),
    ("break", 503, "it gave no whole answer: "),
];

/// A good vhost, and two for each failing: one where players are asked about, one where publishers are.
fn failing_vhosts(url: &str) -> String {
    let vhosts = FAILINGS.map(|(name, ..)| {
        format!(
            "vhost {name}.example {{ {remux} {hls} http_hooks {{ enabled on; on_play {url}/{name}; }} }}
             vhost {name}-publish.example {{ http_hooks {{ enabled on; on_publish {url}/{name}; }} }}",
            remux = "http_remux { enabled on; mount [vhost]/[app]/[stream].flv; }",
            hls = "hls { enabled on; hls_fragment 2; hls_path {dir}/html; }",
        )
    });
    format!("{} {}", configuration(url, "on_play URL/yes; on_publish URL/yes;"), vhosts.join(" "))
}

/// What a path of a vhost is answered with, however long it takes.
fn patient(port: u16, host: &str, path: &str) -> http::Response {
    let mut socket = http::connect(port);
    socket.set_read_timeout(Some(BOUND)).expect("a read limit");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).expect("the request goes out");
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).expect("the answer ends");
    http::Response::parse(&answer).unwrap_or_else(|| panic!("{path} of {host}: {answer:?}"))
}

/// Clients whose hook server fails are refused in words of their protocol.
fn check_failing(server: &Server, (name, status, why): Failing) {
    let refused = if status == 503 { "could not be asked for" } else { "was not granted" };
    let rtmp = |vhost: &str| format!("{}?vhost={vhost}", server.rtmp(&format!("live/{name}")));
    let mut play = Command::new("ffmpeg");
    play.args(["-v", "error", "-nostdin", "-i", &rtmp(&format!("{name}.example")), "-f", "null", "-"]);
    let clients = [
        ("on_play", Running::spawn(&mut play)),
        ("on_publish", ffmpeg::push_forever(&fixture::h264_aac(), &rtmp(&format!("{name}-publish.example")))),
    ];
    let (port, host) = (server.port("http"), format!("{name}.example"));
    std::thread::scope(|scope| {
        for path in [format!("/live/{name}.flv"), format!("/live/{name}.m3u8")] {
            let host = &host;
            scope.spawn(move || {
                let answer = patient(port, host, &path);
                let text = answer.text();
                assert_eq!(answer.status, status, "{path}: {text}");
                assert!(text.contains(&format!("on_play {refused}")), "{path}: {text}");
                assert!(text.contains("http_hooks.on_play"), "{path}: {text}");
            });
        }
    });
    for (event, client) in clients {
        let ended = client.wait(BOUND);
        assert!(ended.status.is_some_and(|status| !status.success()), "{name}: {event}: {}", ended.output);
        let told = format!("{event} {refused} (http_hooks.{event})");
        assert!(ended.output.contains(&told), "{name}: {told}: {}", ended.output);
        let asked = format!("{event} is answered with no by http://127.0.0.1:");
        let log = server.log();
        let is_told = |line: &&str| line.contains(&asked) && line.contains(&format!("/{name}: ")) && line.contains(why);
        assert!(log.lines().any(|line| is_told(&line)), "{name}: {event}: {log}");
    }
}

// row: hooks.md §1 Effect of failure
#[test]
fn a_hook_server_that_fails_costs_who_asks_an_answer_and_nobody_else_anything() {
    let hooks = HookServer::start_rude();
    let server = Server::start(&failing_vhosts(&format!("http://127.0.0.1:{}", hooks.port)));
    let file = fixture::h264_aac();
    let mut players = [ffmpeg::record(&server.rtmp("live/cam")), ffmpeg::record(&server.http("live/cam.flv"))];
    server.wait_stream("cam", SOON, |stream| stream["clients"] == 2);
    let good = ffmpeg::push_forever(&file, &server.rtmp("live/cam"));
    let urls = FAILINGS.map(|(name, ..)| format!("{}?vhost={name}.example", server.rtmp(&format!("live/{name}"))));
    let pushes = urls.map(|url| ffmpeg::push_forever(&file, &url));
    for (name, ..) in FAILINGS {
        let playlist = server.dir().join(format!("html/live/{name}.m3u8"));
        assert!(eventually(SOON, || playlist.exists()), "{name}");
    }
    std::thread::scope(|scope| {
        let checks = FAILINGS.map(|failing| {
            scope.spawn({
                let server = &server;
                move || check_failing(server, failing)
            })
        });
        for check in checks {
            check.join().expect("its clients are refused");
        }
    });
    drop(pushes);
    good.stop();
    let sent = Packets::of(&file);
    players.iter_mut().for_each(|player| player.wait_end(SOON));
    for received in players.map(Recorder::finish) {
        sent.assert_part(&received);
        let pictures = received.video.len() as u64;
        assert!(pictures > 30 * fixture::FPS, "{pictures} pictures while a hook server was waited for");
    }
}

/// An authority, and what a server needs to have a name by it.
fn issue(name: &str) -> (String, ServerConfig) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new([name.to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &ca).expect("a certificate");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("a pair");
    (ca.pem(), config)
}

// row: hooks.md §1 TLS
#[test]
fn a_callback_by_https_is_asked_of_who_can_show_its_name_alone() {
    let (ca, config) = issue("localhost");
    let hooks = HookServer::start(Some(config), yes);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, ca).expect("a file");
    let environment = [("SSL_CERT_FILE", file.to_str().expect("a path"))];
    let check = |host: &str, environment: &[(&str, &str)], status: &str, log: &str| {
        let conf = configuration(&format!("https://{host}:{}", hooks.port), "on_play URL/s;");
        let server = Server::try_start_with(&conf, environment).expect("it starts");
        let _push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
        server.wait_published("cam");
        let request = b"GET /live/cam.flv HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let head = http::read_live(server.port("http"), request, "HTTP/1.1 200".len());
        assert!(head.starts_with(format!("HTTP/1.1 {status}").as_bytes()), "{}", String::from_utf8_lossy(&head));
        assert!(server.logs(log, SOON), "{}", server.log());
    };
    check("localhost", &environment, "200", "by HTTP-FLV");
    assert_eq!(hooks.wait("on_play", 1).len(), 1);
    let distrusted = "its TLS is not to be trusted: invalid peer certificate";
    check("127.0.0.1", &environment, "503", distrusted);
    check("localhost", &[], "503", distrusted);
    assert_eq!(hooks.told().len(), 1);
}

/// The names of members, in the order of the text.
fn names(body: &str) -> Vec<&str> {
    let parts: Vec<&str> = body.split('"').collect();
    parts.windows(2).filter(|pair| pair[1].starts_with(':')).map(|pair| pair[0]).collect()
}

// row: protocols.md §13 POST JSON
#[test]
fn the_heartbeat_is_that_of_srs() {
    let hooks = HookServer::start(None, yes);
    let url = format!("http://127.0.0.1:{}/api/v1/servers", hooks.port);
    let heartbeat =
        format!("heartbeat {{ enabled on; interval 1; url {url}; device_id dev-1; summaries on; ports on; }}");
    let server = Server::start(&format!("{heartbeat}{}", Server::LIVE));
    assert!(eventually(SOON, || !hooks.told().is_empty()));
    let told = &hooks.told()[0];
    assert_eq!(told.line, "POST /api/v1/servers HTTP/1.1");
    let expect = "device_id ip server service pid summaries data ok now_ms self version pid ppid argv cwd mem_kbyte \
        mem_percent cpu_percent srs_uptime system cpu_percent disk_read_KBps disk_write_KBps disk_busy_percent \
        mem_ram_kbyte mem_ram_percent mem_swap_kbyte mem_swap_percent cpus cpus_online uptime ilde_time load_1m load_5m \
        load_15m net_sample_time net_recv_bytes net_send_bytes net_recvi_bytes net_sendi_bytes srs_sample_time \
        srs_recv_bytes srs_send_bytes conn_sys conn_sys_et conn_sys_tw conn_sys_udp conn_srs rtmp http api";
    assert_eq!(names(&told.body), expect.split_whitespace().collect::<Vec<_>>());
    let all = server.api("/api/v1/streams/");
    for (member, expect) in [("server", &all["server"]), ("service", &all["service"]), ("pid", &all["pid"])] {
        assert_eq!(told.member(member), *expect);
    }
    assert_eq!(told.member("device_id"), "dev-1");
    for (member, port) in [("rtmp", "rtmp"), ("http", "http"), ("api", "api")] {
        assert_eq!(told.member(member), serde_json::json!([server.port(port).to_string()]));
    }
}
