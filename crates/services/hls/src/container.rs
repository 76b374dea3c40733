//! [`Container`]: what the frames of a segment are put into.

mod ts;

use std::fmt;

use bytes::Bytes;
use weir_bridge::fragments::Fragments;
use weir_bridge::sample::{Sample, Until};
use weir_bridge::track::Description;
use weir_codec::Codec;
use weir_mp4::{SegmentType, write_styp};

/// How segments are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    /// MPEG transport stream.
    Ts,
    /// Fragmented MP4.
    Mp4,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Ts => "MPEG-TS",
            Format::Mp4 => "fragmented MP4",
        })
    }
}

/// Why something cannot be written.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub(crate) enum Error {
    /// In a transport stream.
    #[error(transparent)]
    Ts(#[from] weir_mpegts::Error),
    /// In fragmented MP4.
    #[error(transparent)]
    Mp4(#[from] weir_mp4::Error),
}

/// A container of one of the formats, from the first to the last segment of a publish.
#[derive(Debug)]
pub(crate) enum Container {
    /// MPEG transport stream.
    Ts(Box<ts::Ts>),
    /// Fragmented MP4.
    Mp4(Box<Fragments>),
}

impl Container {
    /// An empty one. `retime` gives sound of a transport stream times by its samples (`hls_dts_directly off`); in MP4 it
    /// always has such.
    pub(crate) fn new(format: Format, retime: bool) -> Container {
        match format {
            Format::Ts => Container::Ts(Box::new(ts::Ts::new(retime))),
            Format::Mp4 => Container::Mp4(Box::default()),
        }
    }

    /// Sets the track of a kind, between two segments. On an error the track is not there.
    pub(crate) fn set_track(&mut self, track: &Description) -> Result<(), Error> {
        match self {
            Container::Ts(ts) => Ok(ts.set_track(track)?),
            Container::Mp4(mp4) => Ok(mp4.set_track(track)?),
        }
    }

    /// Begins a segment. With MP4 the initialisation segment, when it is another than before.
    pub(crate) fn begin_segment(&mut self, out: &mut Vec<u8>) -> Result<Option<Bytes>, Error> {
        match self {
            Container::Ts(ts) => {
                ts.begin_segment(out);
                Ok(None)
            }
            Container::Mp4(mp4) => {
                let init = mp4.init()?;
                write_styp(if mp4.tracks() == 1 { SegmentType::Segment } else { SegmentType::Muxed }, out);
                Ok(init)
            }
        }
    }

    /// Writes a frame, or keeps it until its part ends.
    pub(crate) fn write(&mut self, sample: Sample, out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Container::Ts(ts) => Ok(ts.write(sample, out)?),
            Container::Mp4(mp4) => Ok(mp4.hold(sample)?),
        }
    }

    /// Ends the open part: what was kept is written.
    pub(crate) fn end_part(&mut self, until: Option<Until>, out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Container::Ts(ts) => Ok(ts.flush(out)?),
            Container::Mp4(mp4) => {
                mp4.write_fragment(until, out);
                Ok(())
            }
        }
    }

    /// Bytes of frames that are kept until their part ends.
    pub(crate) fn held(&self) -> usize {
        match self {
            Container::Ts(_) => 0,
            Container::Mp4(mp4) => mp4.held(),
        }
    }
}

/// True when segments of a format can have such a track.
pub(crate) fn carries(format: Format, codec: Codec) -> bool {
    match format {
        Format::Ts => weir_bridge::Container::Ts.carries(codec),
        Format::Mp4 => weir_bridge::Container::Mp4.carries(codec),
    }
}

#[cfg(test)]
mod tests;
