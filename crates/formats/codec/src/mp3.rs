//! MPEG audio frame headers (ISO/IEC 11172-3 clause 2.4.1.3, ISO/IEC 13818-3, and the field's MPEG 2.5).

use crate::bits::BitReader;
use crate::{AudioInfo, Codec, Error};

/// MP3 in the `codecs` parameter of a media source type (`audio/mp4; codecs="mp4a.69"`). Playlists have another name for
/// it, see [`crate::codec_string`].
pub const MEDIA_SOURCE_CODEC: &str = "mp4a.69";

/// Kilobits a second by bitrate_index 1 to 14.
const MPEG1_LAYER1: [u16; 14] = [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448];
const MPEG1_LAYER2: [u16; 14] = [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
const MPEG1_LAYER3: [u16; 14] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_LAYER1: [u16; 14] = [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256];
const MPEG2_LAYER23: [u16; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/// Hz by sampling_frequency, for MPEG-1; half of it for MPEG-2, a quarter for MPEG 2.5.
const RATES: [u32; 3] = [44100, 48000, 32000];

/// The four bytes before each frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// 1, 2 or 3; MP3 is 3.
    pub layer: u8,
    /// Bits a second.
    pub bit_rate: u32,
    /// Samples a second.
    pub sample_rate: u32,
    /// 1 or 2.
    pub channels: u8,
    /// Samples of each channel in this frame.
    pub samples: u32,
    /// Bytes of header and frame, up to the next header.
    pub frame_len: usize,
}

impl FrameHeader {
    /// Reads the header at the start of `bytes`; the frame need not be there yet. Free-format frames, whose length
    /// only the next header tells, are refused.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut r = BitReader::new(bytes);
        let sync = r.bits(11)?;
        if sync != 0x7ff {
            return Err(Error::Unexpected { field: "syncword of an MPEG audio frame", value: sync.into() });
        }
        let (version, layer) = (r.bits(2)?, r.bits(2)?);
        if version == 1 || layer == 0 {
            return Err(Error::Unexpected { field: "ID and layer of an MPEG audio frame", value: 0 });
        }
        let (mpeg1, layer) = (version == 3, 4 - layer as u8);
        r.skip(1)?;
        let (rate_index, frequency) = (r.bits(4)?, r.bits(2)?);
        let padding = r.bits(1)?;
        r.skip(1)?;
        let channels = if r.bits(2)? == 3 { 1 } else { 2 };
        let bit_rate = bit_rate(mpeg1, layer, rate_index)?;
        let sample_rate = sample_rate(version, frequency)?;
        let samples = match layer {
            1 => 384,
            3 if !mpeg1 => 576,
            _ => 1152,
        };
        // A slot has four bytes in layer I, else one.
        let slot = if layer == 1 { 4 } else { 1 };
        let frame_len = ((samples / 8 * bit_rate / sample_rate / slot + padding) * slot) as usize;
        Ok(FrameHeader { layer, bit_rate, sample_rate, channels, samples, frame_len })
    }

    /// What the API shows.
    pub fn info(&self) -> AudioInfo {
        let rate = self.sample_rate;
        AudioInfo { coded_rate: Some(rate), ..AudioInfo::of(Codec::Mp3, rate, self.channels) }
    }
}

fn bit_rate(mpeg1: bool, layer: u8, index: u32) -> Result<u32, Error> {
    let table = match (mpeg1, layer) {
        (true, 1) => &MPEG1_LAYER1,
        (true, 2) => &MPEG1_LAYER2,
        (true, _) => &MPEG1_LAYER3,
        (false, 1) => &MPEG2_LAYER1,
        (false, _) => &MPEG2_LAYER23,
    };
    let kbps = (index as usize).checked_sub(1).and_then(|index| table.get(index)).copied();
    let kbps = kbps.ok_or(Error::Unexpected { field: "bitrate_index of an MPEG audio frame", value: index.into() })?;
    Ok(u32::from(kbps) * 1000)
}

fn sample_rate(version: u32, index: u32) -> Result<u32, Error> {
    let rate = RATES.get(index as usize).copied();
    let rate =
        rate.ok_or(Error::Unexpected { field: "sampling_frequency of an MPEG audio frame", value: index.into() })?;
    Ok(match version {
        3 => rate,
        2 => rate / 2,
        _ => rate / 4,
    })
}

#[cfg(test)]
mod tests;
