//! Where clients are told to send: the candidates of an answer (`protocols.md` §6.1).

mod announce;
mod local;
mod names;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use weir_conf::{IpFamily, RtcProtocol, RtcServer};
use weir_proto_rtc::Transport;

pub use announce::{Announcement, announce};
pub(crate) use names::Lookup;
use names::Names;

/// An answer waits so long for names to be resolved. A lookup that takes longer goes on, for the answers after this one.
const PATIENCE: Duration = Duration::from_secs(1);
/// Hosts of one answer. Machines with more addresses than this run containers, whose bridges nobody outside reaches.
const MAX_HOSTS: usize = 32;
/// Longest name of a host (RFC 1035 clause 2.3.4).
const MAX_NAME: usize = 253;

/// What `candidate` says for: find the addresses of this machine.
const DETECT: [&str; 2] = ["*", "0.0.0.0"];

/// The ports that are open. They stay what they were at the start, whatever a reload says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ports {
    /// Of UDP.
    pub udp: u16,
    /// Of TCP, if that is on.
    pub tcp: Option<u16>,
}

impl Ports {
    /// Those that the configuration names.
    pub fn of(conf: &RtcServer) -> Ports {
        Ports { udp: conf.listen, tcp: conf.tcp.enabled.then_some(conf.tcp.listen) }
    }

    /// The transports that are told of. What is not open is not told of, so that there is always one.
    fn told(self, protocol: RtcProtocol) -> impl Iterator<Item = (Transport, u16)> {
        let tcp = self.tcp.filter(|_| protocol != RtcProtocol::Udp).map(|port| (Transport::Tcp, port));
        let udp = (protocol != RtcProtocol::Tcp || tcp.is_none()).then_some((Transport::Udp, self.udp));
        udp.into_iter().chain(tcp)
    }
}

/// A host, and a port if one is given.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Host {
    /// A name, or an address without brackets.
    pub(crate) name: String,
    /// In place of the port that is open: a mapping in front of the server.
    pub(crate) port: Option<u16>,
}

impl Host {
    /// Reads `HOST`, `HOST:PORT`, `[V6]` or `[V6]:PORT`. Nothing that could not be a host passes, since it is written into
    /// a description.
    pub(crate) fn parse(text: &str) -> Option<Host> {
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Some(Host::of(ip));
        }
        let (name, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (v6, rest) = rest.split_once(']')?;
                v6.parse::<std::net::Ipv6Addr>().ok()?;
                (v6, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
            }
            None => match text.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (text, None),
            },
        };
        let port = match port {
            Some(port) => Some(port.parse().ok().filter(|port| *port != 0)?),
            None => None,
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let is_host = text.starts_with('[') || name.chars().all(is_name);
        (is_host && !name.is_empty() && name.len() <= MAX_NAME).then(|| Host { name: name.to_owned(), port })
    }

    fn of(ip: IpAddr) -> Host {
        Host { name: ip.to_canonical().to_string(), port: None }
    }

    fn ip(&self) -> Option<IpAddr> {
        self.name.parse().ok()
    }
}

/// By what a client called the server.
#[derive(Clone, Default, Debug)]
pub(crate) struct Called {
    /// The address that the client wants to be told (`eip`).
    pub(crate) eip: Option<Host>,
    /// Hosts of the API and of the stream's URL, as written.
    pub(crate) hosts: Vec<String>,
}

/// Finds candidates.
#[derive(Debug)]
pub(crate) struct Candidates {
    ports: Ports,
    /// Names of the configuration have a table of their own: clients cannot crowd them out.
    configured: Names,
    called: Names,
    /// The addresses of this machine.
    local: fn() -> Vec<IpAddr>,
}

impl Candidates {
    /// With the resolver and the addresses of this machine.
    pub(crate) fn new(ports: Ports) -> Candidates {
        Candidates::on(ports, names::system(), local::addresses)
    }

    /// With a resolver and addresses of a machine.
    pub(crate) fn on(ports: Ports, lookup: Lookup, local: fn() -> Vec<IpAddr>) -> Candidates {
        Candidates { ports, configured: Names::new(lookup.clone()), called: Names::new(lookup), local }
    }

