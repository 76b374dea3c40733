//! AAC: AudioSpecificConfig, ADTS frame headers.

use crate::bits::BitReader;
use crate::error::at_most;
use crate::info::{AudioInfo, OTHER};
use crate::{Codec, Error, Span};

/// Sampling rates by samplingFrequencyIndex, in Hz (ISO/IEC 14496-3 table 1.18).
const RATES: [u32; 13] = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

/// The index that is followed by the rate itself.
const ESCAPE_RATE: u32 = 15;

const OBJECT_LC: u8 = 2;
const OBJECT_LD: u8 = 23;
const OBJECT_ELD: u8 = 39;
const OBJECT_SBR: u8 = 5;
const OBJECT_ESCAPE: u32 = 31;
const OBJECT_PS: u8 = 29;

/// Samples of one AAC frame; SBR doubles them at the output.
pub const SAMPLES_PER_FRAME: u32 = 1024;

/// AudioSpecificConfig (ISO/IEC 14496-3 clause 1.6.2.1): the payload of an FLV sequence header, of `esds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioSpecificConfig {
    /// The object type as announced first: 2 LC, 5 SBR (HE), 29 PS (HEv2).
    pub object_type: u8,
    /// The object type of the core under SBR or PS; else the same.
    pub core_type: u8,
    /// Samples a second of the core, in Hz.
    pub sample_rate: u32,
    /// Samples a second after SBR, where announced.
    pub extension_rate: Option<u32>,
    /// channelConfiguration, 0 to 15; 0 says that the channels are told in the stream.
    pub channel_config: u8,
    /// Parametric stereo is announced: one coded channel is heard as two.
    pub parametric_stereo: bool,
}

impl AudioSpecificConfig {
    /// Reads the record, and SBR or PS in both their explicit forms.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut r = BitReader::new(bytes);
        let mut config = Self::read_general(&mut r)?;
        if config.extension_rate.is_none()
            && let Ok(Some(extension)) = read_sync_extension(&mut r, config.object_type)
        {
            (config.extension_rate, config.parametric_stereo) = (Some(extension.0), extension.1);
        }
        Ok(config)
    }

    /// Up to what is specific for the object type.
    fn read_general(r: &mut BitReader<'_>) -> Result<Self, Error> {
        let object_type = read_object_type(r)?;
        let sample_rate = read_rate(r)?;
        let channel_config = r.bits(4)? as u8;
        let parametric_stereo = object_type == OBJECT_PS;
        let mut config = AudioSpecificConfig {
            object_type,
            core_type: object_type,
            sample_rate,
            extension_rate: None,
            channel_config,
            parametric_stereo,
        };
        if matches!(object_type, OBJECT_SBR | OBJECT_PS) {
            config.extension_rate = Some(read_rate(r)?);
            config.core_type = read_object_type(r)?;
            if matches!(config.core_type, OBJECT_SBR | OBJECT_PS) {
                return Err(Error::Unexpected { field: "object type under SBR", value: config.core_type.into() });
            }
        }
        Ok(config)
    }

    /// Samples a second that are heard: after SBR, where it is announced.
    pub fn output_rate(&self) -> u32 {
        self.extension_rate.unwrap_or(self.sample_rate)
    }

    /// Coded channels; [`None`] when only the stream tells.
    pub fn channels(&self) -> Option<u8> {
        match self.channel_config {
            count @ 1..=6 => Some(count),
            7 | 12 | 14 => Some(8),
            11 => Some(7),
            13 => Some(24),
            _ => None,
        }
    }

    /// Appends the two bytes of a plain record: object type below 31, a rate of the table, no extensions. A rate
    /// outside of the table takes the escape form, five bytes.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let object = u64::from(self.core_type.min(30));
        let channels = u64::from(self.channel_config & 15);
        match RATES.iter().position(|rate| *rate == self.sample_rate) {
            Some(index) => {
                let word = object << 11 | (index as u64) << 7 | channels << 3;
                out.extend_from_slice(&(word as u16).to_be_bytes());
            }
            None => {
                let rate = u64::from(self.sample_rate & 0x00ff_ffff);
                let word = object << 35 | u64::from(ESCAPE_RATE) << 31 | rate << 7 | channels << 3;
                out.extend(word.to_be_bytes().into_iter().skip(3));
            }
        }
    }

    /// What the API shows; rate and channels are those of the FLV tag.
    pub fn info(&self, tag_rate: u32, tag_channels: u8) -> AudioInfo {
        AudioInfo {
            coded_rate: Some(self.sample_rate),
            profile: profile_name(self.object_type),
            ..AudioInfo::of(Codec::Aac, tag_rate, tag_channels)
        }
    }
}

