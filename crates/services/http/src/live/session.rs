//! One player, from its first byte to its last.

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use weir_httpd::Taken;
use weir_hub::{Client, Stream, Subscriber};
use weir_net::fanout::{Flow, Framing, Lone, Seat};

use crate::carrier::Carrier;
use crate::websocket::{self, Event, Reader};

/// Serves a player on its plain socket, in the fan-out of its shard.
pub(super) async fn play(
    subscriber: Subscriber,
    framing: Box<dyn Framing>,
    taken: Taken,
    format: &'static str,
    carrier: Carrier,
) {
    let mut session = Session::begin(&subscriber, format);
    let Taken { socket, fanout, received, .. } = taken;
    let socket = Rc::new(socket);
    session.count(received);
    session.why = "the server stops";
    let client = session.client.clone();
    let seat = fanout.seat(subscriber, socket.clone(), framing);
    session.why = tokio::select! {
        why = seat.ended() => why.unwrap_or("its connection ended"),
        () = client.kicked() => "it was ended through the API",
        why = left(&socket, &seat, &session, carrier) => why,
    };
}

/// Feeds a player whose bytes go through hyper. Returns when there is something to send, or nothing when it was kicked
/// before. At most two writes wait for the client.
pub(super) async fn stream(
    subscriber: Subscriber,
    framing: Box<dyn Framing + Send>,
    hangup: CancellationToken,
    format: &'static str,
) -> Option<mpsc::Receiver<io::Result<Bytes>>> {
    let session = Session::begin(&subscriber, format);
    let mut pump = Pump { lone: Lone::new(subscriber, framing), session, hangup };
    let client = pump.session.client.clone();
    let first = tokio::select! {
        (first, flow) = pump.next() => (first, flow),
        () = client.kicked() => {
            pump.session.why = "it was ended through the API";
            return None;
        }
    };
    let (sender, pieces) = mpsc::channel(1);
    tokio::spawn(pump.run(first, sender));
    Some(pieces)
}

/// A player of HTTP. Its end is logged when it is dropped.
struct Session {
    client: Arc<Client>,
    stream: Arc<Stream>,
    format: &'static str,
    why: &'static str,
}

impl Session {
    fn begin(subscriber: &Subscriber, format: &'static str) -> Session {
        let (client, stream) = (subscriber.client().clone(), subscriber.stream().clone());
        let waits = if stream.is_live() { "" } else { "; nobody publishes it yet" };
        tracing::info!(cid = client.id, "player {} plays {} by {format}{waits}", client.ip, stream.key);
        Session { client, stream, format, why: "its connection ended" }
    }

    /// Adds bytes that the client sent.
    fn count(&self, received: u64) {
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
            self.format,
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
                        Event::Close => return "it closed its WebSocket",
                    }
                }
            }
            Err(_) => return "it broke the WebSocket protocol",
        }
    }
    "it left"
}

/// A client that takes no piece of its body for so long is cut off.
const STALL: Duration = Duration::from_secs(60);

/// Turns frames into pieces of a body.
struct Pump {
    lone: Lone,
    session: Session,
    hangup: CancellationToken,
}

impl Pump {
    /// The next piece, as large as what is pending.
    async fn next(&mut self) -> (Vec<u8>, Flow) {
        let mut piece = Vec::new();
        let flow = self.lone.next(&mut piece).await;
        (piece, flow)
    }

    async fn run(mut self, first: (Vec<u8>, Flow), pieces: mpsc::Sender<io::Result<Bytes>>) {
        let client = self.session.client.clone();
        let mut next = first;
        loop {
            let (piece, flow) = next;
            let len = piece.len() as u64;
            let sending = tokio::time::timeout(STALL, pieces.send(Ok(Bytes::from(piece))));
            let sent = tokio::select! {
                sent = self.lone.while_writing(sending) => match sent {
                    Ok(sent) => sent.is_ok(),
                    Err(_) => {
                        self.session.why = "it took no bytes for too long";
                        self.hangup.cancel();
                        false
                    }
                },
                () = client.kicked() => false,
            };
            if sent {
                client.traffic.sent(len);
                self.session.stream.count_sent(len);
            }
            if sent && flow == Flow::Close {
                self.session.why = "the publisher left";
            }
            if !sent || flow == Flow::Close {
                break;
            }
            next = tokio::select! {
                next = self.next() => next,
                () = client.kicked() => break,
                () = pieces.closed() => break,
            };
        }
        if client.is_kicked() {
            self.session.why = "it was ended through the API";
            // Cuts the body: it did not come to its end.
            let _ = pieces.try_send(Err(io::Error::other("ended through the API")));
        }
    }
}
