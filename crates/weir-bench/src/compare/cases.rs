//! The runs: which server under which load, in which order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use nix::sys::resource::{Resource, getrlimit};
use tempfile::TempDir;

use super::segments::Fetched;
use super::servers::{Cores, Cut, Programs, SEGMENT, Server, WINDOW, version};
use super::{Args, document};
use crate::delay::marked_jobs;
use crate::numbers;
use crate::packets::Shape;
use crate::push::{Source, publish_targets};
use crate::swarm::{self, Job, Outcome, Schedule};
use crate::target::Template;

/// Players of the cases that the bars are set for.
pub(super) const PLAYERS: u32 = 1000;
/// Publishers of theirs.
pub(super) const PUBLISHERS: u32 = 500;
/// Players for the delay.
pub(super) const DELAY_PLAYERS: u32 = 200;
/// Numbers of players that the plots show.
const SWEEP: [u32; 5] = [50, DELAY_PLAYERS, PLAYERS, 2000, 4000];
const QUICK_SWEEP: [u32; 2] = [DELAY_PLAYERS, PLAYERS];
/// Numbers of players over which the cost of each byte should stay the same.
pub(super) const GROWTH: [u32; 3] = [100, PLAYERS, 10_000];
/// Players for one core and for two.
pub(super) const TWO_CORES_PLAYERS: u32 = 10_000;
/// Published streams that are cut into HLS.
pub(super) const CUT_STREAMS: u32 = 1000;
/// Players of low-latency HLS.
pub(super) const HLS_PLAYERS: u32 = 200;
/// Players of WebRTC that the bars are set for, and publishers.
pub(super) const WHEP_PLAYERS: u32 = 200;
pub(super) const WHIP_PUBLISHERS: u32 = 100;
/// Players that come while the delay of the others is measured, each second and all.
pub(super) const WHEP_LATE: u32 = 500;
const WHEP_LATE_RAMP: u32 = 100;
/// Players that one core has to serve.
pub(super) const WHEP_MOST: u32 = 1500;
/// Numbers of WebRTC players that the plots show.
const WHEP_SWEEP: [u32; 5] = [50, WHEP_PLAYERS, 500, 1000, WHEP_MOST];
/// A handshake costs the clients as much as the server: so many begin each second.
const WHEP_RAMP: u32 = 200;
/// Seconds between the end of a playlist and what a player of it shows: weir asks for three parts of its default length.
pub(super) const HOLD_BACK: f64 = 0.75;
/// A case that a bar is set for is run so often; the run in the middle counts.
pub(super) const ROUNDS: usize = 3;
/// Players of a run that read marks.
const PARSE: u32 = 20;
/// A player that got less than this share of the stream, but for the edges of the measured time, has fallen behind.
const KEEPS_UP: f64 = 0.97;
/// Seconds. Who gets frames later than this has fallen behind also while the bytes, late ones, still come.
const KEEPS_UP_DELAY: f64 = 1.0;
/// Long enough that what lies across an edge is little.
const MOST_DURATION: Duration = Duration::from_secs(10);
/// What may lie across an edge: a merged send of 350 ms, and a key frame.
const EDGE_BYTES: f64 = 42e3;
/// How far the number of players goes from one trial to the next.
const STRIDE: f64 = 1.25;

/// A set of runs with tables of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Case {
    /// RTMP and HTTP-FLV players and RTMP publishers, beside nginx-rtmp and the floor
    Live,
    /// HTTP-TS players beside as many HTTP-FLV players of the same stream
    HttpTs,
    /// HLS segments out of memory beside nginx and its sendfile, fetched by wrk
    Segments,
    /// Streams that are cut into HLS beside the same streams without
    Cutting,
    /// Players of low-latency HLS
    LowLatency,
    /// WebRTC players and publishers beside a loop that does nothing but encrypt and send, or read and decrypt
    Rtc,
}

impl Case {
    /// As it is called on the command line and in the document.
    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn needs_nginx(self) -> bool {
        matches!(self, Case::Live | Case::Segments)
    }

