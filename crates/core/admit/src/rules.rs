//! [`Rules`]: what `security` and `refer` say.

use std::future;
use std::net::IpAddr;

use weir_conf::{Refer, Rule, Security, Vhost};
use weir_hub::{ClientKind, Denial, Gate, Refusal, Request, Role, Verdict};

/// SRS's numbers.
const REFER: u16 = 2015;
const SECURITY_DENY: u16 = 1053;
const SECURITY_ALLOW: u16 = 1054;

/// Decides by the directives of the vhost alone.
#[derive(Debug, Default)]
pub struct Rules;

impl Gate for Rules {
    fn connect<'a>(&'a self, vhost: &'a Vhost, request: &'a Request) -> Verdict<'a> {
        let refer = &vhost.refer;
        Box::pin(future::ready(if refer.enabled { page(&refer.all, request, "refer.all") } else { Ok(()) }))
    }

    fn check(&self, role: Role, vhost: &Vhost, request: &Request) -> Result<(), Refusal> {
        security(&vhost.security, role, request.ip)?;
        refer_of_role(&vhost.refer, role, request)
    }
}

/// `deny` before `allow`; who is allowed by nothing is refused where anything is allowed (protocols.md §12).
fn security(security: &Security, role: Role, ip: IpAddr) -> Result<(), Refusal> {
    if !security.enabled {
        return Ok(());
    }
    let matching = |rules: &[Rule]| {
        let is_meant = |rule: &&Rule| rule.role == Some(role) && rule.peers.is_some_and(|peers| peers.has(ip));
        rules.iter().find(is_meant).and_then(|rule| rule.peers)
    };
    let what = role.verb();
    if let Some(peers) = matching(&security.deny) {
        return denied(SECURITY_DENY, format!("{ip} may not {what}: {peers} is denied"), "security.deny");
    }
    if matching(&security.allow).is_some() || (security.allow.is_empty() && !security.deny.is_empty()) {
        return Ok(());
    }
    denied(SECURITY_ALLOW, format!("{ip} may not {what}: no rule allows it"), "security.allow")
}

/// RTMP only: what a browser sends as Referer of HTTP is not what the directive is about.
fn refer_of_role(refer: &Refer, role: Role, request: &Request) -> Result<(), Refusal> {
    let has_page = !matches!(
        request.kind,
        ClientKind::FlvPlay | ClientKind::HlsPlay | ClientKind::RtcPlay | ClientKind::RtcPublish
    );
    match role {
        _ if !refer.enabled || !has_page => Ok(()),
        Role::Publish => page(&refer.publish, request, "refer.publish"),
        Role::Play => page(&refer.play, request, "refer.play"),
    }
}

/// The host of the page ends with one of the names. An empty list lets everybody in.
fn page(hosts: &[String], request: &Request, directive: &'static str) -> Result<(), Refusal> {
    let host = host_of(&request.page_url);
    if hosts.is_empty() || hosts.iter().any(|name| is_within(host, name)) {
        return Ok(());
    }
    let page = if host.is_empty() { "a client without a page".to_owned() } else { format!("a page of {host}") };
    denied(REFER, format!("{page} may not: allowed are {}", hosts.join(" ")), directive)
}

/// True for the host itself and for those below it. A dot before the name means nothing.
// SRS compares endings: with `github.io` it lets evilgithub.io in.
fn is_within(host: &str, name: &str) -> bool {
    let name = name.trim_start_matches('.');
    let rest = host.len().checked_sub(name.len()).and_then(|at| host.split_at_checked(at));
    rest.is_some_and(|(before, end)| {
        end.eq_ignore_ascii_case(name) && !name.is_empty() && (before.is_empty() || before.ends_with('.'))
    })
}

/// The host of a URL, without user, port and the brackets of an IPv6 address.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

fn denied(code: u16, why: String, directive: &'static str) -> Result<(), Refusal> {
    Err(Refusal::Denied { denial: Denial::Forbidden, code, why, directive })
}

#[cfg(test)]
mod tests;
