//! The lines of each case: what is compared with what, and what weir must reach.

use super::bars::{Columns, Line, Of, Unit, at_least, at_most};
use super::cases::{
    CUT_STREAMS, Case, DELAY_PLAYERS, Findings, GROWTH, HLS_PLAYERS, HOLD_BACK, Load, PLAYERS, PUBLISHERS,
    TWO_CORES_PLAYERS, WHEP_LATE, WHEP_MOST, WHEP_PLAYERS, WHIP_PUBLISHERS,
};
use super::segments::LENGTHS;
use super::servers::{Cut, Server};
use crate::numbers::{self, ratio};
use crate::swarm::Outcome;

impl Case {
    /// What its lines compare.
    pub(super) fn columns(self) -> Columns {
        let (weir, peer) = match self {
            Case::Live => ("weir", Some("nginx-rtmp")),
            Case::HttpTs => ("HTTP-TS", Some("HTTP-FLV")),
            Case::Segments => ("weir", Some("nginx")),
            Case::Cutting | Case::LowLatency | Case::Rtc => ("weir", None),
        };
        Columns { weir, peer, floor: matches!(self, Case::Live | Case::Rtc) }
    }

    /// Its lines, from what was measured.
    pub(super) fn lines(self, findings: &Findings) -> Vec<Line> {
        match self {
            Case::Live => live(findings),
            Case::HttpTs => http_ts(findings),
            Case::Segments => segments(findings),
            Case::Cutting => cutting(findings),
            Case::LowLatency => low_latency(findings),
            Case::Rtc => rtc(findings),
        }
    }
}

fn line(
    what: String,
    unit: Unit,
    weir: Option<f64>,
    peer: Option<f64>,
    floor: Option<f64>,
    bars: &'static [super::bars::Bar],
) -> Line {
    Line { what, unit, weir, peer, floor, bars }
}

/// RTMP and HTTP-FLV players, RTMP publishers.
fn live(findings: &Findings) -> Vec<Line> {
    let run = |server, load| findings.run(server, load);
    let most = |server| findings.most.get(&server).map(|most| f64::from(most.players));
    // A ratio to what is only known as "at least" says nothing.
    let most_of_peer =
        findings.most.get(&Server::Nginx).filter(|most| !most.at_least).map(|most| f64::from(most.players));
    let rtmp = Load::Rtmp(PLAYERS);
    let per_gb = |server, load| run(server, load).and_then(Outcome::cpu_per_gb);
    let nginx = per_gb(Server::Nginx, rtmp);
    let memory = |server, load| run(server, load).and_then(Outcome::memory_each);
    let delay = |server, pick: fn(&numbers::Spread) -> f64| {
        run(server, Load::Rtmp(DELAY_PLAYERS)).and_then(|outcome| outcome.delay.as_ref().map(pick))
    };
    let delay_line = |name: &str, pick: fn(&numbers::Spread) -> f64, bars| {
        let of = |server| delay(server, pick);
        let what = format!("delay, {DELAY_PLAYERS} players, adaptive, {name}");
        line(what, Unit::Seconds, of(Server::WeirAdaptive), of(Server::Nginx), of(Server::FloorAtOnce), bars)
    };
    let growth = |server| {
        let costs = GROWTH.iter().map(|n| per_gb(server, Load::Rtmp(*n))).collect::<Option<Vec<_>>>()?;
        ratio(costs.iter().copied().reduce(f64::max)?, costs.iter().copied().reduce(f64::min)?)
    };
    let capacity = |server| run(server, Load::Rtmp(TWO_CORES_PLAYERS)).and_then(Outcome::capacity);
    let fairness = |server| run(server, rtmp).and_then(|outcome| outcome.players.fairness());
    vec![
        line(
            format!("RTMP play, {PLAYERS} players, window fixed at 350 ms"),
            Unit::PerGb,
            per_gb(Server::WeirFixed, rtmp),
            nginx,
            per_gb(Server::FloorMerged, rtmp),
            const { &[at_most(0.15, Of::Peer), at_most(1.6, Of::Floor)] },
        ),
        line(
            format!("HTTP-FLV play, {PLAYERS} players, the same (nginx-rtmp: by RTMP)"),
            Unit::PerGb,
            per_gb(Server::WeirFixed, Load::Flv(PLAYERS)),
            nginx,
            per_gb(Server::FloorMerged, Load::Flv(PLAYERS)),
            const { &[at_most(0.16, Of::Peer)] },
        ),
        line(
            format!("RTMP play, {PLAYERS} players, each frame at once"),
            Unit::PerGb,
            per_gb(Server::WeirAtOnce, rtmp),
            nginx,
            per_gb(Server::FloorAtOnce, rtmp),
            const { &[at_most(0.9, Of::Peer), at_most(1.2, Of::Floor)] },
        ),
        line(
            "most players on half a core with none behind, adaptive".to_owned(),
            Unit::Players,
            most(Server::WeirAdaptive),
            most_of_peer,
            None,
            const { &[at_least(6.0, Of::Peer)] },
        ),
        line(
            format!("RTMP publish, {PUBLISHERS} publishers"),
            Unit::PerGb,
            per_gb(Server::WeirAdaptive, Load::Push(PUBLISHERS)),
            per_gb(Server::Nginx, Load::Push(PUBLISHERS)),
            None,
            const { &[at_most(0.7, Of::Peer)] },
        ),
        line(
            "memory for each player".to_owned(),
            Unit::Bytes,
            memory(Server::WeirFixed, rtmp),
            memory(Server::Nginx, rtmp),
            memory(Server::FloorMerged, rtmp),
            const { &[at_most(30e3, Of::Itself)] },
        ),
        line(
            "memory for each publisher".to_owned(),
            Unit::Bytes,
            memory(Server::WeirAdaptive, Load::Push(PUBLISHERS)),
            memory(Server::Nginx, Load::Push(PUBLISHERS)),
            None,
            const { &[at_most(400e3, Of::Itself)] },
        ),
        delay_line("p50", |delay| delay.median, const { &[at_most(1e-3, Of::Itself)] }),
        delay_line("p99", |delay| delay.p99, const { &[at_most(5e-3, Of::Itself)] }),
        line(
            format!("least by most bytes of {PLAYERS} players, adaptive"),
            Unit::Share,
            fairness(Server::WeirAdaptive),
            fairness(Server::Nginx),
            fairness(Server::FloorAtOnce),
            const { &[at_least(0.98, Of::Itself)] },
        ),
        line(
            format!(
                "s/GB for {} players, the dearest by the cheapest, 350 ms",
                GROWTH.map(|n| n.to_string()).join(", ")
            ),
            Unit::Times,
            growth(Server::WeirFixed),
            None,
            growth(Server::FloorMerged),
            const { &[at_most(1.1, Of::Itself)] },
        ),
        line(
            format!("what two cores can send by what one can, {TWO_CORES_PLAYERS} players of one stream, 350 ms"),
            Unit::Times,
            capacity(Server::WeirTwoCores).zip(capacity(Server::WeirFixed)).and_then(|(two, one)| ratio(two, one)),
            None,
            None,
            const { &[at_least(1.8, Of::Itself)] },
        ),
    ]
}