    /// Which server meets which load, servers side by side in time as far as possible, so that what else happens on the
    /// machine happens to all of them. What a bar is set for comes in several rounds.
    fn plan(self, quick: bool) -> Vec<(Server, Load)> {
        let round: Vec<(Server, Load)> = match self {
            Case::Live => return live_plan(quick),
            Case::Segments => Vec::new(),
            Case::HttpTs => [
                (Server::WeirTsFixed, Load::Ts(PLAYERS)),
                (Server::WeirFixed, Load::Flv(PLAYERS)),
                (Server::WeirTsAtOnce, Load::Ts(PLAYERS)),
                (Server::WeirAtOnce, Load::Flv(PLAYERS)),
            ]
            .into(),
            Case::Cutting => {
                let servers = std::iter::once(Server::WeirAdaptive).chain(Cut::ALL.map(Server::WeirCut));
                servers.map(|server| (server, Load::Push(CUT_STREAMS))).collect()
            }
            Case::LowLatency => [(Server::WeirCut(Cut::Parts), Load::LowLatency(HLS_PLAYERS))].into(),
            Case::Rtc => return rtc_plan(quick),
        };
        round.repeat(if quick { 1 } else { ROUNDS })
    }
}

/// Clients of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Load {
    /// One stream, so many RTMP players.
    Rtmp(u32),
    /// One stream, so many HTTP-FLV players.
    Flv(u32),
    /// One stream, so many HTTP-TS players.
    Ts(u32),
    /// One stream, so many players of low-latency HLS.
    LowLatency(u32),
    /// So many publishers.
    Push(u32),
    /// One stream, so many WebRTC players.
    Whep(u32),
    /// The same, and [`WHEP_LATE`] more that come meanwhile.
    WhepLate(u32),
    /// So many WebRTC publishers.
    Whip(u32),
}

impl Load {
    pub(super) fn name(self) -> String {
        match self {
            Load::Rtmp(n) => format!("{n} RTMP players"),
            Load::Flv(n) => format!("{n} HTTP-FLV players"),
            Load::Ts(n) => format!("{n} HTTP-TS players"),
            Load::LowLatency(n) => format!("{n} LL-HLS players"),
            Load::Push(n) => format!("{n} publishers"),
            Load::Whep(n) => format!("{n} WebRTC players"),
            Load::WhepLate(n) => format!("{n} WebRTC players, {WHEP_LATE} come in 5 s"),
            Load::Whip(n) => format!("{n} WebRTC publishers"),
        }
    }

    /// So many clients of WebRTC, if that is what they are.
    fn rtc_clients(self) -> Option<u32> {
        match self {
            Load::Whep(n) | Load::WhepLate(n) | Load::Whip(n) => Some(n),
            _ => None,
        }
    }
}

/// The most players that a server kept up with, on half a core.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Most {
    pub(super) players: u32,
    /// More were not tried, or this tool was at its own limit: the server may reach more.
    pub(super) at_least: bool,
}

/// All that was measured of a case.
#[derive(Debug)]
pub(super) struct Findings {
    pub(super) case: Case,
    pub(super) quick: bool,
    pub(super) machine: Vec<(String, String)>,
    pub(super) runs: BTreeMap<(Server, Load), Outcome>,
    pub(super) most: BTreeMap<Server, Most>,
    /// By the seconds of the segment.
    pub(super) fetched: BTreeMap<(Server, u32), Fetched>,
    /// What was to be measured and was not.
    pub(super) void: Vec<String>,
}

impl Findings {
    pub(super) fn run(&self, server: Server, load: Load) -> Option<&Outcome> {
        self.runs.get(&(server, load))
    }
}

pub(super) struct Lab {
    pub(super) programs: Programs,
    pub(super) schedule: Schedule,
    pub(super) quick: bool,
    /// Goes away with the lab.
    _folder: TempDir,
}

impl Lab {
    pub(super) fn new(args: &Args, cases: &[Case], cores: Cores) -> Result<Self> {
        let folder = TempDir::with_prefix("weir-bench-").context("cannot make a temporary folder")?;
        let find = |path: &PathBuf, hint: &str| {
            path.canonicalize().with_context(|| format!("{} is not here: {hint}", path.display()))
        };
        let find_if = |needed, path: &PathBuf, hint| if needed { find(path, hint) } else { Ok(path.clone()) };
        let needs_nginx = cases.iter().any(|case| case.needs_nginx());
        let programs = Programs {
            weir: find(&args.weir, "cargo build --release --package weir")?,
            nginx: find_if(needs_nginx, &args.nginx, "apt-get install nginx libnginx-mod-rtmp")?,
            nginx_module: find_if(
                cases.contains(&Case::Live),
                &args.nginx_module,
                "apt-get install libnginx-mod-rtmp",
            )?,
            wrk: args.wrk.clone(),
            folder: folder.path().to_owned(),
            cores,
        };
        let (warm_up, duration) = if args.quick { (1, 3) } else { (2, 6) };
        let schedule = Schedule {
            ramp: 1000,
            warm_up: Duration::from_secs(warm_up),
            duration: Duration::from_secs(duration),
            progress: args.verbose,
            ..Schedule::default()
        };
        Ok(Self { programs, schedule, quick: args.quick, _folder: folder })
    }

