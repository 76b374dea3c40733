//! The bars: what is compared with what, and whether it is good enough.

use serde_json::{Value, json};

use super::cases::{DELAY_PLAYERS, Findings, GROWTH, Load, PLAYERS, PUBLISHERS, TWO_CORES_PLAYERS};
use super::servers::Server;
use crate::numbers::{self, ratio, three_digits};
use crate::swarm::Outcome;
use crate::table::Table;

/// One line of the table: a figure of weir, of nginx-rtmp, of the floor.
#[derive(Debug)]
pub(super) struct Line {
    what: String,
    unit: Unit,
    weir: Option<f64>,
    nginx: Option<f64>,
    floor: Option<f64>,
    bars: &'static [Bar],
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    /// Processor seconds for each 10^9 bytes.
    PerGb,
    Players,
    Bytes,
    Seconds,
    Share,
    Times,
}

/// A limit for weir's figure.
#[derive(Clone, Copy, Debug)]
struct Bar {
    of: Of,
    at_most: bool,
    limit: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Of {
    /// The figure as it is.
    Itself,
    Nginx,
    Floor,
}

const fn at_most(limit: f64, of: Of) -> Bar {
    Bar { of, at_most: true, limit }
}

const fn at_least(limit: f64, of: Of) -> Bar {
    Bar { of, at_most: false, limit }
}

/// The lines of the table, from what was measured.
pub(super) fn lines(findings: &Findings) -> Vec<Line> {
    let run = |server, load| findings.runs.get(&(server, load));
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
    let line = |what: String, unit, weir, nginx, floor, bars| Line { what, unit, weir, nginx, floor, bars };
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
            const { &[at_most(0.15, Of::Nginx), at_most(1.6, Of::Floor)] },
        ),
        line(
            format!("HTTP-FLV play, {PLAYERS} players, the same (nginx-rtmp: by RTMP)"),
            Unit::PerGb,
            per_gb(Server::WeirFixed, Load::Flv(PLAYERS)),
            nginx,
            per_gb(Server::FloorMerged, Load::Flv(PLAYERS)),
            const { &[at_most(0.16, Of::Nginx)] },
        ),
        line(
            format!("RTMP play, {PLAYERS} players, each frame at once"),
            Unit::PerGb,
            per_gb(Server::WeirAtOnce, rtmp),
            nginx,
            per_gb(Server::FloorAtOnce, rtmp),
            const { &[at_most(0.9, Of::Nginx), at_most(1.2, Of::Floor)] },
        ),
        line(
            "most players on half a core with none behind, adaptive".to_owned(),
            Unit::Players,
            most(Server::WeirAdaptive),
            most_of_peer,
            None,
            const { &[at_least(6.0, Of::Nginx)] },
        ),
        line(
            format!("RTMP publish, {PUBLISHERS} publishers"),
            Unit::PerGb,
            per_gb(Server::WeirAdaptive, Load::Push(PUBLISHERS)),
            per_gb(Server::Nginx, Load::Push(PUBLISHERS)),
            None,
            const { &[at_most(0.7, Of::Nginx)] },
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

impl Line {
    fn against(&self, of: Of) -> Option<f64> {
        match of {
            Of::Itself => self.weir,
            Of::Nginx => ratio(self.weir?, self.nginx?),
            Of::Floor => ratio(self.weir?, self.floor?),
        }
    }

    /// Whether every bar is met; `None` when something was not measured.
    fn met(&self) -> Option<bool> {
        self.bars.iter().try_fold(true, |all, bar| {
            let value = self.against(bar.of)?;
            Some(all && if bar.at_most { value <= bar.limit } else { value >= bar.limit })
        })
    }

    fn cells(&self) -> Vec<String> {
        let figure = |n: Option<f64>| n.map_or("–".to_owned(), |n| self.unit.show(n));
        let times = |n: Option<f64>| n.map_or("–".to_owned(), |n| format!("{} ×", three_digits(n)));
        let bars: Vec<String> = self.bars.iter().map(|bar| bar.show(self.unit)).collect();
        vec![
            self.what.clone(),
            figure(self.weir),
            figure(self.nginx),
            figure(self.floor),
            times(self.against(Of::Nginx)),
            times(self.against(Of::Floor)),
            bars.join(", "),
            self.met().map_or("–", |met| if met { "yes" } else { "no" }).to_owned(),
        ]
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "case": self.what,
            "weir": self.weir,
            "nginx_rtmp": self.nginx,
            "floor": self.floor,
            "by_nginx_rtmp": self.against(Of::Nginx),
            "by_floor": self.against(Of::Floor),
            "met": self.met(),
        })
    }
}

impl Unit {
    fn show(self, n: f64) -> String {
        match self {
            Unit::PerGb => format!("{} s/GB", three_digits(n)),
            Unit::Players => format!("{n:.0}"),
            Unit::Bytes => numbers::bytes(n),
            Unit::Seconds => numbers::millis(n),
            Unit::Share => format!("{n:.3}"),
            Unit::Times => format!("{n:.2} ×"),
        }
    }
}

impl Bar {
    fn show(self, unit: Unit) -> String {
        let sign = if self.at_most { "≤" } else { "≥" };
        match self.of {
            Of::Itself => format!("{sign} {}", unit.show(self.limit)),
            Of::Nginx => format!("{sign} {} × nginx-rtmp", self.limit),
            Of::Floor => format!("{sign} {} × floor", self.limit),
        }
    }
}

/// The table of the bars.
pub(super) fn table(findings: &Findings) -> Table {
    let mut table =
        Table::new(["case", "weir", "nginx-rtmp", "floor", "by nginx-rtmp", "by floor", "weir must reach", "met"]);
    lines(findings).iter().for_each(|line| table.row(line.cells()));
    table
}

#[cfg(test)]
mod tests;
