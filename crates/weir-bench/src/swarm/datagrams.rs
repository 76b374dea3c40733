//! [`Datagrams`]: the UDP socket of one client. Several datagrams are sent (GSO) and read (GRO) by one system call.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use mio::net::UdpSocket;
use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};

/// The largest that the kernel puts together.
pub(crate) const MAX_READ: usize = 1 << 16;
/// Read at once, if the buffer is long enough.
const BATCH: usize = 16;
/// What one call may take, in bytes.
const MAX_SEND: usize = 65_000;

/// A socket.
#[derive(Debug)]
pub(crate) struct Datagrams {
    pub(crate) socket: UdpSocket,
    state: UdpSocketState,
    /// On their way: all of one size but the last.
    train: Vec<u8>,
    segment: usize,
    count: usize,
    to: Option<SocketAddr>,
    is_closed: bool,
    /// Datagrams that the kernel did not take.
    pub(crate) dropped: u64,
}

impl Datagrams {
    /// A socket for whoever is reached as `peer` is.
    pub(crate) fn towards(peer: SocketAddr) -> io::Result<Self> {
        let any: IpAddr = if peer.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        Self::bind(SocketAddr::new(any, 0))
    }

    /// A socket at this address.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind(address)?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        let (train, to) = (Vec::new(), None);
        Ok(Self { socket, state, train, segment: 0, count: 0, to, is_closed: false, dropped: 0 })
    }

    /// Has the kernel keep so many bytes in each direction, or as many as the system allows.
    pub(crate) fn set_buffers(&self, bytes: usize) {
        let socket = || UdpSockRef::from(&self.socket);
        let _ = (self.state.set_recv_buffer_size(socket(), bytes), self.state.set_send_buffer_size(socket(), bytes));
    }

    /// Reads what has come, through `buffer`, until there is nothing more or a batch is full; true when it was full.
    pub(crate) fn receive(&self, buffer: &mut [u8], mut eat: impl FnMut(SocketAddr, &mut [u8])) -> io::Result<bool> {
        let mut metas = [RecvMeta::default(); BATCH];
        let mut pieces = buffer.chunks_exact_mut(MAX_READ);
        let room = pieces.len().clamp(1, BATCH);
        let mut slices: [IoSliceMut<'_>; BATCH] =
            std::array::from_fn(|_| IoSliceMut::new(pieces.next().unwrap_or_default()));
        let slices = slices.get_mut(..room).unwrap_or_default();
        let count = match self.state.recv(UdpSockRef::from(&self.socket), slices, &mut metas) {
            Ok(count) => count,
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            // What an ICMP message told of a datagram that was sent.
            Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => return Ok(true),
            Err(e) => return Err(e),
        };
        for (meta, slice) in metas.iter().zip(slices).take(count) {
            let bytes = slice.get_mut(..meta.len).unwrap_or_default();
            bytes.chunks_mut(meta.stride.max(1)).for_each(|datagram| eat(meta.addr, datagram));
        }
        Ok(count == room)
    }

    /// Adds a datagram; those before it leave when it cannot go with them.
    pub(crate) fn push(&mut self, to: SocketAddr, datagram: &[u8]) {
        self.push_with(to, datagram.len(), |train| train.extend_from_slice(datagram));
    }

    /// Adds a datagram of `len` bytes, which `write` appends.
    pub(crate) fn push_with(&mut self, to: SocketAddr, len: usize, write: impl FnOnce(&mut Vec<u8>)) {
        let fits = self.to == Some(to)
            && !self.is_closed
            && len <= self.segment
            && self.count < self.state.max_gso_segments()
            && self.train.len() + len <= MAX_SEND;
        if !fits {
            self.flush();
            self.segment = len;
            self.to = Some(to);
        }
        self.is_closed = len < self.segment;
        write(&mut self.train);
        self.count += 1;
    }

    /// Sends what was added.
    pub(crate) fn flush(&mut self) {
        if let Some(destination) = self.to.take() {
            let segment_size = (self.train.len() > self.segment).then_some(self.segment);
            let transmit = Transmit { destination, ecn: None, contents: &self.train, segment_size, src_ip: None };
            if self.state.try_send(UdpSockRef::from(&self.socket), &transmit).is_err() {
                self.dropped += self.count as u64;
            }
        }
        self.train.clear();
        (self.count, self.is_closed) = (0, false);
    }
}
