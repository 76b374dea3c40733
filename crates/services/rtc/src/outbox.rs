//! [`Outbox`]: datagrams of one client on their way out, put together so that one system call takes them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use weir_net::Udp;

use crate::counters::Counters;

/// What one call may take, in bytes.
const MAX_BYTES: usize = 65_000;

/// Datagrams for one client, all of one size but the last.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    segment: usize,
    count: usize,
    to: Option<(SocketAddr, Option<IpAddr>)>,
    /// No more can follow: the last is a smaller one.
    is_closed: bool,
    counters: Arc<Counters>,
}

impl Outbox {
    pub(crate) fn new(counters: Arc<Counters>) -> Outbox {
        Outbox { counters, ..Outbox::default() }
    }

    /// Adds a datagram; those before it leave when it cannot go with them.
    pub(crate) fn push(&mut self, udp: &Udp, to: SocketAddr, from: Option<IpAddr>, datagram: &[u8]) {
        let fits = self.to == Some((to, from))
            && !self.is_closed
            && datagram.len() <= self.segment
            && self.count < udp.max_segments()
            && self.bytes.len() + datagram.len() <= MAX_BYTES;
        if !fits {
            self.flush(udp);
            self.segment = datagram.len();
            self.to = Some((to, from));
        }
        self.is_closed = datagram.len() < self.segment;
        self.bytes.extend_from_slice(datagram);
        self.count += 1;
    }

    /// Sends what is there.
    pub(crate) fn flush(&mut self, udp: &Udp) {
        if let Some((to, from)) = self.to.take() {
            // What the kernel has no room for, and what is for a client that cannot be reached, is lost as on any way.
            if let Ok(false) = udp.send(to, from, &self.bytes, self.segment) {
                self.counters.dropped.add(self.count as u64);
            }
        }
        self.bytes.clear();
        (self.count, self.is_closed) = (0, false);
    }
}