    /// What has to be installed for a case, if it is not here.
    pub(super) fn missing(&self, case: Case) -> Option<&'static str> {
        let missing = case == Case::Segments && !self.programs.wrk.is_file();
        missing.then_some("wrk is not here: apt-get install wrk")
    }

    /// Every run of a case. A round that fails is told and left out.
    pub(super) fn measure(&self, case: Case) -> Result<Findings> {
        let nginx = if case.needs_nginx() { version(&self.programs.nginx) } else { String::new() };
        let mut findings = Findings {
            case,
            quick: self.quick,
            machine: document::machine(&version(&self.programs.weir), &nginx),
            runs: BTreeMap::new(),
            most: BTreeMap::new(),
            fetched: BTreeMap::new(),
            void: Vec::new(),
        };
        if case == Case::Segments {
            findings.fetched = self.fetch_segments()?;
        }
        let plan = case.plan(self.quick);
        let mut outcomes: BTreeMap<_, Vec<Outcome>> = BTreeMap::new();
        for (server, load) in &plan {
            ensure!(!swarm::interrupted(), "interrupted: nothing is written");
            match self.run(*server, *load, &self.schedule_of(*server, *load)) {
                Ok(outcome) if !counts(case, &outcome) => {
                    eprintln!("{}, {}: does not count{}", server.name(), load.name(), lost(&outcome));
                }
                Ok(outcome) => {
                    eprintln!("{}", brief(*server, *load, &outcome));
                    outcomes.entry((*server, *load)).or_default().push(outcome);
                }
                Err(e) => eprintln!("{}, {}: {e:#}", server.name(), load.name()),
            }
        }
        findings.runs = outcomes.into_iter().filter_map(|(run, rounds)| Some((run, in_the_middle(rounds)?))).collect();
        let missing = plan.into_iter().collect::<BTreeSet<_>>().into_iter();
        let missing = missing.filter(|run| !findings.runs.contains_key(run));
        findings.void = missing.map(|(server, load)| format!("{}, {}", server.name(), load.name())).collect();
        match case {
            Case::Live => self.search(&mut findings)?,
            Case::Rtc => self.search_rtc(&mut findings)?,
            _ => {}
        }
        Ok(findings)
    }

    /// Looks for the most players of each server.
    fn search(&self, findings: &mut Findings) -> Result<()> {
        for (server, like) in [(Server::Nginx, Server::Nginx), (Server::WeirAdaptive, Server::WeirFixed)] {
            if let Some(cores) = findings.run(like, Load::Rtmp(PLAYERS)).and_then(Outcome::cores)
                && let Some(most) = self.most_on_half_a_core(server, f64::from(PLAYERS) / cores / 2.0)?
            {
                findings.most.insert(server, most);
            }
        }
        Ok(())
    }

    /// The most players of WebRTC have the whole core: to the kernel they are one socket.
    fn search_rtc(&self, findings: &mut Findings) -> Result<()> {
        let server = Server::WeirRtc;
        let largest =
            WHEP_SWEEP.into_iter().filter_map(|n| Some((n, findings.run(server, Load::Whep(n))?))).next_back();
        if let Some((n, cores)) = largest.and_then(|(n, outcome)| Some((n, outcome.cores()?)))
            && let Some(most) = self.most(server, Load::Whep, (f64::from(n) / cores * 0.9).max(WHEP_MOST.into()))?
        {
            findings.most.insert(server, most);
        }
        Ok(())
    }

    /// Playlists of HLS are to be full when measuring begins. Who comes late by WebRTC comes within the measured time.
    fn schedule_of(&self, server: Server, load: Load) -> Schedule {
        let mut schedule = self.schedule.clone();
        if let Server::WeirCut(_) = server
            && !self.quick
        {
            schedule.warm_up = Duration::from_secs(u64::from(WINDOW + 2 * SEGMENT));
        }
        if load.rtc_clients().is_some() {
            schedule.ramp = WHEP_RAMP;
        }
        if let Load::WhepLate(_) = load {
            let all = Duration::from_secs(u64::from(WHEP_LATE / WHEP_LATE_RAMP) + 1);
            (schedule.late, schedule.late_ramp) = (WHEP_LATE as usize, WHEP_LATE_RAMP);
            schedule.duration = schedule.duration.max(all);
        }
        schedule
    }

    fn run(&self, server: Server, load: Load, schedule: &Schedule) -> Result<Outcome> {
        ensure!(!swarm::interrupted(), "interrupted");
        let running = self.programs.start(server)?;
        let source = Source::synthetic(Shape::default());
        let publish = if server.is_floor() { None } else { Some(Template::parse(&running.rtmp_url("bench"))?) };
        let http = |extension| Template::parse(&running.http_url("bench", extension));
        let jobs = match load {
            Load::Rtmp(n) => marked_jobs(&source, publish, Template::parse(&running.rtmp_url("bench"))?, n, PARSE)?,
            Load::Flv(n) => marked_jobs(&source, publish, http(".flv")?, n, PARSE)?,
            Load::Ts(n) => marked_jobs(&source, publish, http(".ts")?, n, 0)?,
            Load::LowLatency(n) => marked_jobs(&source, publish, http(".m3u8")?, n, 0)?,
            Load::Push(n) => {
                let targets = publish_targets(Template::parse(&running.rtmp_url("bench%d"))?, 0, n)?.into_iter();
                targets.map(|target| source.job(target, false)).collect()
            }
            Load::Whep(n) | Load::WhepLate(n) => {
                let publish = if server.is_floor() { None } else { Some(Template::parse(&running.whip_url("bench"))?) };
                let play = Template::parse(&running.whep_url("bench"))?;
                let mut jobs = marked_jobs(&source, publish, play.clone(), n, PARSE)?;
                let late = play.targets(n, u32::try_from(schedule.late).unwrap_or(0))?;
                jobs.extend(late.into_iter().map(|target| Job::Play { target, parse: false }));
                jobs
            }
            Load::Whip(n) => {
                let targets = publish_targets(Template::parse(&running.whip_url("bench%d"))?, 0, n)?.into_iter();
                targets.map(|target| source.job(target, false)).collect()
            }
        };
        swarm::run(jobs, &Schedule { server: Some(running.pid()), ..schedule.clone() })
    }

    /// Looks for the most RTMP players that keep up, with half of the server's core taken by something else: a
    /// whole one serves more players than a process may have open files on many machines.
    fn most_on_half_a_core(&self, server: Server, guess: f64) -> Result<Option<Most>> {
        let _rival = self.programs.start_rival()?;
        self.most(server, Load::Rtmp, guess)
    }

    /// Looks for the most players that keep up, from a guess.
    fn most(&self, server: Server, load: fn(u32) -> Load, guess: f64) -> Result<Option<Most>> {
        // Both ends of a connection count against the limit of one of the two processes each.
        let limit = getrlimit(Resource::RLIMIT_NOFILE).map_or(1000, |(soft, _)| soft.saturating_sub(1000)) as f64;
        let schedule = Schedule {
            ramp: if load(0).rtc_clients().is_some() { WHEP_RAMP } else { 2000 },
            duration: if self.quick { self.schedule.duration } else { MOST_DURATION },
            ..self.schedule.clone()
        };
        let mut players = guess.min(limit).max(10.0);
        let (mut best, mut rising): (Option<Most>, Option<bool>) = (None, None);
        for _ in 0..if self.quick { 2 } else { 4 } {
            let outcome = match self.run(server, load(players as u32), &schedule) {
                Ok(outcome) => outcome,
                Err(e) => {
                    eprintln!("{}, {}: {e:#}", server.name(), load(players as u32).name());
                    break;
                }
            };
            let ok = keeps_up(&outcome);
            let share = outcome.players.each.map_or(0.0, |each| each.min) / outcome.publishers.bytes.max(1) as f64;
            eprintln!(
                "{}, {}: {} (the slowest got {:.0} % of the stream, delay p99 {}{}; bench {:.0} % of its core)",
                server.name(),
                load(players as u32).name(),
                if ok { "all keep up" } else { "some fall behind" },
                share * 100.0,
                outcome.delay.map_or("–".to_owned(), |delay| numbers::millis(delay.p99)),
                lost(&outcome),
                outcome.own_cores() * 100.0
            );
            if ok && best.is_none_or(|best| players as u32 > best.players) {
                let at_limit = players >= limit || outcome.own_cores() > 0.9;
                best = Some(Most { players: players as u32, at_least: at_limit });
            }
            if *rising.get_or_insert(ok) != ok || (ok && players >= limit) {
                return Ok(best);
            }
            players = if ok { (players * STRIDE).min(limit) } else { players / STRIDE };
        }
        // The last trial was good, or none was.
        Ok(best.map(|best| Most { at_least: best.at_least || rising == Some(true), ..best }))
    }
}

