use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::{Closed, Entry, Gate, Verdict};
use crate::ClientKind::{FmlePublish, RtmpPlay};
use crate::fixture::{hub, request};
use crate::hub::{Denial, Refusal, Request};
use weir_conf::{Role, Vhost};

/// A gate that writes down what it is asked, and refuses at the step of a name.
#[derive(Default)]
struct Witness {
    name: &'static str,
    refuses: &'static str,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Witness {
    fn see(&self, step: &str) -> Result<(), Refusal> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{}{step}", self.name));
        match step.starts_with(self.refuses) && !self.refuses.is_empty() {
            true => Err(Refusal::Denied {
                denial: Denial::Forbidden,
                code: 1,
                why: "no".to_owned(),
                directive: "some.directive",
            }),
            false => Ok(()),
        }
    }
}

impl Gate for Witness {
    fn check(&self, role: Role, vhost: &Vhost, _: &Request) -> Result<(), Refusal> {
        assert_eq!(vhost.name, "__defaultVhost__");
        self.see(&format!("check {}", role.verb()))
    }

    fn connect<'a>(&'a self, _: &'a Vhost, _: &'a Request) -> Verdict<'a> {
        Box::pin(async { self.see("connect") })
    }

    fn admit<'a>(&'a self, entry: &'a Entry) -> Verdict<'a> {
        Box::pin(async { self.see(&format!("admit {}", entry.role.verb())) })
    }

    fn left(&self, entry: &Entry) {
        let _ = self.see(&format!("left {}", entry.role.verb()));
    }

    fn closed(&self, _: &Closed) {
        let _ = self.see("closed");
    }
}

/// What two gates see of a client that connects and does this, when the first refuses at a step.
#[track_caller]
fn check(role: Role, refuses: &'static str, expect: &[&str]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let hub = hub("");
    let gate = |name, refuses| -> Arc<dyn Gate> { Arc::new(Witness { name, refuses, seen: seen.clone() }) };
    hub.guard(vec![gate("1 ", refuses), gate("2 ", "")]);
    let request = request(if role == Role::Publish { FmlePublish } else { RtmpPlay }, "cam");
    runtime.block_on(async {
        if hub.connect(&request).await.is_err() {
            return;
        }
        let refusal = match role {
            Role::Publish => hub.publish(&request).await.err(),
            Role::Play => hub.subscribe(&request).await.err(),
        };
        assert_eq!(
            refusal.map(|refusal| refusal.to_string()),
            (!refuses.is_empty()).then(|| "no (some.directive)".to_owned())
        );
    });
    assert_eq!(*seen.lock().expect("words"), expect);
    assert!(hub.clients().is_empty() && hub.streams().is_empty());
}

#[test]
fn gates_are_asked_in_their_order_and_told_of_who_was_let_in() {
    let check_all = ["1 check publish", "2 check publish"];
    let connect = [&check_all[..], &["1 connect", "2 connect"], &check_all].concat();
    check(
        Role::Publish,
        "",
        &[&connect[..], &["1 admit publish", "2 admit publish", "1 left publish", "2 left publish"]].concat(),
    );
    check(Role::Publish, "connect", &connect[..3]);
    check(Role::Publish, "check", &connect[..1]);
    check(Role::Publish, "admit", &[&connect[..], &["1 admit publish"]].concat());
    check(Role::Play, "check", &["1 check play"]);
}

/// A publisher that finds its stream taken was admitted, but is not told of as one that left.
#[tokio::test]
async fn a_publisher_that_comes_too_late_does_not_leave() {
    let (hub, seen): (_, Arc<Mutex<Vec<String>>>) = (hub(""), Arc::default());
    hub.guard(vec![Arc::new(Witness { seen: seen.clone(), ..Witness::default() })]);
    let _first = hub.publish(&request(FmlePublish, "cam")).await.expect("nobody publishes");
    hub.publish(&request(FmlePublish, "cam")).await.expect_err("it is busy");
    assert!(!seen.lock().expect("words").iter().any(|word| word.starts_with("left")));
}

/// A gate that never answers.
struct Silent(Semaphore);

impl Gate for Silent {
    fn admit<'a>(&'a self, _: &'a Entry) -> Verdict<'a> {
        Box::pin(async {
            let _ = self.0.acquire().await;
            Ok(())
        })
    }
}

#[tokio::test]
async fn a_client_that_waits_is_seen_and_can_be_kicked() {
    let hub = hub("");
    hub.guard(vec![Arc::new(Silent(Semaphore::new(0)))]);
    let request = request(RtmpPlay, "cam");
    let kick = async {
        while hub.clients().is_empty() {
            tokio::task::yield_now().await;
        }
        hub.clients()[0].kick();
    };
    let (let_in, ()) = tokio::join!(hub.subscribe(&request), kick);
    assert!(matches!(let_in, Err(Refusal::Kicked)));
    assert!(hub.clients().is_empty());
}

/// Who was asked may have said yes by then: a count of viewers at a callback's server must not grow for ever.
#[tokio::test]
async fn a_client_that_goes_while_it_waits_has_left() {
    let (hub, seen): (_, Arc<Mutex<Vec<String>>>) = (hub(""), Arc::default());
    let witness = |name| Arc::new(Witness { name, seen: seen.clone(), ..Witness::default() });
    hub.guard(vec![witness("1 "), Arc::new(Silent(Semaphore::new(0))), witness("2 ")]);
    let request = request(RtmpPlay, "cam");
    let gone = async {
        while hub.clients().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = hub.subscribe(&request) => panic!("nobody answered"),
        () = gone => {}
    }
    assert_eq!(seen.lock().expect("words")[2..], ["1 admit play", "1 left play"]);
}

/// Nobody can have it said that a stream ended by asking for it and going.
#[tokio::test]
async fn a_publisher_that_goes_while_it_waits_for_a_stream_of_another_has_not_left() {
    let (hub, seen): (_, Arc<Mutex<Vec<String>>>) = (hub(""), Arc::default());
    let silent = Arc::new(Silent(Semaphore::new(1)));
    hub.guard(vec![Arc::new(Witness { seen: seen.clone(), ..Witness::default() }), silent.clone()]);
    let publisher = hub.publish(&request(FmlePublish, "cam")).await.expect("nobody publishes");
    let yes = silent.0.acquire().await.expect("it is open");
    let second = request(FmlePublish, "cam");
    let gone = async {
        while hub.client_count() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = hub.publish(&second) => panic!("nobody answered"),
        () = gone => {}
    }
    let left = || seen.lock().expect("words").iter().filter(|word| word.starts_with("left")).count();
    assert_eq!(left(), 0);
    drop((yes, publisher));
    assert_eq!(left(), 1);
}

#[tokio::test]
async fn limits_count_who_is_there() {
    let hub = hub("limits { publishers 1; players 2; }");
    let request = |kind, stream| request(kind, stream);
    let first = hub.publish(&request(FmlePublish, "a")).await.expect("room");
    let refusal = hub.publish(&request(FmlePublish, "b")).await.expect_err("it is full");
    assert_eq!((refusal.code(), refusal.denial()), (1074, Denial::Full));
    drop(first);
    hub.publish(&request(FmlePublish, "b")).await.expect("room again");
}
