//! What is made of a stream once for many players: a lane beside that of its publisher.
//!
//! A converter reads the stream as any player does and writes what it makes into a lane, which players read like the
//! stream itself. It runs once per stream, and only while somebody reads the lane.
#![forbid(unsafe_code)]

mod convert;
mod elementary;
#[cfg(test)]
mod fixture;
pub mod fragments;
pub mod frames;
pub mod keys;
mod movie;
pub mod packets;
pub mod probe;
pub mod sample;
pub mod timeline;
mod told;
pub mod track;
mod transport;

use std::sync::Arc;
use std::time::Duration;

use weir_codec::Codec;
use weir_flv::tag::TagKind;
use weir_hub::{Flags, Frame, Lane, Stream};

use elementary::Elementary;
use movie::Movie;
use timeline::{Kind, Oddity};
use transport::Transport;

/// A container for an endless HTTP body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Container {
    /// MPEG transport stream.
    Ts,
    /// Fragmented MP4.
    Mp4,
    /// AAC in ADTS.
    Aac,
    /// Bare MP3 frames.
    Mp3,
}

impl Container {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Container::Ts => "MPEG-TS",
            Container::Mp4 => "fragmented MP4",
            Container::Aac => "AAC",
            Container::Mp3 => "MP3",
        }
    }

    /// Whether the container has a place for a codec.
    pub fn carries(self, codec: Codec) -> bool {
        use Codec::{Aac, Ac3, Av1, Eac3, Flac, H264, H265, Mp3, Opus, Vp8, Vp9};
        match self {
            Container::Ts => matches!(codec, H264 | H265 | Av1 | Aac | Mp3 | Opus | Ac3 | Eac3),
            Container::Mp4 => {
                matches!(codec, H264 | H265 | Av1 | Vp9 | Vp8 | Aac | Mp3 | Opus | Flac | Ac3 | Eac3)
            }
            Container::Aac => codec == Aac,
            Container::Mp3 => codec == Mp3,
        }
    }
}

/// Why a container would stay empty.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{} has no place for {codecs} of this stream", .container.name())]
pub struct Empty {
    /// The container.
    pub container: Container,
    /// What the stream is made of.
    pub codecs: String,
}

/// Tells whether a live stream has anything that a container can carry. A stream that has not told what it is made of
/// may have.
pub fn check(stream: &Stream, container: Container) -> Result<(), Empty> {
    let tracks = stream.framed();
    let first = |kind: TagKind| tracks.iter().find(|track| track.kind() == kind).map(|track| track.codec());
    let codecs: Vec<Codec> = [TagKind::Video, TagKind::Audio].into_iter().filter_map(first).collect();
    if codecs.is_empty() || codecs.iter().any(|codec| container.carries(*codec)) {
        return Ok(());
    }
    let codecs = codecs.iter().map(|codec| codec.label()).collect::<Vec<_>>().join(" and ");
    Err(Empty { container, codecs })
}

/// The lane of a stream in a container. It is made when nobody reads it yet. New readers of a lane that is sound alone
/// begin up to `fast_cache` before the newest frame.
pub fn lane(stream: &Arc<Stream>, container: Container, fast_cache: Duration) -> Arc<Lane> {
    stream.made(container.name(), |lane| {
        let making: Box<dyn Making> = match container {
            Container::Ts => Box::new(Transport::new()),
            Container::Mp4 => Box::new(Movie::new()),
            Container::Aac => Box::new(Elementary::new(Codec::Aac, fast_cache)),
            Container::Mp3 => Box::new(Elementary::new(Codec::Mp3, fast_cache)),
        };
        tokio::spawn(convert::run(stream.follow(), lane, container, making));
    })
}

/// What a converter makes of one frame.
#[derive(Debug, Default)]
struct Made {
    flags: Flags,
    bytes: Vec<u8>,
}

/// How one container is made.
trait Making: Send {
    /// Makes pieces of a frame that arrived `arrived_nanos` after the converter began, in order; each goes into the lane as
    /// it is. An error is for the log.
    fn frame(&mut self, frame: &Frame, arrived_nanos: i64, out: &mut Vec<Made>) -> Result<(), Complaint>;

    /// A publish ended: what follows is another stream. Makes what is left of it.
    fn end(&mut self, out: &mut Vec<Made>) -> Result<(), Complaint>;
}

/// What is wrong with a frame. It is not in the container, unless it is said.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Complaint {
    /// The container has no place for the codec.
    Codec(Codec),
    /// The frame is not what it should be.
    Bad(Codec, String),
    /// The track has not begun: no configuration yet.
    NotYet,
    /// Its time is odd. It is in the container, at another time.
    Odd(Kind, Oddity),
    /// No key frame has come for too long: nothing can be shown before one.
    NoKey,
}

impl Complaint {
    fn at(frame: &Frame, error: &weir_mpegts::Error) -> Complaint {
        match error {
            weir_mpegts::Error::NoMapping { codec } => Complaint::Codec(*codec),
            weir_mpegts::Error::NoTrack { .. } => Complaint::NotYet,
            other => Complaint::Bad(frame.codec, other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