/// What is measured beside nginx-rtmp and the floor.
fn live_plan(quick: bool) -> Vec<(Server, Load)> {
    let merged = [Server::WeirFixed, Server::FloorMerged];
    let rtmp = |servers: &[Server], n| servers.iter().map(|server| (*server, Load::Rtmp(n))).collect::<Vec<_>>();
    let mut round = rtmp(&[Server::Nginx, Server::WeirAtOnce, Server::FloorAtOnce, Server::WeirAdaptive], PLAYERS);
    round.extend(rtmp(&merged, PLAYERS));
    round.extend(merged.map(|server| (server, Load::Flv(PLAYERS))));
    round.extend([Server::Nginx, Server::WeirAdaptive].map(|server| (server, Load::Push(PUBLISHERS))));
    for n in GROWTH.into_iter().filter(|n| *n != PLAYERS) {
        round.extend(rtmp(&merged, n));
    }
    round.extend(rtmp(&[Server::WeirTwoCores], TWO_CORES_PLAYERS));
    let sweep: &[u32] = if quick { &QUICK_SWEEP } else { &SWEEP };
    let compared = [Server::Nginx, Server::WeirAdaptive, Server::FloorAtOnce];
    let mut plan: Vec<_> =
        sweep.iter().flat_map(|n| rtmp(&compared, *n)).filter(|case| !round.contains(case)).collect();
    for _ in 0..if quick { 1 } else { ROUNDS } {
        plan.extend(&round);
    }
    plan
}

