use super::*;
use crate::delay::marked_jobs;
use crate::push::publish_targets;
use crate::swarm::{self, Job, Outcome, Schedule};
use std::sync::Arc;

/// A floor on a free port, for as long as the tests run.
fn floor(merge: Duration) -> u16 {
    let mut listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let port = listener.local_addr().unwrap().port();
    let poll = Poll::new().unwrap();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    std::thread::spawn(move || Floor::new(listener, poll, merge).run());
    port
}

fn run(jobs: Vec<Job>, stay: Option<Duration>, duration: f64) -> Outcome {
    let schedule = Schedule {
        warm_up: Duration::from_millis(100),
        duration: Duration::from_secs_f64(duration),
        stay,
        ..Schedule::default()
    };
    swarm::run(jobs, &schedule).unwrap()
}

/// Ten players, four of which parse, get what the floor sends.
fn check(url: &str, merge: Duration, least_delay: f64) {
    let port = floor(merge);
    let url = url.replace("PORT", &port.to_string());
    let outcome = run(marked_jobs(None, &url, 10, 4).unwrap(), None, 1.0);
    assert_eq!(outcome.players.steady, 10, "{url}: {:?}", outcome.players.lost);
    assert!(outcome.players.bytes > 10 * 30_000, "{url}: {} bytes", outcome.players.bytes);
    assert!(outcome.marks > 100, "{url}: {} marks", outcome.marks);
    assert!(outcome.delay.unwrap().max >= least_delay, "{url}: {:?}", outcome.delay);
    assert!(outcome.players.lost.is_empty());
}

#[test]
fn players_of_both_kinds_get_the_stream() {
    check("rtmp://127.0.0.1:PORT/live/any", Duration::ZERO, 0.0);
    check("http://127.0.0.1:PORT/live/any.flv", Duration::ZERO, 0.0);
}

#[test]
fn what_is_merged_comes_late() {
    check("rtmp://127.0.0.1:PORT/live/any", Duration::from_millis(200), 0.1);
}

#[test]
fn a_publisher_is_refused_with_a_reason() {
    let url = format!("rtmp://127.0.0.1:{}/live/any", floor(Duration::ZERO));
    let media = Arc::new(Media::synthetic());
    let targets = publish_targets(&url, 0, 1).unwrap().into_iter();
    let jobs = targets.map(|target| Job::Push { target, media: Arc::clone(&media), marked: false }).collect();
    let outcome = run(jobs, None, 0.2);
    assert_eq!(outcome.publishers.lost.get("NetStream.Publish.BadName"), Some(&1));
    assert_eq!(outcome.publishers.steady, 0);
}

#[test]
fn players_leave_and_come_again() {
    let url = format!("rtmp://127.0.0.1:{}/live/any", floor(Duration::ZERO));
    let outcome = run(marked_jobs(None, &url, 10, 0).unwrap(), Some(Duration::from_secs(1)), 4.0);
    assert!(outcome.players.left >= 5, "{} left", outcome.players.left);
    assert!(outcome.players.lost.is_empty() && outcome.players.bytes > 0);
}

#[test]
fn nobody_there_is_told() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let outcome = run(marked_jobs(None, &format!("rtmp://{free}/live/any"), 2, 0).unwrap(), None, 0.1);
    assert_eq!(outcome.players.lost.get("connect: connection refused"), Some(&2), "{:?}", outcome.players.lost);
}
