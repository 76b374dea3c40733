//! What messages say: protocol control (RTMP 1.0 clause 5.4), user control (7.1.7), commands (7.2), media, aggregates.

mod aggregate;
mod command;
mod control;

pub use aggregate::{MAX_TAGS, Tag, split};
pub use command::Command;
pub use control::{Control, UserControl};

use crate::Error;
use bytes::Bytes;
use weir_flv::amf0;
use weir_flv::tag::TagKind;

/// The message stream that carries media. `createStream` always answers it.
pub const MEDIA_STREAM: u32 = 1;

/// Message types.
pub mod kind {
    /// Set Chunk Size (5.4.1).
    pub const SET_CHUNK_SIZE: u8 = 1;
    /// Abort Message (5.4.2).
    pub const ABORT: u8 = 2;
    /// Acknowledgement (5.4.3).
    pub const ACKNOWLEDGEMENT: u8 = 3;
    /// User Control Messages (6.2).
    pub const USER_CONTROL: u8 = 4;
    /// Window Acknowledgement Size (5.4.4).
    pub const WINDOW_ACK_SIZE: u8 = 5;
    /// Set Peer Bandwidth (5.4.5).
    pub const PEER_BANDWIDTH: u8 = 6;
    /// Audio (7.1.4).
    pub const AUDIO: u8 = 8;
    /// Video (7.1.5).
    pub const VIDEO: u8 = 9;
    /// Data in AMF3 (7.1.2).
    pub const DATA_AMF3: u8 = 15;
    /// Command in AMF3 (7.1.1).
    pub const COMMAND_AMF3: u8 = 17;
    /// Data in AMF0 (7.1.2).
    pub const DATA: u8 = 18;
    /// Command in AMF0 (7.1.1).
    pub const COMMAND: u8 = 20;
    /// Aggregate (7.1.6).
    pub const AGGREGATE: u8 = 22;
}

/// The kind of stream data that a message of this type carries: its body is that of an FLV tag.
pub fn media_kind(message_type: u8) -> Option<TagKind> {
    match message_type {
        kind::DATA_AMF3 => Some(TagKind::Script),
        _ => TagKind::from_type(message_type),
    }
}

/// The body of a data message as a script tag has it: without the byte that AMF3 puts first, and without the
/// `@setDataFrame` by which a publisher asks the server to keep it.
pub fn script(payload: &Bytes) -> Bytes {
    const SET_DATA_FRAME: &[u8] = b"\x02\x00\x0d@setDataFrame";
    let skipped = usize::from(payload.first() == Some(&0));
    let body = payload.slice(skipped..);
    if body.starts_with(SET_DATA_FRAME) { body.slice(SET_DATA_FRAME.len()..) } else { body }
}

/// Appends a data message's body that asks a server to keep `script`.
pub fn write_set_data_frame(out: &mut Vec<u8>, script: &[u8]) {
    amf0::write_string(out, "@setDataFrame");
    out.extend_from_slice(script);
}

/// An AMF0 error with the message it was found in.
fn amf_error(kind: u8) -> impl Fn(amf0::Error) -> Error {
    move |source| Error::Amf { kind, source }
}

#[cfg(test)]
mod tests;
