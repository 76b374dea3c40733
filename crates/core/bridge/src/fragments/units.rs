//! [`Units`]: access units of H.264 and H.265 as samples have them.

use bytes::Bytes;
use weir_codec::nal::{self, Framing};
use weir_codec::{Codec, Error, avc, hevc};

/// What makes samples of access units.
#[derive(Debug)]
pub(super) struct Units {
    /// Bytes of the length before each unit.
    length_size: u8,
    /// The parameter sets of the record, which must not be in samples: those of `hvc1` (ISO/IEC 14496-15 clause 8.4.1.1).
    sets: Vec<Bytes>,
    /// No others came since the track began.
    strips: bool,
}

impl Units {
    /// For a track with such a configuration record; nothing when its codec has no units.
    pub(super) fn of(codec: Codec, config: &[u8]) -> Option<Units> {
        let length_size = match codec {
            Codec::H264 => avc::DecoderConfig::parse(config).ok()?.length_size,
            Codec::H265 => hevc::DecoderConfig::parse(config).ok()?.length_size,
            _ => return None,
        };
        let record = hevc::DecoderConfig::parse(config).ok().filter(|_| codec == Codec::H265);
        let sets = record.iter().flat_map(|record| record.units.iter().filter(|unit| is_set(unit)));
        Some(Units {
            length_size,
            sets: sets.map(|set| Bytes::copy_from_slice(set)).collect(),
            strips: record.is_some(),
        })
    }

    /// An access unit as units with lengths (ISO/IEC 14496-15 clause 4.3.2), which it mostly is already: some encoders push
    /// byte streams.
    pub(super) fn sample(&mut self, data: Bytes) -> Result<Bytes, Error> {
        let is_sample = nal::framing(&data, self.length_size)? == Framing::Lengths;
        if is_sample && !self.strips {
            return Ok(data);
        }
        let mut units = nal::units(&data, self.length_size)?;
        // A set that is not in the record stays where it is, and so do all that come behind it: decoders read it there.
        self.strips &= units.iter().filter(|unit| is_set(unit)).all(|set| self.sets.iter().any(|known| known == set));
        let all = units.len();
        units.retain(|unit| !self.strips || !is_set(unit));
        if is_sample && units.len() == all { Ok(data) } else { self.join(&units) }
    }

    fn join(&self, units: &[&[u8]]) -> Result<Bytes, Error> {
        let mut joined = Vec::with_capacity(units.iter().map(|unit| unit.len() + 4).sum());
        let size = usize::from(self.length_size);
        for unit in units {
            let field = (unit.len() as u64).to_be_bytes();
            let (high, low) = field.split_at(field.len() - size);
            if high.iter().any(|byte| *byte != 0) {
                let max = (1_u64 << (8 * self.length_size)) - 1;
                return Err(Error::Range { field: "length of a NAL unit", value: unit.len() as u64, max });
            }
            joined.extend_from_slice(low);
            joined.extend_from_slice(unit);
        }
        Ok(joined.into())
    }
}

fn is_set(unit: &[u8]) -> bool {
    hevc::nal_type(unit).is_some_and(|kind| hevc::PARAMETER_SETS.contains(&kind))
}

#[cfg(test)]
mod tests;
