//! What anybody may do by a configuration, said once at the start: an SRS configuration means what it meant with SRS.

use weir_conf::{Config, Endpoint, Role, Vhost};

/// Vhosts that are named; of more, their number.
const NAMED: usize = 3;

/// One sentence for each door that is open to other machines.
pub(crate) fn of(config: &Config) -> Vec<String> {
    let publish = vhosts(config, anybody_publishes);
    let (api, exporter) = (&config.http_api, &config.exporter);
    let needs_nothing = !api.auth.asks_for_token() && !api.auth.enabled;
    let is_open = |enabled: bool, listen: &str| enabled && needs_nothing && !is_local(listen);
    let doors = [
        publish.map(|vhosts| {
            format!("anybody may publish on {vhosts} (close it with tokens, security or http_hooks.on_publish)")
        }),
        is_open(api.enabled, &api.listen).then(|| {
            format!("anybody may use the API on {} and end clients (close it with http_api.auth)", api.listen)
        }),
        is_open(api.enabled && api.raw_api.enabled && api.raw_api.allow_reload, &api.listen)
            .then(|| "anybody may have the configuration reloaded (http_api.raw_api.allow_reload)".to_owned()),
        is_open(exporter.enabled, &exporter.listen).then(|| {
            format!("anybody may use the API on {} too, where metrics are (exporter.listen)", exporter.listen)
        }),
    ];
    doors.into_iter().flatten().collect()
}

fn anybody_publishes(vhost: &Vhost) -> bool {
    let by_hook = vhost.http_hooks.enabled && !vhost.http_hooks.on_publish.is_empty();
    vhost.enabled && !vhost.security.enabled && !vhost.tokens.are_needed(Role::Publish) && !by_hook
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
