//! What the machine says: limits, addresses, containers.

use std::net::IpAddr;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use weir_conf::Facts;

/// What the start-up checks compare the configuration with.
pub(crate) fn of_this_machine() -> Facts {
    Facts {
        open_files: getrlimit(Resource::RLIMIT_NOFILE).ok().map(|(soft, _)| soft),
        local_ips: Some(local_ips().len()),
        in_docker: std::fs::read_to_string("/proc/1/cgroup").is_ok_and(|groups| groups.contains("/docker")),
    }
}

/// Allows as many open files as the system lets us, so that `max_connections` is the limit that counts.
pub(crate) fn raise_open_files() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        // Failing leaves the limit as it was; the start-up check then tells.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

/// Addresses of this machine, loopback last.
pub(crate) fn local_ips() -> Vec<IpAddr> {
    let mut ips: Vec<IpAddr> = nix::ifaddrs::getifaddrs()
        .into_iter()
        .flatten()
        .filter_map(|interface| {
            let address = interface.address?;
            let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
            v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
        })
        .collect();
    ips.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6()));
    ips
}
