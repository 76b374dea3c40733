//! One player of a group: what it has still to get, and how it is written to its socket.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{ErrorKind, IoSlice};
use std::os::fd::{AsRawFd, RawFd};
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, send};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use weir_hub::{Cursor, Subscriber};

use super::template::Templates;
use super::{Alike, Flow, Framing, Memory};
use crate::gather::{Gather, MAX_PIECES, emptied_slices};

/// Replies that may wait for a slow player, in bytes. One that asks for more without reading is cut off.
const MAX_INTERJECTED: usize = 256 * 1024;
/// A player that takes no byte for so long, and for two queue lengths, is cut off: SRS's send timeout, after the time in
/// which it would have been moved to a key frame.
const STALL: Duration = Duration::from_secs(30);
/// A player's bytes are added to its counters so often: they lie in memory of their own, which a pass need not touch.
const REPORT: Duration = Duration::from_millis(500);

/// A player and its socket.
pub(super) struct Player {
    socket: Rc<TcpStream>,
    inner: RefCell<Inner>,
    stirred: Cell<bool>,
    blocked: Cell<bool>,
    /// Why nothing more is sent; nothing when the connection failed by itself.
    why: Cell<Option<&'static str>>,
    is_ended: Cell<bool>,
    ended: Notify,
}

struct Inner {
    /// The descriptor of the player's socket.
    fd: RawFd,
    /// Who gets the same bytes, once the framing has said so.
    alike: Option<Alike>,
    subscriber: Subscriber,
    framing: Box<dyn Framing>,
    begun: bool,
    paused: bool,
    closing: bool,
    /// Since when the socket takes nothing.
    stalled: Option<Instant>,
    /// What the kernel did not take of an earlier write: headers copied, bodies by reference.
    unsent: VecDeque<Bytes>,
    /// Replies of the session, sent between two frames.
    interjected: VecDeque<Bytes>,
    /// Bytes that the player's counters do not show yet, and since when.
    unreported: u64,
    reported: Instant,
}

/// How a turn ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Turn {
    /// Everything is with the kernel.
    Done,
    /// The socket is full.
    Blocked,
    /// One full write is with the kernel, more is pending: others first.
    More,
    /// Nothing more can be sent.
    Ended,
}

impl Player {
    pub(super) fn new(subscriber: Subscriber, socket: Rc<TcpStream>, framing: Box<dyn Framing>) -> Rc<Player> {
        let inner = Inner {
            fd: socket.as_raw_fd(),
            alike: None,
            subscriber,
            framing,
            begun: false,
            paused: false,
            closing: false,
            stalled: None,
            unsent: VecDeque::new(),
            interjected: VecDeque::new(),
            unreported: 0,
            reported: Instant::now(),
        };
        Rc::new(Player {
            socket,
            inner: RefCell::new(inner),
            stirred: Cell::new(false),
            blocked: Cell::new(false),
            why: Cell::new(None),
            is_ended: Cell::new(false),
            ended: Notify::new(),
        })
    }

