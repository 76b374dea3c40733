//! [`Wire`]: the bytes of a connection, plain or behind TLS.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::rc::Rc;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A TLS handshake takes no longer than this.
const TLS_HANDSHAKE: Duration = Duration::from_secs(10);
/// A peer that takes no reply for this long is gone, as in SRS.
const WRITE_LIMIT: Duration = Duration::from_secs(30);
/// So long a peer that was cut off may go on sending before its bytes are thrown back.
const FAREWELL: Duration = Duration::from_secs(1);
/// What one read takes at most, in bytes.
const READ: usize = 64 * 1024;

thread_local! {
    /// One buffer for all connections of a shard: between a socket being readable and its bytes being eaten nothing waits.
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into());
}

/// A connection.
#[derive(Debug)]
pub(crate) enum Wire {
    /// The socket is shared with the fan-out while the connection plays.
    Plain(Rc<TcpStream>),
    /// With a read buffer of its own, because a TLS read may wait.
    Tls(Box<TlsStream<TcpStream>>, Vec<u8>),
}

impl Wire {
    /// Does the TLS handshake, when there is one to do.
    pub(crate) async fn open(socket: TcpStream, tls: Option<TlsAcceptor>) -> io::Result<Wire> {
        let Some(tls) = tls else { return Ok(Wire::Plain(Rc::new(socket))) };
        let stream = tokio::time::timeout(TLS_HANDSHAKE, tls.accept(socket)).await??;
        Ok(Wire::Tls(Box::new(stream), vec![0; READ / 4]))
    }

    /// The address that the peer connected to.
    pub(crate) fn local_ip(&self) -> String {
        let socket = match self {
            Wire::Plain(socket) => socket,
            Wire::Tls(stream, _) => stream.get_ref().0,
        };
        socket.local_addr().map(|addr| addr.ip().to_canonical().to_string()).unwrap_or_default()
    }

    /// Waits for bytes. For a plain socket they are still to be taken by [`Wire::eat`].
    pub(crate) async fn wait(&mut self) -> io::Result<Arrived> {
        match self {
            Wire::Plain(socket) => socket.readable().await.map(|()| Arrived::Readable),
            Wire::Tls(stream, buffer) => stream.read(buffer).await.map(Arrived::Read),
        }
    }

    /// Gives the bytes that arrived to `eat`. Returns how many there were: none when the peer closed, nothing when it was
    /// a false alarm.
    pub(crate) fn eat<T>(&self, arrived: Arrived, eat: impl FnOnce(&[u8]) -> T) -> io::Result<Option<(usize, T)>> {
        match (self, arrived) {
            (Wire::Tls(_, buffer), Arrived::Read(count)) => {
                Ok(Some((count, eat(buffer.get(..count).unwrap_or_default()))))
            }
            (Wire::Plain(socket), _) => BUFFER.with_borrow_mut(|buffer| match socket.try_read(buffer) {
                Ok(count) => Ok(Some((count, eat(buffer.get(..count).unwrap_or_default())))),
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
                Err(error) => Err(error),
            }),
            (Wire::Tls(..), Arrived::Readable) => Ok(None),
        }
    }

    /// Whether more bytes may be left to gather after a read of `count`: not behind TLS, whose reads are small, and not
    /// when the read was full, because more may be waiting already.
    pub(crate) fn may_rest(&self, count: usize) -> bool {
        matches!(self, Wire::Plain(_)) && count < READ / 2
    }

    /// Writes everything, or fails when the peer takes nothing for too long.
    pub(crate) async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let some = async {
                match self {
                    Wire::Plain(socket) => write_some(socket, bytes).await,
                    Wire::Tls(stream, _) => stream.write(bytes).await,
                }
            };
            match tokio::time::timeout(WRITE_LIMIT, some).await?? {
                0 => return Err(ErrorKind::WriteZero.into()),
                written => bytes = bytes.get(written..).unwrap_or_default(),
            }
        }
        match self {
            Wire::Plain(_) => Ok(()),
            Wire::Tls(stream, _) => tokio::time::timeout(WRITE_LIMIT, stream.flush()).await?,
        }
    }

    /// Closes in a way that lets the peer read what was said last: bytes that it still sends are read for a moment, since
    /// closing over them would make its system drop what it has not read.
    pub(crate) async fn finish(self) {
        let reading = async {
            match self {
                Wire::Plain(socket) => {
                    // A peer that has gone already needs no farewell.
                    let _ = SockRef::from(&*socket).shutdown(Shutdown::Write);
                    let mut bytes = [0; 1024];
                    while socket.readable().await.is_ok() {
                        match socket.try_read(&mut bytes) {
                            Ok(0) => return,
                            Err(error) if error.kind() != ErrorKind::WouldBlock => return,
                            _ => {}
                        }
                    }
                }
                Wire::Tls(mut stream, mut buffer) => {
                    let _ = stream.shutdown().await;
                    while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
                }
            }
        };
        let _ = tokio::time::timeout(FAREWELL, reading).await;
    }
}

/// What [`Wire::wait`] saw.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arrived {
    /// The socket can be read.
    Readable,
    /// This many bytes were read.
    Read(usize),
}

async fn write_some(socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    loop {
        socket.writable().await?;
        match socket.try_write(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            written => return written,
        }
    }
}
