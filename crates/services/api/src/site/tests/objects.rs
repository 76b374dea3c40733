use std::time::Instant;

use weir_base::MediaTime;
use weir_flv::tag::TagKind;
use weir_hub::Frame;

use super::*;

/// H.264 Baseline 3.1, 1280x720: the FLV tag body of a sequence header.
const VIDEO: &[u8] = &[
    0x17, 0x00, 0x00, 0x00, 0x00, 0x01, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0x00, 0x17, 0x67, 0x42, 0xc0, 0x1f, 0xda, 0x01,
    0x40, 0x16, 0xec, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0c, 0x83, 0xc6, 0x0c, 0xa8, 0x01, 0x00,
    0x04, 0x68, 0xce, 0x3c, 0x80,
];

/// AAC LC, 44100 Hz, stereo: the FLV tag body of a sequence header.
const AUDIO: &[u8] = &[0xaf, 0x00, 0x12, 0x10];

/// Publishes both sequence headers.
pub(super) fn send_headers(publisher: &mut Publisher) {
    for (kind, body) in [(TagKind::Video, VIDEO), (TagKind::Audio, AUDIO)] {
        publisher.send(Frame::from_flv(kind, MediaTime::ZERO, Bytes::from_static(body)), Instant::now());
    }
}

// row: http-api.md §3 /api/v1/vhosts/
// row: http-api.md §3 /api/v1/streams/
// row: http-api.md §3 /api/v1/clients/
// row: http-api.md §3.2 vhost: id
// row: http-api.md §3.2 stream: id
// row: http-api.md §3.2 client: id
#[tokio::test]
async fn objects_have_the_keys_and_the_numbers_of_srs() {
    let (house, publisher, _players) = House::with_clients().await;
    let stream = publisher.stream();
    for (list, one, sample) in [
        ("vhosts", &stream.vhost().id, "vid-6ri0h12"),
        ("streams", &stream.id, "vid-5583m84"),
        ("clients", &"hkg2226m".to_owned(), "hkg2226m"),
    ] {
        let line = format!("GET /api/v1/{list}/");
        house.check(&line, &line).await;
        house.check(&format!("{line}{one}"), &format!("{line}{sample}")).await;
    }
}

