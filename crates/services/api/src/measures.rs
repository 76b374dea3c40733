//! What one sample holds. Percentages are fractions of one: 0.07 is 7 %. Times of samples are Unix milliseconds.

use std::collections::HashSet;
use std::net::IpAddr;

use nix::ifaddrs::getifaddrs;
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::socket::SockaddrStorage;
use nix::unistd::{SysconfVar, sysconf};

use crate::proc::{self, Cpu, Memory, Process};

/// Something measured, and when.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    /// Unix milliseconds.
    pub(crate) ms: i64,
    pub(crate) value: T,
}

/// The newest of every measure; none before the first sample, or while `stats.enabled` is off.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    /// When the byte counters of the server were sampled.
    pub(crate) traffic_ms: i64,
    pub(crate) usage: Option<At<Usage>>,
    pub(crate) process: Option<At<Load<Process>>>,
    pub(crate) cpu: Option<At<Load<Cpu>>>,
    pub(crate) memory: Option<At<Memory>>,
    pub(crate) disk: Option<At<Disk>>,
    pub(crate) network: Option<At<Network>>,
    pub(crate) platform: Option<At<Platform>>,
}

/// Counters of processor time, and what they grew by since the sample before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Load<T> {
    pub(crate) counters: T,
    /// Of one processor for a process (with several threads it may pass 1), of all of them for the machine.
    pub(crate) percent: f64,
}

impl Load<Process> {
    /// What a process has in memory, in kB.
    pub(crate) fn resident_kbytes(&self) -> i64 {
        let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten().unwrap_or(4096);
        self.counters.resident_pages().saturating_mul(page / 1024)
    }
}

/// How much the disks do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Disk {
    /// kB read and written since boot.
    paged: (i64, i64),
    /// Milliseconds that the disks of `stats.disk` were busy since boot.
    busy_ms: i64,
    pub(crate) read_kbyte_per_s: i64,
    pub(crate) write_kbyte_per_s: i64,
    /// The mean of the disks of `stats.disk`; 0 when none is configured.
    pub(crate) busy_percent: f64,
}

/// Bytes since boot, apart for interfaces with a public address and for those without; and open sockets.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Network {
    pub(crate) recv_bytes: i64,
    pub(crate) send_bytes: i64,
    pub(crate) inner_recv_bytes: i64,
    pub(crate) inner_send_bytes: i64,
    pub(crate) sockets: i64,
    pub(crate) established: i64,
    pub(crate) time_wait: i64,
    pub(crate) udp: i64,
}

/// The machine.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Platform {
    pub(crate) cpus: i64,
    pub(crate) cpus_online: i64,
    /// Seconds since boot.
    pub(crate) uptime: f64,
    /// Seconds that processors idled since boot, all of them together.
    pub(crate) idle: f64,
    /// Of 1, 5 and 15 minutes.
    pub(crate) load: [f64; 3],
}

/// What the process used of the machine; none where the kernel does not say.
pub(crate) fn usage() -> Option<Usage> {
    getrusage(UsageWho::RUSAGE_SELF).ok()
}

pub(crate) fn process(before: Option<&At<Load<Process>>>, now_ms: i64) -> Option<Load<Process>> {
    let counters = Process::parse(&read("self/stat")?)?;
    let percent = before.map_or(0.0, |before| {
        let elapsed = ratio(now_ms.saturating_sub(before.ms), 1000);
        let ran = counters.ticks().saturating_sub(before.value.counters.ticks());
        ratio(ran, ticks_per_second()) / elapsed.max(f64::EPSILON)
    });
    Some(Load { counters, percent })
}

pub(crate) fn cpu(before: Option<&At<Load<Cpu>>>) -> Option<Load<Cpu>> {
    let counters = Cpu::parse(&read("stat")?)?;
    let percent = before.map_or(0.0, |before| {
        let total = counters.total().saturating_sub(before.value.counters.total());
        let idle = counters.idle.saturating_sub(before.value.counters.idle);
        ratio(total.saturating_sub(idle), total).clamp(0.0, 1.0)
    });
    Some(Load { counters, percent })
}

