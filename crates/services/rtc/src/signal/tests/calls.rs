use super::*;

async fn call(house: &House, path: &str, url: &str, offer: &str) -> Reply {
    let body = serde_json::json!({ "api": "http://10.77.0.1:1985/rtc/v1/play/", "tid": "1a2b3c", "clientip": null,
                                   "streamurl": url, "sdp": offer });
    house.post(path, &body.to_string()).await
}

/// Checks an answer member by member.
fn check_answer(house: &House, reply: &Reply, srs: &str) {
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(field(reply, "content-type").as_deref(), Some("application/json"));
    let body = text(reply);
    let session = house.seen().1.session;
    let head =
        "{\"code\":0,\"server\":\"vid-sample1\",\"service\":\"369186c6\",\"pid\":\"24003\",\"sdp\":\"v=0\\r\\no=";
    assert!(body.starts_with(head), "{body}");
    assert!(body.ends_with(&format!("\\r\\n\",\"sessionid\":\"{session}\"}}")), "{body}");
    let json: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    check_like_srs(json["sdp"].as_str().expect("an answer"), srs);
}

// row: http-api.md §4.1 Body
// row: http-api.md §4.1 Success
// row: http-api.md §4.1 Publish extra
#[tokio::test]
async fn a_publisher_is_answered_as_by_srs() {
    let house = House::new();
    for path in ["/rtc/v1/publish/", "/rtc/v1/publish", "/rtc/v1/publish/?encrypt=false&dtls=false"] {
        let reply = call(&house, path, "webrtc://10.77.0.1/live/w2", PUBLISH_OFFER).await;
        check_answer(&house, &reply, &SRS_PUBLISH.replace("live/w1", "live/w2"));
        let (request, open) = house.seen();
        assert_eq!((open.encrypt, open.dtls), (true, true), "{path}");
        assert_eq!(request.param, "upstream=rtc");
    }
}

// row: http-api.md §4.1 Query
#[tokio::test]
async fn a_player_is_answered_as_by_srs() {
    let house = House::new();
    for (query, security) in [("", (true, true)), ("?encrypt=false", (false, true)), ("?dtls=false", (false, false))] {
        let url = "webrtc://10.77.0.1:8000/live/cam1?k=v";
        let reply = call(&house, &format!("/rtc/v1/play/{query}"), url, PLAY_OFFER).await;
        check_answer(&house, &reply, SRS_PLAY);
        let (request, open) = house.seen();
        assert_eq!((open.encrypt, open.dtls), security, "{query}");
        assert_eq!(request.param, "?k=v");
    }
}

/// Checks that a call fails as SRS's do.
async fn check_failed(body: &str) {
    for path in ["/rtc/v1/play/", "/rtc/v1/publish/"] {
        let reply = House::new().post(path, body).await;
        assert_eq!((reply.status, text(&reply).as_str()), (StatusCode::OK, "{\"code\":400}"), "{path} {body:.100}");
        assert_eq!(field(&reply, "content-type").as_deref(), Some("application/json"));
    }
}

// row: http-api.md §4.1 Any failure
// row: errors.md §1 400
// row: errors.md §2 5019
#[tokio::test]
async fn every_failure_is_400_in_json() {
    for body in ["", "hello", "[]", "null", "{}", "{\"sdp\":\"v=0\"}", "{\"sdp\":1,\"streamurl\":2}"] {
        check_failed(body).await;
    }
    let with = |url: &str, sdp: &str| serde_json::json!({ "streamurl": url, "sdp": sdp }).to_string();
    check_failed(&with("webrtc://10.77.0.1/live/cam1", "v=0\r\n")).await;
    check_failed(&with("webrtc://10.77.0.1/live/cam1", "")).await;
    for url in ["", "cam1", "webrtc://", "webrtc://h", "webrtc://h/live/..", "webrtc://h:x/live/a", "webrtc:///live/a"]
    {
        check_failed(&with(url, PLAY_OFFER)).await;
    }
    check_failed(&with("webrtc://off.example.com/live/a", PLAY_OFFER)).await;
    check_failed(&with("webrtc://h/live/a?vhost=gone.example.com", PUBLISH_OFFER)).await;
    check_failed(&"x".repeat(MAX_BODY + 1)).await;
}

#[tokio::test]
async fn a_refusal_is_400_in_json() {
    let house = House::new();
    *house.fake.refusal.lock().expect("not poisoned") = Some(Refusal::Kicked);
    let reply = call(&house, "/rtc/v1/publish/", "webrtc://10.77.0.1/live/w2", PUBLISH_OFFER).await;
    assert_eq!(text(&reply), "{\"code\":400}");
    for method in ["GET", "PUT", "DELETE"] {
        let reply = house.ask(&asked(method, "/rtc/v1/play/", "")).await;
        assert_eq!((reply.status, text(&reply).as_str()), (StatusCode::OK, "{\"code\":400}"), "{method}");
    }
}

/// SRS believes anybody.
#[tokio::test]
async fn the_address_of_the_client_is_believed_from_proxies() {
    let house = House::new();
    let body = serde_json::json!({ "streamurl": "webrtc://h/live/a", "sdp": PLAY_OFFER, "clientip": "203.0.113.9" });
    let mut asked = asked("POST", "/rtc/v1/play/", &body.to_string());
    house.ask(&asked).await;
    assert_eq!(house.seen().0.ip.to_string(), "10.77.0.1");
    asked.peer = ([10, 0, 0, 1], 4000).into();
    house.ask(&asked).await;
    assert_eq!(house.seen().0.ip.to_string(), "203.0.113.9");
}
