//! [`Wire`]: the bytes of a connection, plain or behind TLS.

use std::cell::RefCell;
use std::io::{self, ErrorKind, Read};
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
pub(crate) const READ: usize = 64 * 1024;

thread_local! {
    /// One buffer for all connections of a shard: between a socket being readable and its bytes being eaten nothing waits.
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into());
}

/// A connection.
#[derive(Debug)]
pub(crate) enum Wire {
    /// The socket is shared with the fan-out while the connection plays.
    Plain(Rc<TcpStream>),
    /// A plain socket that is read by the clock: what arrives wakes nobody.
    Resting(std::net::TcpStream),
    /// A plain socket that could not be registered again.
    Lost,
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

    /// The name of the server that a client of TLS asked for (SNI, RFC 6066, clause 3).
    pub(crate) fn server_name(&self) -> Option<&str> {
        match self {
            Wire::Tls(stream, _) => stream.get_ref().1.server_name(),
            Wire::Plain(_) | Wire::Resting(_) | Wire::Lost => None,
        }
    }

    /// The address that the peer connected to.
    pub(crate) fn local_ip(&self) -> String {
        let addr = match self {
            Wire::Plain(socket) => socket.local_addr(),
            Wire::Resting(socket) => socket.local_addr(),
            Wire::Tls(stream, _) => stream.get_ref().0.local_addr(),
            Wire::Lost => Err(lost()),
        };
        addr.map(|addr| addr.ip().to_canonical().to_string()).unwrap_or_default()
    }

    /// Waits for bytes, or lets them gather for the time of a `rest`. For a plain socket they are still to be taken by
    /// [`Wire::eat`].
    pub(crate) async fn wait(&mut self, rest: Option<Duration>) -> io::Result<Arrived> {
        if let Some(rest) = rest {
            self.lie_down()?;
            tokio::time::sleep(rest).await;
            return Ok(Arrived::Readable);
        }
        self.get_up()?;
        match self {
            Wire::Plain(socket) => socket.readable().await.map(|()| Arrived::Readable),
            Wire::Tls(stream, buffer) => stream.read(buffer).await.map(Arrived::Read),
            Wire::Resting(_) | Wire::Lost => Err(lost()),
        }
    }

    /// Waits until the peer has gone, while there is no room for what it sends.
    pub(crate) async fn closed(&mut self) -> io::Result<Arrived> {
        self.get_up()?;
        match self {
            Wire::Plain(socket) => weir_net::closed(socket).await,
            Wire::Tls(stream, _) => weir_net::closed(stream.get_ref().0).await,
            Wire::Resting(_) | Wire::Lost => return Err(lost()),
        }
        Err(ErrorKind::UnexpectedEof.into())
    }

    /// Takes a plain socket that nobody else holds out of the shard's poll: each segment that arrives would wake the
    /// shard for nothing.
    fn lie_down(&mut self) -> io::Result<()> {
        *self = match std::mem::replace(self, Wire::Lost) {
            Wire::Plain(socket) => match Rc::try_unwrap(socket) {
                Ok(socket) => Wire::Resting(socket.into_std()?),
                Err(shared) => Wire::Plain(shared),
            },
            other => other,
        };
        Ok(())
    }

    /// Puts a resting socket back into the shard's poll.
    pub(crate) fn get_up(&mut self) -> io::Result<()> {
        *self = match std::mem::replace(self, Wire::Lost) {
            Wire::Resting(socket) => Wire::Plain(Rc::new(TcpStream::from_std(socket)?)),
            other => other,
        };
        Ok(())
    }

    /// Gives the bytes that arrived to `eat`. Returns how many there were: none when the peer closed, nothing when it was
    /// a false alarm.
    pub(crate) fn eat<T>(&self, arrived: Arrived, eat: impl FnOnce(&[u8]) -> T) -> io::Result<Option<(usize, T)>> {
        match (self, arrived) {
            (Wire::Tls(_, buffer), Arrived::Read(count)) => {
                Ok(Some((count, eat(buffer.get(..count).unwrap_or_default()))))
            }
            (Wire::Tls(..), Arrived::Readable) => Ok(None),
            (plain, _) => BUFFER.with_borrow_mut(|buffer| {
                let read = match plain {
                    Wire::Plain(socket) => socket.try_read(buffer),
                    Wire::Resting(socket) => (&*socket).read(buffer),
                    Wire::Tls(..) | Wire::Lost => Err(lost()),
                };
                match read {
                    Ok(count) => Ok(Some((count, eat(buffer.get(..count).unwrap_or_default())))),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
                    Err(error) => Err(error),
                }
            }),
        }
    }

    /// How long bytes may really gather when `rest` is asked for and the last read took `count`: not behind TLS, whose
    /// reads are small, and no time at all when the read was full, because more is waiting already.
    pub(crate) fn rest(&self, rest: Option<Duration>, count: usize) -> Option<Duration> {
        let plain = matches!(self, Wire::Plain(_) | Wire::Resting(_));
        rest.filter(|_| plain).map(|rest| if count < READ / 2 { rest } else { Duration::ZERO })
    }

    /// Writes everything, or fails when the peer takes nothing for too long.
    pub(crate) async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.get_up()?;
        while !bytes.is_empty() {
            let some = async {
                match self {
                    Wire::Plain(socket) => write_some(socket, bytes).await,
                    Wire::Tls(stream, _) => stream.write(bytes).await,
                    Wire::Resting(_) | Wire::Lost => Err(lost()),
                }
            };
            match tokio::time::timeout(WRITE_LIMIT, some).await?? {
                0 => return Err(ErrorKind::WriteZero.into()),
                written => bytes = bytes.get(written..).unwrap_or_default(),
            }
        }
        match self {
            Wire::Plain(_) | Wire::Resting(_) | Wire::Lost => Ok(()),
            Wire::Tls(stream, _) => tokio::time::timeout(WRITE_LIMIT, stream.flush()).await?,
        }
    }

    /// Closes in a way that lets the peer read what was said last: bytes that it still sends are read for a moment, since
    /// closing over them would make its system drop what it has not read.
    pub(crate) async fn finish(mut self) {
        if self.get_up().is_err() {
            return;
        }
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
                Wire::Resting(_) | Wire::Lost => {}
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

fn lost() -> io::Error {
    io::Error::other("the socket could not be registered again")
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