pub(crate) fn memory() -> Option<Memory> {
    Memory::parse(&read("meminfo")?)
}

pub(crate) fn disk(disks: &[String], before: Option<&At<Disk>>, now_ms: i64) -> Option<Disk> {
    let paged = proc::paged(&read("vmstat")?)?;
    let (busy_ms, count) = proc::disk_busy_ms(&read("diskstats").unwrap_or_default(), disks);
    let mut disk = Disk { paged, busy_ms, ..Disk::default() };
    if let Some(before) = before {
        let elapsed = now_ms.saturating_sub(before.ms).max(1);
        let per_second = |now: i64, then: i64| now.saturating_sub(then).max(0).saturating_mul(1000) / elapsed;
        disk.read_kbyte_per_s = per_second(paged.0, before.value.paged.0);
        disk.write_kbyte_per_s = per_second(paged.1, before.value.paged.1);
        let disks = i64::try_from(count).unwrap_or(i64::MAX);
        let busy = busy_ms.saturating_sub(before.value.busy_ms);
        disk.busy_percent = ratio(busy, elapsed.saturating_mul(disks)).clamp(0.0, 1.0);
    }
    Some(disk)
}

pub(crate) fn network() -> Option<Network> {
    let public = public_interfaces();
    let sockstat = read("net/sockstat").unwrap_or_default();
    let mut network = Network {
        sockets: proc::sockets(&sockstat, "sockets", "used"),
        established: proc::established(&read("net/snmp").unwrap_or_default()),
        time_wait: proc::sockets(&sockstat, "TCP", "tw"),
        udp: proc::sockets(&sockstat, "UDP", "inuse"),
        ..Network::default()
    };
    for (name, received, sent) in proc::interfaces(&read("net/dev")?) {
        let (recv, send) = if public.contains(name) {
            (&mut network.recv_bytes, &mut network.send_bytes)
        } else {
            (&mut network.inner_recv_bytes, &mut network.inner_send_bytes)
        };
        *recv = recv.saturating_add(received);
        *send = send.saturating_add(sent);
    }
    Some(network)
}

pub(crate) fn platform() -> Option<Platform> {
    let [uptime, idle] = proc::floats(&read("uptime")?);
    let number = |var| sysconf(var).ok().flatten().unwrap_or(0);
    Some(Platform {
        cpus: number(SysconfVar::_NPROCESSORS_CONF),
        cpus_online: number(SysconfVar::_NPROCESSORS_ONLN),
        uptime,
        idle,
        load: proc::floats(&read("loadavg")?),
    })
}

/// `part` of `whole`; 0 of nothing.
pub(crate) fn ratio(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn read(name: &str) -> Option<String> {
    std::fs::read_to_string(format!("/proc/{name}")).ok()
}

fn ticks_per_second() -> i64 {
    sysconf(SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100)
}

/// The address of this machine that others may know it by: a public one, else any that is not its own alone, IPv4 first.
pub(crate) fn own_ip() -> Option<IpAddr> {
    let interfaces = getifaddrs().ok()?;
    let ips = interfaces.filter_map(|one| ip(one.address.as_ref()?)).filter(|ip| !ip.is_loopback());
    ips.min_by_key(|ip| (ip.is_ipv6(), !is_public(*ip)))
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = address.as_sockaddr_in().map(|address| IpAddr::from(address.ip()));
    v4.or_else(|| address.as_sockaddr_in6().map(|address| IpAddr::from(address.ip())))
}

/// The interfaces that have an address which the internet can reach.
fn public_interfaces() -> HashSet<String> {
    let Ok(interfaces) = getifaddrs() else { return HashSet::new() };
    let public = interfaces.filter(|one| one.address.as_ref().and_then(ip).is_some_and(is_public));
    public.map(|one| one.interface_name).collect()
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !(ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified()),
        IpAddr::V6(ip) => {
            !(ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_unspecified())
        }
    }
}

#[cfg(test)]
mod tests;
