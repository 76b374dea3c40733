//! [`Source`]: what a playlist is made of: a stream, or one more track of it.

use std::fmt;

use weir_hub::StreamKey;

/// Tracks that are in one playlist together. Their order is that of a master playlist.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Tracks {
    /// The first of each kind, whose number is 0.
    First,
    /// Further pictures, with the first sound.
    Video(u8),
    /// Further sound alone.
    Audio(u8),
}

impl Tracks {
    /// The tracks of pictures and of sound.
    pub(crate) fn numbers(self) -> (Option<u8>, Option<u8>) {
        match self {
            Tracks::First => (Some(0), Some(0)),
            Tracks::Video(number) => (Some(number), Some(0)),
            Tracks::Audio(number) => (None, Some(number)),
        }
    }
}

/// What a playlist is made of.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Source {
    /// The stream.
    pub(crate) stream: StreamKey,
    /// What of it.
    pub(crate) tracks: Tracks,
}

impl Source {
    /// The first tracks of a stream: all, if there are no more.
    pub(crate) fn first(stream: &StreamKey) -> Source {
        Source { stream: stream.clone(), tracks: Tracks::First }
    }

    /// `[stream]` in the names of files: `cam`, `cam.video1`, `cam.audio1`.
    pub(crate) fn name(&self) -> String {
        let name = &self.stream.name;
        match self.tracks {
            Tracks::First => name.to_string(),
            Tracks::Video(number) => format!("{name}.video{number}"),
            Tracks::Audio(number) => format!("{name}.audio{number}"),
        }
    }
}

impl fmt::Display for Tracks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tracks::First => f.write_str("first tracks"),
            Tracks::Video(number) => write!(f, "video track {number}"),
            Tracks::Audio(number) => write!(f, "audio track {number}"),
        }
    }
}

/// `/live/cam`, `/live/cam (video track 1)`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tracks {
            Tracks::First => self.stream.fmt(f),
            tracks => write!(f, "{} ({tracks})", self.stream),
        }
    }
}
