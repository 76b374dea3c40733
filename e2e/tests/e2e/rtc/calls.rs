//! The calls by which clients of WebRTC come in, and the answers to those that may not.

use std::time::Duration;

use serde_json::{Value, json};
use weir_e2e::http::{self, Response};
use weir_e2e::rtc::{Peers, offer, player, publisher};
use weir_e2e::{ClockPublisher, HookServer, Server, eventually};

use super::with;

/// A call of WHIP or WHEP.
#[track_caller]
fn call(server: &Server, path: &str, headers: &[&str], body: &str) -> Response {
    let headers = [&["Content-Type: application/sdp"], headers].concat();
    http::with_body(server.port("api"), "POST", path, &headers, body)
}

/// The answer is a refusal in the form of RFC 9457, with this status; what it says.
#[track_caller]
fn refused(answer: &Response, status: u16) -> String {
    assert_eq!(answer.status, status, "{} {}", answer.line, answer.text());
    assert_eq!(answer.header("Content-Type"), Some("application/problem+json"), "{}", answer.text());
    let problem = answer.json();
    assert_eq!(problem["status"], status, "{problem}");
    let words = |name: &str| problem[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    assert!(words("title").is_some(), "{problem}");
    words("detail").unwrap_or_else(|| panic!("nothing said: {problem}"))
}

#[test]
fn an_answered_call_names_a_resource_that_can_be_deleted() {
    let server = Server::start(Server::RTC);
    for (call_path, direction) in [
        ("/rtc/v1/whip/?app=live&stream=cam", "sendonly"),
        ("/rtc/v1/whep/?app=live&stream=cam", "recvonly"),
        ("/rtc/v1/whip-play/?app=live&stream=cam", "recvonly"),
        ("/rtc/v1/whip/?action=play&app=live&stream=cam", "recvonly"),
    ] {
        let answer = call(&server, call_path, &[], &offer(direction));
        assert_eq!(answer.status, 201, "{call_path}: {}", answer.text());
        assert_eq!(answer.header("Content-Type"), Some("application/sdp"));
        let etag = answer.header("ETag").unwrap_or_default();
        assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 2, "{etag:?}");
        let location = answer.header("Location").expect("a resource");
        assert!(location.starts_with("/rtc/v1/whip/?action=delete&token="), "{location}");
        assert!(location.contains("&app=live&stream=cam&session=") && location.ends_with(":kxGf"), "{location}");
        let delete = |path: &str| http::request(server.port("api"), "DELETE", path, &[]);
        let token = location.split(['=', '&']).nth(3).expect("a token");
        refused(&delete(&location.replace(token, "guess")), 403);
        assert_eq!(delete(location).status, 200);
        assert_eq!(delete(location).status, 200, "who is gone already");
    }
}

/// A resource of a publisher, and its tag.
#[track_caller]
fn resource(server: &Server) -> (String, String) {
    let answer = call(server, "/rtc/v1/whip/?app=live&stream=cam", &[], &offer("sendonly"));
    let header = |name: &str| answer.header(name).map(str::to_owned).unwrap_or_default();
    (header("Location"), header("ETag"))
}

#[track_caller]
fn patch(server: &Server, path: &str, tag: Option<&str>, fragment: &str) -> Response {
    let tag = tag.map(|tag| format!("If-Match: {tag}"));
    let mut headers = vec!["Content-Type: application/trickle-ice-sdpfrag"];
    headers.extend(tag.as_deref());
    http::with_body(server.port("api"), "PATCH", path, &headers, fragment)
}

/// A fragment of RFC 8840 with a candidate.
fn fragment(ufrag: &str, pwd: &str) -> String {
    format!(
        "a=ice-ufrag:{ufrag}\r\na=ice-pwd:{pwd}\r\nm=audio 9 RTP/AVP 0\r\na=mid:audio\r\n\
         a=candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host\r\na=end-of-candidates\r\n"
    )
}

