//! Protocol control and user control messages.

use super::kind;
use crate::Error;
use weir_base::ByteReader;

/// A message that steers the connection itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Chunks to come hold up to this many payload bytes.
    SetChunkSize(u32),
    /// The unfinished message of this chunk stream is dropped.
    Abort(u32),
    /// So many bytes have been received, modulo 2^32.
    Acknowledgement(u32),
    /// The peer is to acknowledge every so many bytes.
    WindowAckSize(u32),
    /// The peer is to have no more than `size` bytes unacknowledged.
    PeerBandwidth {
        /// Bytes.
        size: u32,
        /// 0 hard, 1 soft, 2 dynamic.
        limit: u8,
    },
    /// An event of a stream.
    User(UserControl),
}

/// An event of a stream (7.1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserControl {
    /// The stream can be used.
    StreamBegin(u32),
    /// No more data for now.
    StreamEof(u32),
    /// The player buffers this much.
    SetBufferLength {
        /// The stream.
        stream_id: u32,
        /// Milliseconds.
        millis: u32,
    },
    /// Asks for the same number back.
    PingRequest(u32),
    /// The answer to a ping.
    PingResponse(u32),
    /// Another event, which is not acted upon.
    Other(u16),
}

impl Control {
    /// Reads a message of one of the control types; `None` when the type is another.
    pub fn parse(message_type: u8, payload: &[u8]) -> Result<Option<Control>, Error> {
        let short = |_| Error::Control { kind: message_type, len: payload.len() };
        let mut r = ByteReader::new(payload);
        Ok(Some(match message_type {
            kind::SET_CHUNK_SIZE => Control::SetChunkSize(r.u32().map_err(short)?),
            kind::ABORT => Control::Abort(r.u32().map_err(short)?),
            kind::ACKNOWLEDGEMENT => Control::Acknowledgement(r.u32().map_err(short)?),
            kind::WINDOW_ACK_SIZE => Control::WindowAckSize(r.u32().map_err(short)?),
            kind::PEER_BANDWIDTH => {
                // The limit type is of no consequence here, and some peers leave it out.
                Control::PeerBandwidth { size: r.u32().map_err(short)?, limit: r.u8().unwrap_or(2) }
            }
            kind::USER_CONTROL => Control::User(UserControl::parse(&mut r).map_err(short)?),
            _ => return Ok(None),
        }))
    }

    /// The type of the message.
    pub fn message_type(self) -> u8 {
        match self {
            Control::SetChunkSize(_) => kind::SET_CHUNK_SIZE,
            Control::Abort(_) => kind::ABORT,
            Control::Acknowledgement(_) => kind::ACKNOWLEDGEMENT,
            Control::WindowAckSize(_) => kind::WINDOW_ACK_SIZE,
            Control::PeerBandwidth { .. } => kind::PEER_BANDWIDTH,
            Control::User(_) => kind::USER_CONTROL,
        }
    }

    /// Appends the body of the message.
    pub fn write_to(self, out: &mut Vec<u8>) {
        match self {
            Control::SetChunkSize(n) | Control::Abort(n) | Control::Acknowledgement(n) | Control::WindowAckSize(n) => {
                out.extend_from_slice(&n.to_be_bytes())
            }
            Control::PeerBandwidth { size, limit } => {
                out.extend_from_slice(&size.to_be_bytes());
                out.push(limit);
            }
            Control::User(event) => event.write_to(out),
        }
    }
}

impl UserControl {
    fn parse(r: &mut ByteReader<'_>) -> Result<UserControl, weir_base::Short> {
        Ok(match r.u16()? {
            0 => UserControl::StreamBegin(r.u32()?),
            1 => UserControl::StreamEof(r.u32()?),
            3 => UserControl::SetBufferLength { stream_id: r.u32()?, millis: r.u32()? },
            6 => UserControl::PingRequest(r.u32()?),
            7 => UserControl::PingResponse(r.u32()?),
            other => UserControl::Other(other),
        })
    }

    fn write_to(self, out: &mut Vec<u8>) {
        let (event, fields): (u16, &[u32]) = match &self {
            UserControl::StreamBegin(n) => (0, &[*n]),
            UserControl::StreamEof(n) => (1, &[*n]),
            UserControl::SetBufferLength { stream_id, millis } => (3, &[*stream_id, *millis]),
            UserControl::PingRequest(n) => (6, &[*n]),
            UserControl::PingResponse(n) => (7, &[*n]),
            UserControl::Other(event) => (*event, &[]),
        };
        out.extend_from_slice(&event.to_be_bytes());
        fields.iter().for_each(|field| out.extend_from_slice(&field.to_be_bytes()));
    }
}
