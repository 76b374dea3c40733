//! Why a connection cannot go on.

use weir_flv::amf0;

/// A reason to end the connection. Every variant has the code that SRS logs and hands to callbacks for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// When the first byte of a handshake is neither version 3 nor the mark of a proxy.
    #[error("not an RTMP handshake: it begins with byte {byte:#04x}, not with version 3{}", looks_like(*byte))]
    Version {
        /// The byte.
        byte: u8,
    },
    /// When the header that a proxy puts before the handshake announces too much.
    #[error("the proxy header announces {len} bytes, more than {}", crate::handshake::MAX_PROXY_HEADER)]
    ProxyHeader {
        /// Bytes announced.
        len: u16,
    },
    /// When the peer did not send what was due in time.
    #[error("{awaited} did not come within {seconds} s")]
    Timeout {
        /// What was due.
        awaited: &'static str,
        /// How long it was waited for.
        seconds: u64,
    },
    /// When the first chunk of a chunk stream leaves out fields that no earlier chunk has given.
    #[error("chunk stream {csid} begins with a header of type {fmt}, which needs a predecessor (offset {offset})")]
    NoPredecessor {
        /// The chunk stream.
        csid: u32,
        /// Type of the chunk header, 1 to 3.
        fmt: u8,
        /// Bytes since the handshake.
        offset: u64,
    },
    /// When a message begins on a chunk stream that has not finished the one before.
    #[error("chunk stream {csid} begins a message while {missing} bytes of the last one are missing (offset {offset})")]
    Unfinished {
        /// The chunk stream.
        csid: u32,
        /// Bytes that the message before still lacks.
        missing: usize,
        /// Bytes since the handshake.
        offset: u64,
    },
    /// When a chunk in the middle of a message gives another length or type than the first.
    #[error("chunk stream {csid} changes its message from {had} to {got} bytes midway (offset {offset})")]
    Changed {
        /// The chunk stream.
        csid: u32,
        /// Length by the first chunk.
        had: u32,
        /// Length by this chunk.
        got: u32,
        /// Bytes since the handshake.
        offset: u64,
    },
    /// When the peer opens more chunk streams than anybody needs.
    #[error("chunk stream {csid} is one more than {} (offset {offset})", crate::chunk::MAX_CHUNK_STREAMS)]
    ChunkStreams {
        /// The chunk stream that is one too many.
        csid: u32,
        /// Bytes since the handshake.
        offset: u64,
    },
    /// When the unfinished messages of a connection hold more than [`crate::chunk::MAX_PARTIAL`] bytes together.
    #[error("unfinished messages hold {held} bytes, chunk stream {csid} would add {more} (offset {offset})")]
    Partial {
        /// The chunk stream whose bytes do not fit.
        csid: u32,
        /// Bytes held.
        held: usize,
        /// Bytes to be added.
        more: usize,
        /// Bytes since the handshake.
        offset: u64,
    },
    /// When the peer sets a chunk size below 128 or above 2^31-1.
    #[error("chunk size {size} is not in 128..=2147483647")]
    ChunkSize {
        /// The size as it stands on the wire.
        size: u32,
    },
    /// When a protocol or user control message is shorter than its fields.
    #[error("a control message of type {kind} has only {len} bytes")]
    Control {
        /// Message type.
        kind: u8,
        /// Bytes it has.
        len: usize,
    },
    /// When an aggregate message does not divide into tags.
    #[error("the aggregate message ends inside of a tag: {source}")]
    Aggregate {
        /// Where.
        #[from]
        source: weir_base::Short,
    },
    /// When an aggregate message holds more tags than anybody packs.
    #[error("an aggregate message of {len} bytes holds more than {} tags", crate::message::MAX_TAGS)]
    AggregateTags {
        /// Bytes of the message.
        len: usize,
    },
    /// When a command or data message is not AMF0.
    #[error("message of type {kind}: {source}")]
    Amf {
        /// Message type.
        kind: u8,
        /// What and where.
        source: amf0::Error,
    },
    /// When a command does not begin with its name and a number.
    #[error("a command does not begin with a name and a transaction number")]
    NoCommand,
    /// When a command comes that needs `connect` before it.
    #[error("{command} came before connect")]
    NotConnected {
        /// The command, cut to 64 bytes.
        command: String,
    },
    /// When `connect` has no tcUrl.
    #[error("connect has no tcUrl")]
    NoTcUrl,
    /// When the tcUrl does not name a host.
    #[error("the tcUrl `{url}` cannot be used: {why}")]
    TcUrl {
        /// As sent, cut to 128 bytes.
        url: String,
        /// What is wrong.
        why: &'static str,
    },
    /// When neither the command nor the URL names a stream.
    #[error("no stream name")]
    NoStreamName,
    /// When an app or stream name is too long or holds something that no name may hold.
    #[error("the {what} is refused: {why} ({len} bytes)")]
    Name {
        /// Which name.
        what: &'static str,
        /// What is wrong.
        why: &'static str,
        /// Bytes it has.
        len: usize,
    },
    /// When the client creates streams without using one.
    #[error("createStream came more than {} times without publish or play", crate::server::MAX_CREATE_STREAM)]
    CreateStream,
    /// When the peer sends on while its last command waits for an answer.
    #[error("{held} bytes came while a command waits for its answer")]
    Pipelined {
        /// Bytes held back.
        held: usize,
    },
}

impl Error {
    /// The code that SRS uses for this cause.
    pub fn code(&self) -> u16 {
        match self {
            Error::Timeout { .. } => 1011,
            Error::NoPredecessor { .. } | Error::Unfinished { .. } | Error::ChunkStreams { .. } => 2001,
            Error::Partial { .. } | Error::Pipelined { .. } => 2002,
            Error::Amf { .. } => 2003,
            Error::NoCommand => 2004,
            Error::NotConnected { .. } | Error::NoTcUrl => 2005,
            Error::TcUrl { .. } => 2006,
            Error::Control { .. } | Error::Aggregate { .. } | Error::AggregateTags { .. } => 2007,
            Error::ChunkSize { .. } => 2010,
            Error::Changed { .. } => 2013,
            Error::Version { .. } => 2016,
            Error::NoStreamName | Error::Name { .. } => 2051,
            Error::ProxyHeader { .. } => 2054,
            Error::CreateStream => 2055,
        }
    }
}

/// What a peer that speaks something else probably speaks.
fn looks_like(byte: u8) -> &'static str {
    match byte {
        0x16 => " (it looks like TLS)",
        0x06 => " (it looks like RTMPE)",
        b'A'..=b'Z' => " (it looks like HTTP)",
        _ => "",
    }
}
