//! What a file says of its AC-3 and E-AC-3 tracks (ETSI TS 102 366 annex F).

use super::{StreamType, SyncFrame};
use crate::Error;
use crate::error::at_most;

/// data_rate has 13 bits.
const MAX_RATE: u64 = 0x1fff;

/// The payload of `dac3` (AC3SpecificBox, clause F.4) for streams of such frames; [`None`] for E-AC-3.
pub fn dac3(frame: &SyncFrame) -> Option<[u8; 3]> {
    let bit_rate_code = u32::from(frame.size_code?) / 2;
    let mut word = u32::from(frame.fscod);
    word = word << 5 | u32::from(frame.bsid);
    word = word << 3 | u32::from(frame.bsmod);
    word = word << 3 | u32::from(frame.acmod);
    word = word << 1 | u32::from(frame.lfe);
    word = (word << 5 | bit_rate_code) << 5;
    let [_, payload @ ..] = word.to_be_bytes();
    Some(payload)
}

/// The payload of `dec3` (EC3SpecificBox, clause F.6), made of the first access unit of a stream: one independent frame
/// for each programme, with its dependent ones.
///
/// The unit may go on for several units' worth of blocks; only one frame of each substream counts. Fails when there is
/// no frame of E-AC-3, or a dependent frame without its independent one.
pub fn dec3(unit: &[u8]) -> Result<Vec<u8>, Error> {
    let mut programmes: Vec<(SyncFrame, Dependents)> = Vec::new();
    let mut bytes: u64 = 0;
    for frame in first_round(unit) {
        bytes = bytes.saturating_add(frame.frame_len as u64);
        match frame.stream {
            Some(StreamType::Dependent) => {
                let lone = Error::Unexpected { field: "first strmtyp of E-AC-3", value: 1 };
                programmes.last_mut().ok_or(lone)?.1.add(&frame);
            }
            _ => programmes.push((frame, Dependents::default())),
        }
    }
    let Some((first, _)) = programmes.first() else {
        // Says what is wrong with the first frame, or that it is of the other codec.
        let frame = SyncFrame::parse(unit)?;
        return Err(Error::Unexpected { field: "bsid for dec3", value: frame.bsid.into() });
    };
    let bits_a_second = bytes.saturating_mul(8).saturating_mul(first.sample_rate.into());
    let rate = (bits_a_second / u64::from(first.samples()) / 1000).min(MAX_RATE) as u16;
    let more = at_most("independent substreams, less one", programmes.len() as u64 - 1, 7)? as u16;
    let mut out = (rate << 3 | more).to_be_bytes().to_vec();
    for (frame, dependents) in &programmes {
        write_programme(&mut out, frame, dependents);
    }
    Ok(out)
}

/// What the dependent substreams of a programme add.
#[derive(Default)]
struct Dependents {
    count: u8,
    /// chan_loc: bit 0 is the lowest.
    locations: u16,
}

impl Dependents {
    fn add(&mut self, frame: &SyncFrame) {
        self.count = self.count.saturating_add(1).min(15);
        self.locations |= frame.channel_map.map_or(0, locations_of);
    }
}

/// chan_loc (table F.2) of a chanmap (table E.1.4): which pairs and channels there are beyond those of acmod.
///
/// The tables are alike but for their direction: chanmap has its bit 0 on top. Its bits 5 to 12 are the first eight of
/// chan_loc; its bit 14, the second channel for low frequencies, is the last.
fn locations_of(channel_map: u16) -> u16 {
    let from_below = channel_map.reverse_bits();
    from_below >> 5 & 0xff | (from_below >> 14 & 1) << 8
}

/// The frames up to the second one of any substream.
fn first_round(unit: &[u8]) -> impl Iterator<Item = SyncFrame> + '_ {
    // A bit for each independent substream, above them one for each dependent one of the current programme.
    let mut seen = 0_u16;
    let first = move |frame: &SyncFrame| {
        let bit = match frame.stream {
            Some(StreamType::Dependent) => 0x100 << (frame.substream & 7),
            Some(_) => 1 << (frame.substream & 7),
            None => return false,
        };
        let again = seen & bit != 0;
        // Dependent substreams are numbered anew for each programme.
        seen = if bit < 0x100 { (seen | bit) & 0xff } else { seen | bit };
        !again
    };
    SyncFrame::all(unit).take_while(first)
}

fn write_programme(out: &mut Vec<u8>, frame: &SyncFrame, dependents: &Dependents) {
    let mut word = u32::from(frame.fscod);
    // A reserved bit and asvc, which is 0 but for associated services, follow bsid.
    word = (word << 5 | u32::from(frame.bsid)) << 2;
    word = word << 3 | u32::from(frame.bsmod);
    word = word << 3 | u32::from(frame.acmod);
    word = (word << 1 | u32::from(frame.lfe)) << 3;
    word = word << 4 | u32::from(dependents.count);
    word = match dependents.count {
        0 => word << 1,
        _ => word << 9 | u32::from(dependents.locations),
    };
    let len = if dependents.count == 0 { 3 } else { 4 };
    out.extend(word.to_be_bytes().into_iter().skip(4 - len));
}
