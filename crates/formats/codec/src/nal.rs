//! NAL units of H.264 and H.265: how they are framed, and how their payload is escaped.

use crate::Error;
use std::borrow::Cow;

/// The NAL units of an access unit whose units carry their length (ISO/IEC 14496-15), without the length fields.
///
/// `length_size` is 1, 2 or 4 bytes, from the decoder configuration. Ends after the first error.
pub fn length_prefixed(data: &[u8], length_size: u8) -> LengthPrefixed<'_> {
    LengthPrefixed { data, at: 0, length_size: usize::from(length_size.clamp(1, 4)) }
}

/// The iterator of [`length_prefixed`].
#[derive(Clone, Debug)]
pub struct LengthPrefixed<'a> {
    data: &'a [u8],
    at: usize,
    length_size: usize,
}

impl<'a> Iterator for LengthPrefixed<'a> {
    type Item = Result<&'a [u8], Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at;
        let rest = self.data.get(at..).filter(|rest| !rest.is_empty())?;
        // Whatever is wrong is wrong for the rest too.
        self.at = self.data.len();
        let (len, unit) = rest.split_at_checked(self.length_size).unwrap_or((rest, &[]));
        let len = len.iter().fold(0_usize, |len, byte| len << 8 | usize::from(*byte));
        let Some(nal) = unit.get(..len).filter(|_| rest.len() >= self.length_size) else {
            return Some(Err(Error::NalLength { at, len, left: unit.len() }));
        };
        self.at = at + self.length_size + len;
        Some(Ok(nal))
    }
}

/// How the NAL units of an access unit are told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Framing {
    /// Each carries its length.
    Lengths,
    /// Start codes stand before them (annex B of both specifications).
    StartCodes,
}

/// How an access unit is framed whose units should carry lengths of `length_size` bytes: some encoders push byte streams
/// into FLV. Fails when it is neither.
pub fn framing(data: &[u8], length_size: u8) -> Result<Framing, Error> {
    match length_prefixed(data, length_size).find_map(Result::err) {
        None => Ok(Framing::Lengths),
        // As lengths, start codes fail soon.
        Some(_) if is_annex_b(data) => Ok(Framing::StartCodes),
        Some(error) => Err(error),
    }
}

/// The NAL units of an access unit, however it is framed: see [`framing`].
pub fn units(data: &[u8], length_size: u8) -> Result<Vec<&[u8]>, Error> {
    match framing(data, length_size)? {
        Framing::Lengths => length_prefixed(data, length_size).collect(),
        Framing::StartCodes => Ok(annex_b(data).collect()),
    }
}

/// The NAL units of a byte stream (annex B of both specifications), without start codes and trailing zeros. What
/// precedes the first start code is passed over.
pub fn annex_b(data: &[u8]) -> AnnexB<'_> {
    let start = find_start_code(data).map_or(data.len(), |at| at + 3);
    AnnexB { rest: data.get(start..).unwrap_or_default() }
}

/// The iterator of [`annex_b`].
#[derive(Clone, Debug)]
pub struct AnnexB<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for AnnexB<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let (unit, rest) = match find_start_code(self.rest) {
                Some(at) => (self.rest.get(..at)?, self.rest.get(at + 3..)?),
                None => (self.rest, &[][..]),
            };
            self.rest = rest;
            let end = unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            if end > 0 {
                return unit.get(..end);
            }
        }
        None
    }
}

/// True when the data begins with a start code of three or four bytes.
pub fn is_annex_b(data: &[u8]) -> bool {
    data.starts_with(&[0, 0, 1]) || data.starts_with(&[0, 0, 0, 1])
}

/// Offset of the next `00 00 01`.
fn find_start_code(data: &[u8]) -> Option<usize> {
    data.windows(3).position(|window| window == [0, 0, 1])
}

/// A NAL unit without its emulation prevention bytes (H.264 clause 7.3.1): every `00 00 03` becomes `00 00`.
///
/// Reads at most the first `max` bytes.
pub fn unescape(nal: &[u8], max: usize) -> Cow<'_, [u8]> {
    let nal = nal.get(..max).unwrap_or(nal);
    if !nal.windows(3).any(|window| window == [0, 0, 3]) {
        return Cow::Borrowed(nal);
    }
    let mut out = Vec::with_capacity(nal.len());
    let mut zeros = 0;
    for byte in nal {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        out.push(*byte);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;
