//! The floor of WebRTC: encrypts packets and sends them, reads packets and decrypts them. Who greets it (the client's half
//! is in `swarm/rtc/bare.rs`) brings the key.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use mio::{Events, Interest, Poll, Token};

use crate::packets::{Packets, Place, Shape, marked};
use crate::srtp::{Cipher, OVERHEAD};
use crate::swarm::clock_nanos;
use crate::swarm::datagrams::{Datagrams, MAX_READ};
use crate::swarm::rtc::{HELLO, Hello, header, read_header, roll};

/// Reads at once.
const BATCH: usize = 16;
/// What the kernel keeps, in bytes; as at weir.
const KERNEL_BUFFER: usize = 4 << 20;
/// Who greets no more is forgotten after so long.
const PATIENCE: Duration = Duration::from_secs(5);

struct Floor {
    socket: Datagrams,
    guests: HashMap<SocketAddr, Guest>,
    packets: Packets,
    place: Place,
    /// The last sequence number of sound and of pictures.
    sequences: [u64; 2],
}

struct Guest {
    cipher: Cipher,
    publishes: bool,
    heard: Instant,
    highest: [u64; 2],
}

/// Serves until it is killed.
pub(super) fn serve(listen: SocketAddr, shape: Shape) -> Result<()> {
    let failed = || format!("cannot serve on {listen}");
    // Nobody is accepted; it shows that the floor is there.
    let _shows = TcpListener::bind(listen).with_context(failed)?;
    let mut socket = Datagrams::bind(listen).with_context(failed)?;
    socket.set_buffers(KERNEL_BUFFER);
    let mut poll = Poll::new()?;
    poll.registry().register(&mut socket.socket, Token(0), Interest::READABLE)?;
    let mut floor = Floor {
        socket,
        guests: HashMap::new(),
        packets: Packets::new(shape),
        place: Place::default(),
        sequences: [0; 2],
    };
    let (began, mut events, mut buffer) = (Instant::now(), Events::with_capacity(4), vec![0; BATCH * MAX_READ]);
    loop {
        let next = began + floor.packets.due(&floor.place);
        match poll.poll(&mut events, Some(next.saturating_duration_since(Instant::now()))) {
            Err(e) if e.kind() != io::ErrorKind::Interrupted => return Err(e).context("epoll failed"),
            _ => {}
        }
        floor.read(&mut buffer)?;
        while began + floor.packets.due(&floor.place) <= Instant::now() {
            floor.send();
        }
    }
}

impl Floor {
    fn read(&mut self, buffer: &mut [u8]) -> Result<()> {
        let now = Instant::now();
        let mut greeted = Vec::new();
        let guests = &mut self.guests;
        while self.socket.receive(buffer, |from, bytes| {
            if bytes.starts_with(HELLO) {
                greeted.extend(Hello::parse(bytes).map(|hello| (from, hello)));
            } else if let Some(guest) = guests.get_mut(&from) {
                guest.decrypt(bytes);
            }
        })? {}
        for (from, hello) in greeted {
            if let Some(guest) = self.guests.get_mut(&from) {
                guest.heard = now;
                continue;
            }
            let cipher = Cipher::new(&hello.key, hello.salt)?;
            self.guests.insert(from, Guest { cipher, publishes: hello.publishes, heard: now, highest: [0; 2] });
            self.socket.push(from, HELLO);
            self.guests.retain(|_, guest| now.saturating_duration_since(guest.heard) < PATIENCE);
        }
        self.socket.flush();
        Ok(())
    }

    /// The next picture or frame of sound, to everybody.
    fn send(&mut self) {
        let burst = self.packets.step(&mut self.place, &mut false);
        // Everybody gets the largest layer.
        let found = self.sequences.get_mut(usize::from(burst.is_video)).zip(burst.layers().last());
        let Some((sequence, payloads)) = found else { return };
        let first = *sequence + 1;
        *sequence += payloads.len() as u64;
        let last = *sequence;
        let nanos = clock_nanos();
        let payloads: Vec<(u64, Arc<[u8]>)> =
            (first..).zip(payloads.iter().map(|payload| marked(payload, nanos))).collect();
        for (to, guest) in self.guests.iter().filter(|(_, guest)| !guest.publishes) {
            for (sequence, payload) in &payloads {
                let header = header(burst.is_video, *sequence, burst.timestamp, *sequence == last);
                self.socket.push_with(*to, payload.len() + OVERHEAD, |train| {
                    guest.cipher.seal(train, header, roll(*sequence), payload);
                });
            }
            self.socket.flush();
        }
    }
}

impl Guest {
    fn decrypt(&mut self, packet: &mut [u8]) {
        let Some((is_video, sequence, _)) = read_header(packet, &self.highest) else { return };
        if self.cipher.open(packet, roll(sequence)).is_some()
            && let Some(highest) = self.highest.get_mut(usize::from(is_video))
        {
            *highest = sequence.max(*highest);
        }
    }
}
