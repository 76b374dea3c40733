use super::*;

const TYPE: &str = "application/trickle-ice-sdpfrag";
/// Candidates of the client that published, and a new agent of its own.
const TRICKLE: &str = "a=ice-ufrag:FEPY\r\na=ice-pwd:UtNF5d5uhEGzRRkR8VbaJW\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n\
                       a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host generation 0\r\na=end-of-candidates\r\n";
const RESTART: &str =
    "a=ice-ufrag:NEWU\r\na=ice-pwd:A2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:au\r\n";

impl House {
    async fn patch(&self, target: &str, if_match: Option<&str>, body: &str) -> Reply {
        let asked = with_field(asked("PATCH", target, body), "content-type", TYPE);
        self.ask(&match if_match {
            Some(tag) => with_field(asked, "if-match", tag),
            None => asked,
        })
        .await
    }
}

#[tokio::test]
async fn candidates_of_the_client_are_taken() {
    let house = House::new();
    let (reply, session) = house.published().await;
    let tag = field(&reply, "etag").expect("an ETag");
    for known in [None, Some("*"), Some("\"*\""), Some(tag.as_str())] {
        let reply = house.patch(&session, known, TRICKLE).await;
        assert_eq!((reply.status, text(&reply).as_str()), (StatusCode::NO_CONTENT, ""), "{known:?}");
    }
    check_refused(&house.patch(&session, Some("\"old\""), TRICKLE).await, 412, None, &tag);
    assert_eq!(house.patch(&session, None, "a=end-of-candidates\r\n").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn ice_restarts() {
    let house = House::new();
    let (reply, session) = house.published().await;
    let first = field(&reply, "etag").expect("an ETag");
    check_refused(&house.patch(&session, None, RESTART).await, 428, None, "If-Match");
    check_refused(&house.patch(&session, Some("\"old\""), RESTART).await, 412, None, "ETag");
    let reply = house.patch(&session, Some("*"), RESTART).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(field(&reply, "content-type").as_deref(), Some(TYPE));
    let second = field(&reply, "etag").expect("an ETag");
    assert_ne!(first, second);
    let ufrag = second.trim_matches('"');
    let lines: Vec<String> = text(&reply).lines().map(str::to_owned).collect();
    assert_eq!(lines.first().map(String::as_str), Some("a=ice-lite"));
    for line in [
        format!("a=ice-ufrag:{ufrag}"),
        "a=mid:au".to_owned(),
        "a=candidate:0 1 udp 2130706431 10.77.0.1 8000 typ host generation 0".to_owned(),
        "a=end-of-candidates".to_owned(),
    ] {
        assert!(lines.contains(&line), "{line} in {lines:?}");
    }
    // The tag of before means nothing any more; that of now does.
    let again = RESTART.replace("NEWU", "NEWV");
    check_refused(&house.patch(&session, Some(&first), &again).await, 412, None, "ETag");
    let tags = format!("{first}, {second}");
    assert_eq!(house.patch(&session, Some(&tags), &again).await.status, StatusCode::OK);
    assert_eq!(house.ask(&asked("DELETE", &session, "")).await.status, StatusCode::OK, "the session kept its name");
}

#[tokio::test]
async fn an_address_that_was_asked_for_stays() {
    let house = House::new();
    let reply = house.post("/rtc/v1/whip/?app=live&stream=w1&candidate=203.0.113.7:9000", PUBLISH_OFFER).await;
    let location = field(&reply, "location").expect("a Location");
    let reply = house.patch(&location, Some("*"), RESTART).await;
    assert!(text(&reply).contains(" 203.0.113.7 9000 typ host"), "{}", text(&reply));
}

#[tokio::test]
async fn a_fragment_is_for_a_session() {
    let house = House::new();
    let (_, session) = house.published().await;
    let patch = async |target: &str, body: &str| house.patch(target, Some("*"), body).await;
    check_refused(&patch("/rtc/v1/whip/?app=live", RESTART).await, 401, Some(5036), "Location");
    check_refused(&patch(&session.replace("session=", "session=x"), RESTART).await, 404, Some(5022), "no such session");
    check_refused(&patch(&session.replace("token=", "token=x"), RESTART).await, 403, Some(5036), "token");
    check_refused(&patch(&session, "hello").await, 400, Some(5012), "line 1");
    check_refused(&patch(&session, "a=ice-ufrag:NEWU\r\n").await, 400, Some(5012), "ice-pwd");
    let json = with_field(asked("PATCH", &session, RESTART), "content-type", "application/sdp");
    let reply = house.ask(&json).await;
    check_refused(&reply, 415, None, TYPE);
    assert_eq!(field(&reply, "accept-patch").as_deref(), Some(TYPE));
    assert_eq!(house.ask(&asked("PATCH", &session, TRICKLE)).await.status, StatusCode::NO_CONTENT, "no type is fine");
}
