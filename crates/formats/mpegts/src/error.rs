use weir_codec::Codec;

/// Why media cannot be written as a transport stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Transport streams have no place for this codec.
    #[error("MPEG-TS cannot carry {}", codec.label())]
    NoMapping {
        /// The codec of the track.
        codec: Codec,
    },
    /// A configuration record, NAL unit or OBU is not what it should be.
    #[error(transparent)]
    Codec(#[from] weir_codec::Error),
    /// An audio object type that only other framings than ADTS can announce: low delay, USAC.
    #[error("ADTS has no way to announce AAC object type {object_type}")]
    NoAdts {
        /// The object type of the core.
        object_type: u8,
    },
    /// Opus whose channels are arranged in a way that the channel configuration code does not list.
    #[error("MPEG-TS cannot tell how {channels} Opus channels of mapping family {family} are arranged")]
    OpusChannels {
        /// Channel mapping family of the OpusHead.
        family: u8,
        /// Channels of the OpusHead.
        channels: u8,
    },
    /// A frame of a track that was not announced by `set_video` or `set_audio`.
    #[error("no {kind} track is set")]
    NoTrack {
        /// `video` or `audio`.
        kind: &'static str,
    },
    /// More audio than one PES packet holds. Only video may leave its length open (clause 2.4.3.7).
    #[error("{len} bytes of audio for one PES packet, at most {max} fit")]
    TooLong {
        /// Bytes, framing included.
        len: usize,
        /// The most that fit.
        max: usize,
    },
}
