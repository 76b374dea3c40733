//! What callbacks and the heartbeat learn of services that they do not see.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use weir_api::{Identity, Sampler};
use weir_conf::{Config, Live};
use weir_fetch::Fetch;
use weir_hls::{Finished, Hls};
use weir_hooks::{Heartbeat, Hooks, Ids, Ports, Segment};

use crate::facts::local_ips;

/// The address that the heartbeat reports, whatever the machine has (config.md §2).
const DEVICE_IP: &str = "SRS_DEVICE_IP";

/// Tells callbacks of segments for as long as there are some.
pub(crate) struct Segments {
    task: JoinHandle<()>,
    ending: CancellationToken,
}

impl Segments {
    /// From now on.
    pub(crate) fn tell(hls: &Hls, hooks: Arc<Hooks>) -> Segments {
        let (segments, ending) = (hls.segments(), CancellationToken::new());
        Segments { task: tokio::spawn(tell(segments, hooks, ending.clone())), ending }
    }

    /// Ends when the last one has been told.
    pub(crate) async fn finish(self) {
        self.ending.cancel();
        let _ = self.task.await;
    }
}

async fn tell(mut segments: broadcast::Receiver<Arc<Finished>>, hooks: Arc<Hooks>, ending: CancellationToken) {
    loop {
        let next = tokio::select! {
            // What is there is told before the end is seen.
            biased;
            next = segments.recv() => next,
            () = ending.cancelled() => return,
        };
        match next {
            Ok(finished) => hooks.segment(&segment(&finished)),
            Err(RecvError::Lagged(count)) => {
                tracing::warn!("the server is too busy: on_hls of {count} segments is left out (http_hooks.on_hls)");
            }
            Err(RecvError::Closed) => return,
        }
    }
}

fn segment(finished: &Finished) -> Segment {
    Segment {
        stream: finished.stream.clone(),
        publisher: finished.publisher.clone(),
        duration: finished.duration,
        file: finished.file.clone(),
        uri: finished.uri.clone(),
        url: finished.url.clone(),
        m3u8: finished.m3u8.clone(),
        m3u8_url: finished.m3u8_url.clone(),
        seq_no: finished.seq_no,
    }
}

/// The ids of an identity.
pub(crate) fn ids(identity: &Identity) -> Ids {
    Ids { server: identity.server_id.clone(), service: identity.service_id.clone() }
}

/// The report of this server.
pub(crate) fn heartbeat(identity: &Identity, conf: Live<Config>, fetch: Fetch, sampler: Arc<Sampler>) -> Heartbeat {
    Heartbeat {
        ids: ids(identity),
        conf,
        fetch,
        summaries: Box::new(move || sampler.summaries()),
        ports: Box::new(ports),
        ip: Box::new(own_ip),
    }
}

/// The ports that are open. SRT is not served yet, and so not announced.
fn ports(config: &Config) -> Ports {
    let listen = |on: bool, listen: &String| if on { vec![listen.clone()] } else { Vec::new() };
    let rtc = &config.rtc_server;
    let rtc = [(true, "udp", rtc.listen), (rtc.tcp.enabled, "tcp", rtc.tcp.listen)]
        .into_iter()
        .filter(|(on, ..)| rtc.enabled && *on)
        .map(|(_, transport, port)| format!("{transport}://0.0.0.0:{port}"));
    Ports {
        rtmp: config.listen.clone(),
        http: listen(config.http_server.enabled, &config.http_server.listen),
        api: listen(config.http_api.enabled, &config.http_api.listen),
        rtc: rtc.collect(),
        ..Ports::default()
    }
}

/// The address of a number, which SRS counts modulo how many there are.
fn own_ip(number: i64) -> Option<IpAddr> {
    if let Some(ip) = std::env::var(DEVICE_IP).ok().and_then(|ip| ip.parse().ok()) {
        return Some(ip);
    }
    let ips = local_ips();
    let at = usize::try_from(number).unwrap_or(0).checked_rem(ips.len())?;
    ips.get(at).copied()
}

#[cfg(test)]
mod tests;
