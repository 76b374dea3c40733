//! NAL units of H.264 and H.265 in payloads: alone, several together, or in pieces.

use super::depacketizer::{Draft, Fault};
use super::packetizer::{Options, Sink};
use super::sets::Sets;
use weir_base::ByteReader;
use weir_codec::{Error, nal};

/// Bits of a fragment's header.
const FU_START: u8 = 0x80;
const FU_END: u8 = 0x40;
/// Bytes of the length before each NAL unit that is put together.
const LENGTH: usize = 4;
/// NAL units of one picture. Of 8K, one slice for each row of blocks of 16 is 270.
const MAX_UNITS: usize = 4096;

/// What the two formats differ in.
pub(super) struct Syntax {
    /// Bytes of the header of a NAL unit, and of a payload.
    pub(super) header_len: usize,
    /// The type of the set that begins a configuration.
    pub(super) first_set: u8,
    pub(super) form: fn(&[u8]) -> Form,
    pub(super) part: fn(&[u8]) -> Part,
    /// What stands ahead of units that share a payload; `header_len` bytes of it.
    pub(super) aggregate_header: fn(&[&[u8]]) -> [u8; 2],
    /// What stands ahead of a piece of a unit with these FU bits; one byte more than `header_len`.
    pub(super) fragment_header: fn(&[u8], u8) -> [u8; 3],
    /// The header of a unit, from those of its piece; `header_len` bytes of it.
    pub(super) unit_header: fn(&[u8], u8) -> [u8; 2],
    pub(super) read_config: fn(&[u8]) -> Result<Config<'_>, Error>,
    /// The record of these parameter sets; nothing when some are missing, or cannot be read.
    pub(super) record: fn(&[&[u8]]) -> Option<Vec<u8>>,
}

impl std::fmt::Debug for Syntax {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Syntax").field("header_len", &self.header_len).finish_non_exhaustive()
    }
}

/// What a record says.
pub(super) struct Config<'a> {
    /// Bytes of the length before each NAL unit.
    pub(super) length_size: u8,
    /// Parameter sets, in their order.
    pub(super) sets: Vec<&'a [u8]>,
}

/// How a payload is made up.
pub(super) enum Form {
    /// One NAL unit.
    Single,
    /// Several, each behind its size.
    Aggregate,
    /// A piece of one.
    Fragment,
    /// Of a mode that is not taken, by its type.
    Interleaved(u8),
    /// Nothing that is defined: receivers pass over it.
    Reserved,
}

/// What a NAL unit is to a picture.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Some of it.
    Picture {
        /// Decoding can start with it.
        key: bool,
    },
    /// A parameter set.
    Set,
    /// Supplemental enhancement information.
    Message,
    /// Delimiters and filling, and what is none.
    Needless,
    /// Anything else.
    Other,
}

/// Cuts pictures.
#[derive(Clone, Debug)]
pub(super) struct Cutter {
    syntax: &'static Syntax,
    length_size: u8,
    sets: Vec<Vec<u8>>,
}

impl Cutter {
    pub(super) fn new(syntax: &'static Syntax) -> Self {
        Cutter { syntax, length_size: LENGTH as u8, sets: Vec::new() }
    }

    pub(super) fn configure(&mut self, record: &[u8]) -> Result<(), Error> {
        let config = (self.syntax.read_config)(record)?;
        self.length_size = config.length_size;
        self.sets = config.sets.into_iter().filter(|set| !set.is_empty()).map(<[u8]>::to_vec).collect();
        Ok(())
    }

    pub(super) fn cut(&self, data: &[u8], key: bool, options: &Options, sink: &mut Sink<'_>) -> Result<(), Error> {
        let mut told = Ok(());
        let mut units: Vec<&[u8]> = match nal::framing(data, self.length_size) {
            Ok(nal::Framing::StartCodes) => nal::annex_b(data).collect(),
            framing => {
                told = framing.map(|_| ());
                nal::length_prefixed(data, self.length_size).map_while(Result::ok).collect()
            }
        };
        units.retain(|unit| self.is_sent(unit, options));
        let is_key = key || units.iter().any(|unit| self.part(unit) == Part::Picture { key: true });
        if is_key && !units.iter().any(|unit| self.part(unit) == Part::Set) {
            units.splice(..0, self.sets.iter().map(Vec::as_slice));
        }
        let mut rest = units.as_slice();
        while let Some(first) = rest.first() {
            let count = self.together(rest, options);
            let (group, after) = rest.split_at(count);
            match group {
                [_] if first.len() > options.max_payload => self.fragment(first, options, sink),
                [_] => sink.put([*first]),
                several => self.aggregate(several, sink),
            }
            rest = after;
        }
        told
    }

    fn part(&self, unit: &[u8]) -> Part {
        (self.syntax.part)(unit)
    }

    fn is_sent(&self, unit: &[u8], options: &Options) -> bool {
        unit.len() > self.syntax.header_len
            && match self.part(unit) {
                Part::Needless => false,
                Part::Message => options.keep_sei,
                _ => true,
            }
    }

    /// How many of the units go into one payload, at least one.
    fn together(&self, units: &[&[u8]], options: &Options) -> usize {
        let are_sets = |pair: [&[u8]; 2]| pair.iter().all(|unit| self.part(unit) == Part::Set);
        let Some(first) = units.first() else { return 1 };
        let (mut len, mut count) = (self.syntax.header_len + 2 + first.len(), 1);
        while let Some(next) = units.get(count) {
            len += 2 + next.len();
            if len > options.max_payload || !(options.merge_units || are_sets([first, next])) {
                break;
            }
            count += 1;
        }
        count
    }

