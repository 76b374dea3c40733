//! HTTP callbacks: servers of the operator that are asked whether a client may come in, and told of what happened.
//!
//! Events, bodies, answers and failures are those of SRS (hooks.md). [`Hooks`] is a gate of the hub; it also takes what
//! only other services know ([`Segment`], [`Recording`]), and asks where a stream is forwarded to. [`Heartbeat`] reports
//! the server itself.
#![forbid(unsafe_code)]

mod answer;
mod asking;
mod event;
mod forward;
mod heartbeat;
mod hooks;
mod outbox;

pub use event::{Ids, Recording, Segment};
pub use forward::ForwardError;
pub use heartbeat::{Heartbeat, Ports};
pub use hooks::Hooks;
