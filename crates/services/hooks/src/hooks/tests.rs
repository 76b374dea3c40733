use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use weir_conf::{Config, Env, Facts, Live, Source};
use weir_fetch::testing::{Does, Peer, Seen};
use weir_fetch::{Bounds, Fetch, Roots};
use weir_hub::ClientKind::{FlvPlay, FmlePublish, HlsPlay, RtmpPlay};
use weir_hub::{Client, ClientKind, Closed, Denial, Hub, Publisher, Refusal, Request, Stream, testing};

use super::Hooks;
use crate::event::{Ids, Recording, Segment};

const SOON: Duration = Duration::from_millis(300);

/// A configuration whose default vhost has these hooks; `PORT` is that of a server.
fn config(hooks: &str, port: u16) -> Config {
    let text = format!(
        "listen 1935; vhost __defaultVhost__ {{ http_hooks {{ enabled on; {hooks} }} }}
         vhost b.example {{ http_hooks {{ enabled on; on_play http://127.0.0.1:PORT/b; }} }}"
    );
    let source = Source::Text { name: "test".to_owned(), text: text.replace("PORT", &port.to_string()) };
    Config::load(source, &Env::default(), &Facts::default()).expect("a configuration").config
}

/// A hub that these hooks guard.
struct Guarded {
    hub: Arc<Hub>,
    hooks: Arc<Hooks>,
    conf: Live<Config>,
}

impl Guarded {
    fn new(config: Config, bounds: Bounds) -> Guarded {
        let conf = Live::new(config);
        let fetch = Fetch::with(Handle::current(), bounds, Roots::These(Vec::new())).expect("a client");
        let ids = Ids { server: "vid-1".to_owned(), service: "run1".to_owned() };
        let hooks = Hooks::new(ids, conf.clone(), fetch, Handle::current());
        let hub = Hub::new(conf.clone());
        hub.guard(vec![hooks.clone()]);
        Guarded { hub, hooks, conf }
    }

    /// The end of a connection that asked for this.
    fn closed(&self, request: &Request) -> Closed {
        let Request { id, ip, vhost, app, .. } = request.clone();
        let vhost = self.conf.load().vhost(&vhost).expect("a vhost");
        Closed { id, ip, vhost, app, sent: 0, received: 0 }
    }

    async fn play(&self, vhost: &str) -> Result<(), Refusal> {
        let request = Request { vhost: vhost.to_owned(), ..request(RtmpPlay) };
        self.hub.subscribe(&request).await.map(drop)
    }
}

fn request(kind: ClientKind) -> Request {
    Request {
        id: "abcd1234".to_owned(),
        vhost: "127.0.0.1".to_owned(),
        name: match kind {
            FlvPlay => "cam.flv",
            HlsPlay => "cam.m3u8",
            _ => "cam",
        }
        .to_owned(),
        param: "?token=abc".to_owned(),
        tc_url: if kind == HlsPlay { "http://127.0.0.1/live" } else { "rtmp://127.0.0.1:1935/live" }.to_owned(),
        page_url: "http://page/\"".to_owned(),
        ..testing::request(kind, "cam")
    }
}

fn yes(_: &Seen) -> Does {
    Does::Answers(r#"{"code":0,"data":null}"#.to_owned())
}

fn bodies(seen: &[Seen], stream_id: &str) -> Vec<String> {
    seen.iter().map(|seen| format!("{} {}", path(seen), seen.body.replace(stream_id, "vid-S"))).collect()
}

fn path(seen: &Seen) -> &str {
    seen.line.split(' ').nth(1).unwrap_or_default()
}

const ALL: &str =
    "on_connect http://127.0.0.1:PORT/c; on_close http://127.0.0.1:PORT/c; on_publish http://127.0.0.1:PORT/p;
    on_unpublish http://127.0.0.1:PORT/p; on_play http://127.0.0.1:PORT/s; on_stop http://127.0.0.1:PORT/s;
    on_dvr http://127.0.0.1:PORT/d; on_hls http://127.0.0.1:PORT/h;
    on_hls_notify http://127.0.0.1:PORT/n/[server_id]/[service_id]/[app]/[stream]/[ts_url][param];";

const HEAD: &str = r#""client_id":"abcd1234","ip":"127.0.0.1","vhost":"__defaultVhost__","app":"live""#;

/// A body of the contract: `…` stands for the members that nearly all begin with.
fn body(path: &str, action: &str, rest: &str) -> String {
    format!(r#"{path} {{"server_id":"vid-1","service_id":"run1","action":"{action}",{HEAD},{rest}}}"#)
}

// row: hooks.md §3 on_connect
// row: hooks.md §3 on_publish
// row: hooks.md §3 on_unpublish
// row: hooks.md §3 on_close
// row: hooks.md §2 *
// row: hooks.md §1 Method
// row: hooks.md §1 JSON
// row: hooks.md §1 Path
#[tokio::test]
async fn a_publisher_is_asked_about_and_told_of_in_srs_s_words() {
    let peer = Peer::start(yes).await.expect("a server");
    let guarded = Guarded::new(config(ALL, peer.port), Bounds::default());
    let request = request(FmlePublish);
    guarded.hub.connect(&request).await.expect("yes");
    let publisher = guarded.hub.publish(&request).await.expect("yes");
    let id = publisher.stream().id.clone();
    drop(publisher);
    guarded.hub.closed(&Closed { sent: 4120, received: 801_233, ..guarded.closed(&request) });
    let stream = r#""tcUrl":"rtmp://127.0.0.1:1935/live","stream":"cam","param":"?token=abc","stream_url":"/live/cam","stream_id":"vid-S""#;
    let connect =
        r#""stream":"cam","param":"?token=abc","tcUrl":"rtmp://127.0.0.1:1935/live","pageUrl":"http://page/\"""#;
    let seen = peer.wait(4).await;
    let expect = [
        body("/c", "on_connect", connect),
        body("/p", "on_publish", stream),
        body("/p", "on_unpublish", stream),
        body("/c", "on_close", r#""send_bytes":4120,"recv_bytes":801233"#),
    ];
    assert_eq!(bodies(&seen, &id), expect);
    for seen in seen {
        assert_eq!(seen.line.split(' ').next(), Some("POST"));
        assert_eq!(seen.header("Content-Type"), Some("application/json"));
        assert!(seen.header("User-Agent").is_some_and(|agent| agent.starts_with("weir/")));
    }
}

// row: hooks.md §3 on_play
// row: hooks.md §3 on_stop
#[tokio::test]
async fn players_of_each_protocol_are_told_of_as_srs_does() {
    for (kind, stream, tc_url) in [
        (RtmpPlay, "cam", "rtmp://127.0.0.1:1935/live"),
        (FlvPlay, "cam", "rtmp://__defaultVhost__/live"),
        (HlsPlay, "cam.m3u8", "http://127.0.0.1/live"),
    ] {
        let peer = Peer::start(yes).await.expect("a server");
        let guarded = Guarded::new(config(ALL, peer.port), Bounds::default());
        let player = guarded.hub.visit(&request(kind)).await.expect("yes");
        let id = player.stream().id.clone();
        drop(player);
        let stream = format!(r#""stream":"{stream}""#);
        let (tc_url, param) = (format!(r#""tcUrl":"{tc_url}""#), r#""param":"?token=abc""#);
        let tail = r#""stream_url":"/live/cam","stream_id":"vid-S""#;
        let play = format!(r#"{stream},{tc_url},{param},"pageUrl":"http://page/\"",{tail}"#);
        let stop = format!("{tc_url},{stream},{param},{tail}");
        let expect = [body("/s", "on_play", &play), body("/s", "on_stop", &stop)];
        assert_eq!(bodies(&peer.wait(2).await, &id), expect);
    }
}

// row: hooks.md §3 on_hls
// row: hooks.md §3 on_hls_notify
// row: hooks.md §3 on_dvr
#[tokio::test]
async fn files_are_told_of() {
    let peer = Peer::start(yes).await.expect("a server");
    let guarded = Guarded::new(config(ALL, peer.port), Bounds::default());
    let publisher = guarded.hub.publish(&request(FmlePublish)).await.expect("yes");
    let (stream, client) = (publisher.stream().clone(), publisher.client().clone());
    let id = stream.id.clone();
    let mut segment = segment(&stream, &client);
    guarded.hooks.segment(&segment);
    guarded.hooks.recording(&Recording { stream, publisher: client, file: "./html/a.flv".to_owned() });
    let mut seen = bodies(&peer.wait(4).await, &id);
    seen[1..].sort_unstable();
    let names = r#""tcUrl":"rtmp://127.0.0.1:1935/live","stream":"cam","param":"?token=abc""#;
    let cwd = std::env::current_dir().expect("a folder").display().to_string();
    let tail = r#""stream_url":"/live/cam","stream_id":"vid-S""#;
    let dvr = format!(r#"{names},"cwd":"{cwd}","file":"./html/a.flv",{tail}"#);
    let hls = format!(
        r#"{names},"duration":9.96,"cwd":"{cwd}","file":"./html/live/cam-12.ts","url":"live/cam-12.ts","m3u8":"./html/live/cam.m3u8","m3u8_url":"live/cam.m3u8","seq_no":12,{tail}"#
    );
    let expect = [
        body("/d", "on_dvr", &dvr),
        body("/h", "on_hls", &hls),
        "/n/vid-1/run1/live/cam/cam-12.ts?token=abc ".to_owned(),
    ];
    assert_eq!(seen[1..], expect);
    segment.uri = "a#12.ts".to_owned();
    guarded.hooks.segment(&segment);
    let seen = peer.wait(6).await;
    assert!(seen[4..].iter().any(|seen| path(seen).ends_with("/live/cam/a%2312.ts?token=abc")), "{seen:?}");
    // What a client calls its stream changes nothing but the name in the URL.
    let odd = Request { stream: "a?b=c&d#%20é".to_owned(), param: "?k=%20 v".to_owned(), ..request(FmlePublish) };
    let odd = guarded.hub.publish(&odd).await.expect("yes");
    let (stream, publisher) = (odd.stream().clone(), odd.client().clone());
    guarded.hooks.segment(&Segment { stream, publisher, uri: "a%20b.ts".to_owned(), ..segment.clone() });
    let escaped = "/n/vid-1/run1/live/a%3Fb%3Dc%26d%23%2520%C3%A9/a%20b.ts?k=%20%20v";
    let seen = peer.wait(9).await;
    assert!(seen.iter().any(|seen| path(seen) == escaped), "{seen:?}");
    // A segment that is elsewhere is asked for there.
    segment.uri = peer.url("/elsewhere.ts");
    guarded.hooks.segment(&segment);
    let seen = peer.wait(11).await;
    assert!(seen[6..].iter().any(|seen| seen.line == "GET /elsewhere.ts HTTP/1.1"), "{seen:?}");
}

fn segment(stream: &Arc<Stream>, publisher: &Arc<Client>) -> Segment {
    Segment {
        stream: stream.clone(),
        publisher: publisher.clone(),
        duration: Duration::from_millis(9_960),
        file: "./html/live/cam-12.ts".to_owned(),
        uri: "cam-12.ts".to_owned(),
        url: "live/cam-12.ts".to_owned(),
        m3u8: "./html/live/cam.m3u8".to_owned(),
        m3u8_url: "live/cam.m3u8".to_owned(),
        seq_no: 12,
    }
}

/// What becomes of a player whose callback's server does this.
async fn check(does: Does, denial: Denial, code: u16) {
    let peer = Peer::start(move |_| does.clone()).await.expect("a server");
    let bounds = Bounds { limit: SOON, ..Bounds::default() };
    let guarded = Guarded::new(config(ALL, peer.port), bounds);
    let refusal = guarded.play("").await.expect_err("it is refused");
    assert_eq!((refusal.denial(), refusal.code()), (denial, code), "{refusal}");
    assert!(refusal.to_string().contains("on_play") && refusal.to_string().ends_with("(http_hooks.on_play)"));
    assert!(!refusal.to_string().contains("127.0.0.1"), "the client learns no address: {refusal}");
    assert!(guarded.hub.clients().is_empty());
    guarded.hooks.shutdown().await;
    assert_eq!(peer.seen().len(), 1, "who was not let in does not stop, and nothing is asked twice");
}

// row: hooks.md §1 Effect of failure
// row: hooks.md §1 Timeout
#[tokio::test]
async fn whatever_a_server_does_the_client_is_refused_in_time() {
    let says = |status: &str, body: &str| {
        let length = body.len();
        Does::Says(format!("HTTP/1.1 {status}\r\nLocation: /other\r\nContent-Length: {length}\r\n\r\n{body}"))
    };
    check(Does::Hangs, Denial::Unanswered, 1011).await;
    check(Does::Closes, Denial::Unanswered, 1007).await;
    check(Does::Says("HTTP/1.1 200 OK\r\n".to_owned()), Denial::Unanswered, 1011).await;
    check(Does::Pours("HTTP/1.1 200 OK\r\n\r\n".to_owned()), Denial::Unanswered, 3008).await;
    check(says("200 OK", "<html>0</html>"), Denial::Forbidden, 3008).await;
    check(says("302 Found", "0"), Denial::Forbidden, 4005).await;
    check(says("500 Oh", "0"), Denial::Forbidden, 4005).await;
    check(says("200 OK", r#"{"code":"0"}"#), Denial::Forbidden, 3064).await;
    check(says("200 OK", r#"{"code":1}"#), Denial::Forbidden, 3064).await;
}

#[tokio::test]
async fn nobody_listens_and_the_client_is_refused() {
    let peer = Peer::start(yes).await.expect("a server");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nobody = listener.local_addr().expect("an address").port();
    drop(listener);
    let hooks = format!("on_play http://127.0.0.1:{nobody}/ http://127.0.0.1:PORT/;");
    let guarded = Guarded::new(config(&hooks, peer.port), Bounds::default());
    let refusal = guarded.play("").await.expect_err("it is refused");
    assert_eq!((refusal.denial(), refusal.code()), (Denial::Unanswered, 1007));
    assert!(peer.seen().is_empty());
}

// row: hooks.md §1 Order
// row: hooks.md §1 File-configured lists
#[tokio::test]
async fn urls_are_asked_one_after_another_as_they_are_configured_now() {
    let peer = Peer::start(|seen| if path(seen) == "/no" { Does::Answers("1".to_owned()) } else { yes(seen) });
    let peer = peer.await.expect("a server");
    let hooks = "on_play http://127.0.0.1:PORT/1 http://u:p@127.0.0.1:PORT/2?x=y http://127.0.0.1:PORT/no http://127.0.0.1:PORT/3;";
    let guarded = Guarded::new(config(hooks, peer.port), Bounds::default());
    guarded.play("").await.expect_err("the third says no");
    assert_eq!(peer.seen().iter().map(path).collect::<Vec<_>>(), ["/1", "/2?x=y", "/no"]);
    // RFC 7617: who the URL names.
    assert_eq!(peer.seen()[1].header("Authorization"), Some("Basic dTpw"));
    guarded.conf.store(config("on_play http://127.0.0.1:PORT/now;", peer.port));
    guarded.play("").await.expect("yes");
    assert_eq!(path(&peer.seen()[3]), "/now");
    guarded.conf.store(config("", peer.port));
    guarded.play("").await.expect("nobody is asked");
    assert_eq!(peer.seen().len(), 4);
}

/// Their server has counted them in, and the default vhost's knows nothing of them.
#[tokio::test]
async fn who_was_in_a_vhost_that_a_reload_took_away_is_told_of_there() {
    let peer = Peer::start(yes).await.expect("a server");
    let conf = |vhost: &str| {
        let text = format!(
            "listen 1935; vhost __defaultVhost__ {{ http_hooks {{ enabled on; on_stop URL/default; on_close URL/default; }} }} {vhost}"
        );
        let source = Source::Text {
            name: "test".to_owned(),
            text: text.replace("URL", &format!("http://127.0.0.1:{}", peer.port)),
        };
        Config::load(source, &Env::default(), &Facts::default()).expect("a configuration").config
    };
    let gone = "vhost gone.example { http_hooks { enabled on; on_stop URL/stop; on_close URL/close; } }";
    let guarded = Guarded::new(conf(gone), Bounds::default());
    let request = Request { vhost: "gone.example".to_owned(), ..request(RtmpPlay) };
    let player = guarded.hub.subscribe(&request).await.expect("nobody is asked");
    let closed = guarded.closed(&request);
    guarded.hub.reconfigure(conf(""));
    drop(player);
    guarded.hub.closed(&closed);
    let seen = peer.wait(2).await;
    assert_eq!(seen.iter().map(path).collect::<Vec<_>>(), ["/stop", "/close"]);
    assert!(seen.iter().all(|seen| seen.body.contains(r#""vhost":"gone.example""#)), "{seen:?}");
}

/// Begins to play, and goes as soon as that has come to something.
async fn begin_and_go(guarded: &Guarded, until: impl Future<Output = ()>) {
    tokio::select! {
        _ = guarded.play("") => panic!("it is let in or refused"),
        () = until => {}
    }
}

/// Every end that a server hears of had a beginning, however soon a client goes, and comes after it.
#[tokio::test]
async fn nobody_ends_who_never_began() {
    let late = Does::SaysLate("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n0".to_owned(), Duration::from_millis(20));
    let peer = Peer::start(move |seen| if path(seen) == "/begin" { late.clone() } else { yes(seen) });
    let peer = peer.await.expect("a server");
    let hooks = "on_play http://127.0.0.1:PORT/begin; on_stop http://127.0.0.1:PORT/end;";
    let bounds = Bounds { at_once: 4, ..Bounds::default() };
    let guarded = Guarded::new(config(hooks, peer.port), bounds);
    let mut clients = JoinSet::new();
    for number in 0..60 {
        let hub = guarded.hub.clone();
        clients.spawn(async move {
            let request = Request { id: format!("client{number}"), ..request(RtmpPlay) };
            let _ = tokio::time::timeout(Duration::from_millis(number), hub.subscribe(&request)).await;
            request.id
        });
    }
    let clients = clients.join_all().await;
    guarded.hooks.shutdown().await;
    let seen = peer.seen();
    for id in &clients {
        let of: Vec<_> = seen.iter().filter(|seen| seen.body.contains(&format!("\"{id}\""))).map(path).collect();
        assert!(of.is_empty() || of == ["/begin", "/end"], "{id}: {of:?}");
    }
    assert!(seen.len() >= 8, "some were asked about: {}", seen.len());
}

/// A client that goes before the answer: what a server hears of it when it says so.
#[tokio::test]
async fn who_goes_before_the_answer_ends_unless_it_is_no() {
    for (answer, ends) in [(Some("0"), true), (Some("1"), false), (None, true)] {
        let does = match answer {
            Some(code) => Does::SaysLate(format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{code}"), SOON),
            None => Does::Hangs,
        };
        let peer = Peer::start(move |seen| if path(seen) == "/begin" { does.clone() } else { yes(seen) });
        let peer = peer.await.expect("a server");
        let hooks = "on_play http://127.0.0.1:PORT/begin; on_stop http://127.0.0.1:PORT/end;";
        let guarded = Guarded::new(config(hooks, peer.port), Bounds::default());
        begin_and_go(&guarded, async { drop(peer.wait(1).await) }).await;
        assert!(guarded.hub.clients().is_empty(), "it is gone at once");
        assert_eq!(peer.seen().len(), 1, "its end waits for the answer");
        guarded.hooks.shutdown().await;
        assert_eq!(peer.seen().len(), 1 + usize::from(ends), "{answer:?}");
    }
}

/// A camera that comes again must not be taken for gone.
#[tokio::test]
async fn a_stream_is_asked_about_after_its_end_was_told() {
    let slow = Does::SaysLate("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n0".to_owned(), SOON);
    let peer = Peer::start(move |seen| if path(seen) == "/end" { slow.clone() } else { yes(seen) });
    let peer = peer.await.expect("a server");
    let hooks = "on_publish http://127.0.0.1:PORT/begin; on_unpublish http://127.0.0.1:PORT/end;";
    let guarded = Guarded::new(config(hooks, peer.port), Bounds::default());
    let began = Instant::now();
    for turn in 0..2 {
        let request = Request { id: format!("client-{turn}"), ..request(FmlePublish) };
        drop(guarded.hub.publish(&request).await.expect("yes"));
    }
    assert!(began.elapsed() >= SOON, "the second publisher waited until the end of the first was told");
    let seen = peer.wait(4).await;
    assert_eq!(seen.iter().map(path).collect::<Vec<_>>(), ["/begin", "/end", "/begin", "/end"]);
}

/// SRS tells of the last segment first, and a server that copies what was published relies on it.
#[tokio::test]
async fn the_end_of_a_publish_is_told_behind_its_last_segment() {
    let slow = Does::SaysLate("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n0".to_owned(), SOON);
    let peer = Peer::start(move |seen| if path(seen) == "/h" { slow.clone() } else { yes(seen) });
    let peer = peer.await.expect("a server");
    let hooks =
        "on_hls http://127.0.0.1:PORT/h; on_unpublish http://127.0.0.1:PORT/u; on_close http://127.0.0.1:PORT/c;";
    let guarded = Guarded::new(config(hooks, peer.port), Bounds::default());
    let request = request(FmlePublish);
    let publish = async || guarded.hub.publish(&request).await.expect("yes");
    let leave = |publisher: Publisher| {
        drop(publisher);
        guarded.hub.closed(&guarded.closed(&request));
    };

    let publisher = publish().await;
    let (stream, client) = (publisher.stream().clone(), publisher.client().clone());
    let unfinished = client.unfinished();
    leave(publisher);
    tokio::time::timeout(SOON, peer.wait(1)).await.expect_err("the last segment is still made");
    guarded.hooks.segment(&segment(&stream, &client));
    drop(unfinished);
    assert_eq!(peer.wait(3).await.iter().map(path).collect::<Vec<_>>(), ["/h", "/u", "/c"]);
    // A publish of which nothing is made ends at once, and one that is never finished some time.
    leave(publish().await);
    assert_eq!(peer.wait(5).await[3..].iter().map(path).collect::<Vec<_>>(), ["/u", "/c"]);
    let publisher = publish().await;
    let _unfinished = publisher.client().unfinished();
    leave(publisher);
    assert_eq!(peer.wait(7).await[5..].iter().map(path).collect::<Vec<_>>(), ["/u", "/c"]);
}

// row: hooks.md §1 Threading
#[tokio::test]
async fn many_who_wait_for_a_dead_server_delay_nobody_else() {
    let dead = Peer::start(|_| Does::Hangs).await.expect("a server");
    let peer = Peer::start(yes).await.expect("a server");
    let bounds = Bounds { limit: Duration::from_secs(10), at_once: 4, waiting: 16, ..Bounds::default() };
    let hooks = format!("on_play http://127.0.0.1:{}/; on_stop http://127.0.0.1:{}/;", dead.port, dead.port);
    let guarded = Arc::new(Guarded::new(config(&hooks, peer.port), bounds));
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let guarded = guarded.clone();
            tokio::spawn(async move { guarded.play("").await })
        })
        .collect();
    dead.wait(4).await;
    let began = Instant::now();
    guarded.play("b.example").await.expect("its own server answers");
    let refusal = guarded.play("").await.expect_err("the line is full");
    assert_eq!(refusal.denial(), Denial::Unanswered);
    assert!(began.elapsed() < bounds.limit, "neither waited for the dead server");
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn bodies_are_signed() {
    let peer = Peer::start(yes).await.expect("a server");
    let hooks = "secret key; on_play http://127.0.0.1:PORT/;";
    let guarded = Guarded::new(config(hooks, peer.port), Bounds::default());
    guarded.play("").await.expect("yes");
    let seen = &peer.seen()[0];
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"key");
    let hex = seen.header("X-Weir-Signature").and_then(|value| value.strip_prefix("sha256=")).expect("a signature");
    let tag: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect();
    aws_lc_rs::hmac::verify(&key, seen.body.as_bytes(), &tag).expect("the signature of the body");
    // RFC 4231, test case 2.
    let call = super::post("http://a/", "what do ya want for nothing?", "Jefe").expect("a call");
    assert!(format!("{call:?}").contains("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
}
