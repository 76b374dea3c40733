use http::StatusCode;
use weir_hub::{ClientKind, Request};

use crate::sessions::Known;

use super::*;

/// The id in the master playlist.
fn id_of(master: &str) -> String {
    let uri = uris(master).pop().expect("a variant");
    let (_, rest) = uri.split_once("hls_ctx=").expect("a session");
    rest.split('&').next().expect("an id").to_owned()
}

impl Server {
    async fn begin(&self, target: &str) -> String {
        let mut master = None;
        until(target, async || {
            master = self.text(target).await;
            master.is_some()
        })
        .await;
        master.expect("a master playlist")
    }
}

// row: http-api.md §5 HLS sessions 1
// row: http-api.md §5 HLS sessions 2
// row: http-api.md §5 HLS sessions 3
// row: config.md §11 hls hls_ctx / hls_ts_ctx
#[tokio::test]
async fn a_player_is_a_client_from_its_first_request_on() {
    let server = server("");
    assert!(server.text("/live/cam1.m3u8?x=1").await.is_none());
    let _publisher = server.publish("cam1").await;
    let master = server.begin("/live/cam1.m3u8?x=1").await;
    let id = id_of(&master);
    let expect =
        format!("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1\n/live/cam1.m3u8?hls_ctx={id}&x=1\n");
    assert_eq!((master, id.len()), (expect, 8));
    let client = server.hub.client(&id).expect("it is a client");
    assert_eq!((client.kind.name(), client.name.as_str()), ("hls-play", "cam1.m3u8"));
    assert_eq!((client.tc_url.as_str(), client.key.to_string()), ("http://127.0.0.1/live", "/live/cam1".to_owned()));
    assert_eq!(client.traffic.bytes_sent(), 0);
    let playlist = server.playlist(&format!("/live/cam1.m3u8?hls_ctx={id}&x=1"), 3).await;
    let names: Vec<String> = (0..3).map(|number| format!("cam1-{number}.ts?hls_ctx={id}")).collect();
    assert_eq!(uris(&playlist), names);
    let sent = client.traffic.bytes_sent();
    assert!(sent > 0);
    let segment = body(&get(&*server.hls, &format!("/live/{}", names[0])).await.expect("it is there"));
    assert_eq!(client.traffic.bytes_sent(), sent + segment.len() as u64);
    assert_eq!(server.hub.streams()[0].clients(), 2);
    check_playlist(&playlist);
}

// row: http-api.md §5 HLS sessions 3
#[tokio::test]
async fn an_id_that_a_player_made_up_is_taken_over() {
    let server = server("");
    let publisher = server.publish("cam").await;
    let master = server.begin("/live/cam.m3u8?hls_ctx=mine-1&token=7").await;
    assert!(master.ends_with("\n/live/cam.m3u8?hls_ctx=mine-1&token=7\n"), "{master}");
    assert!(server.hub.client("mine-1").is_some());
    let playlist = server.text("/live/cam.m3u8?hls_ctx=mine-1").await.expect("a playlist");
    assert!(playlist.contains(".ts?hls_ctx=mine-1"), "{playlist}");
    // Not those that nobody would make up, nor the id of another client.
    for bad in ["%22x", &"a".repeat(65), "a/b", "", &publisher.client().id] {
        let master = server.text(&format!("/live/cam.m3u8?hls_ctx={bad}")).await.expect("a master playlist");
        assert!(master.contains("STREAM-INF") && !master.contains(&format!("hls_ctx={bad}\n")), "{bad}: {master}");
    }
    assert!(server.hub.client(&publisher.client().id).expect("the publisher").kind.publishes());
}

#[tokio::test]
async fn a_session_is_for_its_stream() {
    let server = server("");
    let (_one, _two) = (server.publish("one").await, server.publish("two").await);
    let id = id_of(&server.begin("/live/one.m3u8").await);
    let other = server.begin(&format!("/live/two.m3u8?hls_ctx={id}")).await;
    assert!(other.contains("STREAM-INF") && id_of(&other) != id, "admitted anew: {other}");
}

// row: http-api.md §5 HLS sessions 4
#[tokio::test]
async fn an_idle_session_ends() {
    let server = server("hls_window 0.1;");
    let _publisher = server.publish("cam").await;
    let id = id_of(&server.begin("/live/cam.m3u8").await);
    server.hls.sessions.sweep(Instant::now());
    assert!(server.hub.client(&id).is_some());
    server.hls.sessions.sweep(Instant::now() + Duration::from_millis(300));
    assert!(server.hub.client(&id).is_none());
    let again = server.begin(&format!("/live/cam.m3u8?hls_ctx={id}")).await;
    assert_eq!(id_of(&again), id, "a new session with the same id");
}

// row: http-api.md §5 HLS sessions 5
// row: http-api.md §5 HLS sessions ts requests
#[tokio::test]
async fn a_kicked_player_gets_no_playlist() {
    let server = server("");
    let _publisher = server.publish("cam").await;
    let id = id_of(&server.begin("/live/cam.m3u8").await);
    server.hub.client(&id).expect("it is a client").kick();
    let target = format!("/live/cam.m3u8?hls_ctx={id}");
    let reply = get(&*server.hls, &target).await.expect("a reply");
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert!(String::from_utf8(body(&reply)).expect("text").contains("EOF"));
    assert!(server.hub.client(&id).is_none(), "it is no client any more");
    assert_eq!(get(&*server.hls, &target).await.expect("a reply").status, StatusCode::NOT_FOUND, "nor later");
    let segment = get(&*server.hls, &format!("/live/cam-0.ts?hls_ctx={id}")).await.expect("segments are for all");
    assert_eq!(segment.status, StatusCode::OK);
}

