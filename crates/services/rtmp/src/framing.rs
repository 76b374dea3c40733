//! Frames as RTMP messages.

use weir_hub::{Flags, Frame};
use weir_net::Gather;
use weir_net::fanout::{Alike, Flow, Framing};
use weir_proto_rtmp::chunk::write;

/// Writes each frame as one message, cut into chunks. A player stays when the publisher leaves: another may come.
#[derive(Debug)]
pub(crate) struct Messages {
    chunk_size: usize,
}

impl Messages {
    /// For a player that was told `chunk_size`.
    pub(crate) fn new(chunk_size: u32) -> Messages {
        Messages { chunk_size: chunk_size.max(1) as usize }
    }
}

impl Framing for Messages {
    fn wrap<'a>(&mut self, frame: &'a Frame, timestamp: u32, out: &mut Gather<'a>) -> Flow {
        if frame.flags.has(Flags::END) {
            return Flow::Continue;
        }
        let (kind, body) = (frame.kind, frame.flv());
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
        Flow::Continue
    }

    fn alike(&self) -> Option<Alike> {
        let stamp = |chunk_size, message: &mut [u8], timestamp| write::restamp(message, timestamp, chunk_size as usize);
        Some(Alike { protocol: "RTMP", shape: self.chunk_size as u64, stamp })
    }
}

#[cfg(test)]
mod tests;
