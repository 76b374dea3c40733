//! Listening sockets, and what to say when a port is taken.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use weir_conf::Endpoint;

/// Connections that the kernel keeps for us until they are accepted.
const BACKLOG: i32 = 4096;

/// A port could not be listened on.
#[derive(Debug)]
pub struct BindError {
    transport: &'static str,
    addr: SocketAddr,
    directive: String,
    source: io::Error,
    holder: Option<String>,
}

impl BindError {
    /// SRS's number for it.
    pub fn code(&self) -> u16 {
        1002
    }

    /// Of a UDP port.
    pub(crate) fn udp(addr: SocketAddr, directive: &str, source: io::Error) -> BindError {
        let holder = holder(addr.port(), &["/proc/net/udp", "/proc/net/udp6"], UNCONNECTED);
        BindError { transport: "udp", addr, directive: directive.to_owned(), source, holder }
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot listen on {} port {} ({}, from {}): {}",
            self.transport,
            self.addr.port(),
            self.addr,
            self.directive,
            self.source
        )?;
        match &self.holder {
            Some(holder) => write!(f, "; the port is held by {holder}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for BindError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Listens on an endpoint. `directive` names where it was configured. A bare port means every address: IPv6 with IPv4
/// mapped where the machine has it, else IPv4.
pub fn bind(endpoint: Endpoint, directive: &str) -> Result<std::net::TcpListener, BindError> {
    let v4 = SocketAddr::new(endpoint.ip.unwrap_or(Ipv4Addr::UNSPECIFIED.into()), endpoint.port);
    let v6 = SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), endpoint.port);
    let bound = match endpoint.ip {
        Some(_) => listen(v4, false),
        None => listen(v6, true).or_else(|error| match error.kind() {
            io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied => Err(error),
            _ => listen(v4, false),
        }),
    };
    bound.map_err(|source| BindError {
        transport: "tcp",
        addr: v4,
        directive: directive.to_owned(),
        holder: holder(endpoint.port, &["/proc/net/tcp", "/proc/net/tcp6"], LISTENING),
        source,
    })
}

fn listen(addr: SocketAddr, both_families: bool) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if addr.is_ipv6() {
        socket.set_only_v6(!both_families)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// States of sockets in the kernel's tables: `TCP_LISTEN`, and `TCP_CLOSE`, which UDP sockets without a peer are said to be in.
const LISTENING: &str = "0A";
const UNCONNECTED: &str = "07";

/// The process that holds a port, as far as we may see it: `nginx (pid 4127)`.
fn holder(port: u16, tables: &[&str], state: &str) -> Option<String> {
    let inode = tables.iter().find_map(|table| socket_inode(table, port, state))?;
    let link = format!("socket:[{inode}]");
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    for process in processes {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(descriptors) = std::fs::read_dir(process.path().join("fd")) else { continue };
        let holds =
            |fd: std::fs::DirEntry| std::fs::read_link(fd.path()).is_ok_and(|to| to.as_os_str() == link.as_str());
        if descriptors.flatten().any(holds) {
            let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("{} (pid {pid})", name.trim()));
        }
    }
    None
}

/// The inode of a socket: column 2 is the local address, column 4 the state, column 10 the inode.
fn socket_inode(table: &str, port: u16, state: &str) -> Option<String> {
    let text = std::fs::read_to_string(table).ok()?;
    text.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let local = fields.get(1)?.rsplit_once(':')?.1;
        let is_it = u16::from_str_radix(local, 16) == Ok(port) && fields.get(3) == Some(&state);
        is_it.then(|| fields.get(9).map(|inode| (*inode).to_owned())).flatten()
    })
}

#[cfg(test)]
mod tests;
