//! Endpoints to listen on: `PORT`, `IP:PORT`, `[IPv6]:PORT` (config.md §1, special value forms).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The address, or none for every address of the machine.
    pub ip: Option<IpAddr>,
    /// The port, never 0.
    pub port: u16,
}

/// Why a text is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadEndpoint {
    /// What stands before the port is no address.
    Ip,
    /// The port is not within 1 to 65535.
    Port,
}

impl fmt::Display for Endpoint {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ip {
            Some(ip) => SocketAddr::new(ip, self.port).fmt(f),
            None => self.port.fmt(f),
        }
    }
}

impl Endpoint {
    /// Reads an endpoint; names of hosts are none.
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text).ok()
    }

    pub(crate) fn read(text: &str) -> Result<Self, BadEndpoint> {
        let (ip, port) = match text.rsplit_once(':') {
            Some((ip, port)) => (Some(parse_ip(ip).ok_or(BadEndpoint::Ip)?), port),
            None => (None, text),
        };
        // SRS: the port is what atoi makes of it, so "1935abc" listens on 1935.
        let port = u16::try_from(crate::number::atoi(port).value).ok().filter(|port| *port > 0);
        Ok(Self { ip, port: port.ok_or(BadEndpoint::Port)? })
    }
}

fn parse_ip(text: &str) -> Option<IpAddr> {
    match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(v6) => v6.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => text.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
    }
}

#[cfg(test)]
mod tests;
