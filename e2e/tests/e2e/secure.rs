//! The same over TLS: RTMPS and HTTPS-FLV by ffmpeg, WebSocket and the pages by Chromium, HLS over HTTP/2, the API by curl,
//! a certificate that is renewed.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use weir_e2e::clients::{Recorder, ffmpeg, websocket};
use weir_e2e::{ClockPublisher, Packets, Running, Seen, Server, eventually, eventually_some, fixture, pause};

const PUSH_LIMIT: Duration = Duration::from_secs(fixture::SECONDS + 15);

/// Writes a certificate for `name` and its key where the configuration looks for them.
fn issue(folder: &Path, name: &str) {
    let issued = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
    std::fs::write(folder.join("server.key"), issued.signing_key.serialize_pem()).expect("a key file");
    std::fs::write(folder.join("server.crt"), issued.cert.pem()).expect("a certificate file");
}

fn start(folder: &Path) -> Server {
    let files = format!("key {0}/server.key; cert {0}/server.crt;", folder.display());
    Server::start(&format!(
        "listen {{rtmp}};
         rtmps {{ enabled on; listen {{rtmps}}; {files} }}
         http_api {{ enabled on; listen {{api}}; https {{ enabled on; listen {{apis}}; {files} }} }}
         http_server {{ enabled on; listen {{http}}; dir {{dir}}/html;
                        https {{ enabled on; listen {{https}}; {files} }} }}
         vhost __defaultVhost__ {{
            http_remux {{ enabled on; mount [vhost]/[app]/[stream].flv; }}
            hls {{ enabled on; hls_use_fmp4 on; hls_low_latency on; hls_disk off; hls_fragment 2; hls_window 60; }}
         }}"
    ))
}

/// What curl prints of a URL whatever its certificate.
fn curl(args: &[&str], url: &str) -> String {
    let output = Command::new("curl").args(["--silent", "--insecure", "--max-time", "10"]).args(args).arg(url).output();
    String::from_utf8_lossy(&output.expect("curl runs").stdout).into_owned()
}

#[test]
fn rtmps_and_https_flv_carry_the_same_packets() {
    let folder = TempDir::new().expect("a folder");
    issue(folder.path(), "localhost");
    let server = start(folder.path());
    let rtmps = format!("rtmps://127.0.0.1:{}/live/cam", server.port("rtmps"));
    let https = format!("https://127.0.0.1:{}/live/cam.flv", server.port("https"));
    let mut players = [ffmpeg::record(&rtmps), ffmpeg::record(&https)];
    server.wait_stream("cam", Duration::from_secs(10), |stream| stream["clients"] == 2);
    let file = fixture::h264_aac();
    ffmpeg::push(&file, &rtmps).wait(PUSH_LIMIT).expect_success();
    for player in &mut players {
        player.wait_end(PUSH_LIMIT);
    }
    let sent = Packets::of(&file);
    let [over_rtmps, over_https] = players.map(Recorder::finish);
    sent.assert_same("RTMPS", &over_rtmps);
    sent.assert_same("HTTPS-FLV", &over_https);
}

// row: http-api.md §1 API
#[test]
fn the_api_answers_on_both_of_its_ports_and_a_new_certificate_is_taken_up() {
    let folder = TempDir::new().expect("a folder");
    issue(folder.path(), "first.example");
    let server = start(folder.path());
    let versions = server.api("/api/v1/versions");
    assert_eq!(versions["code"], 0);
    let url = format!("https://127.0.0.1:{}/api/v1/versions", server.port("apis"));
    assert_eq!(curl(&[], &url), curl(&[], &format!("http://127.0.0.1:{}/api/v1/versions", server.port("api"))));
    assert_eq!(curl(&["--output", "/dev/null", "--write-out", "%{http_version}"], &url), "2", "HTTP/2 is offered");

    issue(folder.path(), "second.example");
    assert!(server.logs("was read again", Duration::from_secs(10)), "the certificate is watched");
    let crt = folder.path().join("server.crt");
    let verified = || {
        let args = ["--cacert".into(), crt.clone().into_os_string()];
        let resolve = format!("second.example:{}:127.0.0.1", server.port("apis"));
        let url = format!("https://second.example:{}/api/v1/versions", server.port("apis"));
        let mut status = Command::new("curl");
        let status = status.args(["--silent", "--fail", "--max-time", "10", "--resolve", &resolve]).args(args);
        status.arg(url).output().expect("curl runs").status.success()
    };
    assert!(eventually(Duration::from_secs(10), verified), "the new certificate is served");
}

#[test]
fn a_websocket_carries_the_same_packets_with_and_without_tls() {
    let folder = TempDir::new().expect("a folder");
    issue(folder.path(), "localhost");
    let server = start(folder.path());
    let urls = [("ws", "http"), ("wss", "https")].map(|(scheme, port)| {
        let port = server.port(port);
        format!("{scheme}://127.0.0.1:{port}/live/cam.flv")
    });
    let mut players = urls.map(|url| websocket::record(&url));
    server.wait_stream("cam", Duration::from_secs(30), |stream| stream["clients"] == 2);
    let file = fixture::h264_aac();
    ffmpeg::push(&file, &server.rtmp("live/cam")).wait(PUSH_LIMIT).expect_success();
    for player in &mut players {
        player.wait_end(PUSH_LIMIT);
        assert_eq!(player.output().trim(), "1000", "the publisher's end is a normal closure");
    }
    let sent = Packets::of(&file);
    let [plain, secure] = players.map(Recorder::finish);
    sent.assert_same("WS-FLV", &plain);
    sent.assert_same("WSS-FLV", &secure);
}

