//! [`Crowd`]: how many clients a vhost has, and whether one more is too many (`limits`).

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv6Net};
use weir_conf::{Limits, Peers, Role};

use crate::hub::{Denial, Refusal};

/// SRS's number for too many connections.
const TOO_MANY: u16 = 1074;

/// The clients of one vhost.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    publishers: u32,
    players: u32,
    addresses: HashMap<IpNet, u32>,
}

impl Crowd {
    /// Takes a client in, or tells which limit it would exceed. A limit of 0 is none.
    pub(crate) fn enter(&mut self, limits: &Limits, role: Role, ip: IpAddr) -> Result<(), Refusal> {
        let (count, limit, directive) = match role {
            Role::Publish => (&mut self.publishers, limits.publishers, "limits.publishers"),
            Role::Play => (&mut self.players, limits.players, "limits.players"),
        };
        let ip = network(ip);
        let of_address = self.addresses.get(&ip).copied().unwrap_or_default();
        let full = |count: u32, limit: u32| limit > 0 && count >= limit;
        let too_many = |what: String, directive| Refusal::Denied {
            denial: Denial::Full,
            code: TOO_MANY,
            why: format!("there are {what} already"),
            directive,
        };
        if full(*count, limit) {
            let what = if role == Role::Publish { "publishers" } else { "players" };
            return Err(too_many(format!("{count} {what} on the vhost"), directive));
        }
        if full(of_address, limits.per_address) {
            return Err(too_many(
                format!("{of_address} clients from {} on the vhost", Peers::Net(ip)),
                "limits.per_address",
            ));
        }
        *count += 1;
        self.addresses.insert(ip, of_address + 1);
        Ok(())
    }

    /// A client is gone. True when nobody is left.
    pub(crate) fn leave(&mut self, role: Role, ip: IpAddr) -> bool {
        let count = match role {
            Role::Publish => &mut self.publishers,
            Role::Play => &mut self.players,
        };
        *count = count.saturating_sub(1);
        let ip = network(ip);
        if let Some(of_address) = self.addresses.get_mut(&ip) {
            *of_address -= 1;
            if *of_address == 0 {
                self.addresses.remove(&ip);
            }
        }
        self.publishers == 0 && self.players == 0
    }
}

/// Who has one address: of IPv6, a household is given a /64 at least, any address of which it may use.
fn network(ip: IpAddr) -> IpNet {
    match ip.to_canonical() {
        IpAddr::V6(ip) => Ipv6Net::new_assert(ip, 64).trunc().into(),
        ip => ip.into(),
    }
}

#[cfg(test)]
mod tests;
