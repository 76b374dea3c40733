//! [`Gather`]: what one write sends to one player, without copying a body.

use std::io::IoSlice;

use bytes::Bytes;

/// At most this many pieces go into one `writev` (the kernel's IOV_MAX).
pub(crate) const MAX_PIECES: usize = 1024;
/// A write of this many bytes is full: the rest waits for the next one, so that one player cannot keep the others waiting.
const MAX_BYTES: usize = 256 * 1024;

/// Headers in scratch memory and bodies by reference, in the order in which they are sent.
///
/// Its memory is kept from player to player: once it has grown, filling it allocates nothing.
#[derive(Debug, Default)]
pub struct Gather<'a> {
    scratch: Vec<u8>,
    pieces: Vec<Piece<'a>>,
    bytes: usize,
}

#[derive(Clone, Copy, Debug)]
enum Piece<'a> {
    /// A range of the scratch memory.
    Scratch { from: usize, to: usize },
    /// A part of a frame's body.
    Body { body: &'a Bytes, from: usize, to: usize },
}

impl<'a> Gather<'a> {
    /// Scratch memory to write a header into; it goes behind what was gathered so far.
    pub fn head(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let from = self.scratch.len();
        write(&mut self.scratch);
        let to = self.scratch.len();
        self.bytes += to - from;
        match self.pieces.last_mut() {
            Some(Piece::Scratch { to: end, .. }) => *end = to,
            _ if to > from => self.pieces.push(Piece::Scratch { from, to }),
            _ => {}
        }
    }

    /// The bytes `from..to` of a body. A range outside of the body counts as empty.
    pub fn body(&mut self, body: &'a Bytes, from: usize, to: usize) {
        if from < to && to <= body.len() {
            self.bytes += to - from;
            self.pieces.push(Piece::Body { body, from, to });
        }
    }

    /// Bytes gathered.
    pub fn len(&self) -> usize {
        self.bytes
    }

    /// True when nothing was gathered.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// True when one write should not grow further.
    pub(crate) fn is_full(&self) -> bool {
        self.pieces.len() >= MAX_PIECES || self.bytes >= MAX_BYTES
    }

    /// What was gathered, as the kernel wants it: at most IOV_MAX slices.
    pub(crate) fn slices<'s>(&'s self, mut slices: Vec<IoSlice<'s>>) -> Vec<IoSlice<'s>> {
        slices.clear();
        slices.extend(self.pieces.iter().take(MAX_PIECES).map(|piece| IoSlice::new(self.bytes_of(piece))));
        slices
    }

    /// What is left when the first `sent` bytes are gone: headers copied, bodies by reference.
    pub(crate) fn unsent(&self, mut sent: usize, keep: &mut impl Extend<Bytes>) {
        for piece in &self.pieces {
            let len = self.bytes_of(piece).len();
            if sent >= len {
                sent -= len;
                continue;
            }
            keep.extend([match piece {
                Piece::Scratch { .. } => Bytes::copy_from_slice(self.bytes_of(piece).get(sent..).unwrap_or_default()),
                Piece::Body { body, from, to } => body.slice(from + sent..*to),
            }]);
            sent = 0;
        }
    }

    /// Everything in one piece, for a transport that must copy anyway (TLS).
    pub fn copy_to(&self, out: &mut Vec<u8>) {
        self.pieces.iter().for_each(|piece| out.extend_from_slice(self.bytes_of(piece)));
    }

    /// Empties it for frames of another lifetime and keeps its memory.
    pub fn recycle<'b>(mut self) -> Gather<'b> {
        self.scratch.clear();
        self.pieces.clear();
        Gather { scratch: self.scratch, pieces: emptied(self.pieces), bytes: 0 }
    }

    fn bytes_of(&self, piece: &Piece<'a>) -> &[u8] {
        match piece {
            Piece::Scratch { from, to } => self.scratch.get(*from..*to).unwrap_or_default(),
            Piece::Body { body, from, to } => body.get(*from..*to).unwrap_or_default(),
        }
    }
}

/// An empty vector's memory under another lifetime: collecting in place keeps the allocation.
fn emptied<'b>(mut pieces: Vec<Piece<'_>>) -> Vec<Piece<'b>> {
    pieces.clear();
    pieces.into_iter().map(|_| unreachable!("nothing is left")).collect()
}

/// The same for the slices of a finished write.
pub(crate) fn emptied_slices<'b>(mut slices: Vec<IoSlice<'_>>) -> Vec<IoSlice<'b>> {
    slices.clear();
    slices.into_iter().map(|_| unreachable!("nothing is left")).collect()
}

#[cfg(test)]
mod tests;