    pub(super) async fn ended(&self) -> Option<&'static str> {
        while !self.is_ended.get() {
            self.ended.notified().await;
        }
        self.why.get()
    }

    fn end(&self, why: Option<&'static str>) {
        self.why.set(why);
        self.is_ended.set(true);
        self.ended.notify_one();
    }

    /// Marks it as asking for a turn. False when it was marked already.
    pub(super) fn stir(&self) -> bool {
        !self.stirred.replace(true)
    }

    /// Marks it as waiting for its socket. False when it was marked already.
    pub(super) fn block(&self) -> bool {
        !self.blocked.replace(true)
    }

    /// It is to be tried again.
    pub(super) fn unblock(&self) {
        self.blocked.set(false);
    }

    pub(super) fn pause(&self, paused: bool) {
        let mut inner = self.inner.borrow_mut();
        if inner.paused && !paused {
            inner.subscriber.resume(Instant::now());
        }
        inner.paused = paused;
    }

    pub(super) fn interject(&self, bytes: Bytes) {
        let mut inner = self.inner.borrow_mut();
        let waiting: usize = inner.interjected.iter().map(Bytes::len).sum();
        if waiting + bytes.len() > MAX_INTERJECTED {
            return self.end(Some("it asks for replies and does not read them"));
        }
        inner.interjected.push_back(bytes);
    }

    /// Takes what was to be sent before anything else: it is for the caller to send, and counted as sent. Nothing more is
    /// sent here.
    pub(super) fn take_unsent(&self) -> Vec<Bytes> {
        self.retire();
        let mut inner = self.inner.borrow_mut();
        let Inner { unsent, interjected, .. } = &mut *inner;
        let taken: Vec<Bytes> = unsent.drain(..).chain(interjected.drain(..)).collect();
        let bytes = taken.iter().map(|bytes| bytes.len() as u64).sum();
        inner.unreported += bytes;
        inner.subscriber.stream().count_sent(bytes);
        taken
    }

    /// It has left its group: nothing more is sent.
    pub(super) fn retire(&self) {
        self.is_ended.set(true);
    }

    /// Brings its counters up to date.
    pub(super) fn report(&self) {
        self.inner.borrow_mut().report();
    }

    /// Sends what is pending until the socket is full. Returns the bytes that the kernel took.
    pub(super) fn turn(&self, memory: &mut Memory, templates: Option<&mut Templates>, now: Instant) -> (Turn, u64) {
        self.stirred.set(false);
        if self.is_ended.get() {
            return (Turn::Ended, 0);
        }
        let mut inner = self.inner.borrow_mut();
        let mut sent = 0;
        let turn = match templates.and_then(|templates| inner.send_template(templates, now, &mut sent)) {
            Some(turn) => turn,
            None => inner.turn(&self.socket, memory, now, &mut sent),
        };
        inner.count(sent, turn, now);
        if turn == Turn::Ended {
            self.end(inner.closing.then_some("the publisher left"));
        } else if inner.is_stalled(sent, turn, now) {
            self.end(Some("it took no bytes for too long"));
            return (Turn::Ended, sent);
        }
        (turn, sent)
    }
}

impl Inner {
    /// Sends what is pending as the players that are alike get it. Nothing when this player has to be served by itself.
    fn send_template(&mut self, templates: &mut Templates, now: Instant, sent: &mut u64) -> Option<Turn> {
        let Inner { fd, alike, subscriber, framing, unsent, .. } = self;
        if self.paused || self.closing || !unsent.is_empty() || !self.interjected.is_empty() {
            return None;
        }
        templates.send((*alike)?, &mut subscriber.cursor, &mut **framing, now, |bytes| {
            // Past the runtime, whose bookkeeping lies in memory of its own: a socket that is full is tried again by time.
            match send(*fd, bytes, MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL) {
                Ok(taken) => {
                    *sent = taken as u64;
                    let rest = bytes.get(taken..).filter(|rest| !rest.is_empty());
                    unsent.extend(rest.map(Bytes::copy_from_slice));
                    Some(if rest.is_none() { Turn::Done } else { Turn::Blocked })
                }
                Err(Errno::EAGAIN | Errno::EINTR) => None,
                Err(_) => Some(Turn::Ended),
            }
        })
    }

    fn count(&mut self, sent: u64, turn: Turn, now: Instant) {
        self.unreported += sent;
        if turn != Turn::Done || now.saturating_duration_since(self.reported) >= REPORT {
            self.report();
            let unsent = self.unsent.iter().map(|bytes| bytes.len() as u64).sum();
            self.subscriber.report(unsent, now);
            self.reported = now;
        }
    }

    fn report(&mut self) {
        self.subscriber.client().traffic.sent(std::mem::take(&mut self.unreported));
    }

    fn turn(&mut self, socket: &TcpStream, memory: &mut Memory, now: Instant, sent: &mut u64) -> Turn {
        loop {
            let turn = self.flush(socket, sent);
            if turn != Turn::Done {
                self.keep_within_limits(now);
                return turn;
            }
            if !self.interjected.is_empty() {
                self.unsent.append(&mut self.interjected);
                continue;
            }
            if self.closing {
                return Turn::Ended;
            }
            if self.paused {
                self.keep_within_limits(now);
                return Turn::Done;
            }
            match self.send_frames(socket, memory, now, sent) {
                Gathered::Nothing => return Turn::Done,
                Gathered::Full if self.unsent.is_empty() => return Turn::More,
                Gathered::Some | Gathered::Full => {}
            }
        }
    }

