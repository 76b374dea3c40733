//! What a run measured, as numbers, as a table and as JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::client::Client;
use super::count;
use super::tally::Tally;
use crate::numbers::{self, Spread, ratio};
use crate::table::Table;
use crate::usage::{Cpu, Used};

/// Figures of one run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// The measured time.
    pub(crate) seconds: f64,
    pub(crate) players: Group,
    pub(crate) publishers: Group,
    /// Seconds from publisher to player, of marked frames.
    pub(crate) delay: Option<Spread>,
    /// How many of them there were.
    pub(crate) marks: usize,
    pub(crate) server: Option<Used>,
    /// The server's memory before the first client, bytes.
    pub(crate) memory_idle: Option<u64>,
    /// Processor time of this tool.
    pub(crate) own_cpu: Duration,
}

/// Players, or publishers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) wanted: usize,
    /// Those that were there from the beginning to the end of the measured time.
    pub(crate) steady: usize,
    /// Bytes of all in the measured time.
    pub(crate) bytes: u64,
    /// Bytes of each steady one.
    pub(crate) each: Option<Spread>,
    /// Those that neither began nor failed.
    pub(crate) silent: usize,
    pub(crate) stalls: u64,
    /// How often one left by itself to come again.
    pub(crate) left: u64,
    /// Those that are gone, by reason.
    pub(crate) lost: BTreeMap<String, usize>,
    /// Seconds.
    pub(crate) connect: Option<Spread>,
    /// Seconds to the first frame, or to the leave to publish.
    pub(crate) first: Option<Spread>,
    /// Of RTP, if that is what came or went.
    pub(crate) rtp: Option<Rtp>,
}

/// Packets of all in the measured time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rtp {
    pub(crate) packets: u64,
    /// Those that players never got, also not by retransmission.
    pub(crate) missing: u64,
    /// Of each player, seconds (RFC 3550).
    pub(crate) jitter: Option<Spread>,
}

impl Group {
    pub(super) fn of<'c>(clients: impl Iterator<Item = &'c Client> + Clone) -> Self {
        let steady = || clients.clone().filter(|client| client.is_steady()).map(Client::in_window);
        Self {
            wanted: clients.clone().count(),
            steady: steady().count(),
            bytes: clients.clone().map(Client::in_window).sum(),
            each: Spread::of(steady().map(|bytes| bytes as f64)),
            silent: clients.clone().filter(|client| client.is_settling()).count(),
            stalls: clients.clone().map(|client| u64::from(client.stalls)).sum(),
            left: clients.clone().map(|client| u64::from(client.left)).sum(),
            lost: count(clients.clone().filter_map(|client| client.lost.as_deref())),
            connect: Spread::of(clients.clone().filter_map(|client| client.connected)),
            first: Spread::of(clients.clone().filter_map(|client| client.first)),
            rtp: Rtp::of(clients.filter_map(Client::tally)),
        }
    }

    /// The slowest's bytes by the fastest's.
    pub(crate) fn fairness(&self) -> Option<f64> {
        self.each.and_then(|each| ratio(each.min, each.max))
    }

    fn rows(&self, name: &str, table: &mut Table) {
        if self.wanted == 0 {
            return;
        }
        let mut row = |what: &str, value: String| table.row([format!("{name} {what}"), value]);
        row("asked for, there all the time", format!("{}, {}", self.wanted, self.steady));
        if let Some(each) = &self.each {
            let (min, median, max) = (numbers::bytes(each.min), numbers::bytes(each.median), numbers::bytes(each.max));
            row("bytes each: least, median, most", format!("{min}, {median}, {max}"));
        }
        if let Some(fairness) = self.fairness().filter(|_| self.steady > 1) {
            row("least by most", format!("{fairness:.3}"));
        }
        for (what, spread) in [("connected after", &self.connect), ("began after", &self.first)] {
            if let Some(spread) = spread {
                let (median, max) = (numbers::millis(spread.median), numbers::millis(spread.max));
                row(&format!("{what}: median, longest"), format!("{median}, {max}"));
            }
        }
        if self.silent > 0 {
            row("never began", self.silent.to_string());
        }
        if let Some(rtp) = &self.rtp {
            row("packets, never got", format!("{}, {}", rtp.packets, rtp.missing));
        }
        if let Some(jitter) = self.rtp.and_then(|rtp| rtp.jitter) {
            row("jitter: median, most", format!("{}, {}", numbers::millis(jitter.median), numbers::millis(jitter.max)));
        }
        row("stalls", self.stalls.to_string());
        if self.left > 0 {
            row("left and came again", self.left.to_string());
        }
        let lost: Vec<String> = self.lost.iter().map(|(why, n)| format!("{n} ({why})")).collect();
        row("lost", if lost.is_empty() { "0".to_owned() } else { lost.join(", ") });
    }

    fn json(&self) -> Value {
        json!({
            "wanted": self.wanted,
            "steady": self.steady,
            "bytes": self.bytes,
            "each_bytes": self.each.map(spread_json),
            "least_by_most": self.fairness(),
            "never_began": self.silent,
            "stalls": self.stalls,
            "left": self.left,
            "lost": self.lost,
            "connect_s": self.connect.map(spread_json),
            "first_s": self.first.map(spread_json),
            "rtp": self.rtp.map(|rtp| json!({
                "packets": rtp.packets, "missing": rtp.missing, "jitter_s": rtp.jitter.map(spread_json),
            })),
        })
    }
}

impl Rtp {
    fn of<'t>(tallies: impl Iterator<Item = &'t Tally> + Clone) -> Option<Self> {
        tallies.clone().next()?;
        Some(Self {
            packets: tallies.clone().map(Tally::packets).sum(),
            missing: tallies.clone().map(Tally::missing).sum(),
            jitter: Spread::of(tallies.filter_map(Tally::jitter)),
        })
    }
}

