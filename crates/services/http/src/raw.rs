//! [`RawFraming`]: pieces that were made for a container, as they are.

use weir_hub::{Flags, Frame};
use weir_net::Gather;
use weir_net::fanout::{Alike, Flow, Framing};

use crate::carrier::Carrier;

/// Writes the pieces of a made lane. A lane that is closed before it has any gives nothing, not even the head.
pub(crate) struct RawFraming {
    /// Goes before everything.
    head: Vec<u8>,
    carrier: Carrier,
    /// A piece was written.
    played: bool,
}

impl RawFraming {
    /// For a player that gets `head` first.
    pub(crate) fn new(head: Vec<u8>, carrier: Carrier) -> RawFraming {
        RawFraming { head, carrier, played: false }
    }
}

impl Framing for RawFraming {
    fn begin(&mut self, pending: &mut dyn Iterator<Item = &Frame>, out: &mut Vec<u8>) -> bool {
        let mut pending = pending;
        // A publisher that came and went before anything was shown is none of this player's business.
        let first = Iterator::find(&mut pending, |frame| !frame.flags.has(Flags::END) || is_closed(frame));
        if first.is_some_and(|first| !is_closed(first)) {
            out.append(&mut self.head);
        }
        first.is_some()
    }

    fn wrap<'a>(&mut self, frame: &'a Frame, _timestamp: u32, out: &mut Gather<'a>) -> Flow {
        if frame.flags.has(Flags::END) {
            if self.played {
                out.head(|out| self.carrier.end(out));
            }
            return if self.played || is_closed(frame) { Flow::Close } else { Flow::Continue };
        }
        let body = frame.flv();
        out.head(|out| self.carrier.open(out, body.len()));
        out.body(body, 0, body.len());
        out.head(|out| self.carrier.close(out));
        self.played = true;
        Flow::Continue
    }

    fn alike(&self) -> Option<Alike> {
        // There is no time in them that would be a player's own.
        let stamp = |_, _: &mut [u8], _| true;
        self.played.then_some(Alike { protocol: "raw", shape: self.carrier.number(), stamp })
    }
}

/// True for the end of a lane that has nothing for its players.
fn is_closed(end: &Frame) -> bool {
    end.flags.has(Flags::END) && !end.flv().is_empty()
}