// row: http-api.md §3 /api/v1/streams/
#[tokio::test]
async fn a_stream_shows_who_publishes_what() {
    let (house, mut publisher, players) = House::with_clients().await;
    for ms in [0, 40, 80] {
        let body = Bytes::from_static(&[0x27, 1, 0, 0, 0, 9]);
        publisher.send(Frame::from_flv(TagKind::Video, MediaTime::from_millis(ms), body), Instant::now());
    }
    publisher.stream().count_received(300);
    publisher.stream().count_sent(600);
    let body = house.body("GET /api/v1/streams/").await;
    for part in [
        r#""name":"cam1","vhost":"vid-"#,
        r#""app":"live","tcUrl":"rtmp://127.0.0.1:1935/live","url":"/live/cam1","live_ms":1"#,
        r#""clients":4,"frames":3,"send_bytes":600,"recv_bytes":300,"kbps":{"recv_30s":0,"send_30s":0}"#,
        r#""publish":{"active":true,"cid":"9k72z660"}"#,
        r#""video":{"codec":"H264","profile":"Baseline","level":"3.1","width":1280,"height":720,"frame_rate":"#,
        r#""audio":{"codec":"AAC","sample_rate":44100,"channel":2,"profile":"LC"}}]}"#,
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    drop(publisher);
    let body = house.body("GET /api/v1/streams/").await;
    assert!(body.contains(r#""clients":3"#) && body.contains(r#""publish":{"active":false},"#), "{body}");
    drop(players);
    // row: http-api.md §3.2 Stream entries vanish
    assert!(house.body("GET /api/v1/streams/").await.ends_with(r#""streams":[]}"#), "nobody is left");
}

#[tokio::test]
async fn a_stream_shows_what_outputs_could_not_do_with_it() {
    let (house, publisher, _players) = House::with_clients().await;
    assert!(!house.body("GET /api/v1/streams/").await.contains("faults"), "nothing happened yet");
    for _ in 0..2 {
        publisher.stream().note_fault("HLS", "the disk is full");
    }
    let body = house.body("GET /api/v1/streams/").await;
    assert!(body.contains(r#""faults":[{"output":"HLS","what":"the disk is full","count":2,"last_ms":1"#), "{body}");
}

#[tokio::test]
async fn a_stream_that_only_plays_has_no_media() {
    let house = House::new(CONF);
    let _player = house.hub.subscribe(&request("4c341279", ClientKind::RtmpPlay)).await.expect("anybody may play");
    let body = house.body("GET /api/v1/streams/").await;
    assert!(body.ends_with(r#""publish":{"active":false},"video":null,"audio":null}]}"#), "{body}");
}

// row: http-api.md §3 /api/v1/vhosts/
#[tokio::test]
async fn a_vhost_counts_its_streams_and_clients() {
    let (house, publisher, _players) = House::with_clients().await;
    publisher.stream().count_sent(7);
    let body = house.body("GET /api/v1/vhosts/").await;
    let expect = concat!(
        r#""name":"__defaultVhost__","enabled":true,"clients":4,"streams":1,"send_bytes":7,"recv_bytes":0,"#,
        r#""kbps":{"recv_30s":0,"send_30s":0},"hls":{"enabled":true,"fragment":2.00}}]}"#
    );
    assert!(body.ends_with(expect), "{body}");

    let plain = House::new("listen 1935; vhost __defaultVhost__ {}");
    assert!(plain.body("GET /api/v1/vhosts/").await.ends_with(r#""vhosts":[]}"#), "nobody used one");
    let _player = plain.hub.subscribe(&request("4c341279", ClientKind::RtmpPlay)).await.expect("anybody may play");
    assert!(plain.body("GET /api/v1/vhosts/").await.ends_with(r#""hls":{"enabled":false}}]}"#));
}

// row: http-api.md §3 /api/v1/clients/
// row: http-api.md §3 Paging:
#[tokio::test]
async fn clients_are_paged_in_the_order_of_their_ids() {
    let house = House::new(CONF);
    let mut players = Vec::new();
    for number in (0..25).rev() {
        let request = request(&format!("id{number:06}"), ClientKind::RtmpPlay);
        players.push(house.hub.subscribe(&request).await.expect("anybody may play"));
    }
    for (query, first, count) in
        [("", 0, 10), ("?count=3", 0, 10), ("?start=5", 5, 10), ("?start=12&count=100", 12, 13), ("?start=99", 99, 0)]
    {
        let body = house.body(&format!("GET /api/v1/clients/{query}")).await;
        let ids: Vec<_> = body.split(r#"{"id":""#).skip(1).map(|rest| rest[..8].to_owned()).collect();
        let expect: Vec<_> = (first..first + count).map(|number| format!("id{number:06}")).collect();
        assert_eq!(ids, expect, "{query}");
    }
}

#[tokio::test]
async fn a_client_shows_what_it_does() {
    let (house, _publisher, _players) = House::with_clients().await;
    for (id, name, kind) in [
        ("9k72z660", "cam1", r#""fmle-publish","publish":true"#),
        ("hkg2226m", "cam1.flv", r#""flv-play","publish":false"#),
        ("4c341279", "cam1", r#""rtmp-play","publish":false"#),
    ] {
        let body = house.body(&format!("GET /api/v1/clients/{id}")).await;
        let expect = format!(
            r#""ip":"127.0.0.1","pageUrl":"","swfUrl":"","tcUrl":"rtmp://127.0.0.1:1935/live","url":"/live/cam1","name":"{name}","type":{kind},"alive":0.0"#
        );
        assert!(body.contains(&expect), "{body}");
    }
}
