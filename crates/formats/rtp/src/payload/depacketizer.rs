//! [`Depacketizer`]: payloads into coded units.

use super::{av1, h264, h265, nal, vp8, vp9};
use crate::video;
use std::time::Duration;
use weir_base::Short;
use weir_codec::Codec;

/// Bytes of one coded picture. A key frame of 8K at 200 Mb/s is below.
const MAX_BYTES: usize = 16 << 20;
/// A packet that is not further behind than this has come late, or twice; else its source counts anew.
const MAX_LATE: u64 = 1000;

/// One packet, as a [`crate::jitter::JitterBuffer`] gives it.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// The sequence number, extended by the times it wrapped.
    pub sequence: u64,
    /// In ticks of the track's clock.
    pub timestamp: u32,
    /// The marker bit.
    pub marker: bool,
    /// When it was captured; goes into the unit that it begins.
    pub captured: Duration,
    /// Without padding; empty for a probe.
    pub payload: &'a [u8],
}

/// A coded picture, or a packet of sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessUnit {
    /// When it is shown, in ticks of the track's clock; wraps.
    pub timestamp: u32,
    /// When its first packet was captured.
    pub captured: Duration,
    /// Decoding can start here.
    pub key: bool,
    /// What frames carry: NAL units behind lengths of four bytes, without parameter sets; OBUs with sizes; else what the
    /// codec made.
    pub data: Vec<u8>,
    /// The decoder configuration record, when it is another one from here on: `avcC`, `hvcC`, `av1C`, `vpcC`. Each track of
    /// pictures starts with one, sound has none.
    pub config: Option<Vec<u8>>,
}

/// What did not become a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Packets that never came.
    pub packets: u64,
    /// Pictures with holes, and whole ones that could not be decoded for want of those before them.
    pub pictures: u64,
}

/// Why a picture cannot be put together although its packets came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// When a payload ends inside of a field or of a unit.
    #[error("payload {0}")]
    Short(#[from] Short),
    /// When what it holds is not of its codec.
    #[error("{0}")]
    Codec(weir_codec::Error),
    /// When its type is one of H.264's interleaved mode, or H.265's PACI.
    #[error("payload type {kind} was not agreed on")]
    Interleaved {
        /// The type of the payload.
        kind: u8,
    },
    /// When a piece comes of something that has not begun.
    #[error("fragment without a start")]
    NoStart,
    /// When something is not ended and something else comes.
    #[error("fragments without an end")]
    NoEnd,
    /// When a key frame came without parameter sets, those before it had some, and packets ahead of it are missing.
    #[error("the parameter sets of a key frame are lost")]
    NoSets,
    /// When a picture is larger than any.
    #[error("picture of more than {max} bytes")]
    TooLarge {
        /// The most that is taken.
        max: usize,
    },
    /// When a picture has more units, or layers, than any.
    #[error("picture of more than {max} units")]
    TooMany {
        /// The most that is taken.
        max: usize,
    },
}

impl From<weir_codec::Error> for Fault {
    fn from(error: weir_codec::Error) -> Fault {
        match error {
            weir_codec::Error::Short(short) => Fault::Short(short),
            other => Fault::Codec(other),
        }
    }
}

/// Puts the coded units of one track together, out of packets in their order.
///
/// A picture ends with the marker, or where the timestamp changes. One with a hole is not given, nor are those behind a
/// loss until the next key frame that is whole: [`Depacketizer::needs_key`]. Sound is given as it comes.
#[derive(Clone, Debug)]
pub struct Depacketizer {
    codec: Codec,
    format: Format,
    draft: Draft,
    /// The sequence number of the next packet.
    next: Option<u64>,
    /// Packets ahead of the next picture may be missing.
    after_gap: bool,
    needs_key: bool,
    /// The record that was given last.
    told: Option<Vec<u8>>,
    lost: Lost,
    fault: Option<Fault>,
}

#[derive(Clone, Debug)]
enum Format {
    Nals(nal::Gatherer),
    Av1(av1::Gatherer),
    Vp8(vp8::Gatherer),
    Vp9(vp9::Gatherer),
    Sound,
}

/// A picture of which packets are coming.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// Timestamp and capture; [`None`] when no packet has come.
    begun: Option<(u32, Duration)>,
    pub(super) data: Vec<u8>,
    pub(super) key: bool,
    /// Not only parameter sets and messages.
    pub(super) has_picture: bool,
    pub(super) after_gap: bool,
    is_broken: bool,
}

impl Depacketizer {
    /// For a track of that codec; [`None`] for those that have no payload format here.
    pub fn new(codec: Codec) -> Option<Depacketizer> {
        let format = match codec {
            Codec::H264 => Format::Nals(nal::Gatherer::new(&h264::SYNTAX)),
            Codec::H265 => Format::Nals(nal::Gatherer::new(&h265::SYNTAX)),
            Codec::Av1 => Format::Av1(av1::Gatherer::default()),
            Codec::Vp8 => Format::Vp8(vp8::Gatherer),
            Codec::Vp9 => Format::Vp9(vp9::Gatherer::default()),
            Codec::Opus | Codec::G711a | Codec::G711u => Format::Sound,
            _ => return None,
        };
        Some(Depacketizer {
            codec,
            format,
            draft: Draft::default(),
            next: None,
            after_gap: true,
            needs_key: codec.is_video(),
            told: None,
            lost: Lost::default(),
            fault: None,
        })
    }

