//! [`Bare`]: a client of `weir-bench floor --srtp`: a greeting that brings the key, then SRTP and nothing else.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use weir_proto_rtc::Role;

use super::link::Link;
use super::{Ear, Word};
use crate::packets::{RTP_HEADER, read_mark};
use crate::srtp::{Cipher, KEY_LEN, SALT_LEN};

/// What greetings begin with; no RTP does.
pub(crate) const HELLO: &[u8; 8] = b"weirSRTP";
/// Bytes of a greeting: the word, who it is, key and salt.
pub(crate) const HELLO_LEN: usize = HELLO.len() + 1 + KEY_LEN + SALT_LEN;
/// A greeting says that somebody is still there, this often.
const GREET_EVERY: Duration = Duration::from_secs(1);
/// SSRCs: of sound, and of pictures.
const SSRCS: [u32; 2] = [1, 2];
/// Payload types.
const FORMATS: [u8; 2] = [111, 102];
/// Ticks a second.
const CLOCKS: [u32; 2] = [48_000, 90_000];

/// What a greeting says.
#[derive(Debug)]
pub(crate) struct Hello {
    /// It wants to publish.
    pub(crate) publishes: bool,
    pub(crate) key: [u8; KEY_LEN],
    pub(crate) salt: [u8; SALT_LEN],
}

/// A client.
#[derive(Debug)]
pub(super) struct Bare {
    floor: SocketAddr,
    hello: [u8; HELLO_LEN],
    cipher: Cipher,
    greet_at: Option<Instant>,
    /// The highest sequence number of sound and of pictures, over their wraps.
    highest: [u64; 2],
    packet: Vec<u8>,
}

impl Hello {
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(HELLO)?;
        let (role, rest) = rest.split_first()?;
        let (key, rest) = rest.split_first_chunk()?;
        Some(Self { publishes: *role == 1, key: *key, salt: rest.try_into().ok()? })
    }

    fn bytes(&self) -> [u8; HELLO_LEN] {
        let (mut out, role) = ([0; HELLO_LEN], [u8::from(self.publishes)]);
        let parts = HELLO.iter().chain(&role).chain(&self.key).chain(&self.salt).copied();
        out.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        out
    }
}

/// The header of a packet of the floor.
pub(crate) fn header(is_video: bool, sequence: u64, timestamp: u32, marker: bool) -> [u8; RTP_HEADER] {
    let pick = usize::from(is_video);
    let format = FORMATS.get(pick).copied().unwrap_or_default() | if marker { 0x80 } else { 0 };
    let [q0, q1] = (sequence as u16).to_be_bytes();
    let [t0, t1, t2, t3] = timestamp.to_be_bytes();
    let [s0, s1, s2, s3] = SSRCS.get(pick).copied().unwrap_or_default().to_be_bytes();
    [0x80, format, q0, q1, t0, t1, t2, t3, s0, s1, s2, s3]
}

/// How often the sequence number has wrapped.
pub(crate) fn roll(sequence: u64) -> u32 {
    (sequence >> 16) as u32
}

/// What a header says: whether it is of pictures, the sequence number over its wraps, the timestamp.
pub(crate) fn read_header(packet: &[u8], highest: &[u64; 2]) -> Option<(bool, u64, u32)> {
    let [0x80, _, q0, q1, t0, t1, t2, t3, s0, s1, s2, s3, ..] = *packet else { return None };
    let source = SSRCS.iter().position(|ssrc| *ssrc == u32::from_be_bytes([s0, s1, s2, s3]))?;
    let highest = *highest.get(source)?;
    // The nearest to the highest that ends on these 16 bits.
    let ahead = u16::from_be_bytes([q0, q1]).wrapping_sub(highest as u16).cast_signed();
    let sequence = highest.checked_add_signed(i64::from(ahead))?;
    Some((source == 1, sequence, u32::from_be_bytes([t0, t1, t2, t3])))
}

impl Bare {
    pub(super) fn new(role: Role, floor: SocketAddr) -> Result<Self, String> {
        let mut hello = Hello { publishes: role == Role::Publish, key: [0; KEY_LEN], salt: [0; SALT_LEN] };
        fastrand::fill(&mut hello.key);
        fastrand::fill(&mut hello.salt);
        let cipher = Cipher::new(&hello.key, hello.salt).map_err(|e| e.to_string())?;
        Ok(Self { floor, hello: hello.bytes(), cipher, greet_at: None, highest: [0; 2], packet: Vec::new() })
    }

    pub(super) fn receive(&mut self, now: Instant, bytes: &mut [u8], ear: &mut Ear<'_>) {
        *ear.is_connected = true;
        let Some((is_video, sequence, timestamp)) = read_header(bytes, &self.highest) else { return };
        let Some(payload) = self.cipher.open(bytes, roll(sequence)) else { return };
        let pick = usize::from(is_video);
        if let Some(highest) = self.highest.get_mut(pick) {
            *highest = sequence.max(*highest);
        }
        ear.tally.packet(is_video, sequence, timestamp, CLOCKS.get(pick).copied().unwrap_or(1), now);
        if let Some(sent_at) = read_mark(payload) {
            (ear.on_mark)(sent_at);
        }
    }

    pub(super) fn send(&mut self, word: &Word, link: &mut Link) {
        self.packet.clear();
        let header = header(word.is_video, word.sequence, word.timestamp, word.marker);
        self.cipher.seal(&mut self.packet, header, roll(word.sequence), &word.payload);
        link.push(self.floor, &self.packet);
    }

    pub(super) fn advance(&mut self, now: Instant, link: &mut Link) {
        if self.greet_at.is_none_or(|at| at <= now) {
            link.push(self.floor, &self.hello);
            self.greet_at = Some(now + GREET_EVERY);
        }
    }

    pub(super) fn wait(&self) -> Instant {
        self.greet_at.unwrap_or_else(Instant::now)
    }
}

#[cfg(test)]
mod tests;
