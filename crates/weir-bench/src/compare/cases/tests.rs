use super::*;
use crate::numbers::Spread;
use crate::swarm::Group;

#[test]
fn every_case_has_its_peer_in_the_plan() {
    for quick in [false, true] {
        let plan = plan(quick);
        let has = |server, load| assert!(plan.contains(&(server, load)), "{server:?} {load:?}");
        for server in [Server::Nginx, Server::WeirFixed, Server::WeirAtOnce, Server::FloorMerged, Server::FloorAtOnce] {
            has(server, Load::Rtmp(PLAYERS));
        }
        has(Server::WeirFixed, Load::Flv(PLAYERS));
        has(Server::Nginx, Load::Push(PUBLISHERS));
        has(Server::WeirAdaptive, Load::Rtmp(DELAY_PLAYERS));
        let mut once = plan.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), plan.len(), "no run twice");
    }
}

#[test]
fn who_falls_behind_is_seen() {
    let check = |steady, slowest, stalls, delay, expect| {
        let each = |min| Spread::of([min, 1e6]);
        let outcome = Outcome {
            players: Group { wanted: 2, steady, stalls, each: each(slowest * 1e4), ..Group::default() },
            publishers: Group { wanted: 1, steady: 1, each: Spread::of([1e6]), ..Group::default() },
            delay: Spread::of([delay]),
            ..Outcome::default()
        };
        assert_eq!(keeps_up(&outcome), expect, "{steady} {slowest} {stalls} {delay}");
    };
    check(2, 99.0, 0, 0.4, true);
    check(2, 99.0, 0, 8.0, false);
    check(2, 60.0, 0, 0.4, false);
    check(1, 99.0, 0, 0.4, false);
    check(2, 99.0, 1, 0.4, false);
}