    fn aggregate(&self, units: &[&[u8]], sink: &mut Sink<'_>) {
        let header = (self.syntax.aggregate_header)(units);
        let sizes: Vec<[u8; 2]> = units.iter().map(|unit| (unit.len() as u16).to_be_bytes()).collect();
        let sized = sizes.iter().zip(units).flat_map(|(size, unit)| [&size[..], *unit]);
        sink.put(header.get(..self.syntax.header_len).into_iter().chain(sized));
    }

    fn fragment(&self, unit: &[u8], options: &Options, sink: &mut Sink<'_>) {
        let header_len = self.syntax.header_len + 1;
        let mut rest = unit.get(self.syntax.header_len..).unwrap_or_default();
        let mut bits = FU_START;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(options.max_payload - header_len));
            if after.is_empty() {
                bits |= FU_END;
            }
            let header = (self.syntax.fragment_header)(unit, bits);
            sink.put(header.get(..header_len).into_iter().chain([piece]));
            (rest, bits) = (after, 0);
        }
    }
}

/// Puts pictures together.
#[derive(Clone, Debug)]
pub(super) struct Gatherer {
    syntax: &'static Syntax,
    sets: Sets,
    /// Where the unit starts whose pieces are coming.
    open: Option<usize>,
    units: usize,
    /// The key frame before came with its sets, and so should the next.
    sets_expected: bool,
}

impl Gatherer {
    pub(super) fn new(syntax: &'static Syntax) -> Self {
        Gatherer { syntax, sets: Sets::default(), open: None, units: 0, sets_expected: false }
    }

    /// A parameter set that came by another way.
    pub(super) fn know(&mut self, set: &[u8]) {
        if (self.syntax.part)(set) == Part::Set {
            self.sets.bring(set);
            self.sets.settle(self.syntax);
        }
    }

    pub(super) fn add(&mut self, payload: &[u8], draft: &mut Draft) -> Result<(), Fault> {
        let header_len = self.syntax.header_len;
        let mut r = ByteReader::new(payload);
        let head = r.take(header_len)?;
        let form = (self.syntax.form)(payload);
        if !matches!(form, Form::Fragment | Form::Reserved) && self.open.take().is_some() {
            return Err(Fault::NoEnd);
        }
        match form {
            Form::Single => self.unit(payload, draft),
            Form::Aggregate => {
                while !r.is_empty() {
                    let len = r.u16()?;
                    self.unit(r.take(len.into())?, draft)?;
                }
                Ok(())
            }
            Form::Fragment => self.fragment(head, r.u8()?, r.rest(), draft),
            Form::Interleaved(kind) => Err(Fault::Interleaved { kind }),
            Form::Reserved => Ok(()),
        }
    }

    fn unit(&mut self, unit: &[u8], draft: &mut Draft) -> Result<(), Fault> {
        let at = draft.data.len();
        draft.data.extend_from_slice(&[0; LENGTH]);
        draft.data.extend_from_slice(unit);
        self.close(at, draft)
    }

    fn fragment(&mut self, head: &[u8], fu: u8, piece: &[u8], draft: &mut Draft) -> Result<(), Fault> {
        if fu & FU_START != 0 {
            if self.open.is_some() {
                return Err(Fault::NoEnd);
            }
            self.open = Some(draft.data.len());
            draft.data.extend_from_slice(&[0; LENGTH]);
            let header = (self.syntax.unit_header)(head, fu);
            draft.data.extend_from_slice(header.get(..self.syntax.header_len).unwrap_or_default());
        }
        let at = self.open.ok_or(Fault::NoStart)?;
        draft.data.extend_from_slice(piece);
        if fu & FU_END != 0 {
            self.open = None;
            return self.close(at, draft);
        }
        Ok(())
    }

    /// A unit is whole: it gets its length, or goes where it belongs.
    fn close(&mut self, at: usize, draft: &mut Draft) -> Result<(), Fault> {
        self.units += 1;
        if self.units > MAX_UNITS {
            return Err(Fault::TooMany { max: MAX_UNITS });
        }
        let unit = draft.data.get(at + LENGTH..).unwrap_or_default();
        let part = if unit.len() > self.syntax.header_len { (self.syntax.part)(unit) } else { Part::Needless };
        match part {
            Part::Needless => draft.data.truncate(at),
            Part::Set => {
                self.sets.bring(unit);
                draft.data.truncate(at);
            }
            part => {
                let len = (unit.len() as u32).to_be_bytes();
                if let Some(place) = draft.data.get_mut(at..at + LENGTH) {
                    place.copy_from_slice(&len);
                }
                draft.has_picture |= matches!(part, Part::Picture { .. });
                draft.key |= part == Part::Picture { key: true };
            }
        }
        Ok(())
    }

    /// The record, where the sets are others than before.
    pub(super) fn finish(&mut self, draft: &mut Draft) -> Result<Option<Vec<u8>>, Fault> {
        if self.open.take().is_some() {
            return Err(Fault::NoEnd);
        }
        if !draft.has_picture {
            // Sets that have the marker go with the picture behind them.
            return Ok(None);
        }
        self.units = 0;
        let brought = self.sets.settle(self.syntax);
        if draft.key {
            if draft.after_gap && self.sets_expected && !brought {
                return Err(Fault::NoSets);
            }
            self.sets_expected = brought;
            draft.key = self.sets.is_complete();
        }
        Ok(self.sets.record().map(<[u8]>::to_vec))
    }

    /// The picture is given up.
    pub(super) fn abandon(&mut self) {
        (self.open, self.units) = (None, 0);
        self.sets.settle(self.syntax);
    }
}
