//! Fan-out: sends a stream to all its players of one shard in one pass.
//!
//! The players of a lane on a shard are a group with one wake-up. A pass writes `[header, body]*` to each player with
//! one `writev`: headers come from scratch memory, bodies from the ring. Players that get the same bytes but for the
//! timestamps share a template of them and are served with one `send`. Nothing is allocated and no body is copied for a
//! player that keeps up; a player that does not keeps a reference to what the kernel did not take.

mod group;
mod lone;
mod pace;
mod player;
mod template;

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::io::IoSlice;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use tokio::net::TcpStream;
use weir_hub::{Frame, Lane, Stream, Subscriber};

use crate::gather::Gather;
use crate::load::{Gauge, Load};
use group::Group;
pub use lone::Lone;
use player::Player;
use template::Templates;

/// How one protocol puts frames into a player's bytes.
pub trait Framing {
    /// Called with the frames that are pending first. It may write what comes before all frames, or answer false to be
    /// asked again when there is more.
    fn begin(&mut self, _pending: &mut dyn Iterator<Item = &Frame>, _out: &mut Vec<u8>) -> bool {
        true
    }

    /// Writes one frame, or leaves it out. The same frame may come again, when what was written could not be sent.
    fn wrap<'a>(&mut self, frame: &'a Frame, timestamp: u32, out: &mut Gather<'a>) -> Flow;

    /// Who gets the same bytes from [`Framing::wrap`]. Asked until it answers; from then on the answer must hold.
    fn alike(&self) -> Option<Alike> {
        None
    }
}

/// What the bytes of a player depend on, beside the frames and their timestamps.
#[derive(Clone, Copy, Debug)]
pub struct Alike {
    /// The framing's name.
    pub protocol: &'static str,
    /// The framing's settings.
    pub shape: u64,
    /// Writes a timestamp over that in the bytes of one frame, for a framing of this shape. False when it does not fit.
    pub stamp: fn(shape: u64, frame: &mut [u8], timestamp: u32) -> bool,
}

impl PartialEq for Alike {
    fn eq(&self, other: &Alike) -> bool {
        (self.protocol, self.shape) == (other.protocol, other.shape)
    }
}

/// Whether a player's bytes go on after a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// There is more to come.
    Continue,
    /// This was the last.
    Close,
}

/// The groups of one shard.
pub struct Fanout {
    groups: RefCell<HashMap<u64, Weak<Group>>>,
    load: RefCell<Load>,
    gauge: Arc<Gauge>,
    memory: RefCell<Memory>,
    /// Memory for the templates of passes: one for each pass that is under way.
    templates: RefCell<Vec<Templates>>,
}

/// Scratch memory that all players of a shard share, one after the other.
#[derive(Default)]
pub(crate) struct Memory {
    gather: Gather<'static>,
    slices: Vec<IoSlice<'static>>,
}

impl Fanout {
    /// No groups yet. `send_cpu_target` is the percentage of its core up to which the calling thread sends at once.
    pub fn new(send_cpu_target: u32, gauge: Arc<Gauge>) -> Rc<Fanout> {
        Rc::new(Fanout {
            groups: RefCell::default(),
            load: RefCell::new(Load::new(send_cpu_target, Instant::now())),
            gauge,
            memory: RefCell::default(),
            templates: RefCell::default(),
        })
    }

    /// Takes a player in: from here on frames go to its socket without its session's doing. Its session may still read.
    pub fn seat(self: &Rc<Self>, subscriber: Subscriber, socket: Rc<TcpStream>, framing: Box<dyn Framing>) -> Seat {
        let group = self.group(subscriber.stream(), subscriber.lane());
        let player = Player::new(subscriber, socket, framing);
        let place = group.join(player.clone());
        Seat { group, player, place }
    }

    fn group(self: &Rc<Self>, stream: &Arc<Stream>, lane: &Arc<Lane>) -> Rc<Group> {
        let mut groups = self.groups.borrow_mut();
        if let Some(group) = groups.get(&lane.id).and_then(Weak::upgrade) {
            return group;
        }
        groups.retain(|_, group| group.strong_count() > 0);
        let group = Group::new(stream.clone(), lane.clone());
        groups.insert(lane.id, Rc::downgrade(&group));
        tokio::task::spawn_local(group.clone().run(self.clone()));
        group
    }
}

/// A player's place in its group. Dropping it takes the player out.
pub struct Seat {
    group: Rc<Group>,
    player: Rc<Player>,
    place: usize,
}

impl Seat {
    /// Sends bytes that are not media, such as a reply to a command, between two frames.
    pub fn send(&self, bytes: Bytes) {
        self.player.interject(bytes);
        self.group.stir(&self.player);
    }

    /// Stops or resumes sending frames. A resumed player goes on with the newest key frame.
    pub fn pause(&self, paused: bool) {
        self.player.pause(paused);
        self.group.stir(&self.player);
    }

    /// Takes the player out of its group while its connection goes on. Returns what must be sent first: the rest of a
    /// write that the socket did not take whole, and replies that wait behind it.
    pub fn leave(self) -> Vec<Bytes> {
        self.player.take_unsent()
    }

    /// Brings the player's counters up to date: they may be half a second old.
    pub fn report(&self) {
        self.player.report();
    }

    /// Ends when nothing more will be sent: the framing closed, the socket failed, or the player was cut off. Says
    /// why, or nothing when the connection failed by itself.
    pub async fn ended(&self) -> Option<&'static str> {
        self.player.ended().await
    }
}

impl fmt::Debug for Fanout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fanout").field("groups", &self.groups.borrow().len()).finish_non_exhaustive()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.group.leave(self.place);
    }
}

#[cfg(test)]
mod tests;
