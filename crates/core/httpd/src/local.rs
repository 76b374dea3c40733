//! Who is on this machine, and asks on its own behalf (`trust_loopback`).

use std::net::IpAddr;

use http::header::{AsHeaderName, HOST, ORIGIN, REFERER};
use http::{HeaderName, Uri};

use crate::proxy::is_forwarded;
use crate::site::Asked;

pub(crate) const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Asked {
    /// A client on this machine, on its own behalf: a page of another site that has the browser of this machine ask is not,
    /// whatever name it found for this machine. Neither is who comes by a proxy that says so.
    pub fn is_local(&self) -> bool {
        let is_here = self.peer.ip().to_canonical().is_loopback() && !is_forwarded(&self.headers);
        is_here && self.every(HOST, |_| names_this_machine(self.host())) && self.is_of_own_page()
    }

    /// Asked by no page, or by one of this machine.
    fn is_of_own_page(&self) -> bool {
        let is_own = |page: &str| page.parse().is_ok_and(|page: Uri| page.host().is_some_and(is_this_machine));
        let site = self.header(FETCH_SITE);
        // A script has no Origin, and old browsers do not say whose page asks for it.
        let is_known = !self.is_script() || site.is_some() || self.headers.contains_key(REFERER);
        is_known && site != Some("cross-site") && self.every(ORIGIN, is_own) && self.every(REFERER, is_own)
    }

    /// A reply as a script is for pages of others.
    pub(crate) fn is_script(&self) -> bool {
        self.pairs().get("callback").is_some_and(|name| !name.is_empty())
    }

    /// Whether all fields of a name are so. What is no text is not.
    fn every(&self, name: impl AsHeaderName, is_so: impl Fn(&str) -> bool) -> bool {
        self.headers.get_all(name).iter().all(|value| value.to_str().is_ok_and(&is_so))
    }
}

/// An empty `Host` names no other machine either (HTTP/1.0).
fn names_this_machine(host: &str) -> bool {
    host.is_empty() || is_this_machine(host)
}

fn is_this_machine(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse().is_ok_and(|ip: IpAddr| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests;
