//! What was measured, for people, for programs and for docs/performance.md.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use nix::sys::utsname::uname;
use serde_json::{Value, json};

use super::cases::{Findings, Load};
use super::lines;
use super::servers::Server;
use crate::numbers::{self, three_digits};
use crate::plot::Plot;
use crate::swarm::Outcome;
use crate::table::Table;

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";
const DOCUMENT: &str = "performance.md";
const JSON: &str = "performance.json";
const CPU_PLOT: &str = "performance-cpu.svg";
const DELAY_PLOT: &str = "performance-delay.svg";
/// Above this share of the clients' core a run says as much about the clients as about the server.
const STRAINED: f64 = 0.9;
/// What the plots show.
const PLOTTED: [Server; 3] = [Server::WeirAdaptive, Server::Nginx, Server::FloorAtOnce];

/// Writes the part between the markers of performance.md, the figures and the plots.
pub(super) fn write(folder: &Path, findings: &Findings) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    let old =
        std::fs::read_to_string(folder.join(DOCUMENT)).unwrap_or_else(|_| format!("# Performance\n\n{BEGIN}\n{END}\n"));
    put(DOCUMENT, &between_markers(&old, &findings.markdown()))?;
    put(JSON, &format!("{}\n", serde_json::to_string_pretty(&findings.json())?))?;
    put(CPU_PLOT, &findings.plot("Server processor and players", "cores", false, Outcome::cores).svg())?;
    let delay = |outcome: &Outcome| outcome.delay.map(|delay| delay.p99 * 1e3);
    put(DELAY_PLOT, &findings.plot("Publish to play, 99th percentile", "ms", true, delay).svg())
}

/// Replaces what stands between the markers; a text without markers gets them at its end.
fn between_markers(text: &str, new: &str) -> String {
    let new = new.trim();
    match text.split_once(BEGIN).and_then(|(head, rest)| Some((head, rest.split_once(END)?.1))) {
        Some((head, tail)) => format!("{head}{BEGIN}\n{new}\n{END}{tail}"),
        None => format!("{}\n\n{BEGIN}\n{new}\n{END}\n", text.trim_end()),
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
        ("nginx-rtmp", nginx.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

impl Findings {
    /// For a terminal.
    pub(super) fn text(&self) -> String {
        format!("{}\n{}{}", lines::table(self).text(), self.remarks(), self.runs_table().text())
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
            "bars": lines::lines(self).iter().map(lines::Line::json).collect::<Vec<_>>(),
            "most_players": self.most.iter()
                .map(|(server, most)| json!({
                    "server": server.name(), "players": most.players, "at_least": most.at_least,
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
            "\n### The bars\n\nFigures of a case that was run several times are those of the run in the middle.\n\n{}\n### All runs\n\n{}{}\n![CPU against players]({CPU_PLOT})\n\n![Delay against players]({DELAY_PLOT})\n",
            lines::table(self).markdown(),
            self.remarks(),
            self.runs_table().markdown(),
        );
        out
    }

    fn runs_table(&self) -> Table {
        let head =
            ["server", "load", "s/GB", "cores", "user", "delay p50", "p99", "least by most", "lost", "bench cores"];
        let mut table = Table::new(head);
        for ((server, load), outcome) in &self.runs {
            let show = |n: Option<f64>| n.map_or("–".to_owned(), three_digits);
            let delay = |pick: fn(&numbers::Spread) -> f64| {
                outcome.delay.as_ref().map_or("–".to_owned(), |delay| numbers::millis(pick(delay)))
            };
            let user = outcome.server.as_ref().map(|used| used.cpu.user.as_secs_f64());
            let group = if let Load::Push(_) = load { &outcome.publishers } else { &outcome.players };
            table.row([
                server.name().to_owned(),
                load.name(),
                show(outcome.cpu_per_gb()),
                show(outcome.cores()),
                show(user.and_then(|user| numbers::ratio(user, outcome.seconds))),
                delay(|delay| delay.median),
                delay(|delay| delay.p99),
                group.fairness().map_or("–".to_owned(), |share| format!("{share:.3}")),
                group.lost.values().sum::<usize>().to_string(),
                format!("{:.2}", outcome.own_cores()),
            ]);
        }
        table
    }

    fn plot<'t>(&self, title: &'t str, y: &'t str, log_y: bool, value: impl Fn(&Outcome) -> Option<f64>) -> Plot<'t> {
        let points = |server| {
            let of = |((found, load), outcome): (&(Server, Load), &Outcome)| match load {
                Load::Rtmp(n) if *found == server => Some((f64::from(*n), value(outcome)?)),
                _ => None,
            };
            self.runs.iter().filter_map(of).collect()
        };
        let series = PLOTTED.map(|server| (server.name().to_owned(), points(server))).into();
        Plot { title, x: "RTMP players of one stream", y, log_y, series }
    }
}

#[cfg(test)]
mod tests;
