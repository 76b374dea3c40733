//! AC-3 and E-AC-3: sync frame headers, and the payloads of the boxes `dac3` and `dec3` made of them (ETSI TS 102 366).

mod boxes;
mod eac3;

use crate::bits::BitReader;
use crate::error::at_most;
use crate::{AudioInfo, Codec, Error};

pub use boxes::{dac3, dec3};
pub use eac3::StreamType;

/// What opens every sync frame of both codecs.
const SYNC_WORD: u32 = 0x0b77;

/// Hz by fscod.
const RATES: [u32; 3] = [48_000, 44_100, 32_000];

/// Kilobits a second by the upper five bits of frmsizecod (table 4.13).
const BIT_RATES: [u32; 19] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];

/// Samples of each channel in an audio block.
const BLOCK: u32 = 256;

/// Sync frames looked at in an access unit: eight programmes, each with eight dependent substreams.
const MAX_FRAMES: usize = 64;

/// The head of a sync frame: syncinfo and bsi (clauses 4.3.1, 4.3.2, E.1.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncFrame {
    /// bsid: up to 8 for AC-3, 11 to 16 for E-AC-3.
    pub bsid: u8,
    /// fscod: 0 to 2 are 48, 44.1 and 32 kHz, 3 are the halves of these.
    pub fscod: u8,
    /// Samples a second.
    pub sample_rate: u32,
    /// bsmod: 0 is the main service.
    pub bsmod: u8,
    /// acmod, 0 to 7: which full-range channels there are.
    pub acmod: u8,
    /// There is a channel for low frequencies.
    pub lfe: bool,
    /// Audio blocks of 256 samples: 6 in AC-3; 1, 2, 3 or 6 in E-AC-3.
    pub blocks: u8,
    /// Bytes of the frame, from sync word to the next.
    pub frame_len: usize,
    /// frmsizecod of AC-3; [`None`] in E-AC-3.
    pub size_code: Option<u8>,
    /// What an E-AC-3 frame is to the others; [`None`] in AC-3.
    pub stream: Option<StreamType>,
    /// substreamid, 0 to 7; 0 in AC-3.
    pub substream: u8,
    /// chanmap of a dependent substream: from the highest bit, left, centre, right … (table E.1.4).
    pub channel_map: Option<u16>,
}

impl SyncFrame {
    /// Reads the head at the start of a frame; the rest need not be there yet.
    pub fn parse(frame: &[u8]) -> Result<Self, Error> {
        let mut r = BitReader::new(frame);
        let sync = r.bits(16)?;
        if sync != SYNC_WORD {
            return Err(Error::Unexpected { field: "syncword of AC-3", value: sync.into() });
        }
        // Both codecs have bsid at the same place, behind which they differ.
        r.skip(24)?;
        match r.bits(5)? as u8 {
            bsid @ 0..=8 => parse_ac3(frame, bsid),
            bsid @ 11..=16 => eac3::parse(frame, bsid),
            bsid => Err(Error::Unexpected { field: "bsid of AC-3", value: bsid.into() }),
        }
    }

    /// The sync frames of an access unit: a frame and what belongs to it. Ends at the first that cannot be read.
    pub fn all(unit: &[u8]) -> impl Iterator<Item = SyncFrame> + '_ {
        let mut rest = unit;
        let next = move || {
            let frame = SyncFrame::parse(rest).ok()?;
            rest = rest.get(frame.frame_len..).unwrap_or_default();
            Some(frame)
        };
        std::iter::from_fn(next).take(MAX_FRAMES)
    }

    /// Which of the two codecs this is.
    pub fn codec(&self) -> Codec {
        if self.stream.is_none() { Codec::Ac3 } else { Codec::Eac3 }
    }

    /// Channels of this frame, low frequencies counted.
    pub fn channels(&self) -> u8 {
        let full = match self.acmod {
            1 => 1,
            0 | 2 => 2,
            3 | 4 => 3,
            5 | 6 => 4,
            _ => 5,
        };
        full + u8::from(self.lfe)
    }

    /// Samples of each channel in this frame.
    pub fn samples(&self) -> u32 {
        u32::from(self.blocks) * BLOCK
    }

    /// What the API shows.
    pub fn info(&self) -> AudioInfo {
        let rate = self.sample_rate;
        AudioInfo { coded_rate: Some(rate), ..AudioInfo::of(self.codec(), rate, self.channels()) }
    }
}

/// Samples of each channel in an access unit, and their rate. In E-AC-3, frames of other programmes and dependent ones
/// sound at the same time as those of the first programme, so they do not count.
pub fn samples_of(unit: &[u8]) -> Option<(u32, u32)> {
    let heard = |frame: &SyncFrame| frame.substream == 0 && frame.stream != Some(StreamType::Dependent);
    let mut frames = SyncFrame::all(unit).filter(heard);
    let first = frames.next()?;
    Some((frames.fold(first.samples(), |sum, frame| sum.saturating_add(frame.samples())), first.sample_rate))
}

fn parse_ac3(frame: &[u8], bsid: u8) -> Result<SyncFrame, Error> {
    let mut r = BitReader::new(frame);
    r.skip(32)?;
    let (fscod, size_code) = (r.bits(2)? as u8, r.bits(6)? as u8);
    let sample_rate = rate_of(fscod)?;
    let frame_len = frame_len(sample_rate, size_code)?;
    r.skip(5)?;
    let (bsmod, acmod) = (r.bits(3)? as u8, r.bits(3)? as u8);
    // Mix levels: of the centre, of the surround channels, Dolby Surround mode.
    let levels = [acmod & 1 == 1 && acmod != 1, acmod & 4 == 4, acmod == 2];
    for _ in levels.into_iter().filter(|there| *there) {
        r.skip(2)?;
    }
    let lfe = r.flag()?;
    Ok(SyncFrame {
        bsid,
        fscod,
        sample_rate,
        bsmod,
        acmod,
        lfe,
        blocks: 6,
        frame_len,
        size_code: Some(size_code),
        stream: None,
        substream: 0,
        channel_map: None,
    })
}

fn rate_of(fscod: u8) -> Result<u32, Error> {
    let reserved = Error::Unexpected { field: "fscod of AC-3", value: fscod.into() };
    RATES.get(usize::from(fscod)).copied().ok_or(reserved)
}

/// Bytes of a frame (table 4.13). At 44.1 kHz frames take turns in being a word longer.
fn frame_len(sample_rate: u32, size_code: u8) -> Result<usize, Error> {
    at_most("frmsizecod", size_code, 2 * BIT_RATES.len() as u64 - 1)?;
    let kbps = BIT_RATES.get(usize::from(size_code / 2)).copied().unwrap_or(0);
    let words = match sample_rate {
        48_000 => kbps * 2,
        32_000 => kbps * 3,
        _ => kbps * 320 / 147 + u32::from(size_code & 1),
    };
    Ok(words as usize * 2)
}

#[cfg(test)]
mod tests;
