use super::*;

/// Checks whom the hub is asked about: vhost, app, stream, parameters, tcUrl.
fn check(request: &Request, expect: [&str; 5]) {
    let Request { vhost, app, stream, param, tc_url, name, .. } = request;
    assert_eq!([vhost, app, stream, param, tc_url].map(String::as_str), expect);
    assert_eq!(name, stream);
}

async fn by_query(target: &str) -> Request {
    let house = House::new();
    let reply = house.post(target, PLAY_OFFER).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{target}: {}", text(&reply));
    house.seen().0
}

// row: http-api.md §4.2 URL
// row: http-api.md §4.2 Defaults
// row: http-api.md §4.2 Hook param
#[tokio::test]
async fn urls_of_whep_name_streams() {
    let host = "10.77.0.1";
    // As hooks.txt of the samples has it.
    let query = "app=live&stream=cam1";
    check(&by_query(&format!("/rtc/v1/whep/?{query}")).await, [host, "live", "cam1", query, ""]);
    check(&by_query("/rtc/v1/whep/").await, [host, "live", "livestream", "", ""]);
    check(&by_query("/rtc/v1/whep/?app=&stream=").await, [host, "live", "livestream", "app=&stream=", ""]);
    let query = "app=a/b&stream=c&vhost=x.com&token=t";
    check(&by_query(&format!("/rtc/v1/whep/?{query}")).await, ["x.com", "a/b", "c", query, ""]);
    let query = "app=live%2Froom&stream=%E4%B8%AD";
    check(&by_query(&format!("/rtc/v1/whep/?{query}")).await, [host, "live/room", "中", query, ""]);
}

async fn by_url(path: &str, url: &str) -> Request {
    let house = House::new();
    let offer = if path.contains("publish") { PUBLISH_OFFER } else { PLAY_OFFER };
    let body = serde_json::json!({ "streamurl": url, "sdp": offer });
    let reply = house.post(path, &body.to_string()).await;
    assert!(text(&reply).starts_with("{\"code\":0,"), "{url}: {}", text(&reply));
    house.seen().0
}

#[tokio::test]
async fn urls_of_calls_name_streams() {
    let (play, publish) = ("/rtc/v1/play/", "/rtc/v1/publish/");
    let (host, tc_url) = ("10.77.0.1", "webrtc://10.77.0.1/live");
    // As hooks.txt of the samples has them.
    check(&by_url(play, "webrtc://10.77.0.1/live/cam1").await, [host, "live", "cam1", "", tc_url]);
    check(&by_url(publish, "webrtc://10.77.0.1/live/w2").await, [host, "live", "w2", "upstream=rtc", tc_url]);
    let param = "?vhost=x.com&k=v&upstream=rtc";
    check(&by_url(publish, "webrtc://10.77.0.1/live/w2?vhost=x.com&k=v").await, ["x.com", "live", "w2", param, tc_url]);
    let with_port = "webrtc://h.example.com:1985/a/b";
    let url = "webrtc://h.example.com:1985/a/b/c?t=x/y";
    check(&by_url(play, url).await, ["h.example.com", "a/b", "c", "?t=x/y", with_port]);
    check(&by_url(play, "webrtc://[::1]:1985/live/c").await, ["::1", "live", "c", "", "webrtc://[::1]:1985/live"]);
    // RTMP's form of a vhost.
    let rtmp = "webrtc://h/live?vhost=x.com/cam";
    check(&by_url(play, rtmp).await, ["x.com", "live", "cam", "?vhost=x.com", rtmp]);
    check(&by_url(play, "webrtc://h/live/%E4%B8%AD").await, ["h", "live", "中", "", "webrtc://h/live"]);
}

// row: http-api.md §2 Vhost override
#[tokio::test]
async fn who_asks_is_told_to_the_gates() {
    let house = House::new();
    let asked = asked("POST", "/rtc/v1/whip/?app=live&stream=w1&token=q", PUBLISH_OFFER);
    let asked = with_field(with_field(asked, "authorization", "Bearer secret"), "referer", "https://page.example.com/");
    house.ask(&asked).await;
    let request = house.seen().0;
    assert_eq!(request.bearer.as_deref(), Some("secret"));
    assert_eq!(request.page_url, "https://page.example.com/");
    assert_eq!(request.ip.to_string(), "10.77.0.1");
    assert_eq!(request.id.len(), 8);
}

// row: http-api.md §4.2 URL
#[tokio::test]
async fn the_query_says_how() {
    let house = House::new();
    let post = async |query: &str| {
        let reply = house.post(&format!("/rtc/v1/whep/?app=live&stream=cam1&{query}"), PLAY_OFFER).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{query}");
        (text(&reply), house.seen().1)
    };
    let (_, open) = post("ice-ufrag=abcd&ice-pwd=0123456789012345678901").await;
    assert_eq!((open.own.ufrag.as_str(), open.own.pwd.as_str()), ("abcd", "0123456789012345678901"));
    assert_eq!(open.session, "abcd:xgJQ");
    assert!(post("codec=vp8").await.0.contains("m=video 9 UDP/TLS/RTP/SAVPF 97"));
    assert!(!post("codec=vp8").await.0.contains("H264"));
    assert!(post("codec=whatever").await.0.contains("H264"));
    let candidate = "a=candidate:1 1 udp 2130706431 203.0.113.7 9000 typ host generation 0";
    assert!(post("eip=203.0.113.7:9000").await.0.contains(candidate));
    assert!(post("candidate=203.0.113.7:9000").await.0.contains(candidate));
    assert!(!post("encrypt=false").await.1.encrypt);
    assert!(post("encrypt=true").await.1.encrypt);
    assert!(!post("dtls=false").await.1.dtls);
}
