//! WebRTC: clients publish and play over one UDP port, and over TCP.
//!
//! Signalling opens a session ([`Sessions`]); the shard whose socket gets the client's first check serves it. Packets of a
//! publisher go to the packet lane of its stream, and from there to players as they are: encrypted anew, with numbers that
//! go on when the source changes.
#![forbid(unsafe_code)]

mod deadlines;
mod outbox;
mod playing;
mod publishing;
mod registry;
mod service;
mod session;
mod sessions;
pub mod tcp;
mod worker;

pub use service::Rtc;
pub use sessions::{Agents, NoSession, Open, Opened, Opening, Sessions};
pub use weir_proto_rtc::Certificate;
