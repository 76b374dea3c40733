//! Frames as RTMP messages.

use std::ops::Range;

use bytes::Bytes;
use weir_flv::fit::{Fit, Parts, Takes, fit};
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

    /// Writes a body as it is.
    fn put_whole<'a>(&self, kind: TagKind, timestamp: u32, body: &'a Bytes, out: &mut Gather<'a>) {
        out.head(|scratch| write::media_head(scratch, kind, timestamp, body.len()));
        let mut from = 0;
        while from < body.len() {
            if from > 0 {
                out.head(|scratch| write::continuation_head(scratch, kind, timestamp));
            }
            let to = (from + self.chunk_size).min(body.len());
            out.body(body, from, to);
            from = to;
        }
    }

    /// Writes another head and parts of a body.
    fn put_parts<'a>(&self, kind: TagKind, timestamp: u32, body: &'a Bytes, parts: &Parts<'_>, out: &mut Gather<'a>) {
        out.head(|scratch| write::media_head(scratch, kind, timestamp, parts.total()));
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
        let mut head = parts.head();
        while !head.is_empty() {
            let (fits, rest) = head.split_at(cut(head.len(), out));
            out.head(|scratch| scratch.extend_from_slice(fits));
            head = rest;
        }
        for Range { start, end } in parts.ranges() {
            let mut from = start;
            while from < end {
                let to = from + cut(end - from, out);
                out.body(body, from, to);
                from = to;
            }
        }
    }
}

impl Framing for Messages {
    fn wrap<'a>(&mut self, frame: &'a Frame, timestamp: u32, out: &mut Gather<'a>) -> Flow {
        if frame.flags.has(Flags::END) {
            return Flow::Continue;
        }
        let (kind, body) = (frame.kind, frame.flv());
        if self.takes.is_everything() {
            self.put_whole(kind, timestamp, body, out);
            return Flow::Continue;
        }
        match fit(kind, body, frame.flags.has(Flags::SIDE), self.takes) {
            Fit::Whole => self.put_whole(kind, timestamp, body, out),
            // A head that grew may leave no room for the longest body.
            Fit::Parts(parts) if parts.total() <= MAX_MESSAGE => self.put_parts(kind, timestamp, body, &parts, out),
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
