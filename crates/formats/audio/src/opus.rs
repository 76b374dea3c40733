//! Opus at 48 kHz: packets of 2.5 to 120 ms are read, packets of 20 ms written.

use weir_codec::Codec;
use weir_codec::opus::{OpusHead, SAMPLE_RATE};

use crate::codec::{AudioDecoder, AudioEncoder};
use crate::pcm::Speaker;
use crate::{Error, Target};

#[cfg(feature = "libopus")]
mod c;
mod rust;

/// 20 ms, what browsers send and expect.
const FRAME: usize = 960;
/// Samples of the longest packet: 120 ms (RFC 6716 clause 3.2.5, R5).
const MAX_PACKET: usize = 5760;
/// Concealment comes in steps of the shortest frame, 2.5 ms.
const STEP: usize = 120;
/// Bytes of the longest packet of 20 ms (RFC 6716 clause 3.2.1).
const MAX_FRAME_BYTES: usize = 1276;
/// Bits a second that an encoder can be asked for (RFC 6716 clause 2.1.1).
const BITRATES: std::ops::RangeInclusive<u32> = 6_000..=510_000;
/// A packet as short as that has nothing but a table of contents: the encoder says that it will send none for up to
/// 400 ms (RFC 6716 clause 2.1.9).
const RESTING_BYTES: usize = 2;
/// The bytes of OpusHead up to the mapping table: stream count, coupled count, then one byte for each channel.
const MAPPING_AT: usize = 19;

/// A decoder for what an OpusHead says, or for stereo.
pub(crate) fn decoder(config: &[u8]) -> Result<Box<dyn AudioDecoder>, Error> {
    let head = if config.is_empty() {
        head(2, 0)
    } else {
        OpusHead::parse(config).map_err(|error| undecoded(error.to_string()))?
    };
    match (head.mapping_family, head.channels) {
        (0, 1 | 2) => mono_or_stereo(&head),
        (1, 1..=8) => rust::surround(&head, config.get(MAPPING_AT..).unwrap_or_default()),
        (family, channels) => Err(undecoded(format!("{channels} channels in mapping family {family}"))),
    }
}

fn mono_or_stereo(head: &OpusHead) -> Result<Box<dyn AudioDecoder>, Error> {
    #[cfg(feature = "libopus")]
    return c::decoder(head);
    #[cfg(not(feature = "libopus"))]
    rust::decoder(head)
}

/// An encoder for mono or stereo.
pub(crate) fn encoder(target: &Target) -> Result<Box<dyn AudioEncoder>, Error> {
    if !(1..=2).contains(&target.channels) {
        return Err(target.refused("Opus is encoded in mono and stereo"));
    }
    if !BITRATES.contains(&target.bitrate) {
        return Err(target.refused("Opus has 6000 to 510000 b/s"));
    }
    #[cfg(feature = "libopus")]
    return c::encoder(target);
    #[cfg(not(feature = "libopus"))]
    rust::encoder(target)
}

fn head(channels: u8, pre_skip: u16) -> OpusHead {
    OpusHead { channels, pre_skip, input_rate: SAMPLE_RATE, gain: 0, mapping_family: 0 }
}

/// The speakers of mapping family 1, in Vorbis order (RFC 7845 clause 5.1.1.2).
fn speakers(channels: u8) -> &'static [Speaker] {
    use Speaker::*;
    match channels {
        1 => Speaker::MONO,
        2 => Speaker::STEREO,
        3 => &[Left, Center, Right],
        4 => &[Left, Right, SurroundLeft, SurroundRight],
        5 => &[Left, Center, Right, SurroundLeft, SurroundRight],
        6 => &[Left, Center, Right, SurroundLeft, SurroundRight, Lfe],
        7 => &[Left, Center, Right, SurroundLeft, SurroundRight, SurroundCenter, Lfe],
        _ => &[Left, Center, Right, SurroundLeft, SurroundRight, SurroundLeft, SurroundRight, Lfe],
    }
}

fn undecoded(reason: String) -> Error {
    Error::Undecoded { codec: Codec::Opus, reason }
}

fn broken(reason: String) -> Error {
    Error::Broken { codec: Codec::Opus, reason }
}

/// The samples of a packet that is fit to be decoded: an empty one means a loss to decoders.
fn check(payload: &[u8]) -> Result<usize, Error> {
    weir_codec::opus::packet_samples(payload).map(|samples| samples as usize).map_err(|error| broken(error.to_string()))
}

/// Samples of all channels, channel after channel for each moment, in place of what `out` has.
fn interleave(planes: &[&[f32]], out: &mut Vec<f32>) {
    out.clear();
    match planes {
        [left, right] => out.extend(left.iter().zip(*right).flat_map(|(left, right)| [*left, *right])),
        _ => out.extend(planes.iter().flat_map(|plane| plane.iter().copied())),
    }
}

#[cfg(test)]
mod tests;
