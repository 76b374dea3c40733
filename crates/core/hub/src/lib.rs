//! Streams: what is live, who publishes it, who watches it, and where each watcher stands.
//!
//! A publisher appends each [`Frame`] once to the stream's [`Lane`], however many players there are; a player is a
//! [`Cursor`] into its ring. The GOP cache is not a copy: it is where a new cursor starts. The hub names no protocol.
#![forbid(unsafe_code)]

mod backlog;
mod cadence;
mod crowd;
mod cursor;
mod describe;
mod fault;
mod fill;
#[cfg(test)]
mod fixture;
mod follower;
mod frame;
mod gate;
mod hub;
mod id;
mod jitter;
mod lane;
mod mix;
mod packets;
mod ring;
mod stat;
mod stream;
#[doc(hidden)]
pub mod testing;

pub use backlog::{Backlog, Loss};
pub use cadence::Gop;
pub use cursor::{Clock, Cursor, Limits, Skipped, Subscriber};
pub use describe::{Track, TrackInfo};
pub use fault::Fault;
pub use fill::{FrameFiller, PacketFiller, Wanted};
pub use follower::Follower;
pub use frame::{Flags, Frame};
pub use gate::{Closed, Entry, Gate, Question, Verdict};
pub use hub::{Denial, Hub, OnPublish, Refusal, Request, Visit};
pub use id::{connection_id, service_id, vid};
pub use jitter::Jitter;
pub use lane::{Lane, Watch};
pub use packets::{MAX_LAYERS, MAX_TRACKS, Packet, PacketCursor, PacketFormat, PacketLane, PacketTrack, Published};
pub use stat::{Client, ClientKind, Kbps, Rates, Traffic, Unfinished, VhostStat};
pub use stream::{Publisher, Stream, StreamKey};
pub use weir_conf::Role;
