//! [`News`]: what the making of segments has to tell people.

use std::fmt;

use weir_bridge::timeline::{Kind, Oddity};
use weir_codec::Codec;

use crate::container::Format;

/// Something about a publish that its operator should know.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum News {
    /// Segments cannot have such a track.
    LeftOut { codec: Codec, format: Format },
    /// Frames come without the sequence header that they need.
    NoHeader { codec: Codec },
    /// A sequence header cannot be read.
    BadHeader { codec: Codec, why: String },
    /// A frame cannot be written.
    BadFrame { codec: Codec, why: String },
    /// A fault of a kind that was told before.
    Again,
    /// A second track of a kind.
    OtherTrack { kind: Kind },
    /// Nothing of the stream can be written.
    NoTrack,
    /// Pictures wait for a key frame that does not come.
    NoKey,
    /// A timestamp that makes no sense.
    Oddity { kind: Kind, oddity: Oddity },
}

impl News {
    /// True for what `hls_on_error` is asked about.
    pub(crate) fn is_fault(&self) -> bool {
        matches!(self, News::BadHeader { .. } | News::BadFrame { .. } | News::Again)
    }

    /// True when the fault is that of a sequence header alone.
    pub(crate) fn is_of_header(&self) -> bool {
        matches!(self, News::BadHeader { .. })
    }

    /// True for what need not be told beside the other.
    pub(crate) fn is_like(&self, other: &News) -> bool {
        match (self, other) {
            // The words have numbers that a publisher chose.
            (News::BadFrame { codec: a, .. }, News::BadFrame { codec: b, .. })
            | (News::BadHeader { codec: a, .. }, News::BadHeader { codec: b, .. }) => a == b,
            _ => self == other,
        }
    }
}

impl fmt::Display for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            News::LeftOut { codec, format } => {
                write!(f, "{} is left out: {format} cannot carry it", codec.label())?;
                match format {
                    Format::Ts if crate::container::carries(Format::Mp4, *codec) => f.write_str(" (hls_use_fmp4 can)"),
                    _ => Ok(()),
                }
            }
            News::NoHeader { codec } => {
                write!(f, "{} comes without its sequence header and is left out", codec.label())
            }
            News::BadHeader { codec, why } => {
                write!(f, "the sequence header of {} cannot be used: {why}", codec.label())
            }
            News::BadFrame { codec, why } => write!(f, "a frame of {} is left out: {why}", codec.label()),
            News::Again => f.write_str("another frame is left out"),
            News::OtherTrack { kind } => {
                write!(f, "only the first track of {} is in the segments (hls_tracks)", kind.name())
            }
            News::NoTrack => f.write_str("nothing of the stream can be in segments, so it has no playlist"),
            News::NoKey => f.write_str("no key frame has come for 10 s: pictures are left out until one comes"),
            News::Oddity { kind, oddity } => {
                f.write_str(&oddity.of(*kind))?;
                match oddity {
                    Oddity::Jump(_) => f.write_str(": a new segment goes on from there"),
                    Oddity::Apart(_) | Oddity::Still | Oddity::Composition | Oddity::Pace(_) => Ok(()),
                }
            }
        }
    }
}
