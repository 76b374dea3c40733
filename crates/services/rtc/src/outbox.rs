//! [`Outbox`]: datagrams of one client on their way out, put together so that one system call takes them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use weir_net::Udp;

use crate::counters::Counters;
use crate::session::Via;

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

    /// Adds what `write` appends as a datagram for where it says, and nothing when that is nowhere; yields its length. Those
    /// before it leave when it cannot go with them.
    pub(crate) fn write<'a>(
        &mut self,
        udp: &Udp,
        write: impl FnOnce(&mut Vec<u8>) -> Option<(SocketAddr, &'a Via)>,
    ) -> usize {
        let start = self.bytes.len();
        let way = write(&mut self.bytes);
        let len = self.bytes.len() - start;
        match way {
            Some((to, Via::Udp(from))) => self.add(udp, start, (to, *from)),
            Some((_, Via::Tcp(link))) => {
                // A connection that does not take it loses it, as a datagram would be lost.
                let packet = Bytes::from(self.bytes.split_off(start));
                self.counters.dropped.add(u64::from(link.try_send(packet).is_err()));
            }
            None => self.bytes.truncate(start),
        }
        len
    }

    /// Takes the datagram that begins at `start` to those before it.
    fn add(&mut self, udp: &Udp, start: usize, to: (SocketAddr, Option<IpAddr>)) {
        let len = self.bytes.len() - start;
        let fits = self.to == Some(to)
            && !self.is_closed
            && len <= self.segment
            && self.count < udp.max_segments()
            && self.bytes.len() <= MAX_BYTES;
        if !fits {
            self.send(udp, start);
            self.segment = len;
            self.to = Some(to);
        }
        self.is_closed = len < self.segment;
        self.count += 1;
    }

    /// Sends what is there.
    pub(crate) fn flush(&mut self, udp: &Udp) {
        self.send(udp, self.bytes.len());
    }

    /// Sends the datagrams before `end`.
    fn send(&mut self, udp: &Udp, end: usize) {
        if let (Some((to, from)), Some(bytes)) = (self.to.take(), self.bytes.get(..end)) {
            // What the kernel has no room for, and what is for a client that cannot be reached, is lost as on any way.
            if let Ok(false) = udp.send(to, from, bytes, self.segment) {
                self.counters.dropped.add(self.count as u64);
            }
        }
        self.bytes.drain(..end);
        (self.count, self.is_closed) = (0, false);
    }
}
