use super::*;
use crate::delay::marked_jobs;
use crate::push::{Source, publish_targets};
use crate::swarm::{self, Job, Outcome, Schedule};
use crate::target::Template;

/// A floor on a free port, for as long as the tests run.
fn floor(merge: Duration) -> u16 {
    let mut listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let port = listener.local_addr().unwrap().port();
    let poll = Poll::new().unwrap();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    std::thread::spawn(move || Floor::new(listener, poll, merge).run());
    port
}

/// Players, `parse` of which read marks.
fn plays(url: &str, count: u32, parse: u32) -> Vec<Job> {
    marked_jobs(&Source::synthetic(packets::Shape::default()), None, Template::parse(url).unwrap(), count, parse)
        .unwrap()
}

fn publishes(url: &str, count: u32) -> Vec<Job> {
    let source = Source::synthetic(packets::Shape::default());
    let targets = publish_targets(Template::parse(url).unwrap(), 0, count).unwrap();
    targets.into_iter().map(|target| source.job(target, false)).collect()
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
    let outcome = run(plays(&url, 10, 4), None, 1.0);
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
    let outcome = run(publishes(&url, 1), None, 0.2);
    assert_eq!(outcome.publishers.lost.get("NetStream.Publish.BadName"), Some(&1));
    assert_eq!(outcome.publishers.steady, 0);
}

#[test]
fn players_leave_and_come_again() {
    let url = format!("rtmp://127.0.0.1:{}/live/any", floor(Duration::ZERO));
    let outcome = run(plays(&url, 10, 0), Some(Duration::from_secs(1)), 4.0);
    assert!(outcome.players.left >= 5, "{} left", outcome.players.left);
    assert!(outcome.players.lost.is_empty() && outcome.players.bytes > 0);
}

#[test]
fn nobody_there_is_told() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let outcome = run(plays(&format!("rtmp://{free}/live/any"), 2, 0), None, 0.1);
    assert_eq!(outcome.players.lost.get("connect: connection refused"), Some(&2), "{:?}", outcome.players.lost);
}

/// A floor of SRTP on a port that was free a moment ago, for as long as the tests run.
fn srtp_floor() -> String {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    std::thread::spawn(move || srtp::serve(address, packets::Shape::default()));
    while std::net::TcpStream::connect(address).is_err() {
        std::thread::yield_now();
    }
    format!("srtp://{address}")
}

#[test]
fn players_of_srtp_get_every_packet() {
    let outcome = run(plays(&srtp_floor(), 5, 2), None, 1.5);
    assert_eq!(outcome.players.steady, 5, "{:?}", outcome.players.lost);
    let rtp = outcome.players.rtp.unwrap();
    assert_eq!(rtp.missing, 0);
    assert!(rtp.packets > 5 * 60, "{} packets", rtp.packets);
    assert!(rtp.jitter.is_some() && outcome.marks > 100, "{} marks", outcome.marks);
}

#[test]
fn publishers_of_srtp_are_heard() {
    let outcome = run(publishes(&srtp_floor(), 5), None, 1.5);
    assert_eq!(outcome.publishers.steady, 5, "{:?}", outcome.publishers.lost);
    assert!(outcome.publishers.rtp.unwrap().packets > 5 * 60);
}
