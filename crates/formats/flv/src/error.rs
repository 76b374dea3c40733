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
}
