use std::time::{Duration, Instant};

use super::{ClientKind, Rates, Traffic};

// row: http-api.md §3.2 kbps
#[test]
fn rates_are_the_mean_of_the_last_30_seconds() {
    let traffic = Traffic::default();
    let start = Instant::now();
    traffic.sample(start);
    assert_eq!(traffic.rates(), Rates::default());
    for tick in 1..=40_u64 {
        traffic.received(3_000_000 / 8);
        traffic.sent(if tick > 20 { 6_000_000 / 8 } else { 0 });
        traffic.sample(start + Duration::from_secs(3 * tick));
    }
    assert_eq!(traffic.rates(), Rates { recv_30s: 1000, send_30s: 2000 });
    assert_eq!(traffic.bytes_received(), 40 * 375_000);
}

#[test]
fn kinds_have_the_names_of_the_api() {
    assert_eq!(ClientKind::RtmpPlay.name(), "rtmp-play");
    assert!(ClientKind::HaivisionPublish.publishes() && !ClientKind::FlvPlay.publishes());
}
