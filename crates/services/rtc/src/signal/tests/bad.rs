use proptest::prelude::*;

use super::*;
use crate::signal::target::Target;
use crate::signal::wish::Wish;

/// Checks what a publisher's offer is told, by WHIP and by the call of SRS.
async fn check(offer: &str, status: u16, code: u32, why: &str) {
    let house = House::new();
    let reply = house.post("/rtc/v1/whip/?app=live&stream=w1", offer).await;
    check_refused(&reply, status, Some(code), why);
    let body = serde_json::json!({ "streamurl": "webrtc://10.77.0.1/live/w1", "sdp": offer });
    let reply = house.post("/rtc/v1/publish/", &body.to_string()).await;
    assert_eq!(text(&reply), "{\"code\":400}");
    assert!(house.fake.seen.lock().expect("not poisoned").is_empty(), "nobody was asked");
}

// row: errors.md §2 5012
#[tokio::test]
async fn what_is_no_description_is_said_to_be_none() {
    check("garbage", 400, 5012, "line 1").await;
    check("", 400, 5012, "empty").await;
    let long = format!("{PUBLISH_OFFER}a=x:{}\r\n", "y".repeat(64 * 1024));
    check(&long, 400, 5012, "bytes").await;
    let many = format!("{PUBLISH_OFFER}{}", "a=x:y\r\n".repeat(10_000));
    check(&many, 400, 5012, "more than").await;
    let house = House::new();
    let mut binary = asked("POST", "/rtc/v1/whip/?app=live&stream=w1", "");
    binary.body = vec![0x16, 0x03, 0x01, 0xff, 0xfe].into();
    check_refused(&house.ask(&binary).await, 400, Some(5012), "utf-8");
}

#[tokio::test]
async fn what_is_too_large_is_said_to_be() {
    let reply = House::new().post("/rtc/v1/whip/", &"v=0\r\n".repeat(MAX_BODY / 5 + 1)).await;
    check_refused(&reply, 413, Some(5012), "at most");
}

// row: errors.md §2 5018
// row: http-api.md §4.1 Publish offer checks
#[tokio::test]
async fn what_cannot_be_agreed_on_is_said() {
    let without =
        |name: &str| PUBLISH_OFFER.lines().filter(|line| !line.starts_with(name)).collect::<Vec<_>>().join("\r\n");
    check(&without("a=ice-ufrag"), 422, 5018, "ice-ufrag").await;
    check(&without("a=fingerprint"), 422, 5018, "fingerprint").await;
    check(&without("a=rtcp-mux"), 422, 5018, "rtcp-mux").await;
    check(&without("a=group"), 422, 5018, "BUNDLE").await;
    check(&PUBLISH_OFFER.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), 422, 5018, "UDP/TLS/RTP/SAVPF").await;
    check(&PUBLISH_OFFER.replace("a=sendonly", "a=recvonly"), 422, 5018, "recvonly").await;
    check(&PUBLISH_OFFER.replace("opus", "ilbc").replace("PCM", "XCM"), 422, 5018, "codec").await;
    let channel = include_str!("../../../../../formats/sdp/testdata/chromium-datachannel-only.sdp");
    check(channel, 422, 5018, "no audio and no video").await;
}

// row: http-api.md §4.1 Play offer checks
#[tokio::test]
async fn a_player_must_not_send() {
    let reply =
        House::new().post("/rtc/v1/whep/?app=live&stream=cam1", &PLAY_OFFER.replace("recvonly", "sendonly")).await;
    check_refused(&reply, 422, Some(5018), "sendonly");
}

/// Checks what a query is told.
async fn check_query(query: &str, code: u32, why: &str) {
    let reply = House::new().post(&format!("/rtc/v1/whip/?{query}"), PUBLISH_OFFER).await;
    check_refused(&reply, 400, Some(code), why);
}

// row: errors.md §2 5037
// row: errors.md §2 5023
#[tokio::test]
async fn queries_are_checked() {
    check_query("ice-ufrag=abc", 5037, "4 to 32").await;
    check_query(&format!("ice-ufrag={}", "a".repeat(33)), 5037, "4 to 32").await;
    check_query("ice-ufrag=ab%0d%0acd", 5037, "letters").await;
    check_query("ice-pwd=012345678901234567890", 5037, "22 to 32").await;
    check_query(&format!("ice-pwd={}", "a".repeat(33)), 5037, "22 to 32").await;
    check_query("eip=1.2.3.4%0d%0aa=x", 5023, "eip").await;
    check_query("eip=1.2.3.4:0", 5023, "eip").await;
    check_query("app=live&stream=..", 5023, "stream").await;
    check_query("app=live&stream=%2e%2e/x", 5023, "stream").await;
    check_query("app=live&stream=a%0d%0ab", 5023, "control").await;
    check_query(&format!("app={}&stream=a", "a".repeat(1025)), 5023, "too long").await;
}

#[tokio::test]
async fn methods_and_bodies_of_any_kind_do_no_harm() {
    let house = House::new();
    for method in ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "PROPFIND"] {
        for path in ["whip", "whep/", "whip-play/", "play/", "publish/"] {
            for body in ["", "\u{0}", "{", "a=\r\n", "v=0\r\nm=\r\n"] {
                let reply = house.ask(&asked(method, &format!("/rtc/v1/{path}?=&,;==session&token"), body)).await;
                assert_ne!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
            }
        }
    }
    tokio::time::timeout(Duration::from_secs(5), house.published()).await.expect("it still answers");
}

proptest! {
    #[test]
    fn any_url_is_read_or_refused(url in "(webrtc://)?[a-z:/?&=.%#\\[\\]\u{e9}]{0,40}", query in ".{0,40}") {
        let asked = asked("POST", &format!("/rtc/v1/whip/?{query}"), "");
        let by_url = Target::of_url(&url, &asked, Role::Play, asked.peer.ip());
        let by_query = Target::of_query(&asked, Role::Publish);
        for Target { request, .. } in [by_url, by_query].into_iter().flatten() {
            let names = [&request.app, &request.stream];
            prop_assert!(names.iter().all(|name| !name.is_empty() && !name.split('/').any(|part| part == "..")));
        }
        let _ = Wish::read(&asked.pairs(), true);
    }
}
