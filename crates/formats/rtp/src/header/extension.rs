//! The header extension and its elements (RFC 8285).

use crate::Error;
use weir_base::ByteReader;

/// What announces elements with headers of one byte.
const ONE_BYTE: u16 = 0xbede;
/// What announces elements with headers of two bytes; its lowest four bits are the application's.
const TWO_BYTES: u16 = 0x1000;
/// The id among elements of one byte after which nothing is read (RFC 8285 clause 4.2).
const STOP: u8 = 15;

/// The header extension (RFC 3550 clause 5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// "Defined by profile": for elements 0xbede, or 0x1000 to 0x100f.
    pub profile: u16,
    /// What it holds; whole words of four bytes.
    pub data: &'a [u8],
}

impl<'a> Extension<'a> {
    /// The elements of an extension of either form, in their order: id and content. Padding is passed over; an
    /// extension of another profile has none. Ends at an element that is longer than what is left.
    pub fn elements(&self) -> Elements<'a> {
        let two_bytes = self.profile & 0xfff0 == TWO_BYTES;
        let known = two_bytes || self.profile == ONE_BYTE;
        Elements { two_bytes, r: ByteReader::new(if known { self.data } else { &[] }) }
    }

    pub(super) fn read(r: &mut ByteReader<'a>) -> Result<Self, Error> {
        let (profile, words) = (r.u16()?, r.u16()?);
        Ok(Extension { profile, data: r.take(usize::from(words) * 4)? })
    }

    /// Fills the last word with zeros, which are padding in both forms. What 65,535 words do not hold is left out.
    pub(super) fn write_to(&self, out: &mut Vec<u8>) {
        let data = self.data.get(..usize::from(u16::MAX) * 4).unwrap_or(self.data);
        out.extend_from_slice(&self.profile.to_be_bytes());
        out.extend_from_slice(&(data.len().div_ceil(4) as u16).to_be_bytes());
        out.extend_from_slice(data);
        out.resize(out.len() + data.len().next_multiple_of(4) - data.len(), 0);
    }
}

/// Ids and contents of elements; see [`Extension::elements`].
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    r: ByteReader<'a>,
    two_bytes: bool,
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while self.r.peek() == Some(0) {
            self.r.skip(1).ok()?;
        }
        let first = self.r.u8().ok()?;
        let (id, len) = match self.two_bytes {
            true => (first, self.r.u8().ok()?.into()),
            false => (first >> 4, usize::from(first & 0xf) + 1),
        };
        let element = if !self.two_bytes && id == STOP { None } else { self.r.take(len).ok() };
        if element.is_none() {
            self.r = ByteReader::new(&[]);
        }
        element.map(|element| (id, element))
    }
}