// row: http-api.md §5 HLS sessions hls_ts_ctx off
// row: http-api.md §5 HLS sessions hls_ctx off
#[tokio::test]
async fn sessions_can_be_off_for_segments_or_for_all() {
    let plain = server("hls_ts_ctx off;");
    let _publisher = plain.publish("cam").await;
    let id = id_of(&plain.begin("/live/cam.m3u8").await);
    let playlist = plain.text(&format!("/live/cam.m3u8?hls_ctx={id}")).await.expect("a playlist");
    assert!(uris(&playlist).iter().all(|uri| !uri.contains("hls_ctx")), "{playlist}");
    let server = server("hls_ctx off;");
    let _publisher = server.publish("cam").await;
    let playlist = server.playlist("/live/cam.m3u8?hls_ctx=12345678", 3).await;
    assert!(!playlist.contains("hls_ctx") && server.hub.clients().len() == 1, "{playlist}");
}

#[tokio::test]
async fn where_players_need_a_token_segments_need_the_session_of_a_playlist() {
    let tokens = "tokens { enabled on; need play; play k; trust_loopback";
    let group = "hls_group all { streams one two; }";
    let server = server(&format!("{group} }} {tokens} off;"));
    let (_one, _two) = (server.publish("one").await, server.publish("two").await);
    let (one, two) = (id_of(&server.begin("/live/one.m3u8").await), id_of(&server.begin("/live/two.m3u8").await));
    let all = id_of(&server.begin("/live/all.m3u8").await);
    let status = async |name: &str, id: &str| {
        get(&*server.hls, &format!("/live/{name}-0.ts{id}")).await.expect("it is there").status.as_u16()
    };
    let id = |id: &str| format!("?hls_ctx={id}");
    for (name, query, expect) in [
        ("one", id(&one), 200),
        ("one", id(&all), 200),
        ("two", id(&all), 200),
        ("one", id(&two), 401),
        ("one", id("guess"), 401),
        ("one", String::new(), 401),
    ] {
        assert_eq!(status(name, &query).await, expect, "{name}{query}");
    }
    server.hub.client(&one).expect("it is a client").kick();
    assert_eq!(status("one", &id(&one)).await, 401, "it was kicked");
    for open in [format!("}} {tokens} on;"), format!("hls_ts_ctx off; }} {tokens} off;")] {
        let server = super::server(&open);
        let _publisher = server.publish("cam").await;
        server.begin("/live/cam.m3u8").await;
        assert_eq!(get(&*server.hls, "/live/cam-0.ts").await.expect("it is there").status, StatusCode::OK, "{open}");
    }
}

/// One address that takes all the room ends sessions of its own.
#[tokio::test]
async fn who_begins_too_many_sessions_ends_his_own() {
    let server = server("");
    let publisher = server.publish("cam").await;
    let key = &publisher.stream().key;
    let sessions = Sessions::of(100);
    let began = Instant::now();
    let begin = async |id: &str, ip: [u8; 4], at: u64| {
        let mut request = request("", "cam");
        (request.id, request.kind, request.ip) = (id.to_owned(), ClientKind::HlsPlay, ip.into());
        let visit = server.hub.visit(&request).await.expect("it is admitted");
        let now = began + Duration::from_millis(at);
        sessions.begin(id, visit, key.clone(), Duration::from_secs(60), now);
    };
    begin("first", [10, 0, 0, 1], 0).await;
    begin("second", [10, 0, 0, 2], 0).await;
    for index in 0..1000 {
        begin(&format!("many-{index}"), [10, 0, 0, 9], index + 1).await;
    }
    begin("third", [10, 0, 0, 3], 2000).await;
    let knows = |id: &str| sessions.find(id, &[key], began) == Known::Yes;
    assert!(knows("first") && knows("second") && knows("third") && knows("many-999"));
    assert!(!knows("many-0") && !knows("many-900"));
    assert_eq!(server.hub.clients().len(), 101, "and the publisher");
    // All of them from one proxy: those that are idle stand back.
    let sessions = Sessions::of(3);
    for (id, at) in [("a", 0), ("b", 10), ("c", 20)] {
        let request = Request { id: id.to_owned(), kind: ClientKind::HlsPlay, ..request("", "cam") };
        let visit = server.hub.visit(&request).await.expect("it is admitted");
        sessions.begin(id, visit, key.clone(), Duration::from_secs(60), began + Duration::from_millis(at));
    }
    assert_eq!(sessions.find("a", &[key], began + Duration::from_millis(30)), Known::Yes);
    let request = Request { id: "d".to_owned(), kind: ClientKind::HlsPlay, ..request("", "cam") };
    let visit = server.hub.visit(&request).await.expect("it is admitted");
    sessions.begin("d", visit, key.clone(), Duration::from_secs(60), began + Duration::from_millis(40));
    assert_eq!(
        ["a", "b", "c", "d"].map(|id| sessions.find(id, &[key], began)),
        [Known::Yes, Known::No, Known::Yes, Known::Yes]
    );
}

#[tokio::test]
async fn requests_for_what_is_not_there_leave_no_trace() {
    let server = server("");
    let _publisher = server.publish("cam").await;
    server.begin("/live/cam.m3u8").await;
    let before = (server.hls.shared.catalogue.len(), server.hls.shared.outputs().len(), server.hub.clients().len());
    for number in 0..10_000 {
        assert!(server.text(&format!("/live/nope{number}.m3u8?hls_ctx=x{number}")).await.is_none());
    }
    let after = (server.hls.shared.catalogue.len(), server.hls.shared.outputs().len(), server.hub.clients().len());
    assert_eq!(before, after);
    assert_eq!(server.hub.streams().len(), 1);
}
