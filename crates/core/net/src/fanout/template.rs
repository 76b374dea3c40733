//! [`Templates`]: the bytes that many players of one pass get alike. They are put together once; for each player only the
//! timestamps are written anew, and one `send` takes them to its socket.

use std::time::Instant;

use weir_hub::{Clock, Cursor, Flags, Frame};

use super::{Alike, Flow, Framing};
use crate::gather::Gather;

/// A longer write is gathered for each player: to copy it would cost more than its pieces do.
const MAX_BYTES: usize = 64 * 1024;
/// Players of one pass differ by protocol, by where they stand, and by whether their clock needs more than RTMP's 24
/// bits. Who fits none of so many templates is served without.
const MAX_TEMPLATES: usize = 8;

/// The templates of one pass.
#[derive(Default)]
pub(crate) struct Templates {
    /// Those from `used` on are memory of earlier passes.
    list: Vec<Template>,
    used: usize,
    scratch: Gather<'static>,
}

#[derive(Default)]
struct Template {
    alike: Option<Alike>,
    /// The place of its first frame.
    from: u64,
    /// Where each frame's bytes end.
    ends: Vec<usize>,
    bytes: Vec<u8>,
    /// What is pending here cannot be shared.
    is_refused: bool,
}

impl Templates {
    /// Forgets those of the last pass and keeps their memory.
    pub(crate) fn clear(&mut self) {
        self.used = 0;
    }

    /// Hands what is pending to `send`, if it can be shared by those who are `alike`, and moves the cursor past it, if
    /// `send` took it.
    pub(crate) fn send<R>(
        &mut self,
        alike: Alike,
        cursor: &mut Cursor,
        framing: &mut dyn Framing,
        now: Instant,
        send: impl FnOnce(&[u8]) -> Option<R>,
    ) -> Option<R> {
        let from = cursor.place()?;
        let mut send = Some(send);
        for template in self.list.iter_mut().take(self.used) {
            if template.from != from || template.alike != Some(alike) {
                continue;
            }
            if template.is_refused {
                return None;
            }
            let sent = cursor.attempt(|pending, clock| {
                if !template.stamp(pending, clock, now) {
                    return None;
                }
                Some((template.ends.len(), send.take()?(&template.bytes)?))
            });
            if sent.is_some() || send.is_none() {
                return sent;
            }
        }
        if self.used == MAX_TEMPLATES {
            return None;
        }
        if self.used == self.list.len() {
            self.list.push(Template::default());
        }
        let template = self.list.get_mut(self.used)?;
        self.used += 1;
        (template.alike, template.from) = (Some(alike), from);
        let scratch = &mut self.scratch;
        cursor.attempt(|pending, clock| {
            template.is_refused = !template.write(pending, clock, framing, scratch, now);
            if template.is_refused {
                return None;
            }
            Some((template.ends.len(), send?(&template.bytes)?))
        })
    }
}

impl Template {
    /// Puts together what is pending. False when it cannot be shared: too long, a stream's end, nothing at all.
    fn write(
        &mut self,
        pending: &mut dyn Iterator<Item = &Frame>,
        clock: &mut Clock<'_>,
        framing: &mut dyn Framing,
        scratch: &mut Gather<'static>,
        now: Instant,
    ) -> bool {
        self.ends.clear();
        self.bytes.clear();
        let mut gather = std::mem::take(scratch).recycle();
        let mut pending = pending;
        let shared = Iterator::all(&mut pending, |frame| {
            let Some(timestamp) = clock.stamp(frame, now) else { return false };
            let is_last = frame.flags.has(Flags::END) || framing.wrap(frame, timestamp, &mut gather) == Flow::Close;
            self.ends.push(gather.len());
            !is_last && gather.len() <= MAX_BYTES && !gather.is_full()
        });
        if shared {
            gather.copy_to(&mut self.bytes);
        }
        *scratch = gather.recycle();
        !self.bytes.is_empty()
    }

    /// Writes a player's timestamps over those of the one before.
    fn stamp(&mut self, pending: &mut dyn Iterator<Item = &Frame>, clock: &mut Clock<'_>, now: Instant) -> bool {
        let Some(Alike { shape, stamp, .. }) = self.alike else { return false };
        let mut from = 0;
        for to in &self.ends {
            let timestamp = pending.next().and_then(|frame| clock.stamp(frame, now));
            let (Some(timestamp), Some(bytes)) = (timestamp, self.bytes.get_mut(from..*to)) else { return false };
            if !bytes.is_empty() && !stamp(shape, bytes, timestamp) {
                return false;
            }
            from = *to;
        }
        true
    }
}
