use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{IDLE_STREAM, Refusal, Request};
use crate::ClientKind;
use crate::fixture::{hub, play, publish, request, send};

// row: protocols.md §1.5 Busy
#[tokio::test]
async fn a_second_publisher_is_refused_and_told_who_holds_the_stream() {
    let hub = hub("");
    let first = publish(&hub).await;
    let refusal = hub.publish(&request(ClientKind::FlashPublish, "cam")).await.expect_err("it is busy");
    assert_eq!(refusal.code(), 1028);
    let text = refusal.to_string();
    assert!(text.contains(&first.client().id) && text.contains("/live/cam"), "{text}");
    assert_eq!(hub.clients().len(), 1, "the refused one left no trace");
    drop(first);
    publish(&hub).await;
}

// row: config.md §1 12
// row: errors.md §1 2014
#[tokio::test]
async fn a_vhost_is_the_named_one_or_the_default_but_a_disabled_one_is_refused() {
    let hub = hub("");
    assert_eq!(hub.vhost("nowhere.example").expect("the default").name, "__defaultVhost__");
    let mut disabled = request(ClientKind::RtmpPlay, "cam");
    disabled.vhost = "off.example".to_owned();
    let refusal = hub.subscribe(&disabled).await.expect_err("it is off");
    assert_eq!(refusal.code(), 2014);
    assert!(refusal.to_string().contains("vhost.enabled"), "{refusal}");
    assert!(matches!(hub.subscribe(&request(ClientKind::RtmpPlay, "")).await, Err(Refusal::NoStreamName)));
}

#[tokio::test]
async fn clients_and_streams_are_listed_while_they_are_there() {
    let hub = hub("");
    let mut publisher = publish(&hub).await;
    let player = play(&hub).await;
    send(&mut publisher, "V0 K0 a10");
    player.stream().count_sent(100);
    let [stream] = &hub.streams()[..] else { panic!("one stream") };
    assert_eq!((stream.clients(), stream.frames(), stream.tc_url().as_str()), (2, 2, "rtmp://127.0.0.1/live"));
    assert_eq!(stream.publisher().expect("it is live").id, publisher.client().id);
    assert_eq!(hub.vhosts()[0].traffic.bytes_sent(), 100);
    assert_eq!(hub.traffic().bytes_sent(), 100);
    let id = player.client().id.clone();
    let kicked = hub.client(&id).expect("it is listed");
    kicked.kick();
    player.client().kicked().await;
    drop((publisher, player));
    assert!(hub.client(&id).is_none() && hub.streams().is_empty());
}

#[tokio::test]
async fn a_client_that_comes_in_again_under_its_id_stays_listed() {
    let hub = hub("");
    let mut request = request(ClientKind::RtmpPlay, "cam");
    let first = hub.subscribe(&request).await.expect("everybody may play");
    request.kind = ClientKind::FlashPublish;
    let _second = hub.publish(&request).await.expect("nobody publishes");
    drop(first);
    assert!(hub.client(&request.id).expect("it is listed").kind.publishes());
}

/// Players of HLS may choose their ids.
#[tokio::test]
async fn an_id_that_another_client_has_is_not_taken_from_it() {
    let hub = hub("");
    let first = play(&hub).await;
    let of = |kind, ip: [u8; 4]| Request { id: first.client().id.clone(), ip: ip.into(), ..request(kind, "cam") };
    let chosen = hub.visit(&of(ClientKind::HlsPlay, [127, 0, 0, 1])).await.expect("everybody may play");
    let elsewhere = hub.subscribe(&of(ClientKind::RtmpPlay, [10, 0, 0, 1])).await.expect("everybody may play");
    assert!(Arc::ptr_eq(&hub.client(&first.client().id).expect("it is listed"), first.client()));
    assert_eq!(hub.clients().len(), 3);
    for client in [chosen.client(), elsewhere.client()] {
        assert!(Arc::ptr_eq(&hub.client(&client.id).expect("it is listed"), client));
    }
}

#[tokio::test]
async fn an_idle_stream_is_forgotten_and_a_used_one_is_not() {
    let hub = hub("");
    let key = publish(&hub).await.stream().key.clone();
    hub.sweep(Instant::now());
    assert!(hub.find(&key).is_some(), "not before {IDLE_STREAM:?}");
    let later = Instant::now() + IDLE_STREAM + Duration::from_millis(1);
    let player = play(&hub).await;
    hub.sweep(later);
    assert!(hub.find(&key).is_some(), "a player waits");
    drop(player);
    hub.sweep(Instant::now() + IDLE_STREAM + Duration::from_millis(1));
    assert!(hub.find(&key).is_none());
}

#[tokio::test]
async fn another_configuration_counts_for_streams_that_are_there() {
    let hub = hub("min_latency off;");
    let player = play(&hub).await;
    let before = Arc::clone(&player.stream().conf.load());
    hub.reconfigure(crate::fixture::conf("min_latency off;"));
    let same = Arc::clone(&player.stream().conf.load());
    assert!(Arc::ptr_eq(&before, &same), "nothing is different");
    hub.reconfigure(crate::fixture::conf("min_latency on;"));
    assert!(player.stream().conf.load().min_latency && hub.vhost("").expect("the default").min_latency);
}

#[tokio::test]
async fn who_comes_and_who_is_refused_is_counted() {
    let hub = hub("limits { players 1; }");
    let _publisher = publish(&hub).await;
    let _player = play(&hub).await;
    for _ in 0..2 {
        hub.publish(&request(ClientKind::FmlePublish, "cam")).await.expect_err("somebody publishes");
    }
    hub.subscribe(&request(ClientKind::RtmpPlay, "cam")).await.expect_err("there is one already");
    hub.visit(&request(ClientKind::HlsPlay, "")).await.expect_err("no name");
    let nowhere = Request { vhost: "off.example".to_owned(), ..request(ClientKind::RtmpPlay, "cam") };
    hub.connect(&nowhere).await.expect_err("it is off");
    assert_eq!(hub.refusals().into_iter().collect::<Vec<_>>(), [(1028, 2), (1074, 1), (2014, 1), (2051, 1)]);
    assert_eq!(hub.arrivals(), 4, "two that publish in vain were clients");
}

#[tokio::test]
async fn a_stream_remembers_its_newest_rates() {
    let hub = hub("");
    let publisher = publish(&hub).await;
    let start = Instant::now();
    for tick in 0..=70 {
        publisher.stream().count_received(tick * 375);
        hub.sample(start + Duration::from_secs(3) * u32::try_from(tick).expect("few"));
    }
    let rates: Vec<_> = publisher.stream().history().iter().map(|rate| rate.recv).collect();
    assert_eq!(rates, (11..=70).collect::<Vec<_>>());
}
