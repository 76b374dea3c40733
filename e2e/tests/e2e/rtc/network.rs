//! WebRTC over networks that are not good.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use weir_e2e::Server;
use weir_e2e::relay::{Link, Relay, Way};
use weir_e2e::rtc::{Peers, number, player, publisher};

const PICTURES: u64 = 60;

/// A publisher and a player of VP8 behind a relay each.
fn behind(server: &Server, relays: &[Relay; 2]) -> Peers {
    let own = json!({ "codec": "VP8", "relay": relays[0].port });
    let peers = [publisher(server, "live/cam", own), player(server, "live/cam", json!({ "relay": relays[1].port }))];
    Peers::chromium(&peers)
}

fn relays(server: &Server) -> [Relay; 2] {
    [1, 2].map(|seed| Relay::start(server.port("udp_rtc"), seed))
}

/// Lets the peers go on until the player has seen so many more pictures.
#[track_caller]
fn play_on(page: &mut Peers, pictures: u64) -> Vec<Value> {
    let so_far = page.now().last().map_or(0.0, |player| number(player, "right")) as u64;
    page.wait_play(so_far + pictures)
}

/// So many more pictures come over such links, both ways of both clients; how often and how long the picture stood still.
#[track_caller]
fn check_losses(link: Link, pictures: u64) {
    let server = Server::start(Server::RTC);
    let relays = relays(&server);
    let mut page = behind(&server, &relays);
    page.wait_play(PICTURES);
    let begun = Instant::now();
    for relay in &relays {
        for way in [Way::ToServer, Way::ToClient] {
            relay.set(way, link);
        }
    }
    let seen = play_on(&mut page, pictures);
    let (passed, lost) = relays[1].counts(Way::ToClient);
    println!(
        "{pictures} more pictures in {:?} with {lost} of {} packets lost: {} freezes, {} s frozen, {} packets resent to the player",
        begun.elapsed(),
        passed + lost,
        seen[1]["freezes"],
        seen[1]["frozen"],
        seen[1]["resent"],
    );
    assert!(number(&seen[1], "nacks") > 0.0, "{:#}", seen[1]);
    assert!(number(&seen[0]["layers"][0], "nacks") > 0.0, "{:#}", seen[0]);
}

#[test]
fn playback_goes_on_with_a_tenth_of_all_packets_lost() {
    check_losses(Link { loss: 0.1, delay: Duration::from_millis(10), ..Link::default() }, 250);
}

#[test]
fn playback_goes_on_with_a_fifth_of_all_packets_lost() {
    check_losses(Link { loss: 0.2, delay: Duration::from_millis(10), ..Link::default() }, 150);
}

#[test]
fn playback_goes_on_with_runs_of_packets_lost() {
    check_losses(Link { bursts: 0.005, delay: Duration::from_millis(10), ..Link::default() }, 250);
}

#[test]
fn playback_goes_on_with_packets_reordered_and_doubled() {
    let server = Server::start(Server::RTC);
    let relays = relays(&server);
    let mut page = behind(&server, &relays);
    page.wait_play(PICTURES);
    let (delay, jitter) = (Duration::from_millis(5), Duration::from_millis(15));
    for relay in &relays {
        for way in [Way::ToServer, Way::ToClient] {
            relay.set(way, Link { delay, jitter, double: 0.1, ..Link::default() });
        }
    }
    let seen = play_on(&mut page, 150);
    assert_eq!(number(&seen[1], "backwards"), 0.0, "{:#}", seen[1]);
}

/// As a phone that goes from one network to the other.
#[test]
fn peers_may_move_to_another_address() {
    let server = Server::start(Server::RTC);
    let relays = relays(&server);
    let mut page = behind(&server, &relays);
    page.wait_play(PICTURES);
    for relay in &relays {
        relay.rebind();
        play_on(&mut page, PICTURES);
    }
}
