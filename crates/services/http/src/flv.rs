//! [`FlvFraming`]: frames as an FLV stream.

use weir_conf::HttpRemux;
use weir_flv::tag::TagKind;
use weir_flv::{file_header, previous_tag_size, restamp_tag, write_tag_header};
use weir_hub::{Flags, Frame};
use weir_net::Gather;
use weir_net::fanout::{Alike, Flow, Framing};

use crate::carrier::Carrier;

/// A stream that shows frames of one kind only for so long has no other, in milliseconds. SRS decides by what it merges
/// into its first write, which is as long.
const GUESS_MS: i64 = 350;
/// And a stream whose clock stands still, after so many frames.
const GUESS_FRAMES: usize = 64;

/// Writes frames as an FLV stream.
pub(crate) struct FlvFraming {
    /// Goes before everything.
    head: Vec<u8>,
    carrier: Carrier,
    remux: HttpRemux,
    /// What the FLV header says there is.
    audio: bool,
    video: bool,
    /// Audio or video was written.
    played: bool,
}

impl FlvFraming {
    /// For a player that gets `head` first. Each tag is a piece of its own.
    pub(crate) fn new(head: Vec<u8>, carrier: Carrier, remux: HttpRemux) -> FlvFraming {
        FlvFraming { head, carrier, remux, audio: false, video: false, played: false }
    }

    /// Whether there is audio and video; nothing while that cannot be told.
    fn guess(&self, pending: &mut dyn Iterator<Item = &Frame>) -> Option<(bool, bool)> {
        let mut seen = Seen::default();
        for frame in pending {
            if frame.flags.has(Flags::END) {
                match seen.any() {
                    true => return Some((seen.audio > 0, seen.video > 0)),
                    false => continue,
                }
            }
            if !self.remux.guess_has_av {
                return Some((self.remux.has_audio, self.remux.has_video));
            }
            seen.add(frame);
            if seen.enough() {
                return Some((seen.audio > 0, seen.video > 0));
            }
        }
        None
    }

    /// SRS: a player that was told there is no audio does not get any.
    fn leaves_out(&self, frame: &Frame) -> bool {
        let told = match frame.kind {
            TagKind::Audio => self.audio,
            TagKind::Video => self.video,
            TagKind::Script => true,
        };
        self.remux.drop_if_not_match && !told
    }
}

/// Real frames (not configuration) of each kind, and how long they are.
#[derive(Default)]
struct Seen {
    audio: usize,
    video: usize,
    first_ms: Option<i64>,
    span_ms: i64,
}

impl Seen {
    fn add(&mut self, frame: &Frame) {
        match frame.kind {
            _ if frame.flags.is_kept() => return,
            TagKind::Audio => self.audio += 1,
            TagKind::Video => self.video += 1,
            TagKind::Script => return,
        }
        let now = frame.dts.millis();
        self.span_ms = self.span_ms.max(now.saturating_sub(*self.first_ms.get_or_insert(now)));
    }

    fn any(&self) -> bool {
        self.audio + self.video > 0
    }

    fn enough(&self) -> bool {
        let both = self.audio > 0 && self.video > 0;
        both || self.span_ms >= GUESS_MS || self.audio + self.video >= GUESS_FRAMES
    }
}

impl Framing for FlvFraming {
    fn begin(&mut self, pending: &mut dyn Iterator<Item = &Frame>, out: &mut Vec<u8>) -> bool {
        let Some((audio, video)) = self.guess(pending) else { return false };
        (self.audio, self.video) = (audio, video);
        out.append(&mut self.head);
        let header = file_header(audio, video);
        self.carrier.open(out, header.len());
        out.extend_from_slice(&header);
        self.carrier.close(out);
        true
    }

    fn wrap<'a>(&mut self, frame: &'a Frame, timestamp: u32, out: &mut Gather<'a>) -> Flow {
        if frame.flags.has(Flags::END) {
            return self.end(out);
        }
        if self.leaves_out(frame) {
            return Flow::Continue;
        }
        let body = frame.flv();
        out.head(|out| {
            self.carrier.open(out, body.len() + weir_flv::TAG_HEADER_LEN + 4);
            write_tag_header(out, frame.kind, timestamp, body.len());
        });
        out.body(body, 0, body.len());
        out.head(|out| {
            out.extend_from_slice(&previous_tag_size(body.len()));
            self.carrier.close(out);
        });
        self.played |= frame.kind != TagKind::Script && !frame.flags.is_kept();
        Flow::Continue
    }

    fn alike(&self) -> Option<Alike> {
        let left_out = |told: bool| u64::from(self.remux.drop_if_not_match && !told);
        let shape = left_out(self.audio) | left_out(self.video) << 1 | self.carrier.number() << 2;
        let stamp = |shape, whole: &mut [u8], timestamp| {
            Carrier::of(shape >> 2).piece(whole).is_some_and(|tag| restamp_tag(tag, timestamp))
        };
        // Only from its first picture or sound on does nothing depend on what it got before.
        self.played.then_some(Alike { protocol: "FLV", shape, stamp })
    }
}

impl FlvFraming {
    fn end(&mut self, out: &mut Gather<'_>) -> Flow {
        // A publisher that came and went before anything was shown is none of this player's business.
        if !self.played {
            return Flow::Continue;
        }
        out.head(|out| self.carrier.end(out));
        Flow::Close
    }
}

#[cfg(test)]
mod tests;
