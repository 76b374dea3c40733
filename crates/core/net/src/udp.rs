//! [`Udp`]: one of the sockets that serve a UDP port, a shard each, in batches.
//!
//! The kernel shares the peers of a port out among the sockets that were bound to it with `SO_REUSEPORT`, by address: all
//! datagrams of a peer come to one. Several datagrams to one peer leave by one system call (GSO), and several that came from
//! one are read by one (GRO).

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::Interest;
use tokio::net::UdpSocket;
use weir_conf::{Endpoint, IpFamily};

use crate::listen::BindError;

/// Read at once: each may be as many datagrams of one peer as fit.
const BATCH: usize = 16;
/// The largest that the kernel puts together.
const MAX_READ: usize = 65_535;
/// What the kernel keeps for us while a shard does something else, in bytes: 100 ms of 300 Mbit/s.
const KERNEL_BUFFER: usize = 4 << 20;

/// Takes a UDP port, `count` times: each socket gets its share of the peers.
pub fn bind_udp(
    endpoint: Endpoint,
    family: IpFamily,
    count: usize,
    directive: &str,
) -> Result<Vec<std::net::UdpSocket>, BindError> {
    let v4 = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), endpoint.port);
    let v6 = SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), endpoint.port);
    let failed = |addr, source| BindError::udp(addr, directive, source);
    let mut addr = match (endpoint.ip, family) {
        (Some(ip), _) => SocketAddr::new(ip, endpoint.port),
        (None, IpFamily::Ipv4) => v4,
        (None, IpFamily::Ipv6 | IpFamily::All) => v6,
    };
    let mut sockets = Vec::new();
    for _ in 0..count.max(1) {
        // Sockets that share a port do not notice a stranger who shares it too: the first is alone at first.
        let is_first = sockets.is_empty();
        let alone = |addr| if is_first { open(addr, false).map(drop) } else { Ok(()) };
        let bound = match alone(addr).and_then(|()| open(addr, true)) {
            // A machine without IPv6.
            Err(error) if addr.is_ipv6() && endpoint.ip.is_none() && !is_taken(&error) => {
                addr = v4;
                alone(addr).and_then(|()| open(addr, true))
            }
            bound => bound,
        };
        let socket = bound.map_err(|source| failed(addr, source))?;
        // Port 0 is for tests: the others take the port that the first was given.
        addr = socket.local_addr().map_err(|source| failed(addr, source))?;
        sockets.push(socket);
    }
    Ok(sockets)
}

fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

fn open(addr: SocketAddr, shares: bool) -> io::Result<std::net::UdpSocket> {
    let socket = Socket::new(Domain::for_address(addr), Type::DGRAM, Some(Protocol::UDP))?;
    if addr.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_port(shares)?;
    socket.set_nonblocking(true)?;
    // The system may allow less.
    let _ = (socket.set_recv_buffer_size(KERNEL_BUFFER), socket.set_send_buffer_size(KERNEL_BUFFER));
    socket.bind(&addr.into())?;
    Ok(socket.into())
}

/// One socket, on its shard.
#[derive(Debug)]
pub struct Udp {
    socket: UdpSocket,
    state: UdpSocketState,
    is_v6: bool,
}

/// Where datagrams are read into: a shard has one.
#[derive(Debug)]
pub struct Buffers(Vec<Vec<u8>>);

impl Default for Buffers {
    fn default() -> Buffers {
        Buffers((0..BATCH).map(|_| vec![0; MAX_READ]).collect())
    }
}

/// A datagram that came.
#[derive(Clone, Copy, Debug)]
pub struct Came<'a> {
    /// Who sent it; an IPv4 peer of an IPv6 socket has its IPv4 address.
    pub from: SocketAddr,
    /// Which of our addresses it was sent to.
    pub to: Option<IpAddr>,
    /// What it holds.
    pub bytes: &'a [u8],
}

impl Udp {
    /// Takes a socket over; to be called on the shard.
    pub fn new(socket: std::net::UdpSocket) -> io::Result<Udp> {
        let socket = UdpSocket::from_std(socket)?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        let is_v6 = socket.local_addr()?.is_ipv6();
        Ok(Udp { socket, state, is_v6 })
    }

    /// Our address.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Datagrams for one peer that one [`Udp::send`] may take.
    pub fn max_segments(&self) -> usize {
        self.state.max_gso_segments()
    }

    /// Waits for datagrams.
    pub async fn readable(&self) -> io::Result<()> {
        self.socket.readable().await
    }

    /// Reads what has come, a batch at most. False when there was nothing.
    pub fn receive(&self, buffers: &mut Buffers, mut eat: impl FnMut(Came<'_>)) -> io::Result<bool> {
        let mut metas = [RecvMeta::default(); BATCH];
        let (socket, state) = (&self.socket, &self.state);
        let mut slices = buffers.0.iter_mut().map(|buffer| IoSliceMut::new(buffer));
        let mut slices: [IoSliceMut<'_>; BATCH] =
            std::array::from_fn(|_| slices.next().unwrap_or_else(|| IoSliceMut::new(&mut [])));
        let read = socket.try_io(Interest::READABLE, || state.recv(socket.into(), &mut slices, &mut metas));
        let count = match read {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            // What an ICMP message told of a datagram that we sent.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(true),
            Err(error) => return Err(error),
        };
        for (meta, buffer) in metas.iter().zip(&buffers.0).take(count) {
            let from = SocketAddr::new(meta.addr.ip().to_canonical(), meta.addr.port());
            let bytes = buffer.get(..meta.len).unwrap_or_default();
            for bytes in bytes.chunks(meta.stride.max(1)) {
                eat(Came { from, to: meta.dst_ip.map(|ip| ip.to_canonical()), bytes });
            }
        }
        Ok(true)
    }

    /// Sends datagrams to one peer: `bytes` cut into pieces of `segment` bytes, the last of which may be smaller. False when
    /// the kernel has no room now.
    pub fn send(&self, to: SocketAddr, from: Option<IpAddr>, bytes: &[u8], segment: usize) -> io::Result<bool> {
        let mapped = |ip: IpAddr| match ip {
            IpAddr::V4(ip) if self.is_v6 => ip.to_ipv6_mapped().into(),
            ip => ip,
        };
        let transmit = Transmit {
            destination: SocketAddr::new(mapped(to.ip()), to.port()),
            ecn: None,
            contents: bytes,
            segment_size: (bytes.len() > segment).then_some(segment),
            src_ip: from.map(mapped),
        };
        let socket = &self.socket;
        match socket.try_io(Interest::WRITABLE, || self.state.try_send(socket.into(), &transmit)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
