//! RTMP in raw bytes, to send what no client would.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::http;

/// C1, C2, S1 and S2.
const BLOCK_LEN: usize = 1536;

/// A connection to the RTMP port.
#[derive(Debug)]
pub struct RawRtmp {
    socket: TcpStream,
}

impl RawRtmp {
    /// Connects and says nothing yet.
    #[track_caller]
    pub fn connect(port: u16) -> Self {
        Self { socket: http::connect(port) }
    }

    /// Connects and shakes hands the simple way: C1 of zeros, C2 an echo of S1.
    #[track_caller]
    pub fn shaken(port: u16) -> Self {
        let mut rtmp = Self::connect(port);
        rtmp.send(&[3]);
        rtmp.send(&[0; BLOCK_LEN]);
        let mut answer = [0; 1 + 2 * BLOCK_LEN];
        rtmp.socket.read_exact(&mut answer).expect("S0, S1 and S2");
        assert_eq!(answer[0], 3, "the version in S0");
        rtmp.send(&answer[1..=BLOCK_LEN]);
        rtmp
    }

    /// Sends these bytes as they are. A server that has closed already is no failure: ask [`RawRtmp::read_to_close`].
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.socket.write_all(bytes);
    }

    /// What has come and comes within the limit.
    pub fn read_for(&mut self, limit: Duration) -> Vec<u8> {
        self.read(limit).0
    }

    /// Reads until the server closes; `None` when it does not within the limit.
    pub fn read_to_close(&mut self, limit: Duration) -> Option<Vec<u8>> {
        let (bytes, closed) = self.read(limit);
        closed.then_some(bytes)
    }

    fn read(&mut self, limit: Duration) -> (Vec<u8>, bool) {
        let deadline = Instant::now() + limit;
        let mut bytes = Vec::new();
        let mut buffer = [0; 16 * 1024];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || self.socket.set_read_timeout(Some(left)).is_err() {
                return (bytes, false);
            }
            match self.socket.read(&mut buffer) {
                Ok(0) => return (bytes, true),
                Ok(n) => bytes.extend_from_slice(&buffer[..n]),
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return (bytes, false),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => return (bytes, true),
            }
        }
    }
}
