//! [`Link`]: the way of one client's packets, by UDP or over TCP (RFC 4571).

use std::io::{self, Read, Write};
use std::net::SocketAddr;

use mio::event::Source;
use mio::net::TcpStream;

use crate::swarm::datagrams::Datagrams;

/// What is kept for a server that does not read; then packets are dropped, as UDP would.
const MAX_PENDING: usize = 1 << 20;

/// A way.
#[derive(Debug)]
pub(super) enum Link {
    Udp(Datagrams, u64),
    Tcp(Box<Framed>),
}

/// Packets over a connection, each behind its length.
#[derive(Debug)]
pub(super) struct Framed {
    socket: TcpStream,
    to: SocketAddr,
    input: Vec<u8>,
    output: Vec<u8>,
    sent: u64,
}

impl Link {
    pub(super) fn udp(to: SocketAddr) -> io::Result<Self> {
        Ok(Link::Udp(Datagrams::towards(to)?, 0))
    }

    pub(super) fn tcp(to: SocketAddr) -> io::Result<Self> {
        let (input, output) = (Vec::new(), Vec::new());
        Ok(Link::Tcp(Box::new(Framed { socket: TcpStream::connect(to)?, to, input, output, sent: 0 })))
    }

    pub(super) fn source(&mut self) -> &mut dyn Source {
        match self {
            Link::Udp(datagrams, _) => &mut datagrams.socket,
            Link::Tcp(framed) => &mut framed.socket,
        }
    }

    /// Reads some of what has come; true when there may be more.
    pub(super) fn receive(
        &mut self,
        buffer: &mut [u8],
        mut eat: impl FnMut(SocketAddr, bool, &mut [u8]),
    ) -> Result<bool, String> {
        match self {
            Link::Udp(datagrams, _) => {
                datagrams.receive(buffer, |from, bytes| eat(from, false, bytes)).map_err(|e| e.to_string())
            }
            Link::Tcp(framed) => framed.receive(buffer, |from, bytes| eat(from, true, bytes)),
        }
    }

    /// Adds a packet; [`Link::flush`] sends it.
    pub(super) fn push(&mut self, to: SocketAddr, packet: &[u8]) {
        match self {
            Link::Udp(datagrams, sent) => {
                *sent += packet.len() as u64;
                datagrams.push(to, packet);
            }
            Link::Tcp(framed) => framed.push(packet),
        }
    }

    /// Sends; yields the bytes of packets that were added since the last call.
    pub(super) fn flush(&mut self) -> io::Result<u64> {
        match self {
            Link::Udp(datagrams, sent) => {
                datagrams.flush();
                Ok(std::mem::take(sent))
            }
            Link::Tcp(framed) => framed.flush(),
        }
    }
}

impl Framed {
    fn receive(&mut self, buffer: &mut [u8], mut eat: impl FnMut(SocketAddr, &mut [u8])) -> Result<bool, String> {
        let read = match self.socket.read(buffer) {
            Ok(0) => return Err("closed by the server".to_owned()),
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => 0,
            Err(e) if e.kind() == io::ErrorKind::NotConnected => return Ok(false),
            Err(e) => return Err(e.to_string()),
        };
        self.input.extend_from_slice(buffer.get(..read).unwrap_or_default());
        let mut rest = self.input.as_mut_slice();
        let mut eaten = 0;
        while let Some(([high, low], behind)) = rest.split_first_chunk_mut::<2>() {
            let len = usize::from(u16::from_be_bytes([*high, *low]));
            let Some((packet, later)) = behind.split_at_mut_checked(len) else { break };
            eat(self.to, packet);
            eaten += 2 + len;
            rest = later;
        }
        self.input.drain(..eaten);
        // Nothing wakes it again for what is there already.
        Ok(read > 0)
    }

    fn push(&mut self, packet: &[u8]) {
        let Ok(len) = u16::try_from(packet.len()) else { return };
        if self.output.len() < MAX_PENDING {
            self.output.extend_from_slice(&len.to_be_bytes());
            self.output.extend_from_slice(packet);
            self.sent += u64::from(len);
        }
    }

    fn flush(&mut self) -> io::Result<u64> {
        while !self.output.is_empty() {
            match self.socket.write(&self.output) {
                Ok(taken) => drop(self.output.drain(..taken)),
                Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected) => break,
                Err(e) => return Err(e),
            }
        }
        Ok(std::mem::take(&mut self.sent))
    }
}
