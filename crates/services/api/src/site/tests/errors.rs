use super::*;

// row: http-api.md §2 HTTP status on API errors
// row: errors.md §1 2014
// row: errors.md §1 2048
// row: errors.md §1 2049
#[tokio::test]
async fn failures_are_a_code_with_status_200() {
    let (house, ..) = House::with_clients().await;
    for (line, code) in [
        ("GET /api/v1/vhosts/nope", 2014),
        ("GET /api/v1/streams/nope", 2048),
        ("GET /api/v1/streams/nope/detail", 2048),
        ("DELETE /api/v1/streams/nope", 2048),
        ("DELETE /api/v1/streams/", 2048),
        ("GET /api/v1/clients/nope", 2049),
        ("DELETE /api/v1/clients/nope", 2049),
        ("DELETE /api/v1/clients/", 2049),
    ] {
        assert_eq!(house.body(line).await, format!("{{\"code\":{code}}}"), "{line}");
    }
}

// row: http-api.md §3 error.srs.com/api/v1/tests/errors
// row: errors.md §1 100
#[tokio::test]
async fn the_test_error_is_the_same_on_its_own_vhost() {
    let house = House::new(CONF);
    // Every request of these tests names this host.
    assert_eq!(house.body("GET /api/v1/tests/errors").await, r#"{"code":100}"#);
    assert_eq!(house.body("GET /api/v1/tests/errors?vhost=error.srs.com").await, srs("GET /api/v1/tests/errors"));
}

#[tokio::test]
async fn a_publisher_is_put_out_by_its_stream() {
    let (house, publisher, players) = House::with_clients().await;
    let line = format!("DELETE /api/v1/streams/{}", publisher.stream().id);
    house.check(&line, "DELETE /api/v1/clients/hkg2226m").await;
    assert!(publisher.client().is_kicked() && players.iter().all(|player| !player.client().is_kicked()));
    drop(publisher);
    assert_eq!(house.body(&line).await, r#"{"code":2049}"#, "nobody publishes");
}

// row: http-api.md §3 DELETE /api/v1/clients/{id}
#[tokio::test]
async fn a_client_is_put_out() {
    let (house, _publisher, players) = House::with_clients().await;
    let line = "DELETE /api/v1/clients/hkg2226m";
    house.check(line, line).await;
    let kicked: Vec<_> = players.iter().filter(|player| player.client().is_kicked()).collect();
    let [only] = kicked[..] else { panic!("one of three") };
    assert_eq!(only.client().id, "hkg2226m");
    house.check(line, line).await;
}
