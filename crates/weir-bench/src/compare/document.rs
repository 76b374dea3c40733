//! What was measured, for people, for programs and for docs/performance.md.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use nix::sys::utsname::uname;
use serde_json::{Map, Value, json};

use super::bars::{self, Line};
use super::cases::{Case, Findings, Load};
use super::servers::Server;
use crate::numbers::{self, three_digits};
use crate::plot::Plot;
use crate::swarm::Outcome;
use crate::table::Table;

const DOCUMENT: &str = "performance.md";
const JSON: &str = "performance.json";
/// Above this share of the clients' core a run says as much about the clients as about the server.
const STRAINED: f64 = 0.9;

/// What the plots of a case show.
struct Plotted {
    cpu: &'static str,
    delay: &'static str,
    servers: &'static [Server],
    players: &'static str,
}

impl Plotted {
    fn of(case: Case) -> Option<Plotted> {
        match case {
            Case::Live => Some(Plotted {
                cpu: "performance-cpu.svg",
                delay: "performance-delay.svg",
                servers: &[Server::WeirAdaptive, Server::Nginx, Server::FloorAtOnce],
                players: "RTMP players of one stream",
            }),
            Case::Rtc => Some(Plotted {
                cpu: "performance-rtc-cpu.svg",
                delay: "performance-rtc-delay.svg",
                servers: &[Server::WeirRtc, Server::FloorSrtp],
                players: "WebRTC players of one stream",
            }),
            _ => None,
        }
    }
}

/// Writes the part of a case between its markers of performance.md, its figures and its plots.
pub(super) fn write(folder: &Path, findings: &Findings) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    let old = |name: &str| std::fs::read_to_string(folder.join(name));
    let markers = Markers::of(findings.case);
    let text = old(DOCUMENT).unwrap_or_else(|_| "# Performance\n".to_owned());
    put(DOCUMENT, &markers.replace(&text, &findings.markdown()))?;
    let mut figures: Map<String, Value> =
        old(JSON).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    figures.insert(findings.case.name(), findings.json());
    put(JSON, &format!("{}\n", serde_json::to_string_pretty(&figures)?))?;
    let Some(plotted) = Plotted::of(findings.case) else { return Ok(()) };
    put(plotted.cpu, &findings.plot(&plotted, "Server processor and players", "cores", false, Outcome::cores).svg())?;
    let delay = |outcome: &Outcome| outcome.delay.map(|delay| delay.p99 * 1e3);
    put(plotted.delay, &findings.plot(&plotted, "Publish to play, 99th percentile", "ms", true, delay).svg())
}

/// Where the part of a case begins and ends.
struct Markers {
    begin: String,
    end: String,
}

impl Markers {
    fn of(case: Case) -> Markers {
        let name = case.name();
        Markers { begin: format!("<!-- bench:{name}:begin -->"), end: format!("<!-- bench:{name}:end -->") }
    }

    /// Replaces what stands between the markers; a text without markers gets them at its end.
    fn replace(&self, text: &str, new: &str) -> String {
        let Markers { begin, end } = self;
        let new = new.trim();
        match text.split_once(begin).and_then(|(head, rest)| Some((head, rest.split_once(end)?.1))) {
            Some((head, tail)) => format!("{head}{begin}\n{new}\n{end}{tail}"),
            None => format!("{}\n\n{begin}\n{new}\n{end}\n", text.trim_end()),
        }
    }
}