    /// A parameter set that the session description has (`sprop-parameter-sets` of RFC 6184, `sprop-vps`, `sprop-sps` and
    /// `sprop-pps` of RFC 7798): a stream need not repeat it.
    pub fn know(&mut self, set: &[u8]) {
        if let Format::Nals(gatherer) = &mut self.format {
            gatherer.know(set);
        }
    }

    /// Takes the next packet; gives the units that it ends, two at most: one whose marker is missing, and its own.
    pub fn push(&mut self, piece: &Piece<'_>) -> impl Iterator<Item = AccessUnit> + use<> {
        let units =
            if self.follows(piece.sequence) && !piece.payload.is_empty() { self.take(piece) } else { [None, None] };
        units.into_iter().flatten()
    }

    /// True until a picture comes that decoding can start at: the sender is to be asked for a key frame.
    pub fn needs_key(&self) -> bool {
        self.needs_key
    }

    /// What was lost so far.
    pub fn lost(&self) -> Lost {
        self.lost
    }

    /// The first fault since the last call.
    pub fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    /// Notes a gap ahead of a packet. False for one that comes twice, or late.
    fn follows(&mut self, sequence: u64) -> bool {
        let Some(next) = self.next else {
            self.next = Some(sequence.wrapping_add(1));
            return true;
        };
        if (1..=MAX_LATE).contains(&next.saturating_sub(sequence)) {
            return false;
        }
        self.next = Some(sequence.wrapping_add(1));
        if sequence != next {
            self.lost.packets = self.lost.packets.saturating_add(sequence.saturating_sub(next));
            self.draft.is_broken = true;
            self.after_gap = true;
            self.needs_key = self.codec.is_video();
        }
        true
    }

    fn take(&mut self, piece: &Piece<'_>) -> [Option<AccessUnit>; 2] {
        if matches!(self.format, Format::Sound) {
            let (timestamp, captured, data) = (piece.timestamp, piece.captured, piece.payload.to_vec());
            return [None, Some(AccessUnit { timestamp, captured, key: true, data, config: None })];
        }
        let is_next = self.draft.begun.is_some_and(|(timestamp, _)| timestamp != piece.timestamp);
        let before = if is_next { self.finish() } else { None };
        if self.draft.begun.is_none() {
            self.begin(piece);
        }
        if !self.draft.is_broken
            && let Err(fault) = self.add(piece.payload)
        {
            self.give_up(fault);
        }
        [before, if piece.marker { self.finish() } else { None }]
    }

    fn begin(&mut self, piece: &Piece<'_>) {
        let after_gap = std::mem::take(&mut self.after_gap);
        // What is in the middle of a picture had something ahead.
        let is_broken = after_gap && !video::peek(self.codec, piece.payload).starts_frame;
        let begun = Some((piece.timestamp, piece.captured));
        self.draft = Draft { begun, after_gap, is_broken, ..Draft::default() };
    }

    fn add(&mut self, payload: &[u8]) -> Result<(), Fault> {
        if self.draft.data.len() + payload.len() > MAX_BYTES {
            return Err(Fault::TooLarge { max: MAX_BYTES });
        }
        match &mut self.format {
            Format::Nals(gatherer) => gatherer.add(payload, &mut self.draft),
            Format::Av1(gatherer) => gatherer.add(payload, &mut self.draft),
            Format::Vp8(gatherer) => gatherer.add(payload, &mut self.draft),
            Format::Vp9(gatherer) => gatherer.add(payload, &mut self.draft),
            Format::Sound => Ok(()),
        }
    }

    fn give_up(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
        self.draft.is_broken = true;
        self.draft.data = Vec::new();
    }

    /// The picture is over.
    fn finish(&mut self) -> Option<AccessUnit> {
        let record = self.close();
        let draft = std::mem::take(&mut self.draft);
        self.needs_key |= draft.is_broken;
        if !draft.is_broken && !draft.has_picture {
            return None;
        }
        if draft.is_broken || self.needs_key && !draft.key {
            self.lost.pictures = self.lost.pictures.saturating_add(1);
            return None;
        }
        self.needs_key = false;
        let config = record.filter(|record| self.told.as_ref() != Some(record));
        if config.is_some() {
            self.told.clone_from(&config);
        }
        let (timestamp, captured) = draft.begun?;
        Some(AccessUnit { timestamp, captured, key: draft.key, data: draft.data, config })
    }

    /// Completes the draft, or finds that it cannot be.
    fn close(&mut self) -> Option<Vec<u8>> {
        let finished = match &mut self.format {
            _ if self.draft.is_broken => Ok(None),
            Format::Nals(gatherer) => gatherer.finish(&mut self.draft),
            Format::Av1(gatherer) => gatherer.finish(&mut self.draft),
            Format::Vp8(gatherer) => gatherer.finish(&mut self.draft),
            Format::Vp9(gatherer) => gatherer.finish(&mut self.draft),
            Format::Sound => Ok(None),
        };
        let record = finished.unwrap_or_else(|fault| {
            self.give_up(fault);
            None
        });
        match &mut self.format {
            Format::Nals(gatherer) if self.draft.is_broken => gatherer.abandon(),
            Format::Av1(gatherer) if self.draft.is_broken => gatherer.abandon(),
            _ => {}
        }
        record
    }
}