/// What each frame of a stream with this configuration lasts: 1024 or 960 samples of the core, 512 or 480 of the low
/// delay profiles, at the rate of the core.
///
/// SBR doubles samples and rate, so the time is the same. Fails for object types whose frames are not of this family.
pub fn frame_span(config: &[u8]) -> Result<Span, Error> {
    let mut r = BitReader::new(config);
    let general = AudioSpecificConfig::read_general(&mut r)?;
    // The first bit of GASpecificConfig (clause 4.4.1) and of ELDSpecificConfig. Encoders that stop before it are many.
    let short = r.flag().unwrap_or(false);
    let samples = match general.core_type {
        1..=4 | 6 | 7 | 17 | 19..=22 if short => 960,
        1..=4 | 6 | 7 | 17 | 19..=22 => SAMPLES_PER_FRAME,
        OBJECT_LD | OBJECT_ELD if short => 480,
        OBJECT_LD | OBJECT_ELD => 512,
        other => return Err(Error::Unexpected { field: "object type for a frame length", value: other.into() }),
    };
    Ok(Span { samples, rate: general.sample_rate })
}

/// The API's word for an audio object type.
pub fn profile_name(object_type: u8) -> &'static str {
    match object_type {
        1 => "Main",
        OBJECT_LC => "LC",
        3 => "SSR",
        OBJECT_SBR => "HE",
        OBJECT_PS => "HEv2",
        _ => OTHER,
    }
}

fn read_object_type(r: &mut BitReader<'_>) -> Result<u8, Error> {
    match r.bits(5)? {
        OBJECT_ESCAPE => Ok(32 + r.bits(6)? as u8),
        object_type => Ok(object_type as u8),
    }
}

fn read_rate(r: &mut BitReader<'_>) -> Result<u32, Error> {
    match r.bits(4)? {
        ESCAPE_RATE => r.bits(24),
        index => rate_of(index),
    }
}

fn rate_of(index: u32) -> Result<u32, Error> {
    let range = Error::Range { field: "samplingFrequencyIndex", value: index.into(), max: RATES.len() as u64 - 1 };
    RATES.get(index as usize).copied().ok_or(range)
}

/// SBR and PS announced behind a plain LC configuration, so that old decoders do not notice: rate after SBR, PS.
fn read_sync_extension(r: &mut BitReader<'_>, object_type: u8) -> Result<Option<(u32, bool)>, Error> {
    const SBR_SYNC: u32 = 0x2b7;
    const PS_SYNC: u32 = 0x548;
    if object_type != OBJECT_LC {
        return Ok(None);
    }
    // GASpecificConfig: frame length, core coder dependence, extension; all three are 0 for plain LC.
    if r.bits(3)? != 0 || r.bits(11)? != SBR_SYNC || read_object_type(r)? != OBJECT_SBR || !r.flag()? {
        return Ok(None);
    }
    let rate = read_rate(r)?;
    let stereo = r.left() >= 12 && r.bits(11)? == PS_SYNC && r.flag()?;
    Ok(Some((rate, stereo)))
}

