use super::*;

// row: http-api.md §3 /api/v1/clusters
// row: http-api.md §3.4 Query
#[tokio::test]
async fn a_published_stream_has_an_origin() {
    let (house, publisher, _players) = House::with_clients().await;
    for line in [
        "GET /api/v1/clusters?vhost=__defaultVhost__&ip=127.0.0.1&app=live&stream=cam1",
        "GET /api/v1/clusters?vhost=__defaultVhost__&app=live&stream=nope",
    ] {
        house.check(line, line).await;
    }
    let line = "GET /api/v1/clusters?app=live&stream=cam1&vhost=";
    assert!(house.body(&format!("{line}any.example")).await.contains(r#""vhost":"__defaultVhost__","api":"#));
    drop(publisher);
    assert!(house.body(line).await.ends_with(r#""stream":"cam1"},"origin":null}}"#), "only players are here");
}

/// The origin of a stream on a server that listens so, for one that knows it as `coworker`.
async fn check(listen: &str, coworker: &str, expect: &str) {
    let conf = format!("listen {listen}; http_api {{ enabled on; listen 1985; }} vhost __defaultVhost__ {{}}");
    let house = House::new(&conf);
    let _publisher = house.hub.publish(&request("9k72z660", ClientKind::FmlePublish)).await.expect("it is free");
    let body = house.body(&format!("GET /api/v1/clusters?app=live&stream=cam1&coworker={coworker}")).await;
    let (_, origin) = body.split_once(r#""origin":"#).expect("an origin");
    assert_eq!(origin, format!("{{{expect}}}}}}}"), "{listen} {coworker}");
}

#[tokio::test]
async fn an_origin_is_named_by_what_others_can_reach() {
    let origin = |ip: &str, port: u16, api: &str| {
        format!(r#""ip":"{ip}","port":{port},"vhost":"__defaultVhost__","api":"{api}","routers":["{api}"]"#)
    };
    check("192.0.2.7:19350", "10.0.0.1:1985", &origin("192.0.2.7", 19350, "192.0.2.7:1985")).await;
    check("1935", "10.0.0.1:1985", &origin("10.0.0.1", 1935, "10.0.0.1:1985")).await;
    check("0.0.0.0:1935", "weir.example", &origin("weir.example", 1935, "weir.example:1985")).await;
    check("1935", "[2001:db8::1]:1985", &origin("2001:db8::1", 1935, "[2001:db8::1]:1985")).await;
    check("1935", "2001:db8::1", &origin("2001:db8::1", 1935, "[2001:db8::1]:1985")).await;
}
