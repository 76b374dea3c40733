//! RTMP as values: both ends of a connection without a socket and without a clock.
//!
//! A session eats `(now, bytes)` with `handle_input`, and is then drained: `poll_event` until it yields nothing, answers
//! to what it asked ([`ServerSession::accept_connect`] and its like), `poll_output` until it yields nothing, and the
//! deadline of `poll_timeout`. An error is final: write out what `poll_output` still has, then close.
//!
//! Media that goes out does not pass through a session: the owner frames shared bodies itself with [`chunk::write`], at
//! [`ServerSession::out_chunk_size`], and puts what `poll_output` yields between two messages.
//!
//! | Part | Specification |
//! |---|---|
//! | chunks, messages, commands | Adobe RTMP 1.0, 2012 |
//! | FourCCs and capabilities in `connect` | Veovera Enhanced RTMP v1 and v2 |
//! | the digest handshake | not in the specification; what Flash Player 9.0.115 and Flash Media Server 3 do |
//! | replies, their order and fields | what SRS 7.0.18 sends |
#![forbid(unsafe_code)]

pub mod chunk;
pub mod client;
pub mod enhanced;
mod error;
#[doc(hidden)]
pub mod fuzz;
pub mod handshake;
pub mod message;
pub mod server;
mod transport;
pub mod url;

pub use client::ClientSession;
pub use error::Error;
pub use server::ServerSession;
pub use weir_flv::amf0;
