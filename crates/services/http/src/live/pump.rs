//! [`Pump`]: players whose bytes go through hyper: over TLS, over HTTP/2, and on connections that had other requests.

mod conversation;

use std::future::Future;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use weir_httpd::Switched;
use weir_hub::Subscriber;
use weir_net::fanout::{Flow, Framing, Lone};

use super::Format;
use super::session::{KICKED, STOPPED, Session};
use conversation::Conversation;

/// A client that takes no piece of its body for so long is cut off.
const STALL: Duration = Duration::from_secs(60);
/// Why it is.
const STALLED: &str = "it took no bytes for too long";
const ENDED: &str = "its connection ended";

/// Turns frames into pieces, as large as what is pending.
pub(super) struct Pump {
    lone: Lone,
    session: Session,
}

/// A player that has something to get.
pub(super) struct Begun {
    pump: Pump,
    first: Piece,
}

type Piece = (Vec<u8>, Flow);

/// Where pieces go.
trait Outlet {
    /// Hands a piece over. As an error, why nothing can be any more.
    fn write(&mut self, piece: Vec<u8>) -> impl Future<Output = Result<(), &'static str>> + Send;

    /// Waits for the client and counts the bytes that it sent. As an error, why it is gone. Loses nothing when it is
    /// dropped before it ends.
    fn heard(&mut self) -> impl Future<Output = Result<usize, &'static str>> + Send;

    /// Ends what the client gets. It came to its own end unless it is `cut`.
    fn end(self, cut: bool) -> impl Future<Output = ()> + Send;
}

impl Pump {
    /// Waits until there is something to send. Fails with a status and why when there never will be.
    pub(super) async fn begin(
        subscriber: Subscriber,
        framing: Box<dyn Framing + Send>,
        format: Format,
    ) -> Result<Begun, (StatusCode, String)> {
        let session = Session::begin(&subscriber, format);
        let mut pump = Pump { lone: Lone::new(subscriber, framing), session };
        let client = pump.session.client.clone();
        let first = tokio::select! {
            first = pump.next() => Some(first),
            () = client.kicked() => None,
        };
        let Some(first) = first else {
            pump.session.why = KICKED;
            return Err((StatusCode::FORBIDDEN, "the player was ended through the API".to_owned()));
        };
        if first == (Vec::new(), Flow::Close)
            && let Some(empty) = pump.session.empty()
        {
            pump.session.why = pump.session.end();
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, empty.to_string()));
        }
        Ok(Begun { pump, first })
    }

    async fn next(&mut self) -> Piece {
        let mut piece = Vec::new();
        let flow = self.lone.next(&mut piece).await;
        (piece, flow)
    }

    async fn run(mut self, first: Piece, mut outlet: impl Outlet) {
        self.session.why = STOPPED;
        let client = self.session.client.clone();
        let fed = tokio::select! {
            fed = self.feed(first, &mut outlet) => fed,
            () = client.kicked() => Err(KICKED),
        };
        self.session.why = fed.err().unwrap_or_else(|| self.session.end());
        // The player is gone, however long its client takes to hear it.
        drop(self);
        outlet.end(fed.is_err()).await;
    }

    /// Hands on piece after piece, until the publisher leaves. As an error, what ended it before.
    async fn feed(&mut self, first: Piece, outlet: &mut impl Outlet) -> Result<(), &'static str> {
        let mut next = first;
        loop {
            let (piece, flow) = next;
            let len = piece.len() as u64;
            self.lone.while_writing(outlet.write(piece)).await?;
            self.session.client.traffic.sent(len);
            self.session.stream.count_sent(len);
            if flow == Flow::Close {
                return Ok(());
            }
            next = loop {
                tokio::select! {
                    next = self.next() => break next,
                    heard = outlet.heard() => self.session.count(heard? as u64),
                }
            };
        }
    }
}

impl Begun {
    /// The pieces as a response body. At most two of them wait for the client; one that takes none has its connection
    /// closed by `hangup`.
    pub(super) fn into_body(self, hangup: CancellationToken) -> mpsc::Receiver<io::Result<Bytes>> {
        let (sender, pieces) = mpsc::channel(1);
        tokio::spawn(self.pump.run(self.first, ResponseBody { pieces: sender, hangup }));
        pieces
    }

    /// Sends the pieces on a WebSocket, until either side ends.
    pub(super) async fn converse(self, socket: Switched) {
        self.pump.run(self.first, Conversation::new(socket)).await;
    }
}

/// A body that hyper sends.
struct ResponseBody {
    pieces: mpsc::Sender<io::Result<Bytes>>,
    hangup: CancellationToken,
}

impl Outlet for ResponseBody {
    async fn write(&mut self, piece: Vec<u8>) -> Result<(), &'static str> {
        match tokio::time::timeout(STALL, self.pieces.send(Ok(Bytes::from(piece)))).await {
            Ok(sent) => sent.map_err(|_| ENDED),
            Err(_) => {
                self.hangup.cancel();
                Err(STALLED)
            }
        }
    }

    async fn heard(&mut self) -> Result<usize, &'static str> {
        self.pieces.closed().await;
        Err(ENDED)
    }

    async fn end(self, cut: bool) {
        if cut {
            let _ = self.pieces.try_send(Err(io::Error::other("ended through the API")));
        }
    }
}
