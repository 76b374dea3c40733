//! [`Units`]: access units of H.264 and H.265 as samples have them.

use bytes::Bytes;
use weir_codec::nal::{Framing, annex_b, framing};
use weir_codec::{Codec, Error, avc, hevc};

/// What makes samples of access units.
#[derive(Debug)]
pub(super) struct Units {
    /// Bytes of the length before each unit.
    length_size: u8,
}

impl Units {
    /// For a track with such a configuration record; nothing when its codec has no units.
    pub(super) fn of(codec: Codec, config: &[u8]) -> Option<Units> {
        let length_size = match codec {
            Codec::H264 => avc::DecoderConfig::parse(config).ok()?.length_size,
            Codec::H265 => hevc::DecoderConfig::parse(config).ok()?.length_size,
            _ => return None,
        };
        Some(Units { length_size })
    }

    /// An access unit as units with lengths (ISO/IEC 14496-15 clause 4.3.2), which it mostly is already: some encoders push
    /// byte streams.
    pub(super) fn sample(&self, data: Bytes) -> Result<Bytes, Error> {
        match framing(&data, self.length_size)? {
            Framing::Lengths => Ok(data),
            Framing::StartCodes => self.join(annex_b(&data), data.len()),
        }
    }

    fn join<'a>(&self, units: impl Iterator<Item = &'a [u8]>, len: usize) -> Result<Bytes, Error> {
        let mut joined = Vec::with_capacity(len + len / 64);
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

#[cfg(test)]
mod tests;
