//! What the HTTP API shows of a track.

use crate::Codec;

/// The word that the API has for a profile or level outside of its lists.
pub(crate) const OTHER: &str = "Other";

/// A video track as the API shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VideoInfo {
    /// How it is coded.
    pub codec: Codec,
    /// The profile in the API's words: `Baseline`, `Main`, `High` …, else `Other`.
    pub profile: &'static str,
    /// The level, such as `3.1`, else `Other`.
    pub level: &'static str,
    /// Shown pixels in a row, after cropping; 0 when unknown.
    pub width: u32,
    /// Shown rows, after cropping; 0 when unknown.
    pub height: u32,
    /// Pictures a second where the stream tells.
    pub frame_rate: Option<f64>,
}

impl VideoInfo {
    /// A track of which no more is known than its codec.
    pub const fn of(codec: Codec) -> VideoInfo {
        VideoInfo { codec, profile: OTHER, level: OTHER, width: 0, height: 0, frame_rate: None }
    }
}

/// An audio track as the API shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioInfo {
    /// How it is coded.
    pub codec: Codec,
    /// Hz of the two-bit field of an FLV tag: 5512, 11025, 22050 or 44100. Enhanced tags, which have no such field,
    /// have the coded rate here.
    // SRS: AAC always says 44100 there, and so does the API.
    pub sample_rate: u32,
    /// Samples a second that are really coded, where the stream tells.
    pub coded_rate: Option<u32>,
    /// 1 or 2, as the FLV tag says.
    pub channels: u8,
    /// The AAC object type in the API's words: `LC`, `Main`, `SSR`, `HE`, `HEv2`, else `Other`.
    pub profile: &'static str,
}

impl AudioInfo {
    /// A track of which no more is known than its codec, and rate and channels of its tag.
    pub const fn of(codec: Codec, sample_rate: u32, channels: u8) -> AudioInfo {
        AudioInfo { codec, sample_rate, coded_rate: None, channels, profile: OTHER }
    }
}
