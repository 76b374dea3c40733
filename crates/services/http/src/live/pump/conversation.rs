//! [`Conversation`]: the outlet of a player on a WebSocket.

use std::io;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::super::session::{CLOSED, LEFT};
use super::{ENDED, Outlet, STALLED};
use crate::websocket::{self, Broken, Event, Reader};

/// A WebSocket, and what its client is owed beside the pieces, which are whole messages.
pub(super) struct Conversation<S> {
    socket: S,
    reader: Reader,
    /// Answers that are not written yet, one at most: only the latest ping must be answered (RFC 6455, clause 5.5.3).
    owed: BytesMut,
    /// The client has sent its close frame.
    closed: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Conversation<S> {
    pub(super) fn new(socket: S) -> Conversation<S> {
        Conversation { socket, reader: Reader::default(), owed: BytesMut::new(), closed: false }
    }

    /// Writes what is owed. May be dropped before it ends: what is left is written the next time.
    async fn settle(&mut self) -> io::Result<()> {
        while !self.owed.is_empty() {
            if self.socket.write_buf(&mut self.owed).await? == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        self.socket.flush().await
    }

    async fn write_whole(&mut self, piece: &[u8]) -> io::Result<()> {
        self.settle().await?;
        self.socket.write_all(piece).await?;
        self.socket.flush().await
    }

    fn handle_input(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        for event in self.reader.handle_input(bytes).map_err(|Broken(why)| why)? {
            match event {
                Event::Ping(payload) => self.owed = websocket::pong(&payload).as_slice().into(),
                Event::Close => {
                    self.closed = true;
                    return Err(CLOSED);
                }
            }
        }
        Ok(())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Outlet for Conversation<S> {
    async fn write(&mut self, piece: Vec<u8>) -> Result<(), &'static str> {
        self.write_whole(&piece).await.map_err(|error| why(&error))
    }

    async fn heard(&mut self) -> Result<usize, &'static str> {
        self.settle().await.map_err(|error| why(&error))?;
        let mut bytes = [0; 1024];
        match self.socket.read(&mut bytes).await {
            Ok(0) | Err(_) => Err(LEFT),
            Ok(len) => self.handle_input(bytes.get(..len).unwrap_or_default()).map(|()| len),
        }
    }

    async fn end(mut self, cut: bool) {
        // A piece that was cut off in its middle has no room for a close frame behind it.
        if cut && !self.closed {
            return;
        }
        // Whether the client hears it is the client's affair.
        if self.closed {
            // Clause 5.5.1: a close frame is answered with one.
            let _ = self.write_whole(&websocket::CLOSE).await;
        }
        let _ = self.socket.shutdown().await;
    }
}

/// What a failed write says of the client.
fn why(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::TimedOut => STALLED,
        _ => ENDED,
    }
}
