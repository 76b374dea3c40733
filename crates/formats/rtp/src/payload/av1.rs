//! AV1 (RTP Payload Format For AV1 1.0, clause 4).

use super::depacketizer::{Draft, Fault};
use super::packetizer::{Options, Sink};
use weir_base::ByteReader;
use weir_codec::Error;
use weir_codec::av1::{
    DecoderConfig, OBU_FRAME, OBU_FRAME_HEADER, OBU_PADDING, OBU_SEQUENCE_HEADER, OBU_TEMPORAL_DELIMITER,
    OBU_TILE_LIST, Obu, leb128_len, obus, read_leb128, write_leb128,
};

/// Bits of the aggregation header.
const CONTINUES: u8 = 0x80;
const TO_BE_CONTINUED: u8 = 0x40;
const NEW_SEQUENCE: u8 = 0x08;
/// Elements that the header can count; where there are more, all have lengths.
const MAX_COUNT: usize = 3;
/// A piece of an OBU that is shorter than this waits for the next payload.
const MIN_PIECE: usize = 16;
/// OBUs of one temporal unit. 128 tiles in groups of their own with headers and metadata are some 140.
const MAX_UNITS: usize = 4096;

/// Has no place in payloads.
fn is_left_out(kind: u8) -> bool {
    matches!(kind, OBU_TEMPORAL_DELIMITER | OBU_TILE_LIST | OBU_PADDING)
}

/// Cuts temporal units.
#[derive(Clone, Debug, Default)]
pub(super) struct Cutter {
    /// OBUs of the record.
    config: Vec<u8>,
}

impl Cutter {
    pub(super) fn configure(&mut self, record: &[u8]) -> Result<(), Error> {
        self.config = DecoderConfig::parse(record)?.obus.to_vec();
        Ok(())
    }

    pub(super) fn cut(&self, data: &[u8], key: bool, options: &Options, sink: &mut Sink<'_>) -> Result<(), Error> {
        let whole = || obus(data).map_while(Result::ok).filter(|obu| !is_left_out(obu.kind));
        let has_header = whole().any(|obu| obu.kind == OBU_SEQUENCE_HEADER);
        let config = if key && !has_header && whole().next().is_some() { self.config.as_slice() } else { &[] };
        let ahead = obus(config).map_while(Result::ok).filter(|obu| !is_left_out(obu.kind));
        let new_sequence = key && (has_header || !config.is_empty());
        let flags = if new_sequence { NEW_SEQUENCE } else { 0 };
        let mut packing = Packing { elements: Vec::new(), len: 1, layer: None, flags, max: options.max_payload, sink };
        for obu in ahead.chain(whole()) {
            packing.add(&obu);
        }
        packing.flush(0);
        obus(data).find_map(Result::err).map_or(Ok(()), Err)
    }
}

/// One payload as it fills.
struct Packing<'a, 's, 'o> {
    elements: Vec<Element<'a>>,
    /// Bytes so far, with the lengths of all elements.
    len: usize,
    /// The extension of the OBUs: those of other layers go elsewhere.
    layer: Option<u8>,
    /// Of the aggregation header, but for the count.
    flags: u8,
    max: usize,
    sink: &'s mut Sink<'o>,
}

#[derive(Clone, Copy)]
struct Element<'a> {
    /// The header, at the start of an OBU.
    head: [u8; 2],
    head_len: usize,
    body: &'a [u8],
}

impl Element<'_> {
    fn len(&self) -> usize {
        self.head_len + self.body.len()
    }
}

impl<'a> Packing<'a, '_, '_> {
    fn add(&mut self, obu: &Obu<'a>) {
        let layer = obu.header.get(1).copied();
        if layer.is_some() && self.layer.is_some() && layer != self.layer {
            self.flush(0);
        }
        let mut head = [0; 2];
        for (place, byte) in head.iter_mut().zip(obu.header_without_size()) {
            *place = byte;
        }
        let mut rest = Element { head, head_len: obu.header.len(), body: obu.payload };
        loop {
            let room = self.room();
            if rest.len() <= room {
                self.layer = layer.or(self.layer);
                return self.push(rest);
            }
            if room < MIN_PIECE && !self.elements.is_empty() {
                self.flush(0);
                continue;
            }
            let (piece, after) = rest.body.split_at(room.saturating_sub(rest.head_len).min(rest.body.len()));
            self.push(Element { body: piece, ..rest });
            rest = Element { head_len: 0, body: after, ..rest };
            self.flush(TO_BE_CONTINUED);
            self.flags = CONTINUES;
        }
    }

    /// Bytes that one more element can have.
    fn room(&self) -> usize {
        let left = self.max.saturating_sub(self.len);
        if self.elements.len() < MAX_COUNT { left } else { left.saturating_sub(leb128_len(left as u64)) }
    }

