//! Free ports, and who listens on them.

use std::net::{TcpListener, UdpSocket};

/// Below the range from which the kernel takes ports for outgoing connections, so that none of those can take a port
/// between its choice here and its use by the server.
const RANGE: std::ops::Range<u16> = 10_000..32_000;

/// A port that nothing uses, neither TCP nor UDP.
pub fn free() -> u16 {
    let is_free =
        |port: &u16| TcpListener::bind(("0.0.0.0", *port)).is_ok() && UdpSocket::bind(("0.0.0.0", *port)).is_ok();
    std::iter::repeat_with(|| fastrand::u16(RANGE)).take(1000).find(is_free).expect("a free port")
}

/// Whether a TCP socket listens on this port, on any address. Asks the kernel's table, so that the listener sees no
/// connection.
pub fn is_listening(port: u16) -> bool {
    const LISTEN: &str = "0A";
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().filter_map(|path| std::fs::read_to_string(path).ok()).any(|table| {
        table.lines().skip(1).any(|line| {
            let mut fields = line.split_whitespace().skip(1);
            let local = fields.next().and_then(|address| address.rsplit(':').next());
            let state = fields.nth(1);
            state == Some(LISTEN) && local.and_then(|hex| u16::from_str_radix(hex, 16).ok()) == Some(port)
        })
    })
}
