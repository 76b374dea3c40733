//! Whose request it is, when it came through a proxy (`http_server.trusted_proxies`).

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use weir_conf::Peers;

const FORWARDED_FOR: &str = "X-Forwarded-For";
const REAL_IP: &str = "X-Real-IP";
/// RFC 7239.
const FORWARDED: &str = "Forwarded";
/// What proxies say of themselves, but not of whom they ask for: that (RFC 9110 §7.6.3), and all that begins so.
const VIA: &str = "Via";
const X_FORWARDED: &str = "x-forwarded-";

/// True when somebody says that the request is somebody else's.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    let has = |name: &&str| headers.contains_key(*name);
    [REAL_IP, FORWARDED, VIA].iter().any(has) || headers.keys().any(|name| name.as_str().starts_with(X_FORWARDED))
}

/// The client of a request that came from `peer`. What a proxy says is believed when the proxy is trusted; of a chain,
/// the last that is not trusted is the client, since whoever is before it may have made up the rest. A proxy writes one
/// of three fields and passes on what its client wrote into the others: where they differ, the one that is not trusted is
/// the client.
pub(crate) fn client(peer: SocketAddr, headers: &HeaderMap, trusted: &[Peers]) -> SocketAddr {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|peers| peers.has(*ip));
    if !is_trusted(&peer.ip()) {
        return peer;
    }
    let words = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
    let plain: Vec<_> = words(FORWARDED_FOR).map(address).collect();
    let forwarded: Vec<_> = words(FORWARDED).map(forwarded_for).collect();
    let real: Vec<_> = words(REAL_IP).map(address).collect();
    let named: Vec<IpAddr> = [plain, real, forwarded].iter().filter_map(|chain| last(chain, is_trusted)).collect();
    let client = named.iter().find(|ip| !is_trusted(ip)).or(named.first());
    client.map_or(peer, |ip| SocketAddr::new(ip.to_canonical(), peer.port()))
}

/// The client of a chain. What is no address was not written by a proxy that is trusted.
fn last(chain: &[Option<IpAddr>], is_trusted: impl Fn(&IpAddr) -> bool) -> Option<IpAddr> {
    let mut client = None;
    for ip in chain.iter().rev() {
        let Some(ip) = ip else { break };
        client = Some(*ip);
        if !is_trusted(ip) {
            break;
        }
    }
    client
}

/// `for=192.0.2.43;proto=http`, `for="[2001:db8::1]:4711"`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    address(value.trim().trim_matches('"'))
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