#[test]
fn candidates_may_come_later_and_ice_may_begin_anew() {
    let server = Server::start(Server::RTC);
    let (path, tag) = resource(&server);
    let same = fragment("kxGf", "9TqRrH6ZfVw3m8kd1XcLyB5s");
    for known in [Some(&*tag), Some("*"), Some(r#""*""#), None] {
        assert_eq!(patch(&server, &path, known, &same).status, 204, "{known:?}");
    }
    refused(&patch(&server, &path, Some(r#""another""#), &same), 412);
    refused(&patch(&server, &path, Some(&tag), "garbage"), 400);
    let anew = fragment("new1", "anotherPasswordOfTheClient1");
    refused(&patch(&server, &path, None, &anew), 428);
    let answer = patch(&server, &path, Some(r#""*""#), &anew);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("Content-Type"), Some("application/trickle-ice-sdpfrag"));
    assert!(answer.text().contains("a=ice-ufrag:") && answer.text().contains("a=ice-pwd:"), "{}", answer.text());
    let new = answer.header("ETag").expect("a tag").to_owned();
    assert_ne!(new, tag);
    refused(&patch(&server, &path, Some(&tag), &same), 412);
    let gone = path.replace("session=", "session=x");
    refused(&patch(&server, &gone, Some(&new), &same), 404);
}

/// The values of a line of an answer, in their order, each once.
fn values<'a>(sdp: &'a str, line: &str) -> Vec<&'a str> {
    let mut found: Vec<&str> = sdp.lines().filter_map(|found| found.strip_prefix(line)).collect();
    found.dedup();
    found
}

// row: protocols.md §6.1 Candidates
// row: protocols.md §6.1 eip with `:port`
#[test]
fn callers_may_say_where_the_server_is_and_how_ice_calls_it() {
    let server = Server::start(Server::RTC);
    let own = format!("0 1 udp 2130706431 127.0.0.1 {} typ host generation 0", server.port("udp_rtc"));
    let ask =
        |query: &str| call(&server, &format!("/rtc/v1/whep/?app=live&stream=cam{query}"), &[], &offer("recvonly"));
    let plain = ask("").text();
    assert!(values(&plain, "a=candidate:").iter().all(|line| *line == own), "{plain}");
    for name in ["eip", "candidate"] {
        let answer = ask(&format!("&{name}=203.0.113.9:4567")).text();
        let far = values(&answer, "a=candidate:");
        assert!(far.iter().any(|line| line.ends_with(" 203.0.113.9 4567 typ host generation 0")), "{answer}");
        let answer = ask(&format!("&{name}=203.0.113.9")).text();
        let far = format!(" 203.0.113.9 {} typ host generation 0", server.port("udp_rtc"));
        assert!(values(&answer, "a=candidate:").iter().any(|line| line.ends_with(&far)), "{answer}");
    }
    let answer = ask("&ice-ufrag=abcdefgh&ice-pwd=0123456789abcdef0123456789abcdef").text();
    assert_eq!(values(&answer, "a=ice-ufrag:").first(), Some(&"abcdefgh"), "{answer}");
    assert_eq!(values(&answer, "a=ice-pwd:").first(), Some(&"0123456789abcdef0123456789abcdef"), "{answer}");
    refused(&ask("&ice-ufrag=abc"), 400);
    refused(&ask("&ice-pwd=short"), 400);
}

#[test]
fn a_busy_stream_refuses_its_second_publisher() {
    let server = Server::start(Server::RTC);
    let publish = "/rtc/v1/whip/?app=live&stream=cam";
    assert_eq!(call(&server, publish, &[], &offer("sendonly")).status, 201);
    let why = refused(&call(&server, publish, &[], &offer("sendonly")), 409);
    assert!(why.contains("cam"), "{why}");
    assert_eq!(legacy(&server, "publish", &offer("sendonly")), json!({ "code": 400 }));
}

/// What a call of SRS is answered, on the stream `live/cam`.
#[track_caller]
fn legacy(server: &Server, call: &str, sdp: &str) -> Value {
    let body = json!({ "streamurl": "webrtc://127.0.0.1/live/cam", "sdp": sdp }).to_string();
    let headers = ["Content-Type: application/json"];
    let answer = http::with_body(server.port("api"), "POST", &format!("/rtc/v1/{call}/"), &headers, &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[test]
fn a_broken_offer_is_told_what_is_wrong_with_it() {
    let server = Server::start(Server::RTC);
    let good = offer("sendonly");
    for (broken, status) in [
        ("garbage".to_owned(), 400),
        (good.replace("a=rtcp-mux\r\n", ""), 422),
        (good.replace("a=group:BUNDLE audio video\r\n", ""), 422),
        (good.replace("a=ice-ufrag:kxGf\r\n", ""), 422),
        (good.replace("a=fingerprint", "a=nothing"), 422),
        (good.replace("sendonly", "recvonly"), 422),
        (good.replace("VP8", "H263"), 422),
    ] {
        let answer = call(&server, "/rtc/v1/whip/?app=live&stream=cam", &[], &broken);
        println!("{status}: {}", refused(&answer, status));
        assert_eq!(legacy(&server, "publish", &broken), json!({ "code": 400 }), "{broken}");
    }
}

#[test]
fn a_vhost_without_webrtc_says_so() {
    let server = Server::start(&Server::RTC.replace("rtc { enabled on; }", "rtc { enabled off; }"));
    let answer = call(&server, "/rtc/v1/whip/?app=live&stream=cam", &[], &offer("sendonly"));
    assert!(refused(&answer, answer.status).contains("rtc"), "{}", answer.text());
    assert!((400..500).contains(&answer.status), "{}", answer.line);
}

#[test]
fn a_token_goes_with_the_call() {
    let server = with("tokens { enabled on; need publish; publish secret; trust_loopback off; }");
    let path = "/rtc/v1/whip/?app=live&stream=cam";
    for headers in [&[][..], &["Authorization: Bearer guess"]] {
        let answer = call(&server, path, headers, &offer("sendonly"));
        refused(&answer, 401);
        assert!(answer.header("WWW-Authenticate").is_some_and(|way| way.starts_with("Bearer")), "{answer:?}");
    }
    assert_eq!(call(&server, path, &["Authorization: Bearer secret"], &offer("sendonly")).status, 201);
    let url = format!("http://127.0.0.1:{}/rtc/v1/whip/?app=live&stream=other", server.port("api"));
    let _ffmpeg = ClockPublisher::whip(&url, "secret");
    server.wait_published("other");
    let keyed = json!({ "query": "&key=secret", "codec": "VP8" });
    let mut page = Peers::aiortc(&[publisher(&server, "live/third", keyed), player(&server, "live/third", json!({}))]);
    page.wait_play(10);
}

#[test]
fn a_callback_can_refuse() {
    let hooks = HookServer::start(None, |told| {
        let is_bad = told.member("stream") == "bad";
        format!(r#"{{"code":{}}}"#, u8::from(is_bad))
    });
    let url = format!("http://127.0.0.1:{}/", hooks.port);
    let server = with(&format!("http_hooks {{ enabled on; on_publish {url}; on_play {url}; }}"));
    for (call_name, direction) in [("whip", "sendonly"), ("whep", "recvonly")] {
        let ask = |stream: &str| {
            call(&server, &format!("/rtc/v1/{call_name}/?app=live&stream={stream}"), &[], &offer(direction))
        };
        refused(&ask("bad"), 403);
        assert_eq!(ask("good").status, 201);
    }
    let let_in = || server.api("/api/v1/clients/")["clients"].as_array().is_some_and(|all| all.len() == 2);
    assert!(eventually(Duration::from_secs(5), let_in), "{}", server.api("/api/v1/clients/"));
}

#[test]
fn a_page_of_another_origin_may_ask_which_servers_of_ice_there_are() {
    let server = Server::start(Server::RTC);
    for path in ["/rtc/v1/whip/?app=live&stream=cam", "/rtc/v1/whep/?app=live&stream=cam"] {
        let headers = ["Origin: https://example.com", "Access-Control-Request-Method: POST"];
        let answer = http::request(server.port("api"), "OPTIONS", path, &headers);
        assert!((200..300).contains(&answer.status), "{}", answer.line);
        assert!(answer.header("Access-Control-Allow-Origin").is_some(), "{answer:?}");
    }
    let answer =
        call(&server, "/rtc/v1/whip/?app=live&stream=cam", &["Origin: https://example.com"], &offer("sendonly"));
    let shown = answer.header("Access-Control-Expose-Headers").unwrap_or_default().to_lowercase();
    assert!(shown == "*" || ["location", "etag", "link"].iter().all(|name| shown.contains(name)), "{shown}");
}
