//! What a process has used, as /proc tells: processor time by thread, memory.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::unistd::{SysconfVar, sysconf};

/// Processor time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cpu {
    /// In steps of 10 ms on most systems, as `system`.
    pub(crate) user: Duration,
    pub(crate) system: Duration,
    /// Both together, exactly.
    pub(crate) total: Duration,
}

impl Cpu {
    fn since(self, earlier: Self) -> Self {
        Self {
            user: self.user.saturating_sub(earlier.user),
            system: self.system.saturating_sub(earlier.system),
            total: self.total.saturating_sub(earlier.total),
        }
    }
}

/// One look at a process.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    /// Of the whole process, threads that ended included.
    pub(crate) cpu: Cpu,
    /// Of the threads that live, those of one name together.
    pub(crate) threads: BTreeMap<String, Cpu>,
    /// Resident set, bytes.
    pub(crate) memory: u64,
}

impl Sample {
    /// Looks at process `pid`; fails when it is gone.
    pub(crate) fn take(pid: u32) -> Result<Self> {
        let read = |name: &str| {
            std::fs::read_to_string(format!("/proc/{pid}/{name}")).with_context(|| format!("process {pid} is gone"))
        };
        let tick = tick();
        let (_, mut cpu) = parse_stat(&read("stat")?, tick).context("/proc/PID/stat is not as expected")?;
        let memory = parse_resident(&read("status")?).unwrap_or(0);
        let mut threads: BTreeMap<String, Cpu> = BTreeMap::new();
        for task in std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
            // A thread may end between the listing and the look.
            let Ok(stat) = std::fs::read_to_string(task.path().join("stat")) else { continue };
            let Some((name, mut cpu)) = parse_stat(&stat, tick) else { continue };
            let schedule = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            cpu.total = cpu.total.max(parse_schedstat(&schedule).unwrap_or_default());
            let sum = threads.entry(name.to_owned()).or_default();
            sum.user += cpu.user;
            sum.system += cpu.system;
            sum.total += cpu.total;
        }
        // Rounded down the one way, without threads that ended the other.
        cpu.total = cpu.total.max(threads.values().map(|thread| thread.total).sum());
        Ok(Self { cpu, threads, memory })
    }

    /// What was used between two looks. Threads that used nothing are left out.
    pub(crate) fn since(&self, earlier: &Self) -> Used {
        let threads = self
            .threads
            .iter()
            .map(|(name, cpu)| (name.clone(), cpu.since(earlier.threads.get(name).copied().unwrap_or_default())))
            .filter(|(_, cpu)| !cpu.total.is_zero())
            .collect();
        Used { cpu: self.cpu.since(earlier.cpu), threads, memory: self.memory }
    }
}

/// What a process used in a stretch of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Used {
    pub(crate) cpu: Cpu,
    /// By thread name.
    pub(crate) threads: BTreeMap<String, Cpu>,
    /// Resident set at the end, bytes.
    pub(crate) memory: u64,
}

/// Processor time of this very process.
pub(crate) fn own_cpu() -> Duration {
    Sample::take(std::process::id()).map(|sample| sample.cpu.total).unwrap_or_default()
}

/// Length of the unit of /proc/PID/stat.
fn tick() -> Duration {
    let per_second = sysconf(SysconfVar::CLK_TCK).ok().flatten().and_then(|n| u32::try_from(n).ok());
    Duration::from_secs(1) / per_second.filter(|n| *n > 0).unwrap_or(100)
}

/// Name and processor time in a stat line (proc_pid_stat(5)): the name may hold spaces and parentheses.
fn parse_stat(line: &str, tick: Duration) -> Option<(&str, Cpu)> {
    let (head, rest) = line.rsplit_once(')')?;
    let (_, name) = head.split_once('(')?;
    // Fields 14 and 15; behind the name comes field 3.
    let mut fields = rest.split_whitespace().skip(11).map(|field| field.parse::<u32>().ok());
    let mut next = || fields.next().flatten().map(|ticks| tick * ticks);
    let (user, system) = (next()?, next()?);
    Some((name, Cpu { user, system, total: user + system }))
}

/// Processor time of a thread: the first field, nanoseconds. Empty where the kernel keeps no such statistics.
fn parse_schedstat(line: &str) -> Option<Duration> {
    line.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// The resident set in a status file, bytes.
fn parse_resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests;
