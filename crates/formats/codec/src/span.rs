//! [`Span`]: how long a piece of sound lasts, so that a muxer can tell.

use crate::{Codec, aac, ac3, flac, mp3, opus};
use weir_base::MediaTime;

/// Frames counted in one piece of MP3. A tag or sample holds one.
const MAX_MP3_FRAMES: usize = 64;

/// Samples of one channel and the clock that counts them.
///
/// A muxer whose timescale is `rate` adds up `samples` and never drifts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Samples of each channel.
    pub samples: u32,
    /// Samples a second, at least 1.
    pub rate: u32,
}

impl Span {
    /// How long it lasts, to the nearest nanosecond.
    pub const fn duration(self) -> MediaTime {
        MediaTime::from_ticks(self.samples as i64, self.rate)
    }
}

/// The span of one piece of sound: what a tag, a sample or a PES packet holds of a track.
///
/// `config` is the sequence header of the track and may be empty for codecs without one: only AAC, and FLAC frames that
/// leave their rate to it, need theirs. AAC is counted at the rate of its core, whatever SBR makes of it. [`None`] when
/// neither tells, or the codec has no known frames.
pub fn samples_per_frame(codec: Codec, config: &[u8], frame: &[u8]) -> Option<Span> {
    match codec {
        Codec::Aac => aac::frame_span(config).ok(),
        Codec::Mp3 => mp3_span(frame),
        Codec::Opus => opus::packet_samples(frame).ok().map(|samples| Span { samples, rate: opus::SAMPLE_RATE }),
        Codec::Flac => flac_span(config, frame),
        Codec::Ac3 | Codec::Eac3 => ac3::samples_of(frame).map(|(samples, rate)| Span { samples, rate }),
        // A byte is a sample, one channel at 8 kHz is what the field sends.
        Codec::G711a | Codec::G711u => {
            u32::try_from(frame.len()).ok().filter(|len| *len > 0).map(|samples| Span { samples, rate: 8000 })
        }
        _ => None,
    }
}

/// How long one piece of sound lasts; see [`samples_per_frame`].
pub fn frame_duration(codec: Codec, config: &[u8], frame: &[u8]) -> Option<MediaTime> {
    samples_per_frame(codec, config, frame).map(Span::duration)
}

fn mp3_span(frame: &[u8]) -> Option<Span> {
    let first = mp3::FrameHeader::parse(frame).ok()?;
    let (mut samples, mut rest) = (0_u32, frame);
    for _ in 0..MAX_MP3_FRAMES {
        let Ok(header) = mp3::FrameHeader::parse(rest) else { break };
        samples = samples.saturating_add(header.samples);
        rest = rest.get(header.frame_len..).unwrap_or_default();
    }
    Some(Span { samples, rate: first.sample_rate })
}

fn flac_span(config: &[u8], frame: &[u8]) -> Option<Span> {
    let header = flac::FrameHeader::parse(frame).ok()?;
    let of_stream = || flac::StreamInfo::parse(config).ok().map(|info| info.sample_rate);
    Some(Span { samples: header.samples, rate: header.sample_rate.or_else(of_stream)? })
}

#[cfg(test)]
mod tests;