/// The same stream in both containers. A transport stream has more bytes, so what counts is the time that the same seconds
/// of media take.
fn http_ts(findings: &Findings) -> Vec<Line> {
    let kinds = [
        (Server::WeirTsFixed, Server::WeirFixed, "window fixed at 350 ms"),
        (Server::WeirTsAtOnce, Server::WeirAtOnce, "each frame at once"),
    ];
    let of = |ts, flv, figure: fn(&Outcome) -> Option<f64>| {
        let figure = |server, load| findings.run(server, load).and_then(figure);
        (figure(ts, Load::Ts(PLAYERS)), figure(flv, Load::Flv(PLAYERS)))
    };
    let lines = kinds.into_iter().flat_map(|(ts, flv, how)| {
        let (cores, cores_flv) = of(ts, flv, Outcome::cores);
        let (per_gb, per_gb_flv) = of(ts, flv, Outcome::cpu_per_gb);
        const BARS: &[super::bars::Bar] = &[at_most(1.1, Of::Peer)];
        [
            line(format!("{PLAYERS} players, {how}"), Unit::Cores, cores, cores_flv, None, BARS),
            line("the same, for the bytes that it is".to_owned(), Unit::PerGb, per_gb, per_gb_flv, None, &[]),
        ]
    });
    lines.collect()
}

fn segments(findings: &Findings) -> Vec<Line> {
    let lines = LENGTHS.into_iter().flat_map(|seconds| {
        let weir = findings.fetched.get(&(Server::WeirSegments(seconds), seconds));
        let nginx = findings.fetched.get(&(Server::NginxFiles, seconds));
        let what = weir.map_or_else(
            || format!("a segment of {seconds} s"),
            |one| format!("a segment of {seconds} s, {}", numbers::bytes(one.len as f64)),
        );
        let rate = [weir, nginx].map(|one| Some(one?.rate));
        let per_gb = [weir, nginx].map(|one| one?.cpu_per_gb());
        [
            line(what, Unit::Rate, rate[0], rate[1], None, const { &[at_least(1.0, Of::Peer)] }),
            line("the same, processor".to_owned(), Unit::PerGb, per_gb[0], per_gb[1], None, &[]),
        ]
    });
    lines.collect()
}

