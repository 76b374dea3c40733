//! WebRTC as a part of the server: its sockets, its certificate, and who answers its offers.

use std::net::{TcpListener, UdpSocket};
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::JoinSet;
use weir_api::{Identity, Meter};
use weir_conf::{Config, Endpoint};
use weir_httpd::Httpd;
use weir_hub::Hub;
use weir_net::shard::Shards;
use weir_net::{Accepted, BindError, Connections, Door};
use weir_rtc::{Certificate, Counter, Counters, Ids, Rtc, Signal, tcp};

use crate::{Failure, doors};

/// WebRTC, where it is on.
pub(crate) struct WebRtc {
    rtc: Arc<Rtc>,
    signal: Arc<Signal>,
    /// Its port for TCP, unless that is one of HTTP.
    own_tcp: Option<TcpListener>,
    /// The port of HTTP that serves it over TCP too.
    tcp_beside: Option<u16>,
}

/// The ports of WebRTC.
pub(crate) struct Sockets {
    udp: Vec<UdpSocket>,
    own_tcp: Option<TcpListener>,
}

impl Sockets {
    /// Takes the ports, that of UDP so many times; nothing where WebRTC is off.
    pub(crate) fn bind(config: &Config, count: usize) -> Result<Option<Sockets>, BindError> {
        let conf = &config.rtc_server;
        if !conf.enabled {
            return Ok(None);
        }
        let any = |port| Endpoint { ip: None, port };
        let udp = weir_net::bind_udp(any(conf.listen), conf.ip_family, count, "rtc_server.listen")?;
        let is_own = conf.tcp.enabled && !doors::plain_http_ports(config).any(|port| port == conf.tcp.listen);
        let own_tcp = is_own.then(|| weir_net::bind(any(conf.tcp.listen), "rtc_server.tcp.listen")).transpose()?;
        Ok(Some(Sockets { udp, own_tcp }))
    }
}

impl WebRtc {
    /// Takes the ports, and starts a worker on each shard.
    pub(crate) async fn open(
        config: &Config,
        hub: Arc<Hub>,
        shards: &Shards,
        connections: Arc<Connections>,
        identity: &Identity,
    ) -> Result<Option<WebRtc>, Failure> {
        let conf = &config.rtc_server;
        let Some(Sockets { udp, own_tcp }) = Sockets::bind(config, shards.count())? else { return Ok(None) };
        tracing::info!("WebRTC listens on udp {} (rtc_server.listen)", conf.listen);
        let tcp_beside = (conf.tcp.enabled && own_tcp.is_none()).then_some(conf.tcp.listen);
        if conf.tcp.enabled {
            let with = if tcp_beside.is_some() { ", which HTTP listens on too" } else { "" };
            tracing::info!("WebRTC listens on tcp {}{with} (rtc_server.tcp.listen)", conf.tcp.listen);
        }
        if !conf.encrypt {
            tracing::warn!("rtc_server.encrypt is off: whoever is on the way can see what WebRTC players are sent");
        }
        let certificate = Certificate::generate().map_err(|error| std::io::Error::other(error.to_string()))?;
        let rtc = Rtc::start(hub.clone(), shards, udp, certificate, connections).await?;
        let announcement = weir_rtc::announce(conf);
        tracing::info!("{}", announcement.line);
        if let Some(warning) = announcement.warning {
            tracing::warn!("{warning}");
        }
        let signal = Signal::new(weir_rtc::Parts {
            hub,
            sessions: rtc.clone(),
            ids: Ids { server: identity.server_id.clone(), service: identity.service_id.clone(), pid: identity.pid },
        });
        Ok(Some(WebRtc { rtc, signal, own_tcp, tcp_beside }))
    }

    /// What it counts for `/metrics`.
    pub(crate) fn meters(&self) -> Vec<Meter> {
        let meter = |name, help, of: fn(&Counters) -> &Counter| {
            let counters = self.rtc.counters();
            Meter::counter(name, help, move || of(&counters).get())
        };
        vec![
            meter(
                "weir_rtc_packets_dropped_total",
                "Packets for clients of WebRTC that found no room in the buffer of a socket.",
                |counters| &counters.dropped,
            ),
            meter(
                "weir_rtc_packets_resent_total",
                "Packets that players of WebRTC were sent again because they asked (NACK), or to try their way.",
                |counters| &counters.resent,
            ),
            meter(
                "weir_rtc_reports_ignored_total",
                "Reports of players of WebRTC, with their requests for lost packets, that a core had no time for.",
                |counters| &counters.ignored,
            ),
            meter(
                "weir_rtc_key_frames_wanted_total",
                "Key frames that players of WebRTC wanted (PLI, FIR).",
                |counters| &counters.wanted,
            ),
            meter(
                "weir_rtc_key_frames_asked_total",
                "Key frames that publishers of WebRTC were asked for (PLI).",
                |counters| &counters.asked,
            ),
        ]
    }

    /// Who answers offers.
    pub(crate) fn signal(&self) -> Arc<Signal> {
        self.signal.clone()
    }

    /// The same HTTP server, with WebRTC over TCP on its port where the configuration has them share it.
    pub(crate) fn beside(&self, httpd: Httpd, listen: &str) -> Httpd {
        let port = Endpoint::parse(listen).map(|endpoint| endpoint.port);
        match self.tcp_beside {
            Some(shared) if port == Some(shared) => httpd.with_beside(Arc::new(tcp::OverHttp)),
            _ => httpd,
        }
    }

    /// Serves from here on.
    pub(crate) fn serve(self, door: Door, tasks: &mut JoinSet<()>) -> Arc<Rtc> {
        tasks.spawn(self.rtc.clone().tend());
        if let Some(listener) = self.own_tcp {
            tasks.spawn(async move {
                let serve = |accepted: Accepted| tcp::serve(accepted.socket, accepted.peer, Bytes::new());
                if let Err(error) = door.accept(listener, serve).await {
                    tracing::error!("a listener cannot be used: {error}");
                }
            });
        }
        self.rtc
    }
}
