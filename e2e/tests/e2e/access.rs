//! Who may do what: with keys, from other machines, as it comes.

use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use weir_e2e::clients::ffmpeg;
use weir_e2e::netns::Network;
use weir_e2e::{Running, Server, binary, eventually, fixture, http, rtc};

const SOON: Duration = Duration::from_secs(15);
/// An address that no machine has (RFC 5737); the proxy that names it is this machine.
const FAR: &str = "X-Forwarded-For: 203.0.113.7";

fn server(tokens: &str, api: &str) -> Server {
    let conf = Server::LIVE.replace("http_remux {", &format!("tokens {{ enabled on; {tokens} }} http_remux {{"));
    Server::start(&conf.replace("listen {api};", &format!("listen {{api}}; {api}")))
}

#[test]
fn a_publisher_needs_its_key() {
    let server = server("need publish; publish secret; trust_loopback off;", "");
    let file = fixture::h264_aac();
    for wrong in ["live/cam", "live/cam?key=guess"] {
        let mut push = ffmpeg::push(&file, &server.rtmp(wrong));
        assert!(eventually(SOON, || !push.is_running()), "{wrong} is let in");
    }
    for why in ["it has no token", "its token is not the right one"] {
        let is_told = |line: &str| line.contains(why) && line.contains("(tokens.publish)");
        assert!(eventually(SOON, || server.log().lines().any(is_told)), "{why}: {}", server.log());
    }
    let _push = ffmpeg::push_forever(&file, &server.rtmp("live/cam?key=secret"));
    server.wait_published("cam");
}

#[test]
fn a_player_from_another_machine_needs_its_key() {
    let server = server("need play; play secret;", "");
    let _push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
    server.wait_published("cam");
    let answer = |path: &str, headers: &[&str]| {
        let lines: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n");
        String::from_utf8_lossy(&http::read_live(server.port("http"), request.as_bytes(), 12)).into_owned()
    };
    for (path, headers, expect) in [
        ("/live/cam.flv", &[FAR][..], "HTTP/1.1 401"),
        ("/live/cam.flv?token=guess", &[FAR], "HTTP/1.1 401"),
        ("/live/cam.flv?token=secret", &[FAR], "HTTP/1.1 200"),
        ("/live/cam.ts?key=secret", &[FAR], "HTTP/1.1 200"),
        ("/live/cam.flv", &[FAR, "Authorization: Bearer secret"], "HTTP/1.1 200"),
        ("/live/cam.flv", &[], "HTTP/1.1 200"),
        // Pages of others in a browser of this machine, and a proxy on it.
        ("/live/cam.flv", &["Origin: https://evil.example"], "HTTP/1.1 401"),
        ("/live/cam.flv", &["Sec-Fetch-Site: cross-site"], "HTTP/1.1 401"),
        ("http://evil.example/live/cam.ts", &[], "HTTP/1.1 401"),
        ("/live/cam.flv", &["Via: 1.1 proxy"], "HTTP/1.1 401"),
        ("/live/cam.flv", &["Host: evil.example"], "HTTP/1.1 400"),
    ] {
        assert!(answer(path, headers).starts_with(expect), "{path} {headers:?}: {}", answer(path, headers));
    }
    for (path, headers, expect) in [
        ("/live/cam.flv", &[FAR][..], 401),
        ("/live/cam.flv?key=secret", &[FAR], 200),
        ("/live/cam.flv", &["Referer: https://evil.example/page"], 401),
    ] {
        let reply = http::request(server.port("http"), "HEAD", path, headers);
        assert!(reply.status == expect && reply.body.is_empty(), "HEAD {path} {headers:?}: {reply:?}");
    }
    assert!(server.logs("player 203.0.113.7 is refused", SOON), "{}", server.log());
}

#[test]
fn the_api_asks_other_machines_for_its_token() {
    let server = server("need publish; publish secret;", "auth { token right; }");
    let status = |headers: &[&str]| http::request(server.port("api"), "GET", "/api/v1/summaries", headers).status;
    assert_eq!(status(&[]), 200);
    assert_eq!(status(&[FAR]), 401);
    assert_eq!(status(&[FAR, "Authorization: Bearer wrong"]), 401);
    assert_eq!(status(&[FAR, "Authorization: Bearer right"]), 200);
    assert_eq!(status(&["Origin: https://evil.example"]), 401, "a page of somebody else in a browser of this machine");
    let kick =
        http::request(server.port("api"), "DELETE", "/api/v1/clients/12345678", &["Origin: https://evil.example"]);
    assert_eq!(kick.status, 401);
    assert!(server.logs("203.0.113.7", SOON) && server.log().contains("may not use the API"), "{}", server.log());
}

#[test]
fn an_srs_configuration_is_as_open_as_it_was_and_says_so() {
    let server = Server::start(Server::LIVE);
    for door in ["anybody may publish on vhost __defaultVhost__", "anybody may use the API"] {
        assert_eq!(server.log().matches(door).count(), 1, "{}", server.log());
    }
    assert!(!server.dir().join("objs/weir.secrets").exists());
}

