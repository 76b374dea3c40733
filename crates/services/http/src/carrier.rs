//! [`Carrier`]: what goes around each piece of an endless body.

use std::io::Write;

use crate::websocket;

/// How the pieces of a body are told apart on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Carrier {
    /// Not at all: the body ends with its connection, or something below tells.
    Bare,
    /// A chunk each (RFC 9112, clause 7.1).
    Chunked,
    /// A binary message each (RFC 6455, clause 5.2), not masked, as a server sends it.
    WebSocket,
}

impl Carrier {
    /// What goes before a piece of `len` bytes.
    pub(crate) fn open(self, out: &mut Vec<u8>, len: usize) {
        match self {
            Carrier::Bare => {}
            // Writing to a Vec cannot fail.
            Carrier::Chunked => drop(write!(out, "{len:x}\r\n")),
            Carrier::WebSocket => {
                out.push(0x82);
                match (u8::try_from(len), u16::try_from(len)) {
                    (Ok(len @ ..=125), _) => out.push(len),
                    (_, Ok(len)) => {
                        out.push(126);
                        out.extend_from_slice(&len.to_be_bytes());
                    }
                    _ => {
                        out.push(127);
                        out.extend_from_slice(&(len as u64).to_be_bytes());
                    }
                }
            }
        }
    }

    /// What goes behind each piece.
    pub(crate) fn close(self, out: &mut Vec<u8>) {
        if self == Carrier::Chunked {
            out.extend_from_slice(b"\r\n");
        }
    }

    /// What ends a body.
    pub(crate) fn end(self, out: &mut Vec<u8>) {
        match self {
            Carrier::Bare => {}
            Carrier::Chunked => out.extend_from_slice(b"0\r\n\r\n"),
            Carrier::WebSocket => out.extend_from_slice(&websocket::CLOSE),
        }
    }

    /// The bytes of a piece within what goes around it.
    pub(crate) fn piece(self, whole: &mut [u8]) -> Option<&mut [u8]> {
        let from = match self {
            Carrier::Bare => 0,
            Carrier::Chunked => whole.iter().position(|byte| *byte == b'\n')? + 1,
            Carrier::WebSocket => match whole.get(1)? {
                127 => 10,
                126 => 4,
                _ => 2,
            },
        };
        whole.get_mut(from..)
    }

    /// A number for each.
    pub(crate) fn number(self) -> u64 {
        match self {
            Carrier::Bare => 0,
            Carrier::Chunked => 1,
            Carrier::WebSocket => 2,
        }
    }

    /// The carrier of a [`Carrier::number`].
    pub(crate) fn of(number: u64) -> Carrier {
        match number {
            0 => Carrier::Bare,
            1 => Carrier::Chunked,
            _ => Carrier::WebSocket,
        }
    }
}

#[cfg(test)]
mod tests;
