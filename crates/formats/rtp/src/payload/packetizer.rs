//! [`Packetizer`]: coded units into payloads.

use super::{av1, h264, h265, nal, sound, vp8, vp9};
use std::ops::RangeInclusive;
use std::sync::Arc;
use weir_codec::{Codec, Error};

/// Bytes of a payload that pass through every tunnel, with the headers of IP, UDP, RTP, its extensions and SRTP.
pub const DEFAULT_MAX_PAYLOAD: usize = 1200;

/// What a payload can be told to be at most: there is room for the headers of all formats, and a datagram for it.
const MAX_PAYLOADS: RangeInclusive<usize> = 64..=65_000;

/// How payloads are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bytes of a payload at most, 64 to 65,000. Only a packet of Opus, which cannot be cut, may be longer.
    pub max_payload: usize,
    /// Small NAL units of a picture share payloads. Parameter sets always do.
    pub merge_units: bool,
    /// Supplemental enhancement information is sent.
    pub keep_sei: bool,
}

/// One payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The bytes behind the RTP header.
    pub bytes: Arc<[u8]>,
    /// The marker bit: the last of a picture.
    pub marker: bool,
    /// Ticks of the track's clock behind the timestamp of the unit: sound that had to be cut.
    pub ticks: u32,
}

/// Makes payloads of the coded units of one track.
#[derive(Clone, Debug)]
pub struct Packetizer {
    format: Format,
    options: Options,
    /// What a payload is put together in; kept for its memory.
    scratch: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Format {
    Nals(nal::Cutter),
    Av1(av1::Cutter),
    Vp8(vp8::Cutter),
    Vp9(vp9::Cutter),
    Opus,
    G711,
}

impl Packetizer {
    /// For a track of that codec; [`None`] for those that have no payload format here.
    pub fn new(codec: Codec, mut options: Options) -> Option<Packetizer> {
        options.max_payload = options.max_payload.clamp(*MAX_PAYLOADS.start(), *MAX_PAYLOADS.end());
        let format = match codec {
            Codec::H264 => Format::Nals(nal::Cutter::new(&h264::SYNTAX)),
            Codec::H265 => Format::Nals(nal::Cutter::new(&h265::SYNTAX)),
            Codec::Av1 => Format::Av1(av1::Cutter::default()),
            Codec::Vp8 => Format::Vp8(vp8::Cutter::default()),
            Codec::Vp9 => Format::Vp9(vp9::Cutter::default()),
            Codec::Opus => Format::Opus,
            Codec::G711a | Codec::G711u => Format::G711,
            _ => return None,
        };
        Some(Packetizer { format, options, scratch: Vec::new() })
    }

    /// Takes a decoder configuration record (`avcC`, `hvcC`, `av1C`): its parameter sets are put ahead of key frames that
    /// bring none, and it tells the size of lengths. Codecs without one have nothing to be told.
    pub fn configure(&mut self, record: &[u8]) -> Result<(), Error> {
        match &mut self.format {
            Format::Nals(cutter) => cutter.configure(record),
            Format::Av1(cutter) => cutter.configure(record),
            _ => Ok(()),
        }
    }

    /// Gives the payloads of a coded unit to `out`, in their order; none for what holds nothing to send. Units that follow
    /// one that cannot be read are left out.
    pub fn packetize(&mut self, unit: &[u8], key: bool, out: &mut dyn FnMut(Payload)) -> Result<(), Error> {
        let mut sink = Sink { scratch: &mut self.scratch, pending: None, out };
        let options = &self.options;
        let told = match &mut self.format {
            Format::Nals(cutter) => cutter.cut(unit, key, options, &mut sink),
            Format::Av1(cutter) => cutter.cut(unit, key, options, &mut sink),
            Format::Vp8(cutter) => cutter.cut(unit, options, &mut sink),
            Format::Vp9(cutter) => cutter.cut(unit, options, &mut sink),
            Format::Opus => return sound::cut(unit, usize::MAX, out),
            Format::G711 => return sound::cut(unit, options.max_payload, out),
        };
        sink.finish();
        told
    }
}

/// Where payloads of a picture go. Holds one back, since only the last has the marker.
pub(super) struct Sink<'a> {
    scratch: &'a mut Vec<u8>,
    pending: Option<Arc<[u8]>>,
    out: &'a mut dyn FnMut(Payload),
}

impl Sink<'_> {
    /// A payload made of these parts.
    pub(super) fn put<'p>(&mut self, parts: impl IntoIterator<Item = &'p [u8]>) {
        self.scratch.clear();
        for part in parts {
            self.scratch.extend_from_slice(part);
        }
        let before = self.pending.replace(Arc::from(self.scratch.as_slice()));
        self.give(before, false);
    }

    fn finish(mut self) {
        let last = self.pending.take();
        self.give(last, true);
    }

    fn give(&mut self, bytes: Option<Arc<[u8]>>, marker: bool) {
        if let Some(bytes) = bytes {
            (self.out)(Payload { bytes, marker, ticks: 0 });
        }
    }
}
