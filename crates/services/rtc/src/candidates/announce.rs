//! What the log says at the start about where clients will send.

use std::net::IpAddr;

use weir_conf::RtcServer;
use weir_proto_rtc::Transport;

use super::{Host, Ports, configured, detected, detects, is_detect, local};

/// Lines for the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Announcement {
    /// Which addresses clients of WebRTC are told.
    pub line: String,
    /// Why they may not reach the server.
    pub warning: Option<String>,
}

/// Which addresses clients of WebRTC will be told by this configuration on this machine.
pub fn announce(conf: &RtcServer) -> Announcement {
    announce_on(conf, &local::addresses())
}

/// The same on a machine of these addresses.
pub(super) fn announce_on(conf: &RtcServer, ips: &[IpAddr]) -> Announcement {
    let by_name: Vec<Host> = configured(conf).collect();
    let mut found = if detects(conf) { detected(conf, ips) } else { Vec::new() };
    if found.is_empty() && by_name.is_empty() && !conf.api_as_candidates {
        found.extend(local::last_resort(ips));
    }
    let ports: Vec<String> = Ports::of(conf).told(conf.protocol).map(port).collect();
    let parts = [
        list(by_name.iter().map(shown)).map(|hosts| format!("{hosts} (rtc_server.candidate)")),
        list(found.iter().map(IpAddr::to_string)).map(|ips| format!("{ips} (found on this machine)")),
        conf.api_as_candidates.then(|| "the host by which they call the API (rtc_server.api_as_candidates)".to_owned()),
    ];
    let told = list(parts.into_iter().flatten()).unwrap_or_else(|| "no address".to_owned());
    let line = format!("WebRTC clients are told to send to {told}, {}", ports.join(" and "));
    let ips = by_name.iter().filter_map(Host::ip).chain(found.iter().copied());
    let is_local = by_name.iter().all(|host| host.ip().is_some()) && ips.into_iter().all(local::is_private);
    let warnings = [no_hosts(conf), is_local.then(|| unreachable(conf))];
    let warnings: Vec<String> = warnings.into_iter().flatten().collect();
    Announcement { line, warning: (!warnings.is_empty()).then(|| warnings.join("; ")) }
}

fn unreachable(conf: &RtcServer) -> String {
    let except = match conf.api_as_candidates {
        true => ", unless they call the API by its public name or address",
        false => "",
    };
    format!(
        "WebRTC clients outside of this network cannot send to these addresses{except}: set rtc_server.candidate to the \
         public address of this server, as \"candidate 203.0.113.7;\""
    )
}

/// Words of the configuration that could not be told.
fn no_hosts(conf: &RtcServer) -> Option<String> {
    let words = conf.candidate.iter().filter(|word| !is_detect(word) && Host::parse(word).is_none());
    let words = list(words.map(|word| format!("\"{word}\"")))?;
    Some(format!("rtc_server.candidate names {words}, which is no address and no name of a host: it is not told"))
}

fn port((transport, port): (Transport, u16)) -> String {
    match transport {
        Transport::Udp => format!("UDP port {port}"),
        Transport::Tcp => format!("TCP port {port}"),
    }
}

fn shown(host: &Host) -> String {
    match host.port {
        Some(port) if host.name.contains(':') => format!("[{}]:{port}", host.name),
        Some(port) => format!("{}:{port}", host.name),
        None => host.name.clone(),
    }
}

/// `a, b and c`.
fn list(words: impl Iterator<Item = String>) -> Option<String> {
    let words: Vec<String> = words.collect();
    let (last, others) = words.split_last()?;
    Some(if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) })
}
