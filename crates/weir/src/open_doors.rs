//! What anybody may do by a configuration, said once at the start: an SRS configuration means what it meant with SRS.

use weir_conf::{Config, Endpoint, Role, Rule, Security, Vhost};

use crate::doors::{Port, Speaks, is_shared, ports};

/// Vhosts that are named; of more, their number.
const NAMED: usize = 3;

/// One sentence for each door that is open to other machines.
pub(crate) fn of(config: &Config) -> Vec<String> {
    let api = &config.http_api;
    let is_open = !api.auth.asks_for_token() && !api.auth.has_user();
    let has_api = |port: &Port<'_>| match port.speaks {
        Speaks::Api => true,
        Speaks::HttpServer => is_shared(config),
        Speaks::Rtmp | Speaks::Metrics => false,
    };
    let by_rtmp = far(config, |port| port.speaks == Speaks::Rtmp).is_some();
    // Every port of HTTP takes offers, whatever else it is for.
    let by_rtc = config.rtc_server.enabled && far(config, |port| port.speaks != Speaks::Rtmp).is_some();
    let publish = vhosts(config, |vhost| (by_rtmp || by_rtc && vhost.rtc.enabled) && anybody_publishes(vhost));
    let api_on = far(config, has_api).filter(|_| is_open);
    let metrics_on = far(config, |port| port.speaks == Speaks::Metrics).filter(|_| is_open);
    let reloads = (api_on.is_some() || metrics_on.is_some()) && api.raw_api.enabled && api.raw_api.allow_reload;
    let doors = [
        publish.map(|vhosts| {
            format!("anybody may publish on {vhosts} (close it with tokens, security or http_hooks.on_publish)")
        }),
        api_on.map(|on| format!("anybody may use the API on {on} and end clients (close it with http_api.auth)")),
        reloads.then(|| "anybody may have the configuration reloaded (http_api.raw_api.allow_reload)".to_owned()),
        metrics_on.map(|on| format!("anybody may use the API on {on} too, where metrics are (exporter.listen)")),
    ];
    doors.into_iter().flatten().collect()
}

fn anybody_publishes(vhost: &Vhost) -> bool {
    let by_hook = vhost.http_hooks.enabled && !vhost.http_hooks.on_publish.is_empty();
    vhost.enabled && !keeps_strangers_out(&vhost.security) && !vhost.tokens.are_needed(Role::Publish) && !by_hook
}

/// Whether who is in no network that is named may not publish.
fn keeps_strangers_out(security: &Security) -> bool {
    let keeps_out = |v6: bool| {
        let any = |rules: &[Rule]| {
            let mut peers = rules.iter().filter(|rule| rule.role == Some(Role::Publish)).filter_map(|rule| rule.peers);
            peers.any(|peers| peers.are_all(v6))
        };
        // Where nothing is allowed, all are but those who are denied.
        let allows = any(&security.allow) || (security.allow.is_empty() && !security.deny.is_empty());
        any(&security.deny) || !allows
    };
    security.enabled && keeps_out(false) && keeps_out(true)
}

/// Where other machines reach such ports: `1985, 1990`.
fn far(config: &Config, is_meant: impl Fn(&Port<'_>) -> bool) -> Option<String> {
    let all = ports(config).filter(is_meant).flat_map(|port| port.listens);
    let open: Vec<&str> = all.map(String::as_str).filter(|listen| !is_local(listen)).collect();
    (!open.is_empty()).then(|| open.join(", "))
}

/// `vhost a, b, c and 7 more`; nothing when there is none.
fn vhosts(config: &Config, is_open: impl Fn(&Vhost) -> bool) -> Option<String> {
    let names: Vec<&str> =
        config.vhosts.iter().filter(|vhost| is_open(vhost)).map(|vhost| vhost.name.as_str()).collect();
    let (named, rest) = names.split_at(names.len().min(NAMED));
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    (!named.is_empty()).then(|| format!("vhost {}{more}", named.join(", ")))
}

fn is_local(listen: &str) -> bool {
    Endpoint::parse(listen).and_then(|endpoint| endpoint.ip).is_some_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests;