/// The header before each frame of an ADTS stream (ISO/IEC 13818-7 clause 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdtsHeader {
    /// Audio object type, 1 to 4.
    pub object_type: u8,
    /// Samples a second, in Hz.
    pub sample_rate: u32,
    /// channel_configuration, 0 to 7.
    pub channel_config: u8,
    /// Bytes of this header: 7, or 9 with a checksum.
    pub header_len: usize,
    /// Bytes of header and frame, 7 to 8191.
    pub frame_len: usize,
    /// Blocks of 1024 samples, 1 to 4.
    pub blocks: u8,
}

impl AdtsHeader {
    /// Bytes of a header as [`AdtsHeader::write_to`] writes it.
    pub const LEN: usize = 7;

    /// The longest frame that the header can announce, without the header.
    pub const MAX_PAYLOAD: usize = 8191 - Self::LEN;

    /// Reads the header at the start of `bytes`; the frame need not be there yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut r = BitReader::new(bytes);
        let sync = r.bits(12)?;
        if sync != 0xfff {
            return Err(Error::Unexpected { field: "syncword of ADTS", value: sync.into() });
        }
        r.skip(1)?;
        let layer = r.bits(2)?;
        if layer != 0 {
            return Err(Error::Unexpected { field: "layer of ADTS", value: layer.into() });
        }
        let header_len = if r.flag()? { 7 } else { 9 };
        let object_type = 1 + r.bits(2)? as u8;
        let sample_rate = rate_of(r.bits(4)?)?;
        r.skip(1)?;
        let channel_config = r.bits(3)? as u8;
        r.skip(4)?;
        let frame_len = r.bits(13)? as usize;
        r.skip(11)?;
        let blocks = 1 + r.bits(2)? as u8;
        at_most("ADTS header bytes within aac_frame_length", header_len as u64, frame_len as u64)?;
        Ok(AdtsHeader { object_type, sample_rate, channel_config, header_len, frame_len, blocks })
    }

    /// The header for a frame of `payload` bytes of this configuration.
    ///
    /// Fails when the frame is longer than [`AdtsHeader::MAX_PAYLOAD`], the rate is not in the table, or the channel
    /// configuration has no three-bit form. SBR and PS are announced as their core, as ADTS demands.
    pub fn for_frame(config: &AudioSpecificConfig, payload: usize) -> Result<Self, Error> {
        at_most("ADTS frame bytes", payload as u64, Self::MAX_PAYLOAD as u64)?;
        let channel_config = at_most("channel_configuration of ADTS", config.channel_config, 7)?;
        if !RATES.contains(&config.sample_rate) {
            return Err(Error::Unexpected { field: "sampling rate for ADTS", value: config.sample_rate.into() });
        }
        // Object types beyond the two-bit field play as LC.
        let object_type = if (1..=4).contains(&config.core_type) { config.core_type } else { OBJECT_LC };
        let (header_len, frame_len) = (Self::LEN, payload.saturating_add(Self::LEN));
        Ok(AdtsHeader {
            object_type,
            sample_rate: config.sample_rate,
            channel_config,
            header_len,
            frame_len,
            blocks: 1,
        })
    }

    /// The seven bytes of a header without checksum, MPEG-4, buffer fullness unknown.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let index = RATES.iter().position(|rate| *rate == self.sample_rate).unwrap_or(4) as u64;
        let object = u64::from(self.object_type.clamp(1, 4) - 1);
        let mut word: u64 = 0xfff1;
        word = word << 2 | object;
        word = word << 4 | index;
        word = word << 4 | u64::from(self.channel_config & 7);
        word = word << 17 | (self.frame_len as u64 & 0x1fff);
        word = word << 11 | 0x7ff;
        word = word << 2 | u64::from(self.blocks.clamp(1, 4) - 1);
        out.extend(word.to_be_bytes().into_iter().skip(1));
    }

    /// The configuration that the header amounts to.
    pub fn config(&self) -> AudioSpecificConfig {
        AudioSpecificConfig {
            object_type: self.object_type,
            core_type: self.object_type,
            sample_rate: self.sample_rate,
            extension_rate: None,
            channel_config: self.channel_config,
            parametric_stereo: false,
        }
    }
}

#[cfg(test)]
mod tests;
