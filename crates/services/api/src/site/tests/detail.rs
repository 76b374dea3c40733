use std::time::{Duration, Instant};

use weir_base::MediaTime;
use weir_flv::tag::TagKind;
use weir_hub::Frame;

use super::*;

#[tokio::test]
async fn a_stream_tells_more_than_srs_does() {
    let (house, mut publisher, mut players) = House::with_clients().await;
    let start = Instant::now();
    for (number, head) in [0x17, 0x27, 0x27, 0x27, 0x17, 0x27].into_iter().enumerate() {
        let time = MediaTime::from_millis(40 * i64::try_from(number).expect("few"));
        publisher.send(Frame::from_flv(TagKind::Video, time, vec![head, 1, 0, 0, 0, 9].into()), start);
    }
    house.hub.sample(start);
    publisher.stream().count_received(1500);
    house.hub.sample(start + Duration::from_secs(3));
    let [quick, slow, _] = &mut players[..] else { panic!("three players") };
    let pending = quick.cursor.pending().count();
    quick.cursor.advance(pending);
    quick.report(0, start);
    slow.report(500, start + Duration::from_secs(1));
    slow.cut_if_late(start + Duration::from_secs(100));
    let body = house.body(&format!("GET /api/v1/streams/{}/detail", publisher.stream().id)).await;
    for part in [
        r#""detail":{"id":"vid-"#,
        r#""url":"/live/cam1","publish":{"cid":"9k72z660","ip":"127.0.0.1","type":"fmle-publish","alive":0."#,
        r#""tracks":[{"codec":"H264","profile":"Baseline","level":"3.1","width":1280,"height":720,"#,
        r#""track":0,"kind":"video"},{"codec":"AAC","#,
        r#""track":0,"kind":"audio","coded_rate":44100}]"#,
        r#""gop":{"frames":4,"ms":160,"fps":25.00},"frames":6,"skipped":6"#,
        r#""history":{"interval":3.00,"recv_kbps":[4],"send_kbps":[0]},"faults":[],"player_count":3,"players":[{"#,
        r#""queue":{"frames":0,"bytes":0,"ms":0},"lost":[]}"#,
        r#""queue":{"frames":6,"bytes":536,"ms":1000},"lost":[{"limit":"play.queue_length","cuts":1,"frames":6,"#,
        r#""queue":null,"lost":[]}"#,
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
}

#[tokio::test]
async fn a_stream_without_publisher_has_less_to_tell() {
    let house = House::new(CONF);
    let player = house.hub.subscribe(&request("4c341279", ClientKind::RtmpPlay)).await.expect("anybody may play");
    let body = house.body(&format!("GET /api/v1/streams/{}/detail", player.stream().id)).await;
    assert!(body.contains(r#""publish":null,"tracks":[],"gop":null,"frames":0"#), "{body}");
    assert!(body.contains(r#""recv_kbps":[],"send_kbps":[]},"faults":[],"player_count":1,"#), "{body}");
}

#[tokio::test]
async fn players_of_a_stream_are_paged() {
    let house = House::new(CONF);
    let mut players = Vec::new();
    for number in 0..25 {
        let request = request(&format!("id{number:06}"), ClientKind::RtmpPlay);
        players.push(house.hub.subscribe(&request).await.expect("anybody may play"));
    }
    let other = Request { stream: "cam2".to_owned(), ..request("other000", ClientKind::RtmpPlay) };
    let _other = house.hub.subscribe(&other).await.expect("anybody may play");
    let id = &players[0].stream().id;
    for (query, first, count) in [("", 0, 10), ("?start=20", 20, 5), ("?start=1&count=100", 1, 24)] {
        let body = house.body(&format!("GET /api/v1/streams/{id}/detail{query}")).await;
        assert!(body.contains(r#""player_count":25"#), "{body}");
        let ids: Vec<_> = body.split(r#"{"id":""#).skip(2).map(|rest| rest[..8].to_owned()).collect();
        let expect: Vec<_> = (first..first + count).map(|number| format!("id{number:06}")).collect();
        assert_eq!(ids, expect, "{query}");
    }
}
