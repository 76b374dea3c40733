//! Chunks (RTMP 1.0 clause 5.3): how messages are cut up so that a long one does not hold up a short one.

mod reader;
pub mod write;

pub use reader::{ChunkReader, Message};

/// Payload bytes of a chunk until the peer sets another size (5.4.1).
pub const DEFAULT_CHUNK_SIZE: u32 = 128;

/// The smallest chunk size that is taken from a peer, as in SRS: smaller ones only burn time.
pub const MIN_CHUNK_SIZE: u32 = 128;

/// The longest message: its length field has 24 bits.
pub const MAX_MESSAGE: usize = 0xff_ffff;

/// Chunk streams of one connection. Encoders use up to 8; each costs memory for as long as the connection lives.
pub const MAX_CHUNK_STREAMS: usize = 64;

/// Bytes that the unfinished messages of one connection hold together: the longest message, and room for short ones
/// that travel beside it.
pub const MAX_PARTIAL: usize = MAX_MESSAGE + (1 << 20);

/// A timestamp field of this value says that the real one follows in 4 bytes of its own (5.3.1.3).
const EXTENDED: u32 = 0xff_ffff;
