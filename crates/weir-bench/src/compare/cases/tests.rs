use super::*;
use crate::numbers::Spread;
use crate::swarm::{Group, Rtp};
use crate::usage::{Cpu, Used};

#[test]
fn every_case_has_its_peer_in_the_plan() {
    for quick in [false, true] {
        let plan = Case::Live.plan(quick);
        let has = |server, load| assert!(plan.contains(&(server, load)), "{server:?} {load:?}");
        for server in [Server::Nginx, Server::WeirFixed, Server::WeirAtOnce, Server::FloorMerged, Server::FloorAtOnce] {
            has(server, Load::Rtmp(PLAYERS));
        }
        has(Server::WeirFixed, Load::Flv(PLAYERS));
        has(Server::Nginx, Load::Push(PUBLISHERS));
        has(Server::WeirAdaptive, Load::Rtmp(DELAY_PLAYERS));
        has(Server::WeirTwoCores, Load::Rtmp(TWO_CORES_PLAYERS));
        has(Server::WeirFixed, Load::Rtmp(TWO_CORES_PLAYERS));
        GROWTH.iter().for_each(|n| has(Server::WeirFixed, Load::Rtmp(*n)));
        let rounds = |case| plan.iter().filter(|run| **run == case).count();
        let expect = if quick { 1 } else { ROUNDS };
        assert_eq!(rounds((Server::Nginx, Load::Rtmp(PLAYERS))), expect, "what a bar is set for comes in every round");
    }
}

#[test]
fn every_round_has_both_sides() {
    let check = |case: Case, run| {
        assert_eq!(case.plan(false).iter().filter(|one| **one == run).count(), ROUNDS, "{case:?} {run:?}");
    };
    for (server, load) in [
        (Server::WeirTsFixed, Load::Ts(PLAYERS)),
        (Server::WeirFixed, Load::Flv(PLAYERS)),
        (Server::WeirTsAtOnce, Load::Ts(PLAYERS)),
        (Server::WeirAtOnce, Load::Flv(PLAYERS)),
    ] {
        check(Case::HttpTs, (server, load));
    }
    check(Case::Cutting, (Server::WeirAdaptive, Load::Push(CUT_STREAMS)));
    Cut::ALL.iter().for_each(|cut| check(Case::Cutting, (Server::WeirCut(*cut), Load::Push(CUT_STREAMS))));
    for server in [Server::WeirRtc, Server::FloorSrtp] {
        check(Case::Rtc, (server, Load::Whep(WHEP_PLAYERS)));
        check(Case::Rtc, (server, Load::Whip(WHIP_PUBLISHERS)));
    }
    check(Case::Rtc, (Server::WeirRtc, Load::WhepLate(WHEP_PLAYERS)));
    check(Case::LowLatency, (Server::WeirCut(Cut::Parts), Load::LowLatency(HLS_PLAYERS)));
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
    let missing = |missing| {
        let each = Spread::of([1e6, 1e6]);
        let rtp = Some(Rtp { packets: 1000, missing, jitter: None });
        let outcome = Outcome {
            players: Group { wanted: 2, steady: 2, each, rtp, ..Group::default() },
            publishers: Group { wanted: 1, steady: 1, each, ..Group::default() },
            ..Outcome::default()
        };
        keeps_up(&outcome)
    };
    assert!(missing(0) && !missing(1));
}

#[test]
fn the_round_in_the_middle_counts() {
    let round = |bytes| Outcome {
        players: Group { wanted: 1, bytes, ..Group::default() },
        server: Some(Used { cpu: Cpu { total: Duration::from_secs(1), ..Cpu::default() }, ..Used::default() }),
        ..Outcome::default()
    };
    let middle = in_the_middle([9, 2, 5].map(round).into()).expect("three rounds");
    assert_eq!(middle.players.bytes, 5);
    assert!(in_the_middle(Vec::new()).is_none());
}

#[test]
fn what_is_cut_counts_only_when_all_of_it_is_there() {
    let check = |case, steady, lost: usize, expect| {
        let lost = if lost > 0 { BTreeMap::from([("closed by the server".to_owned(), lost)]) } else { BTreeMap::new() };
        let outcome =
            Outcome { publishers: Group { wanted: 2, steady, lost, ..Group::default() }, ..Outcome::default() };
        assert_eq!(counts(case, &outcome), expect, "{case:?} {steady}");
    };
    check(Case::Cutting, 2, 0, true);
    check(Case::Cutting, 2, 1, false);
    check(Case::Cutting, 1, 1, false);
    check(Case::Live, 1, 1, true);
    check(Case::Live, 0, 2, false);
}
