//! The RTMP service: publishers and players over RTMP and RTMPS.
//!
//! A [`session`] drives the protocol's value with a socket. A player without TLS hands its socket to the shard's fan-out
//! and only reads from then on; a player behind TLS is served by its session.
#![forbid(unsafe_code)]

mod framing;
mod ingest;
mod left_out;
mod session;
mod wire;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use weir_hub::Hub;
use weir_net::Door;
use weir_net::tls::Certificate;

use session::Session;
use wire::Wire;

/// The service.
#[derive(Debug)]
pub struct Rtmp {
    hub: Arc<Hub>,
}

impl Rtmp {
    /// A service of the streams of `hub`.
    pub fn new(hub: Arc<Hub>) -> Arc<Rtmp> {
        Arc::new(Rtmp { hub })
    }

    /// Serves a listener until its door stops; with a certificate it is RTMPS.
    pub async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        certificate: Option<Arc<Certificate>>,
        door: Door,
    ) -> io::Result<()> {
        let tls = certificate.map(|certificate| certificate.acceptor(&[])).transpose()?;
        door.accept(listener, move |accepted| {
            let (rtmp, tls) = (self.clone(), tls.clone());
            async move {
                let peer = accepted.peer;
                match Wire::open(accepted.socket, tls).await {
                    Ok(wire) => Session::new(rtmp, peer, accepted.fanout, wire).run().await,
                    Err(error) => tracing::info!("RTMPS client {peer} failed its TLS handshake: {error}"),
                }
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests;
