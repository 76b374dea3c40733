//! The head of an E-AC-3 sync frame: bsi of clause E.1.2.2.

use super::{SyncFrame, rate_of};
use crate::Error;
use crate::bits::BitReader;

/// strmtyp: what a frame is to the others of its access unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamType {
    /// A programme of its own.
    Independent,
    /// More channels for the independent substream before it.
    Dependent,
    /// Independent, and made of an AC-3 stream.
    Converted,
}

/// Audio blocks by numblkscod.
const BLOCKS: [u8; 4] = [1, 2, 3, 6];

/// What the walk to bsmod needs to know.
struct Layout {
    stream: StreamType,
    acmod: u8,
    lfe: bool,
    blocks: u8,
}

pub(super) fn parse(frame: &[u8], bsid: u8) -> Result<SyncFrame, Error> {
    let mut r = BitReader::new(frame);
    r.skip(16)?;
    let stream = match r.bits(2)? {
        0 => StreamType::Independent,
        1 => StreamType::Dependent,
        2 => StreamType::Converted,
        reserved => return Err(Error::Unexpected { field: "strmtyp of E-AC-3", value: reserved.into() }),
    };
    let substream = r.bits(3)? as u8;
    let frame_len = (r.bits(11)? as usize + 1) * 2;
    let fscod = r.bits(2)? as u8;
    let code = r.bits(2)? as u8;
    // Half rates have no code for the number of blocks: its place says which rate.
    let (sample_rate, blocks) = match fscod {
        3 => (rate_of(code)? / 2, 6),
        _ => (rate_of(fscod)?, BLOCKS.get(usize::from(code)).copied().unwrap_or(6)),
    };
    let (acmod, lfe) = (r.bits(3)? as u8, r.flag()?);
    // bsid, then dialogue level and compression, of both channels where there are two programmes.
    r.skip(5)?;
    for _ in 0..if acmod == 0 { 2 } else { 1 } {
        r.skip(5)?;
        skip_optional(&mut r, 8)?;
    }
    let channel_map = match stream {
        StreamType::Dependent if r.flag()? => Some(r.bits(16)? as u16),
        _ => None,
    };
    let bsmod = read_bsmod(&mut r, &Layout { stream, acmod, lfe, blocks }).unwrap_or(0);
    Ok(SyncFrame {
        bsid,
        fscod,
        sample_rate,
        bsmod,
        acmod,
        lfe,
        blocks,
        frame_len,
        size_code: None,
        stream: Some(stream),
        substream,
        channel_map,
    })
}

/// bsmod stands behind all that mixes; without informational metadata it is 0, the main service.
fn read_bsmod(r: &mut BitReader<'_>, layout: &Layout) -> Result<u8, Error> {
    if r.flag()? {
        skip_mixing(r, layout)?;
    }
    if r.flag()? { r.bits(3).map(|bsmod| bsmod as u8) } else { Ok(0) }
}

fn skip_mixing(r: &mut BitReader<'_>, layout: &Layout) -> Result<(), Error> {
    let acmod = layout.acmod;
    if acmod > 2 {
        r.skip(2)?;
    }
    if acmod > 2 && acmod & 1 == 1 {
        r.skip(6)?;
    }
    if acmod & 4 == 4 {
        r.skip(6)?;
    }
    if layout.lfe {
        skip_optional(r, 5)?;
    }
    if layout.stream != StreamType::Independent {
        return Ok(());
    }
    // Programme scale factors, of both programmes, and of an external one.
    skip_optional(r, 6)?;
    if acmod == 0 {
        skip_optional(r, 6)?;
    }
    skip_optional(r, 6)?;
    match r.bits(2)? {
        0 => {}
        1 => r.skip(5)?,
        2 => r.skip(12)?,
        _ => {
            let bytes = r.bits(5)? + 2;
            r.skip(8 * bytes)?;
        }
    }
    // Panning of one or two single channels.
    if acmod < 2 {
        skip_optional(r, 14)?;
        if acmod == 0 {
            skip_optional(r, 14)?;
        }
    }
    if r.flag()? {
        skip_block_mixing(r, layout.blocks)?;
    }
    Ok(())
}

fn skip_block_mixing(r: &mut BitReader<'_>, blocks: u8) -> Result<(), Error> {
    if blocks == 1 {
        return r.skip(5);
    }
    for _ in 0..blocks {
        skip_optional(r, 5)?;
    }
    Ok(())
}

/// A flag, and the field behind it when it is set.
fn skip_optional(r: &mut BitReader<'_>, bits: u32) -> Result<(), Error> {
    if r.flag()? { r.skip(bits) } else { Ok(()) }
}
