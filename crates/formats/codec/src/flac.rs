//! FLAC: STREAMINFO, frame headers (RFC 9639).

use crate::bits::BitReader;
use crate::error::at_most;
use crate::{AudioInfo, Codec, Error};

/// What opens a FLAC stream, and the sequence header of FLAC in enhanced FLV.
const MARKER: &[u8] = b"fLaC";

/// STREAMINFO among the types of metadata blocks.
const BLOCK_STREAMINFO: u32 = 0;

/// Hz by the sample rate bits of a frame header, 1 to 11.
const RATES: [u32; 11] = [88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000];

/// The metadata block that every stream starts with (RFC 9639 clause 8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamInfo {
    /// Samples of each channel in the shortest frame, the last one not counted.
    pub min_block: u16,
    /// Samples of each channel in the longest frame.
    pub max_block: u16,
    /// Bytes of the shortest frame; 0 when unknown.
    pub min_frame: u32,
    /// Bytes of the longest frame; 0 when unknown.
    pub max_frame: u32,
    /// Samples a second.
    pub sample_rate: u32,
    /// 1 to 8.
    pub channels: u8,
    /// Bits of a sample, 4 to 32.
    pub bits: u8,
    /// Samples of each channel in the stream; 0 when unknown.
    pub total_samples: u64,
    /// MD5 of the samples; zeros when unknown.
    pub md5: [u8; 16],
}

impl StreamInfo {
    /// Bytes of the block without its header.
    pub const LEN: usize = 34;

    /// Reads the block from any of its wrappings: the start of a stream (`fLaC`, as enhanced FLV has it), the payload of
    /// `dfLa` with the version and flags of a full box, a metadata block with its header, or the bare 34 bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() == Self::LEN {
            return Self::parse_block(bytes);
        }
        let blocks = bytes.strip_prefix(MARKER).or_else(|| bytes.strip_prefix(&[0; 4])).unwrap_or(bytes);
        let mut r = BitReader::new(blocks);
        r.skip(1)?;
        let kind = r.bits(7)?;
        if kind != BLOCK_STREAMINFO {
            return Err(Error::Unexpected { field: "type of the first FLAC metadata block", value: kind.into() });
        }
        let len = r.bits(24)?;
        if len as usize != Self::LEN {
            return Err(Error::Unexpected { field: "bytes of STREAMINFO", value: len.into() });
        }
        Self::parse_block(blocks.get(4..).unwrap_or_default())
    }

    fn parse_block(block: &[u8]) -> Result<Self, Error> {
        let mut r = BitReader::new(block);
        let (min_block, max_block) = (r.bits(16)? as u16, r.bits(16)? as u16);
        let (min_frame, max_frame) = (r.bits(24)?, r.bits(24)?);
        let sample_rate = r.bits(20)?;
        let (channels, bits) = (1 + r.bits(3)? as u8, 1 + r.bits(5)? as u8);
        let total_samples = u64::from(r.bits(4)?) << 32 | u64::from(r.bits(32)?);
        let md5 = block.get(18..).and_then(|md5| md5.first_chunk()).copied();
        let md5 = md5.ok_or(Error::ShortBits { at: r.position(), wanted: 128 })?;
        if sample_rate == 0 {
            return Err(Error::Unexpected { field: "sample rate of STREAMINFO", value: 0 });
        }
        at_most("minimum block size of STREAMINFO", min_block, max_block.into())?;
        Ok(StreamInfo { min_block, max_block, min_frame, max_frame, sample_rate, channels, bits, total_samples, md5 })
    }

    /// Appends the block with its header, marked as the last one: what follows `fLaC` in a stream without other
    /// metadata, and version and flags in `dfLa`.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[0x80, 0, 0, Self::LEN as u8]);
        out.extend_from_slice(&self.min_block.to_be_bytes());
        out.extend_from_slice(&self.max_block.to_be_bytes());
        out.extend(self.min_frame.to_be_bytes().into_iter().skip(1));
        out.extend(self.max_frame.to_be_bytes().into_iter().skip(1));
        let mut word = u64::from(self.sample_rate & 0xf_ffff);
        word = word << 3 | u64::from(self.channels.saturating_sub(1) & 7);
        word = word << 5 | u64::from(self.bits.saturating_sub(1) & 31);
        word = word << 36 | (self.total_samples & 0xf_ffff_ffff);
        out.extend_from_slice(&word.to_be_bytes());
        out.extend_from_slice(&self.md5);
    }

    /// What the API shows.
    pub fn info(&self) -> AudioInfo {
        let rate = self.sample_rate;
        AudioInfo { coded_rate: Some(rate), ..AudioInfo::of(Codec::Flac, rate, self.channels) }
    }
}

/// The head of a frame (RFC 9639 clause 9.1), without its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Samples of each channel, 1 to 65 536.
    pub samples: u32,
    /// Samples a second; [`None`] when only STREAMINFO tells.
    pub sample_rate: Option<u32>,
    /// 1 to 8.
    pub channels: u8,
}

impl FrameHeader {
    /// Reads the head at the start of a frame.
    pub fn parse(frame: &[u8]) -> Result<Self, Error> {
        let mut r = BitReader::new(frame);
        let sync = r.bits(15)?;
        if sync != 0x7ffc {
            return Err(Error::Unexpected { field: "sync code of a FLAC frame", value: sync.into() });
        }
        r.skip(1)?;
        let (size_code, rate_code, channel_code) = (r.bits(4)?, r.bits(4)?, r.bits(4)?);
        // Sample size and a reserved bit.
        r.skip(4)?;
        skip_coded_number(&mut r)?;
        let samples = match size_code {
            0 => return Err(Error::Unexpected { field: "block size bits of a FLAC frame", value: 0 }),
            1 => 192,
            2..=5 => 144 << size_code,
            6 => r.bits(8)? + 1,
            7 => r.bits(16)? + 1,
            _ => 1 << size_code,
        };
        let sample_rate = read_rate(&mut r, rate_code)?;
        let channels = match channel_code {
            0..=7 => channel_code as u8 + 1,
            8..=10 => 2,
            _ => return Err(Error::Unexpected { field: "channel bits of a FLAC frame", value: channel_code.into() }),
        };
        Ok(FrameHeader { samples, sample_rate, channels })
    }
}

/// The number of the frame or sample, coded like a character of UTF-8 with up to seven bytes.
fn skip_coded_number(r: &mut BitReader<'_>) -> Result<(), Error> {
    let first = r.bits(8)? as u8;
    match first.leading_ones() {
        0 => Ok(()),
        ones @ 2..=7 => r.skip(8 * (ones - 1)),
        _ => Err(Error::Unexpected { field: "coded number of a FLAC frame", value: first.into() }),
    }
}

fn read_rate(r: &mut BitReader<'_>, code: u32) -> Result<Option<u32>, Error> {
    let rate = match code {
        0 => return Ok(None),
        12 => r.bits(8)? * 1000,
        13 => r.bits(16)?,
        14 => r.bits(16)? * 10,
        _ => RATES.get(code as usize - 1).copied().unwrap_or(0),
    };
    if rate == 0 {
        return Err(Error::Unexpected { field: "sample rate of a FLAC frame", value: code.into() });
    }
    Ok(Some(rate))
}

#[cfg(test)]
mod tests;
