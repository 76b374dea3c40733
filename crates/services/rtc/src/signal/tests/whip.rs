use super::*;

// row: protocols.md §6.1 Answer
// row: http-api.md §4.2 Success
// row: protocols.md §6.1 Session id
// row: http-api.md §4.2 Body
#[tokio::test]
async fn a_publisher_is_answered_as_by_srs() {
    let house = House::new();
    let (reply, location) = house.published().await;
    assert_eq!(reply.status, StatusCode::CREATED);
    assert_eq!(field(&reply, "content-type").as_deref(), Some("application/sdp"));
    check_like_srs(&text(&reply), SRS_PUBLISH);
    let (request, open) = house.seen();
    let Open { token, session, own, .. } = &open;
    assert_eq!(location, format!("/rtc/v1/whip/?action=delete&token={token}&app=live&stream=w1&session={session}"));
    assert_eq!((own.ufrag.len(), own.pwd.len(), token.len()), (8, 32, 9));
    assert_eq!(*session, format!("{}:FEPY", own.ufrag));
    assert_eq!(field(&reply, "etag"), Some(format!("\"{}\"", own.ufrag)));
    assert_eq!(field(&reply, "link"), None);
    assert!((open.encrypt, open.dtls) == (true, true) && request.kind == weir_hub::ClientKind::RtcPublish);
}

// row: http-api.md §4.2 Play
#[tokio::test]
async fn a_player_is_answered_as_by_srs() {
    for path in ["/rtc/v1/whep/?", "/rtc/v1/whep?", "/rtc/v1/whip-play/?", "/rtc/v1/whip/?action=play&"] {
        let house = House::new();
        let reply = house.post(&format!("{path}app=live&stream=cam1"), PLAY_OFFER).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{path}");
        check_like_srs(&text(&reply), SRS_PLAY);
        let location = field(&reply, "location").expect("a Location");
        assert!(location.starts_with("/rtc/v1/whip/?action=delete&token="), "{location}");
        assert!(location.contains("&app=live&stream=cam1&session="), "{location}");
        assert_eq!(house.seen().0.kind, weir_hub::ClientKind::RtcPlay);
    }
}

