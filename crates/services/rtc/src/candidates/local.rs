//! The addresses of this machine.

use std::net::IpAddr;

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;

/// Addresses of the interfaces that are up, but for those that only mean something beside the name of an interface.
pub(super) fn addresses() -> Vec<IpAddr> {
    let interfaces = getifaddrs().into_iter().flatten().filter(|one| one.flags.contains(InterfaceFlags::IFF_UP));
    let ip = |one: nix::ifaddrs::InterfaceAddress| {
        let address = one.address?;
        let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
        v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
    };
    interfaces.filter_map(ip).filter(|ip| !is_link_local(*ip)).collect()
}

/// What is told when nothing else is known: the first IPv4 address, loopback last, else the first of all.
pub(super) fn last_resort(ips: &[IpAddr]) -> Option<IpAddr> {
    ips.iter().copied().min_by_key(|ip| (ip.is_ipv6(), ip.is_loopback()))
}

/// Whether nobody beyond the local network can send to it.
pub(super) fn is_private(ip: IpAddr) -> bool {
    match ip {
        // RFC 6598: between a provider and its customers.
        IpAddr::V4(v4) => {
            let is_shared = matches!(v4.octets(), [100, 64..=127, ..]);
            v4.is_loopback() || v4.is_private() || is_link_local(ip) || is_shared
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || is_link_local(ip),
    }
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}