/// What the figures depend on.
pub(super) fn machine(weir: &str, nginx: &str) -> Vec<(String, String)> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':').map(|(_, name)| name.trim()));
    let kernel = uname().map(|name| format!("Linux {}", name.release().to_string_lossy())).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    [
        ("processor", format!("{}, {cores} cores in use", model.unwrap_or("unknown"))),
        ("kernel", kernel),
        ("weir", weir.to_owned()),
        ("nginx", nginx.to_owned()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

impl Findings {
    /// For a terminal.
    pub(super) fn text(&self) -> String {
        format!("{}\n{}{}", self.bars_table().text(), self.remarks(), self.runs_table().text())
    }

    fn bars_table(&self) -> Table {
        bars::table(&self.case.lines(self), self.case.columns())
    }

    /// What the tables do not say by themselves.
    fn remarks(&self) -> String {
        let mut out = String::new();
        for (server, most) in self.most.iter().filter(|(_, most)| most.at_least) {
            let _ = writeln!(
                out,
                "{} may keep up with more than {} players: more were not tried.\n",
                server.name(),
                most.players
            );
        }
        let strained = self.runs.iter().filter(|(_, outcome)| outcome.own_cores() > STRAINED);
        for ((server, load), _) in strained {
            let _ = writeln!(out, "{}, {}: the clients' core was nearly full.\n", server.name(), load.name());
        }
        out
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "quick": self.quick,
            "machine": self.machine.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
            "bars": self.case.lines(self).iter().map(Line::json).collect::<Vec<_>>(),
            "most_players": self.most.iter()
                .map(|(server, most)| json!({
                    "server": server.name(), "players": most.players, "at_least": most.at_least,
                }))
                .collect::<Vec<_>>(),
            "fetched": self.fetched.iter()
                .map(|((server, seconds), one)| json!({
                    "server": server.name(), "seconds": seconds, "bytes": one.len, "rate": one.rate,
                    "cpu_s_per_gb": one.cpu_per_gb(), "cores": one.cores(),
                }))
                .collect::<Vec<_>>(),
            "runs": self.runs.iter()
                .map(|((server, load), outcome)| json!({
                    "server": server.name(), "load": load.name(), "outcome": outcome.json(),
                }))
                .collect::<Vec<_>>(),
        })
    }

    fn markdown(&self) -> String {
        let mut out = String::new();
        if self.quick {
            out.push_str("A quick run: for trying out, not for quoting.\n\n");
        }
        for (name, value) in &self.machine {
            let _ = writeln!(out, "- {name}: {value}");
        }
        let _ = write!(
            out,
            "\n### The bars\n\nFigures of a case that was run several times are those of the run in the middle.\n\n{}\n### All runs\n\n{}{}",
            self.bars_table().markdown(),
            self.remarks(),
            self.runs_table().markdown(),
        );
        if let Some(Plotted { cpu, delay, .. }) = Plotted::of(self.case) {
            let _ = write!(out, "\n![CPU against players]({cpu})\n\n![Delay against players]({delay})\n");
        }
        out
    }

    fn runs_table(&self) -> Table {
        if self.case == Case::Segments {
            return self.fetched_table();
        }
        let is_rtc = self.case == Case::Rtc;
        let head = [
            "server",
            "load",
            if is_rtc { "each packet" } else { "s/GB" },
            "cores",
            "user",
            "memory",
            "delay p50",
            "p99",
            "least by most",
            if is_rtc { "lost, packets missing" } else { "lost" },
            "bench cores",
        ];
        let mut table = Table::new(head);
        for ((server, load), outcome) in &self.runs {
            let show = |n: Option<f64>| n.map_or("–".to_owned(), three_digits);
            let delay = |pick: fn(&numbers::Spread) -> f64| {
                outcome.delay.as_ref().map_or("–".to_owned(), |delay| numbers::millis(pick(delay)))
            };
            let user = outcome.server.as_ref().map(|used| used.cpu.user.as_secs_f64());
            let publishes = matches!(load, Load::Push(_) | Load::Whip(_));
            let group = if publishes { &outcome.publishers } else { &outcome.players };
            let each = outcome.cpu_per_packet().filter(|_| is_rtc).map(numbers::micros);
            table.row([
                server.name().to_owned(),
                load.name(),
                each.unwrap_or_else(|| show(outcome.cpu_per_gb())),
                show(outcome.cores()),
                show(user.and_then(|user| numbers::ratio(user, outcome.seconds))),
                outcome.server.as_ref().map_or("–".to_owned(), |used| numbers::bytes(used.memory as f64)),
                delay(|delay| delay.median),
                delay(|delay| delay.p99),
                group.fairness().map_or("–".to_owned(), |share| format!("{share:.3}")),
                match group.rtp {
                    Some(rtp) => format!("{}, {}", group.lost.values().sum::<usize>(), rtp.missing),
                    None => group.lost.values().sum::<usize>().to_string(),
                },
                format!("{:.2}", outcome.own_cores()),
            ]);
        }
        table
    }

    fn fetched_table(&self) -> Table {
        let mut table = Table::new(["server", "segment", "bytes", "responses", "rate", "s/GB", "cores"]);
        for ((server, seconds), one) in &self.fetched {
            let show = |n: Option<f64>| n.map_or("–".to_owned(), three_digits);
            table.row([
                server.name().to_owned(),
                format!("{seconds} s"),
                numbers::bytes(one.len as f64),
                format!("{:.0}/s", one.rate),
                numbers::bit_rate(one.rate * one.len as f64 * 8.0),
                show(one.cpu_per_gb()),
                show(one.cores()),
            ]);
        }
        table
    }

    fn plot<'t>(
        &self,
        plotted: &Plotted,
        title: &'t str,
        y: &'t str,
        log_y: bool,
        value: impl Fn(&Outcome) -> Option<f64>,
    ) -> Plot<'t> {
        let points = |server| {
            let of = |((found, load), outcome): (&(Server, Load), &Outcome)| match load {
                Load::Rtmp(n) | Load::Whep(n) if *found == server => Some((f64::from(*n), value(outcome)?)),
                _ => None,
            };
            self.runs.iter().filter_map(of).collect()
        };
        let series = plotted.servers.iter().map(|server| (server.name().to_owned(), points(*server))).collect();
        Plot { title, x: plotted.players, y, log_y, series }
    }
}

#[cfg(test)]
mod tests;