    fn push(&mut self, element: Element<'a>) {
        self.len += leb128_len(element.len() as u64) + element.len();
        self.elements.push(element);
    }

    fn flush(&mut self, flag: u8) {
        let count = if self.elements.len() <= MAX_COUNT { self.elements.len() } else { 0 };
        if !self.elements.is_empty() {
            let header = [self.flags | flag | (count as u8) << 4];
            let mut lengths = Vec::new();
            let mut ends = Vec::new();
            for (index, element) in self.elements.iter().enumerate() {
                if index + 1 != count {
                    write_leb128(element.len() as u64, &mut lengths);
                }
                ends.push(lengths.len());
            }
            let starts = std::iter::once(0).chain(ends.iter().copied());
            let elements = self.elements.iter().zip(starts.zip(ends.iter().copied()));
            let parts = elements.flat_map(|(element, (start, end))| {
                let length = lengths.get(start..end).unwrap_or_default();
                [length, element.head.get(..element.head_len).unwrap_or_default(), element.body]
            });
            self.sink.put(std::iter::once(&header[..]).chain(parts));
            self.flags = 0;
        }
        self.elements.clear();
        (self.len, self.layer) = (1, None);
    }
}

/// Puts temporal units together.
#[derive(Clone, Debug, Default)]
pub(super) struct Gatherer {
    /// Where the OBU starts whose pieces are coming.
    open: Option<usize>,
    units: usize,
    /// The temporal unit has a sequence header.
    has_header: bool,
    /// Its first frame is a key frame that is shown.
    first_is_key: Option<bool>,
    record: Option<Vec<u8>>,
}

impl Gatherer {
    pub(super) fn add(&mut self, payload: &[u8], draft: &mut Draft) -> Result<(), Fault> {
        let mut r = ByteReader::new(payload);
        let flags = r.u8()?;
        let count = usize::from(flags >> 4 & 3);
        let mut index = 0;
        loop {
            // W counts the elements, the last of which then has no length; for 0 all have one.
            let is_bare = index + 1 == count;
            let len = if is_bare { r.left().max(1) as u64 } else { read_leb128(&mut r)? };
            let element = r.take(usize::try_from(len).unwrap_or(usize::MAX))?;
            let is_last = is_bare || count == 0 && r.is_empty();
            if index == 0 && flags & CONTINUES != 0 {
                self.open.ok_or(Fault::NoStart)?;
            } else if self.open.is_some() {
                return Err(Fault::NoEnd);
            }
            let at = *self.open.get_or_insert(draft.data.len());
            draft.data.extend_from_slice(element);
            if !is_last || flags & TO_BE_CONTINUED == 0 {
                self.open = None;
                self.close(at, draft)?;
            }
            if is_last {
                return Ok(());
            }
            index += 1;
        }
    }

    /// An OBU is whole: it gets its size, or is dropped.
    fn close(&mut self, at: usize, draft: &mut Draft) -> Result<(), Fault> {
        self.units += 1;
        if self.units > MAX_UNITS {
            return Err(Fault::TooMany { max: MAX_UNITS });
        }
        let bytes = draft.data.get(at..).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(());
        }
        let obu = Obu::parse(bytes)?;
        match obu.kind {
            kind if is_left_out(kind) => {
                draft.data.truncate(at);
                return Ok(());
            }
            OBU_SEQUENCE_HEADER => {
                self.has_header = true;
                self.record = DecoderConfig::record_of(&obu).ok().or(self.record.take());
            }
            OBU_FRAME | OBU_FRAME_HEADER => {
                draft.has_picture = true;
                // show_existing_frame, frame_type of two bits, show_frame (AV1 clause 5.9.2).
                let shown_key = obu.payload.first().is_some_and(|byte| byte & 0xf0 == 0x10);
                self.first_is_key.get_or_insert(shown_key);
            }
            _ => {}
        }
        let (header_len, len) = (obu.header.len(), obu.payload.len());
        let size_len = obu.bytes.len() - header_len - len;
        let mut size = Vec::new();
        write_leb128(len as u64, &mut size);
        draft.data.truncate(at + header_len + size_len + len);
        draft.data.splice(at + header_len..at + header_len + size_len, size);
        if let Some(flags) = draft.data.get_mut(at) {
            *flags |= 2;
        }
        Ok(())
    }

    /// The record, once a sequence header has come.
    pub(super) fn finish(&mut self, draft: &mut Draft) -> Result<Option<Vec<u8>>, Fault> {
        if self.open.is_some() {
            return Err(Fault::NoEnd);
        }
        if !draft.has_picture {
            self.abandon();
            return Ok(None);
        }
        draft.key = self.has_header && self.first_is_key == Some(true) && self.record.is_some();
        self.abandon();
        Ok(self.record.clone())
    }

    /// The temporal unit is over, or given up.
    pub(super) fn abandon(&mut self) {
        *self = Gatherer { record: self.record.take(), ..Gatherer::default() };
    }
}
