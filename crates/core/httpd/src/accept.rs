//! Listening on one port.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use weir_hub::connection_id;
use weir_net::Door;
use weir_net::tls::Certificate;

use crate::connection::Connection;
use crate::exchange::Origin;
use crate::httpd::Httpd;

impl Httpd {
    /// Serves a port, over TLS when there is a certificate, until the door closes. Connections that stand then finish
    /// the request they are in; a live body ends with its shard.
    ///
    /// Fails when the listener cannot be used at all. `listener` must not block.
    pub async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        certificate: Option<Arc<Certificate>>,
        door: Door,
    ) -> io::Result<()> {
        let tls = certificate.map(|certificate| certificate.acceptor(&["h2", "http/1.1"])).transpose()?;
        let stop = door.stop.clone();
        door.accept(listener, move |accepted| {
            let hangup = CancellationToken::new();
            let from = Origin { id: connection_id(), peer: accepted.peer, secure: tls.is_some(), hangup };
            let connection = Connection { httpd: self.clone(), from, stop: stop.clone() };
            let tls = tls.clone();
            async move {
                match tls {
                    Some(tls) => connection.serve_tls(accepted.socket, tls).await,
                    None => connection.serve(accepted.socket, accepted.fanout).await,
                }
            }
        })
        .await
    }
}
