use weir_base::Short;

/// Why bytes are not FLV.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A tag body ended inside its own header.
    #[error("FLV tag body {0}")]
    Short(#[from] Short),
    /// A multitrack body announces another multitrack body inside (Enhanced RTMP v2 allows one level).
    #[error("FLV tag body at offset {at}: multitrack inside multitrack")]
    NestedMultitrack {
        /// Offset of the byte with the inner packet type.
        at: usize,
    },
    /// A chain of ModEx prefixes that no writer would send.
    #[error("FLV tag body at offset {at}: more than {max} ModEx prefixes")]
    TooManyModEx {
        /// Offset of the first prefix over the limit.
        at: usize,
        /// The limit.
        max: usize,
    },
    /// More tracks in one body than there are numbers for them.
    #[error("FLV tag body at offset {at}: more than {max} tracks")]
    TooManyTracks {
        /// Offset of the first track over the limit.
        at: usize,
        /// The limit.
        max: usize,
    },
    /// The stream does not begin with the three letters FLV.
    #[error("starts with {found:02x?}, not with FLV")]
    NotFlv {
        /// What stands there instead.
        found: [u8; 3],
    },
    /// The file header claims a length that no writer uses.
    #[error("FLV file header of {len} bytes, expected 9 to {max}")]
    HeaderLength {
        /// The DataOffset field.
        len: u32,
        /// The limit.
        max: u32,
    },
    /// A tag is encrypted (the Filter bit of annex E.4.1 is set).
    #[error("FLV tag at offset {at} is encrypted")]
    Encrypted {
        /// Offset of the tag in the stream.
        at: u64,
    },
    /// Seeking in a file whose beginning holds no sequence header (VodNoSequence, 3013).
    #[error("no sequence header in the first {searched} bytes of the FLV file")]
    NoSequenceHeader {
        /// Bytes that were searched.
        searched: usize,
    },
    /// Seeking behind the end of the file (VodOffset, 3014).
    #[error("start={start} is past the end of an FLV file of {len} bytes")]
    StartPastEnd {
        /// The offset asked for.
        start: u64,
        /// Bytes in the file.
        len: u64,
    },
}
