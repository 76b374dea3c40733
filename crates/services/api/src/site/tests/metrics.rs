use super::*;
use crate::exposition::tests::{Sample, parse};

const ON: &str = "listen 1935; exporter { enabled on; label cn-beijing; tag cn-edge; } vhost __defaultVhost__ {}";

async fn scrape(house: &House) -> Vec<Sample> {
    let reply = house.ask("GET /metrics").await;
    assert_eq!(header(&reply, CONTENT_TYPE), "text/plain; charset=utf-8");
    parse(&text(&reply))
}

/// The value of the metric of this name whose labels are these: `stream=cam1,app=live`.
#[track_caller]
fn value(samples: &[Sample], name: &str, labels: &str) -> f64 {
    let has = |(one, found, _): &&Sample| {
        let mut wanted = labels.split_terminator(',').map(|pair| pair.split_once('=').expect("NAME=VALUE"));
        one == name && wanted.all(|(name, value)| found.iter().any(|(one, is)| (&**one, &**is) == (name, value)))
    };
    samples.iter().find(has).unwrap_or_else(|| panic!("no {name} {labels}")).2
}

// row: http-api.md §3 /metrics
// row: http-api.md §3.5 srs_node_uname_info
// row: config.md §3 exporter.enabled
#[tokio::test]
async fn metrics_have_the_names_and_labels_of_srs() {
    let house = House::new(ON);
    let samples = scrape(&house).await;
    let names: Vec<String> = samples
        .iter()
        .filter(|(name, ..)| name.starts_with("srs_"))
        .map(|(name, labels, _)| {
            let labels: Vec<_> = labels.iter().map(|(label, _)| label.as_str()).collect();
            format!("{name} {}", labels.join(","))
        })
        .collect();
    let expect = [
        "srs_node_uname_info sysname,nodename,release,version,machine",
        "srs_build_info server,service,pid,build_date,major,version,code,label,tag",
        "srs_cpu_percent ",
        "srs_memory ",
        "srs_send_bytes_total ",
        "srs_receive_bytes_total ",
        "srs_streams ",
        "srs_clients ",
        "srs_clients_total ",
        "srs_clients_errs_total ",
    ];
    assert_eq!(names, expect);
    assert_eq!(value(&samples, "srs_build_info", "server=vid-0a1b2c3,pid=4127,label=cn-beijing,tag=cn-edge"), 1.0);
    assert_eq!(value(&samples, "srs_node_uname_info", "sysname=Linux"), 1.0);
    let plain = scrape(&House::new("listen 1935; exporter { enabled on; }")).await;
    assert!(plain[1].1.iter().all(|(label, _)| label != "label" && label != "tag"), "{:?}", plain[1]);
}

// row: errors.md §1 1090
#[tokio::test]
async fn without_an_exporter_there_are_no_metrics() {
    assert_eq!(House::new(CONF).body("GET /metrics").await, r#"{"code":1090}"#);
}

#[tokio::test]
async fn metrics_count_what_goes_on() {
    let house = House::new(ON);
    house.parts.sampler.sample(0);
    let publisher = house.hub.publish(&request("9k72z660", ClientKind::FmlePublish)).await.expect("it is free");
    let _player = house.hub.subscribe(&request("4c341279", ClientKind::RtmpPlay)).await.expect("anybody may play");
    house.hub.publish(&request("00000000", ClientKind::FmlePublish)).await.expect_err("it is taken");
    publisher.stream().count_sent(600);
    publisher.stream().count_received(300);
    publisher.stream().count_skipped(4);
    let places = [house.parts.connections.enter(), house.parts.connections.enter()];
    let samples = scrape(&house).await;
    for (name, labels, expect) in [
        ("srs_send_bytes_total", "", 600.0),
        ("srs_receive_bytes_total", "", 300.0),
        ("srs_streams", "", 1.0),
        ("srs_clients", "", 2.0),
        ("srs_clients_total", "", 3.0),
        ("srs_clients_errs_total", "", 1.0),
        ("weir_refusals_total", "code=1028", 1.0),
        ("weir_connections", "", 2.0),
        ("weir_connections_limit", "", 1000.0),
        ("weir_connections_accepted_total", "", 2.0),
        ("weir_connections_refused_total", "", 0.0),
        ("weir_shard_cpu_percent", "shard=1", 0.0),
        ("weir_shard_merge_window_ms", "shard=0", 0.0),
        ("weir_vhost_send_bytes_total", "vhost=__defaultVhost__", 600.0),
        ("weir_vhost_skipped_frames_total", "vhost=__defaultVhost__", 4.0),
        ("weir_vhost_streams", "vhost=__defaultVhost__", 1.0),
        ("weir_vhost_clients", "vhost=__defaultVhost__", 2.0),
        ("weir_stream_receive_bytes_total", "vhost=__defaultVhost__,app=live,stream=cam1", 300.0),
        ("weir_stream_skipped_frames_total", "app=live,stream=cam1", 4.0),
        ("weir_stream_clients", "app=live,stream=cam1", 2.0),
        ("weir_streams_in_rest", "", 0.0),
        ("weir_hls_memory_bytes", "", 7.0),
    ] {
        assert_eq!(value(&samples, name, labels), expect, "{name} {labels}");
    }
    assert!(value(&samples, "srs_memory", "") > 1000.0, "kB of a process");
    drop(places);
}

#[tokio::test]
async fn a_name_stays_within_its_label() {
    let house = House::new(ON);
    let name = "a\"} 1\nsrs_streams 99\\\r\t{";
    let request =
        Request { stream: name.to_owned(), app: "\"".to_owned(), ..request("4c341279", ClientKind::RtmpPlay) };
    let _player = house.hub.subscribe(&request).await.expect("anybody may play");
    let samples = scrape(&house).await;
    assert_eq!(value(&samples, "srs_streams", ""), 1.0);
    assert_eq!(
        value(&samples, "weir_stream_clients", &format!("app=\",stream={}", name.replace('\r', "\u{fffd}"))),
        1.0
    );
}

#[tokio::test]
async fn beyond_a_thousand_streams_the_quiet_ones_are_summed_up() {
    let house = House::new(ON);
    let mut players = Vec::new();
    for number in 0..1100_u64 {
        let id = format!("id{number:06}");
        let request = Request { stream: format!("cam{number}"), ..request(&id, ClientKind::RtmpPlay) };
        players.push(house.hub.subscribe(&request).await.expect("anybody may play"));
        players.last().expect("one").stream().count_sent(number);
    }
    let samples = scrape(&house).await;
    let series = samples.iter().filter(|(name, ..)| name == "weir_stream_send_bytes_total").count();
    assert_eq!(series, 1001);
    for (name, labels, expect) in [
        ("weir_stream_send_bytes_total", "stream=cam100", 100.0),
        ("weir_stream_send_bytes_total", "stream=cam1099", 1099.0),
        ("weir_stream_send_bytes_total", "rest=true", (0..100).sum::<u32>().into()),
        ("weir_stream_clients", "rest=true", 100.0),
        ("weir_streams_in_rest", "", 100.0),
        ("weir_vhost_streams", "", 1100.0),
    ] {
        assert_eq!(value(&samples, name, labels), expect, "{name} {labels}");
    }
}
