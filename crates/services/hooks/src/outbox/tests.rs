use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use weir_fetch::testing::{Does, Peer, Seen};
use weir_fetch::{Bounds, Call, Fetch, HeaderValue, Roots};

use super::{MAX_OF_VHOST, Note, Outbox, WORKERS};

fn outbox() -> Arc<Outbox> {
    let fetch = Fetch::with(Handle::current(), Bounds::default(), Roots::These(Vec::new())).expect("a client");
    Outbox::new(fetch, Handle::current())
}

/// An event of a client: `text` is what is told.
fn note(peer: &Peer, client: &str, text: &str) -> Note {
    let json = HeaderValue::from_static("application/json");
    let url = peer.url("/");
    let call = Call::post(&url, json, text.to_owned()).expect("a URL");
    Note {
        order: client.to_owned(),
        ends: None,
        cid: client.to_owned(),
        event: "on_stop",
        calls: Box::new(move || vec![(url.clone(), call.clone())]),
        retries: 0,
        judged: true,
    }
}

fn keys(keys: &[&str]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

fn bodies(seen: &[Seen]) -> Vec<&str> {
    seen.iter().map(|seen| &*seen.body).collect()
}

#[tokio::test]
async fn events_of_a_client_keep_their_order_and_clients_do_not_wait_for_each_other() {
    let late = Does::SaysLate("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n0".to_owned(), Duration::from_millis(20));
    let peer = Peer::start(move |seen| if seen.body == "hang" { Does::Hangs } else { late.clone() });
    let peer = peer.await.expect("a server");
    let outbox = outbox();
    outbox.push("v", note(&peer, "stuck", "hang"));
    for turn in 0..5 {
        for client in ["a", "b", "c"] {
            outbox.push("v", note(&peer, client, &format!("{client}{turn}")));
        }
    }
    let seen = peer.wait(16).await;
    for client in ["a", "b", "c"] {
        let of_client: Vec<_> = bodies(&seen).into_iter().filter(|body| body.starts_with(client)).collect();
        assert_eq!(of_client, [0, 1, 2, 3, 4].map(|turn| format!("{client}{turn}")));
    }
}

#[tokio::test]
async fn a_dead_server_fills_the_queue_of_its_vhost_alone() {
    let dead = Peer::start(|_| Does::Hangs).await.expect("a server");
    let peer = Peer::start(|_| Does::Answers("0".to_owned())).await.expect("a server");
    let outbox = outbox();
    for client in 0..WORKERS + MAX_OF_VHOST + 10 {
        outbox.push("dead", note(&dead, &client.to_string(), ""));
        if client < WORKERS {
            dead.wait(client + 1).await;
        }
    }
    assert_eq!((outbox.waiting(), outbox.left_out()), (MAX_OF_VHOST, 10));
    outbox.push("lively", note(&peer, "a", "told"));
    assert_eq!(bodies(&peer.wait(1).await), ["told"]);
    outbox.drain(Duration::from_millis(50)).await;
    assert_eq!(dead.seen().len(), WORKERS);
}

#[tokio::test]
async fn an_event_that_was_not_taken_is_told_again() {
    let tries = Arc::new(AtomicUsize::new(0));
    let peer = Peer::start(move |_| match tries.fetch_add(1, Ordering::Relaxed) {
        0 => Does::Closes,
        _ => Does::Answers("0".to_owned()),
    });
    let peer = peer.await.expect("a server");
    let outbox = outbox();
    outbox.push("v", Note { retries: 3, ..note(&peer, "a", "first") });
    outbox.push("v", note(&peer, "a", "second"));
    assert_eq!(bodies(&peer.wait(3).await), ["first", "first", "second"]);
    outbox.drain(Duration::from_secs(20)).await;
    assert_eq!(outbox.failed(), 0);
}

#[tokio::test]
async fn an_event_that_nobody_takes_is_counted() {
    let peer = Peer::start(|seen| match &*seen.body {
        "no" => Does::Answers("1".to_owned()),
        _ => Does::Answers("0".to_owned()),
    });
    let peer = peer.await.expect("a server");
    let outbox = outbox();
    for text in ["yes", "no", "no", "yes"] {
        outbox.push("v", note(&peer, "a", text));
    }
    outbox.drain(Duration::from_secs(20)).await;
    assert_eq!((peer.seen().len(), outbox.failed(), outbox.left_out()), (4, 2, 0));
}

#[tokio::test]
async fn an_order_that_is_held_back_waits_alone_and_not_for_ever() {
    let peer = Peer::start(|_| Does::Answers("0".to_owned())).await.expect("a server");
    let outbox = outbox();
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let long = Duration::from_secs(60);
    // Twice: the second hold alone is still one.
    outbox.hold("v", "a".to_owned(), long, async {});
    outbox.hold("v", "a".to_owned(), long, async { drop(released.await) });
    outbox.push("v", note(&peer, "a", "a0"));
    outbox.push("v", note(&peer, "b", "b0"));
    outbox.push("v", note(&peer, "a", "a1"));
    assert_eq!(bodies(&peer.wait(1).await), ["b0"]);
    assert!(outbox.settle("v", &keys(&["b"]), long).await);
    assert!(outbox.is_untold("v", &keys(&["a"])));
    drop(release);
    assert_eq!(bodies(&peer.wait(3).await), ["b0", "a0", "a1"]);
    outbox.hold("v", "a".to_owned(), Duration::from_millis(20), std::future::pending());
    outbox.push("v", note(&peer, "a", "a2"));
    assert_eq!(bodies(&peer.wait(4).await)[3..], ["a2"]);
    outbox.drain(long).await;
    assert!(outbox.lanes().is_empty());
}

#[tokio::test]
async fn the_end_of_the_server_waits_for_what_is_still_to_be_told() {
    let peer = Peer::start(|_| Does::Answers("0".to_owned())).await.expect("a server");
    let outbox = outbox();
    for turn in 0..50 {
        outbox.push("v", note(&peer, "a", &turn.to_string()));
    }
    outbox.drain(Duration::from_secs(20)).await;
    assert_eq!(peer.seen().len(), 50);
    assert!(outbox.lanes().is_empty());
}

#[tokio::test]
async fn what_is_asked_waits_for_what_is_told_of_the_same_one_alone() {
    let peer = Peer::start(|seen| if seen.body == "hang" { Does::Hangs } else { Does::Answers("0".to_owned()) });
    let peer = peer.await.expect("a server");
    let outbox = outbox();
    let long = Duration::from_secs(60);
    outbox.push("v", Note { ends: Some("/live/cam".to_owned()), ..note(&peer, "a", "hang") });
    for key in ["a", "/live/cam"] {
        assert!(!outbox.settle("v", &keys(&["none", key]), Duration::from_millis(20)).await, "{key}");
    }
    assert!(outbox.settle("v", &keys(&["b", "/live/other"]), long).await);
    assert!(outbox.settle("w", &keys(&["a"]), long).await);
    outbox.push("w", note(&peer, "a", "told"));
    assert!(outbox.settle("w", &keys(&["a"]), long).await);
    assert!(peer.seen().iter().any(|seen| seen.body == "told"));
}

/// Whom an event happens to does not wait until its body is made.
#[tokio::test]
async fn events_are_made_when_they_are_told() {
    let peer = Peer::start(|_| Does::Answers("0".to_owned())).await.expect("a server");
    let (outbox, made) = (outbox(), Arc::new(AtomicUsize::new(0)));
    let told = note(&peer, "a", "told");
    let (count, calls) = (made.clone(), told.calls);
    let calls = Box::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
        calls()
    });
    outbox.push("v", Note { calls, ..told });
    assert_eq!(made.load(Ordering::Relaxed), 0);
    peer.wait(1).await;
    assert_eq!(made.load(Ordering::Relaxed), 1);
}
