//! Frames as RTMP messages.

use std::iter;
use std::ops::Range;

use bytes::Bytes;
use weir_flv::fit::{Fit, Takes, fit};
use weir_flv::tag::TagKind;
use weir_hub::{Flags, Frame};
use weir_net::Gather;
use weir_net::fanout::{Alike, Flow, Framing};
use weir_proto_rtmp::chunk::{MAX_MESSAGE, write};

/// Writes each frame as one message, cut into chunks. A player stays when the publisher leaves: another may come.
#[derive(Debug)]
pub(crate) struct Messages {
    chunk_size: usize,
    takes: Takes,
}

impl Messages {
    /// For a player that was told `chunk_size`. What it does not take is brought into a form that it does, or left out.
    pub(crate) fn new(chunk_size: u32, takes: Takes) -> Messages {
        Messages { chunk_size: chunk_size.max(1) as usize, takes }
    }

    /// Writes one message: `head`, and parts of a body.
    fn put<'a>(
        &self,
        message: Message,
        head: &[u8],
        body: &'a Bytes,
        ranges: impl Iterator<Item = Range<usize>>,
        out: &mut Gather<'a>,
    ) {
        let Message { kind, timestamp, len } = message;
        out.head(|scratch| write::media_head(scratch, kind, timestamp, len));
        let mut room = self.chunk_size;
        // Opens the next chunk when one is full; tells how much of a piece goes into it.
        let mut cut = |wanted: usize, out: &mut Gather<'a>| {
            if room == 0 {
                out.head(|scratch| write::continuation_head(scratch, kind, timestamp));
                room = self.chunk_size;
            }
            let fits = wanted.min(room);
            room -= fits;
            fits
        };
        let mut head = head;
        while !head.is_empty() {
            let (fits, rest) = head.split_at(cut(head.len(), out));
            out.head(|scratch| scratch.extend_from_slice(fits));
            head = rest;
        }
        for Range { start, end } in ranges {
            let mut from = start;
            while from < end {
                let to = from + cut(end - from, out);
                out.body(body, from, to);
                from = to;
            }
        }
    }
}

/// What the header of a message says.
#[derive(Clone, Copy)]
struct Message {
    kind: TagKind,
    timestamp: u32,
    len: usize,
}

impl Framing for Messages {
    fn wrap<'a>(&mut self, frame: &'a Frame, timestamp: u32, out: &mut Gather<'a>) -> Flow {
        if frame.flags.has(Flags::END) {
            return Flow::Continue;
        }
        let (kind, body) = (frame.kind, frame.flv());
        let whole = Message { kind, timestamp, len: body.len() };
        if self.takes.is_everything() {
            self.put(whole, &[], body, iter::once(0..body.len()), out);
            return Flow::Continue;
        }
        match fit(kind, body, frame.flags.has(Flags::SIDE), self.takes) {
            Fit::Whole => self.put(whole, &[], body, iter::once(0..body.len()), out),
            // A head that grew may leave no room for the longest body.
            Fit::Parts(parts) if parts.total() <= MAX_MESSAGE => {
                let message = Message { len: parts.total(), ..whole };
                self.put(message, parts.head(), body, parts.ranges(), out);
            }
            Fit::Parts(_) | Fit::Nothing => {}
        }
        Flow::Continue
    }

    fn alike(&self) -> Option<Alike> {
        // The chunk size is in the lower half.
        let shape = u64::from(self.takes.bits()) << 32 | self.chunk_size as u64;
        let stamp = |shape, message: &mut [u8], timestamp| {
            write::restamp(message, timestamp, (shape & u64::from(u32::MAX)) as usize)
        };
        Some(Alike { protocol: "RTMP", shape, stamp })
    }
}

#[cfg(test)]
mod tests;