/// WebRTC beside the floor that encrypts, sends, reads and decrypts.
fn rtc_plan(quick: bool) -> Vec<(Server, Load)> {
    let both = [Server::WeirRtc, Server::FloorSrtp];
    let mut round: Vec<_> = both.map(|server| (server, Load::Whep(WHEP_PLAYERS))).into();
    round.extend(both.map(|server| (server, Load::Whip(WHIP_PUBLISHERS))));
    round.push((Server::WeirRtc, Load::WhepLate(WHEP_PLAYERS)));
    let sweep = WHEP_SWEEP.into_iter().filter(|n| *n != WHEP_PLAYERS && (!quick || *n == WHEP_MOST));
    let mut plan: Vec<_> = sweep.flat_map(|n| both.map(|server| (server, Load::Whep(n)))).collect();
    for _ in 0..if quick { 1 } else { ROUNDS } {
        plan.extend(&round);
    }
    plan
}

/// Of several rounds of one case, the one whose cost is neither the least nor the most.
fn in_the_middle(mut rounds: Vec<Outcome>) -> Option<Outcome> {
    rounds.sort_by(|a, b| a.cpu_per_gb().unwrap_or(0.0).total_cmp(&b.cpu_per_gb().unwrap_or(0.0)));
    let middle = rounds.len() / 2;
    rounds.into_iter().nth(middle)
}

/// Somebody was there; where the difference between two servers is taken, all were.
fn counts(case: Case, outcome: &Outcome) -> bool {
    let all = outcome.publishers.steady == outcome.publishers.wanted && outcome.publishers.lost.is_empty();
    !outcome.is_void() && (case != Case::Cutting || all)
}

/// Everybody was there all the time and got the stream.
fn keeps_up(outcome: &Outcome) -> bool {
    let players = &outcome.players;
    let stream = outcome.publishers.each.map_or(0.0, |each| each.median);
    players.steady == players.wanted
        && players.stalls == 0
        && players.rtp.is_none_or(|rtp| rtp.missing == 0)
        && outcome.delay.is_none_or(|delay| delay.p99 <= KEEPS_UP_DELAY)
        && players.each.is_some_and(|each| each.min + EDGE_BYTES >= KEEPS_UP * stream)
}

fn brief(server: Server, load: Load, outcome: &Outcome) -> String {
    let number = |n: Option<f64>| n.map_or("–".to_owned(), numbers::three_digits);
    let delay = outcome.delay.map(|delay| format!(", delay p50 {}", numbers::millis(delay.median))).unwrap_or_default();
    format!(
        "{}, {}: {} s/GB, {} of a core{delay}{}; bench {:.2} of its core",
        server.name(),
        load.name(),
        number(outcome.cpu_per_gb()),
        number(outcome.cores()),
        lost(outcome),
        outcome.own_cores(),
    )
}

/// Who is gone, and why.
fn lost(outcome: &Outcome) -> String {
    let reasons = outcome.players.lost.iter().chain(&outcome.publishers.lost);
    reasons.map(|(why, n)| format!(", {n} lost ({why})")).collect()
}

#[cfg(test)]
mod tests;