impl Outcome {
    /// What the server's work is divided by: bytes to players, or from publishers if nobody plays.
    fn payload(&self) -> u64 {
        if self.players.wanted > 0 { self.players.bytes } else { self.publishers.bytes }
    }

    /// The server's processor seconds for each 10^9 bytes.
    pub(crate) fn cpu_per_gb(&self) -> Option<f64> {
        ratio(self.server.as_ref()?.cpu.total.as_secs_f64(), self.payload() as f64 / 1e9)
    }

    /// The server's processor seconds for each packet of RTP.
    pub(crate) fn cpu_per_packet(&self) -> Option<f64> {
        let group = if self.players.wanted > 0 { &self.players } else { &self.publishers };
        ratio(self.server.as_ref()?.cpu.total.as_secs_f64(), group.rtp?.packets as f64)
    }

    /// Bytes that the server could send in a second until its busiest thread has used up a core.
    pub(crate) fn capacity(&self) -> Option<f64> {
        let server = self.server.as_ref()?;
        let busiest = server.threads.values().map(|cpu| cpu.total).max()?;
        ratio(self.payload() as f64, busiest.as_secs_f64())
    }

    /// The server's cores in use.
    pub(crate) fn cores(&self) -> Option<f64> {
        ratio(self.server.as_ref()?.cpu.total.as_secs_f64(), self.seconds)
    }

    /// What the server's memory grew by for each client, bytes.
    pub(crate) fn memory_each(&self) -> Option<f64> {
        let grown = self.server.as_ref()?.memory.saturating_sub(self.memory_idle?);
        let clients = if self.players.wanted > 0 { self.players.steady } else { self.publishers.steady };
        ratio(grown as f64, clients as f64)
    }

    /// True when none of the players was there, or none of the publishers: then nothing was measured.
    pub(crate) fn is_void(&self) -> bool {
        [&self.players, &self.publishers].into_iter().any(|group| group.wanted > 0 && group.steady == 0)
    }

    /// Cores that this tool used: near 1 it was the limit, not the server.
    pub(crate) fn own_cores(&self) -> f64 {
        ratio(self.own_cpu.as_secs_f64(), self.seconds).unwrap_or(0.0)
    }

    /// For people.
    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new(["figure", "value"]);
        table.row(["measured".to_owned(), format!("{:.1} s", self.seconds)]);
        self.players.rows("players", &mut table);
        self.publishers.rows("publishers", &mut table);
        let rate = self.payload() as f64 * 8.0 / self.seconds.max(f64::MIN_POSITIVE);
        table.row(["together".to_owned(), numbers::bit_rate(rate)]);
        if let Some(delay) = &self.delay {
            let all = [delay.median, delay.p90, delay.p99, delay.max].map(numbers::millis).join(", ");
            table
                .row(["publish to play: p50, p90, p99, longest".to_owned(), format!("{all} of {} frames", self.marks)]);
        }
        self.server_rows(&mut table);
        table.row(["bench processor".to_owned(), format!("{:.0} % of a core", self.own_cores() * 100.0)]);
        table
    }

    fn server_rows(&self, table: &mut Table) {
        let Some(server) = &self.server else { return };
        let share = |cpu: Cpu| {
            let percent = |part: Duration| part.as_secs_f64() / self.seconds.max(f64::MIN_POSITIVE) * 100.0;
            format!("{:.1} % ({:.1} user, {:.1} system)", percent(cpu.total), percent(cpu.user), percent(cpu.system))
        };
        table.row(["server processor".to_owned(), share(server.cpu)]);
        for (name, cpu) in &server.threads {
            table.row([format!("  thread {name}"), share(*cpu)]);
        }
        if let Some(per_gb) = self.cpu_per_gb() {
            table.row(["server processor for each GB".to_owned(), format!("{per_gb:.3} s")]);
        }
        let idle =
            self.memory_idle.map(|idle| format!(" ({} before)", numbers::bytes(idle as f64))).unwrap_or_default();
        if let Some(each) = self.cpu_per_packet() {
            table.row(["server processor for each packet".to_owned(), numbers::micros(each)]);
        }
        table.row(["server memory".to_owned(), format!("{}{idle}", numbers::bytes(server.memory as f64))]);
        if let Some(each) = self.memory_each() {
            table.row(["server memory for each client".to_owned(), numbers::bytes(each)]);
        }
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        let cpu = |cpu: &Cpu| json!({ "user_s": cpu.user.as_secs_f64(), "system_s": cpu.system.as_secs_f64(), "total_s": cpu.total.as_secs_f64() });
        json!({
            "seconds": self.seconds,
            "players": self.players.json(),
            "publishers": self.publishers.json(),
            "delay_s": self.delay.map(spread_json),
            "marks": self.marks,
            "server": self.server.as_ref().map(|server| json!({
                "cpu": cpu(&server.cpu),
                "threads": server.threads.iter().map(|(name, used)| (name.clone(), cpu(used)))
                    .collect::<serde_json::Map<_, _>>(),
                "cpu_s_per_gb": self.cpu_per_gb(),
                "cpu_s_per_packet": self.cpu_per_packet(),
                "memory": server.memory,
                "memory_idle": self.memory_idle,
                "memory_each": self.memory_each(),
            })),
            "bench_cores": self.own_cores(),
        })
    }
}

fn spread_json(spread: Spread) -> Value {
    json!({
        "min": spread.min, "p50": spread.median, "p90": spread.p90, "p99": spread.p99, "max": spread.max,
    })
}
