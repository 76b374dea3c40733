//! One player of a group: what it has still to get, and how it is written to its socket.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{ErrorKind, IoSlice};
use std::rc::Rc;
use std::time::Instant;

use bytes::{Buf, Bytes};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use weir_hub::{Cursor, Limits, Subscriber};

use super::{Flow, Framing, Memory};
use crate::gather::{Gather, MAX_PIECES, emptied_slices};

/// Replies that may wait for a slow player, in bytes. One that asks for more without reading is cut off.
const MAX_INTERJECTED: usize = 256 * 1024;

/// A player and its socket.
pub(super) struct Player {
    socket: Rc<TcpStream>,
    inner: RefCell<Inner>,
    stirred: Cell<bool>,
    blocked: Cell<bool>,
    ended: CancellationToken,
}

struct Inner {
    subscriber: Subscriber,
    framing: Box<dyn Framing>,
    begun: bool,
    paused: bool,
    closing: bool,
    /// What the kernel did not take of an earlier write: headers copied, bodies by reference.
    unsent: VecDeque<Bytes>,
    /// Replies of the session, sent between two frames.
    interjected: VecDeque<Bytes>,
}

/// How a turn ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Turn {
    /// Everything is with the kernel.
    Done,
    /// The socket is full.
    Blocked,
    /// Nothing more can be sent.
    Ended,
}

impl Player {
    pub(super) fn new(subscriber: Subscriber, socket: Rc<TcpStream>, framing: Box<dyn Framing>) -> Rc<Player> {
        let inner = Inner {
            subscriber,
            framing,
            begun: false,
            paused: false,
            closing: false,
            unsent: VecDeque::new(),
            interjected: VecDeque::new(),
        };
        Rc::new(Player {
            socket,
            inner: RefCell::new(inner),
            stirred: Cell::new(false),
            blocked: Cell::new(false),
            ended: CancellationToken::new(),
        })
    }

    pub(super) async fn ended(&self) {
        self.ended.cancelled().await;
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
            let stream = inner.subscriber.stream().clone();
            inner.subscriber.cursor.resume(&stream, Instant::now());
        }
        inner.paused = paused;
    }

    pub(super) fn interject(&self, bytes: Bytes) {
        let mut inner = self.inner.borrow_mut();
        let waiting: usize = inner.interjected.iter().map(Bytes::len).sum();
        if waiting + bytes.len() > MAX_INTERJECTED {
            self.ended.cancel();
            return;
        }
        inner.interjected.push_back(bytes);
    }

    /// Takes what was to be sent before anything else.
    pub(super) fn unsent(&self) -> Vec<Bytes> {
        let mut inner = self.inner.borrow_mut();
        inner.paused = true;
        let Inner { unsent, interjected, .. } = &mut *inner;
        unsent.drain(..).chain(interjected.drain(..)).collect()
    }

    /// Sends what is pending until the socket is full. Returns the bytes that the kernel took.
    pub(super) fn turn(&self, memory: &mut Memory, now: Instant) -> (Turn, u64) {
        self.stirred.set(false);
        if self.ended.is_cancelled() {
            return (Turn::Ended, 0);
        }
        let mut inner = self.inner.borrow_mut();
        let mut sent = 0;
        let turn = inner.turn(&self.socket, memory, now, &mut sent);
        inner.subscriber.client().traffic.sent(sent);
        if turn == Turn::Ended {
            self.ended.cancel();
        }
        (turn, sent)
    }
}

impl Inner {
    fn turn(&mut self, socket: &TcpStream, memory: &mut Memory, now: Instant, sent: &mut u64) -> Turn {
        loop {
            self.unsent.append(&mut self.interjected);
            let turn = self.flush(socket, sent);
            if turn == Turn::Blocked && !self.paused {
                cut_if_late(&mut self.subscriber, now);
            }
            if turn != Turn::Done {
                return turn;
            }
            if self.closing {
                return Turn::Ended;
            }
            if self.paused || !self.send_frames(socket, memory, now, sent) {
                return Turn::Done;
            }
        }
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

    /// Writes frames once. False when none was pending.
    fn send_frames(&mut self, socket: &TcpStream, memory: &mut Memory, now: Instant, sent: &mut u64) -> bool {
        let scratch = std::mem::take(&mut memory.gather).recycle();
        let cursor = &mut self.subscriber.cursor;
        let (gather, frames, flow) = gather(scratch, cursor, &mut *self.framing, &mut self.begun, now);
        self.closing |= flow == Flow::Close;
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
        frames > 0
    }
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

/// Moves a player that is too far behind to the newest key frame and says so.
pub(super) fn cut_if_late(subscriber: &mut Subscriber, now: Instant) {
    let stream = subscriber.stream().clone();
    let limits = Limits::of(&stream.conf.load().play);
    let Some(skipped) = subscriber.cursor.overrun(&stream, limits, now) else { return };
    let client = subscriber.client();
    tracing::warn!(
        cid = client.id,
        "player {} of {stream} is too slow: skipped {} frames ({} bytes) to the newest key frame \
         (play.queue_length {} s, play.queue_bytes {})",
        client.ip,
        skipped.frames,
        skipped.bytes,
        limits.time.as_secs(),
        limits.bytes,
        stream = stream.key,
    );
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