    /// A player that sends nothing at the moment falls behind within its limits, not beyond.
    fn keep_within_limits(&mut self, now: Instant) {
        if self.paused {
            self.subscriber.keep_up(now);
        } else {
            self.subscriber.cut_if_late(now);
        }
    }

    /// True when the socket has taken nothing for too long.
    fn is_stalled(&mut self, sent: u64, turn: Turn, now: Instant) -> bool {
        if sent > 0 || turn != Turn::Blocked {
            self.stalled = None;
            return false;
        }
        let patience = STALL.max(self.subscriber.stream().conf.load().play.queue_length * 2);
        now.saturating_duration_since(*self.stalled.get_or_insert(now)) > patience
    }

    /// Sends what an earlier write left.
    fn flush(&mut self, socket: &TcpStream, sent: &mut u64) -> Turn {
        while !self.unsent.is_empty() {
            let slices: Vec<IoSlice<'_>> =
                self.unsent.iter().take(MAX_PIECES).map(|bytes| IoSlice::new(bytes)).collect();
            match socket.try_write_vectored(&slices) {
                Ok(taken) => {
                    *sent += taken as u64;
                    consume(&mut self.unsent, taken);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Turn::Blocked,
                Err(_) => return Turn::Ended,
            }
        }
        Turn::Done
    }

    /// Writes frames once.
    fn send_frames(&mut self, socket: &TcpStream, memory: &mut Memory, now: Instant, sent: &mut u64) -> Gathered {
        let scratch = std::mem::take(&mut memory.gather).recycle();
        let cursor = &mut self.subscriber.cursor;
        let (gather, frames, flow) = gather(scratch, cursor, &mut *self.framing, &mut self.begun, now);
        self.closing |= flow == Flow::Close;
        let gathered = match frames {
            0 => Gathered::Nothing,
            _ if gather.is_full() => Gathered::Full,
            _ => Gathered::Some,
        };
        if !gather.is_empty() {
            let slices = gather.slices(emptied_slices(std::mem::take(&mut memory.slices)));
            // A failed write is seen again when the rest is flushed.
            let taken = socket.try_write_vectored(&slices).unwrap_or(0);
            memory.slices = emptied_slices(slices);
            *sent += taken as u64;
            if taken < gather.len() {
                gather.unsent(taken, &mut self.unsent);
            }
        }
        memory.gather = gather.recycle();
        self.subscriber.cursor.advance(frames);
        if self.begun && self.alike.is_none() {
            self.alike = self.framing.alike();
        }
        if !self.begun {
            // The framing waits for more frames; what it has seen must not grow without bound.
            self.subscriber.keep_up(now);
        }
        gathered
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.report();
    }
}

/// What a write took from the pending frames.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gathered {
    Nothing,
    Some,
    /// The write was full; more may be pending.
    Full,
}

/// Gathers pending frames until a write is full. Returns how many were taken from the cursor, written or left out.
pub(super) fn gather<'a>(
    mut gather: Gather<'a>,
    cursor: &'a mut Cursor,
    framing: &mut dyn Framing,
    begun: &mut bool,
    now: Instant,
) -> (Gather<'a>, usize, Flow) {
    if !*begun {
        gather.head(|out| *begun = framing.begin(&mut cursor.pending(), out));
        if !*begun {
            return (gather, 0, Flow::Continue);
        }
    }
    let (frames, mut clock) = cursor.pending_and_clock();
    let (mut taken, mut flow) = (0, Flow::Continue);
    for frame in frames {
        if let Some(timestamp) = clock.stamp(frame, now) {
            flow = framing.wrap(frame, timestamp, &mut gather);
        }
        taken += 1;
        if gather.is_full() || flow == Flow::Close {
            break;
        }
    }
    (gather, taken, flow)
}

/// Drops the first `taken` bytes.
fn consume(queue: &mut VecDeque<Bytes>, mut taken: usize) {
    while let Some(first) = queue.front_mut() {
        if first.len() > taken {
            first.advance(taken);
            return;
        }
        taken -= first.len();
        queue.pop_front();
    }
}
