use weir_base::Short;

/// Why bytes are not an RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// When the packet ends inside of its header.
    #[error("RTP header {0}")]
    Short(#[from] Short),
    /// When it is of another version than 2.
    #[error("RTP version is {0}")]
    Version(u8),
    /// When the last byte announces no padding, or more than there is behind the header.
    #[error("RTP packet has {left} bytes behind its header, {padding} of them are called padding")]
    Padding {
        /// What the last byte says.
        padding: u8,
        /// Bytes behind the header.
        left: usize,
    },
}
