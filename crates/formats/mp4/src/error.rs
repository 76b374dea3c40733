use weir_codec::Codec;

/// Why there is no initialisation segment for some tracks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No specification says how ISO-BMFF carries this codec.
    #[error("MP4 cannot carry {}", codec.label())]
    NoMapping {
        /// The codec.
        codec: Codec,
    },
    /// The decoder configuration is not what [`Track::config`](crate::Track::config) must be.
    #[error("decoder configuration of {}: {source}", codec.label())]
    Config {
        /// The codec.
        codec: Codec,
        /// What is wrong.
        source: weir_codec::Error,
    },
    /// The decoder configuration is longer than any real one.
    #[error("decoder configuration of {} has {len} bytes, at most {max} are allowed", codec.label())]
    ConfigLength {
        /// The codec.
        codec: Codec,
        /// Its length.
        len: usize,
        /// The limit.
        max: usize,
    },
    /// A frame cannot be a sample.
    #[error("{source}")]
    Frame {
        /// The codec.
        codec: Codec,
        /// What is wrong.
        source: weir_codec::Error,
    },
    /// A picture codec with the media of sound, or the other way round.
    #[error("track {track} is {} and is described as something else", codec.label())]
    Media {
        /// The track.
        track: u32,
        /// Its codec.
        codec: Codec,
    },
    /// A track without a number, or two with the same.
    #[error("track id {id} is 0 or used twice")]
    TrackId {
        /// The number.
        id: u32,
    },
    /// No track, or more than a player could choose from.
    #[error("{count} tracks, 1 to {max} are allowed")]
    TrackCount {
        /// How many.
        count: usize,
        /// The limit.
        max: usize,
    },
}