#[tokio::test]
async fn servers_of_stun_are_told_when_there_are_some() {
    let servers = r#"ice_server stun:stun.example.com; ice_server turn:turn.example.com 'a"b' 'c\d'; candidate"#;
    let stun = r#"<stun:stun.example.com>; rel="ice-server""#;
    let turn =
        r#"<turn:turn.example.com>; rel="ice-server"; username="a\"b"; credential="c\\d"; credential-type="password""#;
    let house = House::with(&CONF.replacen("candidate", servers, 1));
    let told = |fields: Vec<(HeaderName, HeaderValue)>| {
        let links = fields.into_iter().filter(|(name, _)| name == LINK);
        links.map(|(_, value)| value.to_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told(house.published().await.0.headers), [stun, turn]);
    // Anybody may ask for these.
    assert_eq!(told(house.signal.options("/rtc/v1/whep")), [stun]);
}

// row: http-api.md §4.2 PATCH / trickle, OPTIONS Link
#[tokio::test]
async fn options_say_what_may_be_sent() {
    let signal = House::new().signal;
    let options = signal.options("/rtc/v1/whip/");
    let value =
        |name: &str| options.iter().find(|(one, _)| one == name).map(|(_, value)| value.to_str().expect("text"));
    assert_eq!(value("accept-post"), Some("application/sdp"));
    assert_eq!(value("accept-patch"), Some("application/trickle-ice-sdpfrag"));
    assert_eq!(value("allow"), Some("POST, PATCH, DELETE, OPTIONS"));
    assert_eq!(value("access-control-allow-headers"), Some("Authorization"));
    assert_eq!(value("link"), None);
    for other in ["/rtc/v1/play/", "/rtc/v1/nack/", "/api/v1/", "/"] {
        assert!(signal.options(other).is_empty(), "{other}");
    }
}

#[tokio::test]
async fn other_paths_are_not_answered() {
    let signal = House::new().signal;
    for path in ["/", "/rtc/v1/", "/rtc/v1/nack/", "/rtc/v1/whip/x", "/api/v1/rtc/v1/whip/"] {
        assert!(signal.answer(&asked("POST", path, PUBLISH_OFFER)).await.is_none(), "{path}");
    }
}

#[tokio::test]
async fn other_methods_are_refused() {
    let house = House::new();
    for method in ["GET", "HEAD", "PUT"] {
        let reply = house.ask(&asked(method, "/rtc/v1/whip/?app=live&stream=w1", "")).await;
        check_refused(&reply, 405, None, "by POST");
        assert_eq!(field(&reply, "allow").as_deref(), Some("POST, PATCH, DELETE, OPTIONS"));
    }
}

/// Checks the status for an offer of a content type.
async fn check_type(given: &str, status: u16) {
    let asked = asked("POST", "/rtc/v1/whip/?app=live&stream=w1", PUBLISH_OFFER);
    let reply = House::new().ask(&with_field(asked, "content-type", given)).await;
    assert_eq!(reply.status.as_u16(), status, "{given}");
    assert_eq!(field(&reply, "accept-post").is_some(), status == 415, "{given}");
}

#[tokio::test]
async fn only_what_is_clearly_no_description_is_refused() {
    for fine in
        ["application/sdp", "Application/SDP; charset=utf-8", "text/plain", "application/x-www-form-urlencoded", ""]
    {
        check_type(fine, 201).await;
    }
    for other in ["application/json", "multipart/form-data; boundary=x", "application/problem+json", "text/html"] {
        check_type(other, 415).await;
    }
    check_type("application/trickle-ice-sdpfrag", 415).await;
}

// row: http-api.md §4.2 DELETE
// row: errors.md §2 5036
#[tokio::test]
async fn delete_ends_the_session_of_its_token() {
    let house = House::new();
    let (_, location) = house.published().await;
    let delete = async |target: &str| house.ask(&asked("DELETE", target, "")).await;
    let wrong = location.replace("token=", "token=x");
    check_refused(&delete(&wrong).await, 403, Some(5036), "token");
    let missing = delete("/rtc/v1/whip/?action=delete&app=live&stream=w1").await;
    check_refused(&missing, 401, Some(5036), "Location");
    assert!(field(&missing, "www-authenticate").is_some_and(|value| value.starts_with("Bearer")));
    // SRS: what is over is over.
    for target in [&location, &location, &wrong, &location.replace("/whip/", "/whep")] {
        let reply = delete(target).await;
        assert_eq!((reply.status, text(&reply).as_str()), (StatusCode::OK, ""), "{target}");
    }
    assert!(house.fake.held.lock().expect("not poisoned").is_empty());
}

/// Checks what a client is told whom the hub refuses.
async fn check_gate(refusal: Refusal, status: u16, code: u32, why: &str) {
    let house = House::new();
    *house.fake.refusal.lock().expect("not poisoned") = Some(refusal);
    let reply = house.post("/rtc/v1/whip/?app=live&stream=w1", PUBLISH_OFFER).await;
    check_refused(&reply, status, Some(code), why);
    assert_eq!(field(&reply, "retry-after").is_some(), status == 503);
    assert_eq!(field(&reply, "www-authenticate").is_some(), status == 401);
}

fn denied(denial: Denial, code: u16) -> Refusal {
    Refusal::Denied { denial, code, why: "no".to_owned(), directive: "tokens.publish" }
}

// row: http-api.md §4.2 Failure
#[tokio::test]
async fn a_refusal_says_why() {
    check_gate(denied(Denial::Unauthorized, 1052), 401, 1052, "tokens.publish").await;
    check_gate(denied(Denial::Forbidden, 1053), 403, 1053, "no").await;
    check_gate(denied(Denial::Full, 1074), 503, 1074, "no").await;
    check_gate(denied(Denial::Unanswered, 4005), 503, 4005, "no").await;
    check_gate(Refusal::Kicked, 403, 1070, "API").await;
}

// row: errors.md §2 5020
#[tokio::test]
async fn a_busy_stream_is_a_conflict() {
    let house = House::new();
    let request = weir_hub::testing::request(weir_hub::ClientKind::FmlePublish, "w1");
    let publisher = house.hub.publish(&request).await.expect("it is free");
    let (stream, holder) = (publisher.stream().key.clone(), publisher.client().clone());
    check_gate(Refusal::Busy { stream, holder }, 409, 5020, "published already").await;
}

// row: errors.md §2 5021
// row: http-api.md §4.1 Publish order
#[tokio::test]
async fn vhosts_without_webrtc_are_not_there() {
    let house = House::new();
    let to =
        async |vhost: &str| house.post(&format!("/rtc/v1/whip/?app=live&stream=w1&vhost={vhost}"), PUBLISH_OFFER).await;
    check_refused(&to("off.example.com").await, 404, Some(5021), "rtc.enabled");
    check_refused(&to("gone.example.com").await, 404, Some(2014), "vhost.enabled");
    let alone = House::with("listen 1935; rtc_server { enabled on; } vhost a.com { rtc { enabled on; } }");
    let reply = alone.post("/rtc/v1/whip/?app=live&stream=w1", PUBLISH_OFFER).await;
    check_refused(&reply, 404, Some(2014), "__defaultVhost__");
}

// row: http-api.md §4.1 Play order
#[tokio::test]
async fn a_stream_that_is_not_converted_is_not_there() {
    let house = House::new();
    let request = weir_hub::testing::request(weir_hub::ClientKind::FmlePublish, "cam1");
    let _publisher = house.hub.publish(&request).await.expect("it is free");
    let reply = house.post("/rtc/v1/whep/?app=live&stream=cam1", PLAY_OFFER).await;
    check_refused(&reply, 404, Some(5021), "rtc.rtmp_to_rtc");
    let other = house.post("/rtc/v1/whep/?app=live&stream=cam2", PLAY_OFFER).await;
    assert_eq!(other.status, StatusCode::CREATED, "players may wait");
}
