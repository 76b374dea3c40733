//! [`Heartbeat`]: a report of the server itself, every few seconds (protocols.md §13).

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use weir_conf::{Config, Live};
use weir_fetch::{Body, Call, Error, Fetch, HeaderValue, without_secrets};
use weir_json::{Value, object};

use crate::event::Ids;

/// A report that fails is warned about when it is the first one, and then once in so many.
const NAG: u64 = 60;
/// The answer is not looked at.
const ANSWER: usize = 1024;

/// Where each service listens, as the configuration writes it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ports {
    /// RTMP.
    pub rtmp: Vec<String>,
    /// The HTTP server.
    pub http: Vec<String>,
    /// The HTTP API.
    pub api: Vec<String>,
    /// SRT, as `udp://` URLs.
    pub srt: Vec<String>,
    /// WebRTC, as `udp://` and `tcp://` URLs.
    pub rtc: Vec<String>,
}

/// Reports the server to the URL of `heartbeat`.
pub struct Heartbeat {
    /// Who reports.
    pub ids: Ids,
    /// The configuration in force.
    pub conf: Live<Config>,
    /// What calls.
    pub fetch: Fetch,
    /// The summaries of the API.
    pub summaries: Box<dyn Fn() -> Value + Send + Sync>,
    /// The ports that are open.
    pub ports: Box<dyn Fn(&Config) -> Ports + Send + Sync>,
    /// The address that the server reports for itself, given `stats.network`.
    pub ip: Box<dyn Fn(i64) -> Option<IpAddr> + Send + Sync>,
}

impl Heartbeat {
    /// Reports until `stop`, when `heartbeat.enabled` is on: that and the interval are those of the start, all else is read
    /// for each report.
    pub async fn run(self, stop: CancellationToken) {
        let heartbeat = self.conf.load().heartbeat.clone();
        if !heartbeat.enabled {
            return;
        }
        let mut ticks = tokio::time::interval(heartbeat.interval.max(Duration::from_secs(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // SRS: the first report comes after the first interval.
        ticks.reset();
        let mut failed = 0;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let report = self.report();
            let Err(error) = (tokio::select! {
                () = stop.cancelled() => return,
                sent = report => sent,
            }) else {
                failed = 0;
                continue;
            };
            if failed % NAG == 0 {
                let url = without_secrets(&self.conf.load().heartbeat.url);
                tracing::warn!("{url} has no heartbeat: {error} (heartbeat.url)");
            }
            failed += 1;
        }
    }

    async fn report(&self) -> Result<(), Error> {
        let conf = self.conf.load().clone();
        // SRS: without the query.
        let url = conf.heartbeat.url.split('?').next().unwrap_or_default();
        let body = self.body(&conf).render();
        let call = Call::post(url, HeaderValue::from_static("application/json"), body)?;
        self.fetch.call(call.body(Body::First(ANSWER))).await.map(drop)
    }

    fn body(&self, conf: &Config) -> Value {
        let ip = (self.ip)(conf.stats.network).map(|ip| ip.to_string()).unwrap_or_default();
        let mut body = object! {
            "device_id": &conf.heartbeat.device_id,
            "ip": ip,
            "server": &self.ids.server,
            "service": &self.ids.service,
            "pid": std::process::id().to_string(),
        };
        if conf.heartbeat.summaries {
            body.put("summaries", object! { "data": (self.summaries)() });
        }
        if conf.heartbeat.ports {
            let Ports { rtmp, http, api, srt, rtc } = (self.ports)(conf);
            let open = [("rtmp", rtmp), ("http", http), ("api", api), ("srt", srt), ("rtc", rtc)];
            for (service, listens) in open.into_iter().filter(|(_, listens)| !listens.is_empty()) {
                body.put(service, listens.into_iter().collect::<Value>());
            }
        }
        body
    }
}

impl fmt::Debug for Heartbeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heartbeat").field("ids", &self.ids).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
