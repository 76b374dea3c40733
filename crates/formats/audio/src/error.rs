use weir_codec::Codec;

/// Why sound cannot be decoded, encoded or turned into another codec.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// When no decoder here reads this codec, or not this kind of it.
    #[error("{} of this kind is not decoded: {reason}", codec.label())]
    Undecoded {
        /// The codec.
        codec: Codec,
        /// What is missing, in the words of the decoder.
        reason: String,
    },
    /// When no encoder here writes this codec with these parameters.
    #[error("{} is not encoded at {bitrate} b/s with {channels} channels: {reason}", codec.label())]
    Unencoded {
        /// The codec.
        codec: Codec,
        /// Bits a second that were asked for.
        bitrate: u32,
        /// Channels that were asked for.
        channels: u8,
        /// What is wrong with it.
        reason: String,
    },
    /// When a packet is not what its codec demands.
    #[error("broken packet of {}: {reason}", codec.label())]
    Broken {
        /// The codec.
        codec: Codec,
        /// What is wrong, in the words of the decoder.
        reason: String,
    },
    /// When a decoder or encoder gave up by a panic; it has been made anew.
    #[error("the {} codec panicked", codec.label())]
    Panicked {
        /// The codec.
        codec: Codec,
    },
    /// When so many packets in a row could not be decoded that the stream is not what it is said to be. It is said once
    /// for each such row.
    #[error("{packets} packets of {} in a row could not be decoded, the last one: {reason}", codec.label())]
    Undecodable {
        /// The codec.
        codec: Codec,
        /// Packets in a row.
        packets: u32,
        /// What was wrong with the last one.
        reason: String,
    },
    /// When the encoder refuses samples, or samples cannot be brought to its rate.
    #[error("sound could not be made into {}: {reason}", codec.label())]
    Encode {
        /// The codec of the output.
        codec: Codec,
        /// What is wrong.
        reason: String,
    },
}