/// What Chromium sees of a stream on the page that comes by HTTPS, once it is published for `lead`: pictures no older than
/// `limit`.
#[track_caller]
fn watch(player: &str, lead: Duration, limit: Duration) -> Seen {
    let folder = TempDir::new().expect("a folder");
    issue(folder.path(), "localhost");
    let server = start(folder.path());
    let _publisher = ClockPublisher::start(&server.rtmp("live/cam"));
    server.wait_published("cam");
    pause(lead);
    let page = format!("https://127.0.0.1:{}/?stream=live/cam&player={player}", server.port("https"));
    let seen = Seen::watch_fresh(&page, 6, &json!({ "clock": true, "settle": 8 }), limit);
    assert!(seen.errors().is_empty(), "{:?}", seen.errors());
    seen
}

#[test]
fn flv_and_ts_over_a_websocket_play_in_the_secure_page() {
    for player in ["ws-flv", "ws-ts"] {
        let seen = watch(player, Duration::ZERO, Duration::from_millis(1500));
        assert!(seen.text().contains("wss://"), "{}", seen.text());
    }
}

#[test]
fn low_latency_hls_plays_over_http2_in_the_secure_page() {
    let seen = watch("ll-hls", Duration::from_secs(7), Duration::from_secs(3));
    for kind in ["m3u8", "m4s"] {
        assert_eq!(seen.protocols(kind), ["h2"], "{kind}");
    }
}

/// How curl fetched a URL.
#[derive(Debug)]
struct Fetched {
    status: u16,
    version: String,
    /// Connections opened for it.
    connects: u32,
    seconds: f64,
    bytes: u64,
}

/// Fetches URLs side by side, over one connection where the protocol can.
fn fetch(urls: &[String]) -> Vec<Fetched> {
    let form = "%{urlnum} %{http_code} %{http_version} %{num_connects} %{time_total} %{size_download}\n";
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--insecure", "--max-time", "20", "--parallel", "--write-out", form]);
    for url in urls {
        curl.args(["--output", "/dev/null", url]);
    }
    let printed = String::from_utf8_lossy(&curl.output().expect("curl runs").stdout).into_owned();
    let mut lines: Vec<Vec<&str>> = printed.lines().map(|line| line.split(' ').collect()).collect();
    lines.sort_by_key(|words| words.first().and_then(|number| number.parse::<usize>().ok()));
    assert_eq!(lines.len(), urls.len(), "{printed}");
    let fetched = |words: Vec<&str>| Fetched {
        status: words[1].parse().expect("a status"),
        version: words[2].to_owned(),
        connects: words[3].parse().expect("a number of connections"),
        seconds: words[4].parse().expect("a time"),
        bytes: words[5].parse().expect("a size"),
    };
    lines.into_iter().map(fetched).collect()
}

#[test]
fn what_waits_on_a_connection_of_http2_does_not_hold_up_the_rest() {
    let folder = TempDir::new().expect("a folder");
    issue(folder.path(), "localhost");
    let server = start(folder.path());
    let _push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
    let root = format!("https://127.0.0.1:{}", server.port("https"));
    let master = || curl(&["--fail"], &format!("{root}/live/cam.m3u8")).lines().last().map(str::to_owned);
    let path = eventually_some(Duration::from_secs(15), || master().filter(|path| path.starts_with('/')));
    let playlist = format!("{root}{}", path.expect("a master playlist"));
    let text = curl(&[], &playlist);
    let tag = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
    let uri = |name: &str| {
        let uri = tag(name)?.split("URI=\"").nth(1)?.split('"').next()?;
        Some(format!("{root}/live/{uri}"))
    };
    let sequence: u64 = tag("#EXT-X-MEDIA-SEQUENCE:").and_then(|number| number.parse().ok()).expect("a sequence");
    // The whole segment behind the one that is being made, which takes longer than any part.
    let next = sequence + text.matches("#EXTINF").count() as u64 + 1;
    let reload = format!("{playlist}&_HLS_msn={next}");
    let hint = uri("#EXT-X-PRELOAD-HINT:").expect("a hint");
    let map = uri("#EXT-X-MAP:").expect("an initialisation segment");
    let fetched = fetch(&[reload.clone(), reload, hint, playlist, map]);
    assert!(fetched.iter().all(|one| one.status == 200 && one.version == "2" && one.bytes > 0), "{fetched:?}");
    assert_eq!(fetched.iter().map(|one| one.connects).sum::<u32>(), 1, "all on one connection: {fetched:?}");
    let [blocked, others @ ..] = &fetched[1..] else { panic!("five answers") };
    for other in others {
        assert!(other.seconds < blocked.seconds, "it was held up: {fetched:?}");
    }
}

#[test]
fn rtmps_takes_the_vhost_that_the_handshake_names() {
    let folder = TempDir::new().expect("a folder");
    issue(folder.path(), "localhost");
    let files = format!("key {0}/server.key; cert {0}/server.crt;", folder.path().display());
    let rtmps = format!("rtmps {{ enabled on; listen {{rtmps}}; {files} }}");
    let server = Server::start(&format!("{rtmps} vhost localhost {{ }} {}", Server::LIVE));
    let url = format!("rtmps://localhost:{}/live/cam", server.port("rtmps"));
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "warning", "-nostdin", "-re", "-i"]).arg(fixture::h264_aac());
    ffmpeg.args(["-c", "copy", "-f", "flv", "-rtmp_tcurl", "rtmps://192.0.2.1/live", &url]);
    let _push = Running::spawn(&mut ffmpeg);
    assert_eq!(server.wait_published("cam")["url"], "localhost/live/cam");
}
