//! Options that every kind of load has.

use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Args;

use crate::swarm::{Outcome, Schedule};

/// Schedule and output.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// Clients that start each second
    #[arg(long, default_value_t = 500)]
    ramp: u32,
    /// Seconds from the moment when all clients run until measuring begins
    #[arg(long, default_value = "3", value_parser = seconds)]
    warm_up: Duration,
    /// Seconds to measure
    #[arg(short, long, default_value = "10", value_parser = seconds)]
    duration: Duration,
    /// Seconds without a byte that make a stall
    #[arg(long, default_value = "3", value_parser = seconds)]
    stall: Duration,
    /// Milliseconds between two rounds of emptying the players' sockets
    #[arg(long, default_value_t = 2)]
    drain: u64,
    /// Seconds that a client stays on average; then it leaves, and comes again a second later
    #[arg(long, value_parser = seconds)]
    stay: Option<Duration>,
    /// Process of the server: its processor time and memory are measured
    #[arg(long)]
    pid: Option<u32>,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    /// No line each second
    #[arg(short, long)]
    quiet: bool,
}

impl Common {
    pub(crate) fn schedule(&self) -> Schedule {
        Schedule {
            ramp: self.ramp,
            warm_up: self.warm_up,
            duration: self.duration,
            stall_after: self.stall,
            drain_every: Duration::from_millis(self.drain.max(1)),
            stay: self.stay,
            server: self.pid,
            progress: !self.quiet,
            ..Schedule::default()
        }
    }

    pub(crate) fn print(&self, outcome: &Outcome) -> Result<()> {
        if self.json {
            println!("{}", serde_json::to_string_pretty(&outcome.json())?);
        } else {
            print!("{}", outcome.table().text());
        }
        ensure!(!outcome.is_void(), "no client was there all the time: nothing was measured");
        Ok(())
    }
}

/// Seconds, such as `0.5`.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let n: f64 = text.parse().map_err(|_| format!("{text}: not a number of seconds"))?;
    Duration::try_from_secs_f64(n).map_err(|e| e.to_string())
}
