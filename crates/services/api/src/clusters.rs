//! `/api/v1/clusters`: where a stream is published, for servers of a cluster that look for it (`http-api.md` §3.4).

use std::net::IpAddr;
use std::sync::Arc;

use weir_conf::{Config, Endpoint};
use weir_httpd::{Asked, Reply};
use weir_hub::{Hub, StreamKey};
use weir_json::{Value, object};

use crate::{measures, reply};

/// The port that RTMP is looked for at.
const RTMP: u16 = 1935;

/// The answer to `?vhost=&app=&stream=`, with `coworker`, by which the asking server knows this one. SRS: `ip` is told back
/// and means nothing.
pub(crate) fn answer(hub: &Hub, asked: &Asked) -> Reply {
    let pairs = asked.pairs();
    let get = |name| pairs.get(name).unwrap_or_default();
    let (vhost, app, stream) = (get("vhost"), get("app"), get("stream"));
    let query = object! { "ip": get("ip"), "vhost": vhost, "app": app, "stream": stream };
    let origin = published(hub, vhost, app, stream).map(|key| origin(&hub.conf(), &key, get("coworker")));
    reply::json(&object! { "code": 0, "data": object! { "query": query, "origin": origin } })
}

/// The stream of that name, if somebody publishes it here.
fn published(hub: &Hub, vhost: &str, app: &str, stream: &str) -> Option<StreamKey> {
    let vhost = hub.conf().vhost(vhost)?;
    let key = StreamKey { vhost: Arc::from(&*vhost.name), app: Arc::from(app), name: Arc::from(stream) };
    hub.find(&key).filter(|stream| stream.is_live()).map(|_| key)
}

fn origin(conf: &Config, key: &StreamKey, coworker: &str) -> Value {
    let listen = conf.listen.first().and_then(|listen| Endpoint::parse(listen));
    let ip = host(listen.and_then(|listen| listen.ip), coworker);
    let api_port = Endpoint::parse(&conf.http_api.listen).map_or(0, |endpoint| endpoint.port);
    let api = if ip.contains(':') { format!("[{ip}]:{api_port}") } else { format!("{ip}:{api_port}") };
    object! {
        "ip": ip,
        "port": listen.map_or(RTMP, |listen| listen.port),
        "vhost": &*key.vhost,
        "api": &api,
        "routers": [api.as_str()].into_iter().collect::<Value>(),
    }
}

/// By what the asking server reaches this one: the address that is listened on, what it knows this one by, or an address
/// of this machine.
fn host(listens_on: Option<IpAddr>, coworker: &str) -> String {
    if let Some(ip) = listens_on.filter(|ip| !ip.is_unspecified()) {
        return ip.to_string();
    }
    let named = match coworker.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, _)) => v6,
        None if coworker.parse::<IpAddr>().is_ok() => coworker,
        None => coworker.rsplit_once(':').map_or(coworker, |(host, _)| host),
    };
    if !named.is_empty() {
        return named.to_owned();
    }
    measures::own_ip().map_or_else(|| "127.0.0.1".to_owned(), |ip| ip.to_string())
}
