//! What the texts under `/proc` say (proc(5)). Each parser takes the whole text and makes 0 of what it cannot find:
//! kernels differ in the fields they have.

use std::collections::HashMap;

/// The fields of `/proc/self/stat` after the state, in the kernel's order and under SRS's names.
const PROCESS_FIELDS: [&str; 41] = [
    "ppid",
    "pgrp",
    "session",
    "tty_nr",
    "tpgid",
    "flags",
    "minflt",
    "cminflt",
    "majflt",
    "cmajflt",
    "utime",
    "stime",
    "cutime",
    "cstime",
    "priority",
    "nice",
    "num_threads",
    "itrealvalue",
    "starttime",
    "vsize",
    "rss",
    "rsslim",
    "startcode",
    "endcode",
    "startstack",
    "kstkesp",
    "kstkeip",
    "signal",
    "blocked",
    "sigignore",
    "sigcatch",
    "wchan",
    "nswap",
    "cnswap",
    "exit_signal",
    "processor",
    "rt_priority",
    "policy",
    "delayacct_blkio_ticks",
    "guest_time",
    "cguest_time",
];

/// `/proc/self/stat`: one process. Times are in clock ticks.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Process {
    pub(crate) pid: i64,
    /// The name of the program, in its parentheses.
    pub(crate) comm: String,
    /// One letter: R, S, D and so on.
    pub(crate) state: String,
    values: Vec<i64>,
}

impl Process {
    pub(crate) fn parse(text: &str) -> Option<Process> {
        // The name may hold blanks and parentheses: it ends at the last one.
        let (pid, rest) = text.split_once(' ')?;
        let (comm, rest) = rest.split_at_checked(rest.rfind(')')?.checked_add(1)?)?;
        let mut words = rest.split_ascii_whitespace();
        Some(Process {
            pid: signed(pid),
            comm: comm.to_owned(),
            state: words.next()?.to_owned(),
            values: words.map(signed).collect(),
        })
    }

    /// Every field after the state, by name and in order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static str, i64)> {
        PROCESS_FIELDS.iter().enumerate().map(|(index, name)| (*name, self.values.get(index).copied().unwrap_or(0)))
    }

    /// Pages of memory that it has.
    pub(crate) fn resident_pages(&self) -> i64 {
        self.fields().find(|(name, _)| *name == "rss").map_or(0, |(_, pages)| pages)
    }

    /// Ticks that this process ran, in its own code and in the kernel.
    pub(crate) fn ticks(&self) -> i64 {
        self.fields().filter(|(name, _)| matches!(*name, "utime" | "stime")).map(|(_, ticks)| ticks).sum()
    }
}

/// The `cpu` line of `/proc/stat`: ticks of all processors together since boot.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Cpu {
    pub(crate) user: i64,
    pub(crate) nice: i64,
    pub(crate) sys: i64,
    pub(crate) idle: i64,
    pub(crate) iowait: i64,
    pub(crate) irq: i64,
    pub(crate) softirq: i64,
    pub(crate) steal: i64,
    pub(crate) guest: i64,
}

impl Cpu {
    pub(crate) fn parse(text: &str) -> Option<Cpu> {
        let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
        let mut ticks = line.split_ascii_whitespace().map(signed).chain(std::iter::repeat(0));
        let mut next = || ticks.next().unwrap_or(0);
        Some(Cpu {
            user: next(),
            nice: next(),
            sys: next(),
            idle: next(),
            iowait: next(),
            irq: next(),
            softirq: next(),
            steal: next(),
            guest: next(),
        })
    }

    /// All ticks. Those of guests are within `user` already.
    pub(crate) fn total(&self) -> i64 {
        [self.user, self.nice, self.sys, self.idle, self.iowait, self.irq, self.softirq, self.steal].iter().sum()
    }
}