/// What cutting costs is what a server with HLS uses beyond one without, of the same publishers.
fn cutting(findings: &Findings) -> Vec<Line> {
    let load = Load::Push(CUT_STREAMS);
    let cores = |server| findings.run(server, load).and_then(Outcome::cores);
    let plain = cores(Server::WeirAdaptive);
    let beyond = |cut| Some((cores(Server::WeirCut(cut))? - plain?) * 100.0 / f64::from(CUT_STREAMS));
    let memory = |cut| Some(findings.run(Server::WeirCut(cut), load)?.server.as_ref()?.memory as f64);
    let mut lines = vec![line(
        "cutting 100 streams into TS, and again into fMP4 with parts, in memory".to_owned(),
        Unit::Cores,
        beyond(Cut::Ts).zip(beyond(Cut::Parts)).map(|(ts, parts)| ts + parts),
        None,
        None,
        const { &[at_most(0.015, Of::Itself)] },
    )];
    for cut in Cut::ALL {
        let what = format!("cutting 100 streams, {}", cut.name());
        lines.push(line(what, Unit::Cores, beyond(cut), None, None, &[]));
    }
    for cut in Cut::ALL {
        let what = format!("memory of {CUT_STREAMS} streams, {}", cut.name());
        lines.push(line(what, Unit::Bytes, memory(cut), None, None, const { &[at_most(1.2e9, Of::Itself)] }));
    }
    lines
}

fn low_latency(findings: &Findings) -> Vec<Line> {
    let run = findings.run(Server::WeirCut(Cut::Parts), Load::LowLatency(HLS_PLAYERS));
    let age = |pick: fn(&numbers::Spread) -> f64| run.and_then(|outcome| outcome.delay.as_ref().map(pick));
    let line =
        |what: &str, weir, bars| line(format!("{HLS_PLAYERS} players: {what}"), Unit::Seconds, weir, None, None, bars);
    vec![
        line("age of a part's first frame when its last byte came, p50", age(|age| age.median), &[]),
        line("the same, p99", age(|age| age.p99), &[]),
        line(
            "the same, with the hold-back of a player",
            age(|age| age.p99).map(|age| age + HOLD_BACK),
            const { &[at_most(2.0, Of::Itself)] },
        ),
    ]
}

/// WebRTC: players of one stream, publishers, and those who come while others play.
fn rtc(findings: &Findings) -> Vec<Line> {
    let of = |load, figure: &dyn Fn(&Outcome) -> Option<f64>| {
        [Server::WeirRtc, Server::FloorSrtp].map(|server| findings.run(server, load).and_then(figure))
    };
    let against = |what: String, unit, [weir, floor]: [Option<f64>; 2], bars| line(what, unit, weir, None, floor, bars);
    let delay = |load, pick: fn(&numbers::Spread) -> f64| of(load, &|outcome| outcome.delay.as_ref().map(pick));
    let (play, late) = (Load::Whep(WHEP_PLAYERS), Load::WhepLate(WHEP_PLAYERS));
    let most = findings.most.get(&Server::WeirRtc).map(|most| f64::from(most.players));
    const MOST: f64 = WHEP_MOST as f64;
    vec![
        against(
            format!("WHEP play, {WHEP_PLAYERS} players of one stream"),
            Unit::PerPacket,
            of(play, &Outcome::cpu_per_packet),
            const { &[at_most(2.0, Of::Floor)] },
        ),
        against(
            format!("WHIP publish, {WHIP_PUBLISHERS} publishers"),
            Unit::PerPacket,
            of(Load::Whip(WHIP_PUBLISHERS), &Outcome::cpu_per_packet),
            const { &[at_most(3.0, Of::Floor)] },
        ),
        against(
            "most players on one core without loss".to_owned(),
            Unit::Players,
            [most, None],
            const { &[at_least(MOST, Of::Itself)] },
        ),
        against(
            format!("memory for each of {WHEP_MOST} players"),
            Unit::Bytes,
            of(Load::Whep(WHEP_MOST), &Outcome::memory_each),
            const { &[at_most(120e3, Of::Itself)] },
        ),
        against(format!("delay, {WHEP_PLAYERS} players, p50"), Unit::Seconds, delay(play, |delay| delay.median), &[]),
        against(
            format!("delay, {WHEP_PLAYERS} players, p99"),
            Unit::Seconds,
            delay(play, |delay| delay.p99),
            const { &[at_most(20e-3, Of::Itself)] },
        ),
        against(
            format!("delay p99 of {WHEP_PLAYERS} players while {WHEP_LATE} come in 5 s"),
            Unit::Seconds,
            delay(late, |delay| delay.p99),
            const { &[at_most(20e-3, Of::Itself)] },
        ),
    ]
}
