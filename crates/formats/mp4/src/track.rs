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
    /// Pictures.
    Video {
        /// Coded pixels in a row, after cropping.
        width: u32,
        /// Coded rows, after cropping.
        height: u32,
        /// The shape of a pixel, where it should be told; players take it from the stream otherwise.
        aspect: Option<Aspect>,
        /// The meaning of colours, where it should be told; players take it from the stream otherwise.
        colour: Option<Colour>,
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
    /// Pictures whose stream tells the shape of pixels and the meaning of colours.
    pub const fn video(width: u32, height: u32) -> Media {
        Media::Video { width, height, aspect: None, colour: None }
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

/// The shape of a pixel: `width : height` (ISO/IEC 14496-12 clause 12.1.4, `pasp`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aspect {
    /// hSpacing.
    pub width: u32,
    /// vSpacing.
    pub height: u32,
}

/// The meaning of colours in the numbers of ISO/IEC 23091-2 (ISO/IEC 14496-12 clause 12.1.5, `colr` of type `nclx`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// colour_primaries: 1 BT.709, 9 BT.2020.
    pub primaries: u16,
    /// transfer_characteristics: 1 BT.709, 16 PQ, 18 HLG.
    pub transfer: u16,
    /// matrix_coefficients: 1 BT.709, 9 BT.2020.
    pub matrix: u16,
    /// Samples use all values, not the range of television.
    pub full_range: bool,
}
