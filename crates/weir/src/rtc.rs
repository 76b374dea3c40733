//! WebRTC as a part of the server: its sockets, its certificate, and who answers its offers.

use std::net::TcpListener;
use std::sync::Arc;

use bytes::Bytes;
use tokio_util::sync::CancellationToken;
use weir_api::Identity;
use weir_conf::{Config, Endpoint};
use weir_hub::Hub;
use weir_net::shard::Shards;
use weir_net::{Connections, Door};
use weir_rtc::{Certificate, Ids, Rtc, Signal, tcp};

use crate::Failure;

/// WebRTC, where it is on.
pub(crate) struct WebRtc {
    rtc: Arc<Rtc>,
    signal: Arc<Signal>,
    /// Its port for TCP, unless that is one of HTTP.
    own_tcp: Option<TcpListener>,
    /// The port of HTTP that serves it over TCP too.
    pub(crate) tcp_beside: Option<u16>,
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
        if !conf.enabled {
            return Ok(None);
        }
        let endpoint = Endpoint { ip: None, port: conf.listen };
        let sockets = weir_net::bind_udp(endpoint, conf.ip_family, shards.count(), "rtc_server.listen")?;
        tracing::info!("WebRTC listens on udp {} (rtc_server.listen)", conf.listen);
        let shares = conf.tcp.enabled && http_ports(config).any(|port| port == conf.tcp.listen);
        let own_tcp = if conf.tcp.enabled && !shares {
            let endpoint = Endpoint { ip: None, port: conf.tcp.listen };
            Some(weir_net::bind(endpoint, "rtc_server.tcp.listen")?)
        } else {
            None
        };
        if conf.tcp.enabled {
            let with = if shares { ", which HTTP listens on too" } else { "" };
            tracing::info!("WebRTC listens on tcp {}{with} (rtc_server.tcp.listen)", conf.tcp.listen);
        }
        if !conf.ecdsa {
            tracing::warn!("rtc_server.ecdsa is off, but certificates for WebRTC are ECDSA in this version");
        }
        let certificate = Certificate::generate().map_err(|error| std::io::Error::other(error.to_string()))?;
        let rtc = Rtc::start(hub.clone(), shards, sockets, certificate, connections).await?;
        let announcement = weir_rtc::announce(conf);
        tracing::info!("{}", announcement.told);
        if let Some(trap) = announcement.trap {
            tracing::warn!("{trap}");
        }
        let signal = Signal::new(weir_rtc::Parts {
            hub,
            sessions: rtc.clone(),
            ids: Ids {
                server: identity.server_id.clone(),
                service: identity.service_id.clone(),
                pid: identity.pid,
            },
            ice_servers: Vec::new(),
        });
        Ok(Some(WebRtc { rtc, signal, own_tcp, tcp_beside: shares.then_some(conf.tcp.listen) }))
    }

    /// Who answers offers.
    pub(crate) fn signal(&self) -> Arc<Signal> {
        self.signal.clone()
    }

    /// Serves until `ending`.
    pub(crate) async fn serve(&mut self, door: Door, ending: CancellationToken) {
        let tend = self.rtc.clone().tend();
        let listen = async {
            match self.own_tcp.take() {
                Some(listener) => {
                    let serve = |accepted: weir_net::Accepted| tcp::serve(accepted.socket, accepted.peer, Bytes::new());
                    if let Err(error) = door.accept(listener, serve).await {
                        tracing::error!("a listener cannot be used: {error}");
                    }
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = tend => {}
            () = async { listen.await; std::future::pending().await } => {}
            () = ending.cancelled() => {}
        }
    }

    /// Says goodbye to everybody.
    pub(crate) async fn shutdown(&self) {
        self.rtc.shutdown().await;
    }
}

/// Ports on which HTTP listens without TLS.
fn http_ports(config: &Config) -> impl Iterator<Item = u16> {
    let (http, api) = (&config.http_server, &config.http_api);
    let listens = [http.enabled.then_some(&http.listen), api.enabled.then_some(&api.listen)];
    listens.into_iter().flatten().filter_map(|listen| Endpoint::parse(listen)).map(|endpoint| endpoint.port)
}
