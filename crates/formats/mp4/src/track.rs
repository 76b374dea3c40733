//! [`Track`]: what an initialisation segment says of one track.

use bytes::Bytes;
use weir_codec::Codec;

/// One track of a movie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// track_ID, which fragments refer to; not 0.
    pub id: u32,
    /// How it is coded.
    pub codec: Codec,
    /// The decoder configuration; the page of the crate says which record that is for each codec.
    pub config: Bytes,
    /// Ticks a second of the track's clock; 0 counts as 1.
    pub timescale: u32,
    /// What is seen or heard.
    pub media: Media,
}

/// What is seen or heard. Values that do not fit the fields of a sample entry are written as the largest that do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// Pictures. Players take the shape of pixels and the meaning of colours from the stream.
    Video {
        /// Coded pixels in a row, after cropping.
        width: u32,
        /// Coded rows, after cropping.
        height: u32,
    },
    /// Sound.
    Audio {
        /// Samples a second, in Hz. Opus and FLAC say it themselves.
        sample_rate: u32,
        /// Channels. Opus and FLAC say it themselves.
        channels: u16,
    },
}

impl Media {
    /// Pictures.
    pub const fn video(width: u32, height: u32) -> Media {
        Media::Video { width, height }
    }

    /// Sound.
    pub const fn audio(sample_rate: u32, channels: u16) -> Media {
        Media::Audio { sample_rate, channels }
    }

    /// True for pictures.
    pub(crate) const fn is_video(&self) -> bool {
        matches!(self, Media::Video { .. })
    }
}