    /// The candidates of one answer: transport, host and port, in the order of SRS.
    pub(crate) async fn find(&self, conf: &RtcServer, called: &Called) -> Vec<(Transport, String, u16)> {
        let mut hosts: BTreeSet<Host> = called.eip.iter().cloned().collect();
        let deadline = Instant::now() + PATIENCE;
        if conf.api_as_candidates {
            self.add_called(conf, &called.hosts, deadline, &mut hosts).await;
        }
        self.add_configured(conf, deadline, &mut hosts).await;
        let lines = hosts.into_iter().take(MAX_HOSTS).flat_map(|host| {
            let told = self.ports.told(conf.protocol);
            told.map(move |(transport, port)| (transport, host.name.clone(), host.port.unwrap_or(port)))
        });
        lines.collect()
    }

    /// The hosts by which the client called: where its calls come through, media may as well.
    async fn add_called(&self, conf: &RtcServer, called: &[String], deadline: Instant, hosts: &mut BTreeSet<Host>) {
        let mut names = BTreeSet::new();
        for host in called.iter().filter_map(|text| Host::parse(text)) {
            match host.ip() {
                Some(ip) if ip.is_unspecified() => {}
                Some(ip) => drop(hosts.insert(Host::of(ip))),
                // Who calls so is on this machine, or looks like it through a port that a container publishes.
                None if host.name.eq_ignore_ascii_case("localhost") => {
                    hosts.insert(Host::of(Ipv4Addr::LOCALHOST.into()));
                }
                None => drop(names.insert(host.name.to_ascii_lowercase())),
            }
        }
        if conf.keep_api_domain {
            hosts.extend(names.iter().map(|name| Host { name: name.clone(), port: None }));
        }
        if conf.resolve_api_domain {
            for (_, ips) in self.called.resolve_all(&names, deadline).await {
                // The name of this machine mostly means itself in its own table of hosts.
                let others = ips.into_iter().filter(|ip| !ip.is_loopback()).collect();
                hosts.extend(of_family(others, conf.ip_family).into_iter().map(Host::of));
            }
        }
    }

    /// What `rtc_server.candidate` says.
    async fn add_configured(&self, conf: &RtcServer, deadline: Instant, hosts: &mut BTreeSet<Host>) {
        let configured: Vec<Host> = configured(conf).collect();
        let is_name = |host: &&Host| host.ip().is_none();
        let names = configured.iter().filter(is_name).map(|host| host.name.clone()).collect();
        let resolved = self.configured.resolve_all(&names, deadline).await;
        for host in configured {
            match resolved.get(&host.name).filter(|ips| !ips.is_empty()) {
                Some(ips) => {
                    let ips = of_family(ips.clone(), conf.ip_family).into_iter();
                    hosts.extend(ips.map(|ip| Host { port: host.port, ..Host::of(ip) }));
                }
                // SRS: the name as it is. Chromium resolves it by itself.
                None => drop(hosts.insert(host)),
            }
        }
        if detects(conf) {
            let ips = (self.local)();
            hosts.extend(detected(conf, &ips).into_iter().map(Host::of));
            if hosts.is_empty() {
                hosts.extend(local::last_resort(&ips).map(Host::of));
            }
        }
    }
}

/// Whether the addresses of this machine are wanted.
fn detects(conf: &RtcServer) -> bool {
    conf.candidate.is_empty() || conf.candidate.iter().any(|word| is_detect(word))
}

fn is_detect(word: &str) -> bool {
    DETECT.contains(&word)
}

/// The hosts that the configuration names.
fn configured(conf: &RtcServer) -> impl Iterator<Item = Host> {
    conf.candidate.iter().filter(|word| !is_detect(word)).filter_map(|word| Host::parse(word))
}

/// Those of the addresses of this machine that are told.
fn detected(conf: &RtcServer, ips: &[IpAddr]) -> Vec<IpAddr> {
    if !conf.use_auto_detect_network_ip {
        return Vec::new();
    }
    let others = ips.iter().copied().filter(|ip| !ip.is_loopback());
    others.filter(|ip| is_of(conf.ip_family, *ip)).collect()
}

fn is_of(family: IpFamily, ip: IpAddr) -> bool {
    match family {
        IpFamily::Ipv4 => ip.is_ipv4(),
        IpFamily::Ipv6 => ip.is_ipv6(),
        IpFamily::All => true,
    }
}

/// Those of a family, if there are any: a name that has others alone was not given for nothing.
fn of_family(ips: Vec<IpAddr>, family: IpFamily) -> Vec<IpAddr> {
    let fitting: Vec<IpAddr> = ips.iter().copied().filter(|ip| is_of(family, *ip)).collect();
    if fitting.is_empty() { ips } else { fitting }
}

#[cfg(test)]
mod tests;
