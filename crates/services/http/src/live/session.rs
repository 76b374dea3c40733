//! One player, from its first byte to its last, and its place in the fan-out.

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::net::TcpStream;
use weir_bridge::Empty;
use weir_httpd::Taken;
use weir_hub::{Client, Stream, Subscriber};
use weir_net::fanout::{Framing, Seat};

use super::Format;
use crate::carrier::Carrier;
use crate::websocket::{self, Broken, Event, Reader};

/// Why a player ends.
pub(super) const KICKED: &str = "it was ended through the API";
pub(super) const STOPPED: &str = "the server stops";
pub(super) const CLOSED: &str = "it closed its WebSocket";
pub(super) const LEFT: &str = "it left";

/// The stream has nothing for the player's format.
const NOTHING: &str = "the stream has nothing that its format could carry";

/// How long is tried to answer a client that closes its WebSocket.
const FAREWELL: Duration = Duration::from_secs(2);

/// Serves a player on its plain socket, in the fan-out of its shard. Gives the socket back where nothing was written to it,
/// because the stream has nothing for the player, and why.
pub(super) async fn play(
    subscriber: Subscriber,
    framing: Box<dyn Framing>,
    taken: Taken,
    format: Format,
    carrier: Carrier,
) -> Option<(TcpStream, Empty)> {
    let mut session = Session::begin(&subscriber, format);
    let Taken { socket, fanout, received, .. } = taken;
    let socket = Rc::new(socket);
    session.count(received);
    session.why = STOPPED;
    let client = session.client.clone();
    let seat = fanout.seat(subscriber, socket.clone(), framing);
    session.why = tokio::select! {
        why = seat.ended() => session.empty().map_or(why.unwrap_or("its connection ended"), |_| NOTHING),
        () = client.kicked() => KICKED,
        why = left(&socket, &seat, &session, carrier) => why,
    };
    if session.why == CLOSED {
        let unsent = seat.leave();
        drop(session);
        // Whether the client hears it is the client's affair.
        let _ = tokio::time::timeout(FAREWELL, answer_close(&socket, unsent)).await;
        return None;
    }
    drop(seat);
    let empty = session.empty().filter(|_| session.why == NOTHING && client.traffic.bytes_sent() == 0)?;
    Some((Rc::into_inner(socket)?, empty))
}

/// A close frame is answered with one (RFC 6455, clause 5.5.1), behind what of a message was sent in part.
async fn answer_close(socket: &TcpStream, unsent: Vec<Bytes>) -> io::Result<()> {
    for mut bytes in unsent.into_iter().chain([Bytes::from_static(&websocket::CLOSE)]) {
        while !bytes.is_empty() {
            socket.writable().await?;
            match socket.try_write(&bytes) {
                Ok(len) => bytes.advance(len),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// A player of HTTP. Its end is logged when it is dropped.
pub(super) struct Session {
    pub(super) client: Arc<Client>,
    pub(super) stream: Arc<Stream>,
    format: Format,
    /// Why it ends, should it be dropped now.
    pub(super) why: &'static str,
}

impl Session {
    pub(super) fn begin(subscriber: &Subscriber, format: Format) -> Session {
        let (client, stream) = (subscriber.client().clone(), subscriber.stream().clone());
        let waits = if stream.is_live() { "" } else { "; nobody publishes it yet" };
        tracing::info!(cid = client.id, "player {} plays {} by {}{waits}", client.ip, stream.key, format.name());
        Session { client, stream, format, why: "its connection ended" }
    }

    /// Why there is nothing for the player, if so.
    pub(super) fn empty(&self) -> Option<Empty> {
        match self.format {
            Format::Flv => None,
            Format::Made(container) => weir_bridge::check(&self.stream, container).err(),
        }
    }

    /// Why a body comes to its end.
    pub(super) fn end(&self) -> &'static str {
        if self.empty().is_some() { NOTHING } else { "the publisher left" }
    }

    /// Adds bytes that the client sent.
    pub(super) fn count(&self, received: u64) {
        self.client.traffic.received(received);
        self.stream.count_received(received);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        tracing::info!(
            cid = self.client.id,
            "player {} stopped playing {} by {} after {:.1} s and {} bytes: {}",
            self.client.ip,
            self.stream.key,
            self.format.name(),
            self.client.since.elapsed().as_secs_f64(),
            self.client.traffic.bytes_sent(),
            self.why,
        );
    }
}

/// Reads what the client sends until it leaves; says why it did. Only a WebSocket's bytes have a meaning.
async fn left(socket: &TcpStream, seat: &Seat, session: &Session, carrier: Carrier) -> &'static str {
    let (mut bytes, mut reader) = ([0; 1024], Reader::default());
    while socket.readable().await.is_ok() {
        let len = match socket.try_read(&mut bytes) {
            Ok(0) => break,
            Ok(len) => len,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(_) => break,
        };
        session.count(len as u64);
        if carrier != Carrier::WebSocket {
            continue;
        }
        match reader.handle_input(bytes.get(..len).unwrap_or_default()) {
            Ok(events) => {
                for event in events {
                    match event {
                        Event::Ping(payload) => seat.send(websocket::pong(&payload).into()),
                        Event::Close => return CLOSED,
                    }
                }
            }
            Err(Broken(why)) => return why,
        }
    }
    LEFT
}
