//! WebRTC: clients publish and play over one UDP port, and over TCP.
//!
//! [`Signal`] answers offers over HTTP: WHIP, WHEP and the calls of SRS. It opens a session
//! ([`Sessions`]); the shard whose socket gets the client's first check serves it. Packets of a publisher go to the packet lane of its stream, and from there to players as they are: encrypted anew, with numbers that
//! go on when the source changes.
#![forbid(unsafe_code)]

mod breaker;
mod candidates;
mod counters;
mod deadlines;
mod outbox;
mod playing;
mod publishing;
mod random;
mod registry;
mod routes;
mod service;
mod session;
mod sessions;
mod signal;
pub mod tcp;
mod worker;

#[cfg(test)]
mod tests;

pub use candidates::{Announcement, Ports, announce};
pub use counters::{Counter, Counters};
pub use service::Rtc;
pub use sessions::{Agents, NoSession, Open, Opened, Opening, Sessions};
pub use signal::{Ids, Parts, Signal};
pub use weir_proto_rtc::Certificate;