/// `/proc/meminfo`, in kB.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) total: i64,
    pub(crate) free: i64,
    pub(crate) buffers: i64,
    pub(crate) cached: i64,
    pub(crate) swap_total: i64,
    pub(crate) swap_free: i64,
}

impl Memory {
    pub(crate) fn parse(text: &str) -> Option<Memory> {
        let lines: HashMap<&str, i64> = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, rest)| (name, rest.split_ascii_whitespace().next().map_or(0, signed)))
            .collect();
        let get = |name| lines.get(name).copied().unwrap_or(0);
        Some(Memory {
            total: *lines.get("MemTotal")?,
            free: get("MemFree"),
            buffers: get("Buffers"),
            cached: get("Cached"),
            swap_total: get("SwapTotal"),
            swap_free: get("SwapFree"),
        })
    }

    /// What is not free, caches included.
    pub(crate) fn active(&self) -> i64 {
        self.total.saturating_sub(self.free)
    }

    /// What programs hold: without the caches, which the kernel gives back.
    pub(crate) fn in_use(&self) -> i64 {
        self.active().saturating_sub(self.buffers).saturating_sub(self.cached)
    }
}

/// `pgpgin` and `pgpgout` of `/proc/vmstat`: kB that came from and went to disks since boot.
pub(crate) fn paged(text: &str) -> Option<(i64, i64)> {
    let value = |name| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).map(signed);
    Some((value("pgpgin")?, value("pgpgout")?))
}

/// The milliseconds that each of `disks` was busy since boot, all together, and how many of them are there
/// (`/proc/diskstats`, field 13: io_ticks).
pub(crate) fn disk_busy_ms(text: &str, disks: &[String]) -> (i64, usize) {
    let busy = text.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace().skip(2);
        let name = words.next()?;
        disks.iter().any(|disk| disk == name).then(|| words.nth(9).map_or(0, signed))
    });
    busy.fold((0, 0), |(ms, count), one| (ms.saturating_add(one), count + 1))
}

/// Name, bytes received and bytes sent of each interface in `/proc/net/dev`.
pub(crate) fn interfaces(text: &str) -> impl Iterator<Item = (&str, i64, i64)> {
    text.lines().filter_map(|line| {
        let (name, rest) = line.split_once(':')?;
        let mut words = rest.split_ascii_whitespace();
        Some((name.trim(), signed(words.next()?), signed(words.nth(7)?)))
    })
}

/// The number after the word `name` in the line `line` of `/proc/net/sockstat`: `TCP: inuse 1 orphan 0 tw 1`.
pub(crate) fn sockets(text: &str, line: &str, name: &str) -> i64 {
    let words = text.lines().find_map(|one| one.strip_prefix(line)?.strip_prefix(':'));
    let mut words = words.unwrap_or_default().split_ascii_whitespace().skip_while(|word| *word != name);
    words.nth(1).map_or(0, signed)
}

/// `CurrEstab` of `/proc/net/snmp`: TCP connections that are established.
pub(crate) fn established(text: &str) -> i64 {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("Tcp:"));
    let (Some(names), Some(values)) = (lines.next(), lines.next()) else { return 0 };
    let at = names.split_ascii_whitespace().position(|name| name == "CurrEstab");
    at.and_then(|at| values.split_ascii_whitespace().nth(at)).map_or(0, signed)
}

/// The leading decimal fractions of `/proc/uptime` and `/proc/loadavg`.
pub(crate) fn floats<const N: usize>(text: &str) -> [f64; N] {
    let mut words = text.split_ascii_whitespace();
    std::array::from_fn(|_| words.next().and_then(|word| word.parse().ok()).unwrap_or(0.0))
}

/// A kernel number. SRS: unsigned ones beyond `i64` show as negative, such as an unlimited `rsslim` as -1.
fn signed(word: &str) -> i64 {
    word.parse::<i64>().unwrap_or_else(|_| word.parse::<u64>().map_or(0, u64::cast_signed))
}

#[cfg(test)]
mod tests;
