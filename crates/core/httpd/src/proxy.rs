//! Whose request it is, when it came through a proxy (`http_server.trusted_proxies`).

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use weir_conf::Peers;

const FORWARDED_FOR: &str = "X-Forwarded-For";
const REAL_IP: &str = "X-Real-IP";

/// The client of a request that came from `peer`. What a proxy says is believed when the proxy is trusted; of a chain,
/// the last that is not trusted is the client, since whoever is before it may have made up the rest.
pub(crate) fn client(peer: SocketAddr, headers: &HeaderMap, trusted: &[Peers]) -> SocketAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|peers| peers.has(ip));
    if !is_trusted(peer.ip()) {
        return peer;
    }
    let text = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let chain: Vec<&str> = text(FORWARDED_FOR).flat_map(|value| value.split(',')).collect();
    let mut client = None;
    for ip in chain.iter().rev().map(|word| address(word)) {
        // What is no address was not written by a proxy that is trusted.
        let Some(ip) = ip else { break };
        client = Some(ip);
        if !is_trusted(ip) {
            break;
        }
    }
    let client = client.or_else(|| text(REAL_IP).next().and_then(address));
    client.map_or(peer, |ip| SocketAddr::new(ip, peer.port()))
}

/// An address, with or without a port.
fn address(word: &str) -> Option<IpAddr> {
    let word = word.trim();
    let with_port = || word.parse::<SocketAddr>().map(|address| address.ip());
    let in_brackets = || word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'))?.parse().ok();
    word.parse().ok().or_else(|| with_port().ok()).or_else(in_brackets)
}

#[cfg(test)]
mod tests;
