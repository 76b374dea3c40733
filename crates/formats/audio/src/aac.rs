//! AAC: raw frames as in FLV and MP4, without ADTS headers.

use weir_codec::Codec;
use weir_codec::aac::SAMPLES_PER_FRAME;

use crate::codec::{AudioDecoder, AudioEncoder};
use crate::{Error, Target};

#[cfg(feature = "fdk-aac")]
mod fdk;
mod rust;

/// Samples a second of what is encoded: one rate for all, which every player takes.
const RATE: u32 = 48_000;
/// Bits of a frame and channel, at most (ISO/IEC 14496-3 clause 4.5.1.1).
const MAX_BITS_PER_FRAME: u32 = 6144;

/// A decoder of LC, HE and HEv2.
pub(crate) fn decoder(config: &[u8]) -> Result<Box<dyn AudioDecoder>, Error> {
    // An unusual configuration is refused here, before a decoder makes of it what it likes.
    weir_codec::aac::AudioSpecificConfig::parse(config).map_err(|error| undecoded(error.to_string()))?;
    #[cfg(feature = "fdk-aac")]
    return fdk::decoder(config);
    #[cfg(not(feature = "fdk-aac"))]
    rust::decoder(config)
}

/// An encoder of LC.
pub(crate) fn encoder(target: &Target) -> Result<Box<dyn AudioEncoder>, Error> {
    let channels = u32::from(target.channels);
    if !(1..=2).contains(&channels) {
        return Err(target.refused("AAC is encoded in mono and stereo"));
    }
    let most = MAX_BITS_PER_FRAME * channels * RATE / SAMPLES_PER_FRAME;
    let bitrate = target.bitrate.min(most);
    #[cfg(feature = "fdk-aac")]
    return fdk::encoder(target, bitrate);
    #[cfg(not(feature = "fdk-aac"))]
    rust::encoder(target, bitrate)
}

fn undecoded(reason: String) -> Error {
    Error::Undecoded { codec: Codec::Aac, reason }
}

fn broken(reason: String) -> Error {
    Error::Broken { codec: Codec::Aac, reason }
}

#[cfg(test)]
mod tests;