/// weir's own configuration on one machine, everything tried from another: the table of docs/security.md.
#[test]
fn as_it_comes_other_machines_may_watch_and_no_more() {
    let Some(network) = Network::new() else {
        return eprintln!("not tested: only root can make network namespaces");
    };
    let dir = TempDir::with_prefix("weir-e2e-").expect("a folder");
    let binary = binary::weir();
    let mut weir = network.at_server(&binary.to_string_lossy());
    let mut server = Running::spawn(weir.arg("-d").current_dir(dir.path()));
    let curl = |mut command: Command, args: &[&str]| {
        let output = command.args(["-s", "-m", "3", "-o", "/dev/null", "-w", "%{http_code}"]).args(args).output();
        String::from_utf8_lossy(&output.expect("curl runs").stdout).into_owned()
    };
    let far = |args: &[&str]| curl(network.at_client("curl"), args);
    let url = |port: u16, path: &str| format!("http://{}:{port}{path}", Network::SERVER);
    assert!(eventually(SOON, || far(&[&url(8080, "/")]) == "200"), "{}", server.output());

    let listening = network.at_server("ss").args(["-Hltun"]).output().expect("ss runs").stdout;
    let mut ports: Vec<String> = String::from_utf8_lossy(&listening)
        .lines()
        .filter_map(|line| line.split_whitespace().nth(4)?.rsplit(':').next().map(str::to_owned))
        .collect();
    ports.sort();
    ports.dedup();
    assert_eq!(ports, ["1935", "1985", "8000", "8080"], "every port that is open is in docs/security.md");

    let printed = server.output();
    let secrets = std::fs::read_to_string(dir.path().join("objs/weir.secrets")).expect("the keys");
    let key = |name: &str| {
        let line = secrets.lines().find_map(|line| line.strip_prefix(name));
        line.expect("a key").trim().to_owned()
    };
    let (publish, admin) = (key("publish "), key("admin "));
    assert!(printed.contains(&publish) && printed.contains(&admin), "they are printed at the first start: {printed}");

    let file = fixture::h264_aac();
    let push = |command: Command, url: &str| {
        let mut command = command;
        command.args(["-v", "warning", "-nostdin", "-re", "-stream_loop", "-1", "-i"]).arg(&file);
        Running::spawn(command.args(["-c", "copy", "-f", "flv", url]))
    };
    let rtmp = format!("rtmp://{}/live/cam", Network::SERVER);
    let mut refused = push(network.at_client("ffmpeg"), &rtmp);
    assert!(eventually(SOON, || !refused.is_running()), "publishing needs the key");
    let _own = push(network.at_server("ffmpeg"), "rtmp://127.0.0.1/live/own");
    let _keyed = push(network.at_client("ffmpeg"), &format!("{rtmp}?key={publish}"));

    // Signalling of WebRTC, on both ports of HTTP.
    for (name, direction) in [("offer", "sendonly"), ("wish", "recvonly")] {
        std::fs::write(dir.path().join(name), rtc::offer(direction)).expect("an offer is written");
    }
    let whip = |command: Command, host: &str, port: u16, name: &str, path: &str, key: &str| {
        let body = format!("@{}", dir.path().join(name).display());
        let url = format!("http://{host}:{port}/rtc/v1/{path}{key}");
        curl(command, &["-H", "Content-Type: application/sdp", "--data-binary", &body, &url])
    };
    let far_whip = |port, name: &str, path: &str, key: &str| {
        whip(network.at_client("curl"), Network::SERVER, port, name, path, key)
    };
    for port in [1985, 8080] {
        let path = format!("whip/?app=live&stream=rtc{port}");
        assert_eq!(far_whip(port, "offer", &path, ""), "401", "publishing by WebRTC needs the key");
        assert_eq!(far_whip(port, "offer", &path, "&key=guess"), "401");
        assert_eq!(far_whip(port, "offer", &path, &format!("&key={publish}")), "201", "{}", server.output());
        let wish = format!("whep/?app=live&stream=rtc{port}");
        assert_eq!(far_whip(port, "wish", &wish, ""), "201", "playing does not: {}", server.output());
        let own = whip(network.at_server("curl"), "127.0.0.1", port, "offer", &format!("{path}own"), "");
        assert_eq!(own, "201", "{}", server.output());
    }
    // The port of media says nothing to who has no session, over UDP (silence, nobody refuses the datagram) and TCP.
    let stun = r"printf '\0\1\0\0\x21\x12\xa4\x42abcdefghijkl'";
    let ask = format!("exec 3<>/dev/udp/{}/8000 && {stun} >&3 && timeout 1 head -c 1 <&3", Network::SERVER);
    let heard = network.at_client("bash").args(["-c", &ask]).output().expect("bash runs");
    assert!(heard.stdout.is_empty() && heard.status.code() == Some(124), "{heard:?}");
    assert_eq!(far(&[&url(8000, "/rtc/v1/versions")]), "000");

    let api = url(1985, "/api/v1/streams/");
    assert_eq!(far(&[&api]), "401");
    let bearer = format!("Authorization: Bearer {admin}");
    assert_eq!(far(&["-H", &bearer, &api]), "200");
    assert_eq!(far(&[&url(1985, "/console/")]), "401");
    assert_eq!(curl(network.at_server("curl"), &["http://127.0.0.1:1985/api/v1/streams/"]), "200");
    assert_eq!(far(&["-H", "X-Forwarded-For: 127.0.0.1", &api]), "401", "it is no proxy that anybody trusts");
    for name in ["cam", "own"] {
        let plays = || far(&["-H", "Range: bytes=0-1", &url(8080, &format!("/live/{name}.m3u8"))]) == "200";
        assert!(eventually(SOON, plays), "{name} does not play: {}", server.output());
    }
}
