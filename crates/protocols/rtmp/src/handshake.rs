//! The handshake (RTMP 1.0 clause 5.2), with the digests that Flash added to it.

mod digest;

use crate::Error;

/// Bytes of C1, S1, C2 and S2.
pub const PACKET: usize = 1536;

/// A proxy header carries an address; more than this is an attack on memory.
pub const MAX_PROXY_HEADER: u16 = 1024;

/// The only version that is spoken. RTMPE would be 6.
const VERSION: u8 = 3;

/// First byte of the header that a TCP proxy in front may send: then 2 bytes of length, then the IPv4 of the client.
const PROXY: u8 = 0xf3;

/// The side that is connected to. It sends S0, S1 and S2 at once as soon as C1 is complete.
#[derive(Debug)]
pub struct Server {
    random: fastrand::Rng,
    buffer: Vec<u8>,
    state: ServerState,
    proxied: Option<[u8; 4]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ServerState {
    Hello,
    ProxyHeader(usize),
    C2,
    Done,
}

impl Server {
    /// Takes its random bytes from `seed`.
    pub fn new(seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        Server { random, buffer: Vec::new(), state: ServerState::Hello, proxied: None }
    }

    /// Eats bytes of the peer, appends its own to `out`, and returns how many it ate: fewer than all once it is done.
    pub fn handle_input(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<usize, Error> {
        let mut ate = 0;
        while let Some(want) = self.want(bytes.get(ate..).unwrap_or_default())? {
            let rest = bytes.get(ate..).unwrap_or_default();
            let n = want.saturating_sub(self.buffer.len()).min(rest.len());
            self.buffer.extend(rest.iter().take(n));
            ate += n;
            if self.buffer.len() < want {
                break;
            }
            self.advance(out)?;
        }
        Ok(ate)
    }

    /// True when the next byte of the peer is a chunk.
    pub fn is_done(&self) -> bool {
        self.state == ServerState::Done
    }

    /// The IPv4 address of the client by the word of a proxy. Good for a log line only: anybody can claim it.
    pub fn proxied(&self) -> Option<[u8; 4]> {
        self.proxied
    }

    /// Bytes that the buffer must hold for the next step. Looks at the first byte as soon as it is there.
    fn want(&self, rest: &[u8]) -> Result<Option<usize>, Error> {
        Ok(match self.state {
            ServerState::Hello => match self.buffer.first().or(rest.first()) {
                None => None,
                Some(&VERSION) => Some(1 + PACKET),
                Some(&PROXY) if self.proxied.is_none() => Some(3),
                Some(&byte) => return Err(Error::Version { byte }),
            },
            ServerState::ProxyHeader(len) => Some(len),
            ServerState::C2 => (!rest.is_empty()).then_some(PACKET),
            ServerState::Done => None,
        })
    }

    fn advance(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let buffer = std::mem::take(&mut self.buffer);
        self.state = match (self.state, buffer.as_slice()) {
            (ServerState::Hello, &[PROXY, high, low]) => {
                let len = u16::from_be_bytes([high, low]);
                if len > MAX_PROXY_HEADER {
                    return Err(Error::ProxyHeader { len });
                }
                ServerState::ProxyHeader(usize::from(len))
            }
            (ServerState::ProxyHeader(_), header) => {
                // A second header is refused, so this marks that one has been.
                self.proxied = Some(header.first_chunk().copied().unwrap_or_default());
                ServerState::Hello
            }
            (ServerState::Hello, [_, c1 @ ..]) => {
                self.answer(c1, out);
                ServerState::C2
            }
            // SRS: C2 is not looked at, many clients echo it wrongly.
            _ => ServerState::Done,
        };
        Ok(())
    }

    fn answer(&mut self, c1: &[u8], out: &mut Vec<u8>) {
        out.push(VERSION);
        match digest::find(c1, digest::CLIENT) {
            Some(found) => {
                let mut s1 = random_packet(&mut self.random, digest::SERVER_VERSION);
                digest::sign(&mut s1, found.schema, digest::SERVER);
                out.extend_from_slice(&s1);
                let mut s2 = random_packet(&mut self.random, [0; 4]);
                digest::sign_reply(&mut s2, &found.digest, digest::SERVER);
                out.extend_from_slice(&s2);
            }
            None => {
                out.extend_from_slice(&random_packet(&mut self.random, [0; 4]));
                out.extend_from_slice(c1);
            }
        }
    }
}

/// The side that connects.
#[derive(Debug)]
pub struct Client {
    random: fastrand::Rng,
    complex: bool,
    buffer: Vec<u8>,
    state: ClientState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClientState {
    Start,
    S0S1,
    S2,
    Done,
}

impl Client {
    /// Takes its random bytes from `seed`. With `complex` C1 carries a digest, which old Flash servers want before they
    /// send H.264.
    pub fn new(seed: u64, complex: bool) -> Self {
        Client { random: fastrand::Rng::with_seed(seed), complex, buffer: Vec::new(), state: ClientState::Start }
    }

    /// Appends C0 and C1 if [`Self::begin`] has not, C2 as soon as S1 is there, and returns how many bytes of the peer it ate.
    pub fn handle_input(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<usize, Error> {
        if self.state == ClientState::Start {
            self.begin(out);
        }
        let mut ate = 0;
        while self.state != ClientState::Done {
            let want = if self.state == ClientState::S0S1 { 1 + PACKET } else { PACKET };
            let rest = bytes.get(ate..).unwrap_or_default();
            let n = want.saturating_sub(self.buffer.len()).min(rest.len());
            self.buffer.extend(rest.iter().take(n));
            ate += n;
            if let (ClientState::S0S1, Some(&byte)) = (self.state, self.buffer.first())
                && byte != VERSION
            {
                return Err(Error::Version { byte });
            }
            if self.buffer.len() < want {
                break;
            }
            self.advance(out);
        }
        Ok(ate)
    }

    /// True when the next byte of the peer is a chunk.
    pub fn is_done(&self) -> bool {
        self.state == ClientState::Done
    }

    /// Appends C0 and C1.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        out.push(VERSION);
        let version = if self.complex { digest::CLIENT_VERSION } else { [0; 4] };
        let mut c1 = random_packet(&mut self.random, version);
        if self.complex {
            digest::sign(&mut c1, digest::Schema::DigestFirst, digest::CLIENT);
        }
        out.extend_from_slice(&c1);
        self.state = ClientState::S0S1;
    }

    fn advance(&mut self, out: &mut Vec<u8>) {
        let buffer = std::mem::take(&mut self.buffer);
        self.state = match self.state {
            ClientState::S0S1 => {
                let s1 = buffer.get(1..).unwrap_or_default();
                match digest::find(s1, digest::SERVER).filter(|_| self.complex) {
                    Some(found) => {
                        let mut c2 = random_packet(&mut self.random, [0; 4]);
                        digest::sign_reply(&mut c2, &found.digest, digest::CLIENT);
                        out.extend_from_slice(&c2);
                    }
                    None => out.extend_from_slice(s1),
                }
                ClientState::S2
            }
            _ => ClientState::Done,
        };
    }
}

/// A time of 0, `version`, and random bytes (5.2.3).
fn random_packet(random: &mut fastrand::Rng, version: [u8; 4]) -> [u8; PACKET] {
    let mut packet = [0; PACKET];
    for (i, byte) in packet.iter_mut().enumerate() {
        *byte = match i {
            0..4 => 0,
            4..8 => version.get(i - 4).copied().unwrap_or_default(),
            _ => random.u8(..),
        };
    }
    packet
}

#[cfg(test)]
mod tests;
